from django.db import migrations

RAISE = """
CREATE FUNCTION programmes_clearing_line_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: a statement never changes, correct with a new movement',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER programmes_clearing_line_append_only
    BEFORE UPDATE OR DELETE ON programmes_clearingline
    FOR EACH ROW EXECUTE FUNCTION programmes_clearing_line_refuse_change();

-- What a settlement says stays, and it goes one way; who agreed may be taken back until both have.
CREATE FUNCTION programmes_clearing_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c_states CONSTANT text[] := ARRAY['proposed', 'agreed', 'settled', 'paid'];
    c_may CONSTANT text[] := ARRAY['state', 'yen_per_coin', 'agreed_at', 'agreed_by_id',
        'counterpart_agreed_at', 'settled_at', 'paid_on', 'paid_reference', 'paid_recorded_at'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - c_may = to_jsonb(OLD) - c_may
        AND array_position(c_states, NEW.state::text) >= array_position(c_states, OLD.state::text)
        AND (OLD.state = 'proposed' OR NEW.yen_per_coin = OLD.yen_per_coin) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: a settlement is never taken back',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER programmes_clearing_one_way
    BEFORE UPDATE OR DELETE ON programmes_clearingsettlement
    FOR EACH ROW EXECUTE FUNCTION programmes_clearing_refuse_change();
"""
LOWER = """
DROP TRIGGER programmes_clearing_one_way ON programmes_clearingsettlement;
DROP FUNCTION programmes_clearing_refuse_change();
DROP TRIGGER programmes_clearing_line_append_only ON programmes_clearingline;
DROP FUNCTION programmes_clearing_line_refuse_change();
"""


class Migration(migrations.Migration):
    """Statements between towns can only be added, and a settlement goes one way."""

    dependencies = [
        ("programmes", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
