"""Ages, as everyday speech counts them."""

from datetime import date

import pytest

from kyojo.kernel import clock


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(1944, 3, 3), date(2026, 11, 20), 82),
        (date(2008, 11, 20), date(2026, 11, 20), 18),
        (date(2008, 11, 21), date(2026, 11, 20), 17),
        (date(2026, 11, 20), date(2026, 11, 20), 0),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_counts_full_years(born: date, day: date, years: int) -> None:
    assert clock.age_on(born, day) == years
