"""Who may see the pages about oneself: members. Other logins have no such pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from kyojo.civic.people.models import Person, User

View = Callable[..., HttpResponse]


def person_of(request: HttpRequest) -> Person:
    """The member behind a request that ``members_only`` let through."""
    person: Person = request.person  # type: ignore[attr-defined]
    return person


def members_only(view: View) -> View:
    """Visitors log in first; a login that belongs to no member registers first."""

    @wraps(view)
    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.person:  # type: ignore[attr-defined]
            return HttpResponseRedirect(reverse("signup"))
        return view(request, *args, **kwargs)

    return guarded


def shown_to_passkeys(user: User) -> str:
    """What a device shows beside the key it keeps: the address, as no name leaves the town."""
    return user.email


def own_path(request: HttpRequest, path: str, default: str = "") -> str:
    """``path`` if it is a page of ours (it may come from an address bar), else ``default``."""
    is_path = path.startswith("/") and not path.startswith("//")
    own = url_has_allowed_host_and_scheme(
        path, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return path if is_path and own else default
