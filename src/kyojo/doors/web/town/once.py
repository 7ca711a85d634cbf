"""1回だけ手伝う: what somebody without a profile may help with, and their application. No login: an
application's page is opened by its code alone."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.selectors import municipality_by_slug
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.matching import posting_selectors as selectors
from kyojo.help.matching.models import Posting
from kyojo.help.matching.one_off import CONSENT, CONSENT_VERSION, KEPT_DAYS, WAITING
from kyojo.help.matching.services import application_send, application_withdraw
from kyojo.help.matching.words import part_of_day
from kyojo.help.requests.domain import category
from kyojo.help.support.models import Visit
from kyojo.kernel.errors import NotFound, Refusal

from ..account.forms import MailField, NamesForm
from ..forms import DateBoxesField, OrderForm, PhoneField
from ..http import page_refused, redirect_saying


class ApplyForm(OrderForm, NamesForm):
    """Whoever would like to help once. ``website`` is left empty by people: they do not see it."""

    birth_date = DateBoxesField(label="生年月日", example="1982、昭和57", past_only=True)
    phone = PhoneField(required=False)
    email = MailField(required=False)
    words = forms.CharField(
        label="ひとこと",
        help_text="センターの人が読みます。例：草取りは、実家でしています。",
        required=False,
        max_length=200,
        widget=forms.Textarea,
    )
    website = forms.CharField(
        label="この欄は、空のままにしてください", required=False, max_length=200
    )
    consent_version = forms.CharField(
        widget=forms.HiddenInput, initial=CONSENT_VERSION, max_length=20
    )
    agreed = forms.BooleanField(label="使い方を読み、同意します")

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError("この欄は、空のままにしてください。")
        return ""

    def given(self) -> dict[str, Any]:
        """What ``application_send`` takes."""
        names = (
            "family_name", "given_name", "family_kana", "given_kana", "birth_date", "phone",
            "email", "words", "consent_version",
        )  # fmt: skip
        return {name: self.cleaned_data[name] for name in names} | {"order_id": self.order}


def _shown(posting: Posting) -> dict[str, Any]:
    """What everybody may see of a request: no name, no place, no hour."""
    return {
        "uid": posting.uid,
        "category": category(posting.category),
        "area": posting.area_name or "市内",
        "day": posting.starts_at,
        "part": part_of_day(posting.starts_at),
        "length": posting.ends_at - posting.starts_at,
        "coins": posting.price_coins,
    }


def _page(
    request: HttpRequest,
    template: str,
    municipality: Municipality,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """No search engine keeps a page of one's own, and no other site learns its address."""
    response = render(
        request, f"town/{template}", {"municipality": municipality, **context}, status=status
    )
    if template != "once.html":
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
    return response


@never_cache
@require_safe
def listed(request: HttpRequest, slug: str) -> HttpResponse:
    """``/town/<slug>/once/``: what may be applied for now."""
    municipality = municipality_by_slug(slug)
    with tenant(municipality.id):
        shown = [_shown(one) for one in selectors.postings_open()]
        return _page(request, "once.html", municipality, {"postings": shown})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def apply_page(request: HttpRequest, slug: str, uid: UUID) -> HttpResponse:
    municipality = municipality_by_slug(slug)
    form = ApplyForm(request.POST or None)
    with tenant(municipality.id):
        posting = selectors.posting_of(uid)
    if request.method == "POST" and form.is_valid():
        try:
            with tenant(municipality.id):
                _, code = application_send(posting_uid=uid, **form.given())
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return HttpResponseRedirect(reverse("town-once-state", args=[slug, code]))
    with tenant(municipality.id):
        if not form.is_bound and not selectors.may_be_applied_for(posting):
            others = [_shown(one) for one in selectors.postings_open()]
            return _page(request, "once_over.html", municipality, {"others": others}, 410)
        return _page(
            request,
            "once_apply.html",
            municipality,
            {"form": form, "one": _shown(posting), "consent": CONSENT},
            422 if form.is_bound else 200,
        )


@never_cache
@require_safe
def state_page(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """How an application stands, for whoever has its address."""
    municipality = municipality_by_slug(slug)
    with tenant(municipality.id):
        application = selectors.application_by_code(code)
        posting = application.posting
        waits = application.state in WAITING
        is_over = waits and not selectors.is_open(posting)
        visit = (
            Visit.objects.filter(uid=application.visit_uid).first()
            if application.visit_uid
            else None
        )
        others = [_shown(one) for one in selectors.postings_open() if one.pk != posting.pk]
        return _page(
            request,
            "once_state.html",
            municipality,
            {
                "application": application,
                "state": "closed" if is_over else application.state,
                "is_cancelled": visit is not None and visit.state == Visit.State.CANCELLED,
                "visit": visit,
                "waits": waits and not is_over,
                "one": _shown(posting),
                "code": code,
                "here": request.build_absolute_uri(),
                "others": others[:5],
                "kept_days": KEPT_DAYS,
            },
        )


@never_cache
@require_POST
def withdraw(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    municipality = municipality_by_slug(slug)
    there = reverse("town-once-state", args=[slug, code])
    try:
        with tenant(municipality.id):
            application_withdraw(code=code)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=there)
    return redirect_saying(request, there, "取り下げました。お名前と連絡先は消しました")
