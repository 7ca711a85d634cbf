"""Real help under new rules: who would have paid and got what, and nothing moves."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import selectors, services, trial_selectors
from kyojo.civic.earnings.models import Movement, PaidHelp
from kyojo.civic.earnings.testing import install, record
from kyojo.civic.earnings.trial_figures import HelpTrial
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.rules import reading
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .paid_cast import DAY, INVOICE_DEPOSIT, NOW, fill, pair, void, wallet, write_down

pytestmark = pytest.mark.django_db
YEAR = 2026
SUMMER = date(2026, 8, 5)


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def tried(town: int, code: str, *pairs: tuple[str, str], text: str = "") -> HelpTrial:
    """The year of ``code`` under its rules and under the rules with ``pairs`` changed."""
    new = reading.read(changed(text or preset(code), *pairs))
    with tenant(town):
        ruled = selectors.ruled(code)
        return trial_selectors.help_trial(ruled.document, new, ruled.programme, YEAR)


def shares(one) -> tuple[int, ...]:
    """Payer, helper, costs, donated, deposited, office, hours."""
    due = one.due
    return (
        due.payer_yen,
        due.person_yen,
        due.costs_yen,
        due.donated_yen,
        due.deposited_yen,
        due.office_yen,
        one.units,
    )


@pytest.mark.parametrize(
    ("code", "given", "pairs", "old", "new"),
    [
        # the office's part grows
        (
            "paid-invoice",
            {"activity": "garden"},
            (("paid_yen = 650", "paid_yen = 600"), ("office_yen = 150", "office_yen = 200")),
            (2000, 1700, 0, 0, 0, 300, 0),
            (2000, 1600, 0, 0, 0, 400, 0),
        ),
        # one activity becomes dearer
        (
            "paid-invoice",
            {"activity": "errand"},
            (("errand = 600", "errand = 700"),),
            (1200, 900, 0, 0, 0, 300, 0),
            (1400, 1100, 0, 0, 0, 300, 0),
        ),
        # the payer's choice is held to the new range, and more is given to the office
        (
            "paid-cash",
            {"chosen_yen": 900},
            (("most_yen = 1000", "most_yen = 800"), ("percent = 20", "percent = 50")),
            (1800, 1200, 0, 300, 0, 300, 0),
            (1600, 650, 0, 650, 0, 300, 0),
        ),
        # half of it becomes hours; 650 yen are 60 minutes
        (
            "paid-passbook",
            {"costs_yen": 500},
            (("share_percent = 30", "share_percent = 50"),),
            (2100, 1410, 500, 0, 390, 300, 36),
            (2100, 1150, 500, 0, 650, 300, 60),
        ),
        # costs beyond the new limit are left out
        (
            "paid-passbook",
            {"costs_yen": 900},
            (("costs_most_yen = 1000", "costs_most_yen = 300"),),
            (2500, 1810, 900, 0, 390, 300, 36),
            (1900, 1210, 300, 0, 390, 300, 36),
        ),
    ],
)
def test_yen_of_every_settlement(towns, code, given, pairs, old, new):
    town = towns.kita.id
    helped, helper = pair(town, code, "time-deposit")
    if code == "paid-passbook":
        fill(helped, code, 5_000)
    one = write_down(helper, helped, code, **given)
    before = wallet(helper, code), wallet(helped, code)
    found = tried(town, code, *pairs)
    assert shares(found.old) == old == (*_recorded(one), found.old.units), "as it really was"
    assert shares(found.new) == new
    (mine,) = found.people
    assert (mine.person, mine.difference_yen) == (helper, new[1] - old[1])
    assert mine.difference_units == new[6] - old[6]
    assert (wallet(helper, code), wallet(helped, code)) == before, "only tried"


def _recorded(one: PaidHelp) -> tuple[int, ...]:
    return (
        one.payer_yen,
        one.person_yen,
        one.costs_yen,
        one.donated_yen,
        one.deposited_yen,
        one.office_yen,
    )


def test_what_had_to_be_taken_is_said_with_the_rule(towns):
    town = towns.kita.id
    helped, helper = pair(town, "paid-cash")
    write_down(helper, helped, "paid-cash", chosen_yen=900)
    (line,) = tried(town, "paid-cash", ("most_yen = 1000", "most_yen = 800")).differing
    assert "選べる額にいちばん近い800円で試しました" in line.why
    assert "1時間ごとに800円と決めたので" in line.why and "事務局への寄付に" in line.why


def test_help_that_the_new_rules_do_not_know_comes_to_nothing(towns):
    town = towns.kita.id
    helped, helper = pair(town, "paid-invoice")
    write_down(helper, helped, "paid-invoice", activity="garden")
    write_down(helper, helped, "paid-invoice", activity="errand", hour=14)
    write_down(helper, helped, "paid-invoice", activity="errand", hour=16, minutes=60)
    found = tried(
        town,
        "paid-invoice",
        ('garden = "庭の手入れ"\n', ""),
        ("garden = 1000\n", ""),
        ("minutes = 60\nunits = 1", "minutes = 60\nunits = 1\nat_least_minutes = 90"),
    )
    assert (found.old.times, found.old.refused) == (3, 0)
    assert (found.new.times, found.new.refused) == (1, 2)
    garden, short = (one for one in found.lines if one.new.refused)
    assert "この制度で決めた活動から" in garden.why and garden.activity == "庭の手入れ"
    assert "90分に足りない" in short.why
    assert [one.minutes for one in found.lines if not one.differs] == [120]
    (mine,) = found.people
    assert mine.difference_yen == -1700 - 450


def test_who_could_not_spend_any_more_is_refused(towns):
    town = towns.kita.id
    helped, helper = pair(town, "paid-passbook", "time-deposit")
    fill(helped, "paid-passbook", 5_000)
    write_down(helper, helped, "paid-passbook")
    spenders = '[spenders]\nrelation = ["lives"]\n\n[[spenders.any_of]]\ninsured = "first"\n\n'
    found = tried(town, "paid-passbook", ("[earning]", spenders + "[earning]"))
    (line,) = found.differing
    assert "使える人は" in line.new.refused and found.new.due.payer_yen == 0


def test_hours_that_nobody_keeps_are_refused(towns):
    town = towns.kita.id
    helped, helper = pair(town, "paid-invoice")
    write_down(helper, helped, "paid-invoice", activity="garden")
    share = 'share = "part_deposited"\nshare_percent = 30\ndeposit_in = "time-deposit"'
    pairs = (('share = "person"', share),)
    assert "この町にありません" in tried(town, "paid-invoice", *pairs).lines[0].new.refused
    install(town, "time-deposit")
    found = tried(town, "paid-invoice", *pairs)
    assert (found.new.units, found.hours_unit, found.new.refused) == (47, "分", 0)


@pytest.fixture
def okinawa(towns):
    """A town of a prefecture that is in the table of minimum wages."""
    Municipality.objects.filter(pk=towns.kita.id).update(prefecture="沖縄県")


def test_the_minimum_wage_is_named_where_it_is_newly_reached(towns, okinawa):
    town = towns.kita.id
    helped, helper = pair(town, "paid-invoice")
    for hour, activity in ((9, "garden"), (13, "errand")):
        write_down(helper, helped, "paid-invoice", day=SUMMER, hour=hour, activity=activity)
    write_down(helper, helped, "paid-invoice", activity="garden", minutes=119)
    dear = tried(town, "paid-invoice", ("garden = 1000", "garden = 1500"))
    (line,) = dear.warned
    assert line.activity == "庭の手入れ" and "最低賃金をこえています" in line.wage[0]
    assert not tried(town, "paid-invoice", ("garden = 1000", "garden = 900")).warned


def test_what_was_above_the_wage_before_is_no_news(towns, okinawa):
    town = towns.kita.id
    dear = changed(preset("paid-invoice"), ("garden = 1000", "garden = 1450"))
    helped, helper = pair(town)
    install(town, "paid-invoice", document=dear)
    write_down(helper, helped, "paid-invoice", activity="garden")
    assert not tried(town, "paid-invoice", ("garden = 1450", "garden = 1500"), text=dear).warned


def test_struck_out_help_other_years_and_other_towns_do_not_count(towns):
    town = towns.kita.id
    helped, helper = pair(town, "paid-invoice")
    void(write_down(helper, helped, "paid-invoice", activity="garden"))
    write_down(helper, helped, "paid-invoice", activity="garden", day=date(2026, 3, 20))
    others = pair(towns.midori.id, "paid-invoice")
    write_down(others[1], others[0], "paid-invoice", activity="garden")
    assert tried(town, "paid-invoice").is_empty
    assert tried(towns.midori.id, "paid-invoice").old.times == 1


def test_invoice_becomes_cash_with_hours(towns):
    """Both documents settle differently; what is deposited is whole units, the rest is theirs."""
    town = towns.kita.id
    helped, helper = pair(town, "time-deposit")
    install(town, "paid-both", document=INVOICE_DEPOSIT)
    write_down(helper, helped, "paid-both", activity="garden")
    found = tried(
        town,
        "paid-both",
        ('settlement = "invoice"', 'settlement = "cash"'),
        ("share_percent = 30", "share_percent = 10"),
        text=INVOICE_DEPOSIT,
    )
    assert shares(found.old) == (2000, 1190, 0, 0, 510, 300, 47)
    assert shares(found.new) == (2000, 1537, 0, 0, 163, 300, 15)


# --- pieces ---------------------------------------------------------------------------------------


def test_tickets_that_were_sold_handed_and_cashed(towns):
    town = towns.kita.id
    helped, helper = pair(town, "ticket")
    fill(helped, "ticket", 10)
    write_down(helper, helped, "ticket", minutes=180)
    hand(helped, helper, "ticket", 2)
    price = (
        ("bought_yen = 800", "bought_yen = 900"),
        ("office_yen = 150", "office_yen = 250"),
    )
    found = tried(town, "ticket", *price)
    assert (found.old.due.pieces, found.new.due.pieces) == (5, 5)
    assert shares(found.old)[:2] == (4000, 3250) and found.old.due.office_yen == 750
    assert shares(found.new)[:2] == (4500, 3250) and found.new.due.office_yen == 1250
    (sold,) = found.traded
    assert (sold.count, sold.old, sold.new, sold.difference) == (10, 8000, 9000, 1000)
    assert {one.person: one.bought_difference_yen for one in found.people} == {
        helper: 0,
        helped: 1000,
    }
    longer = tried(town, "ticket", ("minutes = 60", "minutes = 120"))
    assert longer.new.due.pieces == 2, "180 minutes are one, two hours by hand are one"


def test_a_programme_of_tickets_that_were_only_sold_has_its_answer(towns):
    town = towns.kita.id
    helped, _ = pair(town, "ticket")
    fill(helped, "ticket", 10)
    found = tried(
        town,
        "ticket",
        ("bought_yen = 800", "bought_yen = 750"),
        ("office_yen = 150", "office_yen = 100"),
    )
    assert not found.is_empty and not found.lines
    assert [one.difference for one in found.traded] == [-500]
    assert [one.bought_difference_yen for one in found.people] == [-500]


def hand(giver, receiver, code: str, amount: int) -> Movement:
    with tenant(giver.municipality_id):
        return services.units_hand(
            uid=new_id(),
            programme_code=code,
            giver=giver,
            receiver_number=receiver.number,
            amount=amount,
            use="help",
        )


def test_notes_of_an_exchange_follow_the_length_they_were_due_for(towns):
    town = towns.kita.id
    helped, helper = pair(town, "exchange")
    fill(helped, "exchange", 20)
    hand(helped, helper, "exchange", 6)
    found = tried(town, "exchange", ("units = 3", "units = 4"), ("yen = 100", "yen = 80"))
    assert (found.old.due.pieces, found.old.due.person_yen) == (6, 600)
    assert (found.new.due.pieces, found.new.due.person_yen) == (8, 640)
    assert [(one.old, one.new) for one in found.traded] == [(2000, 1600)]
    assert "8枚になります（640円）" in found.differing[0].why
    assert not tried(town, "exchange").differing


def test_time_that_was_lent_is_refused_beyond_the_new_limit(towns):
    town = towns.kita.id
    helped, helper = pair(town, "time")
    for person in (helped, helper):
        with tenant(town):
            services.circulation_start(
                programme_code="time", person=person, by=make_officer(town), basis="paper"
            )
    hand(helped, helper, "time", 90)
    hand(helped, helper, "time", 60)
    found = tried(town, "time", ("lent_most = 120", "lent_most = 60"), ("units = 60", "units = 30"))
    assert [one.due.pieces for one in (found.old, found.new)] == [150, 90]
    (line,) = found.differing
    assert "前貸しの上限（1時間）をこえる" in line.why
    (started,) = found.traded
    assert (started.count, started.measure, started.old, started.new) == (2, "人", 120, 60)
    (mine,) = found.people
    assert mine.difference_pieces == -60


def test_a_time_deposit_keeps_hours_of_what_was_recorded(towns):
    town = towns.kita.id
    _, helper = pair(town, "time-deposit")
    record(helper, "time-deposit", DAY, hours=2, activity="", host="")
    record(helper, "time-deposit", DAY - timedelta(days=1), hours=1, activity="", host="")
    found = tried(
        town,
        "time-deposit",
        ("units = 1\n", "units = 1\nat_least_minutes = 90\n"),
        ("yen = 650", "yen = 600"),
        ("office_yen = 150", "office_yen = 200"),
    )
    assert shares(found.old) == (2400, 0, 0, 0, 1950, 450, 180)
    assert shares(found.new) == (1600, 0, 0, 0, 1200, 400, 120)
    assert "1時間30分に足りない" in found.differing[0].why
    assert [one.difference_units for one in found.people] == [-60]
