"""The standing cast of the log's tests: a ledger with a carer and a supporter, and its keys."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from kyojo.kernel.ids import new_id
from kyojo.ledger import services
from kyojo.ledger.log.scope import ledger_scope, rows
from kyojo.ledger.log.sequencer import Round, Sequencer
from kyojo.ledger.tests.cast import KITA, MIDORI, Town
from kyojo.ledger.types import Kind, Leg

__all__ = ["KITA", "MIDORI", "Town"]


def origin_of(ledger: int) -> str:
    return f"kyojo.example.jp/log/{ledger}"


def sequencer(folder: Path, **options: object) -> Sequencer:
    return Sequencer(origin_of=origin_of, folder=folder, **options)  # type: ignore[arg-type]


def logged(folder: Path, **options: object) -> list[Round]:
    """What a sequencer does that has just been started."""
    return sequencer(folder, **options).poll()


def moved(town: Town, amount: int = 1, **changes: object) -> UUID:
    """A transfer from the carer to the supporter, committed."""
    leg = town.leg(amount, **changes)
    services.legs_execute(legs=[leg])
    return leg.id


def moved_often(town: Town, count: int) -> list[UUID]:
    """Transfers from the issuer to the carer, in one call; their ids in the order they stand in the
    log (a batch is written at one moment, and then ids decide)."""
    legs = [
        Leg(
            ledger=town.ledger,
            id=new_id(),
            debit=town.issuer,
            credit=town.carer,
            amount=1,
            code=2,
        )
        for _ in range(count)
    ]
    assert all(result.ok for result in services.batch_execute(ledger=town.ledger, legs=legs))
    with ledger_scope(town.ledger):
        found = rows(
            "SELECT id FROM ledger_transfer WHERE id = ANY (%s) ORDER BY written_at, id",
            [[leg.id for leg in legs]],
        )
    assert len(found) == count
    return [transfer for (transfer,) in found]


def hold_and_post(town: Town) -> tuple[UUID, UUID]:
    hold = town.hold(3)
    post = town.resolve(hold, Kind.POST)
    services.legs_execute(legs=[replace(post)])
    return hold.id, post.id


def entries(ledger: int = KITA) -> list[UUID]:
    """The transfers of the log in their order; fails on a gap."""
    with ledger_scope(ledger):
        found = rows(
            "SELECT number, transfer FROM ledger_log_entry WHERE ledger = %s ORDER BY number",
            [ledger],
        )
    assert [number for number, _ in found] == list(range(len(found)))
    return [transfer for _, transfer in found]


def transfers(ledger: int = KITA) -> set[UUID]:
    with ledger_scope(ledger):
        return {
            row[0] for row in rows("SELECT id FROM ledger_transfer WHERE ledger = %s", [ledger])
        }
