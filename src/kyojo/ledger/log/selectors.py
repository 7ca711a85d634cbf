"""What may be read of a log: inside ``tenancy.tenant(ledger)``, up to its published checkpoint.

Nothing beyond the published checkpoint is shown, so that nobody ever sees a leaf that the log
could still take back. Only tiles, hashes that tell nothing, go up to the newest signed one: whoever
got that from a witness, who saw it first, can prove that it continues the published one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kyojo.kernel.errors import NotFound
from kyojo.ledger.tlog.errors import LeafDiffers
from kyojo.ledger.tlog.merkle import inclusion_proof
from kyojo.ledger.tlog.notes import SignedNote
from kyojo.ledger.tlog.proofs import TlogProof
from kyojo.ledger.tlog.tiles import TileReader, entry_bundle, partial_width

from .errors import NotLoggedYet, SideForgotten
from .leaves import Leaf, Row, Side, SideName, leaf_of, side_open
from .receipts import SIDES, Receipt
from .scope import require_scope, rows
from .tile_rows import tile_read


@dataclass(frozen=True, slots=True)
class LogHead:
    """A log: its name for ever, its public key (a vkey), how many leaves it has by now (some of
    them not published yet), and since when it is kept."""

    ledger: int
    origin: str
    key: str
    size: int
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """The newest checkpoint that met the quorum; ``note`` is the signed note with cosignatures."""

    size: int
    root: bytes
    note: bytes
    published_at: datetime


def log_head(*, ledger: int) -> LogHead:
    """The log of ``ledger``. Raises ``NotFound`` before its first transfer is logged."""
    require_scope(ledger)
    found = rows(
        "SELECT ledger, origin, key, size, opened_at FROM ledger_log_head WHERE ledger = %s",
        [ledger],
    )
    if not found:
        raise NotFound()
    return LogHead(*found[0])


PUBLISHED = """
    SELECT size, root, cosigned, published_at FROM ledger_log_checkpoint
    WHERE ledger = %s AND published_at IS NOT NULL ORDER BY size DESC LIMIT 1
"""


def checkpoint_published(*, ledger: int) -> Published:
    """The checkpoint that everything else is shown against. Raises ``NotFound`` if there is none
    yet."""
    require_scope(ledger)
    found = rows(PUBLISHED, [ledger])
    if not found:
        raise NotFound()
    size, root, cosigned, published_at = found[0]
    return Published(size, bytes(root), cosigned.encode(), published_at)


SIGNED = "SELECT max(size) FROM ledger_log_checkpoint WHERE ledger = %s"


def tile(*, ledger: int, level: int, index: int, width: int) -> bytes:
    """``width`` hashes of a tile. Raises ``NotFound`` beyond the newest signed checkpoint."""
    require_scope(ledger)
    _within(rows(SIGNED, [ledger])[0][0] or 0, level, index, width)
    data = tile_read(ledger)(level, index, width)
    if not data:
        raise NotFound()
    return data


ENTRIES = """
    SELECT leaf FROM ledger_log_entry
    WHERE ledger = %s AND number >= %s AND number < %s ORDER BY number
"""


def entries(*, ledger: int, index: int, width: int) -> bytes:
    """The bundle of ``width`` leaves from number ``index`` × 256 on. Raises ``NotFound`` beyond
    the published checkpoint."""
    _within(checkpoint_published(ledger=ledger).size, 0, index, width)
    start = index * 256
    leaves = [text.encode() for (text,) in rows(ENTRIES, [ledger, start, start + width])]
    if len(leaves) != width:
        raise NotFound()
    return entry_bundle(leaves)


def _within(size: int, level: int, index: int, width: int) -> None:
    if not 1 <= width <= partial_width(size, level, index):
        raise NotFound()


LOGGED = """
    SELECT t.id, t.debit, t.credit, t.amount, t.kind, t.code, t.pending_id, t.timeout_at,
        t.reference, t.correction_of, t.at, e.number, e.leaf
    FROM ledger_transfer t
    LEFT JOIN ledger_log_entry e ON e.ledger = t.ledger AND e.transfer = t.id
    WHERE t.ledger = %s AND t.id = %s
"""


def receipt_for(*, ledger: int, transfer: UUID, sides: Collection[SideName]) -> Receipt:
    """The receipt of a transfer, with these sides opened, against the published checkpoint.

    Raises:
        NotFound: the ledger has no such transfer.
        NotLoggedYet: no published checkpoint holds it yet; that takes seconds.
        SideForgotten: the key of a side's account was erased.
        LeafDiffers: the ledger's row says something else now than the log.
    """
    require_scope(ledger)
    found = rows(LOGGED, [ledger, transfer])
    if not found:
        raise NotFound()
    *values, number, text = found[0]
    if number is None:
        raise NotLoggedYet
    published = _published_with(ledger, number)
    leaf = Leaf.parse(text.encode())
    row = Row(**dict(zip(_FIELDS, values, strict=True)), currency=leaf.currency)
    if leaf != leaf_of(ledger=ledger, number=number, row=row, debit=leaf.debit, credit=leaf.credit):
        raise LeafDiffers(reason="row")
    opened = tuple(_opened(ledger, row, side) for side in SIDES if side in sides)
    hashes = inclusion_proof(
        number, published.size, TileReader(published.size, tile_read(ledger), published.root)
    )
    return Receipt(leaf, opened, TlogProof(number, tuple(hashes), SignedNote.parse(published.note)))


_FIELDS = tuple(name for name in Row.__dataclass_fields__ if name != "currency")


def _published_with(ledger: int, number: int) -> Published:
    try:
        published = checkpoint_published(ledger=ledger)
    except NotFound:
        raise NotLoggedYet from None
    if number >= published.size:
        raise NotLoggedYet
    return published


FIRST_SHOWN = """
    SELECT published_at FROM ledger_log_checkpoint
    WHERE ledger = %s AND size > %s AND published_at IS NOT NULL ORDER BY size LIMIT 1
"""


def published_since(*, ledger: int, number: int) -> datetime:
    """Since when anybody can see the leaf of this number. Raises ``NotLoggedYet``."""
    require_scope(ledger)
    found = rows(FIRST_SHOWN, [ledger, number])
    if not found:
        raise NotLoggedYet
    return found[0][0]  # type: ignore[no-any-return]


def _opened(ledger: int, row: Row, side: SideName) -> Side:
    found = rows(
        "SELECT key FROM ledger_log_key WHERE ledger = %s AND account = %s",
        [ledger, row.account(side)],
    )
    if not found or found[0][0] is None:
        raise SideForgotten
    return side_open(ledger=ledger, row=row, side=side, key=bytes(found[0][0]))
