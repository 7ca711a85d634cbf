"""わたしのバッジ: which ones one has, who sees each, and the files to take along."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.people.domain import ALONE_FROM_YEARS
from kyojo.civic.people.minors import may_be_shown
from kyojo.help.recognition import selectors, services
from kyojo.help.recognition.domain import ON_CARD_MOST
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused, redirect_saying, town_of
from . import files


@members_only
@require_safe
def badges(request: HttpRequest) -> HttpResponse:
    every = selectors.badges_of(person_of(request))
    context = {
        "standing": [one for one in every if one.badge.revoked_at is None],
        "gone": [one for one in every if one.badge.revoked_at is not None],
        "town": town_of(request),
        "tab": "me",
    }
    return render(request, "recognition/badges.html", context)


#: What a button says → the service, its argument, and what is answered.
CHOICES: dict[str, tuple[Any, dict[str, bool], str]] = {
    "page": (services.badge_public_set, {"is_public": True}, "ページを作りました"),
    "no-page": (services.badge_public_set, {"is_public": False}, "ページをしまいました"),
    "card": (services.badge_card_set, {"is_on_card": True}, "カードにのせました"),
    "no-card": (services.badge_card_set, {"is_on_card": False}, "カードから外しました"),
    "mine": (
        services.badge_identity_set,
        {"has_identity": True},
        "しるしを入れます。1分ほどで、新しい署名になります",
    ),
    "not-mine": (
        services.badge_identity_set,
        {"has_identity": False},
        "しるしを外します。1分ほどで、新しい署名になります",
    ),
}


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def badge(request: HttpRequest, uid: UUID) -> HttpResponse:
    person, here = person_of(request), reverse("me-badge", args=[uid])
    if request.method == "POST":
        choice = CHOICES.get(request.POST.get("do", ""))
        if choice is None:
            raise NotFound()
        act, said, sentence = choice
        try:
            act(person=person, uid=uid, **said)
        except NotFound:
            raise
        except Refusal as refusal:
            return page_refused(request, refusal, back=here)
        return redirect_saying(request, here, sentence)
    context = {
        "one": selectors.badge_own(person, uid),
        "town": town_of(request),
        "may_be_public": may_be_shown(person),
        "public_from": ALONE_FROM_YEARS,
        "on_card_most": ON_CARD_MOST,
        "mail": person.user.email if person.user else "",
        "tab": "me",
    }
    return render(request, "recognition/badge.html", context)


@members_only
@require_safe
def badge_file(request: HttpRequest, uid: UUID, form: str) -> HttpResponse:
    """``badge.pdf``, ``.png``, ``.svg``, ``.jwt``, ``.json``: for the holder."""
    view = selectors.badge_own(person_of(request), uid)
    if view.badge.revoked_at is not None:
        raise NotFound()
    try:
        if form == "pdf":
            return files.badge_paper(view, town_of(request))
        return files.badge_answer(view, town_of(request), form)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=reverse("me-badge", args=[uid]))
