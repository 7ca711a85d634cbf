"""Who may come in: members who ask for help."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kyojo.civic.people.models import Person
from kyojo.help.requests.errors import NotACarer
from kyojo.kernel.errors import NotFound

from ..http import page_refused

View = Callable[..., HttpResponse]


def person_of(request: HttpRequest) -> Person:
    """The member behind this request. Raises ``NotFound`` for logins without a person."""
    person: Person | None = request.person  # type: ignore[attr-defined]
    if not person:
        raise NotFound()
    return person


def carers_only(view: View) -> View:
    """Visitors log in first; a member who does not ask yet is told how to begin."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        person = person_of(request)
        if person.carer_since is None:
            if request.path == reverse("carer-ask") and request.method == "GET":
                return render(request, "carer/invitation.html", {"me": person, "tab": "ask"})
            return page_refused(request, NotACarer(), back="/me/")
        return view(request, *args, **kwargs)

    return guarded
