import django.db.models.deletion
from django.db import migrations, models

#: From three ratings on what there is was shown; it stays so.
SHOWN = """
ALTER TABLE matching_supporterrating NO FORCE ROW LEVEL SECURITY;
UPDATE matching_supporterrating SET shown_sum = rating_sum, shown_count = rating_count
    WHERE rating_count >= 3;
ALTER TABLE matching_supporterrating FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    """No single rating can be read from a card; what few are worth follows the town's own."""

    dependencies = [
        ("matching", "0009_agreements_noted"),
        ("municipalities", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="supporterrating",
            name="shown_sum",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="supporterrating",
            name="shown_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunSQL(SHOWN, migrations.RunSQL.noop),
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
    ]
