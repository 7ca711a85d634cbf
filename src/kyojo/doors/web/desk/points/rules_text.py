"""A document's figures set in its text: everything else of it, comments too, stays as it is."""

import re

from kyojo.civic.programmes.rules.places import lines_of

_NUMBER = re.compile(r"^(\s*[A-Za-z0-9_\"'-]+\s*=\s*)[0-9_]+(.*)$")


def with_figure(text: str, table: str, key: str, value: int | None) -> str:
    """``text`` with ``table.key = value``; None takes the key away. ``text`` is good TOML whose
    ``table`` is a plain one ([earning]), as in our documents; else it comes back unchanged."""
    places = lines_of(text)
    lines = text.split("\n")
    at = places.get((table, key))
    if at is not None:
        found = _NUMBER.match(lines[at - 1])
        if found is None:
            return text
        if value is None:
            del lines[at - 1]
        else:
            lines[at - 1] = f"{found[1]}{value}{found[2]}"
        return "\n".join(lines)
    if value is None:
        return text
    header = next((n for n, line in enumerate(lines) if _header(line) == table), None)
    if header is None:
        return text
    inside = [line for path, line in places.items() if path[:1] == (table,) and len(path) == 2]
    lines.insert(max([header + 1, *inside]), f"{key} = {value}")
    return "\n".join(lines)


def _header(line: str) -> str:
    found = re.match(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(?:#.*)?$", line)
    return found[1] if found else ""
