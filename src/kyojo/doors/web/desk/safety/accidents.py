"""Accident reports at the desk: the list with its deadlines, one, the paper, the way to the
insurer."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from kyojo.civic.people.services import act_record
from kyojo.help.safety import selectors, services
from kyojo.help.safety.domain import ACCIDENT_PARTS, HURT, accident_missing
from kyojo.help.safety.models import Accident
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from ...forms import Form, OrderForm
from ...http import page_refused, redirect_saying
from ...safety.accident_forms import AccidentForm, initial_of, lines_of
from .. import files
from ..access import DeskRequest, page, staff
from ..listing import Column, Filter, Listing, filter_of
from .papers import accident_report_pdf, pdf_given

State = Accident.State
PER_PAGE = 100
LOOKS = {
    State.DRAFT: ("", "clock"),
    State.REPORTED: ("warn", "bell"),
    State.SENT: ("info", "file"),
    State.SETTLED: ("good", "done"),
}
ROLES = {"supporter": "来た人", "carer": "たのんだ人", "office": "事務局"}


@dataclass(frozen=True)
class Row:
    uid: UUID
    number: str
    happened_at: datetime | None
    hurt: str
    damaged: str
    by: str
    due_on: date | None
    is_late: bool
    state: str
    state_name: str
    insurer_number: str

    @property
    def badge(self) -> tuple[str, str, str]:
        return (self.state_name, *LOOKS[State(self.state)])


COLUMNS = (
    Column("number", "番号", lambda row: row.number),
    Column(
        "happened",
        "起きた日時",
        lambda row: row.happened_at,
        sortable=True,
        order=("古い順", "新しい順"),
    ),
    Column("hurt", "けが", lambda row: row.hurt or None, sortable=True),
    Column("damaged", "物", lambda row: row.damaged or None, sortable=True),
    Column("by", "書いた人", lambda row: row.by, sortable=True),
    Column(
        "due",
        "保険会社への期限",
        lambda row: row.due_on,
        sortable=True,
        order=("期限が近い順", "期限が遠い順"),
    ),
    Column("state", "いま", lambda row: row.state_name, sortable=True),
    Column("insurer", "保険会社の番号", lambda row: row.insurer_number or None),
)


def _row(one: Accident) -> Row:
    answers = services.answers_of(one)
    waits = one.state in (State.DRAFT, State.REPORTED)
    due = one.due_on if waits else None
    return Row(
        uid=one.uid,
        number=one.number,
        happened_at=one.happened_at,
        hurt=HURT.get(answers.get("hurt", ""), ""),
        damaged={"yes": "あり", "no": "なし"}.get(answers.get("damaged", ""), ""),
        by=ROLES.get(one.by_role, ""),
        due_on=due,
        is_late=due is not None and due < clock.today(),
        state=one.state,
        state_name=str(State(one.state).label),
        insurer_number=one.insurer_number,
    )


class NewForm(OrderForm):
    """Only the id: the report's parts come after it."""


@staff("GET", "POST")
def listed(request: DeskRequest) -> HttpResponse:
    """POST begins a report for somebody who tells it by telephone."""
    if request.method == "POST":
        form = NewForm(request.POST)
        if not form.is_valid():
            raise NotFound()
        row = services.accident_start_office(uid=form.order, by=request.desk.user)
        return HttpResponseRedirect(reverse("desk-accident-part", args=[row.uid, 1]))
    states: Filter = filter_of(request, "state", "いま", list(State.choices))
    found = selectors.accidents()
    if states.value:
        found = found.filter(state=states.value)
    rows = [_row(one) for one in found[:2000]]
    listing = Listing(request.GET, COLUMNS, rows, "due", path=reverse("desk-accidents"))
    taken = files.file_of(request, listing, name="accidents", title="事故の報告", here="safety")
    if taken is not None:
        return taken
    context = {
        **listing.page(PER_PAGE),
        "filters": [states],
        "new_form": NewForm(initial={"order_id": new_id()}),
        "report_days": services.insurance_rule().report_days,
    }
    return page(request, "safety/accidents.html", "safety", context)


class SentForm(Form):
    insurer_number = forms.CharField(
        label="保険会社の受付番号",
        max_length=40,
        required=False,
        help_text="まだのときは、あとで。",
    )


class SettledForm(Form):
    words = forms.CharField(
        label="結果",
        max_length=3000,
        required=False,
        widget=forms.Textarea,
        help_text="暗号にして残します。例：治療費が支払われた。",
    )


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One report. Opening it goes on record, since it says who was hurt and how."""
    found = selectors.accident_by_uid(uid)
    _recorded(request, found, "accident_opened")
    return _one(request, found)


def _recorded(request: DeskRequest, found: Accident, action: str) -> None:
    act_record(
        actor=request.desk.user, action=action, subject_kind="accident", subject_id=found.uid
    )


def _one(
    request: DeskRequest, found: Accident, refused: Form | None = None, *, status: int = 200
) -> HttpResponse:
    answers = services.answers_of(found)
    visit = Visit.objects.filter(uid=found.visit_uid).first() if found.visit_uid else None
    context = {
        "one": found,
        "row": _row(found),
        "visit": visit,
        "lines": [(number, *part) for number, part in enumerate(lines_of(answers), start=1)],
        "missing": accident_missing(answers),
        "settled_note": selectors.opened(found.settled_note_sealed),
        "may_write": found.state in (State.DRAFT, State.REPORTED),
        "sent_form": refused if isinstance(refused, SentForm) else SentForm(),
        "settled_form": refused if isinstance(refused, SettledForm) else SettledForm(),
        "form": refused,
    }
    return page(request, "safety/accident.html", "safety", context, status=status)


@staff("GET", "POST")
def part(request: DeskRequest, uid: UUID, number: int) -> HttpResponse:
    """One part, written or put right by the office."""
    if not 1 <= number <= len(ACCIDENT_PARTS):
        raise NotFound()
    found = selectors.accident_by_uid(uid)
    here = reverse("desk-accident", args=[uid])
    if found.state not in (State.DRAFT, State.REPORTED):
        return HttpResponseRedirect(here)
    if request.method != "POST":
        form = AccidentForm(part=number, initial=initial_of(services.answers_of(found)))
    else:
        form = AccidentForm(request.POST, part=number)
        if form.is_valid():
            try:
                services.accident_write(
                    uid=uid, by=request.desk.user, part=number, answers=form.answers
                )
            except NotFound:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                if number < len(ACCIDENT_PARTS) and found.state == State.DRAFT:
                    return HttpResponseRedirect(
                        reverse("desk-accident-part", args=[uid, number + 1])
                    )
                return redirect_saying(request, here, "書きとめました")
    context: dict[str, Any] = {
        "one": found,
        "form": form,
        "number": number,
        "title": ACCIDENT_PARTS[number - 1].title,
        "back_url": here,
        "is_last": number == len(ACCIDENT_PARTS) or found.state != State.DRAFT,
    }
    return page(
        request,
        "safety/accident_part.html",
        "safety",
        context,
        status=422 if form.errors else 200,
    )


@staff("POST")
def act(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Handed in, sent, settled: by the button that was pressed."""
    found = selectors.accident_by_uid(uid)
    here, user = reverse("desk-accident", args=[uid]), request.desk.user
    what = request.POST.get("do", "")
    form: Form | None = None
    try:
        if what == "report":
            services.accident_report(uid=uid, by=user)
            return redirect_saying(request, here, "報告として受けました")
        if what == "sent":
            form = SentForm(request.POST)
            if form.is_valid():
                services.accident_sent(
                    uid=uid, insurer_number=form.cleaned_data["insurer_number"], by=user
                )
                return redirect_saying(request, here, "保険会社に送ったと記録しました")
        elif what == "settled":
            form = SettledForm(request.POST)
            if form.is_valid():
                services.accident_settled(uid=uid, words=form.cleaned_data["words"], by=user)
                return redirect_saying(request, here, "終わりました")
        else:
            raise NotFound()
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=here)
    return _one(request, found, form, status=422)


@staff()
def paper(request: DeskRequest, uid: UUID) -> HttpResponse:
    """The report as the insurer takes it."""
    found = selectors.accident_by_uid(uid)
    content = accident_report_pdf(found, services.answers_of(found))
    _recorded(request, found, "accident_paper")
    return pdf_given(content, name=f"jiko-{found.number}.pdf")
