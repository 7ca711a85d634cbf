"""What a button signs when it speaks through a broker that anybody may be on. Pure: no Django.

The text is one line, ``kyojo-button-1|town|device|counter|event|battery|at|nonce``, with "" for
what the button does not say; the signature is HMAC-SHA256 over its UTF-8 bytes with the 16 bytes of
the key that the desk was shown at enrolment, in hex. docs/reference/devices.md has an example.
"""

import hashlib
import hmac
from dataclasses import dataclass

CONTEXT = "kyojo-button-1"


@dataclass(frozen=True)
class Said:
    """A message as it came: every part that is signed, as its text."""

    town: int
    device: str
    counter: int
    event: str  # press, alive
    battery: str
    at: str
    nonce: str

    @property
    def text(self) -> str:
        parts = (self.town, self.device, self.counter, self.event, self.battery, self.at)
        return "|".join((CONTEXT, *map(str, parts), self.nonce))


def signature(said: Said, key: bytes) -> str:
    return hmac.new(key, said.text.encode(), hashlib.sha256).hexdigest()


def is_signed(said: Said, key: bytes, sign: str) -> bool:
    return hmac.compare_digest(signature(said, key), sign.lower())
