"""Stripes of hot accounts, histories of accounts, and which transaction wrote a transfer."""

from pathlib import Path

import django.contrib.postgres.indexes
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def run(name: str, **state: list[object]) -> migrations.RunSQL:
    return migrations.RunSQL(
        [((SQL / name).read_text(encoding="utf-8"), None)],
        reverse_sql=migrations.RunSQL.noop,
        **state,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_functions")]

    operations = [
        # Its default asks the server, which only SQL can say.
        run(
            "0003_written_xid.sql",
            state_operations=[
                migrations.AddField("transfer", "written_xid", models.BigIntegerField()),
                migrations.AddIndex(
                    "transfer",
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True,
                        fields=["written_xid"],
                        name="ledger_transfer_written_xid",
                        pages_per_range=16,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "transfer",
            models.Index(
                condition=models.Q(("correction_of__isnull", False)),
                fields=["ledger", "correction_of"],
                name="ledger_transfer_correction",
            ),
        ),
        migrations.AddField("account", "stripes", models.SmallIntegerField(db_default=1)),
        migrations.AddConstraint(
            "account",
            models.CheckConstraint(
                condition=models.Q(("stripes__in", (1, 2, 4, 8, 16, 32, 64))),
                name="ledger_account_stripes_known",
            ),
        ),
        migrations.CreateModel(
            name="History",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "account",
                        "transfer",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("account", models.UUIDField()),
                ("transfer", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("written_at", models.DateTimeField()),
                ("debits_pending", models.BigIntegerField()),
                ("debits_posted", models.BigIntegerField()),
                ("credits_pending", models.BigIntegerField()),
                ("credits_posted", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["ledger", "account", "at", "written_at"],
                        name="ledger_history_moment",
                    )
                ],
            },
        ),
        run("0003_history.sql"),
    ]
