"""RFC 6962 §2.1 read aloud: slow, recursive, and sharing no line with what it checks."""

import hashlib
from functools import cache
from itertools import count


def leaves(number: int) -> list[bytes]:
    """Distinct entries."""
    return [f"entry {i}\n".encode() for i in range(number)]


class Reference:
    """MTH, PATH and PROOF over the first so many entries."""

    def __init__(self, entries: list[bytes]) -> None:
        self._entries = entries
        self.mth = cache(self._mth)

    def _mth(self, start: int, end: int) -> bytes:
        if start == end:
            return hashlib.sha256(b"").digest()
        if end - start == 1:
            return hashlib.sha256(b"\x00" + self._entries[start]).digest()
        k = split(end - start)
        parts = self.mth(start, start + k), self.mth(start + k, end)
        return hashlib.sha256(b"\x01" + b"".join(parts)).digest()

    def root(self, size: int) -> bytes:
        return self.mth(0, size)

    def path(self, m: int, start: int, end: int) -> list[bytes]:
        """PATH(m, D[start:end])."""
        if end - start == 1:
            return []
        k = split(end - start)
        if m < k:
            return [*self.path(m, start, start + k), self.mth(start + k, end)]
        return [*self.path(m - k, start + k, end), self.mth(start, start + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        """PROOF(m, D[n]) for 0 < m < n."""
        return self._subproof(m, 0, n, True)

    def _subproof(self, m: int, start: int, end: int, known: bool) -> list[bytes]:
        n = end - start
        if m == n:
            return [] if known else [self.mth(start, end)]
        k = split(n)
        if m <= k:
            return [*self._subproof(m, start, start + k, known), self.mth(start + k, end)]
        return [*self._subproof(m - k, start + k, end, False), self.mth(start, start + k)]


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    return next(2**i for i in count() if 2**i < n <= 2 ** (i + 1))


def flipped(data: bytes, bit: int) -> bytes:
    """The same bytes with one bit turned over (counted modulo their number)."""
    place, which = divmod(bit % (8 * len(data)), 8)
    return data[:place] + bytes([data[place] ^ (1 << which)]) + data[place + 1 :]
