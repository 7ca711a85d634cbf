"""参加店のページ: a coupon is found by its number or QR code, looked at, and taken in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kyojo.civic.earnings import services, shop_selectors
from kyojo.civic.earnings.models import Coupon, Shop
from kyojo.civic.people.models import User
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form, OrderForm
from ..http import page_refused, redirect_saying, said, town_of

MONTHS_SHOWN = 13
LATEST_SHOWN = 20
View = Callable[..., HttpResponse]


class NumberForm(Form):
    number = forms.CharField(
        label="券の番号",
        max_length=20,
        help_text="8つの文字です。例：K7QM-2XWP。小文字でも、ハイフンがなくてもかまいません。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": "券の番号を入れてください。"},
    )


def shops_only(view: View) -> View:
    """Visitors log in first; for a login without a shop there is nothing here."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.municipality_id is None:  # type: ignore[attr-defined]
            raise NotFound()
        request.shops = shop_selectors.shops_of(_user(request))  # type: ignore[attr-defined]
        if not request.shops:  # type: ignore[attr-defined]
            raise NotFound()
        return view(request, *args, **kwargs)

    return guarded


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@shops_only
@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The box for a number, this month so far, and the months before with what was paid."""
    form = NumberForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                found, _ = services.coupon_checked(
                    token=form.cleaned_data["number"], by=_user(request)
                )
            except Refusal as refused:
                refused.field = "number"
                form.refuse(refused)
            else:
                return redirect("shop-coupon", token=found.token)
    shops: list[Shop] = request.shops  # type: ignore[attr-defined]
    context = {
        "form": form,
        "municipality": town_of(request),
        "shops": [_shown(one) for one in shops],
        "is_open": any(one.ended_at is None for one in shops),
    }
    return render(request, "shop/home.html", context, status=status)


def _shown(shop: Shop) -> dict[str, Any]:
    months = shop_selectors.shop_months(shop.programme, shop=shop)
    this = clock.today().replace(day=1)
    latest = [one for month in months for one in reversed(month.coupons)]
    return {
        "shop": shop,
        "now": next((one for one in months if one.month == this), None),
        "months": [one for one in months if one.month < this][:MONTHS_SHOWN],
        "latest": [(one, shop_selectors.shown_token(one.token)) for one in latest[:LATEST_SHOWN]],
    }


@shops_only
@require_http_methods(["GET", "HEAD", "POST"])
def coupon(request: HttpRequest, token: str) -> HttpResponse:
    """A coupon before it is taken in, as its QR code opens it; sent: it is taken in."""
    back = reverse("shop")
    if request.method == "POST":
        form = OrderForm(request.POST)
        if not form.is_valid():
            return redirect("shop-coupon", token=token)
        try:
            taken = services.coupon_take_in(uid=form.order, token=token, by=_user(request))
        except Refusal as refused:
            return page_refused(request, refused, back=back)
        return redirect_saying(request, back, f"{taken.face}の券を受け取りました")
    context: dict[str, Any] = {"municipality": town_of(request), "form": OrderForm()}
    status = 200
    try:
        found, shop = services.coupon_checked(token=token, by=_user(request))
    except Refusal as refused:
        context["why"], status = said(refused), 409
    else:
        context |= {"coupon": found, "shop": shop, "number": _number(found)}
    return render(request, "shop/coupon.html", context, status=status)


def _number(found: Coupon) -> str:
    return shop_selectors.shown_token(found.token)
