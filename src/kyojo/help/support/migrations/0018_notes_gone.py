import base64
import hashlib
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import migrations

ROWS_AT_ONCE = 2_000
HEAD_BYTES, NONCE_BYTES = 5, 12


def _ciphers() -> dict[bytes, AESGCM]:
    """As ``sealing`` wrote it when this was made: mark, key id, nonce, AES-256-GCM. By the mark and
    the id; the first seals."""
    found = {}
    for key in settings.FIELD_KEYS:
        raw = base64.urlsafe_b64decode(key)
        head = b"\x01" + hashlib.sha256(b"kyojo field key\0" + raw).digest()[:4]
        found[head] = AESGCM(hashlib.sha256(b"kyojo sealed value\0" + raw).digest())
    return found


def _opened(sealed: bytes, ciphers: dict[bytes, AESGCM]) -> dict:
    """Nothing of a card that no key opens: nobody reads its note either."""
    head, nonce = sealed[:HEAD_BYTES], sealed[HEAD_BYTES : HEAD_BYTES + NONCE_BYTES]
    if head not in ciphers:
        return {}
    try:
        plain = ciphers[head].decrypt(nonce, sealed[HEAD_BYTES + NONCE_BYTES :], head)
    except (InvalidTag, ValueError):
        return {}
    return json.loads(plain)


def _sealed(card: dict, ciphers: dict[bytes, AESGCM]) -> bytes:
    head, cipher = next(iter(ciphers.items()))
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + cipher.encrypt(nonce, json.dumps(card, ensure_ascii=False).encode(), head)


def forget(apps, schema_editor) -> None:
    """Town by town: the walls bind the owner, too."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM municipalities_municipality ORDER BY id")
        towns = [code for (code,) in cursor.fetchall()]
        for code in towns:
            cursor.execute(f"SET LOCAL app.municipality = '{int(code)}'")
            _forget_town(cursor, code)
        if towns:
            cursor.execute("SET LOCAL app.municipality = ''")


def _forget_town(cursor, code: int) -> None:
    """A visit that is closed and whose place is empty was emptied after its time."""
    last, ciphers = 0, _ciphers()
    while True:
        cursor.execute(
            "SELECT id, recipient_card FROM support_visit"
            " WHERE municipality_id = %s AND id > %s AND octet_length(recipient_card) > 0"
            " AND latitude IS NULL AND spoken_code = '' AND octet_length(address) = 0"
            " AND state NOT IN ('scheduled', 'started', 'ended', 'confirmed', 'disputed')"
            " ORDER BY id LIMIT %s",
            [code, last, ROWS_AT_ONCE],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        for pk, sealed in rows:
            card = _opened(bytes(sealed), ciphers)
            if card.get("note"):
                cursor.execute(
                    "UPDATE support_visit SET recipient_card = %s"
                    " WHERE id = %s AND municipality_id = %s",
                    [_sealed(card | {"note": ""}, ciphers), pk, code],
                )
        last = rows[-1][0]


class Migration(migrations.Migration):
    """The carer's words to whoever comes go from visits that were emptied before those words went
    with the place."""

    dependencies = [
        ("support", "0017_signals_end"),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop, elidable=True),
    ]
