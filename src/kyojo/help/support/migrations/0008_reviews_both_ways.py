from django.db import migrations, models

#: What is there was read already; a supporter's line without a rating is an answer.
OPENED = """
ALTER TABLE support_review NO FORCE ROW LEVEL SECURITY;
UPDATE support_review SET kind = 'answer' WHERE writer_role = 'supporter' AND rating IS NULL;
UPDATE support_review SET revealed_at = at, reveals_at = at WHERE kind = 'review';
ALTER TABLE support_review FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("support", "0007_steps_of_nobody")]

    operations = [
        migrations.AddField(
            model_name="review",
            name="kind",
            field=models.CharField(
                choices=[("review", "評価"), ("answer", "お礼へのお返事")],
                default="review",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="review", name="reveals_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="review", name="revealed_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="review", name="hidden_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="review",
            name="hidden_reason",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.RunSQL(OPENED, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="review", name="one_review_per_side"),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                fields=("municipality", "visit_uid", "writer_role", "kind"),
                name="one_review_per_side",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("revealed_at__isnull", True), ("reveals_at__isnull", False)),
                fields=["municipality", "reveals_at"],
                name="review_to_reveal",
            ),
        ),
    ]
