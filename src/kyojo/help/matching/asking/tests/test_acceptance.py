"""Chances, what is learned from a log, and whether told chances come true."""

import json

import numpy as np
import pytest

from kyojo.help.matching.asking.acceptance import PRIOR, AcceptanceModel, sigmoid
from kyojo.help.matching.asking.calibration import calibration_figures, censoring_weights
from kyojo.help.matching.asking.features import FEATURES
from kyojo.help.matching.asking.training import NO, SILENT, YES, LogRows, beliefs, train

from .made import candidates


def log(n: int, *, seed: int = 3, intercept: float = -0.6, minutes: float = -0.8) -> LogRows:
    """Questions to people who are always there, answered by a known logistic within hours."""
    rng = np.random.default_rng(seed)
    matrix = np.zeros((n, len(FEATURES)))
    matrix[:, 0] = rng.normal(0, 1, n)
    yes = rng.random(n) < sigmoid(intercept + minutes * matrix[:, 0])
    answered = yes | (rng.random(n) < 0.9)
    waited = np.where(answered, rng.exponential(1.0, n), 60.0)
    asked_at = np.sort(rng.integers(0, 80, n) * 168.0 + 10)
    return LogRows(
        supporter=rng.integers(0, n // 10 + 1, n),
        matrix=matrix,
        propensity=rng.uniform(0.2, 1, n),
        outcome=np.where(yes, YES, np.where(answered, NO, SILENT)),
        waited=waited,
        asked_at=asked_at,
        ended_at=asked_at + waited / 15 * 24,
    )


class TestPrior:
    def test_an_empty_town_has_sound_chances(self):
        chances = PRIOR.chances(candidates(10).facts.matrix(), np.full(10, 0.9))
        assert list(chances) == sorted(chances, reverse=True)  # the nearer the likelier
        assert 0.1 < chances.mean() < 0.47

    def test_without_a_log_the_prior_stands(self):
        model = train(log(10), version="v1")
        assert model.version == "v1"
        assert (model.coefficients, model.intercept) == (PRIOR.coefficients, PRIOR.intercept)
        assert model.trained_on["rows"] == 10

    def test_belief_lowers_the_chance(self):
        matrix = candidates(1).facts.matrix()
        told = [PRIOR.chances(matrix, [b])[0] for b in (0.05, 0.3, 0.9)]
        assert told == sorted(told)


@pytest.fixture(scope="module")
def model():
    return train(log(6000), version="v2")


class TestTraining:
    def test_the_coefficients_are_found_again(self, model):
        assert model.coefficients["minutes"] == pytest.approx(-0.8, abs=0.2)
        assert model.activity.share > 0.8

    def test_it_is_calibrated_on_new_people(self, model):
        fresh = log(6000, seed=11)
        told = model.chances(fresh.matrix, beliefs(fresh, model.activity, model.delay))
        figures = calibration_figures(told, (fresh.outcome == YES).astype(float))
        assert figures.ece < 0.03
        assert figures.brier < figures.brier_base

    def test_its_figures_are_told(self, model):
        assert model.figures["rows"] > 1000
        assert model.figures["ece"] < 0.04
        assert len(model.figures["bins"]) == 10

    def test_json_makes_the_same_model(self, model):
        again = AcceptanceModel.from_json(json.loads(json.dumps(model.as_json())))
        matrix = candidates(8).facts.matrix()
        belief = np.linspace(0.1, 0.9, 8)
        assert np.allclose(again.chances(matrix, belief), model.chances(matrix, belief), atol=1e-4)
        assert again.as_json() == model.as_json()

    def test_it_is_the_same_every_time(self, model):
        assert train(log(6000), version="v2").as_json() == model.as_json()

    def test_questions_taken_back_do_not_count_as_refusals(self):
        rows = log(4000)
        back = np.random.default_rng(1).random(4000) < 0.6
        taken = rows.waited > 0.3
        cut = back & taken
        cut_rows = LogRows(
            supporter=rows.supporter,
            matrix=rows.matrix,
            propensity=rows.propensity,
            outcome=np.where(cut, SILENT, rows.outcome),
            waited=np.where(cut, 0.3, rows.waited),
            asked_at=rows.asked_at,
            ended_at=np.where(cut, rows.asked_at + 0.3, rows.ended_at),
        )
        whole, part = train(rows, version="a"), train(cut_rows, version="b")
        matrix = rows.matrix[:200]
        told = [m.chances(matrix, np.full(200, 0.9)).mean() for m in (whole, part)]
        assert told[1] == pytest.approx(told[0], abs=0.06)


class TestFigures:
    def test_a_known_model_is_calibrated(self):
        rng = np.random.default_rng(2)
        told = rng.uniform(0, 1, 20_000)
        came = (rng.random(20_000) < told).astype(float)
        figures = calibration_figures(told, came)
        assert figures.ece < 0.02
        assert figures.brier == pytest.approx(1 / 6, abs=0.01)
        off = calibration_figures(np.clip(told + 0.2, 0, 1), came)
        assert off.ece > 0.12

    def test_by_hand(self):
        figures = calibration_figures(np.full(40, 0.5), np.r_[np.ones(10), np.zeros(30)])
        assert figures.ece == pytest.approx(0.25)
        assert figures.brier == pytest.approx(0.25)
        assert figures.brier_base == pytest.approx(0.1875)

    def test_nothing_is_no_error(self):
        assert calibration_figures(np.empty(0), np.empty(0)).rows == 0

    def test_weights_mend_what_was_taken_back(self):
        rng = np.random.default_rng(4)
        delay, yes = rng.exponential(5, 30_000), rng.random(30_000) < 0.4
        ended = rng.exponential(6, 30_000)
        told_yes = yes & (delay < ended)
        waited = np.where(told_yes, delay, ended)
        weights = censoring_weights(waited, told_yes, 10.0)
        came = told_yes & (waited <= 10.0)
        truth = 0.4 * (1 - np.exp(-2))
        assert np.average(came, weights=weights) == pytest.approx(truth, abs=0.02)
        assert abs(came.mean() - truth) > 0.1
