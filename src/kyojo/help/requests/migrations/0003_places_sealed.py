import base64
import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import migrations, models

ROWS_AT_ONCE = 2_000
#: Table → columns that are sealed.
COLUMNS = {
    "requests_helprequest": (
        "address",
        "latitude",
        "longitude",
        "recipient_name",
        "recipient_birth_date",
        "visitor_note",
        "memo",
    )
}


def _seal(value: object) -> bytes | None:
    """As ``sealing`` wrote it when this was made: mark, key id, nonce, AES-256-GCM."""
    if value is None:
        return None
    text = repr(value) if isinstance(value, float) else str(value)
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
            for table, names in COLUMNS.items():
                _fill_table(cursor, table, names, code)
        if towns:
            cursor.execute("SET LOCAL app.municipality = ''")


def _fill_table(cursor, table: str, names: tuple[str, ...], code: int) -> None:
    last = 0
    while True:
        cursor.execute(
            f"SELECT id, {', '.join(names)} FROM {table}"  # noqa: S608
            " WHERE municipality_id = %s AND id > %s ORDER BY id LIMIT %s",
            [code, last, ROWS_AT_ONCE],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        cursor.executemany(
            f"UPDATE {table} SET {', '.join(f'{name}_sealed = %s' for name in names)}"  # noqa: S608
            " WHERE id = %s AND municipality_id = %s",
            [(*(_seal(value) for value in row[1:]), row[0], code) for row in rows],
        )
        last = rows[-1][0]


class Migration(migrations.Migration):
    """Where help is asked for, for whom, and the words about it are sealed."""

    dependencies = [
        ("requests", "0002_series_and_bundles"),
    ]

    operations = [
        migrations.AddField(
            model_name="helprequest",
            name="address_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="latitude_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="longitude_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="recipient_name_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="recipient_birth_date_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="visitor_note_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="memo_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.RunPython(fill, elidable=True),
        migrations.RemoveField(model_name="helprequest", name="address"),
        migrations.RenameField(
            model_name="helprequest", old_name="address_sealed", new_name="address"
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="address",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="helprequest", name="latitude"),
        migrations.RenameField(
            model_name="helprequest", old_name="latitude_sealed", new_name="latitude"
        ),
        migrations.RemoveField(model_name="helprequest", name="longitude"),
        migrations.RenameField(
            model_name="helprequest", old_name="longitude_sealed", new_name="longitude"
        ),
        migrations.RemoveField(model_name="helprequest", name="recipient_name"),
        migrations.RenameField(
            model_name="helprequest", old_name="recipient_name_sealed", new_name="recipient_name"
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="recipient_name",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="helprequest", name="recipient_birth_date"),
        migrations.RenameField(
            model_name="helprequest",
            old_name="recipient_birth_date_sealed",
            new_name="recipient_birth_date",
        ),
        migrations.RemoveField(model_name="helprequest", name="visitor_note"),
        migrations.RenameField(
            model_name="helprequest", old_name="visitor_note_sealed", new_name="visitor_note"
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="visitor_note",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="helprequest", name="memo"),
        migrations.RenameField(model_name="helprequest", old_name="memo_sealed", new_name="memo"),
        migrations.AlterField(
            model_name="helprequest",
            name="memo",
            field=models.BinaryField(blank=True, default=b""),
        ),
    ]
