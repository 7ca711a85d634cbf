"""What happens around every view: the demo's clock, the tenant's transaction, refusals.

The transaction. A request of a logged-in person runs in one ``tenancy.tenant`` block: one
transaction that ends after the response is rendered and before it is sent. Django turns exceptions
into responses inside the middleware chain, so an exception never reaches that block by itself:

- A view that lets an exception out (a ``Refusal``, ``Http404``, a bug) marks the request through
  ``process_exception``; the block then rolls everything back and still answers the page.
- A view that catches a ``Refusal`` and answers it itself keeps what was written, so the refusals
  that services store are kept. Therefore a service wraps its own work in ``transaction.atomic()``
  and stores the refusal outside of that; it never leaves half of its work behind.

Visitors without a login have no tenant and no transaction: pages for everyone (town, company) open
``tenancy.tenant`` themselves and render inside it. A streaming response must not query: its
content is made after the transaction has ended.
"""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from kyojo.civic.municipalities import tenancy
from kyojo.civic.people.selectors import person_of_user
from kyojo.kernel.errors import NotFound, Refusal

from . import http

Answer = Callable[[HttpRequest], HttpResponse]


class ClockMiddleware:
    """Demo towns only: moves this request's clock to where the demo page put it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.apply: Callable[[HttpRequest], None] | None = None
        if settings.DEMO:
            from .demo import clock

            self.apply = clock.apply

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.apply is not None:
            self.apply(request)
        return self.get_response(request)


class TenantMiddleware:
    """Opens the tenant of the person who is logged in, and sets ``request.municipality_id``
    (None for visitors) and ``request.person`` (lazy; None for visitors and for accounts without
    a person)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        municipality_id = user.municipality_id if user.is_authenticated else None
        request.municipality_id = municipality_id  # type: ignore[attr-defined]
        if municipality_id is None:
            request.person = None  # type: ignore[attr-defined]
            return self.get_response(request)
        request.person = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: person_of_user(user_id=user.pk)
        )
        with tenancy.tenant(municipality_id):
            response = self.get_response(request)
            if getattr(request, "rolls_back", False):
                transaction.set_rollback(True)
        if not response.has_header("Cache-Control"):
            # Names and addresses must not come back with the browser's own button after a logout.
            patch_cache_control(response, private=True, no_store=True)
        return response


class RefusalMiddleware:
    """Answers what a view let out: absent and forbidden with the one page for "not found", any
    other refusal with its sentence and a way back."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        # No page of ours has such an address, and PostgreSQL refuses the character wherever a
        # search would use it.
        if "\0" in request.path or any(
            "\0" in name or any("\0" in value for value in values)
            for name, values in request.GET.lists()
        ):
            return http.page_not_found(request)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        request.rolls_back = True  # type: ignore[attr-defined]
        if isinstance(exception, NotFound):
            return http.page_not_found(request)
        if isinstance(exception, Refusal):
            return http.page_refused(request, exception)
        return None
