"""Leaves and receipts without a database: vectors that another program can be tried with."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from kyojo.ledger.log.errors import LeafMalformed, ReceiptMalformed
from kyojo.ledger.log.leaves import Leaf, Row, leaf_of, moment_parse, moment_text, side_open
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.errors import (
    InclusionFails,
    LeafDiffers,
    OriginDiffers,
    QuorumMissing,
    SignatureMissing,
    TlogError,
)
from kyojo.ledger.tlog.merkle import Tree, inclusion_proof, leaf_hash
from kyojo.ledger.tlog.notes import KeyType, SigningKey, cosign
from kyojo.ledger.tlog.policy import Policy
from kyojo.ledger.tlog.proofs import TlogProof

LEDGER = 990019
TRANSFER = UUID("018f2f5e-0000-7000-8000-0000000000aa")
CARER = UUID("018f2f5e-0000-7000-8000-0000000000c1")
SUPPORTER = UUID("018f2f5e-0000-7000-8000-0000000000c2")
REFERENCE = UUID("018f2f5e-0000-7000-8000-0000000000d0")
CARERS_KEY, SUPPORTERS_KEY = bytes(range(32)), bytes(range(32, 64))
NOON = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
ROW = Row(
    transfer=TRANSFER,
    debit=CARER,
    credit=SUPPORTER,
    amount=20,
    kind="hold",
    code=10,
    pending_id=None,
    timeout_at=NOON + timedelta(days=1),
    reference=REFERENCE,
    correction_of=None,
    at=NOON,
    currency="coin",
)
#: docs/reference/log.md has the same.
VECTOR = """\
kyojo-transfer/v1
990019
7
018f2f5e-0000-7000-8000-0000000000aa
hold
10
20
coin
2026-06-10
-
-
DEBIT
CREDIT
"""
VECTOR_SIDES = [
    "0InYWA6SuP2iVJro1d6MLsgSyPnmXoYD6ZwvJHB3YG0=",
    "85OTBs3hSqpyPrA/2wWud0eOFf8RS1d2t3ZL7BDS0Ao=",
]
VECTOR_HASH = "d6d2133f283432c599c5ac0d2cd76abe084207c0ad40181d1cf69e9c4c43a93b"


def opened(side, key):
    return side_open(ledger=LEDGER, row=ROW, side=side, key=key)


DEBIT, CREDIT = opened("debit", CARERS_KEY), opened("credit", SUPPORTERS_KEY)


def leaf(number=7, row=ROW):
    return leaf_of(
        ledger=LEDGER,
        number=number,
        row=row,
        debit=DEBIT.commitment(ledger=LEDGER, transfer=TRANSFER),
        credit=CREDIT.commitment(ledger=LEDGER, transfer=TRANSFER),
    )


def test_a_leaf_can_be_rebuilt_from_the_reference_alone():
    # Written out as docs/reference/log.md says, with nothing of ours.
    salt = hmac.new(
        CARERS_KEY, f"kyojo-salt/v1\n990019\n{TRANSFER}\ndebit\n".encode(), hashlib.sha256
    ).digest()
    committed = (
        f"990019\n{TRANSFER}\ndebit\n{CARER}\n{REFERENCE}\n"
        "2026-06-10T03:00:00.000000Z\n2026-06-11T03:00:00.000000Z\n"
    ).encode()
    debit = hashlib.sha256(b"kyojo-side/v1\n" + salt + committed).digest()
    text = VECTOR.replace("DEBIT", base64.b64encode(debit).decode()).replace(
        "CREDIT",
        base64.b64encode(CREDIT.commitment(ledger=LEDGER, transfer=TRANSFER)).decode(),
    )
    assert leaf().encode() == text.encode()
    assert Leaf.parse(text.encode()) == leaf()


def test_the_vector_of_the_reference():
    assert leaf().text().splitlines()[11:] == VECTOR_SIDES
    assert leaf_hash(leaf().encode()).hex() == VECTOR_HASH


def test_nothing_personal_stands_open_in_a_leaf():
    text = leaf().text()
    for hidden in (CARER, SUPPORTER, REFERENCE):
        assert str(hidden) not in text
    assert "03:00" not in text
    assert leaf(row=ROW).day == date(2026, 6, 10)


def test_the_two_sides_and_two_transfers_never_share_a_salt():
    other = UUID(int=5)
    salts = {
        side_open(
            ledger=ledger,
            row=ROW if transfer == TRANSFER else _moved(transfer),
            side=side,
            key=CARERS_KEY,
        ).salt
        for ledger in (LEDGER, 990027)
        for transfer in (TRANSFER, other)
        for side in ("debit", "credit")
    }
    assert len(salts) == 8


def _moved(transfer):
    return Row(**{name: getattr(ROW, name) for name in Row.__slots__} | {"transfer": transfer})


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2026, 4, 1), datetime(2026, 3, 31, 15, 0, tzinfo=UTC)),
        (date(2026, 3, 31), datetime(2026, 3, 31, 14, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_the_day_is_the_day_in_japan(day, moment):
    row = Row(**{name: getattr(ROW, name) for name in Row.__slots__} | {"at": moment})
    assert leaf(row=row).day == day


def test_a_moment_has_one_form():
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    assert moment_text(tokyo) == moment_text(NOON) == "2026-06-10T03:00:00.000000Z"
    assert moment_parse("2026-06-10T03:00:00.000000Z") == NOON
    for other in (
        "2026-06-10T03:00:00Z",
        "2026-06-10T03:00:00.0Z",
        "2026-06-10 03:00:00.000000Z",
        "9999-12-31T23:00:00.000000Z",  # in Japan there is no such day
    ):
        with pytest.raises(ValueError):
            moment_parse(other)


def test_a_currency_of_any_letters_stays_one_line():
    row = Row(**{name: getattr(ROW, name) for name in Row.__slots__} | {"currency": "点\n数"})
    text = leaf(row=row).text()
    assert text.count("\n") == 13
    assert Leaf.parse(text.encode()).currency == "点\n数"


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1],
        lambda t: t + "\n",
        lambda t: t.replace("v1", "v2", 1),
        lambda t: t.replace("\n7\n", "\n07\n", 1),
        lambda t: t.replace("\n20\n", "\n+20\n", 1),
        lambda t: t.replace("\n20\n", "\n0\n", 1),
        lambda t: t.replace("\n20\n", f"\n{2**53 + 1}\n", 1),
        lambda t: t.replace("\n20\n", f"\n{'9' * 4299}\n", 1),
        lambda t: t.replace("\n10\n", "\n-10\n", 1),
        lambda t: t.replace("\n10\n", f"\n{2**15}\n", 1),
        lambda t: t.replace("\n7\n", f"\n{2**63}\n", 1),
        lambda t: t.replace("\n990019\n", f"\n{2**31}\n", 1),
        lambda t: t.replace("hold", "hoard", 1),
        lambda t: t.replace("018f2f5e", "018F2F5E", 1),
        lambda t: t.replace("2026-06-10", "20260610", 1),
        lambda t: t.replace("2026-06-10", "2026-06-31", 1),
        lambda t: t.replace("coin", "co%69n", 1),
        lambda t: t.replace("coin", "コイン", 1),
        lambda t: t.replace("=", "", 1),
    ],
)
def test_a_leaf_has_one_spelling(change):
    with pytest.raises(LeafMalformed):
        Leaf.parse(change(leaf().text()).encode())


# --- receipts -------------------------------------------------------------------------------------

LOG_KEY = SigningKey("kyojo.example.jp/log/kita", KeyType.LOG, bytes(32))
WITNESS_KEY = SigningKey("witness.example.jp", KeyType.COSIGNATURE, bytes([1]) * 32)


def receipt(*sides, number=7, size=11, leaf_of_it=None):
    mine = leaf_of_it or leaf()
    tree = Tree(
        leaf_hash(f"leaf {i}".encode() if i != number else mine.encode()) for i in range(size)
    )
    note = checkpoint_sign(Checkpoint(LOG_KEY.name, size, tree.root()), LOG_KEY)
    note = note.with_signatures([cosign(note, WITNESS_KEY, NOON)])
    proof = TlogProof(number, tuple(inclusion_proof(number, size, tree)), note)
    return Receipt(mine, sides, proof)


def policy(quorum="W", key=LOG_KEY):
    return Policy.parse(f"log {key.verifier}\nwitness W {WITNESS_KEY.verifier}\nquorum {quorum}\n")


@pytest.mark.parametrize("sides", [(), (DEBIT,), (CREDIT,), (DEBIT, CREDIT)])
def test_a_receipt_proves_what_it_opens(sides):
    data = receipt(*sides).encode()
    read = Receipt.parse(data)
    assert read.encode() == data
    assert read.sides == sides
    assert read.origin == LOG_KEY.name
    assert read.verify(key=LOG_KEY.verifier, now=NOON).checkpoint.size == 11
    result = read.verify(policy=policy(), now=NOON, fresh_for=timedelta(hours=1))
    assert result.cosigned == {"W": NOON}


def test_a_receipt_of_another_account_reference_or_time_is_refused():
    for name, value in (
        ("account", SUPPORTER),
        ("reference", None),
        ("at", NOON + timedelta(microseconds=1)),
        ("timeout_at", None),
        ("salt", bytes(32)),
    ):
        forged = Receipt.parse(receipt(replace(DEBIT, **{name: value})).encode())
        with pytest.raises(LeafDiffers):
            forged.verify(key=LOG_KEY.verifier, now=NOON)


def committed(*sides, day=None):
    """A receipt of a log that committed to these sides, whatever they say."""
    commitments = {side.name: side.commitment(ledger=LEDGER, transfer=TRANSFER) for side in sides}
    return receipt(
        *sides, leaf_of_it=replace(leaf(), **commitments, **({"day": day} if day else {}))
    )


def test_a_log_that_committed_to_two_stories_is_found_out():
    committed(DEBIT, CREDIT).verify(key=LOG_KEY.verifier, now=NOON)
    for name, value in (("reference", None), ("at", NOON + timedelta(1, 1)), ("timeout_at", None)):
        lie = replace(CREDIT, **{name: value})
        with pytest.raises(LeafDiffers):
            committed(DEBIT, lie).verify(key=LOG_KEY.verifier, now=NOON)
    with pytest.raises(LeafDiffers, match="day"):
        committed(DEBIT, day=date(2026, 6, 9)).verify(key=LOG_KEY.verifier, now=NOON)


def test_a_receipt_of_another_leaf_is_refused():

    true = receipt(DEBIT)
    with pytest.raises(InclusionFails):
        replace(true, leaf=replace(true.leaf, amount=21)).verify(key=LOG_KEY.verifier, now=NOON)
    with pytest.raises(LeafDiffers, match="number"):
        receipt(DEBIT, number=6).verify(key=LOG_KEY.verifier, now=NOON)


def test_a_receipt_needs_the_right_log_and_the_quorum():
    other = SigningKey(LOG_KEY.name, KeyType.LOG, bytes([9]) * 32)
    with pytest.raises(SignatureMissing):
        receipt().verify(key=other.verifier, now=NOON)
    with pytest.raises(OriginDiffers):
        receipt().verify(
            policy=policy(key=SigningKey("elsewhere.example", KeyType.LOG, bytes(32))), now=NOON
        )
    without = receipt()

    bare = replace(without.proof.checkpoint, signatures=without.proof.checkpoint.signatures[:1])
    with pytest.raises(QuorumMissing):
        replace(without, proof=replace(without.proof, checkpoint=bare)).verify(
            policy=policy(), now=NOON
        )
    with pytest.raises(ValueError, match="whom to trust"):
        receipt().verify(now=NOON)


def test_a_receipt_has_one_spelling():
    data = receipt(DEBIT, CREDIT).encode()
    lines = data.decode().split("\n")
    for changed in (
        data[1:],
        data + b"\n",
        data.replace(b"\n", b"\r\n"),
        "\n".join([lines[0], lines[2], lines[1], *lines[3:]]).encode(),
        "\n".join([lines[0], lines[1], lines[1], *lines[3:]]).encode(),
        data.replace(b"debit ", b"debit  ", 1),
        data.replace(b"debit ", b"holder ", 1),
        data.replace(b".000000Z", b"Z", 1),
        b"\xff" + data,
        data[: len(data) // 2],
        b"",
    ):
        with pytest.raises((ReceiptMalformed, TlogError)):
            Receipt.parse(changed)
