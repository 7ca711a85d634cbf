"""The second wall: PostgreSQL's row-level security, raised by ``migrate`` after every migration.

Run as the owner of the tables. What the application's role ``kyojo_app`` then meets:

* A tenant table shows and takes only rows of the transaction's municipality (``tenancy.tenant``).
  FORCE binds the owner too, so that a forgotten connection as the owner sees nothing either.
* A ledger table can only be read, and only rows of the municipality's own ledger. Without FORCE:
  the ledger's functions are SECURITY DEFINER, they write as the owner and cross ledgers when a
  payment does, and ``check`` reads every ledger as the owner.
* Every other table (accounts, sessions, jobs) has no municipality and is simply granted.

A room with a table that names a municipality but must be read before one is known says so in
``OPEN_TABLES``, with the reason.
"""

from typing import LiteralString

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from .tenancy import TenantModel
from .wall_gaps import wall_gaps

#: The role that web and worker connect as.
APP_ROLE = "kyojo_app"
POLICY = "municipality_wall"
#: Tables with a column municipality_id that have no wall, and why.
OPEN_TABLES: dict[str, str] = {
    "people_user": "a login is looked up before anybody knows its municipality; it holds no name",
}

CURRENT: LiteralString = "nullif(current_setting('app.municipality', true), '')::int"

TABLES = """
    SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
           EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
                   AND a.attname = CASE WHEN starts_with(c.relname, 'ledger_')
                                        THEN 'ledger' ELSE 'municipality_id' END),
           (SELECT p.polcmd FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = %s),
           EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname <> %s)
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    ORDER BY c.relname
"""
APP_GRANTS = """
    SELECT c.relname, p.privilege_type
    FROM pg_class c, aclexplode(c.relacl) p
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND p.grantee IN (0, %s::regrole)
"""
FUNCTIONS = """
    SELECT p.oid::regprocedure::text, p.prosecdef,
           coalesce(array_to_string(p.proconfig, ' '), ''),
           has_function_privilege(%s, p.oid, 'EXECUTE'),
           p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) g WHERE g.grantee = 0)
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND starts_with(p.proname, 'ledger_')
"""


def tenant_tables() -> set[str]:
    """Names of the tables of every installed tenant model."""
    return {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if issubclass(model, TenantModel) and model._meta.managed and not model._meta.proxy
    }


def walls_raise() -> None:
    """Enable row-level security and set the grants, on every table there is. Safe to repeat.

    Runs on the default connection, which must be the owner's. One transaction: nobody ever meets
    a table with its grants but without its wall.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        if cursor.fetchone() is None:
            raise RuntimeError(f"the database server has no role {APP_ROLE}: create it first")
        cursor.execute(TABLES, [POLICY, POLICY])
        tenants = tenant_tables()
        for table, enabled, forced, _, policy, _ in cursor.fetchall():
            if table in tenants:
                _tenant_wall(cursor, table, enabled and forced, policy)
            elif table.startswith("ledger_"):
                _ledger_wall(cursor, table, enabled, policy)
            else:
                _grant(cursor, table, read_only=table == "django_migrations")
        _run(cursor, "GRANT USAGE ON SCHEMA public TO {role}")
        _run(cursor, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(FUNCTIONS, [APP_ROLE])
        for signature, *_ in cursor.fetchall():
            function = sql.SQL(signature)  # regprocedure's text is quoted by PostgreSQL
            _run(cursor, "REVOKE ALL ON FUNCTION {function} FROM PUBLIC", function=function)
            _run(cursor, "GRANT EXECUTE ON FUNCTION {function} TO {role}", function=function)


def _run(cursor, statement: LiteralString, **names) -> None:  # type: ignore[no-untyped-def]
    names = {key: sql.Identifier(v) if isinstance(v, str) else v for key, v in names.items()}
    cursor.execute(
        sql.SQL(statement).format(
            role=sql.Identifier(APP_ROLE),
            policy=sql.Identifier(POLICY),
            current=sql.SQL(CURRENT),
            **names,
        )
    )


def _tenant_wall(cursor, table: str, walled: bool, policy: str | None) -> None:  # type: ignore[no-untyped-def]
    if not walled:
        _run(cursor, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", table=table)
        _run(cursor, "ALTER TABLE {table} FORCE ROW LEVEL SECURITY", table=table)
    if policy is None:
        _run(
            cursor,
            "CREATE POLICY {policy} ON {table} USING (municipality_id = {current})"
            " WITH CHECK (municipality_id = {current})",
            table=table,
        )
    _grant(cursor, table)


def _ledger_wall(cursor, table: str, enabled: bool, policy: str | None) -> None:  # type: ignore[no-untyped-def]
    if not enabled:
        _run(cursor, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", table=table)
    if policy is None:
        _run(
            cursor,
            "CREATE POLICY {policy} ON {table} FOR SELECT USING (ledger = {current})",
            table=table,
        )
    _grant(cursor, table, read_only=True)


def _grant(cursor, table: str, *, read_only: bool = False) -> None:  # type: ignore[no-untyped-def]
    _run(cursor, "REVOKE ALL ON {table} FROM {role}", table=table)
    if read_only:
        _run(cursor, "GRANT SELECT ON {table} TO {role}", table=table)
    else:
        _run(cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}", table=table)


def walls_missing() -> list[str]:
    """What the catalogue says is not walled, one sentence each; empty when all is well.

    Needs no owner: any connection may read the catalogue.
    """
    missing = []
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [POLICY, POLICY])
        tables = cursor.fetchall()
        cursor.execute(APP_GRANTS, [APP_ROLE])
        grants = cursor.fetchall()
        cursor.execute(FUNCTIONS, [APP_ROLE])
        functions = cursor.fetchall()
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        role = cursor.fetchone()
    if role is None:
        missing.append(f"the role {APP_ROLE} does not exist")
    else:
        if any(role):
            missing.append(f"the role {APP_ROLE} is a superuser or has BYPASSRLS: no wall binds it")
        missing += wall_gaps(role=APP_ROLE, policy=POLICY)
    for table, enabled, forced, has_column, policy, others in tables:
        missing += _table_missing(table, enabled, forced, has_column, policy, others)
    missing += [
        f"{APP_ROLE} may {privilege} {table}: it should only read it"
        for table, privilege in grants
        if (table.startswith("ledger_") or table == "django_migrations") and privilege != "SELECT"
    ]
    missing += [
        f"{APP_ROLE} may {privilege} {table}: that passes row-level security"
        for table, privilege in grants
        if privilege in ("TRUNCATE", "REFERENCES", "TRIGGER") and not table.startswith("ledger_")
    ]
    for signature, definer, settings, may_run, public in functions:
        if definer and "search_path=" not in settings:
            missing.append(f"{signature} is SECURITY DEFINER without its own search_path")
        if not may_run:
            missing.append(f"{APP_ROLE} may not run {signature}")
        if public:
            missing.append(f"{signature} may be run by everyone")
    return missing


def _table_missing(
    table: str, enabled: bool, forced: bool, has_column: bool, policy: str | None, others: bool
) -> list[str]:
    ledger = table.startswith("ledger_")
    if table in OPEN_TABLES or not (has_column or ledger or table in tenant_tables()):
        return []
    missing = []
    if not has_column:
        column = "ledger" if ledger else "municipality_id"
        missing.append(f"{table} has no column {column} to build its wall on")
    if not enabled:
        missing.append(f"{table} has no row-level security (is its model a TenantModel?)")
    elif not ledger and not forced:
        missing.append(f"{table} has row-level security that does not bind its owner")
    if policy is None:
        missing.append(f"{table} has no policy {POLICY}")
    elif policy != ("r" if ledger else "*"):
        missing.append(f"{table} has a policy {POLICY} for the wrong commands")
    if others:
        missing.append(f"{table} has policies besides {POLICY}, which may open it")
    return missing
