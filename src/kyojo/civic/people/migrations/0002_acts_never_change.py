from django.db import migrations

ACTS = """
CREATE FUNCTION people_act_refuse_change() RETURNS trigger
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
    -- Nobody keeps it longer than seven years.
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '7 years' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % is refused: the record of operations is append-only',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER people_act_append_only BEFORE UPDATE OR DELETE ON people_act
    FOR EACH ROW EXECUTE FUNCTION people_act_refuse_change();
"""
ACTS_FREE = """
DROP TRIGGER people_act_append_only ON people_act;
DROP FUNCTION people_act_refuse_change();
"""
CONSENTS = """
CREATE FUNCTION people_consenttext_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A login may be erased; what it wrote stays.
    IF TG_OP = 'UPDATE' AND NEW.made_by_id IS NULL
        AND to_jsonb(NEW) - 'made_by_id' = to_jsonb(OLD) - 'made_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: what people agreed to is never changed',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER people_consenttext_append_only BEFORE UPDATE OR DELETE ON people_consenttext
    FOR EACH ROW EXECUTE FUNCTION people_consenttext_refuse_change();
"""
CONSENTS_FREE = """
DROP TRIGGER people_consenttext_append_only ON people_consenttext;
DROP FUNCTION people_consenttext_refuse_change();
"""


class Migration(migrations.Migration):
    """The record of operations, and what people agreed to, can be added to and not changed, whoever
    connects. Who did it or was its subject may be erased; what is older than seven years, too."""

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(ACTS, ACTS_FREE),
        migrations.RunSQL(CONSENTS, CONSENTS_FREE),
    ]
