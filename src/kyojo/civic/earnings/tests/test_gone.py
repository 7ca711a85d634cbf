"""Paid help of people who left or were forgotten since, and rules that change in the meantime."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import services
from kyojo.civic.earnings.errors import HelpForgotten
from kyojo.civic.earnings.testing import PAYEE, install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.expiry import accounts_close
from kyojo.civic.people.forgetting import coins_forget
from kyojo.civic.people.services import person_leave
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.errors import UnitFixed
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger.check import check

from .paid_cast import NOW, fill, pair, seen, void, wallet, write_down


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


def billed(town):
    with tenant(town):
        [invoice] = services.invoices_issue(
            programme_code="paid-invoice",
            month=NOW.date(),
            due_on=NOW.date() + timedelta(days=30),
            by=make_officer(town),
        )
    return invoice


def paid(invoice) -> str:
    with tenant(invoice.municipality_id):
        done = services.invoice_paid(
            uid=invoice.uid,
            paid_on=NOW.date(),
            reference="入金 3",
            by=make_officer(invoice.municipality_id),
        )
    return done.state


def all_paid_out(person, code: str) -> None:
    with tenant(person.municipality_id):
        asked = services.redemption_ask(
            uid=new_id(),
            programme_code=code,
            person=person,
            use="cash",
            amount=wallet(person, code),
            payee=PAYEE,
        )
        services.redemption_approve(uid=asked.uid, by=make_officer(person.municipality_id))


def test_an_invoice_is_paid_after_the_helper_left(towns, as_owner):
    town = towns.midori.id
    fumi, ken = pair(town, "paid-invoice", "ticket")
    write_down(ken, fumi, "paid-invoice", activity="clean")
    assert paid(billed(town)) == "paid"
    all_paid_out(ken, "paid-invoice")
    write_down(ken, fumi, "paid-invoice", activity="clean", hour=14)
    invoice = billed(town)
    fill(fumi, "ticket", 2)
    wrong = write_down(ken, fumi, "ticket", hour=16)
    with tenant(town):
        person_leave(person=ken)
        person_leave(person=fumi)
    accounts_close(municipality_id=town)
    assert (paid(invoice), wallet(ken, "paid-invoice")) == ("paid", 1_300)
    assert (void(wrong).state, wallet(fumi, "ticket"), wallet(ken, "ticket")) == ("void", 2, 0)
    with as_owner():
        assert check(ledgers=[town]) == []


@pytest.mark.parametrize("forgotten", ["helper", "helped"])
@pytest.mark.parametrize("code", ["ticket", "paid-passbook", "paid-invoice"])
def test_help_whose_money_can_not_be_found_any_more_stands(towns, as_owner, code, forgotten):
    """It is struck out only where everything goes back to whom it came from."""
    town = towns.midori.id
    fumi, ken = pair(town, code, "time-deposit")
    if code == "paid-invoice":
        one = write_down(ken, fumi, code, activity="clean")
        assert paid(billed(town)) == "paid"
    else:
        fill(fumi, code, 2 if code == "ticket" else 1_600)
        one = write_down(ken, fumi, code)
    if code == "ticket" and forgotten == "helper":  # the account is empty, and closed
        write_down(fumi, ken, code, hour=14)
    coins_forget(person=ken if forgotten == "helper" else fumi)
    before = wallet(fumi, code), wallet(ken, code)
    if code == "paid-invoice" and forgotten == "helped":  # nothing of theirs had moved
        assert (void(one).state, wallet(ken, code)) == ("void", 0)
    else:
        with pytest.raises(HelpForgotten):
            void(one)
        assert (seen(one).state, wallet(fumi, code), wallet(ken, code)) == ("settled", *before)
    with as_owner():
        assert check(ledgers=[town]) == []


def test_tickets_do_not_become_yen(towns):
    """Ten tickets of 800 yen each would be ten yen in a passbook."""
    town = towns.midori.id
    fumi, _ = pair(town, "ticket")
    fill(fumi, "ticket", 10)
    passbook = preset("paid-passbook").replace('"paid-passbook"', '"ticket"')
    stamps = preset("ticket").replace('= "枚"', '= "個"')
    exchange = preset("exchange").replace('code = "exchange"', 'code = "ticket"')
    exchange = exchange.replace('currency = "exchange"', 'currency = "ticket"')
    for document in (passbook, stamps, exchange):
        with pytest.raises(UnitFixed) as refused:
            install(town, "ticket", since=date(2027, 4, 1), document=document)
        assert "「枚」のままに" in refused.value.message()
    dearer = preset("ticket").replace("bought_yen = 800", "bought_yen = 850")
    dearer = dearer.replace("office_yen = 150", "office_yen = 200")
    install(town, "ticket", since=date(2027, 4, 1), document=dearer)
