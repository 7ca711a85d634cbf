"""Each worker of the web reads the largest towns beside what it serves."""

import pytest

from kyojo.doors.ops import gunicorn_hooks
from kyojo.doors.ops.serving import gunicorn_command
from kyojo.help.matching import live
from kyojo.help.requests.tests.cast import MIDORI, NOW, cast_make
from kyojo.kernel import clock


def test_a_worker_reads_beside_what_it_serves(committed_db, towns, monkeypatch):
    monkeypatch.setenv("KYOJO_WARM_TOWNS", "1")
    with clock.frozen(NOW):
        cast_make(towns)
    live._towns.clear()
    thread = gunicorn_hooks.warm_up_begin()
    assert thread.daemon
    thread.join(30)
    assert not thread.is_alive()
    assert len(live._towns.pop(MIDORI).population) == 3


@pytest.mark.parametrize("value", ["0", "", "none", "-1"])
def test_it_can_be_switched_off(monkeypatch, value):
    monkeypatch.setenv("KYOJO_WARM_TOWNS", value)
    assert gunicorn_hooks.warm_up_begin() is None


def test_the_web_server_is_told_of_it(monkeypatch):
    monkeypatch.delenv("KYOJO_WARM_TOWNS", raising=False)
    assert gunicorn_hooks.towns_to_warm() == 3
    command = gunicorn_command(bind="127.0.0.1:0", workers=1)
    name = command[command.index("--config") + 1].removeprefix("python:")
    assert name == gunicorn_hooks.__name__
