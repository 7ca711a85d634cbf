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
CREATE TRIGGER support_visitstep_append_only BEFORE UPDATE OR DELETE ON support_visitstep
    FOR EACH ROW EXECUTE FUNCTION support_step_refuse_change();
CREATE TRIGGER support_refusedstep_append_only BEFORE UPDATE OR DELETE ON support_refusedstep
    FOR EACH ROW EXECUTE FUNCTION support_step_refuse_change();

CREATE FUNCTION support_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the history of visits is append-only',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER support_receipt_append_only BEFORE UPDATE OR DELETE ON support_receipt
    FOR EACH ROW EXECUTE FUNCTION support_refuse_change();

-- Only whoever names the moment up to which signals go can delete those before it.
CREATE FUNCTION support_signal_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.server_at
        <= NULLIF(current_setting('app.signals_end', true), '')::timestamptz THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % is refused: the history of visits is append-only',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER support_tagsignal_append_only BEFORE UPDATE OR DELETE ON support_tagsignal
    FOR EACH ROW EXECUTE FUNCTION support_signal_refuse_change();
"""
LOWER = """
DROP TRIGGER support_visitstep_append_only ON support_visitstep;
DROP TRIGGER support_refusedstep_append_only ON support_refusedstep;
DROP FUNCTION support_step_refuse_change();
DROP TRIGGER support_receipt_append_only ON support_receipt;
DROP FUNCTION support_refuse_change();
DROP TRIGGER support_tagsignal_append_only ON support_tagsignal;
DROP FUNCTION support_signal_refuse_change();
"""


class Migration(migrations.Migration):
    """Steps, refused steps, receipts and signals can be added, and not changed, whoever connects.
    Who took a step may be forgotten, and signals have an end."""

    dependencies = [
        ("support", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
