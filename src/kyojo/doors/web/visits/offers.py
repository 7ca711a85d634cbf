"""Answering a question: OK or not this time, both as easy."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kyojo.civic.people.models import Person
from kyojo.help.matching.models import Offer
from kyojo.help.matching.selectors import belongs_to, offer_for_supporter, series_questions
from kyojo.help.matching.way import way_spoken
from kyojo.help.requests.domain import category
from kyojo.help.support import services
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from .access import member, person_of


@member
def answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    offer = offer_for_supporter(person=person, uid=uid)
    here = reverse("offer-answer", args=[uid])
    if request.method == "POST" and request.POST.get("answer") in ("yes", "no", "all"):
        said_yes = request.POST["answer"] != "no"
        if request.POST["answer"] == "all":
            return _all_answered(request, person, uid)
        try:
            made = services.offer_answer(offer_uid=uid, supporter=person, yes=said_yes)
        except NotFound:
            raise
        except Refusal as refusal:
            return http.page_refused(request, refusal, back=here)
        if made is not None:
            return http.redirect_saying(
                request, reverse("visit", args=[made.uid]), "決まりました。ありがとうございます"
            )
        sentence = (
            "OKの返事を送りました。決まったら、お知らせします"
            if said_yes
            else "今回は無理と伝えました。評価は変わりません"
        )
        return http.redirect_saying(request, here, sentence)
    made_uid = services.visit_uid_of(uid) if offer.state == Offer.State.CHOSEN else None
    return render(
        request,
        "visits/answer.html",
        {
            "offer": offer,
            "belongs": belongs_to(offer),
            "others": len(series_questions(supporter=person, offer_uid=uid)) - 1,
            "category": category(offer.category),
            "way": way_spoken(person.travel, offer.distance_m),
            "minutes": int((offer.ends_at - offer.starts_at).total_seconds() // 60),
            "is_open": offer.state == Offer.State.NOTIFIED and offer.expires_at > clock.now(),
            "can_take_back": offer.state == Offer.State.ACCEPTED,
            "visit_uid": made_uid,
        },
    )


def _all_answered(request: HttpRequest, person: Person, uid: UUID) -> HttpResponse:
    """OK to every day of a series that was asked for."""
    here = reverse("offer-answer", args=[uid])
    try:
        made = services.series_answer_yes(offer_uid=uid, supporter=person)
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=here)
    return http.redirect_saying(
        request, here, f"{len(made)}日分、決まりました。ありがとうございます"
    )
