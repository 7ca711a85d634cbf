from django.db import migrations

RAISE = """
CREATE FUNCTION people_act_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A login may be erased; what it did stays.
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
        AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: the record of operations is append-only',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER people_act_append_only BEFORE UPDATE OR DELETE ON people_act
    FOR EACH ROW EXECUTE FUNCTION people_act_refuse_change();
"""
LOWER = """
DROP TRIGGER people_act_append_only ON people_act;
DROP FUNCTION people_act_refuse_change();
"""


class Migration(migrations.Migration):
    """The record of operations can be added to, and not changed, whoever connects."""

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
