"""Several things asked for together: the parts, who could do what, and all of it at once."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kyojo.civic.people import coins
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import care_places
from kyojo.help.matching import selectors as matching
from kyojo.help.matching import services as offers
from kyojo.help.matching.bundling import plan_of
from kyojo.help.matching.models import Offer
from kyojo.help.requests import selectors, services
from kyojo.help.requests.domain import Category, categories_by_group, category
from kyojo.help.requests.models import Bundle, HelpRequest
from kyojo.help.support.services import visit_uid_of
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from .access import carers_only, person_of
from .ask import KEPT, category_or_404, kept
from .bundle_forms import BundleAskForm, PartForm, TitleForm

State = HelpRequest.State


@carers_only
def new_page(request: HttpRequest) -> HttpResponse:
    form = TitleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = services.bundle_begin(
                order_id=form.order, carer=person_of(request), title=form.cleaned_data["title"]
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("carer-bundle", made.uid)
    status = 422 if request.method == "POST" else 200
    return render(request, "carer/bundle_new.html", {"form": form}, status=status)


@carers_only
def bundle_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The parts while they are put together; then how each stands, and whom to ask."""
    person = person_of(request)
    bundle = selectors.bundle_for_carer(carer=person, uid=uid)
    parts = selectors.bundle_parts(uid)
    if bundle.opened_at is None and bundle.cancelled_at is None:
        if request.method == "POST":
            return _opened(request, bundle, person)
        return render(request, "carer/bundle_draft.html", _draft(bundle, parts))
    plan = plan_of(parts if bundle.cancelled_at is None else [])
    form = BundleAskForm(request.POST if request.method == "POST" else None, parts=plan.parts)
    if form.is_bound and form.is_valid():
        try:
            asked = offers.bundle_ask(
                order_id=form.order, bundle_uid=uid, carer=person, choices=form.choices
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            sentence = f"{len(asked)}件、お願いしました。お返事がとどいたら、お知らせします。"
            return http.redirect_saying(request, reverse("carer-bundle", args=[uid]), sentence)
    price = sum(one.request.price_coins or 0 for one in plan.parts if one.proposed is not None)
    return render(
        request,
        "carer/bundle.html",
        {
            "bundle": bundle,
            "rows": _rows(parts),
            "form": form,
            "plan": plan,
            "nobody": [_row(one.request, []) for one in plan.parts if _is_alone(one)],
            "price": price,
            "missing": max(0, price - coins.purse(person).available),
            "is_left": any(one.state in (State.OPEN, State.UNFILLED) for one in parts),
            "tab": "plan",
        },
        status=409 if form.is_bound else 200,
    )


def _is_alone(part: Any) -> bool:
    return part.proposed is None and not part.others


def _opened(request: HttpRequest, bundle: Bundle, person: Person) -> HttpResponse:
    here = reverse("carer-bundle", args=[bundle.uid])
    try:
        services.bundle_open(uid=bundle.uid, carer=person)
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=here)
    return redirect(here)


def _draft(bundle: Bundle, parts: list[HelpRequest]) -> dict[str, Any]:
    return {
        "bundle": bundle,
        "rows": [_row(one, []) for one in parts],
        "total": sum(one.price_coins or 0 for one in parts),
    }


def _rows(parts: list[HelpRequest]) -> list[dict[str, Any]]:
    asked = matching.offers_by_request(one.uid for one in parts)
    return [_row(one, asked.get(one.uid, [])) for one in parts]


def _row(one: HelpRequest, asked: list[Offer]) -> dict[str, Any]:
    chosen = next((offer for offer in asked if offer.state == Offer.State.CHOSEN), None)
    standing = [offer for offer in asked if offer.state in matching.STANDING_STATES]
    url, said = reverse("carer-request", args=[one.uid]), State(one.state).label
    badge = ("", "")
    if chosen is not None and one.state in (State.MATCHED, State.DONE):
        url = f"/visits/{visit_uid_of(chosen.uid)}/"
        said, badge = f"{chosen.card['family_name']}さんに決まりました", ("good", "done")
    elif standing:
        said, badge = (
            f"{standing[0].card['family_name']}さんの返事を待っています",
            ("info", "clock"),
        )
    elif one.state == State.OPEN:
        said = "まだ、だれにもお願いしていません"
        if any(offer.state in (Offer.State.DECLINED, Offer.State.LAPSED) for offer in asked):
            said = "お願いした人は来られません"
    return {
        "request": one,
        "category": category(one.category),
        "url": url,
        "said": said,
        "badge": badge,
    }


# --- parts ----------------------------------------------------------------------------------------
@carers_only
def kinds_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What to add."""
    bundle = selectors.bundle_for_carer(carer=person_of(request), uid=uid)
    rules = selectors.paying_rules()
    groups = [
        (group, [one for one in kinds if rules.category_allowed(one.code)])
        for group, kinds in categories_by_group()
    ]
    return render(
        request,
        "carer/bundle_kinds.html",
        {"bundle": bundle, "groups": [(group, kinds) for group, kinds in groups if kinds]},
    )


@carers_only
def part_page(request: HttpRequest, uid: UUID, code: str) -> HttpResponse:
    """Where, when and how long; a long job is cut."""
    person, kind = person_of(request), category_or_404(code)
    bundle = selectors.bundle_for_carer(carer=person, uid=uid)
    options: dict[str, Any] = {
        "places": care_places(person),
        "rules": selectors.paying_rules(),
        "category": kind.code,
    }
    if request.method != "POST":
        return _part(request, PartForm(initial=kept(request), **options), bundle, kind)
    form = PartForm(request.POST, **options)
    if form.wants_other_place:
        request.session[KEPT] = {"path": request.get_full_path(), "typed": form.typed()}
        return redirect("carer-ask-place")
    if form.is_valid():
        try:
            _part_save(form, person, bundle, kind)
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("carer-bundle", uid)
    return _part(request, form, bundle, kind, status=422)


def _part_save(form: PartForm, person: Person, bundle: Bundle, kind: Category) -> None:
    common = {
        "order_id": form.order,
        "bundle_uid": bundle.uid,
        "carer": person,
        "category": kind.code,
    }
    if form.is_long:
        services.bundle_slices_save(**common, **form.slices())  # type: ignore[arg-type]
    else:
        services.bundle_part_save(**common, **form.asked())  # type: ignore[arg-type]


def _part(
    request: HttpRequest, form: PartForm, bundle: Bundle, kind: Category, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "carer/bundle_part.html",
        {
            "form": form,
            "bundle": bundle,
            "category": kind,
            "has_wish": bool(form["gender_wish"].value()),
        },
        status=status,
    )


@require_POST
@carers_only
def part_remove(request: HttpRequest, uid: UUID, part_uid: UUID) -> HttpResponse:
    here = reverse("carer-bundle", args=[uid])
    try:
        services.bundle_part_remove(bundle_uid=uid, part_uid=part_uid, carer=person_of(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=here)
    return http.redirect_saying(request, here, "1つ、はずしました。")


# --- the end --------------------------------------------------------------------------------------
@carers_only
def cancel_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what happens, then do it."""
    person = person_of(request)
    bundle = selectors.bundle_for_carer(carer=person, uid=uid)
    if request.method == "POST":
        offers.bundle_cancel(uid=uid, carer=person)
        return http.redirect_saying(request, "carer-home", "残りのお願いを取り消しました。")
    rows = _rows(selectors.bundle_parts(uid))
    return render(
        request,
        "carer/bundle_cancel.html",
        {
            "bundle": bundle,
            "coming": len([row for row in rows if row["request"].state == State.MATCHED]),
        },
    )
