"""The names under which members of staff act, by login, in the current municipality."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import AppealOfficer, Person, StaffNumber, StaffRole, User


def names_of(user_ids: Iterable[int]) -> dict[int, str]:
    """``{user id: "福祉課 主任・花曇 みち"}``, of those who are or were at this desk,
    or decide appeals from outside: as what they are now, else as what they were last."""
    wanted = set(user_ids)
    found: dict[int, str] = {}
    past = StaffRole.ever.exclude(ended_at=None).order_by("ended_at", "id")
    outside, now = AppealOfficer.objects.order_by("id"), StaffRole.objects.order_by("id")
    for rows in (past, outside, now):
        for row in rows.filter(user_id__in=wanted):
            found[row.user_id] = f"{row.title}・{row.name}"
    return found


def everybody() -> dict[int, str]:
    """All who work at this desk now, by reading, to choose from."""
    roles = StaffRole.objects.filter(user__is_active=True).order_by("name_kana", "id")
    return {role.user_id: f"{role.name}（{role.title}）" for role in roles}


def numbers() -> dict[int, str]:
    """``{user id: 職員番号}`` of who has one here."""
    return dict(StaffNumber.objects.values_list("user_id", "number"))


def name_of(user_id: int | None) -> str:
    """One of ``names_of``; "" for nobody of this desk."""
    return names_of([user_id]).get(user_id, "") if user_id else ""


# --- appeals --------------------------------------------------------------------------------------
def appeal_officer_of(user: User) -> AppealOfficer | None:
    """``user`` as somebody from outside who decides objections here; None for everybody else,
    also for who came to work or live here since they were let in."""
    if not user.is_active:
        return None
    return _from_outside().filter(user_id=user.pk).first()  # type: ignore[no-any-return]


def appeal_officers(*, with_insiders: bool = False) -> list[AppealOfficer]:
    """All who may decide objections here from outside; or all whom nobody has ended."""
    standing = AppealOfficer.objects.filter(ended_at=None) if with_insiders else _from_outside()
    return list(standing.filter(user__is_active=True))


def _from_outside() -> QuerySet[AppealOfficer]:
    """Those who stand, and are neither staff nor a member of this town."""
    here = [model.objects.filter(user_id=OuterRef("user_id")) for model in (StaffRole, Person)]
    found: QuerySet[AppealOfficer] = AppealOfficer.objects.filter(ended_at=None)
    return found.exclude(Exists(here[0]) | Exists(here[1]))


def appeal_officer_then(user_id: int | None, at: datetime) -> AppealOfficer | None:
    """Who decided here from outside at that moment, as they were let in; None for a desk's own."""
    found = AppealOfficer.objects.filter(user_id=user_id, made_at__lte=at)
    found = found.filter(Q(ended_at=None) | Q(ended_at__gt=at))
    return found.order_by("-made_at", "-id").first()  # type: ignore[no-any-return]


def officers_there() -> set[int]:
    """The logins of this town's officers."""
    officers = StaffRole.objects.filter(role=StaffRole.Role.OFFICER, user__is_active=True)
    return set(officers.values_list("user_id", flat=True))


def appeal_decider_there(*, but: int | None) -> bool:
    """Whether anybody of this town may decide an objection to what the login ``but`` ruled."""
    return bool(officers_there() - {but}) or any(one.user_id != but for one in appeal_officers())
