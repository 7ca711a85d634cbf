"""Candidates and situations for tests."""

from __future__ import annotations

import numpy as np

from kyojo.help.matching.asking.features import Facts
from kyojo.help.matching.asking.situation import Candidates, Request, Situation
from kyojo.help.matching.asking.waves import Pending

#: Monday 10:00 of the second week.
NOW = 168.0 + 10.0


def candidates(n: int = 10, *, minutes=None, belief=None, asks=0, most=2, last=-np.inf, score=None):
    """``n`` people who are alike but for what is said: the first is the nearest."""
    near = np.linspace(2, 30, n) if minutes is None else np.asarray(minutes, float)
    zero, some = np.zeros(n), np.full(n, 4.0)
    facts = Facts(
        minutes=near,
        met=zero,
        done=np.ones(n),
        lately=zero,
        asks_month=zero,
        answer_hours=np.full(n, 8.0),
        asked=some,
        answered=some / 2,
        yes=some / 4,
        starts_hour=10.0,
        weekday=2,
        lead_hours=48.0,
        hours=1.0,
    )
    return Candidates(
        keys=np.arange(100, 100 + n),
        facts=facts,
        score=np.linspace(0.9, 0.1, n) if score is None else np.asarray(score, float),
        belief=np.full(n, 0.6) if belief is None else np.asarray(belief, float),
        asks_this_week=np.broadcast_to(asks, n).astype(np.int64),
        asks_per_week_max=np.broadcast_to(most, n).astype(np.int64),
        last_asked_at=np.broadcast_to(last, n).astype(float),
    )


def situation(found=None, *, now=NOW, left=48.0, pending=None, asked=0, urgency=0.0, seed=7):
    """A request opened a little before ``now`` with ``left`` hours of the clock to go."""
    who = candidates() if found is None else found
    return Situation(
        request=Request(seed, now - 0.1, now + left, urgency),
        pending=Pending.none() if pending is None else pending,
        asked=asked,
        now=now,
        look=lambda: who,
    )


def waiting(*asked_at: float, chance: float = 0.3, answers: float = 0.6) -> Pending:
    return Pending(
        np.array(asked_at), np.full(len(asked_at), chance), np.full(len(asked_at), answers)
    )
