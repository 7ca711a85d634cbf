"""Invoices of paid help: issued once, paid, taken back; and the ledger is true afterwards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connections

from kyojo.civic.earnings import paid_selectors, services
from kyojo.civic.earnings.errors import (
    HelpBilled,
    InvoiceDueInvalid,
    InvoiceNotWaiting,
    InvoicePaidDayInvalid,
    NotEnough,
    PaidReferenceMissing,
    ReasonNeeded,
    RecordDiffers,
    RecordOverlaps,
)
from kyojo.civic.earnings.models import Invoice, Movement
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Notice
from kyojo.civic.people.testing import JUN, make_officer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger.check import check

from .paid_cast import DAY, INVOICE_DEPOSIT, NOW, fill, pair, seen, void, wallet, write_down

MONTH = date(2026, 11, 1)
DUE = date(2026, 12, 20)
TODAY = NOW.date()
CODE = "paid-invoice"


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


def issue(town, code=CODE, month=MONTH, due_on=DUE):
    with tenant(town):
        return services.invoices_issue(
            programme_code=code, month=month, due_on=due_on, by=make_officer(town)
        )


def paid(invoice, paid_on=TODAY, reference="入金 12"):
    with tenant(invoice.municipality_id):
        return services.invoice_paid(
            uid=invoice.uid,
            paid_on=paid_on,
            reference=reference,
            by=make_officer(invoice.municipality_id),
        )


def taken_back(invoice, reason="宛先をまちがえた"):
    with tenant(invoice.municipality_id):
        return services.invoice_void(
            uid=invoice.uid, reason=reason, by=make_officer(invoice.municipality_id)
        )


def helped_twice(towns):
    """ふみ was helped by けん and じゅん, けん by じゅん, all in November."""
    fumi, ken = pair(towns.midori.id, CODE)
    jun = make_supporter(towns.midori.id, JUN)
    return (
        (fumi, ken, jun),
        (
            write_down(ken, fumi, CODE, activity="garden"),
            write_down(jun, fumi, CODE, activity="errand", minutes=60),
            write_down(jun, ken, CODE, activity="clean", hour=14, minutes=60),
        ),
    )


@pytest.mark.django_db
def test_a_month_is_billed_once(towns):
    (fumi, ken, _), helps = helped_twice(towns)
    write_down(ken, fumi, CODE, activity="garden", day=date(2026, 10, 31))
    made = issue(towns.midori.id)
    assert [(one.number, one.person_id, one.yen) for one in made] == [
        (1, fumi.pk, 2_600),
        (2, ken.pk, 800),
    ]
    assert issue(towns.midori.id) == []
    assert {seen(one).state for one in helps} == {"billed"}
    with tenant(towns.midori.id):
        assert [one.month for one in paid_selectors.open_months(made[0].programme)] == [
            date(2026, 10, 1)
        ]
        assert [paid_selectors.invoice_number(one) for one in made] == ["2026-0001", "2026-0002"]
        assert Notice.objects.get(person=fumi, kind="invoice").title == (
            "11月の手伝いの請求書（2,600円）ができました"
        )
    late = write_down(ken, fumi, CODE, activity="garden", hour=15, minutes=60)
    [one] = issue(towns.midori.id)
    assert (one.number, one.yen, seen(late).invoice_id) == (3, 1_000, one.pk)


@pytest.mark.django_db
def test_numbers_begin_anew_with_the_fiscal_year(towns):
    _, helps = helped_twice(towns)
    issue(towns.midori.id)
    with clock.frozen(clock.at(date(2027, 4, 2), 9)):
        fumi = seen(helps[0]).helped
        ken = seen(helps[0]).helper
        write_down(ken, fumi, CODE, activity="clean", day=date(2027, 3, 31))
        [one] = issue(towns.midori.id, month=date(2027, 3, 1), due_on=date(2027, 4, 30))
    assert (one.fiscal_year, one.number) == (2027, 1)


@pytest.mark.django_db
def test_who_helped_is_given_their_part_when_it_is_paid(towns):
    (fumi, ken, jun), helps = helped_twice(towns)
    first, _ = issue(towns.midori.id)
    assert (wallet(ken, CODE), wallet(jun, CODE)) == (0, 0)
    for _ in range(2):
        assert paid(first).state == "paid"
    assert (wallet(fumi, CODE), wallet(ken, CODE), wallet(jun, CODE)) == (0, 1_700, 450)
    assert [seen(one).state for one in helps] == ["settled", "settled", "billed"]
    with tenant(towns.midori.id):
        told = Notice.objects.filter(person=ken, key__startswith="paid_help_settled")
        assert [one.title for one in told] == ["11月18日の手伝いのお礼1,700円が届きました"]
    with pytest.raises(RecordDiffers):
        paid(first, reference="入金 13")
    with pytest.raises(InvoiceNotWaiting):
        taken_back(first)
    # What was paid by mistake is struck out: the helper gives it back, the payer is paid by hand.
    void(helps[0])
    assert (wallet(ken, CODE), seen(helps[0]).state) == (0, "void")


@pytest.mark.django_db
def test_an_invoice_that_is_taken_back_can_be_issued_anew(towns):
    (_, ken, _), helps = helped_twice(towns)
    first, _ = issue(towns.midori.id)
    with pytest.raises(HelpBilled):
        void(helps[0])
    for _ in range(2):
        assert taken_back(first).state == "void"
    assert [seen(one).state for one in helps] == ["open", "open", "billed"]
    with pytest.raises(InvoiceNotWaiting):
        paid(first)
    void(helps[1])
    [again] = issue(towns.midori.id)
    assert (again.number, again.yen) == (3, 2_000)
    paid(again)
    assert wallet(ken, CODE) == 1_700


@pytest.mark.django_db
def test_hours_are_deposited_when_the_invoice_is_paid(towns):
    fumi, ken = pair(towns.midori.id, "time-deposit")
    install(towns.midori.id, "paid-both", document=INVOICE_DEPOSIT)
    one = write_down(ken, fumi, "paid-both", activity="garden")
    assert wallet(ken, "time-deposit") == 0
    [invoice] = issue(towns.midori.id, "paid-both")
    paid(invoice)
    # 30 % of 1,700 yen are 510: 47 minutes, which are worth 509.17 yen.
    assert (one.deposited_yen, one.person_yen) == (510, 1_190)
    assert (wallet(ken, "time-deposit"), wallet(ken, "paid-both")) == (47, 1_190)
    void(one)
    assert (wallet(ken, "time-deposit"), wallet(ken, "paid-both")) == (0, 0)


@pytest.mark.django_db
def test_what_cannot_be_done_with_an_invoice_changes_nothing(towns):
    helped_twice(towns)
    town = towns.midori.id
    with pytest.raises(InvoiceDueInvalid):
        issue(town, due_on=TODAY - timedelta(days=1))
    with pytest.raises(NotFound):
        issue(town, "nothing")
    assert issue(town, month=date(2026, 9, 1)) == []
    [first, _] = issue(town)
    for error, call in (
        (PaidReferenceMissing, lambda: paid(first, reference=" ")),
        (PaidReferenceMissing, lambda: paid(first, reference="1" * 61)),
        (InvoicePaidDayInvalid, lambda: paid(first, TODAY + timedelta(days=1))),
        (InvoicePaidDayInvalid, lambda: paid(first, TODAY - timedelta(days=1))),
        (ReasonNeeded, lambda: taken_back(first, " ")),
    ):
        with pytest.raises(error):
            call()
    officer = make_officer(towns.kita.id)
    with tenant(towns.kita.id):
        with pytest.raises(NotFound):
            services.invoice_paid(uid=first.uid, paid_on=TODAY, reference="1", by=officer)
        with pytest.raises(NotFound):
            services.invoice_void(uid=first.uid, reason="よその町", by=officer)
    with tenant(town):
        assert {one.state for one in Invoice.objects.all()} == {"issued"}
        assert not Movement.objects.exists()


def in_threads(work, count=4):
    barrier = Barrier(count)

    def one(number):
        try:
            with clock.frozen(NOW):
                barrier.wait()
                return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_issuing_and_paying_at_once_happen_once(towns, as_owner):
    (_, ken, jun), _ = helped_twice(towns)
    town, by = towns.midori.id, make_officer(towns.midori.id)
    make = [
        lambda: services.invoices_issue(programme_code=CODE, month=MONTH, due_on=DUE, by=by)
    ] * 4

    def issued(number):
        with tenant(town):
            return len(make[number]())

    assert sorted(in_threads(issued)) == [0, 0, 0, 2]
    with tenant(town):
        invoices = list(Invoice.objects.order_by("number"))
    assert [one.number for one in invoices] == [1, 2]

    def pay(number):
        with tenant(town):
            return services.invoice_paid(
                uid=invoices[number % 2].uid, paid_on=TODAY, reference="入金", by=by
            ).state

    assert set(in_threads(pay)) == {"paid"}
    assert (wallet(ken, CODE), wallet(jun, CODE)) == (1_700, 450 + 650)
    with as_owner():
        assert check(ledgers=[town]) == []


def test_one_purse_gives_once_to_many_who_press_at_once(towns, as_owner):
    town = towns.midori.id
    fumi, ken = pair(town, "ticket")
    jun = make_supporter(town, JUN)
    fill(fumi, "ticket", 3)
    by, uid = make_officer(town), new_id()

    def same(_):
        return write_down(ken, fumi, "ticket", uid=uid, by=by).pk

    assert len(set(in_threads(same))) == 1

    def others(number):
        """けん again at the same hour; じゅん, for whom one ticket too few is left."""
        helper = (ken, jun)[number % 2]
        try:
            return write_down(helper, fumi, "ticket", by=by).state
        except (RecordOverlaps, NotEnough) as refused:
            return type(refused).__name__

    assert sorted(in_threads(others)) == ["RecordOverlaps"] * 2 + ["ThanksShort"] * 2
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket"), wallet(jun, "ticket")) == (1, 2, 0)
    with as_owner():
        assert check(ledgers=[town]) == []


def test_the_ledger_is_true_after_every_settlement_and_its_undoing(towns, as_owner):
    town = towns.midori.id
    fumi, ken = pair(
        town, "ticket", "paid-stamp-card", "paid-cash", "paid-passbook", "time-deposit"
    )
    install(town, "paid-both", document=INVOICE_DEPOSIT)
    fill(fumi, "ticket", 4)
    fill(fumi, "paid-stamp-card", 4)
    fill(fumi, "paid-passbook", 9_000)
    ways = (
        ("ticket", {}),
        ("paid-stamp-card", {}),
        ("paid-cash", {"chosen_yen": 600}),
        ("paid-passbook", {"costs_yen": 120}),
        ("paid-both", {"activity": "clean"}),
    )
    made = [
        write_down(ken, fumi, code, day=day, hour=7 + 2 * n, **fields)
        for n, (code, fields) in enumerate(ways)
        for day in (DAY, DAY - timedelta(days=1))
    ]
    [invoice] = issue(town, "paid-both")
    paid(invoice)
    for one in made[::2]:
        void(one)
    assert wallet(ken, "time-deposit") == 36 + 36
    with as_owner():
        assert check(ledgers=[town]) == []
