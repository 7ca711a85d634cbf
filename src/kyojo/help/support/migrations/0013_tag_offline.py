from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0012_places_sealed"),
    ]

    operations = [
        migrations.AddField(
            model_name="tag",
            name="offline_at",
            field=models.DateTimeField(null=True),
        ),
    ]
