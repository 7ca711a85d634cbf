"""The tables of the logs: heads, entries, tiles, checkpoints, keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("ledger", "0003_stripes_history_written_xid")]

    operations = [
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "level",
                        "index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("level", models.SmallIntegerField()),
                ("index", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "size",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("cosigned", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("published_at__isnull", False)),
                        fields=["ledger", "-size"],
                        name="ledger_log_published",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("number", models.BigIntegerField()),
                ("transfer", models.UUIDField()),
                ("leaf", models.TextField()),
            ],
            options={
                "verbose_name_plural": "entries",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ledger", "transfer"), name="ledger_log_entry_transfer_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 0)),
                        name="ledger_log_entry_number_from_zero",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("ledger", models.IntegerField(primary_key=True, serialize=False)),
                ("origin", models.TextField()),
                ("key", models.TextField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("horizon", models.BigIntegerField()),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("horizon__gte", 0), ("ledger__gt", 0), ("size__gte", 0)
                        ),
                        name="ledger_log_head_well_formed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Key",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger",
                        "account",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ledger", models.IntegerField()),
                ("account", models.UUIDField()),
                ("key", models.BinaryField(null=True)),
                ("made_at", models.DateTimeField()),
                ("forgotten_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("forgotten_at__isnull", False), ("key__isnull", True)),
                            models.Q(("forgotten_at__isnull", True), ("key__isnull", False)),
                            _connector="OR",
                        ),
                        name="ledger_log_key_or_forgotten",
                    )
                ],
            },
        ),
    ]
