"""Each preset has a page, and the worked example on it comes out as it says."""

import json
import re
from pathlib import Path

import pytest

from kyojo.civic.programmes.rules import counting, presets, visits

from .cast import preset

PAGES = Path(__file__).resolve().parents[6] / "docs" / "reference" / "programmes"


@pytest.mark.parametrize("name", presets.preset_names())
def test_the_worked_example_comes_out(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text("utf-8")
    [log] = re.findall(r"```csv\n(.*?)```", page, re.S)
    [said] = re.findall(r"```json\n(.*?)```", page, re.S)
    result = counting.count(preset(name), visits.read(log.encode()))
    found = {
        str(number): {
            person: {
                "units": year.units,
                "granted": year.granted,
                "value_yen": year.value_yen,
                "rules": [line.rule for line in year.lines],
            }
            for person, year in people.items()
        }
        for number, people in result.items()
    }
    assert found == json.loads(said)


def test_the_index_names_every_preset() -> None:
    index = (PAGES / "README.md").read_text("utf-8")
    for name in presets.preset_names():
        assert f"({name}.md)" in index
