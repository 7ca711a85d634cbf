"""Balance rows say their currency: one who locks them knows all that a transfer must know.

The indexes of 0010 are a transaction of their own: this one locks balances first, as transfers do.
"""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


def run(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [((SQL / name).read_text(encoding="utf-8"), None)], reverse_sql=migrations.RunSQL.noop
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0008_clearing")]

    operations = [
        migrations.AddField("balance", "currency", models.CharField(db_default="", max_length=20)),
        run("0009_currency.sql"),
        run("0009_accounts.sql"),
        run("0009_quicker.sql"),
    ]
