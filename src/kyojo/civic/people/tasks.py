"""Jobs of the people room. Arguments are ids only; each job opens its own tenancy."""

from django.conf import settings
from django.core.mail import send_mail
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock
from kyojo.ledger import services as ledger

from . import sentences
from .domain import LOGIN_LINKS_WINDOW
from .models import LoginLinkAsk, MailChange, Notice, User

#: Mail servers refuse for minutes, not for seconds: 30 s, 1, 4, 14, 54 minutes or so.
MAIL_RETRY = RetryStrategy(max_attempts=5, wait=30, exponential_wait=4)


@app.task(name="people.notice_mail", queue="mail", retry=MAIL_RETRY)
def notice_mail(*, municipality_id: int, notice_id: int) -> None:
    """Mail a notice: its title and a link, once. A failed sending leaves it unmailed."""
    with tenant(municipality_id):
        # The row stays locked until the mail has left, so a second worker waits and finds it done.
        claimed = Notice.objects.filter(
            pk=notice_id, mailed_at=None, person__user__is_active=True
        ).update(mailed_at=clock.now())
        if not claimed:
            return
        notice = Notice.objects.select_related("person__user").get(pk=notice_id)
        town = Municipality.objects.get(pk=municipality_id)
        send_mail(
            sentences.MAIL_NOTICE_SUBJECT.format(title=notice.title),
            sentences.MAIL_NOTICE.format(
                title=notice.title,
                url=settings.BASE_URL + (notice.path or "/me/news/"),
                office=town.office_name,
                phone=town.office_phone,
                hours=town.office_hours,
            ),
            None,
            [notice.person.user.email],
        )


@app.task(name="people.login_link_mail", queue="mail", retry=MAIL_RETRY)
def login_link_mail(*, user_id: int | None, next_path: str = "", opening: str = "") -> None:
    """Mail a login link. ``user_id`` None is an address that nobody has: nothing is sent, but
    the asking looked and took the same."""
    from .services.logins import login_link_url

    user = User.objects.filter(pk=user_id, is_active=True).first() if user_id else None
    if user is None:
        return
    send_mail(
        sentences.MAIL_LOGIN_SUBJECT,
        sentences.MAIL_LOGIN.format(
            opening=sentences.MAIL_LOGIN_OPENINGS[opening],
            url=login_link_url(user, next_path=next_path),
        ),
        None,
        [user.email],
    )


@app.task(name="people.security_mail", queue="mail", retry=MAIL_RETRY)
def security_mail(*, user_id: int, what: str) -> None:
    """Tell a login's owner what happened to its keys (``sentences.MAIL_SECURITY_WORDS``)."""
    user = User.objects.select_related("municipality").filter(pk=user_id, is_active=True).first()
    if user is None or user.municipality is None:
        return
    _security_mail(user.municipality, what, user.email)


def _security_mail(town: Municipality, what: str, address: str) -> None:
    send_mail(
        sentences.MAIL_SECURITY_SUBJECTS[what],
        sentences.MAIL_SECURITY.format(
            words=sentences.MAIL_SECURITY_WORDS[what],
            office=town.office_name,
            phone=town.office_phone,
            hours=town.office_hours,
        ),
        None,
        [address],
    )


@app.task(name="people.mail_code_mail", queue="mail", retry=MAIL_RETRY)
def mail_code_mail(*, municipality_id: int, change_id: int) -> None:
    """Mail the numbers that prove a new address to it. Where the address is another login's
    already, its owner reads that instead; who asked learns nothing of it."""
    from .services.former_mails import mail_may_move
    from .services.mails import CODE_FOR

    with tenant(municipality_id):
        change = MailChange.objects.filter(pk=change_id, state=MailChange.State.WAITING).first()
        if change is None:
            return
        town = Municipality.objects.get(pk=municipality_id)
        words = sentences.MAIL_CODE.format(
            minutes=int(CODE_FOR.total_seconds()) // 60, code=change.code
        )
        if not mail_may_move(change.new, user=change.user):
            words = sentences.MAIL_CODE_TAKEN.format(
                office=town.office_name, phone=town.office_phone, hours=town.office_hours
            )
        send_mail(sentences.MAIL_CODE_SUBJECT, words, None, [change.new])


@app.task(name="people.mail_asked_mail", queue="mail", retry=MAIL_RETRY)
def mail_asked_mail(*, municipality_id: int, change_id: int) -> None:
    """Tell the address that held when another one was asked for, even where the login has the
    other one by now."""
    with tenant(municipality_id):
        change = MailChange.objects.select_related("user").filter(pk=change_id).first()
        if change is None or not change.user.is_active:
            return
        # The login was read first: what changed since then shows here.
        since = MailChange.objects.filter(user_id=change.user_id, done_at__gte=change.asked_at)
        first = since.order_by("done_at", "id").first()
        town = Municipality.objects.get(pk=municipality_id)
        _security_mail(town, "mail_asked", first.old if first else change.user.email)


@app.task(name="people.mail_changed_mail", queue="mail", retry=MAIL_RETRY)
def mail_changed_mail(*, municipality_id: int, change_id: int) -> None:
    """Tell the former address that it is the login's no longer, and whom to call."""
    with tenant(municipality_id):
        change = MailChange.objects.filter(pk=change_id).first()
        if change is not None and change.old:
            town = Municipality.objects.get(pk=municipality_id)
            _security_mail(town, "mail_changed", change.old)


@app.periodic(cron="*/5 * * * *")
@app.task(name="people.holds_expire", queueing_lock="people.holds_expire")
def holds_expire(timestamp: int = 0) -> None:
    """Every five minutes: coins whose hold has run out are the payer's again, town by town.

    The rooms that ask give held coins back themselves when a question ends; this is for what
    they did not come to (a worker that was down, a question that was deleted).
    """
    towns_each(lambda code: ledger.holds_expire(ledger=code), job="holds_expire")


@app.periodic(cron="*/5 * * * *")
@app.task(name="people.suspensions_end", queueing_lock="people.suspensions_end")
def suspensions_end(timestamp: int = 0) -> None:
    """Every five minutes: who was suspended until now is back."""
    from .services.suspensions import suspensions_end_due

    towns_each(lambda code: suspensions_end_due(municipality_id=code), job="suspensions_end")


@app.periodic(cron="20 15 * * *")
@app.task(name="people.coins_lapse", queueing_lock="people.coins_lapse")
def coins_lapse(timestamp: int = 0) -> None:
    """Every night at 0:20 in Japan: what is left of coins that have ended goes back, town by town,
    and the empty accounts of people who left are closed."""
    from . import expiry

    def lapse(code: int) -> None:
        expiry.coins_lapse(municipality_id=code)
        expiry.accounts_close(municipality_id=code)

    towns_each(lapse, job="coins_lapse")


@app.periodic(cron="30 0 * * *")
@app.task(name="people.coins_end_tell", queueing_lock="people.coins_end_tell")
def coins_end_tell(timestamp: int = 0) -> None:
    """Every day at 9:30 in Japan: who has coins that end soon hears it, twice before the day."""
    from . import expiry

    towns_each(lambda code: expiry.coins_end_tell(municipality_id=code), job="coins_end_tell")


@app.periodic(cron="*/15 * * * *")
@app.task(name="people.login_asks_purge", queueing_lock="people.login_asks_purge")
def login_asks_purge(timestamp: int = 0) -> None:
    """Who asked for a login link is not kept longer than the limit needs it."""
    LoginLinkAsk.objects.filter(at__lte=clock.now() - LOGIN_LINKS_WINDOW).delete()


@app.periodic(cron="40 16 * * *")
@app.task(name="people.tries_purge", queueing_lock="people.tries_purge")
def tries_purge(timestamp: int = 0) -> None:
    """Every night: who tried a code is not kept longer than the limits look back."""
    from .services.tries import tries_purge as purge

    towns_each(within(purge), job="tries_purge")


@app.periodic(cron="45 0 * * *")
@app.task(name="people.checks_end_tell", queueing_lock="people.checks_end_tell")
def checks_end_tell(timestamp: int = 0) -> None:
    """Every day at 9:45 in Japan: who has a check that ends soon hears it; what no second member of
    staff confirmed in time is over, and who set out for the app is forgotten."""
    from . import services, trust_expiry

    def tell(code: int) -> None:
        with tenant(code):
            services.looks_lapse()
            services.identity_asks_purge()
        trust_expiry.checks_end_tell(municipality_id=code)

    towns_each(tell, job="checks_end_tell")
