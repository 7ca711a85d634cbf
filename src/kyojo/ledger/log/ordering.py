"""In which order transfers are logged. Pure."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from .leaves import Row


def spoken_of(row: Row) -> tuple[UUID, ...]:
    """The transfers that this one speaks of: the hold it resolves, the one it corrects."""
    return tuple(each for each in (row.pending_id, row.correction_of) if each is not None)


def outside(rows: Iterable[Row]) -> set[UUID]:
    """What the rows speak of and do not hold."""
    rows = list(rows)
    named = {each for row in rows for each in spoken_of(row)}
    return named - {row.transfer for row in rows}


def earlier_first(rows: Sequence[Row]) -> list[Row]:
    """The rows as they come, each after those among them that it speaks of.

    A server's clock that was put back can give a post an earlier time than its hold.
    """
    by_id = {row.transfer: row for row in rows}
    placed: dict[UUID, Row] = {}
    for row in rows:
        chain = [row]
        on_chain = {row.transfer}
        while chain:
            waiting = next(
                (
                    each
                    for each in spoken_of(chain[-1])
                    if each in by_id and each not in placed and each not in on_chain
                ),
                None,
            )
            if waiting is not None:
                on_chain.add(waiting)
                chain.append(by_id[waiting])
                continue
            last = chain.pop()
            placed.setdefault(last.transfer, last)
    return list(placed.values())
