"""What a visit leaves behind when somebody really was there: positions, cards, codes, buttons."""

import math
from collections.abc import Sequence

import numpy as np

from ..fraud.facts import MarkFacts, Place
from .population import RECEPTION, Habits

#: A told accuracy holds two of three errors: the spread of each axis is about this part of it.
SPREAD = 0.66
#: Share of positions that come from a cell of the network or are plainly wrong.
WILD = 0.006


def fixes(
    rng: np.random.Generator,
    *,
    place: Place,
    moments: Sequence[float],
    reception: str,
    wifi: bool,
) -> list[tuple[Place, float]]:
    """(place, accuracy) of a phone that lies or moves about at ``place``, at each moment.

    The error is one offset of the visit and a wandering around it that forgets in ten minutes.
    """
    usual = RECEPTION[reception][1] * float(rng.lognormal(0, 0.6 if reception == "valley" else 0.3))
    offset = rng.normal(0, SPREAD * usual * 0.75, 2)
    around = rng.normal(0, 6, 2)  # where in the house
    wander = rng.normal(0, 1, 2)
    found: list[tuple[Place, float]] = []
    before = moments[0] if moments else 0.0
    for moment in moments:
        if found and rng.random() < (0.35 if wifi else 0.05):
            found.append(found[-1])  # the phone gave the last place it knew
            continue
        if rng.random() < WILD:
            found.append(_wild(rng, place))
            continue
        keeps = math.exp(-(moment - before) * 6)
        wander = keeps * wander + math.sqrt(1 - keeps**2) * rng.normal(0, 1, 2)
        before = moment
        spread = usual * SPREAD * (0.2 if wifi else 0.6)
        east, north = np.asarray(place) + around + offset + wander * spread
        accuracy = usual * (1.0 if wifi else float(rng.lognormal(0, 0.25)))
        found.append(((float(east), float(north)), round(max(4.0, accuracy), 1)))
    return found


def _wild(rng: np.random.Generator, place: Place) -> tuple[Place, float]:
    """A cell of the network taken for the place, or a plain mistake told as precise."""
    accuracy = float(rng.choice([25.0, 600.0, 1500.0]))
    metres = rng.normal(0, max(accuracy * SPREAD, 500.0), 2)
    return (place[0] + float(metres[0]), place[1] + float(metres[1])), accuracy


def moments_between(
    rng: np.random.Generator, started_at: float, ended_at: float, habits: Habits
) -> list[float]:
    """Begin, some moments while the page is open, end."""
    count = min(int(rng.poisson(habits.fix_rate * (ended_at - started_at))), 12)
    between = sorted(rng.uniform(started_at + 0.02, max(ended_at - 0.02, started_at + 0.03), count))
    return [started_at, *map(float, between), ended_at]


def marks_with_positions(
    rng: np.random.Generator,
    *,
    place: Place,
    started_at: float,
    ended_at: float,
    habits: Habits,
    reception: str,
) -> tuple[MarkFacts, ...]:
    """A visit with a phone that tells where it is. Far away by its own error, the page asks: most
    then type the spoken code."""
    moments = moments_between(rng, started_at, ended_at, habits)
    sent = _sent(rng, habits, moments)
    marks = []
    last = len(moments) - 1
    found = fixes(rng, place=place, moments=moments, reception=reception, wifi=habits.wifi)
    for n, ((where, accuracy), at) in enumerate(zip(found, moments, strict=True)):
        moment = "start" if n == 0 else "end" if n == last else "during"
        if moment != "during" and math.dist(where, place) - accuracy > 150 and rng.random() < 0.6:
            # The page says so and asks for another try.
            ((where, accuracy),) = fixes(
                rng, place=place, moments=[at], reception=reception, wifi=False
            )
        marks.append(MarkFacts("position", moment, at, sent[n], habits.phone, where, accuracy))
        unsure = accuracy > 100 or math.dist(where, place) - accuracy > 150
        if moment != "during" and unsure and rng.random() < 0.75:
            marks.append(MarkFacts("spoken_code", moment, at + 0.01, sent[n] + 0.01, habits.phone))
    return tuple(marks)


def marks_without_positions(
    rng: np.random.Generator,
    *,
    started_at: float,
    ended_at: float,
    habits: Habits,
    button: str,
    other_phone: str = "",
) -> tuple[MarkFacts, ...]:
    """A visit proven by a code, a card, a button, a photo, or by the office's word."""
    kind = habits.proof if rng.random() < 0.9 else "spoken_code"
    device = button if kind == "button" else habits.phone
    if other_phone and kind != "button":
        device = other_phone
    marks = []
    sent = _sent(rng, habits, [started_at, ended_at])
    for n, (moment, at) in enumerate((("start", started_at), ("end", ended_at))):
        if rng.random() < 0.012:
            late = at + float(rng.exponential(6))
            marks.append(MarkFacts("office_word", moment, at, late))
        elif moment == "start" or rng.random() < 0.97:
            marks.append(MarkFacts(kind, moment, at, sent[n], device))
    return tuple(marks)


def _sent(rng: np.random.Generator, habits: Habits, moments: Sequence[float]) -> list[float]:
    """When the server heard of each moment: at once, or all together when there is a network."""
    if rng.random() >= habits.offline:
        return [at + float(rng.exponential(0.002)) for at in moments]
    back = moments[-1] + float(rng.exponential(2.0))
    return [back + 0.001 * n for n in range(len(moments))]
