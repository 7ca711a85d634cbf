"""Accounts of several stripes, linked groups, corrections and histories in the functions."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def run(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [((SQL / name).read_text(encoding="utf-8"), None)], reverse_sql=migrations.RunSQL.noop
    )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_stripes_history_written_xid")]

    operations = [
        run("0004_accounts.sql"),
        run("0004_exact.sql"),
        run("0004_execute.sql"),
        run("0004_rights.sql"),
    ]
