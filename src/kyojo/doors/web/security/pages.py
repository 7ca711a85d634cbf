"""The page that asks once more, and the devices one uses."""

from typing import cast

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kyojo.civic.people import stepping_domain as domain
from kyojo.civic.people.models import User
from kyojo.civic.people.security_selectors import devices_of
from kyojo.civic.people.services import device_remove, sessions_end
from kyojo.kernel.errors import NotFound

from ..account.access import members_only, own_path
from ..http import redirect_saying
from . import devices, stepping


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def step_page(request: HttpRequest) -> HttpResponse:
    """Ask, then go where one wanted to go."""
    source = request.POST if request.method == "POST" else request.GET
    act = source.get("act", "")
    if act not in domain.ACTS:
        raise NotFound()
    next_path = own_path(request, source.get("next", ""), "/me/")
    if stepping.is_proven(request, act):
        return HttpResponseRedirect(next_path)
    problem = ""
    if stepping.is_tried(request):
        problem = stepping.tried(request, act)
        if not problem:
            return HttpResponseRedirect(next_path)
    return stepping.page_ask(
        request,
        act,
        action=reverse("step"),
        fields=[("act", act), ("next", next_path)],
        problem=problem,
    )


@never_cache
@login_required
@require_safe
def devices_page(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    if user.municipality_id is None:
        raise NotFound()
    context = {"rows": devices_of(user, key=devices.key_of(request))}
    return render(request, "security/devices.html", context)


@never_cache
@login_required
@require_POST
def device_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a device away: it is asked again, and every other session of the login ends."""
    user = cast(User, request.user)
    if user.municipality_id is None:
        raise NotFound()
    device_remove(user=user, device_id=pk)
    sessions_end(user=user)
    update_session_auth_hash(request, user)
    return redirect_saying(
        request, "devices", "外しました。ほかの機械でのログインは、すべて終わりました。"
    )
