from django.db import migrations, models


class Migration(migrations.Migration):
    """An overdue visit goes from one on call to the next, too; an alarm that is said to be a
    mistake goes on until somebody has taken it."""

    dependencies = [
        ("safety", "0001_emergencies_worries_accidents"),
    ]

    operations = [
        migrations.AddField(
            model_name="latewatch",
            name="step",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RemoveIndex(model_name="emergency", name="emergency_due"),
        migrations.AddIndex(
            model_name="emergency",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["municipality", "due_at"],
                name="emergency_due",
            ),
        ),
        migrations.AlterField(
            model_name="emergency",
            name="state",
            field=models.CharField(
                choices=[
                    ("raised", "まだだれも受けていません"),
                    ("acknowledged", "対応しています"),
                    ("withdrawn", "まちがえて押したとの連絡"),
                    ("closed", "終わりました"),
                ],
                default="raised",
                max_length=12,
            ),
        ),
    ]
