"""A number for each human at a desk, and people from outside who decide appeals."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kyojo.kernel.clock

TENANT = {
    "id": lambda: models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    ),
    "municipality": lambda: models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="municipalities.municipality",
    ),
}


def user(**options: object) -> models.ForeignKey:
    return models.ForeignKey(related_name="+", to=settings.AUTH_USER_MODEL, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0001_initial"),
        ("people", "0011_mail_changes"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffNumber",
            fields=[
                *((name, field()) for name, field in TENANT.items()),
                ("number", models.CharField(max_length=20)),
                ("user", user(on_delete=django.db.models.deletion.CASCADE)),
            ],
            options={
                "constraints": (
                    models.UniqueConstraint(
                        fields=("municipality", "user"), name="staff_number_of_login"
                    ),
                    models.UniqueConstraint(
                        fields=("municipality", "number"), name="staff_number_once"
                    ),
                ),
            },
        ),
        migrations.CreateModel(
            name="AppealOfficer",
            fields=[
                *((name, field()) for name, field in TENANT.items()),
                ("title", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=60)),
                ("name_kana", models.CharField(max_length=80)),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("made_by", user(null=True, on_delete=django.db.models.deletion.SET_NULL)),
                ("user", user(on_delete=django.db.models.deletion.CASCADE)),
            ],
            options={
                "ordering": ("name_kana", "id"),
                "constraints": (
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("municipality", "user"),
                        name="one_standing_appeal_officer",
                    ),
                ),
            },
        ),
    ]
