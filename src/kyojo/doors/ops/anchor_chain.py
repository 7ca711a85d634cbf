"""Writing to a chain and reading from it, with web3.py (``kyojo[anchor]``)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kyojo.ledger.anchor import (
    PAYLOAD_BYTES,
    Anchor,
    AnchorDiffers,
    AnchorMissing,
    AnchorRecord,
    AnchorUnconfirmed,
    ChainDiffers,
    payload_of,
)
from kyojo.ledger.tlog.checkpoints import Checkpoint

from .errors import Bad, Failed

#: 21,000 for a transaction, 40 for each byte of calldata at most (EIP-7623).
GAS_MIN = 21_000 + 40 * PAYLOAD_BYTES
RPC_SECONDS = 30
#: How long to wait for the block; a transaction that comes later is found by the next call.
BLOCK_SECONDS = 300

EXTRA = "anchors need the extra kyojo[anchor]: .venv/bin/python -m pip install 'web3>=7'"

Save = Callable[[AnchorRecord], None]


@dataclass(frozen=True)
class OnChain:
    """Where an anchor stands: its block, when that was, how many blocks are on it (itself 1)."""

    anchor: Anchor
    block: int
    at: datetime
    confirmations: int


def connected(rpc: str) -> Any:
    """A connection to a node. Raises ``Bad`` without the extra, ``Failed`` without an answer."""
    try:
        from web3 import HTTPProvider, Web3
    except ImportError:
        raise Bad(EXTRA) from None
    chain = Web3(HTTPProvider(rpc, request_kwargs={"timeout": RPC_SECONDS}))
    if not chain.is_connected():
        raise Failed(f"no node answers at {rpc}")
    return chain


def account_of(key: str) -> Any:
    """The account of a private key in hex. Raises ``Bad`` without the extra or a key."""
    try:
        from eth_account import Account
    except ImportError:
        raise Bad(EXTRA) from None
    try:
        return Account.from_key(key)
    except (ValueError, TypeError):
        raise Bad("the key file holds no private key (32 bytes in hex)") from None


def account_new() -> Any:
    """A new account."""
    try:
        from eth_account import Account
    except ImportError:
        raise Bad(EXTRA) from None
    return Account.create()


def anchor_write(
    *, chain: Any, account: Any, record: AnchorRecord, checkpoint: Checkpoint, save: Save
) -> OnChain:
    """Write a checkpoint to the chain and wait until it stands in a block.

    The record is saved before the transaction is sent, so a stop in between loses nothing: what is
    recorded and did not reach the chain is taken out by the next call (``record_settle``).

    Raises:
        ChainDiffers, AnchorMissing: the record is not this account's on this chain, or incomplete.
        Failed: the node refuses (no funds), or no block came in time.
    """
    if (chain.eth.chain_id, account.address) != (record.chain, record.address):
        raise ChainDiffers(reason=f"{chain.eth.chain_id} {account.address}")
    number = chain.eth.get_transaction_count(account.address)
    if number != len(record.anchors):
        raise AnchorMissing(reason=f"{number} on the chain, {len(record.anchors)} recorded")
    payload = payload_of(checkpoint)
    transaction = {
        "to": account.address,
        "value": 0,
        "data": payload,
        "nonce": number,
        "chainId": record.chain,
        **_fee(chain),
    }
    try:
        estimate = chain.eth.estimate_gas({**transaction, "from": account.address})
        signed = account.sign_transaction({**transaction, "gas": max(estimate, GAS_MIN)})
        record = record.with_anchor(_hex(signed.hash), checkpoint)
        save(record)
        chain.eth.send_raw_transaction(signed.raw_transaction)
        chain.eth.wait_for_transaction_receipt(signed.hash, timeout=BLOCK_SECONDS)
    except Exception as error:  # noqa: BLE001 - each kind of node has its own errors
        raise Failed(f"the node did not take the transaction: {_words(error)}") from None
    return anchor_read(chain=chain, record=record, anchor=record.anchors[-1])


def record_settle(*, chain: Any, record: AnchorRecord, save: Save) -> AnchorRecord:
    """The record as the chain has it: the last anchor is waited for if the node knows it, taken
    out if it never arrived. Raises ``AnchorMissing`` when another transaction has its number, and
    as ``anchor_read``."""
    if not record.anchors:
        return record
    last = record.anchors[-1]
    if chain.eth.get_transaction_count(record.address) > last.number:
        anchor_read(chain=chain, record=record, anchor=last)
        return record
    if _transaction(chain, last.transaction) is None:
        record = record.without_last()
        save(record)
        return record
    chain.eth.wait_for_transaction_receipt(last.transaction, timeout=BLOCK_SECONDS)
    return record


def anchor_read(*, chain: Any, record: AnchorRecord, anchor: Anchor) -> OnChain:
    """Look an anchor up and compare it.

    Raises:
        AnchorMissing: the chain does not have it.
        AnchorUnconfirmed: it is not in a block yet.
        AnchorDiffers: it is by another account, has another number or other bytes.
    """
    found = _transaction(chain, anchor.transaction)
    if found is None:
        raise AnchorMissing(reason=anchor.transaction)
    if (
        found["from"] != record.address
        or found["nonce"] != anchor.number
        or bytes(found["input"]) != anchor.payload()
    ):
        raise AnchorDiffers(reason=anchor.transaction)
    if found.get("blockNumber") is None:
        raise AnchorUnconfirmed(reason=anchor.transaction)
    block = chain.eth.get_block(found["blockNumber"])
    return OnChain(
        anchor,
        found["blockNumber"],
        datetime.fromtimestamp(block["timestamp"], UTC),
        chain.eth.block_number - found["blockNumber"] + 1,
    )


def record_complete(*, chain: Any, record: AnchorRecord) -> Sequence[Anchor]:
    """The anchors that must be in blocks by now. Raises ``ChainDiffers`` on another chain,
    ``AnchorMissing`` when the account has made more transactions than the record explains."""
    if chain.eth.chain_id != record.chain:
        raise ChainDiffers(reason=str(chain.eth.chain_id))
    number = chain.eth.get_transaction_count(record.address)
    if number > len(record.anchors):
        raise AnchorMissing(reason=f"{number} on the chain, {len(record.anchors)} recorded")
    return record.anchors[:number]


def _fee(chain: Any) -> dict[str, int]:
    """Twice the base fee is enough for six full blocks of waiting; older chains have one price."""
    base = chain.eth.get_block("latest").get("baseFeePerGas")
    if base is None:
        return {"gasPrice": chain.eth.gas_price}
    tip = chain.eth.max_priority_fee
    return {"maxFeePerGas": 2 * base + tip, "maxPriorityFeePerGas": tip}


def _transaction(chain: Any, transaction: str) -> Any | None:
    from web3.exceptions import TransactionNotFound

    try:
        return chain.eth.get_transaction(transaction)
    except TransactionNotFound:
        return None


def _hex(data: bytes) -> str:
    return f"0x{bytes(data).hex()}"


def _words(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
