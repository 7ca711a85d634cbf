"""相談・通報: the list, one case with its history, what was done, and how it ended."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import staff_selectors
from kyojo.civic.people.errors import ValueMissing
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_number, person_by_uid
from kyojo.civic.people.services import act_record
from kyojo.help.community import selectors, services
from kyojo.help.community.models import Case
from kyojo.help.support.services import person_suspend
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form
from ..http import redirect_saying
from . import case_reads, files
from .access import DeskRequest, page, staff
from .case_forms import (
    CaseNewForm,
    CloseForm,
    NoteForm,
    OwnerForm,
    ReopenForm,
    SuspendForm,
    WaitForm,
)
from .listing import Filter, Listing, filter_of

PER_PAGE = 100
MINE = (("me", "わたしの担当"), ("none", "担当がまだ"))
DUE = (("late", "期限をすぎた"),)
STATES = (("waiting_all", "終わっていない"), *Case.State.choices)


def _listing(request: DeskRequest) -> tuple[Listing, list[Filter]]:
    filters = [
        filter_of(request, "state", "いま", STATES),
        filter_of(request, "kind", "種類", list(Case.Kind.choices)),
        filter_of(request, "urgency", "急ぎ", list(Case.Urgency.choices)),
        filter_of(request, "owner", "担当", MINE),
        filter_of(request, "due", "期限", DUE),
    ]
    state, kind, urgency, owner, due = (one.value for one in filters)
    found = selectors.cases_for(request.desk.user)
    if state == "waiting_all":
        found = found.exclude(state=Case.State.CLOSED)
    elif state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    if urgency:
        found = found.filter(urgency=urgency)
    if owner == "me":
        found = found.filter(owner=request.desk.user)
    elif owner == "none":
        found = found.filter(owner=None)
    rows = case_reads.case_rows(found[:2000])
    if due:
        rows = [row for row in rows if row.is_late]
    listing = Listing(request.GET, case_reads.COLUMNS, rows, "due", path=reverse("desk-cases"))
    return listing, filters


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    listing, filters = _listing(request)
    taken = files.file_of(request, listing, name="cases", title="相談・通報", here="cases")
    if taken is not None:
        return taken
    return page(request, "cases.html", "cases", {**listing.page(PER_PAGE), "filters": filters})


@staff("GET", "POST")
def new(request: DeskRequest) -> HttpResponse:
    """What somebody said by telephone, on paper or at the counter."""
    given = {"about": request.GET.get("about", "")[:12]}
    form = CaseNewForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            about = _member(data["about"], "about")
            opener = _member(data["opened_by"], "opened_by")
            case = services.case_open(
                uid=form.order,
                kind=data["kind"],
                urgency=data["urgency"],
                subject_kind="person" if about else "",
                subject_uid=about.uid if about else None,
                about=[about.uid] if about else [],
                words=data["words"],
                opened_by_uid=opener.uid if opener else None,
                tells=True,
            )
            act_record(
                actor=request.desk.user,
                action="case_entered",
                subject_kind="case",
                subject_id=case.uid,
                basis=data["basis"],
            )
        except Refusal as refused:
            form.refuse(refused)
        else:
            there = reverse("desk-case", kwargs={"uid": case.uid})
            return redirect_saying(request, there, f"{case.number}を受け付けました")
    status = 422 if form.errors else 200
    return page(request, "case_new.html", "cases", {"form": form}, status=status)


def _member(number: str, field: str) -> Person | None:
    if not number.strip():
        return None
    try:
        return person_by_number(number)
    except NotFound:
        raise ValueMissing(field=field, part="この町の会員の番号") from None


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """A case. Opening it goes on record, since what was said about people shows."""
    return _one(request, services.case_read(uid=uid, by=request.desk.user))


def _one(
    request: DeskRequest, case: Case, *sent: Form, about: UUID | None = None, status: int = 200
) -> HttpResponse:
    """``sent``: a form that could not be followed, shown again as typed."""
    made: list[Form] = [
        NoteForm(),
        WaitForm(),
        CloseForm(),
        ReopenForm(),
        OwnerForm(
            staff=staff_selectors.everybody(),
            initial={"owner": str(case.owner_id or request.desk.user.pk)},
        ),
        SuspendForm(is_officer=request.desk.is_officer),
    ]
    by_name = {form.context: form for form in (*made, *sent)}  # type: ignore[attr-defined]
    row = case_reads.case_rows([case])[0]
    return page(
        request,
        "case.html",
        "cases",
        {
            "one": case,
            "row": row,
            "words": selectors.words_of(case),
            "reasons": case_reads.reasons_of(case),
            "people": case_reads.people_of(case),
            "towns": case_reads.towns_of(case),
            "subject_url": case_reads.subject_url(case),
            "history": case_reads.history_of(case),
            "is_closed": case.state == Case.State.CLOSED,
            "may_suspend": {"officer", "coordinator"} & request.desk.roles,
            "suspends": about,
            "form": sent[0] if sent else None,
            **by_name,
        },
        status=status,
    )


def _answer(
    request: DeskRequest, uid: UUID, form: Form, said: str, act: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    case = selectors.case_for(user=request.desk.user, uid=uid)
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, reverse("desk-case", kwargs={"uid": uid}), said)
    return _one(request, case, form, status=422)


@staff("POST")
def owner(request: DeskRequest, uid: UUID) -> HttpResponse:
    def act(data: dict[str, Any]) -> None:
        chosen = case_reads.staff_by_key(data["owner"])
        if chosen is None:
            raise NotFound()
        services.case_take(uid=uid, by=request.desk.user, owner=chosen)

    form = OwnerForm(request.POST, staff=staff_selectors.everybody())
    return _answer(request, uid, form, "担当者を決めました", act)


@staff("POST")
def note(request: DeskRequest, uid: UUID) -> HttpResponse:
    form = NoteForm(request.POST)

    def act(data: dict[str, Any]) -> None:
        services.case_note_add(
            order_id=form.order,
            uid=uid,
            by=request.desk.user,
            words=data["words"],
            step=data["step"],
        )

    return _answer(request, uid, form, "記録しました", act)


@staff("POST")
def wait(request: DeskRequest, uid: UUID) -> HttpResponse:
    form = WaitForm(request.POST)

    def act(data: dict[str, Any]) -> None:
        services.case_wait(
            uid=uid, by=request.desk.user, until=form.end_of("until"), words=data["words"]
        )

    return _answer(request, uid, form, "返事を待つことにしました", act)


@staff("POST")
def close(request: DeskRequest, uid: UUID) -> HttpResponse:
    def act(data: dict[str, Any]) -> None:
        services.case_close(
            uid=uid, by=request.desk.user, outcome=data["outcome"], words=data["words"]
        )

    return _answer(request, uid, CloseForm(request.POST), "終えました", act)


@staff("POST")
def reopen(request: DeskRequest, uid: UUID) -> HttpResponse:
    def act(data: dict[str, Any]) -> None:
        services.case_reopen(uid=uid, by=request.desk.user, words=data["words"])

    return _answer(request, uid, ReopenForm(request.POST), "もう一度開きました", act)


@staff("POST")
def suspend(request: DeskRequest, uid: UUID, person: UUID) -> HttpResponse:
    """Stop somebody whom the case is about: an officer until a day, a coordinator provisionally."""
    case = selectors.case_for(user=request.desk.user, uid=uid)
    if str(person) not in case.about:
        raise NotFound()
    whom = person_by_uid(person)
    form = SuspendForm(request.POST, is_officer=request.desk.is_officer)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = person_suspend(
                uid=form.order,
                person=whom,
                by=request.desk.user,
                reason=data["reason"],
                until=form.end_of("until") if request.desk.is_officer else None,
                case_uid=uid,
                keeps_visits=data["visits"] == "keep",
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            there = reverse("desk-suspension", kwargs={"uid": made.uid})
            return redirect_saying(request, there, "利用を止めました。本人にお知らせしました")
    return _one(request, case, form, about=person, status=422)
