"""Tickets on paper: printed from what somebody has, brought back by anybody, once."""

from datetime import date

import pytest

from kyojo.civic.earnings import circulation_selectors, selectors, services
from kyojo.civic.earnings.errors import (
    AmountInvalid,
    NotEnough,
    NotOnPaper,
    PaperExpired,
    PaperUnknown,
    PaperUsed,
    PaperVoided,
    ReasonNeeded,
    RecordDiffers,
)
from kyojo.civic.earnings.models import Movement, PaperTicket
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.expiry import coins_lapse
from kyojo.civic.people.models import Act
from kyojo.civic.people.testing import FUMI, JUN, KEN, make_officer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors as ledger

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 18)


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def pair(towns):
    for code in ("ticket", "exchange", "time", "paid-passbook"):
        install(towns.midori.id, code)
    fumi, ken = (make_supporter(towns.midori.id, who) for who in (FUMI, KEN))
    buy(fumi, 5)
    return fumi, ken


def buy(person, amount, code="ticket"):
    with tenant(person.municipality_id):
        services.units_buy(
            uid=new_id(),
            programme_code=code,
            person=person,
            amount=amount,
            reference="領収 31",
            by=make_officer(person.municipality_id),
        )


def printed(person, amount, code="ticket", uid=None):
    with tenant(person.municipality_id):
        movement = services.papers_print(
            uid=uid or new_id(),
            programme_code=code,
            person=person,
            amount=amount,
            by=make_officer(person.municipality_id),
        )
        return circulation_selectors.papers_printed(movement)


def bring(person, paper, code="ticket", uid=None):
    with tenant(person.municipality_id):
        return services.paper_take_in(
            uid=uid or new_id(),
            programme_code=code,
            token_or_number=paper,
            person=person,
            by=make_officer(person.municipality_id),
        )


def void(town, number, reason="落としたと電話があった"):
    with tenant(town):
        return services.paper_void(
            programme_code="ticket", number=number, reason=reason, by=make_officer(town)
        )


def has(person, code="ticket"):
    with tenant(person.municipality_id):
        return selectors.wallet(selectors.ruled(code).programme, person).available


def issued(town, code="ticket"):
    with tenant(town):
        issuer = selectors.ruled(code).programme.issuer_account
        return -ledger.balance(ledger=town, account=issuer).posted


def states(town):
    with tenant(town):
        return [(one.number, one.state) for one in PaperTicket.objects.order_by("number")]


def test_from_units_to_papers_and_back_to_whoever_brings_them(pair):
    fumi, ken = pair
    town = fumi.municipality_id
    first, second, third = printed(fumi, 3)
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert len({one.token for one in (first, second, third)}) == 3
    assert (has(fumi), has(ken), issued(town)) == (2, 0, 5)
    bring(ken, first.token)
    bring(ken, "０００２番")
    bring(fumi, f" {third.token} ")
    assert (has(fumi), has(ken), issued(town)) == (3, 2, 5)
    assert states(town) == [(1, "in"), (2, "in"), (3, "in")]
    [fourth] = printed(ken, 1)
    assert fourth.number == 4


def test_each_order_is_done_once_and_another_under_its_id_is_refused(pair):
    fumi, ken = pair
    uid = new_id()
    papers = printed(fumi, 2, uid=uid)
    assert printed(fumi, 2, uid=uid) == papers
    with pytest.raises(RecordDiffers):
        printed(fumi, 1, uid=uid)
    uid = new_id()
    bring(ken, papers[0].token, uid=uid)
    bring(ken, "1", uid=uid)
    for person, paper in ((ken, papers[1].token), (fumi, papers[0].token)):
        with pytest.raises(RecordDiffers):
            bring(person, paper, uid=uid)
    assert (has(fumi), has(ken)) == (3, 1)


def test_a_ticket_is_taken_once(pair):
    fumi, ken = pair
    [paper] = printed(fumi, 1)
    bring(ken, paper.token)
    for person in (fumi, ken):
        with pytest.raises(PaperUsed) as refused:
            bring(person, "1")
        assert "1番の券は、2026年11月20日に受け取りずみです" in refused.value.message()
    with pytest.raises(PaperUsed):
        void(fumi.municipality_id, 1)
    assert (has(fumi), has(ken)) == (4, 1)


def test_a_lost_ticket_is_void_and_its_unit_is_unmade(pair):
    fumi, ken = pair
    town = fumi.municipality_id
    printed(fumi, 2)
    for reason in ("", "  ", "x" * 151):
        with pytest.raises(ReasonNeeded):
            void(town, 1, reason)
    with pytest.raises(PaperUnknown):
        void(town, 9)
    assert issued(town) == 5
    void(town, 1)
    void(town, 1)
    assert (issued(town), has(fumi), states(town)) == (4, 3, [(1, "void"), (2, "out")])
    with pytest.raises(PaperVoided):
        bring(ken, "1")
    assert has(ken) == 0
    with tenant(town):
        [act] = Act.objects.filter(action="paper_voided")
        assert act.note == "1 落としたと電話があった"


def test_what_cannot_be_printed_or_taken_moves_nothing(pair, towns):
    fumi, ken = pair
    [paper] = printed(fumi, 1)
    abroad = make_supporter(towns.kita.id, JUN)
    install(towns.kita.id, "ticket")
    with tenant(fumi.municipality_id):
        before = Movement.objects.count()
    for error, call in (
        (NotEnough, lambda: printed(fumi, 5)),
        (AmountInvalid, lambda: printed(fumi, 0)),
        (AmountInvalid, lambda: printed(fumi, 101)),
        (NotOnPaper, lambda: printed(fumi, 1, "time")),
        (NotOnPaper, lambda: printed(fumi, 1, "paid-passbook")),
        (NotFound, lambda: printed(fumi, 1, "nothing")),
        (PaperUnknown, lambda: bring(ken, "2")),
        (PaperUnknown, lambda: bring(ken, "")),
        (PaperUnknown, lambda: bring(ken, paper.token.swapcase())),
        (PaperUnknown, lambda: bring(ken, paper.token, "exchange")),
        (PaperUnknown, lambda: bring(abroad, paper.token)),
        (NotOnPaper, lambda: bring(ken, "1", "time")),
    ):
        with pytest.raises(error):
            call()
    with tenant(fumi.municipality_id):
        assert Movement.objects.count() == before
    assert (has(fumi), has(ken)) == (4, 0)


def test_a_paper_keeps_its_last_day_and_ends_like_what_is_not_on_paper(pair):
    fumi, ken = pair
    town = fumi.municipality_id
    buy(fumi, 2, "exchange")
    first, _second = printed(fumi, 2, "exchange")
    with clock.frozen(clock.at(date(2028, 3, 31), 23)):
        bring(ken, first.token, "exchange")
        assert has(ken, "exchange") == 1
    with clock.frozen(clock.at(date(2028, 4, 1), 0)):
        assert has(ken, "exchange") == 0
        for swept in (False, True):
            if swept:
                assert coins_lapse(municipality_id=town) == 2
            with pytest.raises(PaperExpired) as refused:
                bring(ken, "2", "exchange")
            assert "2番の券は、2028年3月31日で期限が切れました" in refused.value.message()
    assert issued(town, "exchange") == 0
