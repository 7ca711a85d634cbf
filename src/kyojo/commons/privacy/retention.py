"""Keeping times over all rooms: one table of kinds, one nightly erasing, one log of it.

A room offers ``retention.KEPT`` (kind → what it is, how long) and, where it erases by itself,
``retention.purge_due() -> dict[kind, how many]``. A programme's document may shorten some of them
(``privacy.kept_days``).
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.retention import sessions_purge
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import kept_days, programme_current
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .models import Erasure, PurgeLog
from .rooms import rooms_with

LEFT_DAYS = 3 * 365
LOG_DAYS = 5 * 365
APPI_22 = "個人情報の保護に関する法律 第22条（使わなくなったら、消すように努める）"
#: Kinds whose time a law sets; the others follow ``APPI_22``.
GROUNDS = {
    "books": "地方自治法施行令、法人税法施行規則 第59条（帳簿は7年）",
    "acts": "公文書の管理のきまり。帳簿と同じ7年",
    "staff_roles": "操作の記録がだれのしたことかを示すため。同じ7年",
    "accidents": "保険法 第95条（請求の時効は3年）",
    "accidents_unsettled": "民法 第167条・第724条（けがの賠償を求められるのは20年）",
    "rosters": "保険法 第95条（請求の時効は3年）",
    "purge_log": "個人情報の保護に関する法律 第25条・第26条のための記録",
    "coin_record": "本人の請求（消去）による",
    "visits": "お名前のない、町の統計",
}
KEPT: dict[str, tuple[str, str]] = {
    "left_members": ("退会した方の記録", "退会した日から3年。そのあと、自動で消去します"),
    "purge_log": ("消去の記録（種類と数だけ）", "5年"),
}


@dataclass(frozen=True)
class KeptKind:
    """One line of the table. ``days``: what this town's document shortens it to, or None."""

    code: str
    room: str
    what: str
    how_long: str
    ground: str
    days: int | None


def kinds() -> list[KeptKind]:
    """Every kind that any room keeps, people's first. Of the current municipality."""
    try:
        shorter = programme_current()[1].kept_days
    except ProgrammeMissing:
        shorter = {}
    tables = {room: module.KEPT for room, module in rooms_with("retention").items()}
    return [
        KeptKind(code, room, what, how_long, GROUNDS.get(code, APPI_22), shorter.get(code))
        for room, table in reversed(tables.items())
        for code, (what, how_long) in table.items()
    ]


def purge_due() -> dict[str, int]:
    """This room's own: who left long ago is to be erased; logs that are old go."""
    now = clock.now()
    before = now - timedelta(days=kept_days("purge_log", LOG_DAYS))
    logs, _ = PurgeLog.objects.filter(at__lte=before).delete()
    return {"left_members": _left_members(), "purge_log": logs}


def _left_members() -> int:
    """An erasure by rule for everybody whose time after leaving is over."""
    now = clock.now()
    before = now - timedelta(days=kept_days("left_members", LEFT_DAYS))
    asked = Erasure.objects.exclude(state=Erasure.State.WITHDRAWN).values("person_id")
    left = Person.objects.filter(left_at__lte=before, erased_at=None).exclude(pk__in=asked)
    made = [
        Erasure(
            uid=new_id(),
            person=person,
            state=Erasure.State.WAITING,
            origin=Erasure.Origin.RULE,
            asked_at=now,
            due_at=now,
        )
        for person in left
    ]
    Erasure.objects.bulk_create(made)
    return len(made)


def town_purge(code: int) -> None:
    """Let every room erase, in a town, what it keeps no longer, and log how many of each kind. A
    room's erasing and its log are one transaction."""
    for module in rooms_with("retention").values():
        purge = getattr(module, "purge_due", None)
        if purge is None:
            continue
        with transaction.atomic(), tenant(code):
            now = clock.now()
            PurgeLog.objects.bulk_create(
                PurgeLog(kind=kind, count=count, due_before=now, at=now)
                for kind, count in purge().items()
                if count
            )


def all_towns_purge() -> int:
    """What belongs to no town: sessions that have run out."""
    return sessions_purge()
