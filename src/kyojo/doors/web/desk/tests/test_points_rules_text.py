"""A value set in a document's text leaves all the rest of it: other values, order, comments."""

import copy

import pytest

from kyojo.civic.programmes.rules import reading
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.doors.web.desk.points.rule_forms import figures_of
from kyojo.doors.web.desk.points.rules_text import with_value, with_values

TEXT = """# a comment
schema = 2 # of the form
name = "a b"

[earning] # how
units = 1 # one
# below
[thanks]
amount = "by_kind"

[thanks.by_activity]
errand = 600
clean = 800 # the usual one

[[fees]]
name = "a"
yen = 100

[[fees]]
name = "b"
yen = 200

[[uses]]
use = "goods"
items = ["x", "y"]
prices = { "x" = 10, "長い 名" = 20 }

[[uses]]
use = "cash"
"""


def comments(text):
    return [line.partition("#")[2] for line in text.split("\n") if "#" in line]


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (("name",), 'c "d"', 'name = "c \\"d\\""'),
        (("earning", "units"), 25, "units = 25 # one"),
        (("earning", "day_most"), 3, "day_most = 3"),
        (("thanks", "share"), "person", 'share = "person"'),
        (("thanks", "by_activity", "clean"), 900, "clean = 900 # the usual one"),
        (("thanks", "by_activity", "snow"), 700, "snow = 700"),
        (("fees", 1, "yen"), 300, "yen = 300"),
        (("uses", 0, "prices", "x"), 11, 'prices = { "x" = 11, "長い 名" = 20 }'),
        (("uses", 0, "prices", "y"), 5, 'prices = { x = 10, "長い 名" = 20, y = 5 }'),
        (("uses", 1, "prices", "z z"), 5, 'prices = { "z z" = 5 }'),
        (("circulation", "start_units"), 60, "start_units = 60"),
        (("summary",), "s", 'summary = "s"'),
    ],
)
def test_a_value_is_set(path, value, line):
    made = with_value(TEXT, path, value)
    assert line in made.split("\n")
    wanted = copy.deepcopy(reading.content_of(TEXT))
    table = wanted
    for part in path[:-1]:
        table = table[part] if isinstance(part, int) else table.setdefault(part, {})
    table[path[-1]] = value
    assert reading.content_of(made) == wanted
    assert [one for one in comments(made) if one in comments(TEXT)] == comments(TEXT)
    assert with_value(made, path, value) == made


@pytest.mark.parametrize(
    "path",
    [
        ("earning", "units"),
        ("thanks", "amount"),
        ("thanks", "by_activity", "errand"),
        ("fees", 1, "yen"),
        ("uses", 0, "prices", "x"),
        ("uses", 0, "items"),
    ],
)
def test_a_value_is_taken_away(path):
    made = with_value(TEXT, path, None)
    wanted = copy.deepcopy(reading.content_of(TEXT))
    table = wanted
    for part in path[:-1]:
        table = table[part]
    del table[path[-1]]
    assert reading.content_of(made) == wanted
    assert with_value(made, path, None) == made


def test_the_last_price_takes_the_table_with_it():
    made = with_values(
        TEXT, {("uses", 0, "prices", "x"): None, ("uses", 0, "prices", "長い 名"): None}
    )
    assert "prices" not in made


@pytest.mark.parametrize("text", ["a = 1", "[t]\na = 1", "[t]"])
def test_the_end_of_a_text_is_no_trap(text):
    assert reading.content_of(with_value(text, ("t", "b"), 2))["t"]["b"] == 2


def test_what_is_no_table_stays():
    text = 'uses = [{ use = "goods" }]\n'
    assert with_value(text, ("uses", 0, "prices", "x"), 1) == text


@pytest.mark.parametrize("code", preset_names())
def test_every_figure_of_a_preset_can_be_set_alone(code):
    original = preset(code)
    before = reading.content_of(original)
    figures = list(figures_of(reading.read(original)))
    assert figures or code == "kyojo-coin"
    assert len({one.name for one in figures}) == len(figures)
    for one in figures:
        made = with_value(original, one.path, 77)
        after = reading.content_of(made)
        table = after
        for part in one.path:
            table = table[part]
        assert table == 77, one
        assert comments(made) == comments(original)
        if one.now is not None:  # and back again
            assert reading.content_of(with_value(made, one.path, one.now)) == before
