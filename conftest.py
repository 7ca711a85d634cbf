"""The ground of every test: one throwaway PostgreSQL for the run, walls up, as ``kyojo_app``.

``django_db``       a transaction that is rolled back, as everywhere in Django
``committed_db``    real commits, any number of threads; cleaned by the owner afterwards
``live_site``       the site on a real socket, over ``committed_db``; ``live_site.url``
``as_owner``        Django's own connection as the tables' owner, for a block
``owner_cursor``    past every wall, to look and to tamper, where a test must
``towns``           北ひなた市 and みどり浜市
``standing``        the cast of help/support in those towns, laid once for many tests in a row
``slow``            a marker: skipped unless ``--slow``
``browser``         a marker: needs Chromium; says why when there is none
"""

import contextlib
import copy
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from kyojo.doors.ops.postgres import APP, OWNER, PORT, SUPERUSER, Cluster

TEMPLATE = "test_template"
cluster_key = pytest.StashKey[tuple[Cluster, Path]]()


class Ground:
    """The run's server and this worker's database in it."""

    def __init__(self, socket_dir: str, database: str) -> None:
        self.socket_dir = socket_dir
        self.database = database
        self.reference_tables: frozenset[str] = frozenset()

    def connect(self, role: str, database: str = "") -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=self.socket_dir,
            port=PORT,
            user=role,
            dbname=database or self.database,
            autocommit=True,
        )


@pytest.fixture(autouse=True)
def _given_back() -> Iterator[None]:
    """A demo's pages move the clock of their thread, which is the test's, and pages remember counts
    for a while: the next test has its own."""
    from django.core.cache import cache

    from kyojo.kernel import clock

    before = clock._offset.get()
    yield
    clock._offset.set(before)
    cache.clear()


# --- the run's server: started by the process that was called, shared by xdist's workers ----------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")


def cluster_socket_dir(config: pytest.Config) -> str:
    """The socket folder of the run's server, which is started on the first call."""
    worker_input = getattr(config, "workerinput", None)
    if worker_input is not None:
        return str(worker_input["kyojo_socket_dir"])
    if cluster_key not in config.stash:
        folder = Path(tempfile.mkdtemp(prefix="kyojo-tests-"))
        cluster = Cluster(folder / "data", throwaway=True)
        config.stash[cluster_key] = (cluster, folder)
        cluster.start()
    return str(config.stash[cluster_key][0].socket_dir)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["kyojo_socket_dir"] = cluster_socket_dir(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if cluster_key in config.stash:
        cluster, folder = config.stash[cluster_key]
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


# --- databases --------------------------------------------------------------------------------


def connection_becomes(ground: Ground, role: str) -> None:
    """Point Django's default connection at the worker's database as ``role``."""
    from django.db import connections

    connection = connections["default"]
    connection.close()
    for settings in (connection.settings_dict, connections.settings["default"]):
        settings.update(
            NAME=ground.database, USER=role, PASSWORD="", HOST=ground.socket_dir, PORT=str(PORT)
        )


def template_ensure(ground: Ground) -> None:
    """Migrate once for all workers; each worker's database is a copy, made in a moment."""
    from django.core.management import call_command

    from kyojo.civic.municipalities.walls import walls_raise

    with (Path(ground.socket_dir) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with ground.connect(SUPERUSER, "postgres") as admin:
            done = admin.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [TEMPLATE]
            ).fetchone()
            if not done:
                admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
                admin.execute(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
                connection_becomes(Ground(ground.socket_dir, TEMPLATE), OWNER)
                call_command("migrate", verbosity=0, interactive=False)
                walls_raise()
                connection_becomes(ground, APP)
                admin.execute(f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true")
            admin.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(ground.database), sql.Identifier(OWNER), sql.Identifier(TEMPLATE)
                )
            )


def tables_with_rows(ground: Ground) -> frozenset[str]:
    with ground.connect(SUPERUSER) as admin:
        rows = admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        one = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        every = [one.format(sql.Literal(name), sql.Identifier(name)) for (name,) in rows]
        return frozenset(name for (name,) in admin.execute(sql.SQL(" UNION ALL ").join(every)))


@pytest.fixture(scope="session")
def ground(request: pytest.FixtureRequest, django_test_environment: None) -> Ground:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return Ground(cluster_socket_dir(request.config), f"test_kyojo_{worker}")


@pytest.fixture(scope="session")
def django_db_setup(ground: Ground, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        template_ensure(ground)
        connection_becomes(ground, APP)
        ground.reference_tables = tables_with_rows(ground)
        yield
        from django.db import connections

        connections.close_all()


def tables_touched(ground: Ground) -> list[str]:
    """Tables that migrations left empty and that have rows, or somebody who holds them."""
    held = (
        "SELECT relname FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
        " JOIN pg_stat_activity USING (pid) WHERE relkind = 'r' AND usename = %s"
        " AND relnamespace = 'public'::regnamespace"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with ground.connect(SUPERUSER) as admin:
        names = {name for (name,) in admin.execute(held, [APP])}
    return sorted((tables_with_rows(ground) | names) - ground.reference_tables)


def tables_empty(ground: Ground, *, lock_timeout_seconds: float = 5) -> None:
    """Empty every table that migrations left empty, past walls and triggers."""
    names = tables_touched(ground)
    if not names:
        return
    tables = sql.SQL(", ").join(map(sql.Identifier, names))
    each = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in names]
    statement = sql.SQL("; ").join(
        [sql.SQL("BEGIN; LOCK {}").format(tables), *each, sql.SQL("COMMIT")]
    )
    with ground.connect(SUPERUSER) as admin:
        admin.execute("SET session_replication_role = replica")  # rows that cannot be changed
        admin.execute(f"SET lock_timeout = '{int(lock_timeout_seconds * 1000)}ms'")
        try:
            admin.execute(statement)
        except psycopg.errors.LockNotAvailable:
            # A thread of the test still holds a transaction open: end it, then clean, then say so.
            admin.execute("ROLLBACK")
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = %s",
                [ground.database, APP],
            )
            admin.execute(statement)
            pytest.fail("the test left a database connection in an open transaction")


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest, ground: Ground, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """Commits are real and other threads see them; every table is emptied afterwards, and what this
    process holds of its supporters.

    A thread that used the database closes its connection: ``connections.close_all()``.
    """
    if request.node.get_closest_marker("django_db"):
        pytest.fail("committed_db replaces the marker django_db: use one of the two")
    from django.db import connections

    from kyojo.help.matching import live

    with django_db_blocker.unblock():
        try:
            yield
        finally:
            connections.close_all()
            tables_empty(ground)
            live._towns.clear()


@pytest.fixture
def live_site(committed_db: None) -> Iterator[SimpleNamespace]:
    """The site on 127.0.0.1, in threads of this process; ``live_site.url`` has no last slash."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    thread = LiveServerThread("127.0.0.1", StaticFilesHandler, port=0)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{thread.port}")
    finally:
        thread.terminate()


@pytest.fixture
def owner_cursor(ground: Ground, django_db_setup: None) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor past every wall, with autocommit, on a connection of its own.

    It does not see what a ``django_db`` test has not committed: use it with ``committed_db``.
    """
    with ground.connect(SUPERUSER) as connection, connection.cursor() as cursor:
        yield cursor


@pytest.fixture
def as_owner(
    ground: Ground, committed_db: None
) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """``with as_owner():`` Django's connection is the tables' owner, as in migrate and check."""

    @contextlib.contextmanager
    def owner() -> Iterator[None]:
        connection_becomes(ground, OWNER)
        try:
            yield
        finally:
            connection_becomes(ground, APP)

    return owner


def towns_make() -> SimpleNamespace:
    from kyojo.civic.municipalities.models import Municipality

    shared = {"prefecture": "みほん県", "office_hours": "平日 8:30〜17:15"}
    kita = Municipality.objects.create(
        id=990019,
        slug="kita-hinata",
        name="北ひなた市",
        name_kana="きたひなたし",
        office_name="北ひなた市 共助センター",
        office_phone="0120-000-019",
        latitude=36.60,
        longitude=138.20,
        **shared,
    )
    midori = Municipality.objects.create(
        id=990027,
        slug="midorihama",
        name="みどり浜市",
        name_kana="みどりはまし",
        office_name="みどり浜市 共助センター",
        office_phone="0120-000-027",
        latitude=34.86,
        longitude=138.32,
        **shared,
    )
    return SimpleNamespace(kita=kita, midori=midori)


def rolls_back(request: pytest.FixtureRequest) -> bool:
    """Whether the test runs in a transaction of its own; otherwise it commits."""
    rolled = "db" in request.fixturenames or request.node.get_closest_marker("django_db")
    request.getfixturevalue("db" if rolled else "committed_db")
    return bool(rolled)


@pytest.fixture
def towns(request: pytest.FixtureRequest) -> SimpleNamespace:
    """``towns.kita`` (990019 北ひなた市), ``towns.midori`` (990027 みどり浜市): only the rows."""
    if rolls_back(request) and "standing" in request.fixturenames:
        return copy.deepcopy(request.config.stash[standing_key].towns)
    return towns_make()


# --- the standing cast ----------------------------------------------------------------------------


class Standing:
    """Towns and cast in a transaction around those of the tests, each of which is rolled back to
    it. Laid before a test that asks for it, lifted before one that does not."""

    def __init__(self) -> None:
        self.around: Any = None
        self.towns: Any = None
        self.cast: Any = None

    def lay(self) -> None:
        from django.db import transaction

        from kyojo.help.support.tests.cast import WEEK_BEFORE, cast_make
        from kyojo.kernel import clock

        if self.around is None:
            self.around = transaction.atomic()
            self.around.__enter__()
            try:
                with clock.frozen(WEEK_BEFORE):
                    self.towns = towns_make()
                    self.cast = cast_make()
            except BaseException:
                self.lift()
                raise

    def lift(self) -> None:
        from django.db import transaction

        if self.around is not None:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)
            self.around = self.towns = self.cast = None


standing_key = pytest.StashKey[Standing]()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> None:
    if fixturedef.argname not in ("_django_db_helper", "committed_db", "site", "shared_site"):
        return
    laid = request.config.stash.setdefault(standing_key, Standing())
    with request.getfixturevalue("django_db_blocker").unblock():
        if fixturedef.argname == "_django_db_helper" and "standing" in request.fixturenames:
            laid.lay()
        else:
            laid.lift()


@pytest.fixture
def standing(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The cast of ``help.support.tests.cast``, as made for this test, with the clock a week before
    the visit."""
    from kyojo.help.support.tests.cast import WEEK_BEFORE, cast_make
    from kyojo.kernel import clock

    is_laid = rolls_back(request)
    if not is_laid:
        request.getfixturevalue("towns")
    with clock.frozen(WEEK_BEFORE):
        yield copy.deepcopy(request.config.stash[standing_key].cast) if is_laid else cast_make()


# --- markers --------------------------------------------------------------------------------------


def chromium_path() -> str | None:
    """KYOJO_CHROMIUM (set by ``./kyojo test``), or a Chromium on the path."""
    named = os.environ.get("KYOJO_CHROMIUM")
    if named:
        return named
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    no_browser = os.environ.get("KYOJO_NO_CHROMIUM_REASON") or (
        None if chromium_path() else "no Chromium found: run ./kyojo test, or set KYOJO_CHROMIUM"
    )
    for item in items:
        if "slow" in item.keywords and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="slow: run with --slow"))
        if "browser" in item.keywords and no_browser:
            item.add_marker(pytest.mark.skip(reason=no_browser))


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> str:
    """Where Chromium is, for ``playwright.chromium.launch(executable_path=…)``."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium found: run ./kyojo test, or set KYOJO_CHROMIUM")
    return path


with contextlib.suppress(ImportError):
    from hypothesis import settings as hypothesis_settings

    hypothesis_settings.register_profile("kyojo", deadline=None, max_examples=50)
    hypothesis_settings.load_profile("kyojo")
