"""Looking for somebody: candidates (03a), many at once (03b), waiting (03c), cancelling."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.models import Person
from kyojo.help.matching import selectors as matching
from kyojo.help.matching import services as offers
from kyojo.help.matching.domain import advice, gone_reason
from kyojo.help.matching.errors import CandidateGone
from kyojo.help.matching.models import Offer
from kyojo.help.matching.selectors import Candidate
from kyojo.help.matching.waiting import wait_choices
from kyojo.help.requests import selectors
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support import selectors as support
from kyojo.help.support import services as visits
from kyojo.help.support.readiness_selectors import meet_first
from kyojo.help.support.services.reservations import visit_uid_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id
from kyojo.kernel.wording import jdate, jrange

from .. import http
from .access import carers_only, person_of
from .forms import WaitForm

State = HelpRequest.State


def _own(request: HttpRequest, uid: UUID) -> HelpRequest:
    """The carer's own request, opened already. Raises ``NotFound``."""
    found = selectors.request_for_carer(carer=person_of(request), uid=uid)
    if found.state == State.DRAFT:
        raise NotFound()
    return found


def _about(request: HelpRequest) -> dict[str, Any]:
    """What every page of a request says on top."""
    return {"asked": request, "category": category(request.category)}


# --- candidates ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Card:
    """A candidate as the page draws them."""

    candidate: Candidate
    about: dict[str, Any]
    order_id: UUID
    is_best: bool
    #: Before their first visit of this kind they meet.
    meets_first: bool = False

    @property
    def badges(self) -> list[tuple[str, ...]]:
        meeting = [("はじめに顔合わせをします", "info", "users")] if self.meets_first else []
        return [*(tuple(badge) for badge in self.about["badges"]), *meeting]

    @property
    def who(self) -> str:
        return "・".join(filter(None, (self.about["age"], self.about["occupation"])))

    @property
    def reasons(self) -> list[str]:
        return reasons_kept(self.about["reasons"])

    @property
    def tags(self) -> str:
        return "".join(f"「{tag}」" for tag in self.about["rating"]["tags"])

    @property
    def free(self) -> tuple[tuple[datetime, datetime], ...]:
        return self.candidate.match.free

    @property
    def free_spoken(self) -> str:
        return "、".join(
            jrange(start, end).replace(f"{jdate(end)}0時", "24時") for start, end in self.free
        )


def reasons_kept(lines: list[str]) -> list[str]:
    """Reasons whose bracketed end (（歩いて15分）) stays on one line."""
    kept = []
    for line in lines:
        head, bracket, tail = line.partition("（")
        kept.append(
            format_html('{}<wbr><span class="nowrap">{}</span>', head, bracket + tail)
            if bracket
            else line
        )
    return kept


@carers_only
def people_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """03a; a POST asks one of them."""
    asked = _own(request, uid)
    if asked.state != State.OPEN:
        return redirect("carer-request", uid)
    if request.method == "POST":
        return _ask(request, asked)
    return _people(request, asked)


def _meet_first(asked: HelpRequest, candidates: Iterable[Candidate]) -> set[UUID]:
    return meet_first(
        category=asked.category,
        place_municipality_id=asked.place_municipality_id,
        carer_municipality_id=asked.carer_municipality_id,
        carer_uid=asked.carer_uid,
        supporter_uids=[one.uid for one in candidates],
        recipient_uid=asked.recipient_uid,
    )


def _people(
    request: HttpRequest, asked: HelpRequest, refusal: Refusal | None = None
) -> HttpResponse:
    found = matching.candidates(asked)
    first = _meet_first(asked, found)
    cards = [
        Card(one, one.card(), new_id(), rank == 0, one.uid in first)
        for rank, one in enumerate(found)
    ]
    return render(
        request,
        "carer/people.html",
        _about(asked)
        | {
            "cards": cards,
            "points": _points(asked, found),
            "map_label": f"{asked.place_label}と、{len(found)}人のだいたいの場所の地図。"
            "距離は一覧にあります",
            "span": (asked.starts_at, asked.ends_at),
            "advice": [] if found else advice(matching.why_nobody(asked)),
            "standing": matching.direct_ask_standing(asked.uid),
            "refused": http.said(refusal) if refusal else "",
            "missing": max(0, asked.price_coins - coins.purse(person_of(request)).available),
        },
        status=409 if refusal else 200,
    )


def _points(asked: HelpRequest, found: list[Candidate]) -> list[dict[str, Any]]:
    """The house and the circles for the map."""
    house = {
        "latitude": asked.latitude,
        "longitude": asked.longitude,
        "kind": "home",
        "text": asked.place_label,
    }
    circles = [
        {
            "latitude": one.about.latitude,
            "longitude": one.about.longitude,
            "kind": "about",
            "text": one.family_name[:1],
            "radius_m": matching.ABOUT_METRES,
        }
        for one in found[:6]
    ]
    return [*circles, house]


def _ask(request: HttpRequest, asked: HelpRequest) -> HttpResponse:
    supporter = http.uuid_or_404(request.POST.get("supporter"))
    town = request.POST.get("town", "")
    try:
        offers.offer_ask(
            order_id=http.uuid_or_404(request.POST.get("order_id")),
            request_uid=asked.uid,
            carer=person_of(request),
            supporter_uid=supporter,
            supporter_municipality_id=int(town) if town.isdecimal() and len(town) <= 10 else 0,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _people(request, asked, refusal)
    return redirect("carer-request", asked.uid)


@carers_only
def person_page(request: HttpRequest, uid: UUID, town: int, supporter_uid: UUID) -> HttpResponse:
    """紹介と評価: what a candidate writes about themselves, and the good points that others let
    us show."""
    asked = _own(request, uid)
    if asked.state != State.OPEN:
        return redirect("carer-request", uid)
    candidate, broken = matching.candidate_checked(
        asked, supporter_uid=supporter_uid, supporter_municipality_id=town
    )
    if candidate is None:
        gone = CandidateGone(reason=gone_reason(broken))
        return http.page_refused(request, gone, back=reverse("carer-request-people", args=[uid]))
    with tenant(town):
        good_points = support.tags_public(supporter_uid)
    return render(
        request,
        "carer/person.html",
        _about(asked)
        | {
            "card": Card(
                candidate,
                candidate.card(),
                new_id(),
                is_best=True,
                meets_first=bool(_meet_first(asked, [candidate])),
            ),
            "good_points": list(good_points.items()),
            "standing": matching.direct_ask_standing(uid),
        },
    )


# --- many at once -------------------------------------------------------------------------------
@carers_only
def broadcast_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """03b."""
    asked = _own(request, uid)
    if asked.state != State.OPEN:
        return redirect("carer-request", uid)
    waits = wait_choices(now=clock.local(), starts_at=clock.local(asked.starts_at))
    data = request.POST if request.method == "POST" else None
    form = WaitForm(data, waits=waits, price=asked.price_coins)
    if form.is_valid():
        try:
            offers.offers_broadcast(
                order_id=form.order,
                request_uid=uid,
                carer=person_of(request),
                decide=form.cleaned_data["decide"],
                wait_until=form.wait_until,
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("carer-request", uid)
    return render(
        request,
        "carer/broadcast.html",
        _about(asked) | {"form": form, "coordinator": matching.coordinator_of(asked)},
        status=422 if data is not None else 200,
    )


# --- waiting ------------------------------------------------------------------------------------
@carers_only
def request_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """03c: how it stands, with the next thing to do."""
    person = person_of(request)
    asked = selectors.request_for_carer(carer=person, uid=uid)
    if asked.state == State.DRAFT:
        return redirect("carer-ask-review", uid)
    questions = matching.offers_of_request(uid)
    chosen = next((one for one in questions if one.state == Offer.State.CHOSEN), None)
    if asked.state in (State.MATCHED, State.DONE) and chosen is not None:
        visit_url = f"/visits/{visit_uid_of(chosen.uid)}/"
        # The waiting page asks by itself: then the browser, not the fragment, has to move on.
        return HttpResponseClientRedirect(visit_url) if request.htmx else redirect(visit_url)  # type: ignore[attr-defined]
    shown = _shown(asked, questions)
    if request.GET.get("seen") == shown:
        return HttpResponse(status=204)  # htmx leaves the page as it is
    sorted_out = _sorted_out(questions)
    search = matching.search_standing(uid) if asked.state == State.OPEN else None
    if asked.state == State.OPEN and not questions and not asked.escalated_at and not search:
        return redirect("carer-request-people", uid)
    return render(
        request,
        "carer/request.html",
        _about(asked)
        | sorted_out
        | {
            "shown": shown,
            "tab": "plan",
            "search": search,
            "belongs": selectors.belongs(
                request_uid=uid, carer_municipality_id=asked.carer_municipality_id
            ),
            "is_waiting": sorted_out["is_waiting"] or search is not None,
        },
    )


def _shown(asked: HelpRequest, questions: list[Offer]) -> str:
    """A short mark of what the page shows: the waiting page asks whether it changed."""
    said = [asked.state, str(asked.escalated_at), *(f"{one.uid}{one.state}" for one in questions)]
    return hashlib.sha256("/".join(said).encode()).hexdigest()[:12]


def _sorted_out(questions: list[Offer]) -> dict[str, Any]:
    by_state: dict[str, list[Offer]] = {state: [] for state in Offer.State.values}
    for one in questions:
        by_state[one.state].append(one)
    many = [one for one in questions if not one.is_direct and one.state != Offer.State.WITHDRAWN]
    accepted = by_state[Offer.State.ACCEPTED]
    waiting = by_state[Offer.State.NOTIFIED]
    return {
        "accepted": [
            {
                "offer": one,
                "card": one.card,
                "reasons": reasons_kept(one.card["reasons"]),
                "badges": _ok_badges(one),
                "order_id": new_id(),
            }
            for one in accepted
        ],
        "direct": next((one for one in waiting if one.is_direct), None),
        "many": many,
        "counts": {
            "ok": len([one for one in many if one.state == Offer.State.ACCEPTED]),
            "no": len([one for one in many if one.state == Offer.State.DECLINED]),
            "waiting": len([one for one in many if one.state == Offer.State.NOTIFIED]),
            "silent": len([one for one in many if one.state == Offer.State.LAPSED]),
        },
        "is_waiting": bool(waiting),
    }


def _ok_badges(offer: Offer) -> list[tuple[str, ...]]:
    trust = [(text, "", icon) for text, _, icon in offer.card["badges"]]
    return [("OKの返事", "good", "done"), *trust]


# --- what a carer may do with it ----------------------------------------------------------------
@require_POST
@carers_only
def offer_withdraw(request: HttpRequest, uid: UUID, offer_uid: UUID) -> HttpResponse:
    _own(request, uid)
    back = reverse("carer-request", args=[uid])
    try:
        offers.offer_withdraw(offer_uid=offer_uid, carer=person_of(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=back)
    return http.redirect_saying(
        request,
        reverse("carer-request-people", args=[uid]),
        "お願いを取り下げました。コインはもどっています。",
    )


@require_POST
@carers_only
def offer_choose(request: HttpRequest, uid: UUID, offer_uid: UUID) -> HttpResponse:
    """この人に決める: the coins are held, the others are thanked."""
    _own(request, uid)
    back = reverse("carer-request", args=[uid])
    try:
        visit = visits.offer_choose(
            order_id=http.uuid_or_404(request.POST.get("order_id")),
            offer_uid=offer_uid,
            carer=person_of(request),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=back)
    name = visit.supporter_card["family_name"]
    return http.redirect_saying(request, f"/visits/{visit.uid}/", f"{name}さんに決まりました。")


@require_POST
@carers_only
def handover(request: HttpRequest, uid: UUID) -> HttpResponse:
    """コーディネーターにまかせる."""
    _own(request, uid)
    try:
        offers.request_escalate(request_uid=uid, carer=person_of(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=reverse("carer-request", args=[uid]))
    return redirect("carer-request", uid)


@carers_only
def cancel_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what happens, then do it."""
    person: Person = person_of(request)
    asked = _own(request, uid)
    if request.method == "POST":
        try:
            offers.request_withdraw(uid=uid, carer=person)
        except NotFound:
            raise
        except Refusal as refusal:
            back = reverse("carer-request", args=[uid])
            return http.page_refused(request, refusal, back=back)
        return http.redirect_saying(request, "carer-home", "依頼を取り消しました。")
    questions = matching.offers_of_request(uid)
    sorted_out = _sorted_out(questions)
    held = sum(hold["amount"] for one in questions for hold in _standing_holds(one))
    return render(
        request,
        "carer/cancel.html",
        _about(asked)
        | {
            "held": held,
            "told": sorted_out["counts"]["waiting"]
            + len(sorted_out["accepted"])
            + (1 if sorted_out["direct"] else 0),
        },
    )


def _standing_holds(offer: Offer) -> list[dict[str, Any]]:
    return offer.holds if offer.state in (Offer.State.NOTIFIED, Offer.State.ACCEPTED) else []
