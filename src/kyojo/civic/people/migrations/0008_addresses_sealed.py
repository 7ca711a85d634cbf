import base64
import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import migrations, models

ROWS_AT_ONCE = 2_000
#: Table → columns that are sealed.
COLUMNS = {
    "people_person": ("address", "latitude", "longitude"),
    "people_careplace": (
        "address",
        "latitude",
        "longitude",
        "recipient_name",
        "recipient_kana",
        "recipient_birth_date",
        "visitor_note",
    ),
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
    """Addresses, points of homes and what carers say of whom they care for are sealed."""

    dependencies = [
        ("people", "0007_security_and_minors"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="address_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="person",
            name="latitude_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="person",
            name="longitude_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="careplace",
            name="address_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="careplace",
            name="latitude_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="careplace",
            name="longitude_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="careplace",
            name="recipient_name_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="careplace",
            name="recipient_kana_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="careplace",
            name="recipient_birth_date_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="careplace",
            name="visitor_note_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.RunPython(fill, elidable=True),
        migrations.RemoveField(model_name="person", name="address"),
        migrations.RenameField(model_name="person", old_name="address_sealed", new_name="address"),
        migrations.AlterField(
            model_name="person",
            name="address",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="person", name="latitude"),
        migrations.RenameField(
            model_name="person", old_name="latitude_sealed", new_name="latitude"
        ),
        migrations.AlterField(
            model_name="person",
            name="latitude",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.RemoveField(model_name="person", name="longitude"),
        migrations.RenameField(
            model_name="person", old_name="longitude_sealed", new_name="longitude"
        ),
        migrations.AlterField(
            model_name="person",
            name="longitude",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.RemoveField(model_name="careplace", name="address"),
        migrations.RenameField(
            model_name="careplace", old_name="address_sealed", new_name="address"
        ),
        migrations.AlterField(
            model_name="careplace",
            name="address",
            field=models.BinaryField(default=b""),
        ),
        migrations.RemoveField(model_name="careplace", name="latitude"),
        migrations.RenameField(
            model_name="careplace", old_name="latitude_sealed", new_name="latitude"
        ),
        migrations.AlterField(
            model_name="careplace",
            name="latitude",
            field=models.BinaryField(),
        ),
        migrations.RemoveField(model_name="careplace", name="longitude"),
        migrations.RenameField(
            model_name="careplace", old_name="longitude_sealed", new_name="longitude"
        ),
        migrations.AlterField(
            model_name="careplace",
            name="longitude",
            field=models.BinaryField(),
        ),
        migrations.RemoveField(model_name="careplace", name="recipient_name"),
        migrations.RenameField(
            model_name="careplace", old_name="recipient_name_sealed", new_name="recipient_name"
        ),
        migrations.AlterField(
            model_name="careplace",
            name="recipient_name",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="careplace", name="recipient_kana"),
        migrations.RenameField(
            model_name="careplace", old_name="recipient_kana_sealed", new_name="recipient_kana"
        ),
        migrations.AlterField(
            model_name="careplace",
            name="recipient_kana",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="careplace", name="recipient_birth_date"),
        migrations.RenameField(
            model_name="careplace",
            old_name="recipient_birth_date_sealed",
            new_name="recipient_birth_date",
        ),
        migrations.AlterField(
            model_name="careplace",
            name="recipient_birth_date",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.RemoveField(model_name="careplace", name="visitor_note"),
        migrations.RenameField(
            model_name="careplace", old_name="visitor_note_sealed", new_name="visitor_note"
        ),
        migrations.AlterField(
            model_name="careplace",
            name="visitor_note",
            field=models.BinaryField(blank=True, default=b""),
        ),
    ]
