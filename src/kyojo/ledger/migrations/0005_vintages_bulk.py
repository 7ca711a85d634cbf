"""Many accounts at once, what ended vintages still hold, and sums over a span of days."""

from pathlib import Path

import django.contrib.postgres.indexes
from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_functions")]

    operations = [
        migrations.RunSQL(
            [((SQL / "0005_vintages_bulk.sql").read_text(encoding="utf-8"), None)],
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            "transfer",
            django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True,
                fields=["at"],
                name="ledger_transfer_at",
                pages_per_range=32,
            ),
        ),
    ]
