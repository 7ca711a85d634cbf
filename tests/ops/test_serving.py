"""``migrate``, ``serve`` and ``worker`` as production calls them: addresses in the environment."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from kyojo.doors.ops import serving
from kyojo.doors.ops.errors import Bad
from kyojo.doors.ops.postgres import APP, OWNER, Cluster

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ("people", "0013_former_mails")


def kyojo(variables, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "kyojo", *arguments],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def installation(tmp_path):
    """The variables of an installation on an empty database of its own."""
    with Cluster(tmp_path / "postgres", throwaway=True) as cluster:
        cluster.database_ensure("kyojo")
        yield {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            "DATABASE_URL": cluster.url(APP, "kyojo"),
            "KYOJO_OWNER_DATABASE_URL": cluster.url(OWNER, "kyojo"),
            "KYOJO_SECRET_KEY": "for this test",
            "KYOJO_FIELD_KEYS": "a3lvam8tdGVzdHMtb25seS1rZXktMDAwMDAwMDAwMDE=",
            "KYOJO_BASE_URL": "https://kyojo.example.jp",
            "KYOJO_LOG_KEYS": str(tmp_path / "log-keys"),
            "KYOJO_STATIC_ROOT": str(tmp_path / "static"),
            "KYOJO_VAR": str(tmp_path / "never"),
        }


def status_of(address: str) -> int:
    deadline = time.monotonic() + 30
    while True:
        try:
            return urllib.request.urlopen(address, timeout=30).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            assert time.monotonic() < deadline, "nobody answers"
            time.sleep(0.05)


def test_an_installation_migrates_serves_works_and_is_checked(installation, tmp_path):
    early = kyojo(installation, "check")
    out, _ = early.communicate(timeout=60)
    assert early.returncode == 1
    assert "is not applied: run ./kyojo migrate" in out

    migrate = kyojo(installation, "migrate")
    out, _ = migrate.communicate(timeout=120)
    assert migrate.returncode == 0, out

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = kyojo(installation, "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1")
    worker = kyojo(installation, "worker")
    try:
        assert status_of(f"http://127.0.0.1:{port}/no-such-page/") == 404
        assert list((tmp_path / "static").glob("staticfiles.json"))
        with psycopg.connect(installation["KYOJO_OWNER_DATABASE_URL"], autocommit=True) as owner:
            deadline = time.monotonic() + 30
            while not owner.execute("SELECT count(*) FROM procrastinate_workers").fetchone()[0]:
                assert time.monotonic() < deadline, "the worker never came"
                time.sleep(0.05)
        check = kyojo(installation, "check")
        out, _ = check.communicate(timeout=60)
        assert check.returncode == 0, out
    finally:
        for process in (serve, worker):
            process.send_signal(signal.SIGTERM)
        outputs = [process.communicate(timeout=30)[0] for process in (serve, worker)]
    assert [serve.returncode, worker.returncode] == [0, 0], outputs
    assert not (tmp_path / "never").exists()


def test_a_database_of_before_the_first_release_is_whole_or_is_refused(as_owner, owner_cursor):
    def recorded(names):
        owner_cursor.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", names
        )

    def refused():
        with as_owner():
            try:
                serving._halfway_refused()
            except Bad as bad:
                return str(bad)
        return ""

    owner_cursor.execute("SELECT COALESCE(max(id), 0) FROM django_migrations")
    last = owner_cursor.fetchone()[0]
    try:
        assert refused() == ""
        recorded([("people", "0014_of_tomorrow")])
        assert refused() == "", "a newer one than this code is no older one"
        recorded([*serving.FIRST_BEFORE, *(serving.LAST_BEFORE - {PEOPLE})])
        assert "lacks people.0013_former_mails" in refused()
        recorded([PEOPLE])
        assert refused() == ""
        owner_cursor.execute("DELETE FROM django_migrations WHERE id > %s", [last])
        owner_cursor.execute("ALTER TABLE people_staffnumber RENAME TO people_aside")
        assert "lacks earnings.0004_shops" in refused(), "it has the first steps of old alone"
    finally:
        owner_cursor.execute("ALTER TABLE IF EXISTS people_aside RENAME TO people_staffnumber")
        owner_cursor.execute("DELETE FROM django_migrations WHERE id > %s", [last])
