"""What can be done to a ledger and its log, who finds it, and by which codes.

``docs/guides/verify.md`` has the same list as a table; ``test_table.py`` holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

VERIFY = "verify"
WITNESS = "witness"
CHECK = "check"


@dataclass(frozen=True)
class Case:
    """One tampering: ``done`` does it and answers the codes found."""

    words: str
    by: str
    codes: tuple[str, ...]
    done: Callable[[Any], list[str]]
    #: Says the same as another case in another place, and costs a second: only with ``--slow``.
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.by}-{self.done.__name__}"


OUTSIDE: list[Case] = []
DATABASE: list[Case] = []
SITE: list[Case] = []


def case(
    cases: list[Case], words: str, *, by: str, codes: str, slow: bool = False
) -> Callable[..., Any]:
    """Put a function into the list, under the words of the table."""

    def add(function: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
        cases.append(Case(words, by, tuple(codes.split()), function, slow))
        return function

    return add
