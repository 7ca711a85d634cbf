"""Who may stand at the desk, and the frame around every page of it.

To everybody else nothing under /desk/ exists: the answer is the same page as for an unknown
address, whatever the method, so that it tells neither what is there nor what is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import StaffRole, User
from kyojo.civic.people.selectors import staff_roles
from kyojo.help.safety.models import Emergency
from kyojo.help.safety.selectors import emergencies_waiting
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from ..security.proving import desk_asks

View = Callable[..., HttpResponse]
#: How long the menu may show a count of before, unless this desk has done something since: then the
#: browser says so, to whichever process serves it next.
COUNT_SECONDS = 30
ACTED = "desk_acted"


@dataclass(frozen=True)
class Desk:
    """The staff member who acts, with what their roles allow."""

    user: User
    roles: frozenset[str]
    title: str
    name: str
    area_ids: frozenset[int]

    @cached_property
    def emergencies(self) -> list[Emergency]:
        """What nobody has closed yet, read once a page: the banner and the queues show it."""
        return emergencies_waiting(self.user)

    @property
    def is_officer(self) -> bool:
        return StaffRole.Role.OFFICER in self.roles


class DeskRequest(HttpRequest):
    """What a view behind ``staff`` receives."""

    desk: Desk


def desk_of(request: HttpRequest) -> Desk:
    """The desk of whoever asks. Raises ``NotFound`` for everybody who is not staff here."""
    user = request.user
    if not isinstance(user, User) or getattr(request, "municipality_id", None) is None:
        raise NotFound()
    roles = staff_roles(user)
    if not roles:
        raise NotFound()
    return Desk(
        user=user,
        roles=frozenset(role.role for role in roles),
        title=roles[0].title,
        name=roles[0].name,
        area_ids=frozenset(role.area_id for role in roles if role.area_id is not None),
    )


def staff(*methods: str, officer: bool = False, fresh: bool = False) -> Callable[[View], View]:
    """A page for staff (``officer``: municipal officers only) that takes ``methods``
    (GET unless named). The view finds the ``Desk`` in ``request.desk``.

    Whoever came by a mailed link alone is led to their second factor first, whatever they asked
    for. ``fresh``: sending something here cannot be undone, and asks for it again when it was shown
    long ago.
    """
    allowed = {"GET", "HEAD"} if not methods else {*methods}
    if "GET" in allowed:
        allowed.add("HEAD")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            desk = desk_of(request)
            asked = desk_asks(request, fresh=fresh and request.method == "POST")
            if asked is not None:
                return asked
            if (officer and not desk.is_officer) or request.method not in allowed:
                raise NotFound()
            request.desk = desk  # type: ignore[attr-defined]
            answer = view(request, *args, **kwargs)
            if request.method not in ("GET", "HEAD") and answer.status_code < 400:
                answer.set_cookie(
                    ACTED,
                    new_id().hex,
                    max_age=COUNT_SECONDS,
                    path="/desk/",
                    secure=request.is_secure(),
                    httponly=True,
                    samesite="Lax",
                )
            return answer

        return guarded

    return guard


def menu(desk: Desk, *, town_slug: str, today_count: int) -> list[dict[str, Any]]:
    """The items of the side menu that this desk may open."""
    items = [
        ("today", "きょうの仕事", "list", reverse("desk-home"), today_count),
        ("board", "手配ボード", "pin", reverse("desk-board"), 0),
        ("requests", "依頼", "ask", reverse("desk-requests"), 0),
        ("visits", "支援", "walk", reverse("desk-visits"), 0),
        ("safety", "安全", "shield", reverse("desk-safety"), 0),
        ("cases", "相談・通報", "flag", reverse("desk-cases"), 0),
        ("members", "会員・本人確認", "users", reverse("desk-members"), 0),
        ("points", "ポイントとスタンプ", "star", reverse("desk-points"), 0),
        ("coins", "コインの発行", "file", reverse("desk-coins"), 0),
        ("clearing", "自治体間清算", "repeat", reverse("desk-clearing"), 0),
        ("rules", "制度のきまり", "gear", reverse("desk-rules"), 0),
        ("town", "統計・公開", "chart", f"/town/{town_slug}/", 0),
        ("acts", "操作の記録", "eye", reverse("desk-acts"), 0),
    ]
    keys = ("name", "label", "icon", "url", "count")
    return [
        dict(zip(keys, item, strict=True))
        for item in items
        if item[0] not in ("coins", "clearing") or desk.is_officer
    ]


def page(
    request: DeskRequest,
    template: str,
    here: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Render a page of the desk with its menu; ``here`` is the menu's item."""
    from . import queues
    from .safety.emergencies import alert_context
    from .safety.nav import nav

    desk = request.desk
    given = context or {}
    key = f"desk-count-{current()}-{desk.user.pk}-{request.COOKIES.get(ACTED, '')[:32]}"
    count = cache.get(key) if "queues" not in given else None
    if count is None:
        waiting = given["queues"] if "queues" in given else queues.queues(desk)
        count = sum(queue.count for queue in waiting)
        cache.set(key, count, COUNT_SECONDS)
    municipality = queues.municipality()
    return render(
        request,
        f"desk/{template}",
        {
            "municipality": municipality,
            "desk": desk,
            "desk_role": desk.title,
            "desk_here": here,
            "desk_menu": menu(
                desk,
                town_slug=municipality.slug,
                today_count=count,
            ),
            "safety_nav": nav() if here == "safety" else (),
            **alert_context(desk.emergencies),
            **given,
        },
        status=status,
    )
