import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
        ("organisations", "0001_initial"),
        ("people", "0001_initial"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Standing",
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
                        choices=[("badge", "バッジ"), ("certificate", "証明書")], max_length=11
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=20)),
                ("town", models.PositiveIntegerField()),
                ("list_number", models.PositiveSmallIntegerField()),
                ("list_index", models.PositiveIntegerField()),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("recounted", "数えなおした結果、あてはまらなくなりました"),
                            ("office", "事務局が取り消しました"),
                            ("renewed", "新しいものを出しました"),
                            ("erased", "ご本人の記録とともに消されました"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("town", "list_number", "list_index"), name="standing_bit_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("code", ""), _negated=True),
                        fields=("code",),
                        name="standing_code_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Badge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("achievement", models.CharField(max_length=40)),
                ("label", models.CharField(blank=True, max_length=60)),
                ("awarded_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("subject_uid", models.UUIDField()),
                ("salt", models.CharField(max_length=32)),
                ("has_identity", models.BooleanField(default=False)),
                ("is_public", models.BooleanField(default=False)),
                ("is_on_card", models.BooleanField(default=False)),
                ("token", models.TextField(blank=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_words", models.CharField(blank=True, max_length=200)),
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
                        related_name="badges",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("-awarded_at", "-id"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("token", "")),
                        fields=["municipality"],
                        name="badge_to_sign",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("person", "achievement"),
                        name="badge_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("code", models.CharField(max_length=20)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("student", "ボランティア活動証明書"),
                            ("company", "従業員の参加の証明書"),
                        ],
                        max_length=7,
                    ),
                ),
                ("name_sealed", models.BinaryField()),
                ("since", models.DateField()),
                ("until", models.DateField()),
                ("figures", models.JSONField()),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("subject_uid", models.UUIDField()),
                ("token", models.TextField(blank=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_words", models.CharField(blank=True, max_length=200)),
                (
                    "company",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.company",
                    ),
                ),
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
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="certificates",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("-made_at", "-id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("company__isnull", True),
                                ("kind", "student"),
                                ("person__isnull", False),
                            ),
                            models.Q(
                                ("company__isnull", False),
                                ("kind", "company"),
                                ("person__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="certificate_is_of_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IssuerKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kid", models.CharField(max_length=20)),
                ("public", models.JSONField()),
                ("private_sealed", models.BinaryField()),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("retired_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
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
                "ordering": ("-made_at", "-id"),
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "kid"), name="issuer_key_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at__isnull", True)),
                        fields=("municipality",),
                        name="one_issuer_key_signs",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("token", models.TextField()),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("valid_until", models.DateTimeField()),
                ("is_stale", models.BooleanField(default=False)),
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
                        fields=("municipality", "number"), name="status_list_once"
                    )
                ],
            },
        ),
    ]
