from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_one_off_and_projects")]

    operations = [
        migrations.AddField("pairtally", "last_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "pairtally", "rating_last", models.PositiveSmallIntegerField(null=True)
        ),
    ]
