from django.db import migrations

RAISE = """
CREATE FUNCTION support_step_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A person may be erased; what was done stays.
    IF TG_OP = 'UPDATE' AND NEW.actor_uid IS NULL
        AND to_jsonb(NEW) - 'actor_uid' = to_jsonb(OLD) - 'actor_uid' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: the history of visits is append-only',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
DROP TRIGGER support_visitstep_append_only ON support_visitstep;
DROP TRIGGER support_refusedstep_append_only ON support_refusedstep;
CREATE TRIGGER support_visitstep_append_only BEFORE UPDATE OR DELETE ON support_visitstep
    FOR EACH ROW EXECUTE FUNCTION support_step_refuse_change();
CREATE TRIGGER support_refusedstep_append_only BEFORE UPDATE OR DELETE ON support_refusedstep
    FOR EACH ROW EXECUTE FUNCTION support_step_refuse_change();
"""
LOWER = """
DROP TRIGGER support_visitstep_append_only ON support_visitstep;
DROP TRIGGER support_refusedstep_append_only ON support_refusedstep;
DROP FUNCTION support_step_refuse_change();
CREATE TRIGGER support_visitstep_append_only BEFORE UPDATE OR DELETE ON support_visitstep
    FOR EACH ROW EXECUTE FUNCTION support_refuse_change();
CREATE TRIGGER support_refusedstep_append_only BEFORE UPDATE OR DELETE ON support_refusedstep
    FOR EACH ROW EXECUTE FUNCTION support_refuse_change();
"""


class Migration(migrations.Migration):
    """Of a step may be forgotten who took it, and nothing else."""

    dependencies = [
        ("support", "0006_rulings"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
