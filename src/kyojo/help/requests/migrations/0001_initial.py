import django.db.models.deletion
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("request_uid", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("before", models.CharField(max_length=10)),
                ("after", models.CharField(max_length=10)),
                ("actor_uid", models.UUIDField(null=True)),
                ("reason", models.CharField(blank=True, max_length=40)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Bundle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("title", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("opened_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "carer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundles",
                        to="people.person",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="bundle_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="HelpRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("sides", models.JSONField()),
                ("number", models.CharField(max_length=12)),
                ("carer_uid", models.UUIDField()),
                ("carer_municipality_id", models.PositiveIntegerField()),
                ("place_municipality_id", models.PositiveIntegerField()),
                ("programme_code", models.CharField(max_length=40)),
                ("category", models.CharField(max_length=20)),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("price_coins", models.PositiveIntegerField(null=True)),
                ("place_uid", models.UUIDField(null=True)),
                ("place_kind", models.CharField(blank=True, max_length=12)),
                ("place_label", models.CharField(blank=True, max_length=40)),
                ("area_name", models.CharField(blank=True, max_length=80)),
                ("address", models.BinaryField(blank=True, default=b"")),
                ("latitude", models.BinaryField(null=True)),
                ("longitude", models.BinaryField(null=True)),
                ("recipient_uid", models.UUIDField(null=True)),
                ("recipient_name", models.BinaryField(blank=True, default=b"")),
                ("recipient_birth_date", models.BinaryField(null=True)),
                ("recipient_relation", models.CharField(blank=True, max_length=20)),
                ("visitor_note", models.BinaryField(blank=True, default=b"")),
                ("memo", models.BinaryField(blank=True, default=b"")),
                ("gender_wish", models.CharField(blank=True, max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "下書き"),
                            ("open", "さがしています"),
                            ("matched", "来る人が決まりました"),
                            ("done", "終わりました"),
                            ("cancelled", "取り消しました"),
                            ("unfilled", "決まりませんでした"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        blank=True,
                        choices=[("pick", "自分で選ぶ"), ("broadcast", "まとめて声をかける")],
                        max_length=10,
                    ),
                ),
                (
                    "decide",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("self", "OKした人の中から、自分で選ぶ"),
                            ("first", "最初にOKした人に決める"),
                        ],
                        max_length=6,
                    ),
                ),
                ("wait_until", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("coordinator_name", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("opened_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("series_uid", models.UUIDField(null=True)),
                ("bundle_uid", models.UUIDField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="municipalities.area",
                    ),
                ),
                (
                    "carer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="people.person",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "starts_at"],
                        name="requests_he_municip_8491e6_idx",
                    ),
                    models.Index(
                        condition=models.Q(("series_uid__isnull", False)),
                        fields=["municipality", "series_uid"],
                        name="request_of_series",
                    ),
                    models.Index(
                        condition=models.Q(("bundle_uid__isnull", False)),
                        fields=["municipality", "bundle_uid"],
                        name="request_of_bundle",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="request_twin_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("starts_at__isnull", True),
                            ("starts_at__lt", models.F("ends_at")),
                            _connector="OR",
                        ),
                        name="request_start_first",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RequestCounter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last", models.PositiveIntegerField(default=1000)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("municipality",), name="request_counter_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("category", models.CharField(max_length=20)),
                ("place_uid", models.UUIDField()),
                ("place_label", models.CharField(blank=True, max_length=40)),
                ("memo", models.BinaryField(blank=True, default=b"")),
                ("gender_wish", models.CharField(blank=True, max_length=8)),
                ("rule", models.CharField(max_length=120)),
                ("starts_on", models.DateField()),
                ("from_time", models.TimeField()),
                ("minutes", models.PositiveSmallIntegerField()),
                ("skipped", models.JSONField(default=list)),
                ("away", models.JSONField(default=list)),
                ("revision", models.PositiveSmallIntegerField(default=0)),
                ("supporter_uid", models.UUIDField(null=True)),
                ("supporter_municipality_id", models.PositiveIntegerField(null=True)),
                ("supporter_name", models.CharField(blank=True, max_length=40)),
                (
                    "decide",
                    models.CharField(
                        choices=[
                            ("self", "OKした人の中から、自分で選ぶ"),
                            ("first", "最初にOKした人に決める"),
                        ],
                        default="first",
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "つづいています"), ("ended", "終わりました")],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "carer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="series",
                        to="people.person",
                    ),
                ),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "ordering": ("created_at", "id"),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state"], name="requests_se_municip_6dac14_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="series_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("supporter_municipality_id__isnull", True),
                                ("supporter_uid__isnull", True),
                            ),
                            models.Q(
                                ("supporter_municipality_id__isnull", False),
                                ("supporter_uid__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="series_supporter_has_a_town",
                    ),
                ],
            },
        ),
    ]
