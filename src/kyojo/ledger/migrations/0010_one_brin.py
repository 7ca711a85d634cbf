"""A transfer has one index less to keep: both spans of pages in one."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ledger", "0009_quicker")]

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
    ]
