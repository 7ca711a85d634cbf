"""Figures that add people up, and the rule that hides what would point at a few of them.

A cell (a month, a category) with fewer than ``PEOPLE_MIN`` people is hidden. Where the total is
shown, the hidden cells' sum follows by subtraction; so cells are hidden until at least two are
and together they hold at least ``PEOPLE_MIN`` people (complementary suppression, as in
Hundepool et al., Statistical Disclosure Control, 2012, ch. 4). Which cell was hidden for which
reason is not told.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kyojo.kernel.amounts import per_thousand

#: Figures made by fewer people than this are not shown.
PEOPLE_MIN = 5


@dataclass(frozen=True)
class Contribution:
    """One settled visit. ``person`` is any stable key; it is only ever counted.

    Attributes:
        month: ``(year, month)`` in which the visit began, Japan time.
        coins: whole coins that moved.
        minutes: length of the visit that was settled, in minutes.
    """

    person: tuple[int, int]
    month: tuple[int, int]
    category: str
    coins: int
    minutes: int


@dataclass(frozen=True)
class Cell:
    """One line of a published table; ``None`` everywhere where it is hidden (非公開)."""

    key: object
    coins: int | None
    minutes: int | None
    people: int | None

    @property
    def is_hidden(self) -> bool:
        return self.coins is None


@dataclass(frozen=True)
class Figures:
    """What is published of a set of contributions; ``total`` is hidden when all of it is."""

    total: Cell
    months: tuple[Cell, ...]
    categories: tuple[Cell, ...]

    @property
    def is_hidden(self) -> bool:
        return self.total.is_hidden


@dataclass(frozen=True)
class Rank:
    """A company's line in the ranking; ``place`` counts equal figures as equal (1, 2, 2, 4)."""

    place: int
    slug: str
    per_thousand: int


@dataclass
class _Sum:
    coins: int = 0
    minutes: int = 0
    people: frozenset[tuple[int, int]] = frozenset()

    def add(self, item: Contribution) -> None:
        self.coins += item.coins
        self.minutes += item.minutes
        self.people |= {item.person}


def _grouped(
    items: Iterable[Contribution], key: Callable[[Contribution], object]
) -> dict[object, _Sum]:
    sums: dict[object, _Sum] = {}
    for item in items:
        sums.setdefault(key(item), _Sum()).add(item)
    return sums


def hidden_keys(people_of: Mapping[object, frozenset[tuple[int, int]]]) -> set[object]:
    """The keys of a table, with a shown total, that must be hidden.

    Args:
        people_of: for each key the people behind it; keys with nobody are not in the table.

    Deterministic: the smallest shown cell (then by key) is hidden first.
    """
    hidden = {key for key, people in people_of.items() if len(people) < PEOPLE_MIN}
    if not hidden:
        return hidden
    shown = sorted(
        (key for key in people_of if key not in hidden),
        key=lambda key: (len(people_of[key]), str(key)),
    )
    while shown:
        together = frozenset[tuple[int, int]]().union(*(people_of[key] for key in hidden))
        if len(hidden) >= 2 and len(together) >= PEOPLE_MIN:
            break
        hidden.add(shown.pop(0))
    return hidden


def _cells(sums: Mapping[object, _Sum], hidden: set[object]) -> tuple[Cell, ...]:
    return tuple(
        Cell(key, None, None, None)
        if key in hidden
        else Cell(key, value.coins, value.minutes, len(value.people))
        for key, value in sums.items()
    )


def figures(items: Iterable[Contribution]) -> Figures:
    """Add contributions up, by month and by category, hiding what points at fewer than
    ``PEOPLE_MIN`` people. Months ascend; categories descend by coins."""
    items = list(items)
    whole = _grouped(items, lambda item: "total").get("total", _Sum())
    # Sorted as contributions, so that months come out in order.
    items.sort(key=lambda item: item.month)
    months = _grouped(items, lambda item: item.month)
    categories = _grouped(items, lambda item: item.category)
    categories = {
        key: categories[key]
        for key in sorted(categories, key=lambda key: (-categories[key].coins, str(key)))
    }
    if len(whole.people) < PEOPLE_MIN:
        everything: set[object] = {"total", *months, *categories}
        return Figures(
            _cells({"total": whole}, everything)[0],
            _cells(months, everything),
            _cells(categories, everything),
        )
    return Figures(
        Cell("total", whole.coins, whole.minutes, len(whole.people)),
        _cells(months, hidden_keys({key: value.people for key, value in months.items()})),
        _cells(categories, hidden_keys({key: value.people for key, value in categories.items()})),
    )


def ranking(companies: Iterable[tuple[str, int, Figures]]) -> list[Rank]:
    """Rank companies by coins per 1,000 employees; those with hidden totals are left out.

    Args:
        companies: slug, number of employees, figures of the fiscal year.
    """
    rates = sorted(
        (
            (per_thousand(figures.total.coins, employees), slug)
            for slug, employees, figures in companies
            if figures.total.coins is not None
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    ranks: list[Rank] = []
    for index, (rate, slug) in enumerate(rates):
        tied = bool(ranks) and ranks[-1].per_thousand == rate
        ranks.append(Rank(ranks[-1].place if tied else index + 1, slug, rate))
    return ranks
