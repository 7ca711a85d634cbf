"""A step of an emergency in a real worker, from the job that the press left in the database."""

from datetime import time, timedelta

from django.core import mail
from django.db import connections
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.safety import services
from kyojo.help.safety.models import Alert, Emergency
from kyojo.help.support.tests.cast import MIDORI, START, WEEK_BEFORE, cast_make, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id


def worked() -> None:
    app.with_connector(app.connector.get_worker_connector()).run_worker(
        wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="never"
    )


def test_the_job_of_a_press_alarms_the_next(committed_db, towns, owner_cursor, monkeypatch):
    moment = [WEEK_BEFORE]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    cast = cast_make()
    uid = visit_make(cast)
    with tenant(MIDORI):
        services.duty_save(
            uid=new_id(), user_id=cast.officer.pk, phone="09000000000", days=range(7),
            start=time(0), end=time(0), by=cast.officer,
        )  # fmt: skip
    worked()
    mail.outbox.clear()

    moment[0] = START
    press_id = new_id()
    with tenant(MIDORI):
        services.emergency_raise(uid=press_id, visit_uid=uid, by=cast.supporter)
    worked()
    first = [one.to for one in mail.outbox if "至急" in one.subject]
    assert first == [[cast.officer.email]]
    owner_cursor.execute(
        "SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs"
        " WHERE task_name = 'safety.emergency_step' AND status = 'todo'"
    )
    ((waits,),) = owner_cursor.fetchall()
    assert 90 < waits <= 120

    moment[0] = START + timedelta(minutes=2)
    owner_cursor.execute(
        "UPDATE procrastinate_jobs SET scheduled_at = now()"
        " WHERE task_name = 'safety.emergency_step'"
    )
    worked()
    with tenant(MIDORI):
        assert Emergency.objects.get().step == 2
        steps = sorted(set(Alert.objects.values_list("step", flat=True)))
    assert steps == [0, 1]
    later = {one.to[0] for one in mail.outbox if "至急" in one.subject}
    assert len(later) > 1, "then everybody"
    assert all("青空" not in one.body and "1-2-3" not in one.body for one in mail.outbox)
    connections.close_all()
