"""A payment on the wrong invoice is taken back whole, by two officers, or becomes another's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connections

from kyojo.civic.earnings import paid_selectors, services
from kyojo.civic.earnings.errors import (
    InvoicePaidDayInvalid,
    OwnPaymentReturn,
    PaymentMoveUnfit,
    PaymentNotThere,
    PaymentReturnDecided,
    PaymentReturnWaiting,
    PaymentUsed,
    ReasonNeeded,
    RecordDiffers,
)
from kyojo.civic.earnings.models import Invoice, PaymentReturn
from kyojo.civic.earnings.testing import PAYEE, install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, User
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.civic.people.testing import make_officer
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger.check import check

from .paid_cast import INVOICE_DEPOSIT, NOW, pair, seen, void, wallet, write_down

CODE = "paid-invoice"
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


def second(town) -> User:
    """Another officer of the town."""
    with tenant(town):
        user = user_create(email=f"second-officer@{town}.example.jp", municipality_id=town)
        staff_role_add(
            user=user,
            number=f"S-{user.pk}",
            role="officer",
            title="課長",
            name="凪 みお",
            name_kana="ナギ ミオ",
        )
    return user


def billed(town, code=CODE, month=TODAY) -> Invoice:
    with tenant(town):
        [invoice] = services.invoices_issue(
            programme_code=code,
            month=month,
            due_on=TODAY + timedelta(days=30),
            by=make_officer(town),
        )
    return invoice


def pay(invoice, reference="入金 3", paid_on=TODAY) -> Invoice:
    town = invoice.municipality_id
    with tenant(town):
        return services.invoice_paid(
            uid=invoice.uid, paid_on=paid_on, reference=reference, by=make_officer(town)
        )


def ask(invoice, *, uid=None, reason="ほかの月の入金でした", moved_to=None, by=None):
    town = invoice.municipality_id
    with tenant(town):
        return services.payment_return_ask(
            uid=uid or new_id(),
            invoice_uid=invoice.uid,
            reason=reason,
            moved_to=moved_to.uid if moved_to else None,
            by=by or make_officer(town),
        )


def confirm(asked, by):
    with tenant(asked.municipality_id):
        return services.payment_return_confirm(uid=asked.uid, by=by)


def now(invoice) -> Invoice:
    with tenant(invoice.municipality_id):
        return paid_selectors.invoice_by_uid(invoice.uid)


def stood(town) -> list[object]:
    """What a denied step may not change."""
    with tenant(town):
        rows = [list(model.objects.order_by("pk").values()) for model in (Invoice, PaymentReturn)]
        return [*rows, Act.objects.exclude(action="staff_role_add").count()]


@pytest.mark.parametrize("code", [CODE, "paid-both"])
def test_a_payment_is_taken_back_whole_and_can_be_recorded_anew(towns, as_owner, code):
    town = towns.midori.id
    fumi, ken = pair(town, CODE, "time-deposit")
    install(town, "paid-both", document=INVOICE_DEPOSIT)
    helps = [
        write_down(ken, fumi, code, activity="garden"),
        write_down(ken, fumi, code, activity="garden", hour=14),
    ]
    invoice, other = billed(town, code), second(town)
    pay(invoice)
    had = wallet(ken, code), wallet(ken, "time-deposit")
    assert had[0] > 0
    asked = ask(invoice)
    assert (now(invoice).state, wallet(ken, code)) == ("paid", had[0])  # nothing moved yet
    for _ in range(2):
        assert confirm(asked, other).state == "done"
    found = now(invoice)
    assert (found.state, found.paid_on, found.reference, found.decided_by) == (
        "issued",
        None,
        "",
        None,
    )
    assert (wallet(ken, code), wallet(ken, "time-deposit")) == (0, 0)
    assert [seen(one).state for one in helps] == ["billed", "billed"]
    with tenant(town):
        kept = PaymentReturn.objects.get()
        assert (kept.paid_on, kept.reference, kept.decided_by) == (TODAY, "入金 3", other)
        told = Notice.objects.filter(key__startswith="payment_return:")
        assert sorted(one.person_id for one in told) == sorted([fumi.pk, ken.pk, ken.pk])
        acts = Act.objects.filter(action__startswith="payment_return").order_by("pk")
        assert [one.action for one in acts] == ["payment_return_asked", "payment_return_done"]
    for round_ in (2, 3):  # each payment moves for itself, and goes back for itself
        pay(invoice, reference=f"入金 {round_}")
        assert (wallet(ken, code), wallet(ken, "time-deposit")) == had
        confirm(ask(invoice), other)
        assert (wallet(ken, code), wallet(ken, "time-deposit")) == (0, 0)
    pay(invoice, reference="入金 9")
    void(helps[0])
    assert (wallet(ken, code), wallet(ken, "time-deposit")) == (had[0] // 2, had[1] // 2)
    with as_owner():
        assert check(ledgers=[town]) == []


def test_it_becomes_the_payment_of_another_invoice_of_the_same_member(towns, as_owner):
    town = towns.midori.id
    fumi, ken = pair(town, CODE)
    write_down(ken, fumi, CODE, activity="garden", day=date(2026, 10, 7))
    right = billed(town, month=date(2026, 10, 1))
    write_down(ken, fumi, CODE, activity="garden")
    write_down(ken, fumi, CODE, activity="clean", hour=14, minutes=60)
    dearer = billed(town)
    write_down(fumi, ken, CODE, activity="garden", hour=16)
    others = billed(town)
    write_down(ken, fumi, CODE, activity="garden", day=date(2026, 11, 19))
    wrong, other = billed(town), second(town)
    pay(wrong, reference="入金 7")
    for target, error in (
        (wrong, PaymentMoveUnfit),
        (dearer, PaymentMoveUnfit),
        (others, PaymentMoveUnfit),
    ):
        with pytest.raises(error):
            ask(wrong, moved_to=target)
    with tenant(town):
        assert paid_selectors.payment_targets(now(wrong)) == [right]
    asked = ask(wrong, moved_to=right)
    for _ in range(2):
        confirm(asked, other)
    assert [now(one).state for one in (wrong, right)] == ["issued", "paid"]
    assert (now(right).reference, now(right).paid_on) == ("入金 7", TODAY)
    assert wallet(ken, CODE) == 1_700
    with tenant(town):
        assert paid_selectors.payment_targets(now(wrong)) == []
    with as_owner():
        assert check(ledgers=[town]) == []


def test_a_payment_is_not_moved_to_an_invoice_that_came_after_it(towns):
    town = towns.midori.id
    fumi, ken = pair(town, CODE)
    write_down(ken, fumi, CODE, activity="garden", day=date(2026, 10, 7))
    early = billed(town, month=date(2026, 10, 1))
    pay(early)
    with clock.frozen(NOW + timedelta(days=3)):
        write_down(ken, fumi, CODE, activity="garden")
        with tenant(town):
            [late] = services.invoices_issue(
                programme_code=CODE,
                month=TODAY,
                due_on=TODAY + timedelta(days=30),
                by=make_officer(town),
            )
        with pytest.raises(InvoicePaidDayInvalid):
            ask(early, moved_to=late)
    assert (now(early).state, now(late).state) == ("paid", "issued")


def test_thanks_that_are_used_stand_in_the_way(towns):
    town = towns.midori.id
    fumi, ken = pair(town, CODE)
    write_down(ken, fumi, CODE, activity="garden")
    invoice, other = billed(town), second(town)
    pay(invoice)
    asked = ask(invoice)
    with tenant(town):
        used = services.redemption_ask(
            uid=new_id(), programme_code=CODE, person=ken, use="cash", amount=1_000, payee=PAYEE
        )
    before = stood(town)
    with pytest.raises(PaymentUsed) as said:
        confirm(asked, other)
    assert "11月18日に手伝った人" in said.value.message()
    assert (stood(town), wallet(ken, CODE)) == (before, 700)
    with tenant(town):
        services.payment_return_cancel(uid=asked.uid, by=other)
    with pytest.raises(PaymentUsed):  # said at once, not only to the second officer
        ask(invoice)
    with tenant(town):
        services.redemption_refuse(uid=used.uid, note="取り消しのため", by=other)
    confirm(ask(invoice), other)
    assert (now(invoice).state, wallet(ken, CODE)) == ("issued", 0)


def test_help_struck_out_meanwhile_is_not_asked_for_again(towns):
    town = towns.midori.id
    fumi, ken = pair(town, CODE)
    wrong = write_down(ken, fumi, CODE, activity="garden")
    right = write_down(ken, fumi, CODE, activity="clean", hour=14)
    invoice, other = billed(town), second(town)
    pay(invoice)
    void(wrong)
    confirm(ask(invoice), other)
    assert (now(invoice).state, now(invoice).void_reason) == ("void", "ほかの月の入金でした")
    assert [seen(one).state for one in (wrong, right)] == ["void", "open"]
    again = billed(town)
    assert (again.yen, wallet(ken, CODE)) == (right.payer_yen, 0)
    pay(again)
    assert wallet(ken, CODE) == right.person_yen


def test_two_officers_are_needed_and_the_same_order_is_one(towns):
    town, far = towns.midori.id, towns.kita.id
    fumi, ken = pair(town, CODE)
    write_down(ken, fumi, CODE, activity="garden")
    invoice, other = billed(town), second(town)
    with pytest.raises(PaymentNotThere):
        ask(invoice)
    pay(invoice)
    with pytest.raises(ReasonNeeded):
        ask(invoice, reason=" ")
    uid = new_id()
    asked = ask(invoice, uid=uid)
    assert ask(invoice, uid=uid) == asked
    before = stood(town)
    for error, call in (
        (RecordDiffers, lambda: ask(invoice, uid=uid, reason="ちがう理由")),
        (PaymentReturnWaiting, lambda: ask(invoice)),
        (OwnPaymentReturn, lambda: confirm(asked, make_officer(town))),
        (OwnPaymentReturn, lambda: confirm(asked, fumi.user)),
    ):
        with pytest.raises(error):
            call()
    with tenant(far):
        for call in (services.payment_return_confirm, services.payment_return_cancel):
            with pytest.raises(NotFound):
                call(uid=uid, by=make_officer(far))
        with pytest.raises(NotFound):
            services.payment_return_ask(
                uid=new_id(), invoice_uid=invoice.uid, reason="よその町", by=make_officer(far)
            )
    assert (stood(town), wallet(ken, CODE)) == (before, 1_700)
    with tenant(town):
        for _ in range(2):
            assert services.payment_return_cancel(uid=uid, by=other).state == "cancelled"
    with pytest.raises(PaymentReturnDecided):
        confirm(asked, other)
    confirm(ask(invoice), other)
    with tenant(town), pytest.raises(PaymentReturnDecided):
        services.payment_return_cancel(uid=PaymentReturn.objects.get(state="done").uid, by=other)


def test_many_who_press_at_once_take_it_back_once(towns, as_owner):
    town = towns.midori.id
    fumi, ken = pair(town, CODE)
    write_down(ken, fumi, CODE, activity="garden")
    invoice, other = billed(town), second(town)
    pay(invoice)
    asked, barrier = ask(invoice), Barrier(4)

    def press(number):
        try:
            with clock.frozen(NOW):
                barrier.wait()
                if number:
                    return confirm(asked, other).state
                with tenant(town):
                    return services.payment_return_cancel(uid=asked.uid, by=other).state
        except PaymentReturnDecided:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(press, range(4)))
    assert found in ({"done", "refused"}, {"cancelled", "refused"})
    assert wallet(ken, CODE) == (0 if "done" in found else 1_700)
    with as_owner():
        assert check(ledgers=[town]) == []
