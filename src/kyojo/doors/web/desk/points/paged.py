"""Lists that the database sorts and cuts: of a large town's thousands of rows a page reads its
own hundred."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from django.db.models import Case, CharField, F, OrderBy, QuerySet, Value, When
from django.db.models.functions import Collate, Concat

from ..listing import Listing


def by_code_point(expression: Any) -> Any:
    """Text in the order in which Python sorts it, whatever the server's language is."""
    return Collate(expression, "C")


#: Where ``person`` is the row's member: their kana as it stands on the page.
KANA = by_code_point(Concat("person__family_kana", Value(" "), "person__given_kana"))


def by_label(name: str, labels: Mapping[str, str]) -> Any:
    """A code in the order of what it is called."""
    if not labels:
        return by_code_point(F(name))
    whens = [When(**{name: "", "then": None})]  # what has no value stands last
    whens += [When(**{name: code, "then": Value(label)}) for code, label in labels.items()]
    return by_code_point(Case(*whens, default=F(name), output_field=CharField()))


class Rows(Sequence[Any]):
    """Rows of a query, made into lines when they are looked at; a slice is one query."""

    def __init__(self, found: QuerySet[Any], make: Callable[[list[Any]], list[Any]]) -> None:
        self.found, self.make = found, make
        self._count: int | None = None

    def __len__(self) -> int:
        if self._count is None:
            self._count = self.found.count()
        return self._count

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, int):
            return self.make([self.found[index]])[0]
        return self.make(list(self.found[index]))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.make(list(self.found)))


@dataclass
class PagedListing(Listing):
    """A ``Listing`` of ``Rows``. ``orders``: column → what the database sorts by; ``last``: what
    decides between equals."""

    orders: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    last: Sequence[str] = ("-pk",)

    def __post_init__(self) -> None:
        asked = self.query.get("sort", "")
        self.sort = asked if asked.removeprefix("-") in self.orders else self.default_sort
        descending = self.sort.startswith("-")
        keys = self.orders[self.sort.removeprefix("-")]
        # A plain column is never empty here, and its index is read backwards as it is.
        by = [
            (F(one).desc() if descending else F(one).asc())
            if isinstance(one, str)
            else OrderBy(one, descending=descending, nulls_last=True)
            for one in keys
        ]
        rows = self.all_rows
        assert isinstance(rows, Rows)
        self.rows = Rows(rows.found.order_by(*by, *self.last), rows.make)  # type: ignore[assignment]
