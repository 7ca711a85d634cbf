import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemoClock",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("offset_seconds", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="DemoRole",
            fields=[
                ("key", models.SlugField(max_length=40, primary_key=True, serialize=False)),
                ("group", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("story", models.CharField(max_length=200)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("position",),
            },
        ),
    ]
