import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

TAG_KINDS = [
    ("qr_card", "QRカード"),
    ("nfc_card", "ICカード"),
    ("button", "ボタン"),
    ("reader", "受信機"),
    ("beacon", "ビーコン"),
]
EVIDENCE_KINDS = [
    ("position", "スマホの位置"),
    ("spoken_code", "合言葉"),
    ("qr_card", "お宅のQRカード"),
    ("nfc_card", "お宅のICカード"),
    ("button", "お宅のボタン"),
    ("beacon", "来た人のビーコン"),
    ("photo", "写真"),
    ("office_word", "事務局の確認"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0001_initial"),
        ("support", "0015_words_sealed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="kind",
            field=models.CharField(choices=EVIDENCE_KINDS, max_length=12),
        ),
        migrations.AlterField(
            model_name="tag",
            name="kind",
            field=models.CharField(choices=TAG_KINDS, max_length=10),
        ),
        migrations.AddField(
            model_name="tag",
            name="carrier_uid",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.RemoveConstraint(model_name="tag", name="tag_hardware_once"),
        migrations.RemoveConstraint(model_name="tag", name="tag_is_somewhere"),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                condition=~Q(hardware_id="") & Q(ended_at__isnull=True),
                fields=("municipality", "hardware_id"),
                name="tag_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=Q(
                    kind="beacon",
                    carrier_uid__isnull=False,
                    recipient_uid__isnull=True,
                    place_uid__isnull=True,
                )
                | (
                    ~Q(kind="beacon")
                    & Q(carrier_uid__isnull=True)
                    & (Q(recipient_uid__isnull=False) | Q(place_uid__isnull=False))
                ),
                name="tag_is_carried_or_somewhere",
            ),
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
            options={"ordering": ("day", "id")},
        ),
        migrations.AddConstraint(
            model_name="tagtally",
            constraint=models.UniqueConstraint(
                fields=("municipality", "tag", "day", "outcome"),
                name="tag_tally_once",
                nulls_distinct=False,
            ),
        ),
    ]
