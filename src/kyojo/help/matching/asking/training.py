"""A model from what was asked and answered. Pure; needs scipy.

Only people who were asked have rows. Coefficients weigh each row by one over the chance with which
it was asked, within limits, so that they hold for candidates in general; the calibration after them
takes the rows as they are, since those asked are the ones whose chances are used. A question that
was taken back after ``waited`` hours only says that no yes came within them.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .acceptance import PRIOR, AcceptanceModel, logit, sigmoid
from .belief import Activity
from .calibration import calibration_figures, censoring_weights
from .delays import ReplyDelay
from .delays import fitted as delay_fitted
from .features import FEATURES
from .hours import awake_between

Column = NDArray[np.float64]

YES, NO, SILENT = 1, 0, -1
#: The least rows from which anything is learned; below, the prior stands.
LEAST_ROWS = 60
#: How far a coefficient is expected from its prior (standard deviation).
COEFFICIENT_SPREAD = 0.7
#: A row asked by rare chance speaks for at most so many others.
WEIGHT_MOST = 5.0
#: The last part of a log, by time, is kept for the calibration.
HELD_OUT = 0.3
#: A yes after more awake hours than this (three days) is not waited for in figures.
HORIZON_HOURS = 45.0


@dataclass(frozen=True)
class LogRows:
    """A row a question, columns of one length. ``matrix``: features at the time of asking.
    ``propensity``: the chance with which the policy asked just this person. ``outcome``: ``YES``,
    ``NO`` or ``SILENT``; ``waited``: awake hours until the answer, or until the question ended.
    ``asked_at``, ``ended_at``: local hours."""

    supporter: NDArray[np.int64]
    matrix: NDArray[np.float64]
    propensity: Column
    outcome: NDArray[np.int64]
    waited: Column
    asked_at: Column
    ended_at: Column

    def __len__(self) -> int:
        return len(self.supporter)


def train(rows: LogRows, *, version: str, prior: AcceptanceModel = PRIOR) -> AcceptanceModel:
    """The model that makes the log most likely, drawn towards ``prior``. With fewer than
    ``LEAST_ROWS`` rows: the prior under the new version."""
    about = {
        "rows": len(rows),
        "supporters": len(np.unique(rows.supporter)),
        "answered": int((rows.outcome != SILENT).sum()),
        "yes": int((rows.outcome == YES).sum()),
    }
    if len(rows) < LEAST_ROWS:
        return replace(prior, version=version, trained_on=about, figures={})
    told = rows.outcome != SILENT
    delay, _ = delay_fitted(rows.waited[told], rows.waited[~told], prior.delay)
    activity = activity_fitted(rows, delay, prior.activity)
    belief = beliefs(rows, activity, delay)
    late = rows.asked_at >= np.quantile(rows.asked_at, 1 - HELD_OUT)
    due = np.where(told, 1.0, delay.cdf(rows.waited))
    weights = np.clip(1 / np.maximum(rows.propensity, 1e-6), 1.0, WEIGHT_MOST)
    intercept, coefficients = _coefficients(rows, belief, due, weights, ~late, prior)
    model = AcceptanceModel(
        version=version,
        intercept=intercept,
        coefficients=dict(zip(FEATURES, coefficients, strict=True)),
        activity=activity,
        delay=delay,
        trained_on=about,
    )
    raw = belief * model.if_there(rows.matrix)
    model = replace(model, platt=_platt(raw[late], rows.outcome[late] == YES, due[late]))
    chances = model.chances(rows.matrix[late], belief[late]) * delay.cdf(HORIZON_HOURS)
    came = (rows.outcome[late] == YES) & (rows.waited[late] <= HORIZON_HOURS)
    counted = censoring_weights(rows.waited[late], told[late], HORIZON_HOURS)
    figures = calibration_figures(chances, came.astype(np.float64), counted)
    return replace(model, figures=figures.as_json())


# --- belief ---------------------------------------------------------------------------------------
def beliefs(rows: LogRows, activity: Activity, delay: ReplyDelay) -> Column:
    """The belief about each row's person when they were asked, from their rows before it.

    All people go forward together, question by question.
    """
    order = np.lexsort((rows.asked_at, rows.supporter))
    who = rows.supporter[order]
    first = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    counts = np.diff(np.r_[first, len(who)])
    found = np.empty(len(rows))
    value = np.full(len(first), 0.5 + activity.share / 2)
    for step in range(int(counts.max(initial=0))):
        going = counts > step
        here = order[first[going] + step]
        if step:
            before = order[first[going] + step - 1]
            value[going] = _carried(value[going], rows, before, here, activity, delay)
            if step > 1:  # an answer that came after the next question had gone out
                older = order[first[going] + step - 2]
                since = rows.asked_at[before]
                came = (rows.outcome[older] != SILENT) & (rows.ended_at[older] > since)
                came &= rows.ended_at[older] <= rows.asked_at[here]
                value[going] = np.where(came, activity.after_sign(value[going]), value[going])
        found[here] = value[going]
    return found


def _carried(
    value: Column,
    rows: LogRows,
    before: NDArray[np.int64],
    here: NDArray[np.int64],
    activity: Activity,
    delay: ReplyDelay,
) -> Column:
    """From the moment of one question to that of the next one to the same people."""
    ended = np.minimum(rows.ended_at[before], rows.asked_at[here])
    answered = (rows.outcome[before] != SILENT) & (rows.ended_at[before] <= rows.asked_at[here])
    waited = awake_between(rows.asked_at[before], ended)
    at_end = activity.drifted(value, (ended - rows.asked_at[before]) / 24)
    silent = activity.after_silence(at_end, delay.cdf(waited))
    heard = np.where(answered, activity.after_sign(at_end), silent)
    return activity.drifted(heard, (rows.asked_at[here] - ended) / 24)


def activity_fitted(rows: LogRows, delay: ReplyDelay, prior: Activity) -> Activity:
    """How many are there, how fast that changes, whether they answer: by the answers' likelihood.
    Thin logs stay near the prior (half a unit of each logit, as if from 40 rows)."""
    from scipy.optimize import minimize

    told = rows.outcome != SILENT
    due = np.where(told, 1.0, delay.cdf(rows.waited))
    centre = np.array(
        [logit(prior.share)[()], np.log(prior.turnover_a_day), logit(prior.answers)[()]]
    )

    def unpacked(z: NDArray[np.float64]) -> Activity:
        return Activity(
            share=float(sigmoid(z[0])),
            turnover_a_day=float(np.exp(np.clip(z[1], -7, 0))),
            answers=float(sigmoid(z[2])),
            answers_away=prior.answers_away,
        )

    def loss(z: NDArray[np.float64]) -> float:
        one = unpacked(z)
        b = beliefs(rows, one, delay)
        rate = np.clip(b * one.answers + (1 - b) * one.answers_away, 1e-6, 1 - 1e-6)
        likely = np.where(told, np.log(rate), np.log(1 - rate * due))
        return float(-likely.sum() + 20 * ((z - centre) ** 2).sum())

    found = minimize(loss, centre, method="Nelder-Mead", options={"maxiter": 150, "xatol": 1e-2})
    return unpacked(found.x)


# --- coefficients ---------------------------------------------------------------------------------
def _coefficients(
    rows: LogRows,
    belief: Column,
    due: Column,
    weights: Column,
    use: NDArray[np.bool_],
    prior: AcceptanceModel,
) -> tuple[float, Column]:
    """Maximum a posteriori of P(yes by then) = belief × sigmoid(x·w) × due."""
    from scipy.optimize import minimize

    x = np.column_stack([np.ones(int(use.sum())), rows.matrix[use]])
    centre = np.r_[prior.intercept, prior.weights]
    yes, b, f = rows.outcome[use] == YES, belief[use], due[use]
    w = weights[use] / weights[use].mean()

    def loss(z: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        a = sigmoid(x @ z)
        chance = np.clip(b * a * np.where(yes, 1.0, f), 1e-9, 1 - 1e-9)
        likely = np.where(yes, np.log(chance), np.log(1 - chance))
        slope = np.where(yes, 1 - a, -chance * (1 - a) / (1 - chance))
        pull = (z - centre) / COEFFICIENT_SPREAD**2
        value = -(w * likely).sum() + 0.5 * ((z - centre) * pull).sum()
        return float(value), pull - x.T @ (w * slope)

    found = minimize(loss, centre, jac=True, method="L-BFGS-B").x
    return float(found[0]), np.asarray(found[1:])


def _platt(raw: Column, yes: NDArray[np.bool_], due: Column) -> tuple[float, float]:
    """(shift, slope) on the logit of ``raw``, drawn towards (0, 1)."""
    from scipy.optimize import minimize

    x = logit(raw)

    def loss(z: NDArray[np.float64]) -> float:
        p = np.clip(sigmoid(z[0] + z[1] * x) * np.where(yes, 1.0, due), 1e-9, 1 - 1e-9)
        likely = np.where(yes, np.log(p), np.log(1 - p))
        return float(-likely.sum() + 10 * (z[0] ** 2 + (z[1] - 1) ** 2))

    shift, slope = minimize(loss, np.array([0.0, 1.0]), method="Nelder-Mead").x
    return float(shift), float(max(slope, 0.05))
