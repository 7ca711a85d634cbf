"""Patterns put in what they say, and those from outside are read or refused in one line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kyojo.help.support.simulation.fakes import built_in
from kyojo.help.support.simulation.patterns import (
    STRENGTHS,
    Injection,
    PatternUnusable,
    patterns_read,
    played,
)
from kyojo.help.support.simulation.population import Setting
from kyojo.help.support.simulation.town import town_of

SMALL = Setting(weeks=26, visits_a_week=60)
PATTERNS = {one.name: one for one in built_in()}


@pytest.fixture(scope="module")
def honest():
    return town_of(SMALL, 5)


def fakes_of(town, strength):
    return [visit for visit in town.facts.visits if town.fakes.get(visit.uid) == strength]


@pytest.mark.parametrize("name", PATTERNS)
def test_each_strength_is_there_and_the_same_seed_gives_the_same(honest, name):
    town = played(honest, PATTERNS[name], 5)
    assert set(town.fakes.values()) == set(STRENGTHS)
    assert played(honest, PATTERNS[name], 5).facts == town.facts
    assert played(honest, PATTERNS[name], 6).facts != town.facts
    untouched = {visit.uid: visit for visit in town.facts.visits if visit.uid not in town.fakes}
    assert all(honest_one == untouched.get(honest_one.uid, honest_one)
               for honest_one in honest.facts.visits)  # fmt: skip
    people = town.facts.persons
    assert all(
        people[visit.supporter].joined_at < visit.starts_at
        for visit in town.facts.visits
        if visit.uid in town.fakes
    )


def test_a_ring_gives_and_takes_in_equal_measure(honest):
    ring = fakes_of(played(honest, PATTERNS["trading_ring"], 5), "strong")
    givers, takers = ([getattr(v, who) for v in ring] for who in ("carer", "supporter"))
    assert set(givers) == set(takers)
    assert 2 <= len(set(givers)) <= 6


def test_one_phone_sends_and_confirms(honest):
    for visit in fakes_of(played(honest, PATTERNS["one_device"], 5), "strong"):
        assert {m.device for m in visit.marks if m.kind not in {"button", "office_word"}} <= {
            visit.confirm_device
        }


def test_copied_tracks_are_one_track_seen_from_their_places(honest):
    copies = fakes_of(played(honest, PATTERNS["copied_positions"], 5), "strong")
    tracks = {
        tuple(np.round(np.subtract(fix.position, visit.place), 3).ravel().tolist())
        for visit in copies
        for fix in visit.fixes[:1]
    }
    assert len(tracks) == len({visit.supporter for visit in copies})


def test_without_jitter_each_place_has_one_position(honest):
    still = fakes_of(played(honest, PATTERNS["no_jitter"], 5), "strong")
    assert all(len({fix.position for fix in visit.fixes}) == 1 for visit in still)


def test_overlapping_visits_overlap_and_travel_is_impossible(honest):
    by_start = sorted(
        fakes_of(played(honest, PATTERNS["overlapping_visits"], 5), "strong"),
        key=lambda visit: visit.starts_at,
    )
    pairs = list(zip(by_start[::2], by_start[1::2], strict=True))
    assert all(one.ended_at > two.started_at and one.carer != two.carer for one, two in pairs)


def test_a_rush_lies_before_the_end_of_the_year(honest):
    town = played(honest, PATTERNS["cap_rush"], 5)
    first = min(v.starts_at for v in town.facts.visits if v.uid in town.fakes)
    assert first > town.hours * 0.75


def test_hand_edits_come_after_the_end_and_make_visits_longer(honest):
    town = played(honest, PATTERNS["hand_edits"], 5)
    before = {visit.uid: visit for visit in honest.facts.visits}
    for visit in fakes_of(town, "strong"):
        assert visit.edits[0].at > visit.ended_at
        assert visit.ended_at > before[visit.uid].ended_at


def test_new_accounts_come_from_one_place(honest):
    town = played(honest, PATTERNS["new_accounts"], 5)
    new = [one for uid, one in town.facts.persons.items() if uid.startswith("new-strong")]
    assert len({one.joined_network for one in new}) == 1
    assert max(one.joined_at for one in new) - min(one.joined_at for one in new) <= 24


# --- from outside ---------------------------------------------------------------------------------
GOOD = """
from dataclasses import dataclass
from kyojo.help.support.simulation.patterns import STRENGTHS, Injection

@dataclass
class Twins:
    name = "twins"
    strengths = STRENGTHS

    def inject(self, town, rng, strength):
        supporter, carer = town.persons_active(rng, 2)
        visit = town.visit(rng, f"twins-{strength}", carer=carer, supporter=supporter,
                           starts_at=500.0)
        return Injection([visit])
"""


def test_a_class_from_a_file_is_played_like_any_other(tmp_path, honest):
    path = tmp_path / "mine.py"
    path.write_text(GOOD, "utf-8")
    (twins,) = patterns_read(path)
    assert twins.name == "twins"
    assert sorted(played(honest, twins, 1).fakes) == [f"twins-{one}" for one in sorted(STRENGTHS)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "no class with name, strengths and inject"),
        ("def (", "SyntaxError"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named"),
        ("raise SystemExit('stop')", "SystemExit: stop"),
        ("class A:\n  name = 'a'\n  def inject(self): ...", "'a' needs strengths"),
        ("class A:\n  name = 'a'\n  strengths = 'x'\n  def inject(self): ...", "needs strengths"),
        ("class A:\n  name = 'a'\n  strengths = (1,)\n  def inject(self): ...", "not all words"),
        (GOOD.replace('"twins"', '"cap_rush"'), "there is a pattern 'cap_rush' already"),
        ("class A:\n  name = 'a'\n  strengths = ('x',)\n  def __init__(self, y): ...\n"
         "  def inject(self): ...", "TypeError"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_in_one_line(tmp_path, source, words):
    path = tmp_path / "bad.py"
    path.write_text(source, "utf-8")
    with pytest.raises(PatternUnusable, match=words) as refused:
        patterns_read(path, list(PATTERNS))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(PatternUnusable, match="cannot read"):
        patterns_read(tmp_path / "none.py")


class Bad:
    name = "bad"
    strengths = ("weak",)

    def __init__(self, change=None, answer=None):
        self.change, self.answer = change, answer

    def inject(self, town, rng, strength):
        if self.answer is not None:
            return self.answer
        supporter, carer = town.persons_active(rng, 2)
        visit = town.visit(rng, "bad-1", carer=carer, supporter=supporter, starts_at=500.0)
        return Injection((replace(visit, **self.change),)) if self.change else 1 / 0


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (Bad(), "failed at strength 'weak': ZeroDivisionError: division by zero"),
        (Bad(answer=[]), "returned no Injection with visits"),
        (Bad(answer=Injection(())), "returned no Injection with visits"),
        (Bad(answer=Injection(("x",))), "a visit that is no VisitFacts"),
        (Bad({"carer": "nobody"}), "a person nobody knows"),
        (Bad({"ended_at": 1.0}), "ends before it begins"),
        (Bad({"started_at": float("nan")}), "a value that is no number"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_patterns_name(honest, bad, words):
    with pytest.raises(PatternUnusable, match="bad") as refused:
        played(honest, bad, 1)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_example_of_the_reference_runs(tmp_path, honest):
    page = (Path(__file__).parents[6] / "docs/reference/simulator.md").read_text("utf-8")
    path = tmp_path / "example.py"
    path.write_text(page.split("```python\n")[1].split("```")[0], "utf-8")
    (example,) = patterns_read(path)
    assert set(played(honest, example, 1).fakes.values()) == {"weak", "strong"}
