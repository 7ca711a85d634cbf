"""気になること at the desk: how each stands for everybody, what it says for the centre alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people.services import act_record
from kyojo.help.safety import selectors, services
from kyojo.help.safety.domain import GROUNDS, SIGNS, URGENCIES
from kyojo.help.safety.models import Worry
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.wording import jdate_plain

from ...forms import Form
from ...http import page_refused, redirect_saying
from .. import files
from ..access import DeskRequest, page, staff
from ..listing import Column, Filter, Listing, filter_of
from .papers import pdf_given, worry_report

State = Worry.State
PER_PAGE = 100
LOOKS = {
    State.SENT: ("warn", "bell"),
    State.ACKNOWLEDGED: ("info", "eye"),
    State.ANSWERED: ("info", "message"),
    State.CLOSED: ("good", "done"),
}


@dataclass(frozen=True)
class Row:
    """No name and no sign: a list is read by the whole desk."""

    uid: UUID
    number: str
    at: datetime
    urgency: str
    centre: str
    area: str
    due_at: datetime | None
    is_late: bool
    state: str
    state_name: str
    may_read: bool

    @property
    def badge(self) -> tuple[str, str, str]:
        return (self.state_name, *LOOKS[State(self.state)])


COLUMNS = (
    Column("number", "番号", lambda row: row.number),
    Column("at", "届いた日時", lambda row: row.at, sortable=True, order=("古い順", "新しい順")),
    Column("urgency", "急ぎぐあい", lambda row: row.urgency, sortable=True),
    Column("centre", "受けもち", lambda row: row.centre, sortable=True),
    Column("area", "圏域", lambda row: row.area or None, sortable=True),
    Column(
        "due",
        "期限",
        lambda row: row.due_at,
        sortable=True,
        order=("期限が近い順", "期限が遠い順"),
    ),
    Column("state", "いま", lambda row: row.state_name, sortable=True),
)
NO_CENTRE = "自治体職員（センターの登録なし）"


def _row(one: Worry, *, may_read: bool) -> Row:
    waits = one.state == State.SENT
    return Row(
        uid=one.uid,
        number=one.number,
        at=one.at,
        urgency=URGENCIES[one.urgency].label,
        centre=one.centre.name if one.centre else NO_CENTRE,
        area=one.area_name,
        due_at=one.due_at if waits else None,
        is_late=waits and one.due_at <= clock.now(),
        state=one.state,
        state_name=str(State(one.state).label),
        may_read=may_read,
    )


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    filters: list[Filter] = [
        filter_of(request, "state", "いま", list(State.choices)),
        filter_of(
            request, "urgency", "急ぎぐあい", [(code, one.label) for code, one in URGENCIES.items()]
        ),
    ]
    found = selectors.worries()
    for one in filters:
        if one.value:
            found = found.filter(**{one.name: one.value})
    shown = list(found[:2000])
    readers = services.readers_each(shown)
    rows = [_row(one, may_read=request.desk.user.pk in readers[one.uid]) for one in shown]
    listing = Listing(request.GET, COLUMNS, rows, "due", path=reverse("desk-worries"))
    taken = files.file_of(request, listing, name="worries", title="気になること", here="safety")
    if taken is not None:
        return taken
    context = {**listing.page(PER_PAGE), "filters": filters, "going": _going(request)}
    return page(request, "safety/worries.html", "safety", context)


def _going(request: DeskRequest) -> list[tuple[str, str, date]]:
    """(address, or "" for who may not read it; number; on which day its record goes)."""
    days = selectors.worries_going()
    rows = {one.uid: one for one in Worry.objects.filter(uid__in=days)}
    readers = services.readers_each([*rows.values()])
    return [
        (
            reverse("desk-worry", args=[uid]) if request.desk.user.pk in readers[uid] else "",
            rows[uid].number,
            day,
        )
        for uid, day in days.items()
    ]


# --- one ------------------------------------------------------------------------------------------
class AnswerForm(Form):
    words = forms.CharField(
        label="伝えた人へのお返事",
        max_length=3000,
        widget=forms.Textarea,
        help_text="ご本人のことは、伝えてよい範囲だけを書いてください。例：訪問しました。ありがとうございます。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "answer_%s")
        super().__init__(*args, **kwargs)


class CloseForm(Form):
    words = forms.CharField(
        label="したことと、これからのこと",
        max_length=3000,
        widget=forms.Textarea,
        help_text="センターの人だけが読みます。暗号にして残します。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "close_%s")
        super().__init__(*args, **kwargs)


def _readable(request: DeskRequest, uid: UUID) -> Worry:
    """Raises ``NotFound`` for who may not read it: the list says that it is there, no more."""
    found = selectors.worry_by_uid(uid)
    if not services.may_read(found, request.desk.user):
        raise NotFound()
    return found


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What it says and who said so. Opening it goes on record."""
    found = _readable(request, uid)
    _recorded(request, found, "worry_opened")
    return _one(request, found)


def _recorded(request: DeskRequest, found: Worry, action: str) -> None:
    act_record(actor=request.desk.user, action=action, subject_kind="worry", subject_id=found.uid)


def _one(
    request: DeskRequest, found: Worry, refused: Form | None = None, *, status: int = 200
) -> HttpResponse:
    content = services.content_of(found)
    ground = GROUNDS[found.ground]
    context = {
        "one": found,
        "row": _row(found, may_read=True),
        "signs": [SIGNS[code] for code in content["signs"] if code in SIGNS],
        "content": content,
        "ground": ground,
        "ground_as_of": jdate_plain(ground.as_of) if ground.as_of else "",
        "is_abuse": "abuse" in content["signs"],
        "answer": selectors.opened(found.answer_sealed),
        "closing": selectors.opened(found.closing_sealed),
        "answer_form": refused if isinstance(refused, AnswerForm) else AnswerForm(),
        "close_form": refused if isinstance(refused, CloseForm) else CloseForm(),
        "form": refused,
    }
    return page(request, "safety/worry.html", "safety", context, status=status)


@staff("POST")
def act(request: DeskRequest, uid: UUID) -> HttpResponse:
    """「受けとりました」, an answer, a hand-over or the end: by the button that was pressed."""
    found = _readable(request, uid)
    user, here = request.desk.user, reverse("desk-worry", args=[uid])
    pressed: dict[str, tuple[Callable[..., object], str]] = {
        "take": (services.worry_acknowledge, "受けとりました。伝えた人にも知らせました"),
        "hand": (services.worry_hand_over, "相談・通報に引きつぎました"),
    }
    written: dict[str, tuple[type[Form], Callable[..., object], str]] = {
        "answer": (AnswerForm, services.worry_answer, "お返事を伝えました"),
        "close": (CloseForm, services.worry_close, "終えました"),
    }
    what = request.POST.get("do", "")
    form = None
    try:
        if what in pressed:
            call, said = pressed[what]
            call(uid=uid, by=user)
            return redirect_saying(request, here, said)
        if what not in written:
            raise NotFound()
        form_class, call, said = written[what]
        form = form_class(request.POST)
        if form.is_valid():
            call(uid=uid, words=form.cleaned_data["words"], by=user)
            return redirect_saying(request, here, said)
    except NotFound:
        raise
    except Refusal as refusal:
        if form is None:
            return page_refused(request, refusal, back=here)
        form.refuse(refusal)
    return _one(request, found, form, status=422)


@staff()
def paper(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One page for the centre's file."""
    found = _readable(request, uid)
    content = worry_report(found, services.content_of(found))
    _recorded(request, found, "worry_paper")
    return pdf_given(content, name=f"kininaru-{found.number}.pdf")
