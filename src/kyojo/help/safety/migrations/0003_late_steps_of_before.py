from django.db import migrations

#: Its alarms so far were numbered by its rounds: the next is one that nobody had. What the office
#: heard of and nobody took goes on, too.
GO_ON = """
UPDATE safety_latewatch
SET step = round + 1,
    due_at = CASE
        WHEN state = 'office' AND taken_at IS NULL THEN COALESCE(due_at, now())
        ELSE due_at
    END
WHERE municipality_id = %s AND state <> 'resolved' AND step = 0
"""


def fill(apps, schema_editor) -> None:
    """Town by town: the walls bind the owner, too."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM municipalities_municipality ORDER BY id")
        towns = [code for (code,) in cursor.fetchall()]
        for code in towns:
            cursor.execute(f"SET LOCAL app.municipality = '{int(code)}'")
            cursor.execute(GO_ON, [code])
        if towns:
            cursor.execute("SET LOCAL app.municipality = ''")


class Migration(migrations.Migration):
    """Overdue visits that were open before alarms moved on are alarmed of as those after."""

    dependencies = [
        ("safety", "0002_late_steps"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
