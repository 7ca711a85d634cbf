"""House rules about tables, read from the models and from PostgreSQL's own catalogue."""

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.utils import ProgrammingError

from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import TenantModel, tenant
from kyojo.civic.municipalities.walls import OPEN_TABLES, walls_missing, walls_raise
from kyojo.doors.ops.check import constraints_missing

#: From above to below; a table may point to its own room or to one further down.
ROOMS = (
    "kyojo.doors",
    "kyojo.commons",
    "kyojo.help.safety",
    "kyojo.help.recognition",
    "kyojo.help.support",
    "kyojo.help.matching",
    "kyojo.help.requests",
    "kyojo.help.community",
    "kyojo.civic.earnings",
    "kyojo.civic.organisations",
    "kyojo.civic.people",
    "kyojo.civic.programmes",
    "kyojo.civic.municipalities",
    "kyojo.ledger",
)


def room_of(model: type[models.Model]) -> int | None:
    """The height of the model's room, 0 on top; None for other people's apps."""
    name = apps.get_app_config(model._meta.app_label).name
    return next((i for i, room in enumerate(ROOMS) if f"{name}.".startswith(f"{room}.")), None)


def links() -> list[tuple[type[models.Model], str, type[models.Model]]]:
    """(model, field name, model pointed to) of every relation of every model."""
    return [
        (model, field.name, field.related_model)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and isinstance(field.related_model, type)
    ]


def test_every_app_of_ours_is_in_a_room():
    homeless = [
        config.name
        for config in apps.get_app_configs()
        if config.name.startswith("kyojo.")
        and not any(f"{config.name}.".startswith(f"{room}.") for room in ROOMS)
    ]
    assert not homeless, f"name the room of {homeless} in ROOMS, so that its tables are watched"


def test_foreign_keys_point_downward():
    upward = [
        f"{model.__name__}.{name} → {target.__name__}"
        for model, name, target in links()
        if (here := room_of(model)) is not None
        and (there := room_of(target)) is not None
        and there < here
    ]
    assert not upward, (
        f"{upward}: a foreign key that points upward makes the lower room unusable without the "
        "upper one. Let the upper table point down, or store an id."
    )


def test_no_foreign_key_runs_into_or_out_of_the_ledger():
    crossing = [
        f"{model.__name__}.{name} → {target.__name__}"
        for model, name, target in links()
        if model._meta.app_label.startswith("ledger") != target._meta.app_label.startswith("ledger")
    ]
    assert not crossing, (
        f"{crossing}: the ledger knows no person and is distributed by itself; store opaque ids."
    )


def test_tenant_rows_are_never_joined_by_a_table_without_a_municipality():
    open_joins = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        for field in model._meta.local_many_to_many
        if not issubclass(field.remote_field.through, TenantModel)
    ]
    assert not open_joins, f"{open_joins}: give it a through model that is a TenantModel"


@pytest.mark.django_db
def test_every_wall_stands():
    assert walls_missing() == []


@pytest.mark.django_db
def test_every_table_with_a_municipality_has_its_policy_in_the_catalogue():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.table_name, k.relrowsecurity AND k.relforcerowsecurity,
                   coalesce(p.qual LIKE '%%municipality_id%%app.municipality%%'
                            AND p.with_check LIKE '%%municipality_id%%app.municipality%%', false)
            FROM information_schema.columns c
            JOIN pg_class k ON k.oid = format('public.%%I', c.table_name)::regclass
            LEFT JOIN pg_policies p ON p.tablename = c.table_name AND p.schemaname = 'public'
            WHERE c.table_schema = 'public' AND c.column_name = 'municipality_id'
              AND k.relkind IN ('r', 'p')
            """,
            [],
        )
        rows = cursor.fetchall()
    assert {"municipalities_area", "municipalities_place"} <= {table for table, *_ in rows}
    bare = [table for table, *walled in rows if not all(walled) and table not in OPEN_TABLES]
    assert not bare, (
        f"{bare}: a table with a municipality is a TenantModel, so that no query can show one "
        "town's rows to another; or it stands in walls.OPEN_TABLES with the reason."
    )


def test_open_tables_have_a_reason():
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    for table, reason in OPEN_TABLES.items():
        assert table in tables, f"{table} of OPEN_TABLES does not exist"
        assert len(reason) > 20, f"say why {table} needs no wall"


@pytest.mark.django_db
def test_without_a_municipality_nothing_is_seen_and_nothing_can_be_written(towns):
    with tenant(towns.kita.id):
        Operator.objects.create(kind="npo", name="みほんの会", name_kana="みほんのかい")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM municipalities_operator")
        assert cursor.fetchone() == (0,)
        cursor.execute("UPDATE municipalities_operator SET name = 'changed'")
        assert cursor.rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            cursor.execute(
                "INSERT INTO municipalities_operator"
                " (municipality_id, kind, name, name_kana, phone) VALUES (%s, 'npo', 'a', 'a', '')",
                [towns.kita.id],
            )
    with tenant(towns.kita.id):
        assert Operator.objects.get().name == "みほんの会"


@pytest.mark.django_db
def test_another_municipality_s_rows_are_neither_seen_nor_written(towns):
    with tenant(towns.kita.id):
        row = Operator.objects.create(kind="npo", name="みほんの会", name_kana="みほんのかい")
    with tenant(towns.midori.id), connection.cursor() as cursor:
        # Past the first wall on purpose: raw SQL, no manager.
        cursor.execute("SELECT count(*) FROM municipalities_operator")
        assert cursor.fetchone() == (0,)
        cursor.execute("DELETE FROM municipalities_operator WHERE id = %s", [row.pk])
        assert cursor.rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Operator.objects.create(
                municipality_id=towns.kita.id, kind="npo", name="b", name_kana="b"
            )
    with tenant(towns.kita.id):
        assert list(Operator.objects.values_list("name", flat=True)) == ["みほんの会"]
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Operator.objects.filter(pk=row.pk).update(municipality_id=towns.midori.id)


@pytest.mark.django_db
def test_the_application_can_neither_lower_a_wall_nor_become_its_owner():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert cursor.fetchone() == ("kyojo_app", False)
        for statement in (
            "ALTER TABLE municipalities_operator DISABLE ROW LEVEL SECURITY",
            "DROP POLICY municipality_wall ON municipalities_operator",
            "TRUNCATE municipalities_operator",
            "SET ROLE kyojo_owner",
            "DELETE FROM django_migrations",
            "CREATE TABLE mine (id int)",
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                cursor.execute(statement)


def test_even_the_owner_is_bound(towns, ground, committed_db):
    with tenant(towns.kita.id):
        Operator.objects.create(kind="npo", name="みほんの会", name_kana="みほんのかい")
    with ground.connect("kyojo_owner") as owner:
        count = owner.execute("SELECT count(*) FROM municipalities_operator").fetchone()
    assert count == (0,)


def test_a_wall_taken_down_is_found_and_raised_again(as_owner, owner_cursor):
    owner_cursor.execute("ALTER TABLE municipalities_place NO FORCE ROW LEVEL SECURITY")
    owner_cursor.execute("ALTER TABLE municipalities_area DISABLE ROW LEVEL SECURITY")
    owner_cursor.execute("DROP POLICY municipality_wall ON municipalities_operator")
    owner_cursor.execute("GRANT TRUNCATE ON municipalities_operator TO kyojo_app")
    try:
        findings = walls_missing()
        for words in (
            "municipalities_place has row-level security that does not bind its owner",
            "municipalities_area has no row-level security",
            "municipalities_operator has no policy",
            "TRUNCATE municipalities_operator",
        ):
            assert any(words in finding for finding in findings), (words, findings)
    finally:
        with as_owner():
            walls_raise()
            walls_raise()  # safe to repeat
    assert walls_missing() == []


@pytest.mark.parametrize(
    ("statement", "undone", "words"),
    [
        (
            "ALTER POLICY municipality_wall ON support_visit USING (true) WITH CHECK (true)",
            "DROP POLICY municipality_wall ON support_visit",  # walls_raise makes it anew
            "support_visit has a policy municipality_wall that lets other rows through",
        ),
        (
            "CREATE VIEW everybody AS SELECT * FROM people_person;"
            "GRANT SELECT ON everybody TO kyojo_app",
            "DROP VIEW everybody",
            "may read the view everybody",
        ),
        (
            "GRANT UPDATE (credits_posted) ON ledger_balance TO kyojo_app",
            "REVOKE UPDATE (credits_posted) ON ledger_balance FROM kyojo_app",
            "single columns of ledger_balance",
        ),
        (
            "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
            " AS 'SELECT count(*) FROM people_person'",
            "DROP FUNCTION peek()",
            "peek() runs with its owner's rights",
        ),
        (
            "ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_append_only",
            "ALTER TABLE ledger_transfer ENABLE TRIGGER ledger_transfer_append_only",
            "the trigger ledger_transfer_append_only of ledger_transfer is switched off",
        ),
    ],
)
def test_a_way_around_a_wall_is_found(as_owner, owner_cursor, statement, undone, words):
    owner_cursor.execute(statement)
    try:
        findings = walls_missing()
        assert any(words in finding for finding in findings), findings
    finally:
        owner_cursor.execute(undone)
        with as_owner():
            walls_raise()
    assert walls_missing() == []


def test_a_rule_that_the_database_lost_is_found(committed_db, owner_cursor):
    assert constraints_missing() == []
    owner_cursor.execute(
        "ALTER TABLE support_visit RENAME CONSTRAINT no_double_booking TO a_double_booking"
    )
    try:
        assert constraints_missing() == [
            "support_visit does not keep the rule no_double_booking: it is gone or not valid"
        ]
    finally:
        owner_cursor.execute(
            "ALTER TABLE support_visit RENAME CONSTRAINT a_double_booking TO no_double_booking"
        )


def test_the_test_server_holds_what_the_tests_believe(ground, committed_db):
    with pytest.raises(psycopg.errors.InsufficientPrivilege), ground.connect("kyojo_app") as app:
        app.execute("SET session_replication_role = replica")
