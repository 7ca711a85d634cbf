"""Large calls write balances by an upsert; a transfer has one index less to keep."""

from pathlib import Path

import django.contrib.postgres.indexes
from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_clearing")]

    operations = [
        migrations.RemoveIndex("transfer", "ledger_transfer_written_xid"),
        migrations.RemoveIndex("transfer", "ledger_transfer_at"),
        migrations.AddIndex(
            "transfer",
            django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True,
                fields=["written_xid", "at"],
                name="ledger_transfer_written",
                pages_per_range=16,
            ),
        ),
        migrations.RunSQL(
            [((SQL / "0009_quicker.sql").read_text(encoding="utf-8"), None)],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
