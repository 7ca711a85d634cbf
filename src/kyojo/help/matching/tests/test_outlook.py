"""The chance that a request finds somebody, and which one is seen to first."""

from datetime import timedelta

import numpy as np
import pytest

from kyojo.help.matching.asking.delays import ReplyDelay
from kyojo.help.matching.asking.waves import Pending
from kyojo.help.matching.outlook import SENTENCES, Chances, Outlook, chances, outlook_of, pressure

#: Monday, ten o'clock; the start is two days later.
NOW, START = 10.0, 58.0


def told(
    *, pending: int = 0, others: list[float] | None = None, until: float | None = None
) -> Chances:
    standing = Pending(np.full(pending, NOW - 1), np.full(pending, 0.5), np.full(pending, 0.8))
    return chances(
        pending=standing,
        others=np.array(others or []),
        now=NOW,
        search_until=until,
        start=START,
        delay=ReplyDelay(),
    )


def test_where_nobody_asks_nothing_comes() -> None:
    assert told(others=[0.5, 0.5]).waiting == 0
    assert told(others=[0.5, 0.5]).asking > 0.5
    assert told() == Chances(0, 0)


def test_a_search_asks_the_others_and_a_short_one_fewer() -> None:
    whole = told(others=[0.5, 0.5], until=START)
    assert whole.waiting == pytest.approx(whole.asking)
    assert 0 < told(others=[0.5, 0.5], until=NOW + 2).waiting < whole.waiting


def test_every_question_that_stands_adds_to_the_chance() -> None:
    one, two = told(pending=1), told(pending=2)
    assert 0 < one.waiting < two.waiting < 1
    assert told(pending=1, others=[0.5]).asking > one.asking


@pytest.mark.parametrize(
    ("is_answered", "can_come", "pending", "waiting", "outlook"),
    [
        (True, 0, 0, 0.0, Outlook.ANSWERED),
        (False, 0, 0, 0.0, Outlook.NOBODY),
        (False, 0, 1, 0.3, Outlook.UNLIKELY),
        (False, 3, 0, 0.0, Outlook.UNLIKELY),
        (False, 3, 1, 0.4, Outlook.EVEN),
        (False, 3, 1, 0.75, Outlook.LIKELY),
    ],
)
def test_chances_in_words(
    is_answered: bool, can_come: int, pending: int, waiting: float, outlook: Outlook
) -> None:
    found = outlook_of(is_answered=is_answered, can_come=can_come, pending=pending, waiting=waiting)
    assert found is outlook
    assert SENTENCES[found]


def test_what_presses_most_comes_first() -> None:
    def of(
        hours: int, *, answered: bool = False, escalated: bool = False, searched: bool = False
    ) -> timedelta:
        return pressure(
            left=timedelta(hours=hours),
            is_answered=answered,
            is_escalated=escalated,
            is_searched=searched,
        )

    assert of(10) < of(20) < of(20, searched=True) < of(20, answered=True)
    assert of(60, escalated=True) < of(20)
    assert of(10) < of(60, escalated=True)
