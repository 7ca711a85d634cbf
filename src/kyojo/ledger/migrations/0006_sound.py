"""What rows of the hot tables may be is said by a function for each table."""

from pathlib import Path

from django.db import migrations, models
from django.db.models import F, Func

SQL = Path(__file__).resolve().parent.parent / "sql"


def sound(table: str, *columns: str) -> models.CheckConstraint:
    name = f"{table}_sound"
    return models.CheckConstraint(
        condition=Func(
            *(F(column) for column in columns),
            function=name,
            output_field=models.BooleanField(),
        ),
        name=name,
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_vintages_bulk")]

    operations = [
        migrations.RunSQL(
            [((SQL / "0006_sound.sql").read_text(encoding="utf-8"), None)],
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint("balance", "ledger_balance_not_negative"),
        migrations.AddConstraint(
            "balance",
            sound(
                "ledger_balance",
                "flags",
                "debits_pending",
                "debits_posted",
                "credits_pending",
                "credits_posted",
            ),
        ),
        migrations.RemoveConstraint("transfer", "ledger_transfer_amount_positive"),
        migrations.RemoveConstraint("transfer", "ledger_transfer_accounts_differ"),
        migrations.RemoveConstraint("transfer", "ledger_transfer_kind_and_pending"),
        migrations.RemoveConstraint("transfer", "ledger_transfer_timeout_of_hold"),
        migrations.AddConstraint(
            "transfer",
            sound(
                "ledger_transfer",
                "kind",
                "amount",
                "debit",
                "credit",
                "pending_id",
                "timeout_at",
                "correction_of",
            ),
        ),
    ]
