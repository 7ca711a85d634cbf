"""What holds of every programme whatever the log: never above a limit, never less for more."""

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyojo.civic.programmes.rules import counting, presets
from kyojo.civic.programmes.rules.visits import Visit

from .cast import BORN_FIRST, BORN_SECOND, BORN_YOUNG, preset, visit

PRESETS = {name: preset(name) for name in presets.preset_names()}
PEOPLE = {
    "hana": (BORN_FIRST, "first"),
    "jiro": (BORN_SECOND, "second"),
    "mei": (BORN_YOUNG, "none"),
}


@st.composite
def logs(draw: st.DrawFn) -> list[Visit]:
    """Up to sixty visits of three people, in two fiscal years, on few days so that limits bind."""
    found = []
    for line in range(2, 2 + draw(st.integers(1, 60))):
        person = draw(st.sampled_from(sorted(PEOPLE)))
        born, insured = PEOPLE[person]
        start = datetime(2026, 4, 1, 8) + timedelta(
            days=draw(st.sampled_from([0, 1, 2, 200, 364, 365, 366])),
            hours=draw(st.integers(0, 10)),
        )
        found.append(
            visit(
                line,
                start=start,
                minutes=draw(st.integers(1, 300)),
                person=person,
                born=born,
                insured=insured,
                rewarded=draw(st.booleans()),
                activity=draw(st.sampled_from(["any", "meal", "garden", "nothing"])),
            )
        )
    return found


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=40, deadline=None)
@given(log=logs(), seed=st.integers(0, 2**16))
def test_what_holds_of_every_programme(name: str, log: list[Visit], seed: int) -> None:
    document = PRESETS[name]
    earning, conversion = document.earning, document.conversion
    result = counting.count(document, log)
    days = {(v.person, v.start.date()): 0 for v in log}
    by_line = {v.line: v for v in log}
    seen = 0
    for number, people in result.items():
        for person, year in people.items():
            assert year.units == sum(line.units for line in year.lines)
            assert earning.year_most is None or year.units <= earning.year_most
            if conversion:
                assert conversion.year_most is None or year.granted <= conversion.year_most
                assert (
                    year.granted * conversion.units
                    <= (year.units + year.carried) * conversion.grants
                )
            else:
                assert year.granted == year.units
            assert document.funding == [] or sum(year.funds.values()) == year.units
            for line in year.lines:
                seen += 1
                one = by_line[line.line]
                assert (one.person, counting.fiscal_year(one.start.date())) == (person, number)
                assert line.units >= 0 and line.rule
                days[person, one.start.date()] += line.units
    assert seen == len(log)  # no visit is lost, none counted twice
    assert earning.day_most is None or max(days.values()) <= earning.day_most

    # The order of the rows does not matter.
    shuffled = list(log)
    Random(seed).shuffle(shuffled)
    assert counting.count(document, shuffled) == result


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=40, deadline=None)
@given(log=logs(), minutes=st.integers(1, 300))
def test_more_help_never_earns_less(name: str, log: list[Visit], minutes: int) -> None:
    document = PRESETS[name]
    more = visit(999, start=datetime(2026, 4, 2, 20), minutes=minutes)
    before = counting.count(document, log)
    after = counting.count(document, [*log, more])
    for number, people in before.items():
        for person, year in people.items():
            assert after[number][person].units >= year.units
            assert after[number][person].granted >= year.granted
            assert after[number][person].value_yen >= year.value_yen


@pytest.mark.parametrize("name", PRESETS)
@settings(max_examples=30, deadline=None)
@given(minutes=st.integers(1, 400), longer=st.integers(1, 120))
def test_a_longer_visit_never_earns_less(name: str, minutes: int, longer: int) -> None:
    document = PRESETS[name]
    short = counting.count(document, [visit(minutes=minutes)])[2026]["hana"]
    long = counting.count(document, [visit(minutes=minutes + longer)])[2026]["hana"]
    assert long.units >= short.units
    assert long.granted >= short.granted
