"""The two encodings all formats share, each with exactly one way to write a value."""

import base64
import binascii
import re

#: Sizes and indexes stay below this, as in every other implementation (a signed 64-bit number).
SIZE_LIMIT = 2**63
HASH_BYTES = 32
#: A tree has fewer than 2**63 leaves, so no path in it is longer.
PROOF_HASHES_MAX = 63

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def base64_text(data: bytes) -> str:
    """Standard Base 64 (RFC 4648 §4) with padding."""
    return base64.b64encode(data).decode("ascii")


def base64_bytes(text: str) -> bytes:
    """The bytes of canonical standard Base 64.

    Raises:
        ValueError: other characters, wrong padding, or bits set that mean nothing.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not Base 64") from error
    if base64_text(data) != text:
        raise ValueError("not canonical Base 64")
    return data


def hash_bytes(text: str) -> bytes:
    """A SHA-256 hash written in Base 64. ValueError as ``base64_bytes``, or of another length."""
    data = base64_bytes(text)
    if len(data) != HASH_BYTES:
        raise ValueError("not 32 bytes")
    return data


def decimal_number(text: str) -> int:
    """A number below 2**63 in ASCII digits without leading zeros, else ValueError."""
    if not _DECIMAL.fullmatch(text) or (number := int(text)) >= SIZE_LIMIT:
        raise ValueError("not a decimal number below 2**63")
    return number
