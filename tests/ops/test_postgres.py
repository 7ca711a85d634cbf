"""The embedded PostgreSQL: it starts, it stops, it survives, and it leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from kyojo.doors.ops import postgres_processes as processes
from kyojo.doors.ops.postgres import APP, OWNER, SUPERUSER, Cluster, ClusterFailed

linux_only = pytest.mark.skipif(not processes.LINUX, reason="reads /proc")


@pytest.fixture
def data_dir(tmp_path):
    # Deeper than a socket path may be long, and with a space.
    folder = tmp_path / ("deep " * 30).strip() / "data"
    yield folder
    processes.leftovers_end(folder, postmaster=None, timeout_seconds=10)


def until(condition, *, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def starter(data_dir):
    """Another process that starts the cluster and waits; its server's address comes on stdout."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kyojo.doors.ops.postgres", str(data_dir)],
        env={**os.environ, "PYTHONPATH": str(Path(processes.__file__).parents[3])},
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, process.stdout.readline().strip()


@linux_only
def test_it_starts_serves_stops_and_keeps_what_was_stored(data_dir):
    with Cluster(data_dir, throwaway=True) as cluster:
        socket_dir = cluster.socket_dir
        assert cluster.owns_server
        assert cluster.database_ensure("town")
        assert not cluster.database_ensure("town")
        with psycopg.connect(cluster.url(OWNER, "town")) as owner:
            owner.execute("CREATE TABLE kept (name text)")
            owner.execute("INSERT INTO kept VALUES ('共助')")
        with psycopg.connect(cluster.url(APP, "town")) as app:
            assert app.execute("SHOW server_encoding").fetchone() == ("UTF8",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("SELECT * FROM kept")
        assert data_dir.stat().st_mode & 0o777 == 0o700
        assert socket_dir.stat().st_mode & 0o777 == 0o700
    assert processes.in_folder(data_dir) == []
    assert not socket_dir.exists()
    with (
        Cluster(data_dir, throwaway=True) as cluster,
        psycopg.connect(cluster.url(OWNER, "town")) as owner,
    ):
        assert owner.execute("SELECT name FROM kept").fetchone() == ("共助",)


def test_it_listens_on_no_port(data_dir):
    with (
        Cluster(data_dir, throwaway=True) as cluster,
        psycopg.connect(cluster.url(OWNER, "postgres")) as owner,
    ):
        assert owner.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_second_process_uses_the_running_server_and_leaves_it_running(data_dir):
    with Cluster(data_dir, throwaway=True) as first:
        with Cluster(data_dir) as second:
            assert not second.owns_server
            assert second.url(APP, "x") == first.url(APP, "x")
        psycopg.connect(first.url(OWNER, "postgres")).close()


@linux_only
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_whoever_started_it(data_dir, number):
    process, url = starter(data_dir)
    psycopg.connect(url).close()
    process.send_signal(number)
    process.communicate()
    until(lambda: processes.in_folder(data_dir) == [])


@linux_only
def test_it_recovers_from_the_death_of_the_postmaster(data_dir):
    process, url = starter(data_dir)
    url = url.replace(OWNER, SUPERUSER)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        postmaster = int((data_dir / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        process.kill()
        process.communicate()
        started = time.monotonic()
        with (
            Cluster(data_dir) as cluster,
            psycopg.connect(cluster.url(SUPERUSER, "postgres")) as admin,
        ):
            assert admin.execute("SELECT number FROM kept").fetchone() == (1,)
    assert time.monotonic() - started < 10  # a leftover backend would make it wait 25 s
    assert processes.in_folder(data_dir) == []


@linux_only
def test_a_backend_that_outlived_its_postmaster_is_ended(data_dir):
    process, url = starter(data_dir)
    with psycopg.connect(url, autocommit=True) as connection:
        backend = connection.info.backend_pid
        # A stopped backend does not notice that its postmaster is gone.
        os.kill(backend, signal.SIGSTOP)
        postmaster = int((data_dir / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        process.kill()
        process.communicate()
        until(lambda: processes.in_folder(data_dir) == [backend])
        processes.leftovers_end(data_dir, postmaster=postmaster, timeout_seconds=0.2)
        assert processes.in_folder(data_dir) == []
        with Cluster(data_dir) as cluster:
            psycopg.connect(cluster.url(OWNER, "postgres")).close()


@linux_only
@pytest.mark.parametrize("killed", [False, True])
def test_where_linux_is_not_a_supervisor_ends_it(data_dir, killed):
    code = (
        "import os, sys; from pathlib import Path\n"
        "from kyojo.doors.ops import postgres_processes as processes\n"
        "from kyojo.doors.ops.postgres import Cluster\n"
        "processes._namespaces_work(); processes.LINUX = False\n"
        "cluster = Cluster(Path(sys.argv[1]), throwaway=True); cluster.start()\n"
        "cluster.database_ensure('town')\n"
        f"os.kill(os.getpid(), 9) if {killed} else cluster.stop()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(data_dir)], timeout=60, check=False)
    assert done.returncode == (-signal.SIGKILL if killed else 0)
    if killed:
        until(lambda: processes.in_folder(data_dir) == [])
    assert processes.in_folder(data_dir) == []
    with Cluster(data_dir, throwaway=True) as cluster:
        assert "town" in cluster.databases()


def test_an_interrupted_initdb_is_begun_again(data_dir):
    half = data_dir.with_name("data.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    with Cluster(data_dir, throwaway=True) as cluster:
        psycopg.connect(cluster.url(OWNER, "postgres")).close()
    assert not half.exists()


def test_a_folder_that_is_no_cluster_is_told_in_one_line(data_dir):
    data_dir.mkdir(parents=True)
    (data_dir / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ClusterFailed, match="PostgreSQL did not start") as caught:
        Cluster(data_dir).start()
    assert "\n" not in str(caught.value)
    if processes.LINUX:
        assert processes.in_folder(data_dir) == []


def test_variables_of_the_caller_do_not_reach_the_server(data_dir, monkeypatch):
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "xx_XX.nothing")
    monkeypatch.setenv("TMPDIR", "/a/folder/with/a/name/too/long/for/a/socket" * 4)
    cluster = Cluster(data_dir, throwaway=True)
    cluster.start()
    assert len(str(cluster.socket_dir)) < 60
    cluster.stop()
    cluster.stop()  # safe to repeat
