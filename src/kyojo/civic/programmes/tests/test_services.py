"""Issuing and distributing through the services: four eyes, once only, all or nothing."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes import services
from kyojo.civic.programmes.errors import (
    AmountInvalid,
    CurrencyFixed,
    DocumentInvalid,
    NotWaiting,
    OrderDiffers,
    ProgrammeMissing,
    ReasonMissing,
    SecondOfficerNeeded,
    TreasuryShort,
    UnitFixed,
    VersionExists,
    VersionInPast,
)
from kyojo.civic.programmes.models import Issuance, ProgrammeVersion
from kyojo.civic.programmes.selectors import preset, programme_current, treasury_balance
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.types import COIN, AccountCode, Flag

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)
OFFICER, SECOND = SimpleNamespace(pk=101), SimpleNamespace(pk=102)


@pytest.fixture
def kita(towns):
    with clock.frozen(FRIDAY), tenant(towns.kita.id):
        yield towns.kita


@pytest.fixture
def programme(kita):
    return install()


def install(document=None, effective_from=date(2026, 4, 1)):
    operator, _ = Operator.objects.get_or_create(
        name="北ひなた市", defaults={"kind": "municipality", "name_kana": "キタヒナタシ"}
    )
    version = services.programme_install(
        operator=operator,
        code="kyojo-coin",
        document=document or preset(),
        effective_from=effective_from,
    )
    return version.programme


def ask(amount, *, uid=None, by=OFFICER, reason="令和8年度 第2回（要綱第6条）"):
    return services.issuance_request(
        uid=uid or new_id(), programme_code="kyojo-coin", amount=amount, reason=reason, by=by
    )


def issued() -> int:
    return treasury_balance().credits_posted


# --- versions -------------------------------------------------------------------------------------
def test_a_town_without_a_programme_says_so(kita):
    with pytest.raises(ProgrammeMissing):
        programme_current()


def test_installing_opens_the_accounts_and_again_changes_nothing(programme):
    assert treasury_balance().available == 0
    assert install().pk == programme.pk
    assert ProgrammeVersion.objects.count() == 1


def test_rules_change_from_a_day_on_and_never_backwards(programme):
    dearer = (
        preset()
        .replace("coins_per_30_minutes = 10", "coins_per_30_minutes = 12")
        .replace("grants = 10", "grants = 12")
    )
    with pytest.raises(VersionInPast):
        install(dearer, effective_from=date(2026, 11, 20))
    with pytest.raises(VersionExists):
        install(dearer, effective_from=date(2026, 4, 1))
    install(dearer, effective_from=date(2026, 12, 1))
    assert programme_current()[1].price("garden", 30) == 10
    with clock.frozen(datetime(2026, 11, 30, 15, tzinfo=UTC)):  # midnight in Japan
        assert programme_current()[1].price("garden", 30) == 12


def test_the_unit_and_the_code_of_a_programme_stay(programme):
    with pytest.raises(CurrencyFixed):
        install(
            preset().replace('currency = "coin"', 'currency = "point"'),
            effective_from=date(2027, 4, 1),
        )
    with pytest.raises(DocumentInvalid):
        install(preset().replace('code = "kyojo-coin"', 'code = "other"'), date(2027, 4, 1))
    with pytest.raises(UnitFixed) as refused:
        install(preset().replace('unit = "コイン"', 'unit = "まい"'), date(2027, 4, 1))
    assert "「コイン」のままに" in refused.value.message()
    assert ProgrammeVersion.objects.count() == 1


# --- issuing --------------------------------------------------------------------------------------
def test_up_to_ten_thousand_coins_are_issued_at_once(programme):
    assert ask(10_000).state == Issuance.State.DONE
    assert issued() == 10_000


def test_above_that_a_second_officer_decides(programme):
    order = ask(10_001)
    assert order.state == Issuance.State.WAITING
    assert issued() == 0
    services.issuance_approve(uid=order.uid, by=SECOND)
    assert issued() == 10_001


def test_nobody_approves_their_own_order(programme):
    order = ask(480_000)
    with pytest.raises(SecondOfficerNeeded):
        services.issuance_approve(uid=order.uid, by=OFFICER)
    order.refresh_from_db()
    assert order.state == Issuance.State.WAITING
    assert issued() == 0


def test_a_replayed_order_or_approval_issues_once(programme):
    uid = new_id()
    ask(480_000, uid=uid)
    ask(480_000, uid=uid)
    services.issuance_approve(uid=uid, by=SECOND)
    services.issuance_approve(uid=uid, by=SECOND)
    ask(480_000, uid=uid)
    assert issued() == 480_000
    assert Issuance.objects.count() == 1


def test_other_content_under_the_same_order_is_refused(programme):
    uid = new_id()
    ask(100, uid=uid)
    for changed in ({"amount": 200}, {"amount": 100, "by": SECOND}, {"amount": 100, "reason": "x"}):
        with pytest.raises(OrderDiffers):
            ask(changed.pop("amount"), uid=uid, **changed)
    assert issued() == 100


@pytest.mark.parametrize("amount", [0, -1, 10_000_001, 1.5, "100", None, True])
def test_an_impossible_amount_issues_nothing(programme, amount):
    with pytest.raises(AmountInvalid):
        ask(amount)
    assert Issuance.objects.count() == 0
    assert issued() == 0


@pytest.mark.parametrize("reason", ["", "　 ", "あ" * 201])
def test_a_reason_is_needed(programme, reason):
    with pytest.raises(ReasonMissing):
        ask(100, reason=reason)
    assert Issuance.objects.count() == 0


def test_what_was_cancelled_is_not_issued_and_what_was_issued_is_not_cancelled(programme):
    order = ask(20_000)
    services.issuance_cancel(uid=order.uid)
    with pytest.raises(NotWaiting):
        services.issuance_approve(uid=order.uid, by=SECOND)
    assert issued() == 0
    done = ask(100)
    with pytest.raises(NotWaiting):
        services.issuance_cancel(uid=done.uid)
    assert issued() == 100


def test_an_order_of_another_town_does_not_exist_here(programme, towns):
    order = ask(20_000)
    with tenant(towns.midori.id):
        install()
        with pytest.raises(NotFound):
            services.issuance_approve(uid=order.uid, by=SECOND)
        with pytest.raises(OrderDiffers):
            ask(20_000, uid=order.uid)
        assert issued() == 0
    assert issued() == 0


# --- distributing ---------------------------------------------------------------------------------
def person_account(ledger_number):
    account = new_id()
    ledger.account_open(
        ledger=ledger_number,
        id=account,
        currency=COIN,
        code=AccountCode.PERSON,
        vintage=2027,
        flags=Flag.DEBITS_MUST_NOT_EXCEED_CREDITS,
    )
    return account


def test_a_distribution_moves_everything_once(programme, kita):
    ask(1_000)
    one, other, uid = person_account(kita.id), person_account(kita.id), new_id()
    entries = [(one, 40, new_id()), (other, 60, new_id())]
    for _ in range(2):
        total = services.coins_distribute(
            distribution_uid=uid, programme=programme, entries=entries
        )
        assert total == 100
    found = ledger_selectors.balances(ledger=kita.id, accounts=[one, other])
    assert [found[one].available, found[other].available] == [40, 60]
    assert treasury_balance().available == 900


def test_a_short_treasury_distributes_to_nobody(programme, kita):
    ask(100)
    accounts = [person_account(kita.id) for _ in range(3)]
    with pytest.raises(TreasuryShort) as refused:
        services.coins_distribute(
            distribution_uid=new_id(),
            programme=programme,
            entries=[(account, 40, new_id()) for account in accounts],
        )
    assert refused.value.data["missing"] == "20"
    found = ledger_selectors.balances(ledger=kita.id, accounts=accounts)
    assert {balance.available for balance in found.values()} == {0}
    assert treasury_balance().available == 100


def test_an_unknown_account_stops_the_whole_distribution(programme, kita):
    ask(100)
    known = person_account(kita.id)
    with pytest.raises(LedgerRefusal):
        services.coins_distribute(
            distribution_uid=new_id(),
            programme=programme,
            entries=[(known, 10, new_id()), (new_id(), 10, new_id())],
        )
    assert ledger_selectors.balance(ledger=kita.id, account=known).available == 0
    assert treasury_balance().available == 100
