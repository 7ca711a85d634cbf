"""Small helpers of views: refusals as pages, order ids, where to go back to."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from kyojo.civic.municipalities.models import Municipality
from kyojo.kernel.errors import Invalid, NotFound, Refusal

Made = TypeVar("Made")


def said(refusal: Refusal) -> str:
    """What a person reads: the refusal's sentence in their language, filled in."""
    return gettext(refusal.sentence).format(**refusal.data)


def way_back(request: HttpRequest, default: str = "/") -> str:
    """The page the person came from when it is one of ours, else ``default``."""
    referer = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return referer if own else default


def uuid_or_404(value: object) -> UUID:
    """``value`` as a UUID; anything else is as unknown as an id that does not exist."""
    try:
        return UUID(str(value))
    except ValueError:
        raise NotFound from None


def town_or_404(code: int) -> int:
    """The code of a town that exists; any other is as unknown as a page that does not."""
    if not Municipality.objects.filter(pk=code).exists():
        raise NotFound()
    return code


def town_of(request: HttpRequest) -> Municipality:
    """The town of whoever is logged in, in a view for people of a town."""
    town: Municipality = Municipality.objects.get(
        pk=request.municipality_id  # type: ignore[attr-defined]
    )
    return town


def tried(act: Callable[[], Made]) -> Made:
    """What ``act`` would make, without making it: whatever stands against it is said before the
    last look. Raises what ``act`` raises."""
    with transaction.atomic():
        made = act()
        transaction.set_rollback(True)
    return made


def redirect_saying(request: HttpRequest, to: str, sentence: str) -> HttpResponseRedirect:
    """Redirect (a view name or path) and say ``sentence`` there as a toast."""
    messages.success(request, sentence)
    return HttpResponseRedirect(redirect(to).url)


def as_file(
    content: bytes | str,
    name: str,
    content_type: str = "application/pdf",
    *,
    inline: bool = False,
    cache: str = "",
) -> HttpResponse:
    """``content`` as a file called ``name`` (of plain letters), to take away or (``inline``) for
    the browser to show. ``cache``: who may keep a copy of it on the way."""
    response = HttpResponse(content, content_type=content_type)
    how = "inline" if inline else "attachment"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    if cache:
        response["Cache-Control"] = cache
    return response


def page_refused(
    request: HttpRequest, refusal: Refusal, *, back: str | None = None
) -> HttpResponse:
    """A calm page with the sentence and a way back. 422 for bad input, 409 otherwise."""
    return render(
        request,
        "errors/refused.html",
        {"sentence": said(refusal), "back": back or way_back(request)},
        status=422 if isinstance(refusal, Invalid) else 409,
    )


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The one answer for what does not exist and for what this person may not see. Its body
    depends on nothing in the address, so the two cannot be told apart."""
    return render(request, "errors/404.html", {"tab": ""}, status=404)


def page_forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Forbidden looks like not found."""
    return page_not_found(request)


def page_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open too long, or cookies are off."""
    return render(request, "errors/csrf.html", {"back": way_back(request)}, status=403)


def page_broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours. Uses no context processor and no database: either may be what broke."""
    return render(None, "errors/500.html", status=500)  # type: ignore[arg-type]
