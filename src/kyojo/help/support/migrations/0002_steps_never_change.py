from django.db import migrations

RAISE = """
CREATE FUNCTION support_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the history of visits is append-only',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER support_visitstep_append_only BEFORE UPDATE OR DELETE ON support_visitstep
    FOR EACH ROW EXECUTE FUNCTION support_refuse_change();
CREATE TRIGGER support_refusedstep_append_only BEFORE UPDATE OR DELETE ON support_refusedstep
    FOR EACH ROW EXECUTE FUNCTION support_refuse_change();
CREATE TRIGGER support_receipt_append_only BEFORE UPDATE OR DELETE ON support_receipt
    FOR EACH ROW EXECUTE FUNCTION support_refuse_change();
"""
LOWER = """
DROP TRIGGER support_visitstep_append_only ON support_visitstep;
DROP TRIGGER support_refusedstep_append_only ON support_refusedstep;
DROP TRIGGER support_receipt_append_only ON support_receipt;
DROP FUNCTION support_refuse_change();
"""


class Migration(migrations.Migration):
    """Steps, refused steps and receipts can be added, and not changed, whoever connects."""

    dependencies = [
        ("support", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
