import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import kyojo.kernel.clock

RAISE = """
CREATE FUNCTION programmes_clearing_line_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: a statement never changes, correct with a new movement',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER programmes_clearing_line_append_only
    BEFORE UPDATE OR DELETE ON programmes_clearingline
    FOR EACH ROW EXECUTE FUNCTION programmes_clearing_line_refuse_change();

-- What a settlement says stays, and it goes one way; who agreed may be taken back until both have.
CREATE FUNCTION programmes_clearing_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c_states CONSTANT text[] := ARRAY['proposed', 'agreed', 'settled', 'paid'];
    c_may CONSTANT text[] := ARRAY['state', 'yen_per_coin', 'agreed_at', 'agreed_by_id',
        'counterpart_agreed_at', 'settled_at', 'paid_on', 'paid_reference', 'paid_recorded_at'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - c_may = to_jsonb(OLD) - c_may
        AND array_position(c_states, NEW.state::text) >= array_position(c_states, OLD.state::text)
        AND (OLD.state = 'proposed' OR NEW.yen_per_coin = OLD.yen_per_coin) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: a settlement is never taken back',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER programmes_clearing_one_way
    BEFORE UPDATE OR DELETE ON programmes_clearingsettlement
    FOR EACH ROW EXECUTE FUNCTION programmes_clearing_refuse_change();
"""
LOWER = """
DROP TRIGGER programmes_clearing_one_way ON programmes_clearingsettlement;
DROP FUNCTION programmes_clearing_refuse_change();
DROP TRIGGER programmes_clearing_line_append_only ON programmes_clearingline;
DROP FUNCTION programmes_clearing_line_refuse_change();
"""


class Migration(migrations.Migration):
    """What two towns settle with each other month by month; statements can only be added."""

    dependencies = [
        ("municipalities", "0001_initial"),
        ("programmes", "0001_initial"),
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
            },
        ),
        migrations.AddConstraint(
            model_name="clearingsettlement",
            constraint=models.UniqueConstraint(
                fields=("municipality", "uid"), name="clearing_uid_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="clearingsettlement",
            constraint=models.UniqueConstraint(
                fields=("municipality", "counterpart_id", "currency", "month"),
                name="clearing_month_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="clearingsettlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount", 0), ("debtor_id__isnull", True), ("given", models.F("received"))
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
        ),
        migrations.AddConstraint(
            model_name="clearingsettlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "proposed"),
                    models.Q(
                        ("agreed_at__isnull", False), ("counterpart_agreed_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="clearing_agreed_by_both",
            ),
        ),
        migrations.AddConstraint(
            model_name="clearingsettlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("state__in", ("proposed", "agreed"))),
                    models.Q(("settled_at__isnull", False), ("state__in", ("settled", "paid"))),
                    _connector="OR",
                ),
                name="clearing_settled_has_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="clearingsettlement",
            constraint=models.CheckConstraint(
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
        ),
        migrations.AddConstraint(
            model_name="clearingsettlement",
            constraint=models.CheckConstraint(
                condition=models.Q(("yen_per_coin__gte", 0)), name="clearing_yen_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="clearingline",
            constraint=models.UniqueConstraint(
                fields=("municipality", "transfer"), name="clearing_movement_once"
            ),
        ),
        migrations.RunSQL(RAISE, LOWER),
    ]
