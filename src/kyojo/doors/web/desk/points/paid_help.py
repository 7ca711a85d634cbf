"""有償の手伝い: the list, its months, writing one down after a last look, one with its why."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import paid_selectors, services
from kyojo.civic.earnings.models import PaidHelp
from kyojo.civic.earnings.paid_words import HOW, activity_name, why
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.rules.thanks import settlement_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name

from ...http import redirect_saying, tried
from ...points.thanking_reads import BADGES, documents
from .. import files
from ..access import DeskRequest, View, page
from ..listing import Filter, Listing, filter_of
from .paid_forms import DeskHelpForm, HelpVoidForm
from .paid_reads import COLUMNS, MONTHS, help_rows, narrowed, wage_caution
from .shared import PER_PAGE, Frame, decided, of_programme, same_programme


def of_paid_help(*methods: str):  # type: ignore[no-untyped-def]
    """``of_programme`` for officers, and for programmes of paid help only."""

    def guard(view: View) -> View:
        def narrowed_view(request: DeskRequest, frame: Frame, **kwargs: Any) -> HttpResponse:
            if not settlement_of(frame.ruled.document):
                raise NotFound()
            return view(request, frame, **kwargs)

        return of_programme(*methods, officer=True)(narrowed_view)

    return guard


def frame_context(frame: Frame) -> dict[str, Any]:
    """What every page of paid help needs."""
    return {**frame.context(), "is_billed": paid_selectors.is_billed(frame.ruled)}


@of_paid_help()
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    year = frame.year(request.GET.get("year", ""))
    every = help_rows(frame.ruled.programme, year)
    months = sorted({paid_selectors.month_of(row.start) for row in every})
    filters = [
        Filter("year", "年度", frame.year_choices(), str(year), has_all=False),
        filter_of(request, "month", "月", [(f"{one:%Y-%m}", f"{one.month}月") for one in months]),
        filter_of(request, "state", "いま", PaidHelp.State.choices),
    ]
    words = request.GET.get("words", "")[:80]
    rows = narrowed(every, words=words, month=filters[1].value, state=filters[2].value)
    path = reverse("desk-points-help", kwargs={"code": frame.code})
    listing = Listing(request.GET, COLUMNS, rows, "-start", path=path)
    title = f"有償の手伝い {frame.code}"
    taken = files.file_of(request, listing, name="paid-help", title=title, here="points")
    if taken is not None:
        return taken
    return page(
        request,
        "points/paid_help.html",
        "points",
        {
            **frame_context(frame),
            **listing.page(PER_PAGE),
            "filters": filters,
            "search": words,
            "payer_yen": sum(r.one.payer_yen for r in rows if r.one.state != PaidHelp.State.VOID),
            "year_name": fiscal_year_name(year),
            "year": year,
        },
    )


@of_paid_help()
def months(request: DeskRequest, frame: Frame) -> HttpResponse:
    """What each month came to, for the accounts. No names."""
    year = frame.year(request.GET.get("year", ""))
    rows = paid_selectors.month_sums(paid_selectors.helps(frame.ruled.programme, fiscal_year=year))
    filters = [Filter("year", "年度", frame.year_choices(), str(year), has_all=False)]
    path = reverse("desk-points-help-months", kwargs={"code": frame.code})
    listing = Listing(request.GET, MONTHS, rows, "month", path=path)
    title = f"有償の手伝い 月ごと {frame.code}"
    taken = files.file_of(request, listing, name="paid-help-months", title=title, here="points")
    if taken is not None:
        return taken
    return page(
        request,
        "points/paid_help_months.html",
        "points",
        {
            **frame_context(frame),
            **listing.page(PER_PAGE),
            "filters": filters,
            "year_name": fiscal_year_name(year),
        },
    )


# --- writing down ---------------------------------------------------------------------------------


@of_paid_help("GET", "POST")
def new(request: DeskRequest, frame: Frame) -> HttpResponse:
    """The form; sent with ``step=check`` the look at it, with ``step=send`` it is written down."""
    ways = documents(frame.ruled)
    if request.method != "POST":
        return _form(request, frame, DeskHelpForm(documents=ways))
    form = DeskHelpForm(request.POST, documents=ways)
    step = request.POST.get("step", "check")
    if step == "change":
        return _form(request, frame, form)
    if not form.is_valid():
        return _form(request, frame, form, status=422)

    def record() -> PaidHelp:
        return services.help_record(programme_code=frame.code, by=request.desk.user, **form.given)

    is_known = paid_selectors.is_recorded(frame.ruled.programme, form.order)
    try:
        if step != "send" and not is_known:
            return _check(request, frame, form, tried(record))
        one = record()
    except NotFound:
        raise
    except Refusal as refused:
        form.refuse(refused)
        return _form(request, frame, form, status=422)
    return redirect_saying(request, _path(frame, one.uid), "手伝いを記録しました")


def _form(
    request: DeskRequest, frame: Frame, form: DeskHelpForm, status: int = 200
) -> HttpResponse:
    context = {**frame_context(frame), "form": form}
    return page(request, "points/paid_help_new.html", "points", context, status=status)


def _check(request: DeskRequest, frame: Frame, form: DeskHelpForm, one: PaidHelp) -> HttpResponse:
    document = paid_selectors.paid(frame.code, clock.local(one.start).date()).document
    context = {
        **frame_context(frame),
        "form": form,
        "one": one,
        "helped": form.cleaned_data["helped"],
        "helper": form.cleaned_data["helper"],
        "activity": activity_name(document, one.activity),
        "how": HOW[one.settlement],
        "why": why(document, one),
        "cautions": wage_caution(document, one),
    }
    return page(request, "points/paid_help_check.html", "points", context)


def _path(frame: Frame, uid: UUID) -> str:
    return reverse("desk-points-help-one", kwargs={"code": frame.code, "uid": uid})


# --- one ------------------------------------------------------------------------------------------


@of_paid_help()
def one(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """One time of help, what it came to and why. Opening it goes on record."""
    found = _mine(frame, uid)
    act_record(
        actor=request.desk.user,
        action="paid_help_opened",
        subject_kind="paid_help",
        subject_id=uid,
    )
    return _one(request, frame, found, HelpVoidForm())


@of_paid_help("POST")
def void(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    found = _mine(frame, uid)
    form = HelpVoidForm(request.POST)
    return decided(
        request,
        form,
        lambda data: services.help_void(uid=uid, reason=data["reason"], by=request.desk.user),
        said="手伝いの記録を取り消しました。2人にお知らせしました",
        path=_path(frame, uid),
        again=lambda: _one(request, frame, found, form, status=422),
    )


def _mine(frame: Frame, uid: UUID) -> PaidHelp:
    found = paid_selectors.help_by_uid(uid)
    same_programme(found, frame)
    return found


def _one(
    request: DeskRequest, frame: Frame, found: PaidHelp, form: HelpVoidForm, status: int = 200
) -> HttpResponse:
    document = paid_selectors.Documents(found.programme).on(found.start)
    names = staff_selectors.names_of({found.recorded_by_id or 0, found.void_by_id or 0})
    context = {
        **frame_context(frame),
        "one": found,
        "badge": BADGES[found.state],
        "activity": activity_name(document, found.activity),
        "how": HOW[found.settlement],
        "why": why(document, found),
        "unit": document.unit,
        "invoice": paid_selectors.invoice_number(found.invoice) if found.invoice else "",
        "recorded_by": names.get(found.recorded_by_id or 0, "本人"),
        "void_by": names.get(found.void_by_id or 0, ""),
        "form": form,
    }
    return page(request, "points/paid_help_one.html", "points", context, status=status)
