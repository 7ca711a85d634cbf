"""How likely it is that a request finds somebody, in plain words, and which one to see to first.
Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np

from .asking.delays import ReplyDelay
from .asking.situation import Column
from .asking.waves import Pending, any_yes, in_time

#: From this chance on it is likely, or even.
LIKELY, EVEN = 0.75, 0.4
#: So near to the start a request is seen to before the others of its kind.
CLOSE = timedelta(hours=48)
#: Of a person the carer asked directly, where no wave has logged what was known of them: ours.
DIRECT_CHANCE, DIRECT_ANSWERS = 0.4, 0.75


class Outlook(StrEnum):
    """What happens if nobody does anything."""

    NOBODY = "nobody"
    UNLIKELY = "unlikely"
    EVEN = "even"
    LIKELY = "likely"
    ANSWERED = "answered"


#: What the board says of each.
SENTENCES = {
    Outlook.NOBODY: "いまの条件で行ける人がいません",
    Outlook.UNLIKELY: "このままでは決まりにくい",
    Outlook.EVEN: "決まるかどうか、五分五分です",
    Outlook.LIKELY: "このまま待てば、決まりそうです",
    Outlook.ANSWERED: "OKの返事があります。たのんだ人が選ぶのを待っています",
}


@dataclass(frozen=True)
class Chances:
    """``waiting``: that a yes comes if nobody is asked by hand. ``asking``: that one comes before
    the start if those who can come are asked now."""

    waiting: float
    asking: float


def chances(
    *,
    pending: Pending,
    others: Column,
    now: float,
    search_until: float | None,
    start: float,
    delay: ReplyDelay,
) -> Chances:
    """Moments are local hours (``asking.hours``).

    Arguments:
        others: the chance of a yes of each who can come and was not asked.
        search_until: until when they are asked by themselves; None: nobody asks them.
    """
    standing = pending.still(now=now, deadline=start, delay=delay)
    timely = in_time(others, now=now, deadline=start, delay=delay)
    waiting = standing
    if search_until is not None:
        by_then = in_time(others, now=now, deadline=min(search_until, start), delay=delay)
        waiting = np.concatenate([standing, by_then])
    return Chances(any_yes(waiting), any_yes(np.concatenate([standing, timely])))


def outlook_of(*, is_answered: bool, can_come: int, pending: int, waiting: float) -> Outlook:
    """Arguments: how many can come, how many were asked and have not answered, and
    ``Chances.waiting``."""
    if is_answered:
        return Outlook.ANSWERED
    if not can_come and not pending:
        return Outlook.NOBODY
    if waiting >= LIKELY:
        return Outlook.LIKELY
    return Outlook.EVEN if waiting >= EVEN else Outlook.UNLIKELY


def pressure(
    *, left: timedelta, is_answered: bool, is_escalated: bool, is_searched: bool
) -> timedelta:
    """What all requests are ordered by before any of them is looked into, the smallest first: the
    time left, less where a coordinator has taken over, more where somebody is being asked or has
    said yes."""
    if is_answered:
        left += timedelta(days=4)
    elif is_searched:
        left += timedelta(hours=12)
    return left - (timedelta(days=2) if is_escalated else timedelta(0))
