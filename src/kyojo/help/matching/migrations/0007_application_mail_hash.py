from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0006_proposals")]

    operations = [
        migrations.AddField(
            "application",
            "mail_hash",
            models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
    ]
