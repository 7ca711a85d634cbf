"""Everybody who might help: who may come is found among 100,000 in milliseconds. Pure.

``ranked`` names the people, in the order, that ``domain.matches`` gives over everybody.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from ..domain import Helper, Need, Shortfall, shortfall, sum_of
from .columns import Codes, Key
from .rows import Asked, SortedRows


@dataclass(frozen=True)
class Ranking:
    """Who can come, the best first. ``metres`` are straight lines."""

    keys: list[Key]
    scores: NDArray[np.float64]
    metres: NDArray[np.float64]
    #: How many can come in all.
    found: int


@dataclass(frozen=True)
class Pairs:
    """Who can come for which of several needs: arrays of one length, a pair a value.

    ``need``: its number; ``person``: a row of ``keys`` and of ``lately``, which have a value a
    person who can come for any of them (``lately`` as in the columns).
    """

    need: NDArray[np.int64]
    person: NDArray[np.int64]
    scores: NDArray[np.float64]
    keys: list[Key]
    lately: NDArray[np.int64]


class Population:
    """Supporters to look for candidates among. A ``change`` is seen by the next look; threads may
    look and change at once, and each look is of one moment."""

    #: So many rows beside the sorted ones, as a share of them, before all is sorted anew.
    LATE_SHARE, LATE_LEAST = 0.01, 200

    def __init__(self, helpers: Iterable[Helper] = ()) -> None:
        self._lock = RLock()
        self.codes = Codes()
        self._late: dict[Key, Helper] = {}
        self._late_sorted: SortedRows | None = None
        known = {Key(h.municipality_id, h.uid): h for h in helpers}
        self._homeless = {key: h for key, h in known.items() if h.home is None}
        self._main = SortedRows.of([h for h in known.values() if h.home is not None], self.codes)

    @classmethod
    def of_rows(cls, rows: SortedRows, codes: Codes) -> "Population":
        """People who are columns already, their words by ``codes``."""
        made = cls()
        made.codes, made._main = codes, rows
        return made

    def __len__(self) -> int:
        return self._main.alive_count + len(self._late) + len(self._homeless)

    @property
    def rows(self) -> SortedRows:
        """All with a home point, sorted anew where something had changed."""
        with self._lock:
            if self._late:
                self._sort_all()
            return self._main

    def update(self, helper: Helper) -> None:
        """Put somebody in, or in the place of what was known of them."""
        self.change((), [helper])

    def remove(self, key: Key) -> None:
        """Leave somebody out; whoever is not here stays so."""
        self.change([key], ())

    def change(self, gone: Collection[Key], come: Iterable[Helper]) -> None:
        """Leave out ``gone`` and put in ``come``, in the place of what was known of them."""
        with self._lock:
            for key in gone:
                self._leave_out(key)
            for helper in come:
                key = Key(helper.municipality_id, helper.uid)
                self._leave_out(key)
                if helper.home is None:
                    self._homeless[key] = helper
                else:
                    self._late[key] = helper
                    self._late_sorted = None
            if len(self._late) > max(self.LATE_LEAST, self.LATE_SHARE * len(self._main)):
                self._sort_all()

    def _leave_out(self, key: Key) -> None:
        self._main.remove(key)
        self._homeless.pop(key, None)
        if self._late.pop(key, None) is not None:
            self._late_sorted = None

    def _sort_all(self) -> None:
        late = SortedRows.of(list(self._late.values()), self.codes)
        self._main, self._late, self._late_sorted = SortedRows.joined(self._main, late), {}, None

    def ranked(
        self,
        need: Need,
        *,
        limit: int,
        met: Mapping[UUID, int] | None = None,
        without: Set[UUID] = frozenset(),
    ) -> Ranking:
        """The ``limit`` best who can come.

        Arguments:
            met: visits to the need's recipient so far, by supporter.
            without: supporters who are not to be proposed: those who were asked already, those
                whom somebody of the party blocks.
        """
        with self._lock:
            parts = self._parts()
            asked = Asked.of(need, self.codes, met or {}, without)
            found = [part.scored(asked) for part in parts]
            best = [part.best(*rows, limit) for part, rows in zip(parts, found, strict=True)]
        merged = sorted(one for ones in best for one in ones)[:limit]
        return Ranking(
            keys=[one.key for one in merged],
            scores=np.array([-one.minus_score for one in merged]),
            metres=np.array([one.metres for one in merged]),
            found=sum(len(rows[0]) for rows in found),
        )

    def pairs(self, looks: Sequence[tuple[Need, Mapping[UUID, int], Set[UUID]]]) -> Pairs:
        """Everybody who can come for each of ``looks`` (the need, ``met`` and ``without`` as in
        ``ranked``), all of one moment."""
        sorted_rows = self.rows
        needs, rows, scores = [], [], []
        for number, (need, met, without) in enumerate(looks):
            with self._lock:
                asked = Asked.of(need, self.codes, met, without)
            found, score, _ = sorted_rows.scored(asked)
            needs.append(np.full(len(found), number, np.int64))
            rows.append(found)
            scores.append(score)
        people, person = np.unique(_joined(rows, np.int64), return_inverse=True)
        return Pairs(
            need=_joined(needs, np.int64),
            person=np.asarray(person, np.int64),
            scores=_joined(scores, np.float64),
            keys=[sorted_rows.columns.key(int(row)) for row in people],
            lately=sorted_rows.columns.lately[people].astype(np.int64),
        )

    def count(self, need: Need, *, without: Set[UUID] = frozenset(), farther_m: float = 0) -> int:
        """How many can come, if everybody came ``farther_m`` metres farther than they said."""
        with self._lock:
            asked = Asked.of(need, self.codes, {}, without)
            return sum(len(part.fitting(asked, farther_m)[0]) for part in self._parts())

    def shortfall(self, need: Need, *, blocking: Set[UUID] = frozenset()) -> Shortfall:
        """Why people cannot come, as ``domain.shortfall`` counts it. ``blocking``: supporters whom
        somebody of the party does not want to meet."""
        with self._lock:
            asked = Asked.of(need, self.codes, {}, blocking)
            homeless = [
                replace(one, blocked=one.blocked | {need.carer_uid}) if one.uid in blocking else one
                for one in self._homeless.values()
            ]
            parts = [part.shortfall(asked) for part in self._parts()]
        return sum_of([*parts, shortfall(need, homeless)])

    def _parts(self) -> "list[SortedRows]":
        if not self._late:
            return [self._main]
        if self._late_sorted is None:
            self._late_sorted = SortedRows.of(list(self._late.values()), self.codes)
        return [self._main, self._late_sorted]


def _joined(parts: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, kind)
