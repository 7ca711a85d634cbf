"""Ids made by the caller before anything is sent, so that a retry is recognised."""

import os
import secrets
import time
from uuid import UUID, uuid5

# No 0/O, 1/I/L, 5/S, 8/B: read aloud on the telephone and typed by hand.
READABLE_ALPHABET = "234679ACDEFGHJKMNPQRTUVWXY"


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): 48 bits of milliseconds, then random; sorts by time."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | (0x7 << 76)
    value |= (int.from_bytes(os.urandom(2), "big") & 0x0FFF) << 64
    value |= (0b10 << 62) | (int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1))
    return UUID(int=value)


def derived_id(base: UUID, *parts: object) -> UUID:
    """The id that always belongs to ``base`` and ``parts`` (UUID version 5): steps of one order
    get the same ids on every retry."""
    return uuid5(base, "/".join(str(part) for part in parts))


def readable_code(length: int = 12) -> str:
    """A random code for people, in groups of four: ``7Q4K-2M9D-XR3T``."""
    letters = [secrets.choice(READABLE_ALPHABET) for _ in range(length)]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, length, 4))


def spoken_code() -> str:
    """A four-digit code to be said aloud at the door (合言葉)."""
    return f"{secrets.randbelow(10_000):04d}"
