from django.db import migrations, models


class Migration(migrations.Migration):
    """A role at the desk ends, and the name of who had it stays in the records."""

    dependencies = [
        ("people", "0002_acts_never_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="staffrole",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
    ]
