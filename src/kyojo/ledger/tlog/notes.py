"""Signed notes, their Ed25519 keys, and cosignatures (c2sp.org/signed-note, tlog-cosignature).

A note is a text that ends in a newline, an empty line, and signature lines::

    example.com/log
    3
    (the root, Base 64)

    — example.com/log (Base 64 of key id ‖ signature)
    — witness.example (Base 64 of key id ‖ seconds since 1970 ‖ signature)

A key is written ``name+hex(key id)+Base 64(type ‖ public key)``; its id is the beginning of
SHA-256(name ‖ newline ‖ type ‖ public key). Type 1 signs the text; type 4 signs a moment and the
text, which says that at this moment no longer tree of this log was known.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .encoding import base64_bytes, base64_text
from .errors import KeyMalformed, NoteMalformed, SignatureInvalid, SignatureMissing

NOTE_BYTES_MAX = 1_000_000
SIGNATURES_MAX = 100

_MARK = "— "
_PRIVATE = "PRIVATE+KEY+"
_KEY_ID_BYTES = 4
_KEY_BYTES = 32
_TIME_BYTES = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Calendars end here, with some room for time zones: what a witness signs can be shown anywhere.
_TIME_END = datetime(9999, 1, 1, tzinfo=UTC)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_HEX_ID = re.compile(r"[0-9a-f]{8}")


class KeyType(IntEnum):
    """The signature types that are known here."""

    LOG = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name; ``str(key)`` is its text (a *vkey*)."""

    name: str
    type: KeyType
    public: bytes

    def __post_init__(self) -> None:
        if not name_allowed(self.name):
            raise KeyMalformed(reason="name")
        if len(self.public) != _KEY_BYTES:
            raise KeyMalformed(reason="key_length")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read a vkey. KeyMalformed unless it is one of a known type, with its own id."""
        name, key_id, key_type, public = _key_parts(text)
        key = cls(name, key_type, public)
        if key.id.hex() != key_id:
            raise KeyMalformed(reason="key_id")
        return key

    @property
    def id(self) -> bytes:
        """The four bytes that signature lines name the key by."""
        hashed = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return hashlib.sha256(hashed).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64_text(bytes([self.type]) + self.public)}"

    def made(self, signature: "Signature") -> bool:
        """Does the line name this key? (Whether the signature is genuine is another question.)"""
        return signature.name == self.name and signature.key_id == self.id

    def accepts(self, signature: bytes, message: bytes) -> bool:
        """Is this the key's Ed25519 signature (64 bytes) over the message?"""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A private key under a name. Only ``private_text`` shows it, so that no log line ever does."""

    name: str
    type: KeyType
    seed: bytes

    def __post_init__(self) -> None:
        if not name_allowed(self.name):
            raise KeyMalformed(reason="name")
        if len(self.seed) != _KEY_BYTES:
            raise KeyMalformed(reason="key_length")

    @classmethod
    def generate(cls, name: str, type: KeyType = KeyType.LOG) -> "SigningKey":  # noqa: A002
        """A new random key."""
        return cls(name, KeyType(type), Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """Read what ``private_text`` wrote. KeyMalformed otherwise."""
        if not text.startswith(_PRIVATE):
            raise KeyMalformed(reason="not_private")
        name, key_id, key_type, seed = _key_parts(text.removeprefix(_PRIVATE))
        key = cls(name, key_type, seed)
        if key.verifier.id.hex() != key_id:
            raise KeyMalformed(reason="key_id")
        return key

    def private_text(self) -> str:
        """``PRIVATE+KEY+name+hex(key id)+Base 64(type ‖ seed)``, to be kept in a file alone."""
        data = base64_text(bytes([self.type]) + self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{data}"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.type, self._key().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature (64 bytes)."""
        return self._key().sign(message)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r}, {self.type!r}, …)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose it says to be (name, 4-byte key id), and the bytes after the id."""

    name: str
    key_id: bytes
    data: bytes

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Read a line (its newline may be there or not). NoteMalformed otherwise."""
        line = line.removesuffix("\n")
        if not line.startswith(_MARK):
            raise NoteMalformed(reason="signature_line")
        name, space, encoded = line.removeprefix(_MARK).partition(" ")
        if not space or not name_allowed(name):
            raise NoteMalformed(reason="signature_name")
        try:
            data = base64_bytes(encoded)
        except ValueError as error:
            raise NoteMalformed(reason="signature_base64") from error
        if len(data) <= _KEY_ID_BYTES:
            raise NoteMalformed(reason="signature_length")
        return cls(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])

    def line(self) -> str:
        """The line with its newline."""
        return f"{_MARK}{self.name} {base64_text(self.key_id + self.data)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text (with its final newline) and signatures, in order, not verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        text_check(self.text)
        if not 0 < len(self.signatures) <= SIGNATURES_MAX:
            raise NoteMalformed(reason="signature_count")

    @classmethod
    def parse(cls, data: bytes) -> "SignedNote":
        """Read a note. NoteMalformed unless ``encode`` gives the same bytes again."""
        if len(data) > NOTE_BYTES_MAX:
            raise NoteMalformed(reason="too_long")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NoteMalformed(reason="utf8") from error
        if _CONTROL.search(whole):
            raise NoteMalformed(reason="control_character")
        if not whole.endswith("\n"):
            raise NoteMalformed(reason="final_newline")
        text, empty_line, lines = whole.rpartition("\n\n")
        if not empty_line:
            raise NoteMalformed(reason="empty_line")
        return cls(text + "\n", tuple(Signature.parse(line) for line in lines.split("\n")[:-1]))

    def encode(self) -> bytes:
        """The note as it is written and served."""
        return (self.text + "\n" + "".join(each.line() for each in self.signatures)).encode()

    def with_signatures(self, signatures: Iterable[Signature]) -> "SignedNote":
        """The note with more signatures; a newer one of the same name and key id takes the place
        of the older, so that a checkpoint can be cosigned again."""
        newer = {(each.name, each.key_id): each for each in signatures}
        lines = []
        for each in self.signatures:
            # Two lines of one key both stay when nothing newer comes: one of them may be false,
            # and whoever verifies the note has to see it.
            place = (each.name, each.key_id)
            lines.append(newer.pop(place, each))
        return replace(self, signatures=(*lines, *newer.values()))


def note_sign(text: str, *keys: SigningKey) -> SignedNote:
    """Sign a text (ending in a newline) with keys of type LOG. NoteMalformed for a text that
    cannot be a note's."""
    text_check(text)
    if any(key.type != KeyType.LOG for key in keys):
        raise ValueError("a cosignature also says when: use cosign")
    message = text.encode()
    return SignedNote(
        text, tuple(Signature(key.name, key.verifier.id, key.sign(message)) for key in keys)
    )


def note_verify(note: SignedNote, key: VerifierKey) -> None:
    """Check that the key (type LOG) signed the note. Lines of other keys are passed over.

    Raises:
        SignatureMissing: no line names the key.
        SignatureInvalid: a line names it, and the key did not make it.
    """
    if key.type != KeyType.LOG:
        raise ValueError("a cosignature is checked by cosignature_verify")
    message = note.text.encode()
    for signature in _lines_of(note, key):
        if not key.accepts(signature.data, message):
            raise SignatureInvalid(name=key.name)


def cosign(note: SignedNote, key: SigningKey, at: datetime) -> Signature:
    """The line by which a witness says: at this moment I knew no longer tree of this log.

    ``at`` is aware; its part below a second is dropped.
    """
    if key.type != KeyType.COSIGNATURE:
        raise ValueError("cosign asks for a key of type COSIGNATURE")
    if at.tzinfo is None:
        raise ValueError("cosign asks for a moment with a time zone")
    seconds = (at - _EPOCH) // timedelta(seconds=1)
    if seconds < 0:
        raise ValueError("cosign asks for a moment after 1970")
    data = seconds.to_bytes(_TIME_BYTES, "big") + key.sign(_cosigned(note, seconds))
    return Signature(key.name, key.verifier.id, data)


def cosignature_verify(note: SignedNote, key: VerifierKey) -> datetime:
    """Check that the witness's key (type COSIGNATURE) cosigned the note; answer when (UTC).

    The newest moment, when it did more than once.

    Raises:
        SignatureMissing: no line names the key.
        SignatureInvalid: a line names it, and the key did not make it.
    """
    if key.type != KeyType.COSIGNATURE:
        raise ValueError("a log's signature is checked by note_verify")
    return max(_cosigned_at(note, key, signature) for signature in _lines_of(note, key))


def name_allowed(name: str) -> bool:
    """May a key be called so? Not empty, without spaces of any script, plus and control signs."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return bool(name) and not any(c.isspace() or c == "+" or c < " " for c in name)


def text_check(text: str) -> None:
    """NoteMalformed unless a note can have this text: it ends in a newline and has no other
    control signs."""
    if not text.endswith("\n"):
        raise NoteMalformed(reason="final_newline")
    if _CONTROL.search(text):
        raise NoteMalformed(reason="control_character")
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise NoteMalformed(reason="utf8") from error
    if size > NOTE_BYTES_MAX:
        raise NoteMalformed(reason="too_long")


def _lines_of(note: SignedNote, key: VerifierKey) -> list[Signature]:
    lines = [signature for signature in note.signatures if key.made(signature)]
    if not lines:
        raise SignatureMissing(name=key.name)
    return lines


def _cosigned(note: SignedNote, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{note.text}".encode()


def _cosigned_at(note: SignedNote, key: VerifierKey, signature: Signature) -> datetime:
    seconds = int.from_bytes(signature.data[:_TIME_BYTES], "big")
    if not key.accepts(signature.data[_TIME_BYTES:], _cosigned(note, seconds)):
        raise SignatureInvalid(name=key.name)
    if seconds >= (_TIME_END - _EPOCH) // timedelta(seconds=1):
        raise SignatureInvalid(name=key.name, reason="time")
    return _EPOCH + timedelta(seconds=seconds)


def _key_parts(text: str) -> tuple[str, str, KeyType, bytes]:
    """Name, id in hex, type and 32 bytes of a public or private key's text."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise KeyMalformed(reason="three_parts")
    name, key_id, encoded = parts
    if not _HEX_ID.fullmatch(key_id):
        raise KeyMalformed(reason="key_id_hex")
    try:
        data = base64_bytes(encoded)
    except ValueError as error:
        raise KeyMalformed(reason="base64") from error
    if len(data) != 1 + _KEY_BYTES:
        raise KeyMalformed(reason="key_length")
    if data[0] not in set(KeyType):
        raise KeyMalformed(reason="key_type")
    return name, key_id, KeyType(data[0]), data[1:]
