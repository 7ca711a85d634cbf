"""The short ways: what a transfer needs to know stands in the rows that it locks anyway.

The functions that open accounts write the currency beside each balance. A database that had them
before gets them again; a new one has them from 0004 and 0005, before anybody opens an account.
"""

from pathlib import Path

import django.contrib.postgres.indexes
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def run(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [((SQL / name).read_text(encoding="utf-8"), None)], reverse_sql=migrations.RunSQL.noop
    )


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
        migrations.AddField("balance", "currency", models.CharField(db_default="", max_length=20)),
        run("0009_currency.sql"),
        run("0004_accounts.sql"),
        run("0005_vintages_bulk.sql"),
        run("0009_quicker.sql"),
    ]
