"""What a trial of real help comes to under two documents: lines, sums, people. Pure sums."""

from dataclasses import dataclass, field
from datetime import datetime

from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules import trying
from kyojo.civic.programmes.rules.thanks import Due
from kyojo.civic.programmes.rules.trying import Tried


@dataclass(frozen=True)
class Line:
    """One time of help under both documents. ``minutes`` 0: it was handed on, and nobody wrote
    its length down. ``why`` says the new rules; ``wage`` what the thanks newly reach."""

    at: datetime
    minutes: int
    activity: str
    helper: Person | None
    helped: Person | None
    old: Tried
    new: Tried
    why: str = ""
    wage: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        return (_facts(self.old), self.old.refused) != (_facts(self.new), self.new.refused)


def _facts(one: Tried) -> tuple[int, ...]:
    due = one.due
    shares = (due.payer_yen, due.person_yen, due.donated_yen, due.deposited_yen, due.office_yen)
    return (*shares, due.pieces, one.units)


@dataclass
class Sums:
    """What a document came to. ``due`` adds the yen, ``units`` are the hours deposited."""

    due: Due = trying.NOTHING
    units: int = 0
    times: int = 0
    refused: int = 0

    def add(self, one: Tried) -> None:
        self.due = trying.added((self.due, one.due))
        self.units += one.units
        self.times += not one.refused
        self.refused += bool(one.refused)


@dataclass
class Mine:
    """What one helper got. ``cashed_yen``: what was paid out to them for what they had; ``bought``
    is what they paid to have some."""

    person: Person
    old: Sums = field(default_factory=Sums)
    new: Sums = field(default_factory=Sums)
    cashed_old_yen: int = 0
    cashed_new_yen: int = 0
    bought_old_yen: int = 0
    bought_new_yen: int = 0

    @property
    def difference_yen(self) -> int:
        return self.new.due.person_yen - self.old.due.person_yen

    @property
    def difference_pieces(self) -> int:
        return self.new.due.pieces - self.old.due.pieces

    @property
    def difference_units(self) -> int:
        return self.new.units - self.old.units

    @property
    def cashed_difference_yen(self) -> int:
        return self.cashed_new_yen - self.cashed_old_yen

    @property
    def bought_difference_yen(self) -> int:
        return self.bought_new_yen - self.bought_old_yen

    @property
    def moved(self) -> int:
        """How much changes, for what is looked at first."""
        return max(
            abs(self.difference_yen),
            abs(self.difference_pieces),
            abs(self.difference_units),
            abs(self.cashed_difference_yen),
            abs(self.bought_difference_yen),
        )


@dataclass(frozen=True)
class Traded:
    """Units that the office sold or paid out, at either price; or gave to begin with (no yen).

    ``count`` are units, or the people who began."""

    name: str
    count: int
    measure: str
    old: int
    new: int
    is_yen: bool = True

    @property
    def difference(self) -> int:
        return self.new - self.old


@dataclass
class HelpTrial:
    """A fiscal year's help under the present document and the proposed one."""

    fiscal_year: int
    old: Sums
    new: Sums
    lines: list[Line]
    people: list[Mine]
    traded: list[Traded]
    #: In which unit hours are deposited: of this programme, or of ``thanks.deposit_in``.
    hours_unit: str = ""

    @property
    def differing(self) -> list[Line]:
        return [one for one in self.lines if one.differs]

    @property
    def warned(self) -> list[Line]:
        """Where the thanks reach the minimum wage, and did not by the present rules."""
        return [one for one in self.lines if one.wage]

    @property
    def is_empty(self) -> bool:
        return not self.lines and not self.traded
