"""The log's tiles, read from their table."""

from kyojo.ledger.tlog.encoding import HASH_BYTES
from kyojo.ledger.tlog.tiles import TileRead

from .scope import rows

#: Old widths are the beginning of what is there now.
TILE = """
    SELECT substring(hashes FOR %s) FROM ledger_log_tile
    WHERE ledger = %s AND level = %s AND index = %s AND octet_length(hashes) >= %s
"""


def tile_read(ledger: int) -> TileRead:
    """``read(level, index, width)`` over the stored tiles of one log; empty where there is none.

    Inside the ledger's scope.
    """

    def read(level: int, index: int, width: int) -> bytes:
        count = width * HASH_BYTES
        found = rows(TILE, [count, ledger, level, index, count])
        return bytes(found[0][0]) if found else b""

    return read
