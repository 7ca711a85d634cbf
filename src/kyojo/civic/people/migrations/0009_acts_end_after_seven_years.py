from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION people_act_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A login may be erased; what it did stays.
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL
        AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    -- A person may be erased: what was done to them stays, under the id they are erased as.
    IF TG_OP = 'UPDATE' AND OLD.subject_kind = 'person' AND NEW.note IN (OLD.note, '')
        AND to_jsonb(NEW) - 'subject_id' - 'note' = to_jsonb(OLD) - 'subject_id' - 'note'
        AND EXISTS (
            SELECT FROM public.people_person p
            WHERE p.municipality_id = OLD.municipality_id AND p.uid::text = OLD.subject_id
              AND p.erased_as::text = NEW.subject_id
        ) THEN
        RETURN NEW;
    END IF;
    {delete}
    RAISE EXCEPTION '% on % is refused: the record of operations is append-only',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""
OVER = """-- Nobody keeps it longer than seven years.
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '7 years' THEN
        RETURN OLD;
    END IF;"""


class Migration(migrations.Migration):
    """What is older than seven years may be erased from the record of operations."""

    dependencies = [
        ("people", "0008_addresses_sealed"),
    ]

    operations = [
        migrations.RunSQL(FUNCTION.format(delete=OVER), FUNCTION.format(delete="")),
    ]
