"""Lines of a document's keys, the form of before, and the schema that is published."""

import json
import tomllib
from pathlib import Path

import pytest

from kyojo.civic.programmes.errors import DocumentUnreadable, VisitLogInvalid
from kyojo.civic.programmes.rules import allowed, presets, reading, visits
from kyojo.civic.programmes.rules.places import lines_of

ROOT = Path(__file__).resolve().parents[6]


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += leaves(inner, (*path, index))
    return found


TRICKY = '''# a [table] = "in a comment"
title = "a = b # not a comment" # yes
"quoted.key" = 1
dotted.inner.key = [1, [2, 3], { a = 1, "b.c" = "]" },
  # a comment inside
  """
many = lines
""", \'x\']
text = """
[not.a.table]
"""
lit = \'\'\'
a = 1\'\'\'
[one."two.three"]
x = { y = { z = 1 } }
[[many.rows]]
a = 1
[many.rows.inside]
b = 2
[[many.rows]]
a = 3
[[many.rows.deeper]]
c = 2026-04-01T09:00:00
'''


@pytest.mark.parametrize("text", [TRICKY, *map(presets.preset, presets.preset_names())])
def test_every_key_has_its_line(text: str) -> None:
    lines = lines_of(text)
    for path in leaves(tomllib.loads(text)):
        assert path in lines, path
        name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
        if path and isinstance(path[-1], str):
            assert name.split(".")[-1] in text.splitlines()[lines[path] - 1]


def test_the_published_schema_is_that_of_the_model() -> None:
    published = ROOT / "docs" / "reference" / "programme.schema.json"
    assert json.loads(published.read_text("utf-8")) == allowed.schema()


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "9" * 5000,
        "a = " + "[" * 20_000,
        "a = " + "[" * 60 + "]" * 60,
        ".".join("a" * 60) + " = 1",
        "a = ",
    ],
    ids=["digits", "brackets", "lists", "key", "nothing"],
)
def test_what_nobody_would_write_is_unreadable_and_no_fault_of_ours(text: str) -> None:
    with pytest.raises(DocumentUnreadable):
        reading.check(text)


def test_a_document_of_the_first_form_says_the_same() -> None:
    text = presets.preset("kyojo-coin")
    cut = text.index("kind ="), text.index("[price]")
    old = (
        text[: cut[0]].replace("schema = 2", "schema = 1")
        + 'currency = "coin"\nunit = "コイン"\n\n'
    )
    rest = text[cut[1] :].replace("[[uses]]\n", "").replace('use = "help"\n', "")
    rest = rest.replace('use = "gift_to_carer"\n', "").replace('use = "donation"\n', "")
    old += rest + '\n[uses]\nallowed = ["help", "gift_to_carer", "donation"]\n'
    new, before = reading.read(text), reading.read(old)
    for name in (
        "price",
        "issue",
        "offers",
        "evidence",
        "targets",
        "categories",
        "uses",
        "expiry",
        "earning",
        "conversion",
    ):
        assert getattr(before, name) == getattr(new, name)


HEAD = "person,born,insured,lives,works,studies,activity,host,rewarded,start,end"
ROW = "hana,1950-05-01,first,1,0,0,any,any,0,2026-04-06T09:00,2026-04-06T10:30"


def test_a_log_is_read_as_offices_save_it() -> None:
    text = f"{HEAD}\r\n{ROW}\r\n{ROW.replace('hana', '髙﨑①')}\r\n"
    for encoding in ("utf-8", "utf-8-sig", "cp932", "utf-16"):
        found = visits.read(text.encode(encoding))
        assert [(one.line, one.person) for one in found] == [(2, "hana"), (3, "髙﨑①")]
        assert (found[0].end - found[0].start).total_seconds() == 90 * 60
        assert found[0].relations == {"lives"}


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ("hana", "", 2, "person"),
        ("1950-05-01", "1950-13-01", 2, "born"),
        ("1950-05-01", "2050-05-01", 2, "born"),
        ("first", "third", 2, "insured"),
        ("1,0,0,any", "yes,0,0,any", 2, "lives"),
        ("any,any", ",any", 2, "activity"),
        ("any,0,", "any,2,", 2, "rewarded"),
        ("T09:00", "", 2, "start"),
        ("T09:00", "T09:00+09:00", 2, "start"),
        ("T10:30", "T09:00", 2, "end"),
        ("2026-04-06T09:00", "9999-06-01T09:00", 2, "start"),
        ("2026-04-06T09:00", "1899-12-31T09:00", 2, "start"),
        ("T10:30", "T10:30,more", 2, "行全体"),
        ("person,", "who,", 1, "person"),
        (ROW, "", 2, "行全体"),
    ],
)
def test_a_row_that_is_wrong_is_named(old: str, new: str, line: int, column: str) -> None:
    text = f"{HEAD}\n{ROW}\n"
    assert old in text
    with pytest.raises(VisitLogInvalid) as refused:
        visits.read(text.replace(old, new, 1).encode())
    assert (refused.value.data["line"], refused.value.data["column"]) == (line, column)
