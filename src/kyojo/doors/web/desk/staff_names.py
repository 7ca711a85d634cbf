"""The names under which members of staff act, by login."""

from collections.abc import Iterable

from kyojo.civic.people.models import StaffRole


def of(user_ids: Iterable[int]) -> dict[int, str]:
    """``{user id: "福祉課 主任・花曇 みち"}`` of the current municipality's staff."""
    roles = StaffRole.objects.filter(user_id__in=list(user_ids)).order_by("id")
    return {role.user_id: f"{role.title}・{role.name}" for role in roles}
