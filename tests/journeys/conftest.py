"""A demo town for each journey: loaded once in the run, copied in a moment, served by the real web
server and worker on a real socket.

``site``     a town of one's own; ``site.url``, ``site.cursor()`` (past every wall, to look)
``phones``   people with Chromium: ``phones(site)``, ``phones(site, javascript=False)``
``people``   people without a browser (``walker``): ``people(site)``
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from kyojo.doors.ops import demo
from kyojo.doors.ops.demo_check_people import Stage
from kyojo.doors.ops.postgres import APP, OWNER, PORT, SUPERUSER
from tests.journeys.phone import Phone

LOADED = "journeys_template"
BARE = "test_template"


@dataclass(frozen=True)
class Site:
    url: str
    socket_dir: str
    database: str

    def cursor(self) -> psycopg.Connection:
        return psycopg.connect(
            host=self.socket_dir, port=PORT, user=SUPERUSER, dbname=self.database, autocommit=True
        )


def address(socket_dir: str, role: str, database: str) -> str:
    return f"postgresql://{role}@/{database}?host={quote(socket_dir, safe='')}&port={PORT}"


@pytest.fixture(scope="session")
def loaded(ground, django_db_setup) -> Path:
    """The template database exists; returns the folder of its keys and mail."""
    folder = Path(ground.socket_dir) / "journeys"
    with (Path(ground.socket_dir) / "journeys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with ground.connect(SUPERUSER, "postgres") as admin:
            found = "SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate"
            if admin.execute(found, [LOADED]).fetchone():
                return folder
            folder.mkdir(exist_ok=True)
            admin.execute(f"DROP DATABASE IF EXISTS {LOADED} WITH (FORCE)")
            admin.execute(
                f"CREATE DATABASE {LOADED} OWNER {OWNER} TEMPLATE {BARE} STRATEGY file_copy"
            )
            environment = environment_of(folder, ground.socket_dir, LOADED)
            subprocess.run(
                [sys.executable, "-m", "tests.journeys.load_town"],
                env=environment,
                cwd=demo.ROOT,
                check=True,
                timeout=110,
            )
            admin.execute(f"ALTER DATABASE {LOADED} IS_TEMPLATE true")
    return folder


def environment_of(folder: Path, socket_dir: str, database: str) -> dict[str, str]:
    """The variables of a demo's processes on this database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KYOJO_")}
    (folder / "mail").mkdir(exist_ok=True)
    return {
        **kept,
        **demo.keys_ensure(folder),
        "PYTHONPATH": f"{demo.ROOT / 'src'}{os.pathsep}{demo.ROOT}",
        "KYOJO_DEMO": "1",
        "KYOJO_HOSTS": "localhost,127.0.0.1",
        "KYOJO_EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "KYOJO_EMAIL_FILE_PATH": str(folder / "mail"),
        "DJANGO_SETTINGS_MODULE": "kyojo.settings",
        "KYOJO_LOG_KEYS": str(folder / "log-keys"),
        "DATABASE_URL": address(socket_dir, APP, database),
        "KYOJO_OWNER_DATABASE_URL": address(socket_dir, OWNER, database),
    }


@pytest.fixture
def site(ground, loaded, monkeypatch, tmp_path) -> Iterator[Site]:
    yield from serve(ground, loaded, monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def shared_site(ground, loaded, tmp_path_factory) -> Iterator[Site]:
    """One town for all tests of a module: for those that only look, or change nothing of each
    other's."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield from serve(ground, loaded, monkeypatch, tmp_path_factory.mktemp("site"))


def serve(ground, loaded: Path, monkeypatch, folder: Path) -> Iterator[Site]:
    database = f"{ground.database}_journey"
    with ground.connect(SUPERUSER, "postgres") as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        admin.execute(
            f"CREATE DATABASE {database} OWNER {OWNER} TEMPLATE {LOADED} STRATEGY file_copy"
        )
    (folder / "keys.json").write_bytes((loaded / "keys.json").read_bytes())
    with ExitStack() as stack:
        listener = stack.enter_context(demo.listening(0))
        for name, value in environment_of(folder, ground.socket_dir, database).items():
            monkeypatch.setenv(name, value)
        url = f"http://localhost:{listener.getsockname()[1]}"
        monkeypatch.setenv("KYOJO_BASE_URL", url)
        base_url, _ = stack.enter_context(demo.web_and_worker(folder, listener))
        yield Site(base_url, ground.socket_dir, database)
        log = (folder / "web.log").read_text()
    assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def people() -> Iterator[Callable[[Site], Stage]]:
    with ExitStack() as stack:

        def make(site: Site) -> Stage:
            stage = Stage(site.url)
            stack.callback(stage.close)
            return stage

        yield make


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Ends with its module: while Playwright runs, Django takes this thread for an async one and
    refuses the database to every test that comes after."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield found
        found.close()


@pytest.fixture
def phones(browser: Browser, request) -> Iterator[Callable[..., Stage]]:
    """A stage whose people use Chromium. Every page they saw is in order when the test ends."""
    made: list[Stage] = []

    def make(site: Site, *, javascript: bool = True, **options) -> Stage:
        stage = Stage(site.url)
        stage.make = lambda url, who, step="": Phone(
            url, who, step=step, browser=browser, javascript=javascript, options=options,
            test=request.node.name,
        )  # fmt: skip
        made.append(stage)
        return stage

    yield make
    complaints = [
        f"{walker.who}: {complaint}"
        for stage in made
        for walker in stage.walkers.values()
        for complaint in walker.complaints
    ]
    for stage in made:
        stage.close()
    assert complaints == []
