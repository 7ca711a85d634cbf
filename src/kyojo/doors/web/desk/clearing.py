"""自治体間清算: where this town stands with others, month by month. Municipal officers only."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes import clearing as services
from kyojo.civic.programmes import clearing_selectors as selectors
from kyojo.civic.programmes.clearing_domain import month_words
from kyojo.civic.programmes.models import ClearingSettlement
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalid, NotFound, Refusal
from kyojo.ledger.clearing_domain import Statement, month_of

from ..forms import Form
from ..http import page_refused, redirect_saying
from . import files
from .access import DeskRequest, page, staff
from .clearing_reads import (
    LINE_COLUMNS,
    MONTH_COLUMNS,
    RUNNING_BADGE,
    TOWN_COLUMNS,
    TownRow,
    line_rows,
    month_rows,
    net_words,
    rate_words,
    state_badge,
)
from .forms import ClearingAgreeForm, ClearingPayForm
from .listing import Listing

PER_PAGE = 100
State = ClearingSettlement.State


@staff(officer=True)
def home(request: DeskRequest) -> HttpResponse:
    """Every town there was ever help with, and the months that wait for this one."""
    rows = [TownRow(one) for one in selectors.standings()]
    listing = Listing(request.GET, TOWN_COLUMNS, rows, "town", path=reverse("desk-clearing"))
    taken = files.file_of(request, listing, name="clearing", title="自治体間清算", here="clearing")
    if taken is not None:
        return taken
    towns = {row.town.pk: row.town.name for row in rows}
    waiting = [
        {
            "url": _address(one),
            "title": f"{month_words(one.month)} {towns[one.counterpart_id]}",
            "net": net_words(one.received - one.given, "コイン"),
            "badge": state_badge(one),
        }
        for one in selectors.settlements_waiting()
    ]
    return page(
        request, "clearing.html", "clearing", {**listing.page(PER_PAGE), "waiting": waiting}
    )


@staff("GET", "POST", officer=True, fresh=True)
def pair(request: DeskRequest, town: int) -> HttpResponse:
    """One town: its months. POST closes those that are over."""
    standing = selectors.standing_with(town)
    path = reverse("desk-clearing-pair", kwargs={"town": town})
    if request.method == "POST":
        try:
            made = services.clearing_propose_due(counterpart_id=town)
        except Refusal as refused:
            return page_refused(request, refused, back=path)
        for one in made:
            _act(request, "clearing_closed", one)
        said = f"{len(made)}か月分を締めました" if made else "締める月は、もうありません"
        return redirect_saying(request, path, said)
    running = selectors.statement_running(town)
    rows = month_rows(standing, running)
    listing = Listing(request.GET, MONTH_COLUMNS, rows, "-month", path=path)
    title = f"清算 {standing.counterpart.name}"
    taken = files.file_of(request, listing, name="clearing", title=title, here="clearing")
    if taken is not None:
        return taken
    return page(
        request,
        "clearing_pair.html",
        "clearing",
        {
            **listing.page(PER_PAGE),
            "standing": standing,
            "town": standing.counterpart,
            "net_words": net_words(standing.net, "コイン"),
            "closed_words": net_words(standing.closed_net, "コイン"),
            "running_words": net_words(standing.running_net, "コイン"),
            "is_due": any(running.is_late(line) for line in running.movements),
        },
    )


@staff(officer=True)
def month(request: DeskRequest, town: int, year: int, month: int) -> HttpResponse:
    """A month with a town: its statement, and what this town may do about it."""
    try:
        day = date(year, month, 1)
    except ValueError:
        raise NotFound from None
    if day == month_of(clock.now()):
        selectors.standing_with(town)
        return _month(request, town, selectors.statement_running(town), None)
    one = selectors.settlement_of(town, day)
    return _month(request, town, services.statement_of(one), one)


def _month(
    request: DeskRequest,
    town: int,
    statement: Statement,
    one: ClearingSettlement | None,
    *,
    status: int = 200,
    **given: Form,
) -> HttpResponse:
    names = dict(Municipality.objects.filter(pk__in=(current(), town)).values_list("pk", "name"))
    path = _path(town, statement.month)
    listing = Listing(request.GET, LINE_COLUMNS, line_rows(statement, names), "at", path=path)
    title = f"清算の明細 {statement.month:%Y-%m}"
    taken = files.file_of(request, listing, name="clearing-statement", title=title, here="clearing")
    if taken is not None:
        return taken
    net = statement.net(current())
    return page(
        request,
        "clearing_month.html",
        "clearing",
        {
            **listing.page(PER_PAGE),
            "one": one,
            "title": f"{month_words(statement.month)} {names[town]}",
            "here_name": names[current()],
            "town": town,
            "town_name": names[town],
            "given": statement.given(current()),
            "received": statement.given(town),
            "net": abs(net),
            "payer": names[current() if net < 0 else town],
            "payee": names[town if net < 0 else current()],
            "late": sum(statement.is_late(line) for line in statement.movements),
            "badge": state_badge(one) if one else RUNNING_BADGE,
            **(_steps(one, given) if one else {}),
        },
        status=status,
    )


def _steps(one: ClearingSettlement, given: dict[str, Form]) -> dict[str, Any]:
    """What has been done about a closed month, and the forms for what comes next."""
    rate = rate_words(one.yen_per_coin)
    return {
        "rate": rate,
        "yen": selectors.yen(one),
        "is_over": selectors.is_over(one),
        "step": {"proposed": 2, "agreed": 3}.get(one.state, 4),
        "agreed_by": staff_selectors.name_of(one.agreed_by_id),
        "agree_form": ClearingAgreeForm(
            initial={"statement": one.statement_hash, "yen_per_coin": rate}
        ),
        "pay_form": ClearingPayForm(),
        **given,
    }


# --- acting ---------------------------------------------------------------------------------------


@staff("POST", officer=True, fresh=True)
def agree(request: DeskRequest, uid: UUID) -> HttpResponse:
    before = selectors.settlement_by_uid(uid)
    form = ClearingAgreeForm(request.POST)
    if not form.is_valid():
        return _refused(request, before, form)
    try:
        after = services.clearing_agree(
            uid=uid,
            by=request.desk.user,
            statement_hash=form.cleaned_data["statement"],
            yen_per_coin=form.cleaned_data["yen_per_coin"],
        )
    except NotFound:
        raise
    except Invalid as refused:
        form.refuse(refused)
        return _refused(request, before, form)
    except Refusal as refused:
        return page_refused(request, refused, back=_address(before))
    if (before.agreed_at, before.yen_per_coin) != (after.agreed_at, after.yen_per_coin):
        _act(request, "clearing_agreed", after)
    said = (
        "両方の自治体が合意しました。精算できます"
        if after.state != State.PROPOSED
        else "合意を記録しました。相手の自治体の合意を待ちます"
    )
    return redirect_saying(request, _address(after), said)


@staff("POST", officer=True, fresh=True)
def settle(request: DeskRequest, uid: UUID) -> HttpResponse:
    before = selectors.settlement_by_uid(uid)
    try:
        after = services.clearing_settle(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=_address(before))
    if before.state != after.state:
        _act(request, "clearing_settled", after)
    return redirect_saying(request, _address(after), "両方の自治体の台帳で精算しました")


@staff("POST", officer=True, fresh=True)
def pay(request: DeskRequest, uid: UUID) -> HttpResponse:
    before = selectors.settlement_by_uid(uid)
    form = ClearingPayForm(request.POST)
    if not form.is_valid():
        return _refused(request, before, form)
    try:
        after = services.clearing_pay(
            uid=uid,
            by=request.desk.user,
            paid_on=form.cleaned_data["paid_on"],
            reference=form.cleaned_data["paid_reference"],
        )
    except NotFound:
        raise
    except Invalid as refused:
        form.refuse(refused)
        return _refused(request, before, form)
    except Refusal as refused:
        return page_refused(request, refused, back=_address(before))
    if before.state != after.state:
        _act(request, "clearing_paid", after)
    return redirect_saying(request, _address(after), "振込を記録しました")


def _refused(request: DeskRequest, one: ClearingSettlement, form: Any) -> HttpResponse:
    """The month's page again, with what is to be mended."""
    return _month(
        request,
        one.counterpart_id,
        services.statement_of(one),
        one,
        status=422,
        **{form.context: form, "form": form},
    )


def _act(request: DeskRequest, action: str, one: ClearingSettlement) -> None:
    """On record in both towns; the counterpart's record names the town, not the officer."""
    names = dict(
        Municipality.objects.filter(pk__in=(current(), one.counterpart_id)).values_list(
            "pk", "name"
        )
    )
    subject = {"subject_kind": "clearing", "subject_id": str(one.uid)}
    month = month_words(one.month)
    act_record(
        actor=request.desk.user,
        action=action,
        note=f"{month} {names[one.counterpart_id]}",
        **subject,
    )
    here = names[current()]
    with tenant(one.counterpart_id):
        act_record(actor=None, action=action, note=f"{month} {here}の職員", **subject)


def _path(town: int, day: date) -> str:
    return reverse(
        "desk-clearing-month", kwargs={"town": town, "year": day.year, "month": f"{day.month:02d}"}
    )


def _address(one: ClearingSettlement) -> str:
    return _path(one.counterpart_id, one.month)
