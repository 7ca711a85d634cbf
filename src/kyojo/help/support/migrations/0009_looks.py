import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0001_initial"),
        ("support", "0008_reviews_both_ways"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("pair", "この二人"), ("device", "このスマホ")], max_length=6
                    ),
                ),
                ("one_uid", models.UUIDField(null=True)),
                ("other_uid", models.UUIDField(null=True)),
                ("device", models.CharField(blank=True, max_length=32)),
                ("label", models.CharField(max_length=20)),
                ("visit_uid", models.UUIDField()),
                ("valid_until", models.DateField()),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("-made_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="DevicePress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("person_uid", models.UUIDField(db_index=True)),
                ("moment", models.CharField(max_length=8)),
                ("device", models.CharField(db_index=True, max_length=32)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="TownDetector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("model", models.CharField(max_length=20)),
                ("decisions", models.PositiveIntegerField()),
                ("fakes", models.PositiveIntegerField()),
                ("looked", models.PositiveIntegerField(default=0)),
                ("right", models.PositiveIntegerField(default=0)),
                ("by_lot", models.PositiveIntegerField(default=0)),
                ("by_lot_fakes", models.PositiveIntegerField(default=0)),
                ("weights", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ("-number",),
            },
        ),
        migrations.CreateModel(
            name="VisitLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("visit_uid", models.UUIDField()),
                ("opened_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("due_at", models.DateTimeField()),
                ("score", models.FloatField()),
                ("margin", models.FloatField()),
                ("model", models.CharField(max_length=20)),
                ("town_number", models.PositiveIntegerField(default=0)),
                ("reasons", models.JSONField(default=list)),
                ("signs", models.JSONField(default=dict)),
                ("by_lot", models.BooleanField(default=False)),
                ("holds_coins", models.BooleanField(default=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "まだ見ていません"),
                            ("watching", "確かめています"),
                            ("cleared", "問題なし"),
                            ("refused", "支払わない"),
                            ("closed", "ほかで決まりました"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("opened_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="VisitScore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField()),
                ("scored_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("score", models.FloatField(null=True)),
                ("threshold", models.FloatField(null=True)),
                ("model", models.CharField(max_length=20)),
                ("town_number", models.PositiveIntegerField(default=0)),
                ("accuracy_m", models.FloatField(null=True)),
                ("numbers", models.JSONField(default=dict)),
                ("prints", models.JSONField(default=list)),
            ],
            options={
                "ordering": ("scored_at", "id"),
            },
        ),
        migrations.AddField(
            model_name="clearance",
            name="made_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="clearance",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.AddField(
            model_name="devicepress",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.AddField(
            model_name="towndetector",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.AddField(
            model_name="visitlook",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="visitlook",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.AddField(
            model_name="visitscore",
            name="municipality",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.AddConstraint(
            model_name="devicepress",
            constraint=models.UniqueConstraint(
                fields=("municipality", "visit_uid", "moment", "person_uid", "device"),
                name="device_press_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="towndetector",
            constraint=models.UniqueConstraint(
                fields=("municipality", "number"), name="town_detector_number_once"
            ),
        ),
        migrations.AddIndex(
            model_name="visitlook",
            index=models.Index(fields=["municipality", "state", "opened_at"], name="look_by_state"),
        ),
        migrations.AddConstraint(
            model_name="visitlook",
            constraint=models.UniqueConstraint(
                fields=("municipality", "visit_uid"), name="visit_look_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="visitscore",
            constraint=models.UniqueConstraint(
                fields=("municipality", "visit_uid"), name="visit_score_once"
            ),
        ),
    ]
