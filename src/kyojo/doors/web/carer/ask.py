"""Asking: the kind of help (02a), where and when (02b, 02d), the review (02c)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from kyojo.civic.municipalities.selectors import municipality_by_code
from kyojo.civic.people import coins
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import care_places
from kyojo.civic.programmes.domain import CoinRules
from kyojo.help.matching.way import relation_spoken
from kyojo.help.requests import selectors
from kyojo.help.requests.domain import (
    GENDER_WISHES,
    OUTSIDE,
    Category,
    categories_by_group,
    category,
)
from kyojo.help.requests.errors import CategoryUnknown, DraftGone
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import draft_change, draft_save, request_open
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import wareki

from .. import http
from .access import carers_only, person_of
from .forms import AskForm, ask_initial

#: What was typed before a place was added, so that nothing is lost on the way.
KEPT = "carer_ask_kept"


def category_or_404(code: str) -> Category:
    try:
        return category(code)
    except CategoryUnknown:
        raise NotFound from None


@carers_only
def category_page(request: HttpRequest) -> HttpResponse:
    """02a; with ``?draft=`` the kind of an existing draft is changed."""
    person = person_of(request)
    draft = None
    if request.GET.get("draft"):
        draft = _draft(person, http.uuid_or_404(request.GET["draft"]))
    rules = selectors.paying_rules()
    groups = [
        (group, [(one, _tile_url(one, draft)) for one in kinds if rules.category_allowed(one.code)])
        for group, kinds in categories_by_group()
    ]
    return render(
        request,
        "carer/ask_category.html",
        {
            "groups": [(group, tiles) for group, tiles in groups if tiles],
            "before": [] if draft else again_rows(person, limit=2),
            "draft": draft,
        },
    )


def _tile_url(kind: Category, draft: HelpRequest | None) -> str:
    if draft is None:
        return reverse("carer-ask-new", args=[kind.code])
    return f"{reverse('carer-ask-change', args=[draft.uid])}?category={kind.code}"


def again_rows(person: Person, *, limit: int) -> list[dict[str, Any]]:
    """What was asked for before, to ask for again with another day."""
    return [
        {
            "category": category(one.category),
            "minutes": selectors.minutes_of(one),
            "place": one.place_label,
            "coins": one.price_coins,
            "url": f"{reverse('carer-ask-new', args=[one.category])}?like={one.uid}",
        }
        for one in selectors.requests_before_of(carer=person, limit=limit)
    ]


def outside_page(request: HttpRequest) -> HttpResponse:
    """What is not asked for here, and who does it."""
    return render(request, "carer/ask_outside.html", {"outside": OUTSIDE})


# --- where and when -----------------------------------------------------------------------------
@carers_only
def new_page(request: HttpRequest, code: str) -> HttpResponse:
    """02b for a new draft; ``?like=`` fills it with an earlier request but the day."""
    person, kind = person_of(request), category_or_404(code)
    rules = selectors.paying_rules()
    if request.method == "POST":
        form = _form(person, rules, kind, request.POST)
        return _answered(request, form, kind, None)
    initial: dict[str, Any] = {}
    if request.GET.get("like"):
        like = selectors.request_for_carer(carer=person, uid=http.uuid_or_404(request.GET["like"]))
        initial = ask_initial(like, with_day=False)
    initial |= kept(request)
    return _page(request, _form(person, rules, kind, initial=initial), kind, None)


@carers_only
def change_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """02b for a draft that is there already; ``?category=`` changes its kind."""
    person = person_of(request)
    draft = _draft(person, uid)
    kind = category_or_404(request.GET.get("category") or draft.category)
    rules = selectors.paying_rules()
    if request.method == "POST":
        return _answered(request, _form(person, rules, kind, request.POST), kind, draft)
    initial = ask_initial(draft, with_day=True) | {"order_id": draft.uid} | kept(request)
    return _page(request, _form(person, rules, kind, initial=initial), kind, draft)


def _draft(person: Person, uid: UUID) -> HelpRequest:
    found = selectors.request_for_carer(carer=person, uid=uid)
    if found.state != HelpRequest.State.DRAFT:
        raise DraftGone()
    return found


def _form(
    person: Person, rules: CoinRules, kind: Category, data: Any = None, **more: Any
) -> AskForm:
    return AskForm(data, places=care_places(person), rules=rules, category=kind.code, **more)


def kept(request: HttpRequest) -> dict[str, Any]:
    """What was typed before the new place was added; the place itself comes with it."""
    if "kept" not in request.GET:
        return {}
    typed: dict[str, Any] = request.session.pop(KEPT, {})
    return {name: value for name, value in typed.get("typed", {}).items() if value}


def _page(
    request: HttpRequest,
    form: AskForm,
    kind: Category,
    draft: HelpRequest | None,
    status: int = 200,
) -> HttpResponse:
    back = reverse("carer-ask-review", args=[draft.uid]) if draft else reverse("carer-ask")
    wish = form["gender_wish"].value() or ""
    return render(
        request,
        "carer/ask_when.html",
        {"form": form, "category": kind, "back": back, "has_wish": bool(wish)},
        status=status,
    )


def _answered(
    request: HttpRequest, form: AskForm, kind: Category, draft: HelpRequest | None
) -> HttpResponse:
    if form.wants_other_place:
        request.session[KEPT] = {"path": request.get_full_path(), "typed": form.typed()}
        return redirect("carer-ask-place")
    if not form.is_valid():
        return _page(request, form, kind, draft, status=422)
    person = person_of(request)
    try:
        saved = _save(form, person, kind, draft)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, form, kind, draft, status=422)
    return redirect("carer-ask-review", saved.uid)


def _save(form: AskForm, person: Person, kind: Category, draft: HelpRequest | None) -> HelpRequest:
    asked = form.asked() | {"carer": person, "category": kind.code}
    if draft is None:
        # Who comes back from the review with the browser's own button edits the same draft.
        known = HelpRequest.objects.filter(uid=form.order, carer=person).exists()
        if not known:
            return draft_save(order_id=form.order, **asked)
    return draft_change(uid=draft.uid if draft else form.order, **asked)


# --- review -------------------------------------------------------------------------------------
@carers_only
def review_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """02c. Pressing the button opens the request; no coin moves."""
    person = person_of(request)
    draft = selectors.request_for_carer(carer=person, uid=uid)
    if draft.state != HelpRequest.State.DRAFT:
        return redirect("carer-request", uid)
    if request.method == "POST":
        return _opened(request, draft, person)
    purse = coins.purse(person)
    return render(
        request,
        "carer/ask_review.html",
        {
            "draft": draft,
            "category": category(draft.category),
            "town": place_town(draft),
            "year": year_note(draft),
            "recipient": recipient_note(draft),
            "wish": GENDER_WISHES.get(draft.gender_wish, "") if draft.gender_wish else "",
            "available": purse.available,
            "after": purse.available - draft.price_coins,
            "missing": max(0, draft.price_coins - purse.available),
        },
    )


def _opened(
    request: HttpRequest, draft: HelpRequest, person: Person
) -> HttpResponse | HttpResponseRedirect:
    try:
        request_open(uid=draft.uid, carer=person)
    except NotFound:
        raise
    except Refusal as refusal:
        back = reverse("carer-ask-change", args=[draft.uid])
        return http.page_refused(request, refusal, back=back)
    return redirect("carer-request-people", draft.uid)


def year_note(request: HelpRequest) -> str:
    """``2026年（令和8年）``"""
    day = clock.local(request.starts_at).date()
    return f"{day.year}年（{wareki(day)}）"


def place_town(request: HelpRequest) -> str:
    """``みどり浜市 港地区``"""
    town = municipality_by_code(request.place_municipality_id)
    return " ".join(filter(None, (town.name, request.area_name)))


def recipient_note(request: HelpRequest) -> str:
    """``82歳、お母さま``"""
    born = request.recipient_birth_date
    age = f"{clock.age_on(born, clock.today())}歳" if born else ""
    return "、".join(filter(None, (age, relation_spoken(request.recipient_relation))))
