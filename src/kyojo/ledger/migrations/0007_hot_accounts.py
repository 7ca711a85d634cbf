"""Stripes for the accounts that a whole town uses."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_sound")]

    operations = [
        migrations.RunSQL(
            [((SQL / "0007_hot_accounts.sql").read_text(encoding="utf-8"), None)],
            reverse_sql=migrations.RunSQL.noop,
        )
    ]
