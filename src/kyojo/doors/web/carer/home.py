"""The front door: the carer's home (01), or where everybody else belongs."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from kyojo.civic.earnings.shop_selectors import shops_of
from kyojo.civic.municipalities.selectors import municipalities_all
from kyojo.civic.people import coins
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import staff_roles
from kyojo.civic.people.staff_selectors import appeal_officer_of
from kyojo.help.matching import selectors as matching
from kyojo.help.matching.models import Offer
from kyojo.help.matching.way import relation_spoken
from kyojo.help.requests import selectors
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support import selectors as support
from kyojo.help.support.domain import UPCOMING
from kyojo.help.support.list_selectors import visits_of
from kyojo.help.support.selectors import VisitView
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate, relative_day

from .ask import again_rows


def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "carer/start.html", {"towns": municipalities_all()})
    person: Person | None = request.person  # type: ignore[attr-defined]
    if not person:
        return redirect(_home_without_person(request))
    if person.carer_since is not None:
        return _carer_home(request, person)
    if person.supporter_since is not None:
        return redirect("/help/")
    return redirect("/visits/" if person.recipient_since is not None else "/me/")


def _home_without_person(request: HttpRequest) -> str:
    if request.municipality_id is None:  # type: ignore[attr-defined]
        return "/workplace/"
    if staff_roles(request.user):  # type: ignore[arg-type]
        return "/desk/"
    if appeal_officer_of(request.user) is not None:  # type: ignore[arg-type]
        return "/appeals/"
    return "/shop/" if shops_of(request.user) else "/signup/"  # type: ignore[arg-type]


def _carer_home(request: HttpRequest, person: Person) -> HttpResponse:
    rows = visits_of(person, "carer", is_past=False)
    upcoming = support.visits_for(person, [row.uid for row in rows if row.state in UPCOMING])
    requests = selectors.requests_waiting_of(carer=person)
    questions = matching.offers_by_request(one.uid for one in requests)
    waiting = [_waiting(one, questions[one.uid]) for one in requests]
    to_confirm = [row for row in rows if row.to_do == "confirm"]
    purse = coins.purse(person)
    return render(
        request,
        "carer/home.html",
        {
            "confirm": support.visit_for(person, to_confirm[0].uid) if to_confirm else None,
            "confirm_near": _near_day(to_confirm[0].starts_at) if to_confirm else "",
            "confirm_more": len(to_confirm) - 1,
            "choose": next((one for one in waiting if one["ok"]), None),
            "waiting": waiting,
            "upcoming": [_upcoming(visit) for visit in upcoming],
            "again": again_rows(person, limit=3),
            "series": _series(person),
            "bundles": selectors.bundles_standing(carer=person),
            "purse": purse,
            "held_count": _held_count(person, rows),
            "today": clock.today(),
            # Gently, to who has asked and never offered.
            "may_give": bool(rows) and person.supporter_since is None,
        },
    )


def _series(person: Person) -> list[dict[str, Any]]:
    return [
        {
            "uid": one.uid,
            "category": category(one.category),
            "said": selectors.series_spoken(one),
        }
        for one in selectors.series_active(carer=person)
    ]


def _near_day(moment: datetime) -> str:
    """``きのう``; "" for days that only their date names."""
    said = relative_day(moment)
    return "" if said == jdate(moment) else said


def _waiting(asked: HelpRequest, questions: list[Offer]) -> dict[str, Any]:
    ok = [one for one in questions if one.state == Offer.State.ACCEPTED]
    pending = [one for one in questions if one.state == Offer.State.NOTIFIED]
    if ok:
        said = f"{len(ok)}人がOKの返事をしました"
    elif pending:
        said = "返事を待っています"
    elif asked.escalated_at:
        said = "コーディネーターがさがしています"
    else:
        said = "まだ、だれにもお願いしていません"
    return {"asked": asked, "category": category(asked.category), "ok": len(ok), "said": said}


def _upcoming(visit: VisitView) -> dict[str, Any]:
    """A visit with what its badge says and who tells the spoken code."""
    badge = ("来る人が決まりました", "good", "done")
    if visit.state == "started":
        badge = ("支援中です", "solid", "")
    elif visit.consent == "asked":
        whose = relation_spoken(visit.carer.get("relation", "")) or "お宅の方"
        badge = (f"{whose}のお返事待ち", "info", "clock")
    at_home = not visit.recipient
    whose = relation_spoken(visit.carer.get("relation", "")) or "お宅の方"
    return {
        "visit": visit,
        "badge": badge,
        "trust": [(label, "", "shield") for label in visit.supporter.get("trust", [])],
        "code_teller": "" if at_home else whose,
    }


def _held_count(person: Person, rows: list[Any]) -> int:
    """How many visits and standing direct questions hold coins."""
    direct = Offer.objects.filter(
        is_direct=True,
        state__in=(Offer.State.NOTIFIED, Offer.State.ACCEPTED),
        request_uid__in=selectors.requests_of(carer=person).values_list("uid", flat=True),
    ).count()
    return len(rows) + direct
