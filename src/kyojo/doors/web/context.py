"""What every page knows: the town, who is here, their news, and whether this is a demo."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.people.selectors import notices_unread_count
from kyojo.kernel import clock

from .community.talks import unread_for


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    icon: str
    url: str


TABS = (
    Tab("home", "ホーム", "home", "/"),
    Tab("ask", "たのむ", "ask", "/ask/"),
    Tab("help", "手伝う", "help", "/help/"),
    Tab("plan", "予定", "calendar", "/visits/"),
    Tab("me", "わたし", "person", "/me/"),
)


#: Where the header leads. Addresses of the audiences' pages, which the base does not import.
ADDRESSES = {"news": "/me/news/", "me": "/me/", "login": settings.LOGIN_URL, "demo": "/demo/"}


def tab_of(path: str) -> str:
    """The name of the tab that ``path`` belongs to, "" when to none."""
    if path == "/":
        return "home"
    return next((tab.name for tab in TABS[1:] if path.startswith(tab.url)), "")


def house(request: HttpRequest) -> dict[str, Any]:
    """Context processor. A view may name another ``municipality`` or ``tab`` in its own context.

    ``municipality``, ``person``, ``unread_count`` (news) and ``messages_unread`` (by question) cost
    a query each, and only where a template reads them; ``person`` is None for a visitor without a
    login.
    """
    municipality_id = getattr(request, "municipality_id", None)
    person = getattr(request, "person", None)
    context: dict[str, Any] = {
        "tabs": TABS,
        "addresses": ADDRESSES,
        "tab": tab_of(request.path),
        "demo": settings.DEMO,
        "person": person,
        "unread_count": 0,
        "messages_unread": {},
        "municipality": None,
        "now": clock.now(),
    }
    if municipality_id is not None:
        context["municipality"] = SimpleLazyObject(
            lambda: Municipality.objects.get(pk=municipality_id)
        )
        context["unread_count"] = SimpleLazyObject(
            lambda: notices_unread_count(person_id=person.id) if person else 0
        )
        context["messages_unread"] = SimpleLazyObject(lambda: unread_for(person) if person else {})
    if settings.DEMO and hasattr(request, "session"):
        context["demo_role"] = request.session.get("demo_role", "")
    return context
