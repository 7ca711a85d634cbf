"""Lists of the desk: sorted by links, filtered by a form, taken away as files. No JavaScript."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict


@dataclass(frozen=True)
class Column:
    """A column of a list and of its files. ``value`` is what a file shows and a sort compares;
    ``key`` replaces it for sorting."""

    code: str
    label: str
    value: Callable[[Any], Any]
    sortable: bool = False
    key: Callable[[Any], Any] | None = None
    in_page: bool = True
    #: How the list is ordered, in words: ascending, descending.
    order: tuple[str, str] = ("", "")
    is_number: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading of the table as drawn."""

    label: str
    url: str = ""
    direction: str = ""  # ascending, descending
    is_number: bool = False


@dataclass
class Listing:
    """Rows in the order the address asks for, with the links to change it.

    Arguments:
        query: the request's GET. ``sort`` is a column's code, with ``-`` in front for descending.
        default_sort: where the address names none, or none that there is.
    """

    query: QueryDict
    columns: Sequence[Column]
    all_rows: Sequence[Any]
    default_sort: str
    path: str = ""
    rows: list[Any] = field(init=False)
    sort: str = field(init=False)

    def __post_init__(self) -> None:
        asked = self.query.get("sort", "")
        known = {column.code for column in self.columns if column.sortable}
        self.sort = asked if asked.removeprefix("-") in known else self.default_sort
        by = next(c for c in self.columns if c.code == self.sort.removeprefix("-"))
        value = by.key or by.value
        present = [row for row in self.all_rows if value(row) is not None]
        absent = [row for row in self.all_rows if value(row) is None]
        # What has no value stands last in both directions.
        self.rows = sorted(present, key=value, reverse=self.sort.startswith("-")) + absent

    @property
    def page_columns(self) -> list[Column]:
        return [column for column in self.columns if column.in_page]

    @property
    def headings(self) -> list[Heading]:
        return [self._heading(column) for column in self.page_columns]

    def _heading(self, column: Column) -> Heading:
        if not column.sortable:
            return Heading(column.label, is_number=column.is_number)
        here = self.sort.removeprefix("-") == column.code
        descending = here and self.sort.startswith("-")
        following = column.code if descending or not here else f"-{column.code}"
        return Heading(
            column.label,
            url=self.address(sort=following),
            direction=("descending" if descending else "ascending") if here else "",
            is_number=column.is_number,
        )

    @property
    def sorted_by(self) -> str:
        """How the list is ordered, in words, for its caption."""
        column = next(c for c in self.columns if c.code == self.sort.removeprefix("-"))
        ascending, descending = column.order
        if self.sort.startswith("-"):
            return descending or f"{column.label}の逆の順"
        return ascending or f"{column.label}の順"

    def address(self, **changes: str) -> str:
        """This list's address with other parameters; the page starts over."""
        query = self.query.copy()
        for name in ("format", "go"):
            query.pop(name, None)
        for name, value in changes.items():
            query[name] = value
        return f"{self.path}?{query.urlencode()}"

    def page(self, per_page: int) -> dict[str, Any]:
        """The page that the address asks for, as its template needs it."""
        shown = Paginator(self.rows, per_page).get_page(self.query.get("page"))
        following = shown.next_page_number() if shown.has_next() else 0
        previous = shown.previous_page_number() if shown.has_previous() else 0
        return {
            "listing": self,
            "rows": shown.object_list,
            "shown": shown,
            "next_url": self.address(page=str(following)) if following else "",
            "previous_url": self.address(page=str(previous)) if previous else "",
        }

    @property
    def files(self) -> list[tuple[str, str]]:
        """(label, address) of the files of this very list."""
        return [
            ("Excel", self.address(format="xlsx")),
            ("CSV（UTF-8）", self.address(format="csv")),
            ("CSV（シフトJIS）", self.address(format="sjis")),
        ]


@dataclass(frozen=True)
class Filter:
    """One select of the filter form."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    value: str
    #: Whether the list can show all of them at once.
    has_all: bool = True

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        every = [("", "すべて")] if self.has_all else []
        return [(code, label, code == self.value) for code, label in [*every, *self.choices]]


def chosen(request: HttpRequest, name: str, allowed: Mapping[str, Any] | Sequence[str]) -> str:
    """The filter's value in the address when it is a known one, else "" (all)."""
    value = request.GET.get(name, "")
    return value if value in allowed else ""


def filter_of(
    request: HttpRequest, name: str, label: str, choices: Sequence[tuple[str, str]]
) -> Filter:
    return Filter(name, label, choices, chosen(request, name, dict(choices)))
