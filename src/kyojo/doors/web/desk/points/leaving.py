"""転出、退会、死亡: what stands open for a member and what becomes of what they have, seen first,
then settled. Officers only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import open_selectors, selectors, services
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.services.leaving import Event, Outcome, Paper
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.papers.settlement import Settlement, settlement_pdf
from kyojo.civic.programmes.rules.wording import amount
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ...forms import Choice
from ...http import as_file, page_refused, redirect_saying, uuid_or_404
from ...points.forms import PAYEE
from .. import queues
from ..access import DeskRequest, page, staff
from .open_reads import TO_MEMBER, open_rows
from .shared import number_of
from .uses_forms import LeavingForm

EVENTS = {"leaving": "転出", "quitting": "退会", "death": "死亡"}
BECOMES = {
    "lapse": "消えて、町にもどります",
    "keep": "そのまま残ります",
    "pay_out": "本人にお金で払います",
    "heirs": "相続する人にお金で払います",
    "donate": "寄付します",
}


@dataclass(frozen=True)
class Line:
    """What becomes of one programme's units, and what decided it."""

    outcome: Outcome
    name: str
    amount: str
    yen: str
    becomes: str
    returned: str = ""
    redemption: Redemption | None = None

    @property
    def number(self) -> str:
        return number_of(self.redemption) if self.redemption else ""


def _lines(outcomes: list[Outcome]) -> list[Line]:
    ruled_now = selectors.programmes_now((*selectors.KINDS, "coin"))
    known = {ruled.programme.code: ruled for ruled in ruled_now}
    made = [one.redemption_uid for one in outcomes if one.redemption_uid]
    asked = {row.uid: row for row in Redemption.objects.filter(uid__in=made)}
    lines = []
    for outcome in outcomes:
        document = known[outcome.programme_code].document
        worth = document.worth
        yen = worth.yen_of(outcome.amount) if worth else 0
        unit = document.unit
        becomes = BECOMES[outcome.way] if outcome.amount else "残りは、ありません"
        if outcome.recipient:
            becomes = f"「{outcome.recipient}」に寄付します"
        elif outcome.asks_recipient:
            becomes = "寄付します。寄付先は、下で選びます"
        lines.append(
            Line(
                outcome=outcome,
                name=document.name,
                amount=amount(outcome.amount, unit),
                returned=amount(outcome.returned, unit) if outcome.returned else "",
                yen=f"{yen:,}円" if outcome.is_paid else "",
                becomes=becomes,
                redemption=asked.get(outcome.redemption_uid) if outcome.redemption_uid else None,
            )
        )
    return lines


def event_of(request: DeskRequest) -> Event | Literal[""]:
    """Which of the three the address or the form names."""
    asked = request.POST.get("event", "") or request.GET.get("event", "")
    return cast(Event, asked) if asked in EVENTS else ""


@staff("GET", "POST", officer=True, fresh=True)
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """First which of the three, then what it brings, with the form that settles it."""
    person = person_by_uid(uid)
    event = event_of(request)
    if request.method != "POST":
        act_record(
            actor=request.desk.user,
            action="leaving_opened",
            subject_kind="person",
            subject_id=str(uid),
        )
        return _page(request, person, event, None, 200)
    if not event:
        raise NotFound()
    form = _form(request, person, event)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.leaving_settle(
                uid=form.order,
                person=person,
                event=event,
                payee=form.payee(),
                day=data.get("day"),
                ties=data.get("ties", ()),
                recipients=form.recipients(),
                papers=_papers(data.get("papers", ())),
                by=request.desk.user,
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            path = reverse("desk-points-left", kwargs={"uid": uid})
            return redirect_saying(
                request,
                f"{path}?event={event}&order={form.order}",
                f"{EVENTS[event]}の精算を記録しました",
            )
    return _page(request, person, event, form, 422)


def _papers(chosen: Iterable[str]) -> list[Paper]:
    """``ticket:12`` → the twelfth ticket of the programme."""
    parts = [one.rpartition(":") for one in chosen]
    return [
        (code, int(number))
        for code, _, number in parts
        if number.isascii() and number.isdecimal() and len(number) < 10
    ]


def _paper_choices(person: Person) -> list[tuple[str, Choice]]:
    return [
        (
            f"{item.programme.code}:{item.number}",
            Choice(f"{item.number}番の券", item.programme.name),
        )
        for item in open_selectors.open_items(person)
        if item.kind == "paper"
    ]


def _form(request: DeskRequest, person: Person, event: Event) -> LeavingForm:
    """The form for what a person has now. An account is asked for where something may be paid;
    once sent, where something is, or was by the same order a moment ago."""
    out = _paper_choices(person)
    is_sent = request.method == "POST"
    chosen = request.POST.getlist("papers") if is_sent else [key for key, _ in out]
    plan = services.leaving_plan(person=person, event=event, papers=_papers(chosen))
    plan = [one for one in plan if not one.waits]
    names = {ruled.programme.code: ruled.document.name for ruled in selectors.programmes_now()}
    gifts = [
        (one.programme_code, names[one.programme_code], one.recipients)
        for one in plan
        if one.asks_recipient
    ]
    is_paid = any(one.is_paid for one in plan)
    if is_sent:
        is_paid = is_paid or all(request.POST.get(name) for name in PAYEE)
        out += [(key, Choice(key)) for key in _taken_in(request, person, chosen)]
    return LeavingForm(
        request.POST if is_sent else None, event=event, is_paid=is_paid, gifts=gifts, papers=out
    )


def _taken_in(request: DeskRequest, person: Person, chosen: Iterable[str]) -> list[str]:
    """The tickets among ``chosen`` that this very order took in: it was sent twice."""
    try:
        order = UUID(request.POST.get("order_id", ""))
    except ValueError:
        return []
    taken = services.papers_taken_by(uid=order, person=person, papers=_papers(chosen))
    return [f"{code}:{number}" for code, number in taken]


def _page(
    request: DeskRequest,
    person: Person,
    event: Event | Literal[""],
    form: LeavingForm | None,
    status: int,
) -> HttpResponse:
    plan = services.leaving_plan(person=person, event=event) if event else []
    if event and form is None:
        form = _form(request, person, event)
    return page(
        request,
        "points/leaving.html",
        "points",
        {
            "one": person,
            "event": event,
            "event_name": EVENTS.get(event, ""),
            "lines": _lines(plan),
            "form": form,
            "asks_account": form is not None and "bank" in form.fields,
            "open": open_rows(person) if event else [],
        },
        status=status,
    )


@staff(officer=True)
def done(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What a settlement did, the applications that another officer approves, what is left."""
    person, event, lines = settled(request, uid)
    plan = services.leaving_plan(person=person, event=event)
    return page(
        request,
        "points/left.html",
        "points",
        {
            "one": person,
            "event": event,
            "event_name": EVENTS[event],
            "order": request.GET.get("order", ""),
            "lines": lines,
            "kept": _lines([one for one in plan if one.way == "keep"]),
            "asked": [line for line in lines if line.redemption],
            "open": [row for row in open_rows(person) if row.item.stops_leaving],
        },
    )


def settled(request: DeskRequest, uid: UUID) -> tuple[Person, Event, list[Line]]:
    """Whose settlement the address names, and what it did. Raises ``NotFound``."""
    person = person_by_uid(uid)
    event = event_of(request)
    order = uuid_or_404(request.GET.get("order", ""))
    if not event:
        raise NotFound()
    return person, event, _lines(services.settled_of(uid=order, person=person, event=event))


@staff(officer=True)
def paper(request: DeskRequest, uid: UUID) -> HttpResponse:
    """A settlement as a paper for the member or their family, with what stands open still."""
    person, event, lines = settled(request, uid)
    town = queues.municipality()
    kept = [
        one
        for one in services.leaving_plan(person=person, event=event)
        if one.way == "keep" and not one.waits
    ]
    try:
        content = settlement_pdf(
            Settlement(
                event=EVENTS[event],
                to=f"{person.name} 様" if event != "death" else f"故 {person.name} 様のご家族",
                number=person.number,
                issuer=(town.name, town.office_name, f"電話 {town.office_phone}"),
                settled=tuple(_printed(line) for line in [*lines, *_lines(kept)]),
                rest=tuple(
                    (row.what, row.item.programme.name, TO_MEMBER[row.item.kind])
                    for row in open_rows(person)
                ),
                note="お金は、職員の承認のあとにお支払いします。"
                f"内容にちがいがあるときは、{town.office_name}にお知らせください。",
            ),
            made_on=clock.today(),
        )
    except Refusal as refused:
        return page_refused(request, refused, back=reverse("desk-points-member", args=[uid]))
    act_record(
        actor=request.desk.user,
        action="paper_printed",
        subject_kind="person",
        subject_id=person.uid,
        note="settlement",
    )
    name = f"settlement-{person.number}.pdf"
    return as_file(content, name, cache="no-store")


def _printed(line: Line) -> tuple[str, str, str]:
    returned = f"前貸しの{line.returned}を返しました。" if line.returned else ""
    return line.name, line.amount, f"{returned}{line.becomes} {line.yen}".strip()
