import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        ("people", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("report", "通報"),
                            ("worry", "気になること"),
                            ("suspension", "利用の一時停止"),
                            ("appeal", "停止への異議"),
                            ("identity", "本人確認の食いちがい"),
                            ("other", "そのほか"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        choices=[("urgent", "急ぎ"), ("soon", "早め"), ("usual", "ふつう")],
                        max_length=8,
                    ),
                ),
                ("subject_kind", models.CharField(max_length=20)),
                ("subject_uid", models.UUIDField(null=True)),
                ("about", models.JSONField(default=list)),
                ("opened_by_uid", models.UUIDField(null=True)),
                ("opened_in", models.PositiveIntegerField()),
                ("reasons", models.JSONField(default=list)),
                ("words_sealed", models.BinaryField(default=bytes)),
                ("opened_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "対応中"),
                            ("waiting", "返事待ち"),
                            ("closed", "終わりました"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("talked", "話をした"),
                            ("changed", "対応を変えた"),
                            ("suspended", "利用を止めた"),
                            ("passed", "ほかの機関につないだ"),
                            ("nothing", "問題は見つからなかった"),
                        ],
                        max_length=10,
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("due_at", "id"),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "due_at"],
                        name="community_c_municip_7a950f_idx",
                    ),
                    models.Index(
                        fields=["municipality", "opened_by_uid"],
                        name="community_c_municip_d3bf83_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="case_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("state", "closed")),
                            models.Q(
                                models.Q(("state", "closed"), _negated=True),
                                ("closed_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="case_closed_has_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseCounter",
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
                    models.UniqueConstraint(fields=("municipality",), name="case_counter_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("note", "メモ"), ("step", "したこと"), ("state", "進みぐあい")],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=20)),
                ("words_sealed", models.BinaryField(default=bytes)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="community.case",
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
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="case_note_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False, unique=True)),
                ("name", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("neighbours", "ご近所"),
                            ("carers", "ケアする人の集まり"),
                            ("supporters", "手伝う人の集まり"),
                            ("other", "そのほか"),
                        ],
                        max_length=10,
                    ),
                ),
                ("about", models.CharField(max_length=300)),
                ("is_open", models.BooleanField()),
                ("created_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="municipalities.area",
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
                "ordering": ("name", "id"),
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_leader", models.BooleanField(default=False)),
                ("invited_at", models.DateTimeField(null=True)),
                ("joined_at", models.DateTimeField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="community.group",
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="group_members",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("-is_leader", "joined_at", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("group", "person"), name="group_member_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("joined_at__isnull", False), ("is_leader", False), _connector="OR"
                        ),
                        name="group_leader_has_joined",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("sealed", models.BinaryField()),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="community.group",
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
                "ordering": ("-at", "-id"),
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="group_post_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("sides", models.JSONField()),
                ("thread_uid", models.UUIDField()),
                ("author_uid", models.UUIDField(null=True)),
                ("author_role", models.CharField(max_length=12)),
                ("author_municipality_id", models.PositiveIntegerField()),
                ("basis", models.CharField(blank=True, max_length=20)),
                ("sealed", models.BinaryField()),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
                "indexes": [
                    models.Index(
                        fields=["municipality", "thread_uid", "at"],
                        name="community_m_municip_dbba5c_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="message_twin_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Thread",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("sides", models.JSONField()),
                ("about_uid", models.UUIDField()),
                ("people", models.JSONField()),
                ("opened_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("purge_at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(
                        fields=["municipality", "purge_at"], name="community_t_municip_089ddd_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="thread_twin_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ThreadRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("thread_uid", models.UUIDField()),
                ("person_uid", models.UUIDField()),
                ("read_at", models.DateTimeField()),
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
                        fields=("municipality", "thread_uid", "person_uid"), name="thread_read_once"
                    )
                ],
            },
        ),
    ]
