import django.db.models.deletion
from django.db import migrations, models

import kyojo.kernel.clock
import kyojo.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(default=kyojo.kernel.ids.new_id, editable=False, unique=True),
                ),
                ("request_uid", models.UUIDField()),
                ("carer_municipality_id", models.PositiveIntegerField()),
                ("category", models.CharField(max_length=20)),
                ("area_name", models.CharField(blank=True, max_length=80)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("price_coins", models.PositiveIntegerField()),
                ("opened_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("closed_at", models.DateTimeField(null=True)),
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
                "ordering": ("starts_at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "request_uid"), name="posting_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False, unique=True)),
                ("code_hash", models.CharField(max_length=64)),
                ("contact_hash", models.CharField(max_length=64)),
                ("mail_hash", models.CharField(blank=True, max_length=64)),
                ("sealed", models.BinaryField(default=bytes)),
                ("consent_version", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "お電話を待っています"),
                            ("called", "お電話ずみ"),
                            ("decided", "決まりました"),
                            ("refused", "お断りしました"),
                            ("closed", "ほかの人に決まりました"),
                            ("withdrawn", "取り下げ"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("applied_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("called_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=300)),
                ("person_uid", models.UUIDField(null=True)),
                ("visit_uid", models.UUIDField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "posting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="applications",
                        to="matching.posting",
                    ),
                ),
            ],
            options={
                "ordering": ("applied_at", "id"),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "applied_at"],
                        name="matching_ap_municip_94b8ea_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "code_hash"), name="application_code_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Project",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False, unique=True)),
                ("title", models.CharField(max_length=60)),
                ("purpose", models.TextField()),
                ("skills", models.JSONField()),
                ("times", models.JSONField()),
                ("meetings", models.PositiveSmallIntegerField()),
                ("starts_on", models.DateField()),
                ("weeks", models.PositiveSmallIntegerField()),
                ("smallest", models.PositiveSmallIntegerField()),
                ("largest", models.PositiveSmallIntegerField()),
                ("area_name", models.CharField(blank=True, max_length=80)),
                ("latitude", models.FloatField()),
                ("longitude", models.FloatField()),
                ("answer_until", models.DateTimeField(null=True)),
                ("contact_name", models.CharField(max_length=60)),
                ("contact_title", models.CharField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "準備中"),
                            ("asking", "返事待ち"),
                            ("settled", "決まりました"),
                            ("done", "終わりました"),
                            ("cancelled", "取りやめました"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("closed_at", models.DateTimeField(null=True)),
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("largest__lte", 5),
                            ("smallest__gte", 3),
                            ("smallest__lte", models.F("largest")),
                        ),
                        name="project_three_to_five",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProjectMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(default=kyojo.kernel.ids.new_id, editable=False, unique=True),
                ),
                ("skills", models.JSONField()),
                ("metres", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "まだ声をかけていません"),
                            ("asked", "返事待ち"),
                            ("yes", "参加する"),
                            ("no", "今回は無理"),
                            ("lapsed", "返事がありませんでした"),
                            ("out", "外れました"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
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
                        related_name="projects",
                        to="people.person",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="matching.project",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
                "indexes": [
                    models.Index(
                        fields=["municipality", "person", "state"],
                        name="matching_pr_municip_951cb2_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project", "person"), name="project_member_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("request_uid", models.UUIDField()),
                ("supporter_uid", models.UUIDField()),
                ("supporter_municipality_id", models.PositiveIntegerField()),
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
                        fields=("municipality", "request_uid"), name="proposal_request_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RatingPrior",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("mean", models.FloatField()),
                ("weight", models.FloatField()),
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
                        fields=("municipality", "day"), name="rating_prior_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Search",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("request_uid", models.UUIDField()),
                ("order_id", models.UUIDField()),
                ("started_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("deadline", models.DateTimeField()),
                ("waves", models.PositiveSmallIntegerField(default=0)),
                ("next_look_at", models.DateTimeField(null=True)),
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
                        fields=["municipality", "next_look_at"],
                        name="matching_se_municip_31e292_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "request_uid"), name="search_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SupporterBadges",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shown", models.JSONField(default=list)),
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="badges_shown",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SupporterChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("transaction", models.BigIntegerField()),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
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
                        fields=["municipality", "transaction"],
                        name="matching_su_municip_2213e2_idx",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SupporterRating",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rating_sum", models.PositiveIntegerField(default=0)),
                ("rating_count", models.PositiveIntegerField(default=0)),
                ("shown_sum", models.PositiveIntegerField(default=0)),
                ("shown_count", models.PositiveIntegerField(default=0)),
                ("tags", models.JSONField(default=dict)),
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rating",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SupporterTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("category", models.CharField(max_length=20)),
                ("visits_count", models.PositiveIntegerField(default=0)),
                ("minutes", models.PositiveIntegerField(default=0)),
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
                        related_name="tallies",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "category"), name="supporter_tally_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TownPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("planned_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("requests", models.PositiveIntegerField(default=0)),
                ("filled", models.PositiveIntegerField(default=0)),
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
                    models.UniqueConstraint(fields=("municipality",), name="town_plan_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AcceptanceFit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=40)),
                ("model", models.JSONField()),
                ("rows", models.PositiveIntegerField()),
                ("fitted_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
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
                "ordering": ("-fitted_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "version"), name="fit_version_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Ask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("offer_uid", models.UUIDField()),
                ("request_uid", models.UUIDField()),
                ("supporter_uid", models.UUIDField()),
                ("wave", models.PositiveSmallIntegerField()),
                ("asked_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("facts", models.JSONField()),
                ("belief", models.FloatField()),
                ("chance", models.FloatField()),
                ("answers", models.FloatField()),
                ("propensity", models.FloatField()),
                ("model_version", models.CharField(max_length=40)),
                ("answer", models.CharField(blank=True, max_length=3)),
                ("answered_at", models.DateTimeField(null=True)),
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
                        fields=["municipality", "request_uid"],
                        name="matching_as_municip_4e5954_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "offer_uid"), name="ask_offer_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("sides", models.JSONField()),
                ("request_uid", models.UUIDField(db_index=True)),
                ("supporter_uid", models.UUIDField(db_index=True)),
                ("supporter_municipality_id", models.PositiveIntegerField()),
                ("carer_municipality_id", models.PositiveIntegerField()),
                ("is_direct", models.BooleanField()),
                ("category", models.CharField(max_length=20)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("area_name", models.CharField(blank=True, max_length=80)),
                ("price_coins", models.PositiveIntegerField()),
                ("distance_m", models.PositiveIntegerField()),
                ("card", models.JSONField()),
                ("rank", models.PositiveSmallIntegerField(default=0)),
                ("score", models.FloatField(default=0.0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("notified", "返事待ち"),
                            ("accepted", "OKの返事"),
                            ("chosen", "決まりました"),
                            ("declined", "今回は無理"),
                            ("lapsed", "返事がありませんでした"),
                            ("withdrawn", "取り下げました"),
                        ],
                        default="notified",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("holds", models.JSONField(default=list)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "supporter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("rank", "asked_at"),
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="offer_twin_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("notified", "accepted", "chosen"))),
                        fields=("municipality", "request_uid", "supporter_uid"),
                        name="one_standing_offer_per_supporter",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PairTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("supporter_uid", models.UUIDField()),
                ("carer_uid", models.UUIDField()),
                ("recipient_uid", models.UUIDField(null=True)),
                ("category", models.CharField(max_length=20)),
                ("visits_count", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField(null=True)),
                ("rating_last", models.PositiveSmallIntegerField(null=True)),
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
                        fields=(
                            "municipality",
                            "carer_uid",
                            "supporter_uid",
                            "recipient_uid",
                            "category",
                        ),
                        name="pair_tally_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
