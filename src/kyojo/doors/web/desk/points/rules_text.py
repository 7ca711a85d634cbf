"""A document's values set in its text: everything else of it, comments too, stays as it is."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kyojo.civic.programmes.rules.places import Path, spots_of
from kyojo.civic.programmes.rules.reading import content_of

_BARE = re.compile(r"[A-Za-z0-9_-]+")

Value = int | str | Mapping[str, int]
#: What a table may hold that is written as a whole.
Table = Mapping[str, "int | str | bool | Sequence[str | Table] | Table"]


def with_values(text: str, values: Mapping[Path, Value | None]) -> str:
    """``text`` with all of ``values``; see ``with_value``."""
    for path, value in values.items():
        text = with_value(text, path, value)
    return text


def with_value(text: str, path: Path, value: Value | None) -> str:
    """``text`` with ``value`` at ``path``; None takes the key away.

    ``text`` is good TOML, and ``path`` ends with a key's name. A table that is not there yet is
    written behind everything else, one inside another ([uses]' prices) on a line of its own.
    """
    spots = spots_of(text)
    place = spots.values.get(path)
    if place is not None:
        if value is None:
            return _without(text, path)
        return text[: place[0]] + _toml(value) + text[place[1] :]
    if value is None:
        return text
    parent = path[:-1]
    if parent in spots.values:  # an inline table; it holds no comments, so it may be written anew
        inline = _at(text, parent)
        return with_value(text, parent, {**inline, str(path[-1]): value}) if inline else text
    if parent and parent not in spots.heads:
        if len(parent) == 1:
            name = _key(str(parent[0]))
            return f"{text.rstrip()}\n\n[{name}]\n{_line(path, value)}\n"
        return with_value(text, parent, {str(path[-1]): value})  # type: ignore[dict-item]
    inside = [end for one, (_, end) in spots.values.items() if one[:-1] == parent]
    at = text.find("\n", max([spots.heads.get(parent, 0), *inside]))
    if at < 0:
        return f"{text}\n{_line(path, value)}\n"
    return f"{text[:at]}\n{_line(path, value)}{text[at:]}"


def with_tables(text: str, name: str, tables: Sequence[Table], *, many: bool) -> str:
    """``text`` with more tables ``name`` behind everything else; ``many``: one more of a list.

    A list that is written in brackets (``fees = []``) is continued there; a table that is written
    so holds nothing yet and goes.
    """
    path = (name,)
    if path in spots_of(text).values:
        if many and (now := content_of(text)[name]):
            begin, end = spots_of(text).values[path]
            return text[:begin] + _toml([*now, *tables]) + text[end:]
        text = _without(text, path)
    head = f"[[{_key(name)}]]" if many else f"[{_key(name)}]"
    for table in tables:
        lines = "\n".join(f"{_key(key)} = {_toml(value)}" for key, value in table.items())
        text = f"{text.rstrip()}\n\n{head}\n{lines}\n"
    return text


def _without(text: str, path: Path) -> str:
    spots, parent = spots_of(text), path[:-1]
    if parent in spots.values:
        rest = {key: one for key, one in (_at(text, parent) or {}).items() if key != path[-1]}
        return with_value(text, parent, rest or None)
    begin, end = spots.values[path]
    begin = text.rfind("\n", 0, begin) + 1
    end = text.find("\n", end)
    return text[:begin] + (text[end + 1 :] if end >= 0 else "")


def _at(text: str, path: Path) -> dict[str, Any] | None:
    """The table at ``path``; None where something else stands there (a list of tables)."""
    found: Any = content_of(text)
    for part in path:
        found = found[part]
    return found if isinstance(found, dict) else None


def _line(path: Path, value: Value) -> str:
    return f"{_key(str(path[-1]))} = {_toml(value)}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    inner = ", ".join(f"{_key(name)} = {_toml(one)}" for name, one in value.items())
    return f"{{ {inner} }}" if inner else "{}"
