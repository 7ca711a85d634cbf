from django.db import migrations, models

#: Only whoever names the moment up to which signals go can delete those before it.
GO = """
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
DROP TRIGGER support_tagsignal_append_only ON support_tagsignal;
CREATE TRIGGER support_tagsignal_append_only BEFORE UPDATE OR DELETE ON support_tagsignal
    FOR EACH ROW EXECUTE FUNCTION support_signal_refuse_change();
"""
STAY = """
DROP TRIGGER support_tagsignal_append_only ON support_tagsignal;
CREATE TRIGGER support_tagsignal_append_only BEFORE UPDATE OR DELETE ON support_tagsignal
    FOR EACH ROW EXECUTE FUNCTION support_refuse_change();
DROP FUNCTION support_signal_refuse_change();
"""


class Migration(migrations.Migration):
    """Signals go after their time; a device's newest one is known when it comes again, and since
    when the device has spoken without a gap."""

    dependencies = [
        ("support", "0016_beacons"),
    ]

    operations = [
        migrations.AddField(
            model_name="tag",
            name="speaks_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="tag",
            name="last_nonce",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="tag",
            name="last_outcome",
            field=models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.RunSQL(GO, STAY),
    ]
