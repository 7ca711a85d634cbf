"""Who may open these pages, and how a refused press is answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from kyojo.civic.people.models import Person
from kyojo.kernel.errors import NotFound, Refusal

from .. import http

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def member(view: View[P]) -> View[P]:
    """A page for members: visitors are led to the login, logins without a person find nothing."""

    @wraps(view)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not person_of(request):
            raise NotFound()
        return view(request, *args, **kwargs)

    return login_required(opened)


def person_of(request: HttpRequest) -> Person:
    return request.person  # type: ignore[attr-defined, no-any-return]


def pressed(
    request: HttpRequest, call: Callable[[], Any], *, back: str, to: str, sentence: str = ""
) -> HttpResponse:
    """Do what a button says, then lead on; a refusal is said on a calm page with the way back.
    Caught here, so that the transaction keeps the refusal the service stored."""
    try:
        call()
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=back)
    if sentence:
        return http.redirect_saying(request, to, sentence)
    return http.HttpResponseRedirect(to)
