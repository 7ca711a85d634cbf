"""活動の記録: the list, writing one down from a stamp book, one record with its why."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Record
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.wording import year_sentences
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name

from ...http import redirect_saying
from .. import files
from ..access import DeskRequest, page
from ..listing import Filter, Listing, filter_of
from .forms import RecordForm, VoidForm
from .paged import PagedListing, Rows
from .record_reads import (
    COLUMNS,
    PAGED_COLUMNS,
    STATES,
    found_of,
    orders_of,
    rows_of,
    why,
    year_of_record,
)
from .shared import PER_PAGE, Frame, of_programme, same_programme

#: A shorter list is counted as a whole, so that it can be sorted by what its activities came to.
COUNTED_AT_ONCE = 300


def documents_of(frame: Frame) -> list[Document]:
    """The rules that hold for what may still be written down: this year's and last year's."""
    found = []
    for year in frame.years[:2]:
        try:
            found.append(selectors.ruled(frame.code, year).document)
        except ProgrammeMissing:
            continue
    return found


@of_programme(counted=True)
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    year = frame.year(request.GET.get("year", ""))
    document = selectors.ruled(frame.code, year).document
    hosts = document.hosts.designated if document.hosts else {}
    filters = [
        Filter("year", "年度", frame.year_choices(), str(year), has_all=False),
        filter_of(request, "activity", "活動", list(document.activities.items())),
        filter_of(request, "host", "受け入れ先", list(hosts.items())),
        filter_of(request, "state", "数えたか", STATES),
    ]
    words = request.GET.get("words", "")[:80]
    found = found_of(
        frame.ruled, year, words=words, activity=filters[1].value, host=filters[2].value
    )
    listing, units = _listing(request, frame, year, found, filters[3].value)
    title = f"活動の記録 {frame.code}"
    taken = files.file_of(request, listing, name="records", title=title, here="points")
    if taken is not None:
        return taken
    return page(
        request,
        "points/records.html",
        "points",
        {
            **frame.context(),
            **listing.page(PER_PAGE),
            "filters": filters,
            "search": words,
            "units": units,
            "year_name": fiscal_year_name(year),
        },
    )


def _listing(
    request: DeskRequest, frame: Frame, year: int, found: QuerySet[Record], state: str
) -> tuple[Listing, int | None]:
    """The list, and the sum of what it came to: None where that is too much to count for a page.

    What something came to is known to the evaluator alone, so that only a list that asks for it
    (by its filter, or as a file), or is short, is counted as a whole.
    """
    path = reverse("desk-points-records", kwargs={"code": frame.code})
    if state == "void":
        found = found.exclude(void_at=None)
    needs_all = state in ("counted", "zero") or "format" in request.GET
    if needs_all or found[COUNTED_AT_ONCE : COUNTED_AT_ONCE + 1].exists() is False:
        rows = [
            row
            for row in rows_of(frame.ruled, year, list(found))
            if not state or row.state == state
        ]
        listing = Listing(request.GET, COLUMNS, rows, "-start", path=path)
        return listing, sum(row.units or 0 for row in rows)
    document = selectors.ruled(frame.code, year).document
    paged = PagedListing(
        request.GET,
        PAGED_COLUMNS,
        Rows(found, lambda some: rows_of(frame.ruled, year, some)),
        "-start",
        path=path,
        orders=orders_of(document),
        last=("start", "pk"),
    )
    return paged, None


@of_programme("GET", "POST", counted=True)
def new(request: DeskRequest, frame: Frame) -> HttpResponse:
    """代理入力: what a host's stamp or a paper proves, with the basis on record."""
    documents = documents_of(frame)
    form = RecordForm(
        request.POST or None,
        documents=documents,
        initial={"member": request.GET.get("member", "")[:80]},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                record = _added(request, frame, form)
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(request, _path(frame, record), "活動を記録しました")
    return page(
        request,
        "points/record_new.html",
        "points",
        {**frame.context(), "form": form},
        status=status,
    )


def _added(request: DeskRequest, frame: Frame, form: RecordForm) -> Record:
    data = form.cleaned_data
    start, end = form.times
    return services.record_add(
        uid=form.order,
        programme_code=frame.code,
        person_id=form.found.pk,
        activity=data.get("activity", ""),
        host=data.get("host", ""),
        rewarded=data["rewarded"],
        start=start,
        end=end,
        by=request.desk.user,
        basis=data["basis"],
    )


def _path(frame: Frame, record: Record) -> str:
    return reverse("desk-points-record", kwargs={"code": frame.code, "uid": record.uid})


@of_programme(counted=True)
def one(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """One activity, what it came to and why. Opening it goes on record."""
    record = selectors.record_by_uid(uid)
    same_programme(record, frame)
    act_record(
        actor=request.desk.user,
        action="activity_opened",
        subject_kind="person",
        subject_id=str(record.person.uid),
    )
    return _one(request, frame, record, VoidForm(), 200)


@of_programme("POST", counted=True)
def void(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    record = selectors.record_by_uid(uid)
    same_programme(record, frame)
    form = VoidForm(request.POST)
    if form.is_valid():
        try:
            services.record_void(uid=uid, reason=form.cleaned_data["reason"], by=request.desk.user)
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, _path(frame, record), "記録を取り消しました")
    return _one(request, frame, record, form, 422)


def _one(
    request: DeskRequest, frame: Frame, record: Record, form: VoidForm, status: int
) -> HttpResponse:
    number = year_of_record(record)
    document = selectors.ruled(frame.code, number).document
    year = selectors.year_of(frame.ruled.programme, record.person, number)
    line = next((line for line in year.lines if line.line == record.pk), None)
    names = staff_selectors.names_of({record.recorded_by_id or 0, record.void_by_id or 0})
    hosts = document.hosts.designated if document.hosts else {}
    context: dict[str, Any] = {
        **frame.context(),
        "document": document,
        "one": record,
        "member": record.person,
        "activity": document.activities.get(record.activity, record.activity),
        "host": hosts.get(record.host, record.host),
        "line": line,
        "why": why(document, record, line),
        "year_name": fiscal_year_name(number),
        "year": year,
        "year_lines": year_sentences(document, year),
        "is_closed": selectors.is_closed(frame.ruled.programme, number),
        "recorded_by": names.get(record.recorded_by_id or 0, ""),
        "void_by": names.get(record.void_by_id or 0, ""),
        "is_this_year": number == clock.fiscal_year(),
        "form": form,
    }
    return page(request, "points/record.html", "points", context, status=status)
