from django.db import migrations

RAISE = """
CREATE TRIGGER people_agreement_note_change AFTER INSERT OR UPDATE OR DELETE ON people_agreement
    FOR EACH ROW EXECUTE FUNCTION matching_note_person_id();
"""
LOWER = "DROP TRIGGER people_agreement_note_change ON people_agreement;"


class Migration(migrations.Migration):
    """Who under 18 has an adult's yes, or has it no longer, is known to every process by its next
    look."""

    dependencies = [
        ("matching", "0008_suspensions_noted"),
        ("people", "0007_security_and_minors"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
