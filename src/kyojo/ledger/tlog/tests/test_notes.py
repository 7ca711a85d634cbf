"""Signed notes, keys and cosignatures: vectors, round trips, and every way to write them wrong."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.ledger.tlog.errors import (
    KeyMalformed,
    NoteMalformed,
    SignatureInvalid,
    SignatureMissing,
)
from kyojo.ledger.tlog.notes import (
    KeyType,
    Signature,
    SignedNote,
    SigningKey,
    VerifierKey,
    cosign,
    cosignature_verify,
    note_sign,
    note_verify,
)

from .reference import flipped

#: The example of c2sp.org/signed-note, made by another program.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

LOG = SigningKey("log.example/990019", KeyType.LOG, bytes(range(32)))
OTHER = SigningKey("log.example/990027", KeyType.LOG, bytes(range(1, 33)))
WITNESS = SigningKey("witness.example/w1", KeyType.COSIGNATURE, bytes(range(2, 34)))
TEXT = "log.example/990019\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
NOTE = note_sign(TEXT, LOG)
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def line(name: str = "a.example", data: bytes = b"12345") -> str:
    return f"— {name} {base64.b64encode(data).decode()}\n"


def test_the_example_of_the_text_verifies():
    key = VerifierKey.parse(EXAMPLE_KEY)
    assert (key.name, key.type, key.id.hex()) == ("example.com/foo", KeyType.LOG, "530d903a")
    assert str(key) == EXAMPLE_KEY
    note = SignedNote.parse(EXAMPLE)
    assert note.text == "This is an example message.\n"
    assert note.encode() == EXAMPLE
    note_verify(note, key)


def test_the_seed_of_rfc_8032_gives_its_key_and_signature():
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    key = SigningKey("rfc8032.example", KeyType.LOG, seed)
    assert key.verifier.public.hex() == public
    assert key.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b"
    )


@given(
    st.text(st.characters(min_codepoint=0x20, codec="utf-8") | st.just("\n")).map(
        lambda text: text + "\n"
    ),
    st.integers(1, 4),
)
def test_notes_round_trip(text, count):
    keys = [SigningKey.generate(f"log.example/{i}") for i in range(count)]
    note = SignedNote.parse(note_sign(text, *keys).encode())
    assert note.text == text
    for key in keys:
        note_verify(note, key.verifier)


@given(st.integers(0), st.integers(0, 255) | st.none())
def test_what_is_read_is_written_the_same(place, byte):
    data = note_sign(TEXT, LOG, OTHER).with_signatures([cosign(NOTE, WITNESS, AT)]).encode()
    place %= len(data)
    changed = data[:place] + (b"" if byte is None else bytes([byte])) + data[place + 1 :]
    try:
        note = SignedNote.parse(changed)
    except NoteMalformed:
        return
    assert note.encode() == changed


@given(st.integers(0))
def test_no_bit_of_text_or_signature_can_change(bit):
    text = TEXT.encode()
    changed = flipped(text, bit)
    with pytest.raises((NoteMalformed, SignatureInvalid)):
        note_verify(SignedNote.parse(NOTE.encode().replace(text, changed, 1)), LOG.verifier)
    (signature,) = NOTE.signatures
    forged = Signature(signature.name, signature.key_id, flipped(signature.data, bit))
    with pytest.raises(SignatureInvalid):
        note_verify(SignedNote(TEXT, (forged,)), LOG.verifier)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "final_newline"),
        (b"text\n", "empty_line"),
        (b"\n", "empty_line"),
        (b"\n\n", "signature_count"),
        (b"text\n\n", "signature_count"),
        (("text\n\n" + line())[:-1].encode(), "final_newline"),
        (("text\n" + line()).encode(), "empty_line"),
        (("\n" + line()).encode(), "empty_line"),
        (("text\n\n" + line() + "\n").encode(), "signature_count"),
        (("text\n\n" + line() + "more\n").encode(), "signature_line"),
        (("text\r\n\n" + line()).encode(), "control_character"),
        (("text\t\n\n" + line()).encode(), "control_character"),
        (("text\x00\n\n" + line()).encode(), "control_character"),
        (("text\n\n" + line().replace("\n", "\r\n")).encode(), "control_character"),
        (b"text\xff\n\n" + line().encode(), "utf8"),
        (b"text\xed\xa0\x80\n\n" + line().encode(), "utf8"),
        (("text\n\n" + line().replace("—", "-")).encode(), "signature_line"),
        (("text\n\n" + line().replace("— ", "—")).encode(), "signature_line"),
        (("text\n\n" + line().replace("— ", "—  ")).encode(), "signature_name"),
        (("text\n\n" + line("a+b")).encode(), "signature_name"),
        (("text\n\n" + line("a\u3000b")).encode(), "signature_name"),
        (("text\n\n" + line("a\u00a0b")).encode(), "signature_name"),
        (("text\n\n" + line("a\u2028b")).encode(), "signature_name"),
        ("text\n\n— a.example\n".encode(), "signature_name"),
        ("text\n\n— a.example \n".encode(), "signature_length"),
        (("text\n\n" + line(data=b"1234")).encode(), "signature_length"),
        (("text\n\n" + line().replace("=", "")).encode(), "signature_base64"),
        (("text\n\n" + line().replace("=\n", "=== \n")).encode(), "signature_base64"),
        ("text\n\n— a.example MTIzNDU=MTIz\n".encode(), "signature_base64"),
        ("text\n\n— a.example MTIzNDV=\n".encode(), "signature_base64"),
        ("text\n\n— a.example MTIzNDU= \n".encode(), "signature_base64"),
        ("text\n\n— a.example MTIz-_U=\n".encode(), "signature_base64"),
        ("text\n\n— a.example ＭTIzNDU=\n".encode(), "signature_base64"),
        (("text\n\n" + line() * 101).encode(), "signature_count"),
        (b"x" * 1_000_001, "too_long"),
    ],
)
def test_there_is_one_way_to_write_a_note(data, reason):
    with pytest.raises(NoteMalformed) as refused:
        SignedNote.parse(data)
    assert refused.value.reason == reason


def test_the_last_empty_line_ends_the_text():
    text = "one\n\ntwo\n\n\nthree — four\n— five six\n"
    note = SignedNote.parse(note_sign(text, LOG).encode())
    assert note.text == text
    note_verify(note, LOG.verifier)


def test_sixteen_large_signatures_are_read():
    lines = [line(f"w{i}.example", b"1234" + bytes(2428)) for i in range(16)]
    note = SignedNote.parse(NOTE.encode() + "".join(lines).encode())
    assert len(note.signatures) == 17
    note_verify(note, LOG.verifier)


def test_texts_that_cannot_be_signed():
    for text in ("", "no newline", "a\rb\n", "a\x00\n", "\ud800\n", "x" * 1_000_000 + "\n"):
        with pytest.raises(NoteMalformed):
            note_sign(text, LOG)
    with pytest.raises(NoteMalformed, match="signature_count"):
        note_sign(TEXT)


def test_signatures_of_others_are_passed_over():
    note = note_sign(TEXT, OTHER)
    with pytest.raises(SignatureMissing):
        note_verify(note, LOG.verifier)
    # The same name with another key, and another name with the same key, are others.
    namesake = SigningKey(LOG.name, KeyType.LOG, OTHER.seed)
    renamed = SigningKey("renamed.example", KeyType.LOG, LOG.seed)
    note = note_sign(TEXT, namesake, renamed)
    with pytest.raises(SignatureMissing):
        note_verify(note, LOG.verifier)
    note_verify(note_sign(TEXT, namesake, LOG, renamed), LOG.verifier)
    # Also one whose id happens to be the same: name and id together tell the key.
    collision = Signature("renamed.example", LOG.verifier.id, bytes(64))
    note_verify(NOTE.with_signatures([collision]), LOG.verifier)


def test_one_false_signature_in_a_key_s_name_spoils_the_note():
    (genuine,) = NOTE.signatures
    false = Signature(genuine.name, genuine.key_id, bytes(64))
    for signatures in ((genuine, false), (false, genuine)):
        with pytest.raises(SignatureInvalid):
            note_verify(SignedNote(TEXT, signatures), LOG.verifier)
    for data in (b"\x00", genuine.data[:-1], genuine.data + b"\x00"):
        with pytest.raises(SignatureInvalid):
            note_verify(
                SignedNote(TEXT, (Signature(genuine.name, genuine.key_id, data),)), LOG.verifier
            )


@pytest.mark.parametrize("key_type", list(KeyType))
def test_keys_round_trip(key_type):
    key = SigningKey.generate("log.example/990019", key_type)
    assert SigningKey.parse(key.private_text()) == key
    assert VerifierKey.parse(str(key.verifier)) == key.verifier
    assert key.private_text().startswith("PRIVATE+KEY+log.example/990019+")


def test_a_private_key_does_not_show_itself():
    shown = f"{LOG} {LOG!r} {[LOG]}"
    assert base64.b64encode(bytes([1]) + LOG.seed).decode() in LOG.private_text()
    assert base64.b64encode(bytes([1]) + LOG.seed).decode() not in shown
    assert repr(LOG.seed) not in shown
    assert LOG.name in shown


def test_the_same_secret_is_another_key_for_another_use():
    again = SigningKey(LOG.name, KeyType.COSIGNATURE, LOG.seed)
    assert again.verifier.public == LOG.verifier.public
    assert again.verifier.id != LOG.verifier.id


def vkey(name: str = "a.example", key_id: str = "", data: bytes | None = None) -> str:
    data = b"\x01" + LOG.verifier.public if data is None else data
    return f"{name}+{key_id or LOG.verifier.id.hex()}+{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "three_parts"),
        ("a.example+530d903a", "three_parts"),
        (str(LOG.verifier).replace("+", " "), "three_parts"),
        (f"{LOG.verifier} ", "base64"),
        (f"{LOG.verifier}\n", "base64"),
        (f" {LOG.verifier}", "name"),
        (vkey(""), "name"),
        (vkey("a b"), "name"),
        (vkey("a\u3000b"), "name"),
        (vkey("a\nb"), "name"),
        (vkey("a\ud800b"), "name"),
        (vkey("a.example"), "key_id"),
        (vkey(LOG.name, "00000000"), "key_id"),
        (vkey(LOG.name, LOG.verifier.id.hex().upper()), "key_id_hex"),
        (vkey(LOG.name, LOG.verifier.id.hex()[1:]), "key_id_hex"),
        (vkey(LOG.name, "0" + LOG.verifier.id.hex()), "key_id_hex"),
        (vkey(LOG.name, data=b""), "key_length"),
        (vkey(LOG.name, data=b"\x01" + bytes(31)), "key_length"),
        (vkey(LOG.name, data=b"\x01" + bytes(33)), "key_length"),
        (vkey(LOG.name, data=b"\x02" + bytes(32)), "key_type"),
        (vkey(LOG.name, data=b"\x06" + bytes(32)), "key_type"),
        (vkey(LOG.name)[:-1], "base64"),
        (LOG.private_text(), "key_id_hex"),
    ],
)
def test_there_is_one_way_to_write_a_key(text, reason):
    with pytest.raises(KeyMalformed) as refused:
        VerifierKey.parse(text)
    assert refused.value.reason == reason


def test_a_private_key_says_that_it_is_one():
    with pytest.raises(KeyMalformed, match="not_private"):
        SigningKey.parse(str(LOG.verifier))
    with pytest.raises(KeyMalformed, match="key_id"):
        SigningKey.parse(LOG.private_text().replace("990019", "990027"))


def test_a_cosignature_says_when():
    signature = cosign(NOTE, WITNESS, AT + timedelta(microseconds=999_999))
    note = SignedNote.parse(NOTE.with_signatures([signature]).encode())
    assert cosignature_verify(note, WITNESS.verifier) == AT
    assert signature.data[:8] == int(AT.timestamp()).to_bytes(8, "big")
    assert len(signature.data) == 8 + 64
    note_verify(note, LOG.verifier)
    message = f"cosignature/v1\ntime {int(AT.timestamp())}\n{TEXT}".encode()
    assert signature.data[8:] == WITNESS.sign(message)


def test_a_cosignature_s_moment_is_the_same_everywhere():
    tokyo = AT.astimezone(timezone(timedelta(hours=9)))
    assert cosign(NOTE, WITNESS, tokyo) == cosign(NOTE, WITNESS, AT)


@given(st.integers(0))
def test_no_bit_of_a_cosignature_can_change(bit):
    signature = cosign(NOTE, WITNESS, AT)
    forged = Signature(signature.name, signature.key_id, flipped(signature.data, bit))
    with pytest.raises(SignatureInvalid):
        cosignature_verify(NOTE.with_signatures([forged]), WITNESS.verifier)


def test_a_cosignature_of_another_checkpoint_is_no_cosignature():
    other = note_sign(TEXT.replace("\n0\n", "\n1\n"), LOG)
    note = NOTE.with_signatures([cosign(other, WITNESS, AT)])
    with pytest.raises(SignatureInvalid):
        cosignature_verify(note, WITNESS.verifier)


def test_a_log_s_signature_is_no_cosignature_and_the_other_way_round():
    as_log = SigningKey(WITNESS.name, KeyType.LOG, WITNESS.seed)
    both = note_sign(TEXT, as_log).with_signatures([cosign(NOTE, WITNESS, AT)])
    assert cosignature_verify(both, WITNESS.verifier) == AT
    note_verify(both, as_log.verifier)
    with pytest.raises(SignatureMissing):
        cosignature_verify(note_sign(TEXT, as_log), WITNESS.verifier)
    # What type 1 signed, put under the id of type 4: the signed text differs.
    swapped = Signature(WITNESS.name, WITNESS.verifier.id, bytes(8) + as_log.sign(TEXT.encode()))
    with pytest.raises(SignatureInvalid):
        cosignature_verify(SignedNote(TEXT, (swapped,)), WITNESS.verifier)


def test_the_newest_of_several_cosignatures_counts_and_a_false_one_spoils():
    older, newer = (cosign(NOTE, WITNESS, AT + timedelta(hours=h)) for h in (0, 1))
    note = SignedNote(TEXT, (*NOTE.signatures, newer, older))
    assert cosignature_verify(note, WITNESS.verifier) == AT + timedelta(hours=1)
    false = Signature(older.name, older.key_id, older.data[:-1])
    with pytest.raises(SignatureInvalid):
        cosignature_verify(SignedNote(TEXT, (newer, false)), WITNESS.verifier)


def test_a_newer_cosignature_takes_the_place_of_the_older():
    older, newer = (cosign(NOTE, WITNESS, AT + timedelta(hours=h)) for h in (0, 1))
    note = NOTE.with_signatures([older]).with_signatures([newer])
    assert note.signatures == (*NOTE.signatures, newer)


def test_joining_signatures_hides_no_false_one():
    (genuine,) = NOTE.signatures
    false = Signature(genuine.name, genuine.key_id, bytes(64))
    for signatures in ((genuine, false), (false, genuine)):
        joined = SignedNote(TEXT, signatures).with_signatures([cosign(NOTE, WITNESS, AT)])
        assert joined.signatures[:2] == signatures
        with pytest.raises(SignatureInvalid):
            note_verify(joined, LOG.verifier)


@pytest.mark.parametrize("seconds", [2**63, 2**64 - 1, 10**15, 253_402_300_799, 253_370_764_800])
def test_a_moment_that_no_calendar_has_is_refused(seconds):
    message = f"cosignature/v1\ntime {seconds}\n{TEXT}".encode()
    data = seconds.to_bytes(8, "big") + WITNESS.sign(message)
    note = NOTE.with_signatures([Signature(WITNESS.name, WITNESS.verifier.id, data)])
    with pytest.raises(SignatureInvalid):
        cosignature_verify(note, WITNESS.verifier)


def test_keys_are_used_for_what_they_are_for():
    with pytest.raises(ValueError, match="use cosign"):
        note_sign(TEXT, WITNESS)
    with pytest.raises(ValueError, match="COSIGNATURE"):
        cosign(NOTE, LOG, AT)
    with pytest.raises(ValueError, match="cosignature_verify"):
        note_verify(NOTE, WITNESS.verifier)
    with pytest.raises(ValueError, match="note_verify"):
        cosignature_verify(NOTE, LOG.verifier)
    with pytest.raises(ValueError, match="time zone"):
        cosign(NOTE, WITNESS, AT.replace(tzinfo=None))
    with pytest.raises(ValueError, match="1970"):
        cosign(NOTE, WITNESS, datetime(1969, 12, 31, tzinfo=UTC))
