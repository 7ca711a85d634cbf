"""The sequencer's questions keep to the newest pages, whatever the planner knows."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger_log", "0002_functions")]

    operations = [
        migrations.RunSQL(
            [((SQL / "0003_plans.sql").read_text(encoding="utf-8"), None)],
            reverse_sql=migrations.RunSQL.noop,
        )
    ]
