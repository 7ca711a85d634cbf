"""A month's clearing between two towns: proposed, agreed by both, settled in both or in none."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes import clearing, clearing_selectors, tasks
from kyojo.civic.programmes.errors import (
    ClearingFixed,
    ClearingMonthNotOver,
    ClearingMonthPassed,
    ClearingNotAgreed,
    ClearingNothing,
    ClearingNothingToPay,
    ClearingNotSettled,
    ClearingPaidDiffers,
    ClearingPaidOnInvalid,
    ClearingRateInvalid,
    ClearingReferenceMissing,
    ClearingSidesDiffer,
    ClearingStale,
)
from kyojo.civic.programmes.models import ClearingLine, ClearingSettlement, Programme
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import LedgerRefusal

from .clearing_cast import (
    IN_NOVEMBER,
    IN_OCTOBER,
    KITA,
    MIDORI,
    NOVEMBER,
    OCTOBER,
    OFFICER,
    SATO,
    Scene,
    agree,
    agreed,
    everything,
    issuer_posted,
    net,
    propose,
    row,
    scene_make,
    settle,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """In October みどり浜's people came to 北ひなた's carers more than the other way. It is
    2 November."""
    with clock.frozen(IN_NOVEMBER):
        made = scene_make(KITA, MIDORI, SATO)
        made.pay(KITA, MIDORI, 100, IN_OCTOBER)
        made.pay(MIDORI, KITA, 30, IN_OCTOBER + timedelta(hours=1))
        yield made


def test_the_whole_way_of_a_month(scene: Scene) -> None:
    issued = [issuer_posted(KITA), issuer_posted(MIDORI)]
    uid = propose(MIDORI, KITA, OCTOBER).uid
    near, far = row(KITA, uid), row(MIDORI, uid)
    assert (near.given, near.received, near.amount, near.debtor_id) == (100, 30, 70, KITA)
    assert (far.given, far.received, far.amount, far.debtor_id) == (30, 100, 70, KITA)
    assert near.statement_hash == far.statement_hash
    assert near.state == far.state == "proposed"
    assert agree(KITA, uid, "2.5").state == "proposed"
    assert row(MIDORI, uid).counterpart_agreed_at is not None
    assert agree(MIDORI, uid, Decimal("2.50")).state == "agreed"
    assert row(KITA, uid).state == "agreed"
    assert (row(KITA, uid).agreed_by_id, row(MIDORI, uid).agreed_by_id) == (
        OFFICER[KITA].pk,
        OFFICER[MIDORI].pk,
    )
    assert net(KITA, MIDORI) == -70, "agreeing moves nothing"
    assert settle(KITA, uid).state == "settled"
    assert row(MIDORI, uid).state == "settled"
    assert (net(KITA, MIDORI), net(MIDORI, KITA)) == (0, 0)
    assert [issuer_posted(KITA) - issued[0], issuer_posted(MIDORI) - issued[1]] == [70, -70]
    assert clearing_selectors.yen(row(KITA, uid)) == 175
    for town in (MIDORI, KITA):  # again, from the other side: nothing changes
        with tenant(town):
            done = clearing.clearing_pay(
                uid=uid, by=OFFICER[town], paid_on=date(2026, 11, 2), reference=" 伝票　7 "
            )
        assert (done.state, done.paid_reference) == ("paid", "伝票 7")


def test_every_step_again_changes_nothing(scene: Scene) -> None:
    uid = agreed(KITA, MIDORI, OCTOBER, 1).uid
    for step in (
        lambda: propose(KITA, MIDORI, OCTOBER),
        lambda: propose(MIDORI, KITA, OCTOBER),
        lambda: agree(KITA, uid, 1),
        lambda: agree(MIDORI, uid, 1),
    ):
        before = everything(KITA, MIDORI)
        with clock.frozen(IN_NOVEMBER + timedelta(days=1)):
            assert step().uid == uid
        assert everything(KITA, MIDORI) == before
    settle(KITA, uid)
    for town in (KITA, MIDORI):
        before = everything(KITA, MIDORI)
        with clock.frozen(IN_NOVEMBER + timedelta(days=1)):
            settle(town, uid)
        assert everything(KITA, MIDORI) == before


# --- what a statement holds -----------------------------------------------------------------------


def test_a_month_that_is_even_is_settled_without_moving_coins(scene: Scene) -> None:
    scene.pay(MIDORI, KITA, 70, IN_OCTOBER)
    uid = agreed(KITA, MIDORI, OCTOBER, 100).uid
    before = [issuer_posted(KITA), issuer_posted(MIDORI)]
    done = settle(MIDORI, uid)
    assert (done.state, done.debtor_id, done.amount, done.line_count) == ("settled", None, 0, 3)
    assert [issuer_posted(KITA), issuer_posted(MIDORI)] == before
    with tenant(KITA), pytest.raises(ClearingNothingToPay):
        clearing.clearing_pay(uid=uid, by=OFFICER[KITA], paid_on=date(2026, 11, 2), reference="1")


def test_what_comes_late_is_settled_with_the_next_month(scene: Scene) -> None:
    october = agreed(KITA, MIDORI, OCTOBER)
    scene.pay(KITA, MIDORI, 7, IN_OCTOBER + timedelta(days=2))  # written after the statement
    scene.pay(KITA, MIDORI, 5)
    assert settle(KITA, october.uid).amount == 70
    assert net(KITA, MIDORI) == -12
    with clock.frozen(clock.at(date(2026, 12, 1), 9)):
        november = agreed(MIDORI, KITA, NOVEMBER)
        assert (november.amount, november.line_count, november.debtor_id) == (12, 2, KITA)
        settle(MIDORI, november.uid)
    assert net(KITA, MIDORI) == 0


def test_a_hold_counts_in_the_month_of_its_post(scene: Scene) -> None:
    held, gone = scene.payment(KITA, MIDORI, 50), scene.payment(MIDORI, KITA, 9)
    with clock.frozen(IN_OCTOBER):
        ledger.payment_hold(payments=[held, gone], timeout_at=None)
    assert propose(KITA, MIDORI, OCTOBER).amount == 70
    ledger.payment_post(payments=[held])
    ledger.payment_void(payments=[gone])
    with clock.frozen(clock.at(date(2026, 12, 1), 9)):
        assert propose(KITA, MIDORI, NOVEMBER).amount == 50


def test_a_correction_is_a_movement_of_its_own_month(scene: Scene) -> None:
    wrong = scene.pay(KITA, MIDORI, 40, IN_OCTOBER)
    october = agreed(KITA, MIDORI, OCTOBER)
    scene.correct(wrong)
    settle(KITA, october.uid)
    assert (october.amount, net(KITA, MIDORI)) == (110, 40)
    with clock.frozen(clock.at(date(2026, 12, 1), 9)):
        november = agreed(KITA, MIDORI, NOVEMBER)
        with tenant(KITA):
            assert [line.corrects for line in november.lines.all()] == [True]
        assert (november.debtor_id, november.amount) == (MIDORI, 40)
        settle(MIDORI, november.uid)
    assert net(KITA, MIDORI) == 0


def test_months_are_settled_in_any_order(scene: Scene) -> None:
    october = agreed(KITA, MIDORI, OCTOBER)
    scene.pay(MIDORI, KITA, 500)
    with clock.frozen(clock.at(date(2026, 12, 1), 9)):
        november = agreed(KITA, MIDORI, NOVEMBER)
        settle(MIDORI, november.uid)
        assert net(KITA, MIDORI) == -70
        settle(KITA, october.uid)
    assert net(KITA, MIDORI) == 0


def test_a_month_that_runs_or_was_passed_is_not_closed(scene: Scene) -> None:
    before = everything(KITA, MIDORI)
    with pytest.raises(ClearingMonthNotOver):
        propose(KITA, MIDORI, NOVEMBER)
    with pytest.raises(ClearingNothing):
        propose(KITA, SATO, OCTOBER)
    for nobody in (KITA, 1):
        with pytest.raises(NotFound):
            propose(KITA, nobody, OCTOBER)
    assert everything(KITA, MIDORI) == before
    propose(KITA, MIDORI, OCTOBER)
    with pytest.raises(ClearingMonthPassed):
        propose(KITA, MIDORI, date(2026, 9, 1))


def test_the_job_closes_every_month_that_is_over_once(scene: Scene) -> None:
    scene.pay(KITA, SATO, 3, clock.at(date(2026, 7, 9), 9))
    scene.pay(SATO, KITA, 4, IN_OCTOBER)
    for _ in range(2):
        tasks.clearing_propose()
    with tenant(KITA):
        found = ClearingSettlement.objects.order_by("counterpart_id", "month")
        assert [(one.counterpart_id, one.month.month, one.amount) for one in found] == [
            (MIDORI, 10, 70),
            (SATO, 7, 3),
            (SATO, 10, 4),
        ]
    with clock.frozen(clock.at(date(2027, 1, 3), 9)):
        tasks.clearing_propose()
    with tenant(SATO):
        assert ClearingSettlement.objects.count() == 2, "months without movements need none"


# --- agreeing -------------------------------------------------------------------------------------


def test_one_town_alone_never_agrees_or_settles(scene: Scene) -> None:
    uid = propose(KITA, MIDORI, OCTOBER).uid
    agree(KITA, uid)
    agree(KITA, uid)
    before = everything(KITA, MIDORI)
    for town in (KITA, MIDORI):
        with pytest.raises(ClearingNotAgreed):
            settle(town, uid)
        with tenant(town), pytest.raises(ClearingNotSettled):
            clearing.clearing_pay(
                uid=uid, by=OFFICER[town], paid_on=date(2026, 11, 2), reference="1"
            )
    rule = pytest.raises(IntegrityError, match="clearing_agreed_by_both")
    with tenant(KITA), rule, transaction.atomic():
        ClearingSettlement.objects.update(state="agreed")
    assert everything(KITA, MIDORI) == before
    assert row(KITA, uid).state == "proposed"


def test_another_rate_asks_the_other_town_again(scene: Scene) -> None:
    uid = propose(KITA, MIDORI, OCTOBER).uid
    agree(KITA, uid, 10)
    assert agree(MIDORI, uid, 8).state == "proposed"
    assert row(KITA, uid).agreed_at is None
    assert row(KITA, uid).counterpart_agreed_at is not None
    assert agree(KITA, uid, 8).state == "agreed"
    before = everything(KITA, MIDORI)
    with pytest.raises(ClearingFixed) as refused:
        agree(MIDORI, uid, 10)
    assert "8円" in refused.value.message()
    assert everything(KITA, MIDORI) == before


@pytest.mark.parametrize("rate", [-1, "10000.01", "0.001", "", "abc", "NaN", "Infinity", None])
def test_an_impossible_rate_agrees_to_nothing(scene: Scene, rate: object) -> None:
    uid = propose(KITA, MIDORI, OCTOBER).uid
    with pytest.raises(ClearingRateInvalid):
        agree(KITA, uid, rate)
    assert row(KITA, uid).agreed_at is None


def test_a_page_of_another_statement_agrees_to_nothing(scene: Scene) -> None:
    uid = propose(KITA, MIDORI, OCTOBER).uid
    with pytest.raises(ClearingStale):
        agree(KITA, uid, statement_hash="0" * 64)
    assert row(KITA, uid).agreed_at is None


def test_the_rate_of_a_month_is_offered_for_the_next(scene: Scene) -> None:
    agreed(KITA, MIDORI, OCTOBER, 5)
    scene.pay(KITA, MIDORI, 1)
    with clock.frozen(clock.at(date(2026, 12, 1), 9)):
        assert propose(KITA, MIDORI, NOVEMBER).yen_per_coin == 5


def test_a_third_town_does_not_find_it(scene: Scene) -> None:
    settlement = agreed(KITA, MIDORI, OCTOBER)
    before = everything(KITA, MIDORI, SATO)
    with tenant(SATO):
        for step in (
            lambda: clearing.clearing_agree(
                uid=settlement.uid,
                by=OFFICER[SATO],
                statement_hash=settlement.statement_hash,
                yen_per_coin=0,
            ),
            lambda: clearing.clearing_settle(uid=settlement.uid, by=OFFICER[SATO]),
            lambda: clearing.clearing_pay(
                uid=settlement.uid, by=OFFICER[SATO], paid_on=date(2026, 11, 2), reference="1"
            ),
            lambda: clearing_selectors.settlement_by_uid(settlement.uid),
        ):
            with pytest.raises(NotFound):
                step()
    assert everything(KITA, MIDORI, SATO) == before


# --- one side only --------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", [KITA, MIDORI])
def test_a_refusal_in_one_ledger_undoes_the_other(scene: Scene, broken: int) -> None:
    uid = agreed(KITA, MIDORI, OCTOBER).uid
    before = everything(KITA, MIDORI)
    with tenant(broken):
        account = Programme.objects.get().issuer_account
        Programme.objects.update(issuer_account=new_id())
    with pytest.raises(LedgerRefusal, match="account_not_found"):
        settle(KITA, uid)
    with tenant(broken):
        Programme.objects.update(issuer_account=account)
    assert everything(KITA, MIDORI) == before
    assert row(KITA, uid).state == row(MIDORI, uid).state == "agreed"
    settle(MIDORI, uid)
    assert net(KITA, MIDORI) == 0


def test_coins_and_rows_are_one_transaction(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever dies after the ledger's call and before the rows are written has moved nothing."""
    uid = agreed(KITA, MIDORI, OCTOBER).uid
    before = everything(KITA, MIDORI)

    def dies(*_: object, **__: object) -> None:
        assert net(KITA, MIDORI) == 0, "the coins had moved"
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(clearing, "twins_save", dies)
        settle(KITA, uid)
    assert everything(KITA, MIDORI) == before


def test_towns_whose_books_differ_close_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(KITA, MIDORI)
    honest = clearing.ledger.movements

    def forged(*, ledger: int, **asked):  # type: ignore[no-untyped-def]
        found = honest(ledger=ledger, **asked)
        return found[:-1] if ledger == MIDORI else found

    with monkeypatch.context() as patched, pytest.raises(ClearingSidesDiffer):
        patched.setattr(clearing.ledger, "movements", forged)
        propose(KITA, MIDORI, OCTOBER)
    assert everything(KITA, MIDORI) == before


def test_what_stands_on_a_statement_cannot_be_changed_nor_settled_twice(scene: Scene) -> None:
    uid = propose(KITA, MIDORI, OCTOBER).uid
    with tenant(KITA):
        line = ClearingLine.objects.first()
        changes = (
            lambda: ClearingLine.objects.update(amount=1),
            lambda: ClearingLine.objects.filter(pk=line.pk).delete(),
            lambda: ClearingSettlement.objects.update(amount=1),
            lambda: ClearingSettlement.objects.update(statement_hash="0" * 64),
            lambda: ClearingSettlement.objects.filter(uid=uid).delete(),
        )
        for change in changes:
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
        line.pk = None
        with pytest.raises(IntegrityError, match="clearing_movement_once"), transaction.atomic():
            line.save(force_insert=True)
    settlement = agreed(KITA, MIDORI, OCTOBER)
    settle(KITA, settlement.uid)
    rule = pytest.raises(IntegrityError, match="never taken back")
    with tenant(KITA), rule, transaction.atomic():
        ClearingSettlement.objects.update(state="proposed", settled_at=None)


# --- paying ---------------------------------------------------------------------------------------


def test_a_payment_has_a_day_and_a_number(scene: Scene) -> None:
    uid = agreed(KITA, MIDORI, OCTOBER, 1).uid
    settle(KITA, uid)

    def pay(paid_on: date = date(2026, 11, 2), reference: str = "A-1") -> ClearingSettlement:
        with tenant(KITA):
            return clearing.clearing_pay(
                uid=uid, by=OFFICER[KITA], paid_on=paid_on, reference=reference
            )

    before = everything(KITA, MIDORI)
    for day in (date(2026, 11, 3), date(2026, 10, 31)):
        with pytest.raises(ClearingPaidOnInvalid):
            pay(day)
    for reference in ("", "　", "9" * 61):
        with pytest.raises(ClearingReferenceMissing):
            pay(reference=reference)
    assert everything(KITA, MIDORI) == before
    pay()
    with pytest.raises(ClearingPaidDiffers):
        pay(reference="A-2")
    assert (row(MIDORI, uid).state, row(MIDORI, uid).paid_reference) == ("paid", "A-1")


# --- reading --------------------------------------------------------------------------------------


def test_a_standing_tells_what_is_closed_and_what_runs(scene: Scene) -> None:
    held = scene.payment(KITA, MIDORI, 8)
    ledger.payment_hold(payments=[held], timeout_at=None)
    scene.pay(KITA, MIDORI, 5)
    uid = agreed(KITA, MIDORI, OCTOBER).uid
    with tenant(KITA):
        (standing,) = [
            one for one in clearing_selectors.standings() if one.counterpart.pk == MIDORI
        ]
        assert standing == clearing_selectors.standing_with(MIDORI)
        assert (standing.given, standing.received, standing.net) == (105, 30, -75)
        assert (standing.closed_net, standing.running_net, standing.given_held) == (-70, -5, 8)
        assert [one.uid for one in standing.open_settlements] == [uid]
        running = clearing_selectors.statement_running(MIDORI)
        assert (running.month, running.net(KITA)) == (NOVEMBER, -5)
        with pytest.raises(NotFound):
            clearing_selectors.standing_with(1)
    settle(MIDORI, uid)
    with tenant(MIDORI):
        standing = clearing_selectors.standing_with(KITA)
        assert (standing.given, standing.received, standing.net) == (0, 5, 5)
        assert (standing.closed_net, standing.running_net) == (0, 5)
        assert standing.open_settlements == ()
        assert standing.settled_last.month == OCTOBER


def test_what_waits_is_what_this_town_can_do(scene: Scene) -> None:
    def waiting(town: int) -> int:
        with tenant(town):
            return len(clearing_selectors.settlements_waiting())

    uid = propose(KITA, MIDORI, OCTOBER).uid
    assert [waiting(KITA), waiting(MIDORI), waiting(SATO)] == [1, 1, 0]
    agree(MIDORI, uid, 3)
    assert [waiting(KITA), waiting(MIDORI)] == [1, 0]
    agree(KITA, uid, 3)
    assert [waiting(KITA), waiting(MIDORI)] == [1, 1]
    settle(MIDORI, uid)
    assert [waiting(KITA), waiting(MIDORI)] == [1, 0], "北ひなた is to pay"
