"""``check``: whether a running system is sound. Prints every finding; exit 1 if there is any."""

from .arguments import Parser
from .surroundings import database_at_hand


def run(arguments: list[str]) -> int:
    parser = Parser(
        "check",
        "Recompute every balance from its transfers, look at walls and migrations. Reads the "
        "database of DATABASE_URL (as KYOJO_OWNER_DATABASE_URL), or else the demo's.",
    )
    parser.parse_args(arguments[1:])
    with database_at_hand(owner=True) as where:
        findings = findings_all()
    for finding in findings:
        print(f"✗ {finding}")
    if findings:
        print(f"{len(findings)} findings in {where}")
        return 1
    print(f"ok: balances, row-level security and migrations of {where}")
    return 0


def findings_all() -> list[str]:
    """One sentence for each thing that is wrong; empty when the system is sound."""
    from kyojo.civic.municipalities.walls import walls_missing

    unapplied = migrations_unapplied()
    if unapplied:
        # Tables may be missing, so nothing else can be looked at yet.
        return [f"migration {name} is not applied: run ./kyojo migrate" for name in unapplied]
    from kyojo.ledger.check import check

    return [*walls_missing(), *(str(problem) for problem in check())]


def migrations_unapplied() -> list[str]:
    """``app.name`` of every migration that the code has and the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
