"""What anyone can check of a receipt: the ledgers' logs, their signatures, their witnesses.

A receipt (``receipts``) is what the town says. Here it is held against the public logs with the
same pure code that ``./kyojo verify receipt`` runs, and against the ledgers' rows as they are now.
Nothing of a person leaves this module but to the party whose own side it is.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.movements import Movement, movements
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger.log import selectors as log_selectors
from kyojo.ledger.log.errors import NotLoggedYet, SideForgotten
from kyojo.ledger.log.leaves import SideName, day_of
from kyojo.ledger.log.policy import policy_read
from kyojo.ledger.log.receipts import SIDES, Receipt
from kyojo.ledger.log.selectors import LogHead, Published
from kyojo.ledger.tlog.errors import PolicyMalformed, QuorumMissing, Stale, TlogError
from kyojo.ledger.tlog.notes import SignedNote, VerifierKey
from kyojo.ledger.tlog.policy import NONE, Policy, policy_check
from kyojo.ledger.types import Kind

from .models import Visit
from .receipts import ReceiptView

log = logging.getLogger(__name__)

#: Bytes that the largest QR code holds (version 40, error correction L, byte mode).
QR_BYTES_MAX = 2_953


@dataclass(frozen=True, slots=True)
class Proof:
    """One transfer of a receipt and what its ledger's log says of it.

    ``receipt`` is None while the transfer is in no published checkpoint (and ``trouble`` is ""),
    or where it cannot be made at all. ``trouble`` is the code of what is wrong, "" for nothing.
    ``logged_at``: since when anybody can see it; ``checked_at``: of which moment the checkpoint is,
    of ``size`` leaves; ``seen_by``: who else cosigned that, and when.
    """

    movement: Movement
    town: str
    slug: str
    receipt: Receipt | None = None
    logged_at: datetime | None = None
    checked_at: datetime | None = None
    size: int = 0
    seen_by: Mapping[str, datetime] = field(default_factory=dict)
    trouble: str = ""

    @property
    def is_logged(self) -> bool:
        return self.receipt is not None

    @property
    def number(self) -> int | None:
        """Its place in the log, from 0."""
        return self.receipt.leaf.number if self.receipt else None


def movements_of(found: ReceiptView) -> list[Movement]:
    """The transfers behind a receipt, in the giver's ledger and in the taker's."""
    with tenant(found.giver_id):
        visit = Visit.objects.filter(receipt_code=found.code).only("holds", "settled_coins").first()
    if visit is None or not visit.settled_coins:
        return []
    return movements(visit.holds, visit.settled_coins)


def proofs_of(found: ReceiptView) -> list[Proof]:
    """Every transfer of a receipt, verified now, as anybody may see it: no side is opened."""
    trust = policy_trusted()
    towns = {town.id: town for town in Municipality.objects.all()}
    return [_proof(one, towns, trust) for one in movements_of(found)]


def receipt_public(*, movement: Movement) -> Receipt:
    """The file for everybody, with no side opened. Raises ``NotLoggedYet``."""
    with tenant(movement.ledger):
        return log_selectors.receipt_for(
            ledger=movement.ledger, transfer=movement.transfer, sides=()
        )


def receipt_own(*, movement: Movement, side: SideName) -> Receipt:
    """The file for the party whose ``side`` it is: their account's side opened and no other.

    The caller has made sure who asks. Raises ``NotLoggedYet``, ``SideForgotten``.
    """
    with tenant(movement.ledger):
        return log_selectors.receipt_for(
            ledger=movement.ledger, transfer=movement.transfer, sides=(side,)
        )


def own_movements(found: ReceiptView, *, role: str) -> list[tuple[Movement, SideName]]:
    """The transfers with a side of the carer's (``role`` "carer") or of the supporter's, in the
    person's own ledger, each with that side."""
    sides = [(one, one.payer if role == "carer" else one.payee) for one in movements_of(found)]
    return [(one, side) for one, side in sides if side is not None]


def fit_for_qr(receipt: Receipt) -> bytes | None:
    """The file as it fits into one QR code: whole, else without opened sides, else None.

    A log of n leaves puts about 45 × log2(n) bytes into a proof, each further witness 130.
    """
    for one in (receipt, Receipt(receipt.leaf, (), receipt.proof)):
        data = one.encode()
        if len(data) <= QR_BYTES_MAX:
            return data
    return None


# --- verifying ------------------------------------------------------------------------------------


def policy_trusted() -> Policy:
    """The operator's policy; one that asks for nobody where it cannot be read, which is logged."""
    try:
        return policy_read()
    except (OSError, UnicodeDecodeError, PolicyMalformed) as error:
        log.error("KYOJO_LOG_POLICY cannot be used: %s", error)
        return Policy(NONE)


def _proof(one: Movement, towns: Mapping[int, Municipality], policy: Policy) -> Proof:
    town = towns[one.ledger]
    shown = Proof(one, town.name, town.slug)
    with tenant(one.ledger):
        try:
            receipt = _opened(one)
            head = log_selectors.log_head(ledger=one.ledger)
            published = log_selectors.checkpoint_published(ledger=one.ledger)
            since = log_selectors.published_since(ledger=one.ledger, number=receipt.leaf.number)
        except NotLoggedYet:
            return shown
        except NotFound:
            return Proof(one, town.name, town.slug, trouble="transfer_missing")
        except TlogError as error:
            return Proof(one, town.name, town.slug, trouble=error.code)
    trouble, seen_by = _verified(receipt, head, policy)
    return Proof(
        movement=one,
        town=town.name,
        slug=town.slug,
        receipt=Receipt(receipt.leaf, (), receipt.proof),
        logged_at=since,
        checked_at=published.published_at,
        size=published.size,
        seen_by=witness_towns(seen_by, policy, towns.values(), own=town),
        trouble=trouble or _differs(one, receipt),
    )


def _opened(one: Movement) -> Receipt:
    """With every side that can still be opened: so the ledger's row, as it is now, is held against
    what the log committed to."""
    openable: Collection[SideName]
    for openable in (SIDES, ("debit",), ("credit",)):
        try:
            return log_selectors.receipt_for(
                ledger=one.ledger, transfer=one.transfer, sides=openable
            )
        except SideForgotten:
            continue
    return log_selectors.receipt_for(ledger=one.ledger, transfer=one.transfer, sides=())


def _verified(
    receipt: Receipt, head: LogHead, policy: Policy
) -> tuple[str, Mapping[str, datetime]]:
    """(what is wrong, who cosigned when). Witnesses that are missing do not hide the rest."""
    key = VerifierKey.parse(head.key)
    try:
        return "", receipt.verify(policy=policy, key=key, now=clock.now()).cosigned
    except (QuorumMissing, Stale) as missing:
        trouble = missing.code
    except TlogError as error:
        return error.code, {}
    try:
        receipt.verify(key=key, now=clock.now())
    except TlogError as error:
        return error.code, {}
    return trouble, {}


def _differs(one: Movement, receipt: Receipt) -> str:
    """Whether the leaf is the movement the receipt speaks of."""
    leaf = receipt.leaf
    same = (
        leaf.ledger == one.ledger
        and leaf.transfer == one.transfer
        and leaf.amount == one.amount
        and leaf.kind == Kind.POST
        and all(leaf.day == day_of(side.at) for side in receipt.sides)
    )
    return "" if same else "amount_differs"


def witness_towns(
    cosigned: Mapping[str, datetime],
    policy: Policy,
    towns: Iterable[Municipality],
    *,
    own: Municipality,
) -> dict[str, datetime]:
    """Who else saw a log, in people's words, the newest first: a witness whose name in the policy
    is the slug of a town is that town, any other goes by its key's name. A town that confirms its
    own log is left out: that says nothing."""
    names = {town.slug: town.name for town in towns}
    keys = {witness.name: witness.key.name for witness in policy.witnesses}
    latest = sorted(cosigned.items(), key=lambda item: item[1], reverse=True)
    return {names.get(name, keys.get(name, name)): at for name, at in latest if name != own.slug}


def confirmed_by(*, own: Municipality, head: LogHead, published: Published) -> dict[str, datetime]:
    """Who else confirmed a town's published checkpoint, and when; empty where nobody is asked.

    Raises ``TlogError`` where the checkpoint does not hold.
    """
    policy = policy_trusted()
    note = SignedNote.parse(published.note)
    result = policy_check(note, policy, now=clock.now(), key=VerifierKey.parse(head.key))
    return witness_towns(result.cosigned, policy, Municipality.objects.all(), own=own)
