"""Of several true refusals the first of ``types.Code`` is told.

For each pair of neighbours a leg is made against which both stand; a pair of which never both can
be true is named in ``NEVER_BOTH`` with the reason. The table and the enum are compared, so a new
code cannot be added without saying where it stands.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from kyojo.ledger import services
from kyojo.ledger.types import AMOUNT_MAX, AccountCode, Code, Flag, Kind, Leg

from .cast import HOUR, NOON, Town, as_its_own_transaction, at, code_of, open_account

pytestmark = pytest.mark.django_db
C = Code


@dataclass
class Stage:
    """What the legs below are made of. It is NOON + 2 h; ``past`` ended an hour ago."""

    town: Town
    plain: Leg
    void: Leg
    hold: Leg
    past: Leg
    posted: Leg
    voided: Leg
    expired: Leg
    open_ended: Leg
    closed: object
    shut: object
    hours: object
    full: object
    sink: object
    passed: Leg


@pytest.fixture
def stage() -> Stage:
    with at(NOON):
        town = Town()
        town.give(town.carer, 900)
        holds = [town.hold(10, timeout_at=NOON + HOUR) for _ in range(4)]
        open_ended, hold = town.hold(10), town.hold(10, timeout_at=NOON + 9 * HOUR)
        plain, void = town.leg(10), town.resolve(town.hold(10), Kind.VOID)
        services.legs_execute(legs=[plain, void, town.resolve(holds[1], Kind.POST)])
        services.legs_execute(legs=[town.resolve(holds[2], Kind.VOID)])
    with at(NOON + HOUR):
        services.legs_execute(legs=[town.resolve(holds[3], Kind.EXPIRE)])
    closed, full = open_account(flags=Flag(0)), open_account(flags=Flag(0))
    shut = open_account(flags=Flag(0))
    passed = town.leg(5, debit=town.issuer, credit=closed)
    services.legs_execute(legs=[passed, town.leg(5, debit=closed, credit=town.issuer)])
    for account in (closed, shut):
        services.account_close(ledger=town.ledger, id=account)
    town.give(full, AMOUNT_MAX - 2000)
    sink = open_account(flags=Flag.CREDITS_MUST_NOT_EXCEED_DEBITS)
    hours = open_account(flags=Flag(0), currency="hour", code=AccountCode.ISSUER)
    return Stage(
        town=town,
        plain=plain,
        void=void,
        hold=hold,
        past=holds[0],
        posted=holds[1],
        voided=holds[2],
        expired=holds[3],
        open_ended=open_ended,
        closed=closed,
        shut=shut,
        hours=hours,
        full=full,
        sink=sink,
        passed=passed,
    )


def resolving(hold: str, kind: Kind, amount: int = 10, **changes: object) -> Callable[..., Leg]:
    return lambda s: s.town.resolve(getattr(s, hold), kind, amount, **changes)


def plain(amount: int = 10, **changes: object) -> Callable[..., Leg]:
    return lambda s: s.town.leg(
        amount, **{k: getattr(s, v) if type(v) is str else v for k, v in changes.items()}
    )


def again(which: str, **changes: object) -> Callable[..., Leg]:
    return lambda s: replace(getattr(s, which), **changes)


BOTH: dict[tuple[Code, Code], Callable[[Stage], Leg]] = {
    (C.EXISTS_WITH_DIFFERENT_KIND, C.EXISTS_WITH_DIFFERENT_PENDING_ID): again(
        "plain", kind=Kind.POST, pending_id=uuid4()
    ),
    (C.EXISTS_WITH_DIFFERENT_PENDING_ID, C.EXISTS_WITH_DIFFERENT_TIMEOUT): again(
        "plain", pending_id=uuid4(), timeout_at=NOON
    ),
    (C.EXISTS_WITH_DIFFERENT_TIMEOUT, C.EXISTS_WITH_DIFFERENT_DEBIT): again(
        "plain", timeout_at=NOON, debit=uuid4()
    ),
    (C.EXISTS_WITH_DIFFERENT_DEBIT, C.EXISTS_WITH_DIFFERENT_CREDIT): again(
        "plain", debit=uuid4(), credit=uuid4()
    ),
    (C.EXISTS_WITH_DIFFERENT_CREDIT, C.EXISTS_WITH_DIFFERENT_AMOUNT): again(
        "plain", credit=uuid4(), amount=11
    ),
    (C.EXISTS_WITH_DIFFERENT_AMOUNT, C.EXISTS_WITH_DIFFERENT_REFERENCE): again(
        "plain", amount=11, reference=uuid4()
    ),
    (C.EXISTS_WITH_DIFFERENT_REFERENCE, C.EXISTS_WITH_DIFFERENT_CORRECTION): again(
        "plain", reference=uuid4(), correction_of=uuid4()
    ),
    (C.EXISTS_WITH_DIFFERENT_CORRECTION, C.EXISTS_WITH_DIFFERENT_CODE): again(
        "plain", correction_of=uuid4(), code=99
    ),
    # A void of 0 coins: as a new leg it would be a fault of a hold resolved before.
    (C.EXISTS, C.PENDING_ALREADY_VOIDED): again("void", amount=0),
    (C.AMOUNT_MUST_BE_POSITIVE, C.PENDING_ID_REQUIRED): plain(0, kind=Kind.POST),
    (C.AMOUNT_TOO_LARGE, C.PENDING_ID_REQUIRED): plain(AMOUNT_MAX + 1, kind=Kind.POST),
    (C.PENDING_ID_REQUIRED, C.TIMEOUT_NOT_ALLOWED): plain(kind=Kind.POST, timeout_at=NOON),
    (C.PENDING_ID_NOT_ALLOWED, C.TIMEOUT_NOT_ALLOWED): plain(pending_id=uuid4(), timeout_at=NOON),
    (C.TIMEOUT_NOT_ALLOWED, C.TIMEOUT_MUST_BE_IN_THE_FUTURE): plain(timeout_at=NOON),
    (C.TIMEOUT_MUST_BE_IN_THE_FUTURE, C.CORRECTION_NOT_ALLOWED): lambda s: s.town.leg(
        kind=Kind.HOLD, timeout_at=NOON, correction_of=s.plain.id
    ),
    (C.CORRECTION_NOT_ALLOWED, C.ACCOUNTS_MUST_DIFFER): lambda s: s.town.leg(
        kind=Kind.HOLD, correction_of=s.plain.id, credit=s.town.carer
    ),
    (C.ACCOUNTS_MUST_DIFFER, C.DEBIT_ACCOUNT_NOT_FOUND): lambda s: s.town.leg(
        debit=(nobody := uuid4()), credit=nobody
    ),
    (C.DEBIT_ACCOUNT_NOT_FOUND, C.CREDIT_ACCOUNT_NOT_FOUND): plain(debit=uuid4(), credit=uuid4()),
    (C.CREDIT_ACCOUNT_NOT_FOUND, C.PENDING_NOT_FOUND): plain(
        kind=Kind.POST, pending_id=uuid4(), credit=uuid4()
    ),
    (C.CURRENCY_MUST_MATCH, C.PENDING_NOT_FOUND): lambda s: s.town.leg(
        kind=Kind.POST, pending_id=uuid4(), debit=s.town.carer, credit=s.hours
    ),
    (C.PENDING_NOT_A_HOLD, C.PENDING_HAS_DIFFERENT_DEBIT): lambda s: s.town.resolve(
        s.plain, Kind.POST, debit=s.town.issuer
    ),
    (C.PENDING_HAS_DIFFERENT_DEBIT, C.PENDING_HAS_DIFFERENT_CREDIT): lambda s: s.town.resolve(
        s.hold, Kind.POST, debit=s.town.issuer, credit=s.full
    ),
    (C.PENDING_HAS_DIFFERENT_CREDIT, C.EXCEEDS_PENDING_AMOUNT): lambda s: s.town.resolve(
        s.hold, Kind.POST, 11, credit=s.full
    ),
    (C.EXCEEDS_PENDING_AMOUNT, C.PENDING_ALREADY_POSTED): resolving("posted", Kind.POST, 11),
    (C.PENDING_HAS_DIFFERENT_AMOUNT, C.PENDING_ALREADY_POSTED): resolving("posted", Kind.VOID, 9),
    (C.PENDING_ALREADY_POSTED, C.PENDING_EXPIRED): resolving("posted", Kind.POST),
    (C.PENDING_ALREADY_VOIDED, C.PENDING_EXPIRED): resolving("voided", Kind.POST),
    (C.PENDING_ALREADY_EXPIRED, C.PENDING_EXPIRED): resolving("expired", Kind.POST),
    (C.CORRECTED_NOT_FOUND, C.DEBIT_ACCOUNT_CLOSED): plain(correction_of=uuid4(), debit="closed"),
    (C.CORRECTED_NOT_A_MOVEMENT, C.CORRECTED_HAS_DIFFERENT_ACCOUNTS): lambda s: s.town.leg(
        correction_of=s.void.id
    ),
    (C.CORRECTED_HAS_DIFFERENT_ACCOUNTS, C.EXCEEDS_CORRECTED_AMOUNT): lambda s: s.town.leg(
        11, correction_of=s.plain.id
    ),
    (C.EXCEEDS_CORRECTED_AMOUNT, C.DEBIT_ACCOUNT_CLOSED): lambda s: s.town.leg(
        6, debit=s.closed, credit=s.town.issuer, correction_of=s.passed.id
    ),
    (C.DEBIT_ACCOUNT_CLOSED, C.CREDIT_ACCOUNT_CLOSED): plain(debit="closed", credit="shut"),
    (C.CREDIT_ACCOUNT_CLOSED, C.TOTAL_TOO_LARGE): lambda s: s.town.leg(
        AMOUNT_MAX, debit=s.town.issuer, credit=s.closed
    ),
    (C.DEBIT_ACCOUNT_CLOSED, C.TOTAL_TOO_LARGE): plain(AMOUNT_MAX, debit="closed", credit="full"),
    (C.CREDIT_ACCOUNT_CLOSED, C.EXCEEDS_CREDITS): plain(1500, credit="closed"),
    (C.TOTAL_TOO_LARGE, C.EXCEEDS_CREDITS): plain(2001, credit="full"),
    (C.EXCEEDS_CREDITS, C.EXCEEDS_DEBITS): plain(1500, credit="sink"),
}

#: Neighbours of which at most one can be true, so that their order cannot matter.
NEVER_BOTH = {
    (C.EXISTS_WITH_DIFFERENT_CODE, C.EXISTS): "the body differs, or it does not",
    (C.EXISTS, C.AMOUNT_MUST_BE_POSITIVE): "no row with such an amount can exist",
    (C.AMOUNT_MUST_BE_POSITIVE, C.AMOUNT_TOO_LARGE): "one number",
    (C.PENDING_ID_REQUIRED, C.PENDING_ID_NOT_ALLOWED): "one or the other kind",
    (C.CREDIT_ACCOUNT_NOT_FOUND, C.CURRENCY_MUST_MATCH): "without an account, no currency",
    (C.PENDING_NOT_FOUND, C.PENDING_NOT_A_HOLD): "it is there, or not",
    (C.EXCEEDS_PENDING_AMOUNT, C.PENDING_HAS_DIFFERENT_AMOUNT): "of posts; of voids and expiries",
    (C.PENDING_ALREADY_POSTED, C.PENDING_ALREADY_VOIDED): "resolved once",
    (C.PENDING_ALREADY_VOIDED, C.PENDING_ALREADY_EXPIRED): "resolved once",
    (C.PENDING_EXPIRED, C.PENDING_NOT_EXPIRED): "of posts and voids; of expiries",
    (C.PENDING_NOT_EXPIRED, C.CORRECTED_NOT_FOUND): "of expiries; of plain transfers",
    (C.CORRECTED_NOT_FOUND, C.CORRECTED_NOT_A_MOVEMENT): "it is there, or not",
    (C.EXCEEDS_DEBITS, C.LINKED_EVENT_FAILED): "only a leg that would succeed alone has the latter",
    (C.LINKED_EVENT_FAILED, C.OK): "likewise",
}


@pytest.mark.parametrize(
    ("pair", "make"), BOTH.items(), ids=lambda v: "-".join(v) if type(v) is tuple else "leg"
)
def test_the_first_of_two_true_refusals_is_told(
    pair: tuple[Code, Code], make: Callable[[Stage], Leg], stage: Stage
) -> None:
    order = list(Code)
    assert order.index(pair[0]) < order.index(pair[1])
    with at(NOON + 2 * HOUR):
        leg = make(stage)
        with as_its_own_transaction(False):
            assert code_of(leg) is pair[0]
        with as_its_own_transaction(True):
            assert code_of(leg) is pair[0]


def test_every_pair_of_neighbours_is_accounted_for() -> None:
    missing = [pair for pair in pairwise(Code) if pair not in BOTH and pair not in NEVER_BOTH]
    assert missing == []


def test_the_page_lists_the_codes_in_their_order() -> None:
    page = Path(__file__).parents[4] / "docs" / "reference" / "ledger.md"
    section = page.read_text(encoding="utf-8").split("## Codes")[1].split("\n## ")[0]
    listed = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert listed == [code.value for code in Code]
