"""転出と死亡: what becomes of a member's points, seen first, then settled. Officers only."""

from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.services.leaving import Event, Outcome
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.rules.wording import amount
from kyojo.kernel.errors import NotFound, Refusal

from ...http import redirect_saying
from ...points.forms import PAYEE
from ..access import DeskRequest, page, staff
from .shared import number_of
from .uses_forms import LeavingForm

EVENTS = {"leaving": "転出", "death": "死亡"}
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
    redemption: Redemption | None = None

    @property
    def number(self) -> str:
        return number_of(self.redemption) if self.redemption else ""


def _lines(outcomes: list[Outcome]) -> list[Line]:
    known = {ruled.programme.code: ruled for ruled in selectors.programmes_now()}
    made = [one.redemption_uid for one in outcomes if one.redemption_uid]
    asked = {row.uid: row for row in Redemption.objects.filter(uid__in=made)}
    lines = []
    for outcome in outcomes:
        document = known[outcome.programme_code].document
        worth = document.worth
        yen = worth.yen_of(outcome.amount) if worth else 0
        becomes = BECOMES[outcome.way]
        if outcome.recipient:
            becomes = f"「{outcome.recipient}」に寄付します"
        lines.append(
            Line(
                outcome=outcome,
                name=document.name,
                amount=amount(outcome.amount, document.unit),
                yen=f"{yen:,}円" if outcome.is_paid else "",
                becomes=becomes,
                redemption=asked.get(outcome.redemption_uid) if outcome.redemption_uid else None,
            )
        )
    return lines


def _event(request: DeskRequest) -> Event | Literal[""]:
    asked = request.POST.get("event", "") or request.GET.get("event", "")
    return cast(Event, asked) if asked in EVENTS else ""


@staff("GET", "POST", officer=True)
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """First which of the two, then what it brings, with the form that settles it."""
    person = person_by_uid(uid)
    event = _event(request)
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
    plan = services.leaving_plan(person=person, event=event)
    form = _form(request.POST, event, plan)
    if "bank" not in form.fields and any(request.POST.get(name) for name in PAYEE):
        form = _form(request.POST, event, plan, is_paid=True)  # sent twice: nothing is left to pay
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.leaving_settle(
                uid=form.order,
                person=person,
                event=event,
                payee=form.payee(),
                day=data["day"],
                ties=data.get("ties", ()),
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


def _form(
    data: Any, event: Event, plan: list[Outcome], *, is_paid: bool | None = None
) -> LeavingForm:
    paid = any(outcome.is_paid for outcome in plan) if is_paid is None else is_paid
    return LeavingForm(data, event=event, is_paid=paid)


def _page(
    request: DeskRequest,
    person: Person,
    event: Event | Literal[""],
    form: LeavingForm | None,
    status: int,
) -> HttpResponse:
    plan = services.leaving_plan(person=person, event=event) if event else []
    if event and form is None:
        form = _form(None, event, plan)
    waiting = selectors.redemptions(person=person, state=Redemption.State.ASKED)
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
            "waiting": [{"row": row, "number": number_of(row)} for row in waiting],
        },
        status=status,
    )


@staff(officer=True)
def done(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What a settlement did, and the applications that another officer approves."""
    person = person_by_uid(uid)
    event = _event(request)
    try:
        order = UUID(request.GET.get("order", ""))
    except ValueError:
        raise NotFound() from None
    if not event:
        raise NotFound()
    lines = _lines(services.settled_of(uid=order, person=person, event=event))
    kept = _lines(
        [
            outcome
            for outcome in services.leaving_plan(person=person, event=event)
            if outcome.way == "keep"
        ]
    )
    return page(
        request,
        "points/left.html",
        "points",
        {
            "one": person,
            "event_name": EVENTS[event],
            "lines": lines,
            "kept": kept,
            "asked": [line for line in lines if line.redemption],
        },
    )
