import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0001_initial"),
        ("people", "0005_erasure"),
    ]

    operations = [
        migrations.AddField(
            model_name="trustcheck",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="trustcheck",
            name="issuer",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="trustcheck",
            name="shown",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="trustcheck",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="trustcheck",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="trustcheck",
            name="withdrawn_reason",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.CreateModel(
            name="CounterLook",
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
                            ("identity", "本人確認ずみ"),
                            ("background", "経歴確認ずみ"),
                            ("training", "講習"),
                            ("licence", "資格"),
                        ],
                        max_length=12,
                    ),
                ),
                ("label", models.CharField(max_length=60)),
                ("issuer", models.CharField(blank=True, max_length=60)),
                ("document", models.CharField(max_length=20)),
                ("items", models.JSONField(default=list)),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("register_hash", models.CharField(max_length=64)),
                ("looked_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("ends_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "二人目を待っています"),
                            ("confirmed", "確認しました"),
                            ("refused", "確認できませんでした"),
                            ("lapsed", "期限がすぎました"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
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
                    "looked_by",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counter_looks",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("looked_at",),
                "indexes": [
                    models.Index(
                        fields=["municipality", "state", "ends_at"],
                        name="people_coun_municip_ce1268_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("person", "kind", "label"),
                        name="counter_look_one_waits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityAsk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("state_hash", models.CharField(max_length=64, unique=True)),
                ("asked_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
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
                        related_name="identity_asks",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["municipality", "asked_at"], name="people_iden_municip_e22a4b_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityClash",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "確認しています"),
                            ("same", "同じ人の二重登録でした"),
                            ("other", "前の確認がまちがいでした"),
                            ("refused", "ほかの人のカードでした"),
                        ],
                        max_length=10,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
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
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity_clashes",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("at",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")),
                        fields=("person", "other"),
                        name="identity_clash_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
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
                        related_name="identity_marks",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "mark"), name="identity_mark_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TrustClaim",
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
                            ("identity", "本人確認ずみ"),
                            ("background", "経歴確認ずみ"),
                            ("training", "講習"),
                            ("licence", "資格"),
                        ],
                        max_length=12,
                    ),
                ),
                ("label", models.CharField(max_length=60)),
                ("issuer", models.CharField(blank=True, max_length=60)),
                ("valid_until", models.DateField(blank=True, null=True)),
                ("said_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
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
                        related_name="trust_claims",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ("said_at",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "kind", "label"), name="trust_claim_once"
                    )
                ],
            },
        ),
    ]
