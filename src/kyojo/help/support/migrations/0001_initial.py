import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
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
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("at", models.DateTimeField()),
                ("category", models.CharField(max_length=20)),
                ("visited_on", models.DateField()),
                ("booked_minutes", models.PositiveIntegerField()),
                ("coins", models.PositiveIntegerField()),
                ("giver_municipality", models.PositiveIntegerField()),
                ("place_municipality", models.PositiveIntegerField()),
                ("taker_municipality", models.PositiveIntegerField()),
            ],
        ),
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
                "ordering": ("-made_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Dispute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("opened_by_role", models.CharField(max_length=12)),
                ("opened_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("words", models.BinaryField(default=b"")),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolution", models.CharField(blank=True, max_length=10)),
                ("paid_coins", models.PositiveIntegerField(null=True)),
                ("office_words", models.BinaryField(blank=True, default=b"")),
                ("resolved_by_id", models.BigIntegerField(null=True)),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("moment", models.CharField(max_length=8)),
                ("taken_by_uid", models.UUIDField()),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("picture_encrypted", models.BinaryField(null=True)),
                ("purge_at", models.DateTimeField()),
                ("purged_at", models.DateTimeField(null=True)),
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
            name="Portrait",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("picture_sealed", models.BinaryField()),
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
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PurgeLog",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("erased_count", models.PositiveIntegerField()),
                ("due_before", models.DateTimeField()),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RefusedStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("step", models.CharField(max_length=20)),
                ("actor_role", models.CharField(max_length=12)),
                ("actor_uid", models.UUIDField(null=True)),
                ("code", models.CharField(max_length=40)),
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
            name="Tag",
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
                            ("qr_card", "QRカード"),
                            ("nfc_card", "ICカード"),
                            ("button", "ボタン"),
                            ("reader", "受信機"),
                            ("beacon", "ビーコン"),
                        ],
                        max_length=10,
                    ),
                ),
                ("recipient_uid", models.UUIDField(db_index=True, null=True)),
                ("place_uid", models.UUIDField(db_index=True, null=True)),
                ("carrier_uid", models.UUIDField(db_index=True, null=True)),
                ("label", models.CharField(max_length=40)),
                ("code_hash", models.CharField(blank=True, max_length=64)),
                ("hardware_id", models.CharField(blank=True, max_length=64)),
                ("key_sealed", models.BinaryField(null=True)),
                ("counter", models.BigIntegerField(default=-1)),
                ("enrolled_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("battery_percent", models.PositiveSmallIntegerField(null=True)),
                ("speaks_since", models.DateTimeField(null=True)),
                ("offline_at", models.DateTimeField(null=True)),
                ("last_nonce", models.UUIDField(null=True)),
                ("last_outcome", models.CharField(blank=True, max_length=40)),
                (
                    "enrolled_by",
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
                "ordering": ("-enrolled_at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("code_hash", ""), _negated=True),
                        fields=("municipality", "code_hash"),
                        name="tag_code_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("hardware_id", ""), _negated=True), ("ended_at__isnull", True)
                        ),
                        fields=("municipality", "hardware_id"),
                        name="tag_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("carrier_uid__isnull", False),
                                ("kind", "beacon"),
                                ("place_uid__isnull", True),
                                ("recipient_uid__isnull", True),
                            ),
                            models.Q(
                                models.Q(("kind", "beacon"), _negated=True),
                                ("carrier_uid__isnull", True),
                                models.Q(
                                    ("recipient_uid__isnull", False),
                                    ("place_uid__isnull", False),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="tag_is_carried_or_somewhere",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TagSignal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nonce", models.UUIDField()),
                ("visit_uid", models.UUIDField(null=True)),
                ("counter", models.BigIntegerField(null=True)),
                ("device_at", models.DateTimeField(null=True)),
                ("server_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("outcome", models.CharField(max_length=40)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signals",
                        to="support.tag",
                    ),
                ),
            ],
            options={
                "ordering": ("server_at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "nonce"), name="tag_signal_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TagTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("outcome", models.CharField(max_length=40)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tallies",
                        to="support.tag",
                    ),
                ),
            ],
            options={
                "ordering": ("day", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "tag", "day", "outcome"),
                        name="tag_tally_once",
                        nulls_distinct=False,
                    )
                ],
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
                "ordering": ("-number",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "number"), name="town_detector_number_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Visit",
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
                ("request_uid", models.UUIDField(db_index=True)),
                ("offer_uid", models.UUIDField()),
                ("carer_uid", models.UUIDField(db_index=True)),
                ("supporter_uid", models.UUIDField(db_index=True)),
                ("recipient_uid", models.UUIDField(db_index=True, null=True)),
                ("carer_municipality_id", models.PositiveIntegerField()),
                ("place_municipality_id", models.PositiveIntegerField()),
                ("supporter_municipality_id", models.PositiveIntegerField()),
                ("carer_card", models.JSONField()),
                ("supporter_card", models.JSONField()),
                ("recipient_card", models.BinaryField(default=b"")),
                ("category", models.CharField(max_length=20)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("during", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("area_name", models.CharField(blank=True, max_length=80)),
                ("area_code", models.CharField(blank=True, max_length=40)),
                ("place_label", models.CharField(blank=True, max_length=40)),
                ("address", models.BinaryField(blank=True, default=b"")),
                ("latitude", models.BinaryField(null=True)),
                ("longitude", models.BinaryField(null=True)),
                ("memo", models.BinaryField(blank=True, default=b"")),
                ("amount_coins", models.PositiveIntegerField()),
                ("holds", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("scheduled", "予定"),
                            ("started", "支援中"),
                            ("ended", "終わりました"),
                            ("confirmed", "確認ずみ"),
                            ("settled", "精算ずみ"),
                            ("cancelled", "取り消し"),
                            ("no_show", "来られませんでした"),
                            ("disputed", "話し合い中"),
                            ("resolved", "話し合いずみ"),
                        ],
                        default="scheduled",
                        max_length=10,
                    ),
                ),
                (
                    "consent",
                    models.CharField(
                        choices=[
                            ("not_needed", "確認はいりません"),
                            ("asked", "お返事待ち"),
                            ("given", "来てよい"),
                            ("declined", "来ないでほしい"),
                        ],
                        max_length=10,
                    ),
                ),
                ("consent_basis", models.CharField(blank=True, max_length=20)),
                ("consent_at", models.DateTimeField(null=True)),
                ("photos_allowed", models.BooleanField(default=False)),
                ("spoken_code", models.CharField(blank=True, max_length=4)),
                ("code_failures", models.PositiveSmallIntegerField(default=0)),
                ("reserved_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("heading_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("confirm_until", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmed_by", models.CharField(blank=True, max_length=12)),
                ("settled_at", models.DateTimeField(null=True)),
                ("settled_coins", models.PositiveIntegerField(null=True)),
                ("decision", models.CharField(blank=True, max_length=8)),
                ("evidence_score", models.PositiveSmallIntegerField(null=True)),
                ("decision_reasons", models.JSONField(default=list)),
                ("supporter_note", models.BinaryField(blank=True, default=b"")),
                ("receipt_code", models.CharField(blank=True, max_length=20)),
                ("closed_reason", models.CharField(blank=True, max_length=40)),
                (
                    "carer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
                (
                    "recipient",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "supporter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("-starts_at",),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "starts_at"],
                        name="support_vis_municip_5d5887_idx",
                    ),
                    models.Index(
                        condition=models.Q(("receipt_code", ""), _negated=True),
                        fields=["municipality", "receipt_code"],
                        name="visit_receipt_code",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "uid"), name="visit_twin_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("cancelled", "no_show")), _negated=True),
                        fields=("municipality", "request_uid"),
                        name="one_visit_per_request",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(
                            ("supporter__isnull", False),
                            (
                                "state__in",
                                ("scheduled", "started", "ended", "confirmed", "settled"),
                            ),
                        ),
                        expressions=[
                            (
                                models.Func(
                                    models.F("supporter_id"),
                                    models.F("supporter_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            ("during", "&&"),
                        ],
                        name="no_double_booking",
                    ),
                ],
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
                ("note", models.BinaryField(blank=True, default=b"")),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
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
                "ordering": ("opened_at", "id"),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "opened_at"], name="look_by_state"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "visit_uid"), name="visit_look_once"
                    )
                ],
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
                "ordering": ("scored_at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "visit_uid"), name="visit_score_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("before", models.CharField(max_length=10)),
                ("after", models.CharField(max_length=10)),
                ("actor_role", models.CharField(max_length=12)),
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
                    models.UniqueConstraint(
                        fields=("municipality", "visit_uid", "moment", "person_uid", "device"),
                        name="device_press_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("nonce", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("position", "スマホの位置"),
                            ("spoken_code", "合言葉"),
                            ("qr_card", "お宅のQRカード"),
                            ("nfc_card", "お宅のICカード"),
                            ("button", "お宅のボタン"),
                            ("beacon", "来た人のビーコン"),
                            ("photo", "写真"),
                            ("office_word", "事務局の確認"),
                        ],
                        max_length=12,
                    ),
                ),
                ("moment", models.CharField(max_length=8)),
                ("device_at", models.DateTimeField(null=True)),
                ("server_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("in_window", models.BooleanField()),
                ("is_late", models.BooleanField(default=False)),
                ("distance_m", models.PositiveIntegerField(null=True)),
                ("accuracy_m", models.PositiveIntegerField(null=True)),
                ("position_encrypted", models.BinaryField(null=True)),
                ("purge_at", models.DateTimeField(null=True)),
                ("purged_at", models.DateTimeField(null=True)),
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
                "ordering": ("server_at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "nonce"), name="evidence_nonce_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FamilyLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("label_sealed", models.BinaryField()),
                ("token_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "carer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
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
                "ordering": ("-made_at",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "token_hash"), name="family_link_token_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FirstMeeting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("visit_uid", models.UUIDField()),
                ("carer_uid", models.UUIDField()),
                ("supporter_uid", models.UUIDField(db_index=True)),
                ("supporter_municipality_id", models.PositiveIntegerField()),
                ("recipient_uid", models.UUIDField(null=True)),
                ("at", models.DateTimeField(null=True)),
                ("minutes", models.PositiveSmallIntegerField(default=30)),
                (
                    "where",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("home", "お宅で"),
                            ("public", "公共の場所で"),
                            ("online", "電話かビデオ通話で"),
                        ],
                        max_length=8,
                    ),
                ),
                ("proposed_by", models.CharField(max_length=12)),
                ("proposed_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "お返事待ち"),
                            ("agreed", "決まりました"),
                            ("held", "会いました"),
                        ],
                        default="proposed",
                        max_length=8,
                    ),
                ),
                ("carer_said_at", models.DateTimeField(null=True)),
                ("supporter_said_at", models.DateTimeField(null=True)),
                ("held_at", models.DateTimeField(null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-proposed_at",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "carer_uid", "supporter_uid", "recipient_uid"),
                        name="first_meeting_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Gateway",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("label", models.CharField(max_length=40)),
                ("token_hash", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "token_hash"), name="gateway_token_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Gift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("visit_uid", models.UUIDField()),
                ("supporter_uid", models.UUIDField(db_index=True)),
                ("by_uid", models.UUIDField()),
                ("by_role", models.CharField(max_length=12)),
                ("words_sealed", models.BinaryField(null=True)),
                ("worth_yen", models.PositiveIntegerField()),
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
                "ordering": ("-at",),
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "visit_uid"), name="gift_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("carer_uid", models.UUIDField(db_index=True)),
                ("supporter_uid", models.UUIDField()),
                ("recipient_uid", models.UUIDField(null=True)),
                ("words_sealed", models.BinaryField(null=True)),
                ("picture_sealed", models.BinaryField(null=True)),
                ("consent", models.CharField(max_length=10)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("removed_at", models.DateTimeField(null=True)),
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
                "ordering": ("-at",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "visit_uid"), name="letter_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField()),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("writer_uid", models.UUIDField()),
                ("about_uid", models.UUIDField(db_index=True)),
                ("writer_role", models.CharField(max_length=12)),
                ("category", models.CharField(max_length=20)),
                (
                    "kind",
                    models.CharField(
                        choices=[("review", "評価"), ("answer", "お礼へのお返事")],
                        default="review",
                        max_length=6,
                    ),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (5, "とてもよかった"),
                            (4, "よかった"),
                            (3, "ふつう"),
                            (1, "困ったことがあった"),
                        ],
                        null=True,
                    ),
                ),
                ("tags", models.JSONField(default=list)),
                ("message", models.BinaryField(blank=True, default=b"")),
                ("is_public", models.BooleanField(default=False)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("reveals_at", models.DateTimeField(null=True)),
                ("revealed_at", models.DateTimeField(null=True)),
                ("hidden_at", models.DateTimeField(null=True)),
                ("hidden_reason", models.CharField(blank=True, max_length=200)),
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
                        condition=models.Q(
                            ("revealed_at__isnull", True), ("reveals_at__isnull", False)
                        ),
                        fields=["municipality", "reveals_at"],
                        name="review_to_reveal",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "visit_uid", "writer_role", "kind"),
                        name="one_review_per_side",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Ruling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visit_uid", models.UUIDField(db_index=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("made_by_role", models.CharField(max_length=12)),
                ("made_by_id", models.BigIntegerField(null=True)),
                ("is_absence", models.BooleanField(default=False)),
                ("resolution", models.CharField(max_length=10)),
                ("paid_coins", models.PositiveIntegerField()),
                ("words", models.BinaryField(blank=True, default=b"")),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("appeal_until", models.DateTimeField(null=True)),
                ("asks_carer", models.BooleanField(default=False)),
                ("asks_supporter", models.BooleanField(default=False)),
                ("carer_agreed_at", models.DateTimeField(null=True)),
                ("supporter_agreed_at", models.DateTimeField(null=True)),
                ("appealed_at", models.DateTimeField(null=True)),
                ("appealed_by_role", models.CharField(blank=True, max_length=12)),
                ("appeal_words", models.BinaryField(blank=True, default=b"")),
                ("appeal_basis", models.CharField(blank=True, max_length=20)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("agreed", "わかりました、のお返事"),
                            ("days_over", "異議のないまま、期限がすぎました"),
                            ("final", "すぐに決まりました"),
                            ("appealed", "異議の申し立てで、あらためて決めました"),
                            ("objected", "来る人から「ちがいます」のお返事"),
                        ],
                        max_length=10,
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
                "ordering": ("made_at", "id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["municipality", "appeal_until"],
                        name="ruling_open_until",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "visit_uid", "number"), name="ruling_number_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("municipality", "visit_uid"),
                        name="one_open_ruling",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SecondAdult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("visit_uid", models.UUIDField(db_index=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("carer", "たのんだ人が家にいます"),
                            ("family", "ほかの家族やおとなが家にいます"),
                            ("supporter", "もう1人のサポーターが来ます"),
                        ],
                        max_length=10,
                    ),
                ),
                ("adult_uid", models.UUIDField(null=True)),
                ("name_sealed", models.BinaryField(null=True)),
                ("by_role", models.CharField(max_length=12)),
                ("by_uid", models.UUIDField(null=True)),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("removed_at", models.DateTimeField(null=True)),
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
                "ordering": ("-at", "-id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("municipality", "visit_uid"),
                        name="second_adult_once",
                    )
                ],
            },
        ),
    ]
