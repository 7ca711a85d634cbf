"""Whatever is put on record has a name that the desk can read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import kyojo
from kyojo.help.support.domain import Role

from ..words import ACTIONS, ROLES, SUBJECTS

ROOT = Path(kyojo.__path__[0])
NAMES = {"action": ACTIONS, "subject_kind": SUBJECTS}


def recorded() -> Iterator[tuple[str, str, str]]:
    """(file, argument, word) of every literal that a call of ``act_record`` names."""
    for path in sorted(ROOT.rglob("*.py")):
        if "tests" in path.parts:
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            if getattr(call.func, "id", getattr(call.func, "attr", "")) != "act_record":
                continue
            for keyword in call.keywords:
                if keyword.arg in NAMES:
                    for word in words_of(keyword.value):
                        yield path.name, keyword.arg, word


def words_of(value: ast.expr) -> Iterator[str]:
    """A literal, or both of a choice; what is put together is not looked at."""
    if isinstance(value, ast.Constant):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from words_of(value.body)
        yield from words_of(value.orelse)


def test_every_act_and_what_it_is_about_has_a_name():
    found = list(recorded())
    assert len(found) > 100
    assert [one for one in found if one[2] not in NAMES[one[1]]] == []


def test_whoever_can_take_a_step_has_a_name():
    assert ROLES.keys() == set(Role)
