"""依頼: those nobody answered, one of them, and somebody found for it by hand."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kyojo.civic.municipalities.models import Area, Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.errors import BasisMissing
from kyojo.civic.people.selectors import people_by_uids, person_by_number
from kyojo.civic.people.services import act_record
from kyojo.help.matching import selectors as matching
from kyojo.help.matching.domain import advice
from kyojo.help.requests.domain import CATEGORIES, GENDER_WISHES, PLACE_KIND_NAMES, category
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.selectors import (
    belongs,
    request_by_uid,
    request_steps,
    requests_unanswered,
    visitor_note_of,
)
from kyojo.help.support.models import Visit
from kyojo.help.support.services import office_assign
from kyojo.kernel.errors import NotFound, Refusal

from ..http import page_refused, redirect_saying
from . import assigning, files, once
from .access import DeskRequest, page, staff
from .forms import AssignForm, CancelForm
from .listing import Filter, Listing, filter_of
from .queues import targets
from .request_reads import COLUMNS, request_rows

WAITED = (("12", "12時間をこえる"), ("24", "24時間をこえる"))
IN_CHARGE = (("me", "自分"), ("none", "未定"))
FINDING = (HelpRequest.State.OPEN, HelpRequest.State.UNFILLED)


def unanswered(request: DeskRequest, *, path: str) -> tuple[Listing, list[Filter]]:
    """The list of requests nobody took, as the address narrows and sorts it."""
    desk = request.desk
    areas = [(str(area.pk), area.name) for area in Area.objects.filter(kind=Area.Kind.LIVING_AREA)]
    filters = [
        filter_of(request, "area", "圏域", areas),
        filter_of(request, "category", "種類", [(c.code, c.name) for c in CATEGORIES]),
        filter_of(request, "waited", "待っている時間", WAITED),
        filter_of(request, "in_charge", "担当", IN_CHARGE),
    ]
    area, kind, hours, in_charge = (one.value for one in filters)
    found = requests_unanswered(category=kind)
    if area:
        found = found.filter(area_id=int(area))
    rows = request_rows(list(found), target_hours=targets().request_hours, area_ids=desk.area_ids)
    if hours:
        rows = [row for row in rows if row.waited.total_seconds() > int(hours) * 3600]
    if in_charge == "me":
        rows = [row for row in rows if row.is_mine]
    elif in_charge == "none":
        rows = [row for row in rows if row.in_charge == "未定"]
    return Listing(request.GET, COLUMNS, rows, "-waited", path=path), filters


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    listing, filters = unanswered(request, path=reverse("desk-requests"))
    taken = files.file_of(
        request, listing, name="requests", title="返事のない依頼", here="requests"
    )
    if taken is not None:
        return taken
    return page(
        request,
        "requests.html",
        "requests",
        {
            "listing": listing,
            "rows": listing.rows,
            "filters": filters,
            "caption": f"{len(listing.rows)}件",
        },
    )


def opened(request: DeskRequest, uid: UUID, action: str) -> HelpRequest:
    """The request, with the opening on record, since names and addresses show. NotFound."""
    one = request_by_uid(uid)
    act_record(
        actor=request.desk.user,
        action=action,
        subject_kind="request",
        subject_id=str(uid),
    )
    return one


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """A request with its people, who was asked, and what happened so far."""
    found = opened(request, uid, "request_opened")
    visit = Visit.objects.filter(request_uid=uid).order_by("-reserved_at").first()
    offers = matching.offers_of_request(uid)
    names = dict(HelpRequest.State.choices)
    return page(
        request,
        "request.html",
        "requests",
        {
            **_facts(found),
            "offers": offers,
            "steps": [
                {"at": step.at, "label": names.get(step.after, step.after)}
                for step in request_steps(uid)
                if step.after != HelpRequest.State.DRAFT
            ],
            "visit": visit,
            "is_open": found.state in FINDING,
            "cancel_form": CancelForm(),
            **(once.shown_of(found) if found.state == HelpRequest.State.OPEN else {}),
        },
    )


def _facts(found: HelpRequest) -> dict[str, object]:
    """What every page of a request shows. Who lives in another town is told by that town."""
    people = people_by_uids(
        uid for uid in (found.carer_uid, found.recipient_uid) if uid is not None
    )
    towns = dict(Municipality.objects.values_list("id", "name"))
    return {
        "one": found,
        "category": category(found.category),
        "visitor_note": visitor_note_of(found),
        "carer": people.get(found.carer_uid),
        "recipient": people.get(found.recipient_uid) if found.recipient_uid else None,
        "carer_town": towns[found.carer_municipality_id],
        "place_town": towns[found.place_municipality_id],
        "is_place_here": found.place_municipality_id == current(),
        "place_kind": PLACE_KIND_NAMES.get(found.place_kind, ""),
        "wish": GENDER_WISHES.get(found.gender_wish, ""),
        "belongs": belongs(
            request_uid=found.uid, carer_municipality_id=found.carer_municipality_id
        ),
    }


@staff()
def find(request: DeskRequest, uid: UUID) -> HttpResponse:
    """人をさがす: who could come, with reasons, to be called by telephone."""
    found = opened(request, uid, "candidates_opened")
    if found.state not in FINDING:
        return _settled_already(request, uid)
    number = request.GET.get("number", "").strip()
    if number:
        try:
            known = person_by_number(number)
        except NotFound:
            known = None
        if known is not None:
            return redirect("desk-assign", uid=uid, town=current(), supporter=known.uid)
    candidates = matching.candidates(found, by_office=True)
    here = people_by_uids(
        candidate.uid for candidate in candidates if candidate.municipality_id == current()
    )
    towns = dict(Municipality.objects.values_list("id", "name"))
    return page(
        request,
        "find.html",
        "requests",
        {
            **_facts(found),
            "candidates": [
                {
                    "card": candidate.card(),
                    "uid": candidate.uid,
                    "town_id": candidate.municipality_id,
                    "town": towns[candidate.municipality_id],
                    "person": here.get(candidate.uid),
                }
                for candidate in candidates
            ],
            "number": number,
            "advice": [] if candidates else advice(matching.why_nobody(found)),
            "relaxed": [] if candidates else matching.relaxed(found),
        },
    )


def _settled_already(request: DeskRequest, uid: UUID) -> HttpResponse:
    return redirect_saying(
        request, reverse("desk-request", kwargs={"uid": uid}), "この依頼は、もう決まっています"
    )


@staff("GET", "POST")
def assign(request: DeskRequest, uid: UUID, town: int, supporter: UUID) -> HttpResponse:
    """Settle somebody by hand, after they said yes by telephone, on paper or at the counter."""
    found = opened(request, uid, "assign_opened")
    if request.method != "POST" and found.state not in FINDING:
        return _settled_already(request, uid)
    form = AssignForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                visit = office_assign(
                    order_id=form.order,
                    request_uid=uid,
                    supporter_uid=supporter,
                    supporter_municipality_id=town,
                    by=request.desk.user,
                    basis=form.cleaned_data["basis"],
                )
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(
                    request,
                    reverse("desk-visit", kwargs={"uid": visit.uid}),
                    "来る人を決めました。みなさんにお知らせしました",
                )
    person = people_by_uids([supporter]).get(supporter) if town == current() else None
    return page(
        request,
        "assign.html",
        "requests",
        {
            **_facts(found),
            "form": form,
            "card": assigning.card_of(found, town=town, supporter=supporter),
            "person": person,
            "town": Municipality.objects.get(pk=town),
        },
        status=status,
    )


@staff("POST")
def cancel(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Take a request back for the carer, who asked for it by telephone, on paper or in person."""
    form = CancelForm(request.POST)
    found = request_by_uid(uid)
    if not form.is_valid():
        return page_refused(request, BasisMissing(field="basis"))
    try:
        assigning.request_cancel_by_office(
            request=found,
            by=request.desk.user,
            basis=form.cleaned_data["basis"],
        )
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused)
    return redirect_saying(
        request, "desk-requests", f"{found.number}を取り消しました。コインは動いていません"
    )
