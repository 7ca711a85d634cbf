"""The SQL and a plain Python model agree on every code, every sum and every history, whatever
happens in whatever order.

One machine plays a town: accounts of every kind (striped and not, limited on either side, with a
history, of another currency), legs alone, in linked calls and in batches of groups, retries,
partial posts, corrections, sweeps, a clock that also steps back, accounts closed and widened.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kyojo.kernel.ids import new_id
from kyojo.ledger.types import Code, Leg

from .cast import HOUR
from .town import ACCOUNTS, SEEN, Drafts, Town

pytestmark = pytest.mark.django_db


def groups_draw(rng: Random, legs: Sequence[Leg]) -> list[int]:
    groups = [0]
    for _ in legs[1:]:
        groups.append(groups[-1] + (rng.random() < 0.5))
    return groups


class Histories(RuleBasedStateMachine):
    """Each rule draws a seed for what it does, so that a failure shrinks to few, small steps."""

    @initialize()
    def town_opens(self) -> None:
        self.town = Town()

    def drafts(self, seed: int) -> Drafts:
        return Drafts(self.town, Random(seed))

    @rule(seed=st.integers(0, 2**32))
    def one(self, seed: int) -> None:
        self.town.call([self.drafts(seed).leg()], linked=False)

    @rule(seed=st.integers(0, 2**32))
    def one_alone(self, seed: int) -> None:
        """As a transaction of its own: the straight way, which takes back what it wrote."""
        self.town.call([self.drafts(seed).leg()], linked=True, alone=True)

    @rule(seed=st.integers(0, 2**32), size=st.integers(2, 5), linked=st.booleans())
    def call(self, seed: int, size: int, linked: bool) -> None:
        drafts = self.drafts(seed)
        self.town.call([drafts.leg() for _ in range(size)], linked=linked)

    @rule(seed=st.integers(0, 2**32), size=st.integers(2, 10))
    def batch(self, seed: int, size: int) -> None:
        drafts = self.drafts(seed)
        legs = [drafts.leg() for _ in range(size)]
        self.town.batch(legs, groups_draw(drafts.rng, legs))

    @rule(seed=st.integers(0, 2**32), size=st.integers(2, 10))
    def distribution(self, seed: int, size: int) -> None:
        """A batch that mostly goes the short way: the issuer, or the treasury, to many."""
        rng = Random(seed)
        giver = self.town.accounts[rng.choice([0, 3])]
        legs = [
            replace(self.town.first(rng.choice([1, 2, 3, 6])), debit=giver, id=new_id())
            for _ in range(size)
        ]
        legs = [replace(leg, amount=rng.randint(1, 12)) for leg in legs]
        self.town.legs += legs
        self.town.batch(legs, groups_draw(rng, legs))

    @rule()
    def again(self) -> None:
        self.town.call(self.town.legs[-5:], linked=False)

    @rule(seed=st.integers(0, 2**32), part=st.booleans())
    def correct(self, seed: int, part: bool) -> None:
        transfers = list(self.town.model.transfers.values())
        wrong = Random(seed).choice(transfers[-8:])
        self.town.correct(wrong.id, max(wrong.amount // 3, 1) if part else None)

    @rule(hours=st.sampled_from([-1, 1, 1, 1, 2]))
    def clock_steps(self, hours: int) -> None:
        self.town.now += hours * HOUR
        self.town.stepped_back |= hours < 0

    @rule()
    def sweep(self) -> None:
        self.town.sweep()

    @rule(place=st.integers(1, len(ACCOUNTS) - 1))
    def close(self, place: int) -> None:
        self.town.close(place)

    @rule(place=st.integers(0, len(ACCOUNTS) - 1), stripes=st.sampled_from([2, 8]))
    def widen(self, place: int, stripes: int) -> None:
        self.town.widen(place, stripes)

    @invariant()
    def sums(self) -> None:
        self.town.sums_agree()

    def teardown(self) -> None:
        self.town.everything_agrees()


ORDINARY = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(ORDINARY, max_examples=300, stateful_step_count=80)


def play(seed: int, steps: int) -> None:
    """``steps`` rules of the machine, by chance alone."""
    rng, machine = Random(seed), Histories()
    machine.town_opens()
    for _ in range(steps):
        draw = rng.randrange(2**32)
        match rng.choice(
            ["one"] * 3
            + ["alone"] * 3
            + ["call"] * 3
            + ["batch"] * 3
            + ["distribution", "again", "correct", "clock", "sweep", "close", "widen"]
        ):
            case "one":
                machine.one(draw)
            case "alone":
                machine.one_alone(draw)
            case "call":
                machine.call(draw, rng.randint(2, 5), rng.random() < 0.5)
            case "batch":
                machine.batch(draw, rng.randint(2, 10))
            case "distribution":
                machine.distribution(draw, rng.randint(2, 10))
            case "again":
                machine.again()
            case "correct":
                machine.correct(draw, rng.random() < 0.5)
            case "clock":
                machine.clock_steps(rng.choice([-1, 1, 1, 2]))
            case "sweep":
                machine.sweep()
            case "close":
                machine.close(rng.randint(1, len(ACCOUNTS) - 1))
            case "widen":
                machine.widen(rng.randint(0, len(ACCOUNTS) - 1), rng.choice([2, 8]))
        machine.sums()
    machine.teardown()


def test_the_histories_reach_every_code() -> None:
    SEEN.clear()
    for seed in range(12):
        play(seed, 120)
    out_of_reach = {Code.AMOUNT_TOO_LARGE, Code.TOTAL_TOO_LARGE}
    assert set(Code) - set(SEEN) == out_of_reach


class TestHistories(Histories.TestCase):  # type: ignore[misc, name-defined]
    settings = ORDINARY


@pytest.mark.slow
@pytest.mark.timeout(1200)
class TestLongHistories(Histories.TestCase):  # type: ignore[misc, name-defined]
    settings = LONG
