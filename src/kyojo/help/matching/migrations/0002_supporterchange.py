from django.db import migrations

#: The column that names the supporter → tables.
TABLES = {
    "id": ("people_person",),
    "person_id": (
        "people_skill",
        "people_weeklytime",
        "people_timeexception",
        "people_trustcheck",
        "people_block",
        "people_suspension",
        "people_agreement",
        "matching_supportertally",
        "matching_supporterrating",
        "matching_projectmember",
    ),
    "supporter_id": ("matching_offer",),
}
FUNCTION = """
CREATE FUNCTION matching_note_{column}() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    changed record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    IF changed.{column} IS NOT NULL THEN
        INSERT INTO matching_supporterchange (municipality_id, person_id, transaction, at)
        VALUES (changed.municipality_id, changed.{column},
            pg_current_xact_id()::text::bigint, clock_timestamp());
    END IF;
    RETURN NULL;
END
$$;
"""
TRIGGER = """
CREATE TRIGGER {table}_note_change AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION matching_note_{column}();
"""
RAISE = "".join(
    FUNCTION.format(column=column)
    + "".join(TRIGGER.format(table=table, column=column) for table in tables)
    for column, tables in TABLES.items()
)
LOWER = "".join(
    "".join(f"DROP TRIGGER {table}_note_change ON {table};\n" for table in tables)
    + f"DROP FUNCTION matching_note_{column}();\n"
    for column, tables in TABLES.items()
)


class Migration(migrations.Migration):
    """What changes about a supporter is noted, so that every process can take it in."""

    dependencies = [
        ("matching", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
