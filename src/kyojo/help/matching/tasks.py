"""Jobs of the matching room."""

from django.conf import settings
from django.core.mail import send_mail
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.requests.domain import category
from kyojo.kernel import clock

from . import live, words
from .applicants import applicant_of, code_of
from .asking.hours import local_hours
from .models import Application
from .services import (
    acceptance_train,
    applications_close_due,
    applications_purge,
    asks_purge,
    projects_lapse_due,
    proposals_renew,
    rating_prior_renew,
    searches_look_due,
    series_make_due,
    town_lapse,
)
from .services.waves import RULES

#: Mail servers refuse for minutes, not for seconds.
MAIL_RETRY = RetryStrategy(max_attempts=5, wait=30, exponential_wait=4)


@app.periodic(cron="* * * * *")
@app.task(name="matching.offers_lapse_due", queueing_lock="matching.offers_lapse_due")
def offers_lapse_due(timestamp: int = 0) -> None:
    """Every minute, town by town, each question in a transaction of its own. Two at once do no
    harm: every question is looked at again under its lock."""
    towns_each(lambda code: town_lapse(municipality_id=code), job="offers_lapse_due")


@app.periodic(cron="* * * * *")
@app.task(name="matching.searches_look", queueing_lock="matching.searches_look")
def searches_look(timestamp: int = 0) -> None:
    """Every minute: the next wave of each request whose time has come."""
    towns_each(lambda code: searches_look_due(municipality_id=code), job="searches_look")


@app.periodic(cron="35 3 * * *")
@app.task(name="matching.changes_purge", queueing_lock="matching.changes_purge")
def changes_purge(timestamp: int = 0) -> None:
    """Every night: notes of changes that every process has read."""
    towns_each(within(live.changes_purge), job="changes_purge")


@app.periodic(cron="50 3 * * 1")
@app.task(name="matching.acceptance_train", queueing_lock="matching.acceptance_train")
def acceptance_trained(timestamp: int = 0) -> None:
    """Every week: who says yes, learned anew in each town; and the log of long ago dropped."""
    towns_each(within(asks_purge, acceptance_train), job="acceptance_train")


@app.periodic(cron="*/10 * * * *")
@app.task(name="matching.projects_lapse", queueing_lock="matching.projects_lapse")
def projects_lapse(timestamp: int = 0) -> None:
    """Every ten minutes: who has not answered to a team in time is asked no longer."""
    towns_each(lambda code: projects_lapse_due(municipality_id=code), job="projects_lapse")


@app.periodic(cron="*/5 * * * *")
@app.task(name="matching.applications_close", queueing_lock="matching.applications_close")
def applications_close(timestamp: int = 0) -> None:
    """Every five minutes: whoever applied for what is settled or over hears it."""
    towns_each(lambda code: applications_close_due(municipality_id=code), job="applications_close")


@app.periodic(cron="40 3 * * *")
@app.task(name="matching.applications_purge", queueing_lock="matching.applications_purge")
def applications_purged(timestamp: int = 0) -> None:
    """Every night: who applied once is erased 30 days after the day."""
    towns_each(within(applications_purge), job="applications_purge")


@app.periodic(cron="10 4 * * *")
@app.task(name="matching.town_plan", queueing_lock="matching.town_plan")
def towns_planned(timestamp: int = 0) -> None:
    """Every night, after the purges: who is proposed for which open request, town by town."""
    towns_each(within(proposals_renew), job="town_plan")


@app.periodic(cron="45 3 * * *")
@app.task(name="matching.rating_prior", queueing_lock="matching.rating_prior")
def rating_priors(timestamp: int = 0) -> None:
    """Every night: what a few ratings are worth, from tomorrow on."""
    towns_each(within(rating_prior_renew), job="rating_prior")


@app.task(name="matching.application_mail", queue="mail", retry=MAIL_RETRY)
def application_mail(*, municipality_id: int, application_id: int, event: str) -> None:
    """Tell an applicant what happened. Whoever has withdrawn meanwhile is not written to."""
    with tenant(municipality_id):
        application = (
            Application.objects.select_related("posting").filter(pk=application_id).first()
        )
        who = applicant_of(application) if application is not None else None
        if application is None or who is None or not who.email:
            return
        town = Municipality.objects.get(pk=municipality_id)
        subject, text = words.APPLICATION_MAILS[event]
        send_mail(
            subject,
            words.APPLICATION_MAIL.format(
                text=text.format(what=category(application.posting.category).name),
                url=f"{settings.BASE_URL}/town/{town.slug}/once/{code_of(application)}/",
                town=town.name,
                office=town.office_name,
                phone=town.office_phone,
                hours=town.office_hours,
            ),
            None,
            [who.email],
        )


@app.periodic(cron="* * * * *")
@app.task(name="matching.series_make", queueing_lock="matching.series_make")
def series_make(timestamp: int = 0) -> None:
    """Every minute by day: what is due of every series, and a substitute where the usual person
    cannot come. At night nobody is asked."""
    if RULES.is_quiet(local_hours(clock.local())):
        return
    towns_each(lambda code: series_make_due(municipality_id=code), job="series_make")
