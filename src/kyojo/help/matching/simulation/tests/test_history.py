"""What is on record of somebody in a simulated town."""

import numpy as np

from kyojo.help.matching.asking.acceptance import PRIOR
from kyojo.help.matching.simulation.history import History

NINE = 9.0  # o'clock, on the first Monday


def test_however_many_questions_are_open_each_is_closed_once() -> None:
    history = History(2, PRIOR)
    asked = [NINE + 24 * day for day in range(20)]
    for moment in asked:
        history.ask(0, moment)
    row = np.array([0, 1])
    now = asked[-1] + 1
    silent = history.belief(row, now)
    assert silent[0] < silent[1], "twenty silent questions speak for being away"
    assert np.isfinite(history.open[0]).sum() == 20
    assert np.isfinite(history.open[1]).sum() == 0
    for moment in asked:
        history.silence(0, moment, now)
    assert np.isinf(history.open).all()
    assert history.asks_since(row, now - 7 * 24).tolist() == [7, 0]
    history.ask(0, now)
    history.answer(0, now, now + 2, yes=True)
    assert history.belief(row, now + 2)[0] > silent[0]
    assert history.answer_hours(row)[0] < 8
