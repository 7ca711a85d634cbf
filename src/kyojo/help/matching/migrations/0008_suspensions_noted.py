from django.db import migrations

RAISE = """
CREATE TRIGGER people_suspension_note_change AFTER INSERT OR UPDATE OR DELETE ON people_suspension
    FOR EACH ROW EXECUTE FUNCTION matching_note_person_id();
"""
LOWER = "DROP TRIGGER people_suspension_note_change ON people_suspension;"


class Migration(migrations.Migration):
    """Who is suspended, or is so no longer, is known to every process by its next look."""

    dependencies = [
        ("matching", "0007_application_mail_hash"),
        ("people", "0004_suspensions"),
    ]

    operations = [
        migrations.RunSQL(RAISE, LOWER),
    ]
