import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import kyojo.kernel.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("municipalities", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClearingSettlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(editable=False)),
                ("sides", models.JSONField()),
                ("counterpart_id", models.PositiveIntegerField()),
                ("currency", models.CharField(max_length=20)),
                ("month", models.DateField()),
                ("given", models.BigIntegerField()),
                ("received", models.BigIntegerField()),
                ("debtor_id", models.PositiveIntegerField(null=True)),
                ("amount", models.BigIntegerField()),
                ("line_count", models.PositiveIntegerField()),
                ("statement_hash", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "合意待ち"),
                            ("agreed", "合意ずみ"),
                            ("settled", "精算ずみ"),
                            ("paid", "振込ずみ"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("yen_per_coin", models.DecimalField(decimal_places=2, default=0, max_digits=8)),
                ("proposed_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("agreed_at", models.DateTimeField(null=True)),
                ("agreed_by_id", models.BigIntegerField(null=True)),
                ("counterpart_agreed_at", models.DateTimeField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("paid_on", models.DateField(null=True)),
                ("paid_reference", models.CharField(blank=True, max_length=60)),
                ("paid_recorded_at", models.DateTimeField(null=True)),
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
                "ordering": ("-month", "counterpart_id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "uid"), name="clearing_uid_once"
                    ),
                    models.UniqueConstraint(
                        fields=("municipality", "counterpart_id", "currency", "month"),
                        name="clearing_month_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amount", 0),
                                ("debtor_id__isnull", True),
                                ("given", models.F("received")),
                            ),
                            models.Q(
                                (
                                    "amount",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("given"), "-", models.F("received")
                                    ),
                                ),
                                ("amount__gt", 0),
                                ("debtor_id", models.F("municipality")),
                            ),
                            models.Q(
                                (
                                    "amount",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("received"), "-", models.F("given")
                                    ),
                                ),
                                ("amount__gt", 0),
                                ("debtor_id", models.F("counterpart_id")),
                            ),
                            _connector="OR",
                        ),
                        name="clearing_debtor_owes_the_net",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "proposed"),
                            models.Q(
                                ("agreed_at__isnull", False),
                                ("counterpart_agreed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="clearing_agreed_by_both",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("settled_at__isnull", True), ("state__in", ("proposed", "agreed"))
                            ),
                            models.Q(
                                ("settled_at__isnull", False), ("state__in", ("settled", "paid"))
                            ),
                            _connector="OR",
                        ),
                        name="clearing_settled_has_its_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("paid_on__isnull", True),
                                ("paid_reference", ""),
                                models.Q(("state", "paid"), _negated=True),
                            ),
                            models.Q(
                                ("paid_on__isnull", False),
                                ("state", "paid"),
                                models.Q(("paid_reference", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="clearing_paid_is_documented",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("yen_per_coin__gte", 0)),
                        name="clearing_yen_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClearingLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("transfer", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("payer_id", models.PositiveIntegerField()),
                ("payee_id", models.PositiveIntegerField()),
                ("amount", models.BigIntegerField()),
                ("code", models.PositiveSmallIntegerField()),
                ("reference", models.UUIDField(null=True)),
                ("corrects", models.BooleanField(default=False)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "settlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="programmes.clearingsettlement",
                    ),
                ),
            ],
            options={
                "ordering": ("at", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "transfer"), name="clearing_movement_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=80)),
                ("currency", models.CharField(max_length=20)),
                ("treasury_account", models.UUIDField()),
                ("issuer_account", models.UUIDField()),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="municipalities.operator"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "code"), name="programme_code_once"
                    ),
                    models.UniqueConstraint(
                        fields=("municipality", "currency"), name="programme_currency_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Issuance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.UUIDField(unique=True)),
                ("amount", models.BigIntegerField()),
                ("reason", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "承認待ち"),
                            ("done", "発行ずみ"),
                            ("cancelled", "取り消し"),
                        ],
                        max_length=10,
                    ),
                ),
                ("created_by_id", models.BigIntegerField()),
                ("created_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                ("approved_by_id", models.BigIntegerField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="programmes.programme"
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="issuance_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("effective_from", models.DateField()),
                ("document", models.TextField()),
                ("created_at", models.DateTimeField(default=kyojo.kernel.clock.now)),
                (
                    "municipality",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "ordering": ("-effective_from", "-version"),
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "version"), name="version_once")
                ],
            },
        ),
    ]
