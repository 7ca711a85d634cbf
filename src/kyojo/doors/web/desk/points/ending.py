"""The way out of the membership: an invoice for one who leaves, and the end, once nothing is open.

Officers only.
"""

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import paid_selectors, services
from kyojo.civic.earnings.models import PaidHelp
from kyojo.civic.earnings.services.leaving import Event
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_uid
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ...http import redirect_saying
from ..access import DeskRequest, page, staff
from .leaving import EVENTS, event_of
from .open_reads import open_rows
from .shared import sent
from .shop_forms import month_of
from .uses_forms import BillForm, EndForm

DUE_AFTER_DAYS = 14
CHANGED = "開いていた画面のあとで、手伝いの記録が変わりました。確かめて、もう一度押してください。"


@staff("GET", "POST", officer=True, fresh=True)
def bill(request: DeskRequest, uid: UUID, code: str, year: int, month: int) -> HttpResponse:
    """An invoice over a month's help for a member who leaves, without waiting for its end."""
    person = person_by_uid(uid)
    programme = paid_selectors.paid(code).programme
    day = _month(year, month)
    back = reverse("desk-points-leaving", kwargs={"uid": uid})
    rows = [
        row
        for row in paid_selectors.helps(
            programme, person=person, month=day, state=PaidHelp.State.OPEN
        )
        if row.helped_id == person.pk
    ]
    if not rows:
        if request.method == "POST":
            return redirect_saying(request, back, "この月の請求書は、もう出してあります")
        raise NotFound()
    yen = sum(row.payer_yen for row in rows)
    shown = f"{len(rows)}/{yen}"
    due_on = clock.today() + timedelta(days=DUE_AFTER_DAYS)
    form = BillForm(request.POST or None, initial={"shown": shown, "due_on": due_on})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and form.cleaned_data["shown"] != shown:
            form = BillForm({**request.POST.dict(), "shown": shown})
            form.add_error(None, CHANGED)
        made = sent(
            form,
            lambda data: services.invoices_issue(
                programme_code=code,
                month=day,
                due_on=data["due_on"],
                person=person,
                by=request.desk.user,
            ),
        )
        if made is not None:
            return redirect_saying(request, back, "請求書を出しました。本人にお知らせしました")
    context = {
        "one": person,
        "programme": programme,
        "month": day,
        "helps": len(rows),
        "yen": yen,
        "form": form,
    }
    return page(request, "points/leaving_bill.html", "points", context, status=status)


def _month(year: int, month: int) -> date:
    found = month_of(year, month)
    if found is None:
        raise NotFound()
    return found


@staff("GET", "POST", officer=True, fresh=True)
def end(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What still stands in the way of the end; where nothing does, the form that ends it."""
    person = person_by_uid(uid)
    event = event_of(request)
    if not event:
        raise NotFound()
    form = EndForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if person.left_at is not None:
            return _ended(request, person)
        ended = sent(
            form,
            lambda data: services.membership_end(
                person=person, event=event, basis=data["basis"], by=request.desk.user
            ),
        )
        if ended is not None:
            return _ended(request, person)
    context = {
        "one": person,
        "event": event,
        "event_name": EVENTS[event],
        "form": form,
        "open": [row for row in open_rows(person) if row.item.stops_leaving],
        "is_unsettled": _is_unsettled(person, event),
    }
    return page(request, "points/leaving_end.html", "points", context, status=status)


def _is_unsettled(person: Person, event: Event) -> bool:
    return bool(services.left_to_settle(person=person, event=event))


def _ended(request: DeskRequest, person: Person) -> HttpResponse:
    path = reverse("desk-member", kwargs={"uid": person.uid})
    return redirect_saying(request, path, "退会の手続きを記録しました")
