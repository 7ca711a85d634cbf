"""Tickets are bought, handed on and cashed; hours go to family; who leaves is settled with."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.errors import (
    AmountInvalid,
    HandingUnknown,
    MayNotSpend,
    NotEnough,
    NotSold,
    PayeeNeeded,
    ReceiverUnknown,
    RecipientNeeded,
    RecordDiffers,
)
from kyojo.civic.earnings.models import Movement, Redemption
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors as ledger

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 18)
APRIL = date(2026, 4, 6)


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def pair(towns):
    """ふみ and けん, members of the town with tickets, hours in deposit and points."""
    for code in ("ticket", "ticket-each-use", "time-deposit", "yokohama", "inagi"):
        install(towns.midori.id, code)
    fumi, ken = make_supporter(towns.midori.id, FUMI), make_supporter(towns.midori.id, KEN)
    stand(fumi)
    stand(ken)
    return fumi, ken


def wallet(person, code):
    with tenant(person.municipality_id):
        return selectors.wallet(selectors.ruled(code).programme, person).available


def buy(person, amount, code="ticket", **fields):
    with tenant(person.municipality_id):
        return services.units_buy(
            uid=fields.pop("uid", None) or new_id(),
            programme_code=code,
            person=person,
            amount=amount,
            reference=fields.pop("reference", "領収 31"),
            by=make_officer(person.municipality_id),
        )


def hand(giver, receiver, amount, code="ticket", use="help", **fields):
    with tenant(giver.municipality_id):
        return services.units_hand(
            uid=fields.pop("uid", None) or new_id(),
            programme_code=code,
            giver=giver,
            receiver_number=fields.pop("number", receiver.number),
            amount=amount,
            use=use,
        )


def test_a_ticket_is_bought_handed_on_and_cashed(pair):
    fumi, ken = pair
    bought = buy(fumi, 5)
    assert (bought.yen, wallet(fumi, "ticket")) == (4000, 5)
    handed = hand(fumi, ken, 2)
    assert (handed.yen, handed.office_yen) == (0, 0)
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (3, 2)
    hand(ken, fumi, 1)
    with tenant(ken.municipality_id):
        cashed = services.redemption_ask(
            uid=new_id(), programme_code="ticket", person=ken, use="cash", amount=1, payee=PAYEE
        )
        services.redemption_approve(uid=cashed.uid, by=make_officer(ken.municipality_id))
    assert cashed.value_yen == 650
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (4, 0)
    with tenant(ken.municipality_id):
        issuer = selectors.ruled("ticket").programme.issuer_account
        assert ledger.balance(ledger=ken.municipality_id, account=issuer).posted == -5


def test_the_office_takes_its_share_at_every_use(pair):
    fumi, ken = pair
    buy(fumi, 2, "ticket-each-use")
    handed = hand(fumi, ken, 2, "ticket-each-use")
    assert (handed.yen, handed.office_yen) == (1600, 300)


def test_a_double_press_hands_once_and_another_order_under_its_id_is_refused(pair):
    fumi, ken = pair
    uid = new_id()
    buy(fumi, 3, uid=uid)
    buy(fumi, 3, uid=uid)
    assert wallet(fumi, "ticket") == 3
    uid = new_id()
    hand(fumi, ken, 1, uid=uid)
    hand(fumi, ken, 1, uid=uid)
    with pytest.raises(RecordDiffers):
        hand(fumi, ken, 2, uid=uid)
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (2, 1)


def test_what_cannot_be_handed_moves_nothing(pair):
    fumi, ken = pair
    buy(fumi, 1)
    for error, call in (
        (NotEnough, lambda: hand(fumi, ken, 2)),
        (ReceiverUnknown, lambda: hand(fumi, fumi, 1)),
        (ReceiverUnknown, lambda: hand(fumi, ken, 1, number="9999999")),
        (HandingUnknown, lambda: hand(fumi, ken, 1, use="family")),
        (HandingUnknown, lambda: hand(fumi, ken, 1, code="yokohama", use="help")),
        (NotSold, lambda: buy(fumi, 1, "yokohama")),
        (NotFound, lambda: record(fumi, "ticket", APRIL)),
    ):
        with pytest.raises(error):
            call()
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (1, 0)
    with tenant(fumi.municipality_id):
        assert Movement.objects.count() == 1


def test_hours_in_deposit_go_to_family_and_to_people_in_need(pair):
    fumi, ken = pair
    record(fumi, "time-deposit", APRIL, activity="any", host="", hours=2)
    assert wallet(fumi, "time-deposit") == 120
    hand(fumi, ken, 60, "time-deposit", use="family")
    hand(fumi, ken, 30, "time-deposit", use="people_in_need")
    assert (wallet(fumi, "time-deposit"), wallet(ken, "time-deposit")) == (30, 90)


def test_who_moves_away_loses_points_and_is_paid_for_tickets(pair):
    fumi, _ = pair
    record(fumi, "yokohama", APRIL)
    buy(fumi, 2)
    officer = make_officer(fumi.municipality_id)
    uid = new_id()

    def settle(payee=None):
        with tenant(fumi.municipality_id):
            return services.leaving_settle(
                uid=uid, person=fumi, event="leaving", payee=payee, by=officer
            )

    with pytest.raises(PayeeNeeded):
        settle()
    assert (wallet(fumi, "yokohama"), wallet(fumi, "ticket")) == (200, 2)
    first = settle(PAYEE)
    found = {one.programme_code: (one.way, one.amount) for one in first}
    assert found == {"yokohama": ("lapse", 200), "ticket": ("pay_out", 2)}
    assert (wallet(fumi, "yokohama"), wallet(fumi, "ticket")) == (0, 0)
    with tenant(fumi.municipality_id):
        assert [one.value_yen for one in Redemption.objects.all()] == [1300]
    assert settle(PAYEE) == first
    with tenant(fumi.municipality_id):
        assert Redemption.objects.count() == 1


def test_after_a_death_hours_worth_money_go_to_the_heirs(pair):
    fumi, _ = pair
    record(fumi, "time-deposit", APRIL, activity="any", host="", hours=1)
    record(fumi, "yokohama", APRIL + timedelta(days=1))
    with tenant(fumi.municipality_id):
        found = services.leaving_settle(
            uid=new_id(),
            person=fumi,
            event="death",
            payee=PAYEE,
            by=make_officer(fumi.municipality_id),
        )
    assert {one.programme_code: one.way for one in found} == {
        "time-deposit": "heirs",
        "yokohama": "lapse",
    }


def test_a_town_may_let_points_go_to_a_cause_after_a_death(towns):
    document = preset("yokohama").replace(
        "earned_years = 1", 'earned_years = 1\non_death = "donate"'
    )
    install(towns.midori.id, "yokohama", document=document)
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    record(fumi, "yokohama", APRIL)
    officer = make_officer(fumi.municipality_id)

    def settle(**given):
        with tenant(fumi.municipality_id):
            return services.leaving_settle(uid=uid, person=fumi, event="death", by=officer, **given)

    uid = new_id()
    for recipients in (
        {},
        {"yokohama": ""},
        {"yokohama": "よその基金"},
        {"ticket": "子どもの居場所"},
    ):
        with pytest.raises(RecipientNeeded):
            settle(recipients=recipients)
    assert wallet(fumi, "yokohama") == 200
    for _ in range(2):
        [found] = settle(recipients={"yokohama": "子どもの居場所"})
    with tenant(fumi.municipality_id):
        redemption = Redemption.objects.get(uid=found.redemption_uid)
    assert (redemption.use, redemption.amount, redemption.detail) == (
        "donation",
        200,
        "子どもの居場所",
    )


# --- what is sold, and how much of it -------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "amount", "yen"),
    [
        ("ticket", 3, 2400),
        ("paid-stamp-card", 10, 8000),
        ("exchange", 3, 300),
        ("paid-passbook", 12_345, 12_345),
        ("paid-passbook", 100_000, 100_000),
    ],
)
def test_everything_that_is_sold_has_its_price(towns, code, amount, yen):
    install(towns.midori.id, code)
    fumi = make_supporter(towns.midori.id, FUMI)
    assert (buy(fumi, amount, code).yen, wallet(fumi, code)) == (yen, amount)


@pytest.mark.parametrize(
    ("code", "amount", "error"),
    [
        ("paid-invoice", 1, NotSold),
        ("paid-cash", 1, NotSold),
        ("time", 1, NotSold),
        ("ticket", 1001, AmountInvalid),
        ("ticket", 0, AmountInvalid),
        ("ticket", True, AmountInvalid),
        ("paid-passbook", 100_001, AmountInvalid),
    ],
)
def test_what_is_not_sold_or_not_so_much(towns, code, amount, error):
    install(towns.midori.id, code)
    fumi = make_supporter(towns.midori.id, FUMI)
    with pytest.raises(error):
        buy(fumi, amount, code)
    assert wallet(fumi, code) == 0


def test_another_sale_under_the_id_of_one_is_refused(pair):
    fumi, ken = pair
    uid = new_id()
    buy(fumi, 3, uid=uid)
    for person, amount, code in ((fumi, 4, "ticket"), (ken, 3, "ticket"), (fumi, 3, "exchange")):
        install(fumi.municipality_id, code)
        with pytest.raises(RecordDiffers):
            buy(person, amount, code, uid=uid)
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (3, 0)


def test_yen_of_a_passbook_are_not_handed_on(towns):
    document = preset("paid-passbook").replace(
        'use = "cash"', 'use = "help"\n\n[[uses]]\nuse = "cash"', 1
    )
    install(towns.midori.id, "paid-passbook", document=document)
    fumi, ken = make_supporter(towns.midori.id, FUMI), make_supporter(towns.midori.id, KEN)
    buy(fumi, 5000, "paid-passbook")
    with pytest.raises(HandingUnknown):
        hand(fumi, ken, 800, "paid-passbook")
    assert (wallet(fumi, "paid-passbook"), wallet(ken, "paid-passbook")) == (5000, 0)


def test_who_may_not_use_what_they_have_hands_nothing_on(towns):
    document = preset("ticket").replace(
        "[earning]", '[spenders]\nrelation = ["lives"]\n\n[earning]', 1
    )
    install(towns.midori.id, "ticket", document=document)
    fumi, ken = make_supporter(towns.midori.id, FUMI), make_supporter(towns.midori.id, KEN)
    buy(fumi, 2)
    stand(fumi, since=date(2026, 11, 1), lives=False, works=True)
    with pytest.raises(MayNotSpend):
        hand(fumi, ken, 1)
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (2, 0)
