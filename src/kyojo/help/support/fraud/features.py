"""All features of a town's visits, as one table. High always means "unlike help that happened"."""

from dataclasses import dataclass

import numpy as np

from .columns import Columns, Floats, Ints
from .facts import TownFacts
from .records import measure_records
from .relations import measure_relations
from .times import measure_times
from .tracks import measure_tracks

#: Features that tell of a person, a pair or a phone already.
OF_SEVERAL = frozenset(
    {
        "rush", "carer_rush", "cap_rush", "same_slot", "both_sides_again", "device_homes",
        "code_only_again", "same_hand",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """``values``: (visits, features), nan where a feature does not apply. ``keys``: for each kind
    of neighbourhood (supporter, carer, pair, device) a whole number a visit, -1 for none."""

    uids: tuple[str, ...]
    names: tuple[str, ...]
    values: Floats
    channel: Ints
    starts: Floats
    keys: dict[str, Ints]
    #: Names of the features that tell of one visit: those that add up over several.
    single: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.uids)

    def column(self, name: str) -> Floats:
        return np.asarray(self.values[:, self.names.index(name)])


def measure(town: TownFacts) -> Table:
    """The table of a town. Raises nothing for odd data: what cannot be measured is nan."""
    columns = Columns(town)
    if not len(columns):
        return Table((), (), np.zeros((0, 0)), np.zeros(0, np.int64), np.zeros(0), {})
    single = measure_tracks(columns) | measure_times(columns) | measure_records(columns)
    found = single | measure_relations(columns)
    return Table(
        uids=tuple(visit.uid for visit in columns.visits),
        names=tuple(found),
        values=np.column_stack(list(found.values())),
        channel=columns.channel,
        starts=columns.starts,
        keys={
            "supporter": columns.supporter,
            "carer": columns.carer,
            "pair": columns.pair,
            "device": _first_phone(columns),
        },
        single=tuple(name for name in single if name not in OF_SEVERAL),
    )


def _first_phone(columns: Columns) -> Ints:
    numbers: dict[str, int] = {}
    return np.array(
        [
            numbers.setdefault(min(phones), len(numbers)) if phones else -1
            for phones in columns.phones
        ],
        dtype=np.int64,
    )
