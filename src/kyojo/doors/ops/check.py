"""``check``: whether a running system is sound. Prints every finding; exit 1 if there is any."""

from .arguments import Parser
from .surroundings import database_at_hand


def run(arguments: list[str]) -> int:
    parser = Parser(
        "check",
        "Recompute every balance and every log from the transfers, look at walls, rules and "
        "migrations, at the logs' keys and witnesses. Reads the database of DATABASE_URL (as "
        "KYOJO_OWNER_DATABASE_URL), or else the demo's.",
    )
    parser.parse_args(arguments[1:])
    with database_at_hand(owner=True) as where:
        findings = findings_all()
    for finding in findings:
        print(f"✗ {finding}")
    if findings:
        print(f"{len(findings)} findings in {where}")
        return 1
    print(f"ok: balances, logs, row-level security and migrations of {where}")
    return 0


def findings_all() -> list[str]:
    """One sentence for each thing that is wrong; empty when the system is sound."""
    from kyojo.civic.municipalities.walls import walls_missing

    unapplied = migrations_unapplied()
    if unapplied:
        # Tables may be missing, so nothing else can be looked at yet.
        return [f"migration {name} is not applied: run ./kyojo migrate" for name in unapplied]
    from kyojo.civic.programmes.clearing_check import clearing_check
    from kyojo.ledger.check import check

    return [
        *walls_missing(),
        *constraints_missing(),
        *(str(problem) for problem in check()),
        *clearing_check(),
    ]


def constraints_missing() -> list[str]:
    """Rules of the models that the database does not keep (any more): nobody in two places, one
    receipt a code, one account a person and year …"""
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
            " AND convalidated UNION SELECT c.relname FROM pg_class c"
            " JOIN pg_index i ON i.indexrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique AND i.indisvalid"
        )
        kept = {row[0] for row in cursor.fetchall()}
    return [
        f"{model._meta.db_table} does not keep the rule {constraint.name}: it is gone or not valid"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for constraint in model._meta.constraints
        if constraint.name not in kept
    ]


def migrations_unapplied() -> list[str]:
    """``app.name`` of every migration that the code has and the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
