"""The shipped detector, a young town's, a cleared one's, and what decisions change."""

from dataclasses import replace

import numpy as np
import pytest

from kyojo.help.support.fraud import file
from kyojo.help.support.fraud.compact import GRID, Compact
from kyojo.help.support.fraud.correction import ALL_MOST, EACH_MOST, Correction, Labelled, learned
from kyojo.help.support.fraud.features import measure
from kyojo.help.support.fraud.reasons import HONEST, WORDS, honest_of
from kyojo.help.support.fraud.surprise import Reference
from kyojo.help.support.fraud.tracks import OF_POSITIONS, kept_tracks
from kyojo.help.support.fraud.watch import NOTHING_USUAL, OF_DEVICE, OF_PAIR, Cleared, watch
from kyojo.help.support.simulation import training
from kyojo.help.support.simulation.experiment import Plan
from kyojo.help.support.simulation.fakes import built_in
from kyojo.help.support.simulation.patterns import played
from kyojo.help.support.simulation.population import Setting
from kyojo.help.support.simulation.town import town_of


def fakes(name, seed=1):
    pattern = next(one for one in built_in() if one.name == name)
    town = played(town_of(Setting(weeks=26, visits_a_week=40), seed), pattern, seed)
    _, detector = file.shipped()
    return town, watch(town.facts, detector)


# --- the file -------------------------------------------------------------------------------------
def test_a_compact_reference_differs_by_less_than_a_step_of_its_grid():
    rng = np.random.default_rng(3)
    values = np.concatenate([np.zeros(3_000), rng.lognormal(0, 2, 2_000)])
    full = Reference.of(values)
    short = Compact.of_json(Compact.of(full).as_json())
    asked = np.concatenate([values, rng.lognormal(0, 2, 500), [-1.0, 0.0, 1e9, np.nan]])
    apart = full.surprise(asked) - short.surprise(asked)
    assert apart.min() > -1e-4
    assert apart.max() <= np.diff(GRID).max() + 1e-4
    assert short.surprise(np.array([0.0])) == 0


def test_the_shipped_detector_finds_bold_fakes_and_leaves_honest_visits_alone():
    town, found = fakes("one_device")
    flagged = found.scored.flagged
    strength = np.array([town.fakes.get(uid, "") for uid in found.scored.seen.table.uids])
    assert flagged[strength == "strong"].mean() > 0.8
    assert flagged[strength == ""].mean() < 0.015
    row = int(np.flatnonzero((strength == "strong") & flagged)[0])
    assert found.reasons(row)
    assert found.signs(row)
    assert found.row_of(found.scored.seen.table.uids[row]) == row


def test_the_same_seeds_write_the_same_file(tmp_path, monkeypatch):
    chosen = [one for one in built_in() if one.name in ("one_device", "hand_edits")]
    monkeypatch.setattr(training, "built_in", lambda: chosen)
    plan = Plan(
        setting=Setting(weeks=16, visits_a_week=60),
        reference=(1001,),
        training=(2001,),
        calibration=(3001,),
    )
    for name in ("one", "other"):
        training.model_write(tmp_path / name, plan, processes=1)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_another_form_is_refused():
    with pytest.raises(file.WeightsUnreadable):
        file.of_json({"form": 99})


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_shipped_file_is_what_the_command_writes(tmp_path):
    training.model_write(tmp_path / "again.json", Plan(), processes=2)
    assert (tmp_path / "again.json").read_text() == file.PATH.read_text()


# --- a town as it grows ---------------------------------------------------------------------------
def test_where_nothing_is_usual_yet_nobody_is_flagged():
    town = town_of(Setting(weeks=10, visits_a_week=20), 7).facts
    _, detector = file.shipped()
    few = replace(town, visits=town.visits[: NOTHING_USUAL - 1])
    assert watch(few, detector) is None
    young = watch(replace(town, visits=town.visits[:40]), detector)
    grown = watch(town, detector)
    assert young.scored.threshold > grown.scored.threshold
    assert young.scored.flagged.mean() < 0.05


def test_what_is_kept_of_positions_measures_like_the_positions():
    facts = town_of(Setting(weeks=6, visits_a_week=20), 7).facts
    table = measure(facts)
    kept = kept_tracks(facts, table)
    erased = tuple(
        replace(
            visit,
            marks=tuple(replace(mark, position=None) for mark in visit.marks),
            kept=kept.get(visit.uid),
        )
        for visit in facts.visits
    )
    again = measure(replace(facts, visits=erased))
    assert kept
    assert (again.channel == table.channel).all()
    for name in (*OF_POSITIONS, "phone_silent"):
        assert again.column(name) == pytest.approx(table.column(name), abs=1e-3, nan_ok=True), name


def test_a_position_that_was_erased_elsewhere_is_known_again():
    facts = town_of(Setting(weeks=6, visits_a_week=20), 7).facts
    with_fixes = [visit for visit in facts.visits if visit.fixes]
    old, new = with_fixes[0], with_fixes[-1]
    prints = frozenset({"a", "b"})
    gone = replace(old, marks=tuple(replace(m, position=None) for m in old.marks), prints=prints)
    copied = replace(new, prints=prints | {"c", "d"})
    table = measure(facts.with_visits((gone, copied)))
    assert table.column("reused_fix")[table.uids.index(new.uid)] == 0.5


# --- cleared --------------------------------------------------------------------------------------
def test_what_is_cleared_is_not_held_against_anybody_and_the_rest_is():
    town, found = fakes("one_device")
    _, detector = file.shipped()
    strong = [one for one in town.facts.visits if town.fakes.get(one.uid) == "strong"]
    pairs = frozenset((one.supporter, one.carer) for one in strong)
    devices = frozenset(one.confirm_device for one in strong if one.confirm_device)
    milder = watch(town.facts, detector, cleared=Cleared(pairs, devices))
    rows = [found.row_of(one.uid) for one in strong]
    others = np.ones(len(town.facts.visits), dtype=bool)
    others[rows] = False
    assert milder.scored.flagged[rows].mean() < found.scored.flagged[rows].mean() / 2
    assert abs(float((milder.scored.scores - found.scored.scores)[others].mean())) < 0.01
    assert set(WORDS) >= OF_PAIR | OF_DEVICE


def test_every_oddity_has_an_honest_explanation():
    told = {name for names in HONEST.values() for name in names}
    assert told == set(WORDS)
    assert honest_of(["both_sides", "foreign_device"]) == honest_of(["both_sides"])
    assert len(honest_of(WORDS)) == 3


# --- learned --------------------------------------------------------------------------------------
SIGNS = {"pair_visits": 0.9, "confirmed_fast": 0.6}


def decided(count, *, is_fake, margin=0.4, signs=SIGNS, by_lot=False):
    return [Labelled(signs, margin, is_fake, by_lot=by_lot)] * count


def test_nothing_decided_changes_nothing():
    assert learned([]).change(SIGNS) == 0
    assert learned(decided(3, is_fake=False, signs={})).change(SIGNS) == 0


@pytest.mark.parametrize("is_fake", [False, True])
def test_the_more_is_decided_the_more_it_counts_and_few_turn_nothing_over(is_fake):
    changes = [abs(learned(decided(n, is_fake=is_fake)).change(SIGNS)) for n in (1, 3, 10, 40)]
    assert changes == sorted(changes)
    assert changes[0] < 0.2
    assert learned(decided(10, is_fake=is_fake)).change(SIGNS) * (1 if is_fake else -1) > 0.05
    for n in (1, 1_000):
        found = learned(decided(n, is_fake=is_fake))
        assert all(abs(weight) <= EACH_MOST for weight in found.weights.values())
        assert abs(found.change(dict.fromkeys(WORDS, 1.0))) <= found.most < ALL_MOST


def test_an_honest_pattern_that_was_cleared_often_is_flagged_no_longer_and_a_bold_one_still_is():
    found = learned(decided(12, is_fake=False))
    assert 0.4 + found.change(SIGNS) < 0
    assert 4.0 + found.change(SIGNS) > 0
    assert found.change({"reused_fix": 1.0}) == 0


def test_fakes_that_were_confirmed_draw_their_like_above_the_threshold():
    signs = {"reused_fix": 0.8}
    found = learned(decided(12, is_fake=True, signs=signs, margin=0.1))
    assert -0.05 + found.change(signs) > 0


def test_a_few_fakes_the_lot_has_found_count_for_more():
    few = learned(decided(3, is_fake=True, margin=-0.5))
    lot = learned(decided(3, is_fake=True, margin=-0.5, by_lot=True))
    assert lot.weights["pair_visits"] > few.weights["pair_visits"] > 0


def test_the_town_s_correction_moves_scores_near_the_threshold_only():
    town, found = fakes("one_device")
    _, detector = file.shipped()
    correction = Correction(dict.fromkeys(WORDS, -1.5), 60)
    milder = watch(town.facts, detector, correction=correction)
    assert milder.scored.flagged.sum() < found.scored.flagged.sum()
    far = found.scored.scores > found.scored.threshold + correction.most
    assert (milder.scored.scores[far] == found.scored.scores[far]).all()
    assert (np.abs(milder.changes) <= correction.most).all()
