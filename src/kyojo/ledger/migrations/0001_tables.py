"""The three tables of the ledger, as Django knows them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("id", models.UUIDField()),
                ("currency", models.CharField(max_length=20)),
                ("code", models.SmallIntegerField()),
                ("vintage", models.SmallIntegerField(default=0)),
                ("flags", models.SmallIntegerField(default=0)),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ledger__gt", 0),
                            ("code__gt", 0),
                            ("vintage__gte", 0),
                            models.Q(("currency", ""), _negated=True),
                        ),
                        name="ledger_account_well_formed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("flags__gte", 0), ("flags__lt", 16)),
                        name="ledger_account_flags_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "account",
                        "stripe",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("account", models.UUIDField()),
                ("stripe", models.SmallIntegerField(default=0)),
                ("flags", models.SmallIntegerField(default=0)),
                ("debits_pending", models.BigIntegerField(default=0)),
                ("debits_posted", models.BigIntegerField(default=0)),
                ("credits_pending", models.BigIntegerField(default=0)),
                ("credits_posted", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("credits_pending__gte", 0),
                            ("credits_posted__gte", 0),
                            ("debits_pending__gte", 0),
                            ("debits_posted__gte", 0),
                        ),
                        name="ledger_balance_not_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("id", models.UUIDField()),
                ("debit", models.UUIDField()),
                ("credit", models.UUIDField()),
                ("amount", models.BigIntegerField()),
                ("kind", models.CharField(max_length=6)),
                ("code", models.SmallIntegerField()),
                ("pending_id", models.UUIDField(null=True)),
                ("timeout_at", models.DateTimeField(null=True)),
                ("reference", models.UUIDField(null=True)),
                ("correction_of", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
                ("written_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["ledger", "debit", "written_at"], name="ledger_transfer_debit"
                    ),
                    models.Index(
                        fields=["ledger", "credit", "written_at"], name="ledger_transfer_credit"
                    ),
                    models.Index(
                        condition=models.Q(("timeout_at__isnull", False)),
                        fields=["ledger", "timeout_at"],
                        name="ledger_transfer_timeout",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lte", 9007199254740992)),
                        name="ledger_transfer_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debit", models.F("credit")), _negated=True),
                        name="ledger_transfer_accounts_differ",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ("plain", "hold")), ("pending_id__isnull", True)),
                            models.Q(
                                ("kind__in", ("post", "void", "expire")),
                                ("pending_id__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ledger_transfer_kind_and_pending",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("timeout_at__isnull", True), ("kind", "hold"), _connector="OR"
                        ),
                        name="ledger_transfer_timeout_of_hold",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("pending_id__isnull", False)),
                        fields=("ledger", "pending_id"),
                        name="ledger_transfer_hold_resolved_once",
                    ),
                ],
            },
        ),
    ]
