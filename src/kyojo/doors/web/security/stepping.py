"""Asking once more who it is, before an act that would hurt (対話型認証).

Use it on a member's page::

    @members_only
    @stepped_up("data_export")
    def page(request): …

or inside a view, where what is asked for decides::

    asked = step_up_required(request, "coins_give", coins=amount, available=purse.available)
    if asked is not None:
        return asked

Nothing happens in a familiar browser (see ``civic/people/stepping_domain.py``). Otherwise a GET is
led to the page that asks and comes back; a POST is answered with that page, carries the form's
fields, and goes on by itself when the answer is right. What was proven holds for
``ASK_AGAIN_MINUTES``.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from kyojo.civic.people import stepping_domain as domain
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record

from . import devices, proving, questions, strength

View = Callable[..., HttpResponse]
#: What the page says is about to happen.
ACT_WORDS = {
    "coins_give": "たくさんのコインを贈る",
    "visit_confirm": "たくさんのコインをお渡しする",
    "mail_change": "メールアドレスを変える",
    "payout_account": "振り込みの口座を入れる",
    "home_change": "家の住所を変える",
    "passkey_add": "パスキーを足す",
    "data_export": "自分の記録をぜんぶ受け取る",
    "erasure": "登録を消す",
}


def stepped_up(act: str, *methods: str) -> Callable[[View], View]:
    """Ask before this page opens (``methods``: all, or only these)."""
    assert act in domain.ACTS, act

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not methods or request.method in methods:
                asked = step_up_required(request, act)
                if asked is not None:
                    return asked
            return view(request, *args, **kwargs)

        return guarded

    return guard


def step_up_required(
    request: HttpRequest, act: str, *, coins: int = 0, available: int = 0
) -> HttpResponse | None:
    """The page that asks, or None where nothing has to be asked (any more)."""
    person: Person | None = getattr(request, "person", None)
    if not person or is_proven(request, act):
        return None
    browser = devices.browser_of(request)
    situation = domain.Situation(
        act=act,
        device_known=browser.is_known,
        silent_for=browser.silent_for,
        coins=coins,
        available=available,
    )
    if not domain.is_asked(situation):
        return None
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(_address(act, proving.own_page(request)))
    if request.method != "POST" or request.FILES:
        return HttpResponseRedirect(_address(act, proving.own_page(request)))
    problem = ""
    if is_tried(request):
        problem = tried(request, act)
        if not problem:
            return None
    return page_ask(
        request, act, action=request.get_full_path(), fields=proving.carried(request),
        problem=problem,
    )  # fmt: skip


def is_proven(request: HttpRequest, act: str) -> bool:
    """Whether who is there was proven lately, by a key or by answers; where neither can be had,
    by a mailed link that was pressed just now."""
    if strength.is_fresh(request):
        return True
    minutes = timedelta(minutes=settings.ASK_AGAIN_MINUTES)
    age = strength.age_of(request, questions.METHOD)
    if age is not None and age < minutes:
        return True
    return strength.came_by_link(request) and questions.link_is_enough(request, act)


def is_tried(request: HttpRequest) -> bool:
    return proving.is_tried(request) or (
        request.method == "POST" and questions.FIRST in request.POST
    )


def tried(request: HttpRequest, act: str) -> str:
    """What was sent, taken: "" when it is right, else what to do."""
    if questions.FIRST in request.POST:
        problem = questions.answered(request)
        if not problem:
            record_authentication(request, cast(User, request.user), method=questions.METHOD)
            devices.trust(request)
    elif "webauthn" in strength.kinds_of(cast(User, request.user)):
        problem = proving.proven(request)
    else:
        problem = proving.PASSKEY_WRONG
    user = cast(User, request.user)
    act_record(
        actor=user,
        action="step_up_failed" if problem else "step_up_passed",
        subject_kind="user",
        subject_id=user.pk,
        note=act,
    )
    return problem


def page_ask(
    request: HttpRequest,
    act: str,
    *,
    action: str,
    fields: list[tuple[str, str]],
    problem: str = "",
) -> HttpResponse:
    user = cast(User, request.user)
    has_passkey = "webauthn" in strength.kinds_of(user)
    asked = questions.asked_now(request)
    return render(
        request,
        "security/step.html",
        {
            "act": ACT_WORDS[act],
            "action": action,
            "fields": fields,
            "problem": problem,
            "has_passkey": has_passkey,
            "js_data": proving.passkey_options(user) if has_passkey else None,
            "questions": asked,
            "is_locked": questions.is_locked(user),
            "link_helps": questions.link_could_be_enough(request, act),
            "again": _address(act, proving.own_page(request)),
        },
        status=422 if problem else 403 if request.method == "POST" else 200,
    )


def _address(act: str, path: str) -> str:
    return f"{reverse('step')}?{urlencode({'act': act, 'next': path})}"
