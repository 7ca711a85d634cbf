"""参加店: who takes part, and what each is paid for the coupons of a month. Officers only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from kyojo.civic.earnings import services, shop_selectors
from kyojo.civic.earnings.models import Shop
from kyojo.civic.earnings.shop_selectors import ShopMonth
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.papers import zengin
from kyojo.civic.programmes.papers.errors import TransferInvalid
from kyojo.kernel.errors import NotFound, Refusal

from ...http import redirect_saying
from ...points.forms import PAYEE
from .. import files
from ..access import DeskRequest, page
from ..listing import Column, Listing
from . import bank
from .shared import PER_PAGE, Frame, decided, of_programme, same_programme, sent
from .shop_forms import ShopForm, ShopPayeeForm, ShopsPaidForm, month_of
from .uses_forms import BankForm, PayOnForm


def coupons_here(frame: Frame) -> None:
    """Raises ``NotFound`` where nothing is used at shops, and never was."""
    document, programme = frame.ruled.document, frame.ruled.programme
    if not shop_selectors.has_coupons(document) and not shop_selectors.shops(
        programme, with_ended=True
    ):
        raise NotFound()


# --- shops ----------------------------------------------------------------------------------------


@of_programme(officer=True)
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    """The shops, and the months with what is still to be paid."""
    coupons_here(frame)
    months: dict[date, list[ShopMonth]] = {}
    for one in shop_selectors.shop_months(frame.ruled.programme):
        months.setdefault(one.month, []).append(one)
    context = {
        **frame.context(),
        "shops": shop_selectors.shops(frame.ruled.programme, with_ended=True),
        "months": [_month_sum(month, rows) for month, rows in months.items()],
    }
    return page(request, "points/shops.html", "points", context)


def _month_sum(month: date, rows: list[ShopMonth]) -> dict[str, Any]:
    due = [one for one in rows if one.payment is None]
    return {
        "month": month,
        "shops": len(rows),
        "coupons": sum(len(one.coupons) for one in rows),
        "yen": sum(one.yen for one in rows),
        "due_yen": sum(one.yen for one in due),
        "is_over": rows[0].is_over,
        "is_paid": not due,
    }


@of_programme("GET", "POST", officer=True)
def new(request: DeskRequest, frame: Frame) -> HttpResponse:
    coupons_here(frame)
    form = ShopForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        shop = sent(
            form,
            lambda data: services.shop_register(
                uid=form.order,
                programme_code=frame.code,
                name=data["name"],
                kana=data["kana"],
                email=data["email"],
                by=request.desk.user,
            ),
        )
        if shop is not None:
            return redirect_saying(request, _path(frame, shop), f"「{shop.name}」を登録しました")
    context = {**frame.context(), "form": form}
    return page(request, "points/shop_new.html", "points", context, status=status)


def _path(frame: Frame, shop: Shop) -> str:
    return reverse("desk-points-shop", kwargs={"code": frame.code, "uid": shop.uid})


@sensitive_post_parameters(*PAYEE)
@of_programme("GET", "POST", officer=True)
def one(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """One shop; sent: the account to which it is paid. Opening goes on record, since it shows."""
    shop = _mine(frame, uid)
    known = services.shop_payee(shop)
    status = 200
    if request.method == "POST":
        status, form = 422, ShopPayeeForm(request.POST)
        made = sent(
            form,
            lambda data: services.shop_account_set(
                uid=uid,
                payee=form.payee(),  # type: ignore[arg-type]
                by=request.desk.user,
            ),
        )
        if made is not None:
            return redirect_saying(request, _path(frame, shop), "振込先の口座を記録しました")
    else:
        if known is not None:
            act_record(
                actor=request.desk.user,
                action="shop_opened",
                subject_kind="shop",
                subject_id=str(uid),
            )
        initial = {name: getattr(known, name) for name in PAYEE} if known else {}
        form = ShopPayeeForm(initial=initial)
    context = {
        **frame.context(),
        "shop": shop,
        "form": form,
        "known": known,
        "months": shop_selectors.shop_months(frame.ruled.programme, shop=shop),
    }
    return page(request, "points/shop.html", "points", context, status=status)


def _mine(frame: Frame, uid: UUID) -> Shop:
    shop = shop_selectors.shop_by_uid(uid)
    same_programme(shop, frame)
    return shop


@of_programme("POST", officer=True)
def end(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    shop = services.shop_end(uid=_mine(frame, uid).uid, by=request.desk.user)
    return redirect_saying(request, _path(frame, shop), f"「{shop.name}」の参加を終えました")


# --- a month --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A shop's month, for the page and for the accounts. Never a bank number."""

    one: ShopMonth
    has_account: bool

    @property
    def state(self) -> str:
        return "支払いずみ" if self.one.payment else "これから"

    @property
    def badge(self) -> tuple[str, str]:
        return ("good", "done") if self.one.payment else ("info", "clock")


COLUMNS = (
    Column(
        "kana",
        "店",
        lambda row: row.one.shop.kana,
        sortable=True,
        order=("店の五十音順", "店の逆の順"),
    ),
    Column("name", "店の名前", lambda row: row.one.shop.name, in_page=False),
    Column("coupons", "枚数", lambda row: len(row.one.coupons), sortable=True, is_number=True),
    Column("yen", "円", lambda row: row.one.yen, sortable=True, is_number=True),
    Column("account", "振込先", lambda row: "あり" if row.has_account else "まだ"),
    Column("state", "いま", lambda row: row.state, sortable=True),
    Column(
        "paid",
        "支払いを記録した日",
        lambda row: row.one.payment.at if row.one.payment else None,
        in_page=False,
    ),
    Column(
        "reference",
        "振込の番号",
        lambda row: row.one.payment.reference if row.one.payment else "",
        in_page=False,
    ),
)


def _rows(frame: Frame, year: int, month: int) -> tuple[date, list[Row]]:
    first = month_of(year, month)
    if first is None:
        raise NotFound()
    months = shop_selectors.shop_months(frame.ruled.programme, month=first)
    if not months:
        raise NotFound()
    return first, [Row(one, one.shop.payee_encrypted is not None) for one in months]


def _due(rows: list[Row]) -> list[ShopMonth]:
    return [row.one for row in rows if row.one.payment is None]


@of_programme("GET", "POST", officer=True)
def month(request: DeskRequest, frame: Frame, year: int, month: int) -> HttpResponse:
    """What every shop took in; sent: what was paid, all or nothing."""
    coupons_here(frame)
    first, rows = _rows(frame, year, month)
    path = reverse("desk-points-shop-month", args=[frame.code, year, month])
    listing = Listing(request.GET, COLUMNS, rows, "kana", path=path)
    taken = files.file_of(
        request, listing, name="shops", title=f"参加店 {frame.code} {year}-{month}", here="points"
    )
    if taken is not None:
        return taken
    is_again = request.method == "POST" and not _due(rows)
    if is_again:
        return redirect_saying(request, path, "この月の支払いは、もう記録してあります")
    form = ShopsPaidForm(request.POST or None, rows=_due(rows))

    def drawn() -> HttpResponse:
        context = {
            **frame.context(),
            **listing.page(PER_PAGE),
            "form": form,
            "month": first,
            "is_over": rows[0].one.is_over,
            "due": len(_due(rows)),
            "due_yen": sum(one.yen for one in _due(rows)),
            "without": [row.one.shop for row in rows if not row.has_account],
        }
        status = 422 if form.errors else 200
        return page(request, "points/shop_month.html", "points", context, status=status)

    if request.method != "POST":
        return drawn()
    return decided(
        request,
        form,
        lambda data: services.shops_paid(
            programme_code=frame.code,
            month=first,
            shown=form.shown(),
            reference=data["reference"],
            by=request.desk.user,
        ),
        said="支払いを記録しました",
        path=path,
        again=drawn,
    )


@of_programme("GET", "POST", officer=True)
def transfers(request: DeskRequest, frame: Frame, year: int, month: int) -> HttpResponse:
    """全銀: the banks' file of what the shops are to be paid. Taking it goes on record."""
    coupons_here(frame)
    first, rows = _rows(frame, year, month)
    if not rows[0].one.is_over:
        raise NotFound()
    payees = [
        (one, payee)
        for one in _due(rows)
        if one.yen and (payee := services.shop_payee(one.shop)) is not None
    ]
    known = services.office_account_of(frame.ruled.programme)
    form = (PayOnForm if known else BankForm)(request.POST or None)
    problems: list[Mapping[str, Any]] = []
    total = sum(one.yen for one, _ in payees)
    if request.method == "POST" and form.is_valid() and payees:
        try:
            sender = known or bank.given_account(request, frame, form)
            lines = [payee.paid(one.yen, str(one.shop.pk)[-10:]) for one, payee in payees]
            on = form.cleaned_data["pay_on"]
            content = zengin.write(sender, lines, on=on, total_yen=total)
        except TransferInvalid as refused:
            problems = _problems(form, payees, refused)
        except Refusal as refused:
            form.refuse(refused)
        else:
            act_record(
                actor=request.desk.user,
                action="shop_bank_file_taken",
                subject_kind="programme",
                subject_id=frame.code,
                note=f"{first:%Y-%m} {len(payees)}件 {total:,}円",
            )
            return bank.file_answer(content)
    context = {
        **frame.context(),
        "form": form,
        "month": first,
        "account": known,
        "account_kind": bank.ACCOUNTS.get(known.account_type, "") if known else "",
        "count": len(payees),
        "yen": total,
        "problems": problems,
        "without": [one.shop for one in _due(rows) if one.shop.payee_encrypted is None],
    }
    status = 422 if request.method == "POST" else 200
    return page(request, "points/shop_bank.html", "points", context, status=status)


def _problems(
    form: PayOnForm | BankForm,
    payees: list[tuple[ShopMonth, services.Payee]],
    refused: TransferInvalid,
) -> list[Mapping[str, Any]]:
    """What is wrong with our own account goes beside its field; the shops' parts are listed."""
    found = []
    for problem in refused.problems:
        if problem.row:
            shop = payees[problem.row - 1][0].shop
            found.append({"shop": shop, "item": problem.item, "why": problem.why})
        else:
            field = bank.OFFICE_ITEMS.get(problem.item, "pay_on")
            form.add_error(field if field in form.fields else None, problem.why)
    return found
