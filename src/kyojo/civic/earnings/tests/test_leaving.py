"""Who moves away, leaves or dies is settled with whole: what stands open, papers, what was lent,
whom it is given to; and a membership ends only when nothing is left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connections

from kyojo.civic.earnings import circulation_selectors, open_selectors, selectors, services
from kyojo.civic.earnings.errors import HelpMemberGone, PaperNotTheirs, PayeeNeeded, StillOpen
from kyojo.civic.earnings.models import PaperTicket, Redemption
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.errors import BasisMissing
from kyojo.civic.people.models import Act
from kyojo.civic.people.testing import FUMI, JUN, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger.check import check

from .paid_cast import NOW, fill, pair, wallet, write_down
from .test_unpaying import ask, billed, confirm, pay, second

APRIL = date(2026, 4, 6)
FEE = '\n[[fees]]\nname = "年会費"\nyen = 1000\neach = "year"\n'


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


def settle(person, event="leaving", uid=None, **given):
    with tenant(person.municipality_id):
        return services.leaving_settle(
            uid=uid or new_id(),
            person=person,
            event=event,
            by=make_officer(person.municipality_id),
            **given,
        )


def plan(person, event="leaving", **given):
    with tenant(person.municipality_id):
        return services.leaving_plan(person=person, event=event, **given)


def standing_open(person, without: str = "fee") -> list[str]:
    with tenant(person.municipality_id):
        kinds = [one.kind for one in open_selectors.open_items(person)]
    return [kind for kind in kinds if kind != without]


def end(person, event="leaving", basis="counter", by=None):
    with tenant(person.municipality_id):
        return services.membership_end(
            person=person,
            event=event,
            basis=basis,
            by=by or make_officer(person.municipality_id),
        )


def hand(giver, receiver, amount) -> None:
    with tenant(giver.municipality_id):
        services.units_hand(
            uid=new_id(),
            programme_code="gratitude",
            giver=giver,
            receiver_number=receiver.number,
            amount=amount,
            use="help",
        )


def printed(person, amount) -> list[int]:
    with tenant(person.municipality_id):
        made = services.papers_print(
            uid=new_id(),
            programme_code="ticket",
            person=person,
            amount=amount,
            by=make_officer(person.municipality_id),
        )
        return [one.number for one in circulation_selectors.papers_printed(made)]


# --- what stands open -----------------------------------------------------------------------------


def test_paid_help_is_put_in_order_step_by_step(towns):
    """Both sides of one help: who pays is stopped, who is paid waits and is settled once more."""
    town = towns.midori.id
    fumi, ken = pair(town, "paid-invoice")
    other = second(town)
    write_down(ken, fumi, "paid-invoice", activity="garden")
    assert (standing_open(fumi), standing_open(ken)) == (["unbilled"], ["awaited"])
    invoice = billed(town)
    assert (standing_open(fumi), standing_open(ken)) == (["invoice"], ["awaited"])
    for person in (fumi, ken):
        with pytest.raises(StillOpen):
            end(person)
    pay(invoice)
    assert (standing_open(fumi), standing_open(ken)) == ([], [])
    asked = ask(invoice)
    # what he was given for it may have to go back: he is not paid out meanwhile
    assert (standing_open(fumi), standing_open(ken)) == (["returning"], ["returning"])
    assert [one.waits for one in plan(ken)] == [True]
    confirm(asked, other)
    assert standing_open(fumi) == ["invoice"]
    pay(invoice, reference="入金 4")
    with pytest.raises(StillOpen) as said:
        end(ken)
    assert "残っている分の精算" in said.value.message()
    [paid_out] = settle(ken, payee=PAYEE)
    assert (paid_out.way, paid_out.amount, standing_open(ken)) == ("pay_out", 1_700, ["asked"])
    with tenant(town):
        services.redemption_approve(uid=paid_out.redemption_uid, by=other)
    assert standing_open(ken) == ["approved"]
    with pytest.raises(StillOpen) as said:
        end(ken)
    assert "払い終わっていない申請" in said.value.message()
    with tenant(town):
        services.redemption_done(uid=paid_out.redemption_uid, reference="総振 1", by=other)
    for _ in range(2):
        assert end(ken).left_at is not None
    with tenant(town):
        assert Act.objects.filter(action="person_leave").count() == 1
    with pytest.raises(HelpMemberGone):
        write_down(ken, fumi, "paid-invoice", activity="garden", hour=15)
    for code in ("ticket", "time"):
        install(town, code)
    with pytest.raises(HelpMemberGone):  # a page that was open still
        fill(ken, "ticket", 1)
    with tenant(town), pytest.raises(HelpMemberGone):
        services.circulation_start(programme_code="time", person=ken)
    assert (wallet(ken, "ticket"), wallet(ken, "time")) == (0, 0)


def test_only_what_is_free_is_settled_now(towns):
    """Who owes in one programme is not paid out there; the others are settled in the same press."""
    town = towns.midori.id
    fumi, ken = pair(town, "paid-invoice", "ticket")
    write_down(fumi, ken, "paid-invoice", activity="garden")
    pay(billed(town))
    write_down(ken, fumi, "paid-invoice", activity="clean", hour=15)
    fill(fumi, "ticket", 2)
    assert {one.programme_code: one.waits for one in plan(fumi)} == {
        "paid-invoice": True,
        "ticket": False,
    }
    uid = new_id()
    for _ in range(2):
        [one] = settle(fumi, uid=uid, payee=PAYEE)
        assert (one.programme_code, one.way) == ("ticket", "pay_out")
    assert (wallet(fumi, "paid-invoice"), wallet(fumi, "ticket")) == (1_700, 0)
    pay(billed(town), reference="入金 8")
    assert [one.programme_code for one in settle(fumi, uid=uid, payee=PAYEE)] == ["ticket"]
    assert [one.programme_code for one in settle(fumi, payee=PAYEE)] == ["paid-invoice"]
    assert wallet(fumi, "paid-invoice") == 0


def test_one_who_leaves_is_billed_alone(towns):
    town = towns.midori.id
    fumi, ken = pair(town, "paid-invoice")
    write_down(ken, fumi, "paid-invoice", activity="garden")
    write_down(fumi, ken, "paid-invoice", activity="garden", hour=15)
    with tenant(town):
        for made in (1, 0):
            found = services.invoices_issue(
                programme_code="paid-invoice",
                month=NOW.date(),
                due_on=NOW.date() + timedelta(days=14),
                person=fumi,
                by=make_officer(town),
            )
            assert [one.person_id for one in found] == [fumi.pk] * made
    assert sorted(standing_open(fumi)) == ["awaited", "invoice"]
    assert sorted(standing_open(ken)) == ["awaited", "unbilled"]


def test_a_fee_that_is_not_paid_is_shown_and_stops_nothing(towns):
    town = towns.midori.id
    install(town, "ticket", document=preset("ticket") + FEE)
    fumi, other = make_supporter(town, FUMI), second(town)
    assert standing_open(fumi, "") == []  # who never took part owes no fee
    fill(fumi, "ticket", 1)
    assert standing_open(fumi, "") == ["fee"]
    [one] = settle(fumi, payee=PAYEE)
    with tenant(town):
        services.redemption_approve(uid=one.redemption_uid, by=other)
        services.redemption_done(uid=one.redemption_uid, reference="総振 1", by=other)
    assert end(fumi).left_at is not None


# --- papers and what was lent ---------------------------------------------------------------------


def test_tickets_that_come_back_are_refunded_with_the_rest(towns, as_owner):
    town = towns.midori.id
    fumi, ken = pair(town, "ticket")
    fill(fumi, "ticket", 4)
    first, second_one, third = printed(fumi, 3)
    assert standing_open(fumi) == ["paper"] * 3
    papers = [("ticket", first), ("ticket", second_one)]
    [seen] = plan(fumi, papers=papers)
    assert (seen.way, seen.amount) == ("pay_out", 3)
    uid = new_id()
    with pytest.raises(PayeeNeeded):
        settle(fumi, uid=uid, papers=papers)
    for strange in ([("ticket", 99)], [("yokohama", first)]):
        with pytest.raises(PaperNotTheirs):
            settle(fumi, uid=uid, papers=strange, payee=PAYEE)
    with pytest.raises(PaperNotTheirs):
        settle(ken, papers=papers[:1], payee=PAYEE)
    assert (wallet(fumi, "ticket"), standing_open(fumi)) == (1, ["paper"] * 3)
    for _ in range(2):
        [one] = settle(fumi, uid=uid, papers=papers, payee=PAYEE)
        assert (one.way, one.amount) == ("pay_out", 3)
    with tenant(town):
        assert Redemption.objects.get().value_yen == 3 * 650
        # The third was handed to けん: it is theirs, whoever it was printed for.
        services.paper_take_in(
            uid=new_id(),
            programme_code="ticket",
            token_or_number=str(third),
            person=ken,
            by=make_officer(town),
        )
        assert set(PaperTicket.objects.values_list("state", flat=True)) == {"in"}
    assert (wallet(ken, "ticket"), standing_open(fumi)) == (1, ["asked"])
    with as_owner():
        assert check(ledgers=[town]) == []


def test_what_was_lent_goes_back_before_anything_else(towns, as_owner):
    town = towns.midori.id
    lending = "\n[circulation]\nstart_units = 1\nlent_most = 4\n"
    install(town, "gratitude", document=preset("gratitude") + lending)
    fumi, ken, jun = (make_supporter(town, who) for who in (FUMI, KEN, JUN))
    for giver, amount in ((fumi, 2), (ken, 4)):
        hand(giver, jun, amount)
    for day in range(3):
        record(fumi, "gratitude", APRIL + timedelta(days=day), activity="any", host="")
    assert (standing_open(fumi), standing_open(ken)) == (["lent"], ["lent"])
    [seen] = plan(fumi, "death")
    assert (seen.way, seen.amount, seen.returned) == ("lapse", 1, 2)
    [kept] = plan(fumi)  # what is kept is left alone, and so is what was lent
    assert (kept.way, kept.amount, kept.returned) == ("keep", 3, 0)
    uid = new_id()
    for _ in range(2):
        [one] = settle(fumi, "death", uid=uid)
        assert (one.amount, one.returned) == (1, 2)
    assert (wallet(fumi, "gratitude"), standing_open(fumi)) == (0, [])
    assert settle(ken, "death") == []  # who has nothing is asked for nothing
    assert end(ken, "death").left_at is not None
    with as_owner():
        assert check(ledgers=[town]) == []


# --- the end --------------------------------------------------------------------------------------


def test_who_leaves_of_their_own_will_keeps_the_standing(towns):
    town = towns.midori.id
    install(town, "yokohama")
    fumi = make_supporter(town, FUMI)
    stand(fumi)
    record(fumi, "yokohama", date(2026, 4, 6))
    with pytest.raises(StillOpen):
        end(fumi, "quitting")
    [one] = settle(fumi, "quitting")
    assert (one.rule, one.way) == ("expiry.on_leaving", "lapse")
    with tenant(town):
        assert selectors.standings([fumi.pk])[fumi.pk][-1].lives
        assert Act.objects.filter(action="points_quitting").count() == 1
    assert end(fumi, "quitting").left_at is not None


def test_what_ended_by_itself_does_not_lapse_again_on_leaving(towns, as_owner):
    """Units of last year that no night has swept yet go back by the sweep, not by the leaving."""
    town = towns.midori.id
    document = preset("exchange").replace("earned_years = 1", "earned_years = 0")
    install(town, "exchange", document=document.replace('"pay_out"', '"lapse"'))
    fumi = make_supporter(town, FUMI)
    fill(fumi, "exchange", 7)
    with clock.frozen(clock.at(date(2027, 4, 1), 9)):
        fill(fumi, "exchange", 3)
        [lapsed] = settle(fumi)
        assert (lapsed.way, lapsed.amount, wallet(fumi, "exchange")) == ("lapse", 3, 0)
        with tenant(town):
            entries = selectors.statement(selectors.ruled("exchange").programme, fumi)
        assert [one.change for one in entries] == [-3, 3, 7]
    with as_owner():
        assert check(ledgers=[town]) == []


def test_what_is_kept_by_the_rules_does_not_hold_anybody_back(towns):
    town = towns.midori.id
    kept = preset("yokohama").replace("earned_years = 1", 'earned_years = 1\non_leaving = "keep"')
    install(town, "yokohama", document=kept)
    fumi = make_supporter(town, FUMI)
    stand(fumi)
    record(fumi, "yokohama", date(2026, 4, 6))
    with pytest.raises(StillOpen):
        end(fumi, "death")  # by the rule of death it lapses: that is settled first
    assert end(fumi).left_at is not None
    assert wallet(fumi, "yokohama") == 200


def test_the_end_is_for_staff_of_the_town_with_a_basis(towns):
    town, far = towns.midori.id, towns.kita.id
    fumi = make_supporter(town, FUMI)
    for error, given in (
        (BasisMissing, {"basis": ""}),
        (NotFound, {"by": make_officer(far)}),
        (NotFound, {"by": fumi.user}),
    ):
        with pytest.raises(error):
            end(fumi, **given)
    with tenant(far), pytest.raises(NotFound):
        services.membership_end(person=fumi, event="leaving", basis="phone", by=make_officer(far))
    with tenant(town):
        fumi.refresh_from_db()
        assert fumi.left_at is None and not Act.objects.filter(action="person_leave").exists()


def test_help_written_down_at_the_same_moment_is_not_left_behind(towns):
    """Either the help stands and the membership stays, or the membership ended first."""
    town = towns.midori.id
    fumi, ken = pair(town, "paid-invoice")
    by, barrier = make_officer(town), Barrier(2)

    def press(number):
        try:
            with clock.frozen(NOW):
                barrier.wait()
                if number:
                    return write_down(ken, fumi, "paid-invoice", activity="garden", by=by).state
                return "left" if end(fumi, by=by).left_at else ""
        except (StillOpen, HelpMemberGone) as refused:
            return type(refused).__name__
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(press, range(2)))
    assert found in (["left", "HelpMemberGone"], ["StillOpen", "open"])
