"""On which line of a TOML text each key stands. The text is known to be TOML.

No TOML library for Python tells positions, so this walks over the text once: keys, headers, and
where a value ends. What a value says is none of its business.
"""

import re
from typing import NamedTuple

Path = tuple[str | int, ...]
_KEY = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'",
    re.S,
)


def lines_of(text: str) -> dict[Path, int]:
    """Path of keys and indexes → line (from 1). The root, (), stands where its first key does."""
    lines = _Walk(text).lines
    return {(): min(lines.values(), default=1)} | lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of ``path``, or of the nearest table around it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


class Spots(NamedTuple):
    """Where values and headers stand in a text, as offsets. ``values``: begin and end of each value
    that follows a key; ``heads``: behind the brackets of each table's header."""

    values: dict[Path, tuple[int, int]]
    heads: dict[Path, int]


def spots_of(text: str) -> Spots:
    walk = _Walk(text)
    return Spots(walk.values, walk.heads)


class _Walk:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[Path, int] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        self.heads: dict[Path, int] = {}
        self.tables: dict[Path, int] = {}  # arrays of tables → how many so far
        table: Path = ()
        while self._space():
            if text.startswith("[[", self.at):
                table = self._array_of_tables()
            elif text[self.at] == "[":
                self.at += 1
                table = self._resolved(self._key())
                self._note(table)
                self.at += 1  # ]
                self.heads[table] = self.at
            else:
                self._pair(table)

    def _space(self) -> bool:
        """Over blanks and comments; False at the end."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at].isspace():
                self.at += 1
            else:
                return True
        return False

    def _note(self, path: Path) -> None:
        line = self.text.count("\n", 0, self.at) + 1
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def _key(self) -> Path:
        parts: list[str | int] = []
        while True:
            found = _KEY.match(self.text, self.at)
            assert found is not None, "the text was TOML"
            parts.append(next(part for part in found.groups() if part is not None))
            self.at = found.end()
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _resolved(self, key: Path) -> Path:
        """A header's key with the indexes of the arrays of tables it lies in."""
        path: Path = ()
        for part in key:
            path = (*path, part)
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
        return path

    def _array_of_tables(self) -> Path:
        self.at += 2
        key = self._key()
        path = (*self._resolved(key[:-1]), key[-1])
        self.tables[path] = self.tables.get(path, 0) + 1
        table = (*path, self.tables[path] - 1)
        self._note(table)
        self.at += 2  # ]]
        self.heads[table] = self.at
        return table

    def _pair(self, table: Path) -> None:
        path = (*table, *self._key())
        self._note(path)
        self.at += 1  # =
        while self.text[self.at] in " \t":
            self.at += 1
        begin = self.at
        self._value(path)
        self.values[path] = (begin, begin + len(self.text[begin : self.at].rstrip()))

    def _value(self, path: Path) -> None:
        """Over a value, noting what lies in it."""
        if self.text[self.at] == "[":
            self._list(path)
        elif self.text[self.at] == "{":
            self._inline(path)
        else:
            found = _STRING.match(self.text, self.at)
            if found:
                self.at = found.end()
            else:
                while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                    self.at += 1

    def _list(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._space() and self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._note((*path, index))
            self._value((*path, index))
            index += 1
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        while self._space() and self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._pair(path)
        self.at += 1
