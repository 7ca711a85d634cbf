"""Jobs of the safety room. Arguments are ids only; each opens its own tenancy.

An emergency goes from one person on call to the next by a job of its own for each step, a few
seconds after its time. The round of every minute finds what such a job did not come to.
"""

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock

from . import words
from .models import Alert

#: An alarm is tried again at once and often: 5 s, 10, 20 …
ALERT_RETRY = RetryStrategy(max_attempts=8, wait=5, exponential_wait=2)


@app.task(name="safety.alert_mail", queue="mail", retry=ALERT_RETRY)
def alert_mail(*, municipality_id: int, alert_id: int) -> None:
    """Mail an alarm, once. A failed sending leaves it unmailed."""
    with tenant(municipality_id):
        claimed = Alert.objects.filter(pk=alert_id, mailed_at=None, user__is_active=True).update(
            mailed_at=clock.now()
        )
        if not claimed:
            return
        alert = Alert.objects.select_related("user").get(pk=alert_id)
        subject, text, path = words.ALERT_MAILS[Alert.Kind(alert.kind)]
        town = Municipality.objects.get(pk=municipality_id)
        send_mail(
            subject,
            words.ALERT_MAIL.format(
                text=text,
                url=settings.BASE_URL + path.format(uid=alert.subject_uid),
                office=town.office_name,
            ),
            None,
            [alert.user.email],
        )


@app.task(name="safety.emergency_step", retry=ALERT_RETRY)
def emergency_step(*, municipality_id: int, uid: str, step: int) -> None:
    """Alarm the next, if nobody has taken it."""
    from . import services

    with tenant(municipality_id):
        services.emergency_step(uid=UUID(uid), step=step)


@app.periodic(cron="* * * * *")
@app.task(name="safety.look", queueing_lock="safety.look")
def look(timestamp: int = 0) -> None:
    """Every minute: alarms whose own job did not come, and visits that nobody ended."""
    look_due()


def look_due() -> None:
    """What the time has made due, now, town by town."""
    from . import services

    try:
        towns_each(within(services.emergencies_step_due), job="emergencies_step")
    finally:
        towns_each(within(services.late_look), job="late_look")
