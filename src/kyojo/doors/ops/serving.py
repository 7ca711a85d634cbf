"""``serve``, ``worker``, ``migrate``: the three processes of an installation."""

import os
import sys

from .arguments import Parser
from .errors import Bad
from .surroundings import connect_as, django_ready, owner_url, production_environment

WEB_THREADS = 8
JOB_CONCURRENCY = 4
#: How long a job in hand may still take once the worker is told to stop.
JOB_GRACE_SECONDS = 5
#: Without the last, links in mails would lead to localhost and cookies would travel without TLS.
NEEDED = ("DATABASE_URL", "KYOJO_SECRET_KEY", "KYOJO_FIELD_KEYS", "KYOJO_BASE_URL")


#: Where the worker finds the keys that it signs the ledgers' logs with.
NEEDED_BY_WORKER = (*NEEDED, "KYOJO_LOG_KEYS")
#: Each room's first and last migration that is gone since they were written anew
#: (docs/decisions/0029), and a table that the first of all did not make then.
FIRST_BEFORE = frozenset(
    {
        ("earnings", "0002_paid_help"),
        ("people", "0003_coin_orders"),
        ("matching", "0003_waves"),
        ("requests", "0002_series_and_bundles"),
        ("safety", "0002_late_steps"),
        ("support", "0003_receipt_code"),
    }
)
LAST_BEFORE = frozenset(
    {
        ("earnings", "0004_shops"),
        ("people", "0013_former_mails"),
        ("matching", "0011_badges_shown"),
        ("requests", "0004_series_memo_sealed"),
        ("safety", "0003_late_steps_of_before"),
        ("support", "0018_notes_gone"),
    }
)
LATER = (("people", "0001_initial"), "people_staffnumber")


def run(arguments: list[str]) -> int:
    return {"serve": serve, "worker": worker, "migrate": migrate}[arguments[0]](arguments[1:])


def gunicorn_command(*, bind: str, workers: int) -> list[str]:
    """The web server as a command: threads, because a page waits for the database mostly. Loaded
    once, before it forks: its workers share that memory."""
    return [
        *(sys.executable, "-m", "gunicorn", "kyojo.wsgi", "--preload", "--bind", bind),
        *("--worker-class", "gthread", "--threads", str(WEB_THREADS), "--workers", str(workers)),
        *("--config", "python:kyojo.doors.ops.gunicorn_hooks"),
        *("--no-control-socket", "--access-logfile", "/dev/null", "--log-level", "warning"),
    ]


def serve(arguments: list[str]) -> int:
    """Become gunicorn. Access logs stay with the proxy in front: addresses are personal data."""
    parser = Parser("serve", "Serve the web pages, with the database of DATABASE_URL.")
    parser.add_argument("--bind", default="127.0.0.1:8000", help="address:port or unix:PATH")
    parser.add_argument("--workers", type=int, default=(os.cpu_count() or 1) + 1)
    options = parser.parse_args(arguments)
    production_environment(*NEEDED)
    if os.environ.get("KYOJO_STATIC_ROOT"):
        django_ready()
        from django.core.management import call_command

        call_command("collectstatic", verbosity=0, interactive=False)
    command = gunicorn_command(bind=options.bind, workers=max(1, options.workers))
    os.execv(command[0], command)


def worker(arguments: list[str]) -> int:
    """Run background jobs and keep the ledgers' logs until told to stop; finish what is in hand."""
    parser = Parser("worker", "Run background jobs, with the database of DATABASE_URL.")
    parser.add_argument("--concurrency", type=int, default=JOB_CONCURRENCY)
    options = parser.parse_args(arguments)
    production_environment(*NEEDED_BY_WORKER)
    django_ready()
    from django.core.management import call_command

    from .logs import keeper

    logs = keeper()
    logs.start()
    try:
        call_command(
            "procrastinate",
            "worker",
            f"--concurrency={max(1, options.concurrency)}",
            f"--shutdown-graceful-timeout={JOB_GRACE_SECONDS}",
        )
    finally:
        logs.stop()
    return 0


def migrate(arguments: list[str]) -> int:
    """Bring the database to this version, as its owner, and raise the walls."""
    Parser("migrate", "Bring the database to this version of Kyojo.").parse_args(arguments)
    os.environ["DATABASE_URL"] = owner_url()
    production_environment("KYOJO_SECRET_KEY", "KYOJO_FIELD_KEYS")
    django_ready()
    database_migrate(os.environ["DATABASE_URL"], verbosity=1)
    return 0


def database_migrate(url: str, *, verbosity: int = 0) -> None:
    """Migrations and walls, on the owner's connection ``url``. Leaves the connection there.

    Raises ``Bad`` for a database that no migration of today can bring here; nothing is changed.
    """
    connect_as(url)
    _halfway_refused()
    from django.core.management import call_command

    from kyojo.civic.municipalities.walls import walls_raise

    call_command("migrate", verbosity=verbosity, interactive=False)
    walls_raise()


def _halfway_refused() -> None:
    """A database of before the migrations were written anew has all that stood there, or none."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations)
    begun, table = LATER
    if applied & FIRST_BEFORE:
        lacks = sorted(LAST_BEFORE - applied)
    else:
        with connection.cursor() as cursor:
            there = connection.introspection.table_names(cursor)
        lacks = sorted(LAST_BEFORE) if begun in applied and table not in there else []
    if lacks:
        raise Bad(
            f"this database stopped on its way to the first release: it lacks {'.'.join(lacks[0])}."
            " Bring it to its end with the version that it comes from; it was not changed"
        )
