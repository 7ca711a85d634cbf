"""The functions through which alone the log's tables are written, their triggers and rights.

As in the ledger: a file in ``sql/`` that has been released is never edited.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def run(name: str) -> migrations.RunSQL:
    # In a list with parameters None a text is run as it is: not split, no placeholders.
    return migrations.RunSQL(
        [((SQL / name).read_text(encoding="utf-8"), None)], reverse_sql=migrations.RunSQL.noop
    )


class Migration(migrations.Migration):
    dependencies = [("ledger_log", "0001_tables")]

    operations = [run("0001_tables.sql"), run("0001_functions.sql")]
