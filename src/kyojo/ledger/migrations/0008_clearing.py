"""Whom a clearing account is with, so that the check compares two sides without guessing."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_hot_accounts")]

    operations = [
        migrations.CreateModel(
            name="Clearing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "account",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("account", models.UUIDField()),
                ("counterpart", models.IntegerField()),
            ],
        ),
        migrations.RunSQL(
            [((SQL / "0008_clearing.sql").read_text(encoding="utf-8"), None)],
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
