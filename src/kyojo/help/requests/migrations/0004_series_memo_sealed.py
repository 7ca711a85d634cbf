import base64
import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import migrations, models

ROWS_AT_ONCE = 2_000
#: Table → columns that are sealed, and what an empty one is.
COLUMNS = {"requests_series": {"memo": ""}}


def _seal(value: object) -> bytes:
    """As ``sealing`` wrote it when this was made: mark, key id, nonce, AES-256-GCM."""
    text = str(value)
    if not text:
        return b""
    raw = base64.urlsafe_b64decode(settings.FIELD_KEYS[0])
    head = b"\x01" + hashlib.sha256(b"kyojo field key\0" + raw).digest()[:4]
    cipher = AESGCM(hashlib.sha256(b"kyojo sealed value\0" + raw).digest())
    nonce = os.urandom(12)
    return head + nonce + cipher.encrypt(nonce, text.encode(), head)


def fill(apps, schema_editor) -> None:
    """Seal what is there, town by town: the walls bind the owner, too."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM municipalities_municipality ORDER BY id")
        towns = [code for (code,) in cursor.fetchall()]
        for code in towns:
            cursor.execute(f"SET LOCAL app.municipality = '{int(code)}'")
            for table, columns in COLUMNS.items():
                _fill_table(cursor, table, columns, code)
        if towns:
            cursor.execute("SET LOCAL app.municipality = ''")


def _fill_table(cursor, table: str, columns: dict[str, str], code: int) -> None:
    """The plain column is emptied as well: a dropped one stays in the rows on the disk."""
    changes = ", ".join(
        f"{name}_sealed = %s, {name} = '{empty}'" for name, empty in columns.items()
    )
    last = 0
    while True:
        cursor.execute(
            f"SELECT id, {', '.join(columns)} FROM {table}"  # noqa: S608
            " WHERE municipality_id = %s AND id > %s ORDER BY id LIMIT %s",
            [code, last, ROWS_AT_ONCE],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        cursor.executemany(
            f"UPDATE {table} SET {changes} WHERE id = %s AND municipality_id = %s",  # noqa: S608
            [(*(_seal(value) for value in row[1:]), row[0], code) for row in rows],
        )
        last = rows[-1][0]


class Migration(migrations.Migration):
    """The memo of what is asked for again and again is sealed, as each request has it."""

    dependencies = [
        ("requests", "0003_places_sealed"),
    ]

    operations = [
        migrations.AddField(
            model_name="series",
            name="memo_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.RunPython(fill, elidable=True),
        migrations.RemoveField(model_name="series", name="memo"),
        migrations.RenameField(model_name="series", old_name="memo_sealed", new_name="memo"),
        migrations.AlterField(
            model_name="series",
            name="memo",
            field=models.BinaryField(blank=True, default=b""),
        ),
    ]
