import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import migrations, models

ROWS_AT_ONCE = 2_000
#: Table → columns that are sealed, and what an empty one is.
COLUMNS = {
    "support_visit": {"recipient_card": "{}", "supporter_note": ""},
    "support_dispute": {"words": "", "office_words": ""},
    "support_ruling": {"words": "", "appeal_words": ""},
    "support_visitlook": {"note": ""},
    "support_review": {"message": ""},
}


def _seal(value: object) -> bytes:
    """As ``sealing`` wrote it when this was made: mark, key id, nonce, AES-256-GCM."""
    if isinstance(value, str):
        # The card comes as the text of its JSON; one that is empty is stored as nothing.
        text = "" if value == "{}" else value
    else:
        text = json.dumps(value, ensure_ascii=False) if value else ""
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
    """Who is visited, and what is said about a visit and the people in it, is sealed."""

    dependencies = [
        ("support", "0014_warmth"),
    ]

    operations = [
        migrations.AddField(
            model_name="visit",
            name="recipient_card_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="visit",
            name="supporter_note_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="words_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="dispute",
            name="office_words_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="ruling",
            name="words_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="ruling",
            name="appeal_words_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="visitlook",
            name="note_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="review",
            name="message_sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.RunPython(fill, elidable=True),
        migrations.RemoveField(model_name="visit", name="recipient_card"),
        migrations.RenameField(
            model_name="visit", old_name="recipient_card_sealed", new_name="recipient_card"
        ),
        migrations.AlterField(
            model_name="visit",
            name="recipient_card",
            field=models.BinaryField(default=b""),
        ),
        migrations.RemoveField(model_name="visit", name="supporter_note"),
        migrations.RenameField(
            model_name="visit", old_name="supporter_note_sealed", new_name="supporter_note"
        ),
        migrations.AlterField(
            model_name="visit",
            name="supporter_note",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="dispute", name="words"),
        migrations.RenameField(model_name="dispute", old_name="words_sealed", new_name="words"),
        migrations.AlterField(
            model_name="dispute",
            name="words",
            field=models.BinaryField(default=b""),
        ),
        migrations.RemoveField(model_name="dispute", name="office_words"),
        migrations.RenameField(
            model_name="dispute", old_name="office_words_sealed", new_name="office_words"
        ),
        migrations.AlterField(
            model_name="dispute",
            name="office_words",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="ruling", name="words"),
        migrations.RenameField(model_name="ruling", old_name="words_sealed", new_name="words"),
        migrations.AlterField(
            model_name="ruling",
            name="words",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="ruling", name="appeal_words"),
        migrations.RenameField(
            model_name="ruling", old_name="appeal_words_sealed", new_name="appeal_words"
        ),
        migrations.AlterField(
            model_name="ruling",
            name="appeal_words",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="visitlook", name="note"),
        migrations.RenameField(model_name="visitlook", old_name="note_sealed", new_name="note"),
        migrations.AlterField(
            model_name="visitlook",
            name="note",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.RemoveField(model_name="review", name="message"),
        migrations.RenameField(model_name="review", old_name="message_sealed", new_name="message"),
        migrations.AlterField(
            model_name="review",
            name="message",
            field=models.BinaryField(blank=True, default=b""),
        ),
    ]
