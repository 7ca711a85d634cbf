import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Accident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("number", models.CharField(max_length=12)),
                ("visit_uid", models.UUIDField(db_index=True, null=True)),
                ("by_uid", models.UUIDField(null=True)),
                ("by_municipality_id", models.PositiveIntegerField()),
                ("by_role", models.CharField(max_length=12)),
                ("started_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("happened_at", models.DateTimeField(null=True)),
                ("due_on", models.DateField(null=True)),
                ("content_sealed", models.BinaryField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "書いているところ"),
                            ("reported", "事務局に届きました"),
                            ("sent", "保険会社に送りました"),
                            ("settled", "終わりました"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("reported_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("insurer_number", models.CharField(blank=True, max_length=40)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_note_sealed", models.BinaryField(null=True)),
                (
                    "by_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ("-started_at",),
            },
        ),
        migrations.CreateModel(
            name="Emergency",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("by_uid", models.UUIDField(null=True)),
                ("by_role", models.CharField(max_length=12)),
                ("by_municipality_id", models.PositiveIntegerField()),
                ("raised_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("raised", "まだだれも受けていません"),
                            ("acknowledged", "対応しています"),
                            ("withdrawn", "まちがえて押したとの連絡"),
                            ("closed", "終わりました"),
                        ],
                        default="raised",
                        max_length=12,
                    ),
                ),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("position_sealed", models.BinaryField(null=True)),
                ("position_at", models.DateTimeField(null=True)),
                ("purge_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=12)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ("-raised_at",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["municipality", "due_at"],
                        name="emergency_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("raised", "acknowledged"))),
                        fields=("municipality", "visit_uid", "by_uid"),
                        name="one_open_emergency_each",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EmergencyNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("raised", "助けを求めました"),
                            ("again", "もう一度押されました"),
                            ("alarmed", "知らせました"),
                            ("position", "電話の位置が届きました"),
                            ("acknowledged", "受けました"),
                            ("note", "メモ"),
                            ("withdrawn", "まちがいだったとの連絡"),
                            ("closed", "終えました"),
                        ],
                        max_length=12,
                    ),
                ),
                ("by_role", models.CharField(max_length=12)),
                ("count", models.PositiveSmallIntegerField(null=True)),
                ("words_sealed", models.BinaryField(null=True)),
                (
                    "by_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "emergency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="safety.emergency",
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
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="LateWatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("end", "終わりの連絡がない"),
                            ("arrival", "向かったまま着いていない"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "来る人に聞いています"),
                            ("fine", "だいじょうぶとのお返事"),
                            ("office", "事務局が確かめます"),
                            ("resolved", "終わりました"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(default=1)),
                ("overdue_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("office_at", models.DateTimeField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_how", models.CharField(blank=True, max_length=8)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("overdue_at", "id"),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "due_at"],
                        name="safety_late_municip_78f98a_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "visit_uid", "kind"), name="late_watch_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OnCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("place", models.PositiveSmallIntegerField()),
                ("phone", models.CharField(max_length=20)),
                ("days", models.JSONField()),
                ("start", models.TimeField()),
                ("end", models.TimeField()),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("place", "id"),
            },
        ),
        migrations.CreateModel(
            name="RosterCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("kind", models.CharField(max_length=8)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("form", models.CharField(max_length=4)),
                ("rows_count", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("rows_sealed", models.BinaryField()),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="SupportCentre",
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
                        choices=[
                            ("elder", "高齢者（地域包括支援センター）"),
                            ("child", "子ども（こども家庭センター）"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("area_codes", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
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
                "ordering": ("kind", "name"),
            },
        ),
        migrations.CreateModel(
            name="CentreMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "centre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="safety.supportcentre",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("centre", "user"), name="centre_member_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Worry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("number", models.CharField(max_length=12)),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("about_uid", models.UUIDField(null=True)),
                ("reporter_uid", models.UUIDField(null=True)),
                ("reporter_municipality_id", models.PositiveIntegerField()),
                ("area_code", models.CharField(blank=True, max_length=40)),
                ("area_name", models.CharField(blank=True, max_length=80)),
                ("urgency", models.CharField(max_length=8)),
                ("ground", models.CharField(max_length=8)),
                ("content_sealed", models.BinaryField(null=True)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "届きました"),
                            ("acknowledged", "確かめています"),
                            ("answered", "お返事しました"),
                            ("closed", "終わりました"),
                        ],
                        default="sent",
                        max_length=12,
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("answer_sealed", models.BinaryField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("closing_sealed", models.BinaryField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("case_uid", models.UUIDField(null=True)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "centre",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="safety.supportcentre",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "ordering": ("-at",),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "due_at"],
                        name="safety_worr_municip_248d45_idx",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("emergency", "助けを求める知らせ"),
                            ("late", "終わりの連絡がない支援"),
                            ("worry", "気になること"),
                        ],
                        max_length=10,
                    ),
                ),
                ("subject_uid", models.UUIDField()),
                ("step", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "kind", "subject_uid", "step", "user"),
                        name="alert_once_per_step",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=1)),
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
                    models.UniqueConstraint(
                        fields=("municipality", "kind"), name="safety_counter_once"
                    )
                ],
            },
        ),
    ]
