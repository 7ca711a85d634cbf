"""What a device signs when it speaks through a broker that anybody may be on. Pure: no Django.

The text is one line, ``kyojo-button-1|town|device|counter|event|battery|at|nonce``, with "" for
what the device does not say; of the event ``heard`` the numbers of the beacons follow, with commas
between them: ``…|nonce|ac233fa00001,ac233fa00002``. The signature is HMAC-SHA256 over its UTF-8
bytes with the 16 bytes of the key that the desk was shown at enrolment, in hex.
docs/reference/devices.md has an example.
"""

import hashlib
import hmac
from dataclasses import dataclass

CONTEXT = "kyojo-button-1"
#: The event that tells which beacons a reader hears.
HEARD = "heard"


@dataclass(frozen=True)
class Said:
    """A message as it came: every part that is signed, as its text."""

    town: int
    device: str
    counter: int
    event: str  # press, alive, heard
    battery: str
    at: str
    nonce: str
    beacons: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        parts = (self.town, self.device, self.counter, self.event, self.battery, self.at)
        heard = (",".join(self.beacons),) if self.event == HEARD else ()
        return "|".join((CONTEXT, *map(str, parts), self.nonce, *heard))


def signature(said: Said, key: bytes) -> str:
    return hmac.new(key, said.text.encode(), hashlib.sha256).hexdigest()


def is_signed(said: Said, key: bytes, sign: str) -> bool:
    return hmac.compare_digest(signature(said, key), sign.lower())
