"""People under 18, and young carers: what an adult's yes opens, and who may give it. No Django.

Whoever is under 18 may look and prepare from the first day. They meet somebody only once a guardian
or a coordinator has agreed, never the person they care for. On the eighteenth birthday all of it
falls away by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kyojo.kernel.clock import age_on

from .domain import ALONE_FROM_YEARS, kana_key

#: From this age on somebody registers by themselves; younger ones do so with the coordinator.
PREPARES_FROM_YEARS = 15
#: To this age somebody who cares may say that they would like a coordinator of their own.
YOUNG_CARER_TO_YEARS = 29


def is_minor(birth_date: date | None, day: date) -> bool:
    """Whether somebody is under 18 on ``day``. Nobody is taken for a minor without a birth date:
    carers and supporters have given theirs."""
    return birth_date is not None and age_on(birth_date, day) < ALONE_FROM_YEARS


def adult_on(birth_date: date) -> date:
    """The eighteenth birthday (29 February: kept on 1 March)."""
    year = birth_date.year + ALONE_FROM_YEARS
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def born_after_for_minors(day: date) -> date:
    """Whoever was born after this day is under 18 on ``day``."""
    year = day.year - ALONE_FROM_YEARS
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February: those of 1 March are not yet 18
        return date(year, 2, 28)


def may_say_young_carer(birth_date: date | None, day: date) -> bool:
    return birth_date is not None and age_on(birth_date, day) <= YOUNG_CARER_TO_YEARS


@dataclass(frozen=True)
class CaredFor:
    """Somebody a person cares for, as their places name them."""

    uid: UUID | None
    kana: str


def is_cared_for(
    cared_for: Iterable[CaredFor], *, guardian_uid: UUID | None, guardian_kana: str
) -> bool:
    """Whether the guardian is among those the person cares for: by membership, or by the reading
    of the name."""
    key = kana_key(guardian_kana)
    return any(
        (guardian_uid is not None and one.uid == guardian_uid)
        or (bool(key) and kana_key(one.kana) == key)
        for one in cared_for
    )
