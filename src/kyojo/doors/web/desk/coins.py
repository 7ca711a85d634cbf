"""コインの発行と配布: municipal officers only."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kyojo.civic.people import distribution as distributions
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.distribution_file import COLUMNS, WORKBOOK
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes import selectors, services
from kyojo.civic.programmes.selectors import COIN_PROGRAMME
from kyojo.kernel.amounts import grouped
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.files import encoding_name

from ..http import page_refused, redirect_saying
from . import export
from .access import DeskRequest, page, staff
from .forms import DistributionForm, IssueForm, UploadForm
from .listing import Column


def _figures() -> dict[str, Any]:
    programme, rules = selectors.programme_current()
    balance = selectors.treasury_balance()
    return {
        "programme": programme,
        "rules": rules,
        "version": selectors.version_current().version,
        "issued": balance.credits_posted,
        "distributed": balance.debits_posted,
        "left": balance.available,
    }


@staff("GET", "POST", officer=True, fresh=True)
def home(request: DeskRequest) -> HttpResponse:
    """The treasury, what waits for approval, the form to issue, and what was done."""
    form = IssueForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                issuance = services.issuance_request(
                    uid=form.order,
                    programme_code=COIN_PROGRAMME,
                    amount=form.cleaned_data["amount"],
                    reason=form.cleaned_data["reason"],
                    by=request.desk.user,
                )
            except Refusal as refused:
                form.refuse(refused)
            else:
                _act(request, "issuance_requested", issuance.uid)
                if issuance.state == issuance.State.DONE:
                    said = f"{grouped(issuance.amount)}コインを発行しました"
                else:
                    said = "もう1人の職員の承認を待っています"
                return redirect_saying(request, "desk-coins", said)
    return _home(request, form, status)


def _home(request: DeskRequest, form: IssueForm, status: int) -> HttpResponse:
    issuances, lists = selectors.issuances(), distributions.distributions()
    everything: list[Any] = [*issuances, *lists]
    names = staff_selectors.names_of(
        {one.created_by_id for one in everything}
        | {one.approved_by_id for one in everything if one.approved_by_id}
    )
    history = sorted(
        [_line(one, "発行", names) for one in issuances]
        + [_line(one, "配布", names) for one in lists],
        key=lambda line: line["at"],
        reverse=True,
    )
    return page(
        request,
        "coins.html",
        "coins",
        {
            **_figures(),
            "form": form,
            "waiting": [line for line in history if line["state"] == "waiting"],
            "history": history,
        },
        status=status,
    )


def _line(one: Any, what: str, names: dict[int, str]) -> dict[str, Any]:
    is_issue = what == "発行"
    return {
        "what": what,
        "uid": one.uid,
        "url": "desk-issuance" if is_issue else "desk-distribution",
        "at": one.created_at,
        "amount": one.amount if is_issue else one.total,
        "reason": one.reason,
        "state": one.state,
        "state_name": one.get_state_display(),
        "asked_by": names.get(one.created_by_id, ""),
        "approved_by": names.get(one.approved_by_id or 0, ""),
    }


def _act(request: DeskRequest, action: str, uid: UUID) -> None:
    act_record(actor=request.desk.user, action=action, subject_kind="issuance", subject_id=str(uid))


@staff(officer=True)
def issuance(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One order to issue, and the approval where this officer may give it."""
    one = selectors.issuance_by_uid(uid)
    names = staff_selectors.names_of({one.created_by_id, one.approved_by_id or 0})
    return page(
        request,
        "issuance.html",
        "coins",
        {
            **_figures(),
            "one": one,
            "asked_by": names.get(one.created_by_id, ""),
            "approved_by": names.get(one.approved_by_id or 0, ""),
            "is_own": one.created_by_id == request.desk.user.pk,
        },
    )


@staff("POST", officer=True, fresh=True)
def issuance_approve(request: DeskRequest, uid: UUID) -> HttpResponse:
    try:
        one = services.issuance_approve(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused)
    _act(request, "issuance_approved", uid)
    return redirect_saying(request, "desk-coins", f"{grouped(one.amount)}コインを発行しました")


@staff("POST", officer=True, fresh=True)
def issuance_cancel(request: DeskRequest, uid: UUID) -> HttpResponse:
    try:
        services.issuance_cancel(uid=uid)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused)
    _act(request, "issuance_cancelled", uid)
    return redirect_saying(request, "desk-coins", "発行を取り消しました。コインは動いていません")


# --- distribution ---------------------------------------------------------------------------------
@staff("GET", "POST", officer=True, fresh=True)
def upload(request: DeskRequest) -> HttpResponse:
    """Step 1: the file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            sent = form.cleaned_data["file"]
            try:
                one = distributions.distribution_check(
                    uid=form.order,
                    by=request.desk.user,
                    programme_code=COIN_PROGRAMME,
                    file_name=sent.name,
                    data=sent.read(),
                )
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect("desk-distribution", uid=one.uid)
    return page(
        request, "distribution_upload.html", "coins", {**_figures(), "form": form}, status=status
    )


@staff("GET", "POST", officer=True, fresh=True)
def distribution(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Steps 2 to 4: what the check found; how to go on; who approved."""
    one = distributions.distribution_by_uid(uid)
    has_problems = one.rows.filter(problem__isnull=False).exists()
    form = DistributionForm(request.POST or None, request.FILES or None, has_problems=has_problems)
    if request.method != "POST":
        return _distribution(request, one, form, 200)
    if form.is_valid():
        try:
            after = _decided(request, one, form)
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            if after.uid != one.uid:
                return redirect("desk-distribution", uid=after.uid)
            return redirect_saying(request, _to(after), _said(after))
    return _distribution(request, one, form, 422)


def _decided(
    request: DeskRequest, one: distributions.Distribution, form: DistributionForm
) -> distributions.Distribution:
    """The distribution as submitted, or the one that the mended file makes in its place."""
    user = request.desk.user
    if form.cleaned_data["how"] != "mend":
        return distributions.distribution_submit(
            uid=one.uid,
            by=user,
            reason=form.cleaned_data["reason"],
            only_good=form.cleaned_data["how"] == "good",
        )
    sent = form.cleaned_data["file"]
    with transaction.atomic():
        mended = distributions.distribution_check(
            uid=form.order,
            by=user,
            programme_code=one.programme_code,
            file_name=sent.name,
            data=sent.read(),
        )
        distributions.distribution_cancel(uid=one.uid, by=user)
    return mended


def _to(one: distributions.Distribution) -> str:
    return reverse("desk-distribution", kwargs={"uid": one.uid})


def _said(one: distributions.Distribution) -> str:
    if one.state == one.State.DONE:
        return f"{grouped(one.total)}コインを配りました"
    return "もう1人の職員に、承認をたのんでください"


def _distribution(
    request: DeskRequest, one: distributions.Distribution, form: DistributionForm, status: int
) -> HttpResponse:
    figures = _figures()
    rules = figures["rules"]
    rows = one.rows.select_related("person")
    good = list(rows.filter(problem__isnull=True))
    names = staff_selectors.names_of({one.created_by_id, one.approved_by_id or 0})
    vintage = rules.vintage_distributed(one.fiscal_year)
    shown_all = request.GET.get("rows") == "all"
    steps = {"checked": 2, "waiting": 3, "done": 4, "cancelled": 2}
    return page(
        request,
        "distribution.html",
        "coins",
        {
            **figures,
            "one": one,
            "form": form,
            "step": steps[one.state],
            "summary_title": _summary_title(one.rows.count(), one.rows.count() - len(good)),
            "problems": list(rows.filter(problem__isnull=False)),
            "good": good if shown_all else good[:4],
            "good_count": len(good),
            "shown_all": shown_all,
            "summary": distributions.distribution_summary(one, rules),
            "expires_on": rules.expires_on(vintage),
            "left_after": figures["left"] - one.total,
            "is_own": one.created_by_id == request.desk.user.pk,
            "asked_by": names.get(one.created_by_id, ""),
            "approved_by": names.get(one.approved_by_id or 0, ""),
            "encoding": ("" if one.file_encoding == WORKBOOK else encoding_name(one.file_encoding)),
        },
        status=status,
    )


def _summary_title(lines: int, problems: int) -> str:
    if problems:
        return f"{lines:,}行のうち、{problems:,}行に直すところがあります"
    return f"{lines:,}行すべてを読み取れました"


@staff("POST", officer=True, fresh=True)
def distribution_approve(request: DeskRequest, uid: UUID) -> HttpResponse:
    try:
        one = distributions.distribution_approve(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused)
    return redirect_saying(request, _to(one), _said(one))


@staff("POST", officer=True, fresh=True)
def distribution_cancel(request: DeskRequest, uid: UUID) -> HttpResponse:
    try:
        distributions.distribution_cancel(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused)
    return redirect_saying(request, "desk-coins", "配布を取り消しました。コインは動いていません")


@staff(officer=True)
def distribution_problems(request: DeskRequest, uid: UUID) -> HttpResponse:
    """The lines to mend, as an Excel file: their own columns first, then what is wrong."""
    one = distributions.distribution_by_uid(uid)
    rows = list(one.rows.filter(problem__isnull=False))
    columns = [
        Column("line", "行", lambda row: row.line),
        *(
            Column(name, name, lambda row, name=name: row.raw[name])  # type: ignore[misc]
            for name in COLUMNS
            if any(name in row.raw for row in rows)
        ),
        Column("column", "直す列", lambda row: row.problem["column"]),
        Column("reason", "理由", lambda row: row.problem["reason"]),
        Column("remedy", "直し方", lambda row: row.problem["remedy"]),
    ]
    return export.table_file(
        "xlsx", name="kyojo-naosu-gyo", title="直すところ", columns=columns, rows=rows
    )
