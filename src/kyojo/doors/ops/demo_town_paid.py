"""みどり浜市 has every kind of programme: tickets of an NPO, help that the welfare council bills,
hours that members deposit.

Tickets were bought and given for help, and one member asks for the money of hers; an invoice is
paid, one is not, and there is help to be billed; hours are deposited, and some were given away.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from kyojo.civic.earnings import paid_selectors, selectors, services
from kyojo.civic.earnings.services import Payee
from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.services import operator_register
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.programmes.rules.presets import preset
from kyojo.civic.programmes.services import programme_install
from kyojo.kernel import clock

from .demo_town_cast import MIDORI
from .demo_town_history import Agenda
from .demo_town_people import People, uid_of
from .demo_town_points import changed

TICKETS, BILLED, HOURS = "tasukeai", "kurashi", "jikan"
#: Code, its preset, the preset's currency, and the name in the preset and in the town.
KINDS = (
    (TICKETS, "ticket", "ticket", "助け合いチケット", "みどり浜 たすけあいチケット"),
    (BILLED, "paid-invoice", "paid-invoice", "助け合いサービス（請求書）", "くらしの手伝い（請求書）"),
    (HOURS, "time-deposit", "deposit", "時間預託", "みどり浜 じかん預け"),
)  # fmt: skip
#: Who of the town is in these programmes: by ties to the town alone, so that nobody's class of
#: insurance has to be known.
CARERS = ("nami", "sato", "yu")
HELPERS = ("jun", "wakakusa", "nao")
#: Days ago, who was helped, by whom, minutes.
TICKET_HELP = ((33, "nami", "jun", 60), (20, "sato", "jun", 120), (12, "nami", "wakakusa", 60))
#: Day of the month, who was helped, by whom, what with, minutes: two months ago and a month ago.
MONTHS_HELP = (
    ((6, "yu", "wakakusa", "clean", 120), (20, "yu", "wakakusa", "clean", 120)),
    ((8, "yu", "wakakusa", "clean", 120), (16, "nami", "jun", "garden", 60)),
)
#: Days ago, whose hours, minutes.
HOURS_HELP = ((70, "nao", 90), (49, "nao", 60), (41, "jun", 120), (18, "nao", 90))


def paid_add(agenda: Agenda, town: People, start: date, now: datetime) -> None:
    """Put on the agenda that the programmes began with ``start``, and what was done in them."""
    today = clock.local(now).date()
    agenda.add(clock.at(start, 9, 40), lambda: _begin(town, start))
    _tickets_add(agenda, town, today)
    _invoices_add(agenda, town, today, now)
    _hours_add(agenda, town, today)


def _person(town: People, key: str) -> Person:
    return (town.askers.get(key) or town.helpers[key])[1]


def _staff(town: People, who: str) -> User:
    return town.ground.staff[MIDORI, who]


def _begin(town: People, start: date) -> None:
    npo = operator_register(
        municipality_id=MIDORI,
        kind="npo",
        name="NPO法人 みどり浜たすけあいの会",
        name_kana="みどりはまたすけあいのかい",
    )
    with tenant(MIDORI):
        council = Operator.objects.get(kind="welfare_council")
        for code, of, currency, old, name in KINDS:
            own = (
                (f'code = "{of}"', f'code = "{code}"'),
                (f'currency = "{currency}"', f'currency = "{code}"'),
                (f'name = "{old}"', f'name = "{name}"'),
            )
            programme_install(
                operator=council if code == BILLED else npo,
                code=code,
                document=changed(preset(of), own),
                effective_from=start,
            )
        for key in (*CARERS, *HELPERS):
            services.standing_set(
                person=_person(town, key),
                since=start,
                insured="none",
                lives=True,
                works=False,
                studies=False,
                by=_staff(town, "officer"),
            )


# --- tickets --------------------------------------------------------------------------------------


def _tickets_add(agenda: Agenda, town: People, today: date) -> None:
    for number, (days, key, amount) in enumerate(((45, "nami", 6), (38, "sato", 4)), start=1):
        moment = clock.at(today - timedelta(days=days), 11)
        agenda.add(moment, _sold(town, key, amount, f"領収 第{number}号"))
    for days, helped, helper, minutes in TICKET_HELP:
        begun = clock.at(today - timedelta(days=days), 14)
        _help_add(agenda, town, TICKETS, helped, helper, "", begun, minutes)
    asked = clock.at(today - timedelta(days=5), 16)
    agenda.add(asked, lambda: _money_asked(town, "jun", pieces=2))


def _sold(town: People, key: str, amount: int, reference: str) -> Callable[[], None]:
    def step() -> None:
        with tenant(MIDORI):
            services.units_buy(
                uid=uid_of("tickets", key),
                programme_code=TICKETS,
                person=_person(town, key),
                amount=amount,
                reference=reference,
                by=_staff(town, "office"),
            )

    return step


def _money_asked(town: People, key: str, *, pieces: int) -> None:
    """Waits for the officer who tries the demo."""
    person = _person(town, key)
    with tenant(MIDORI):
        services.redemption_ask(
            uid=uid_of("redemption", TICKETS, key),
            programme_code=TICKETS,
            person=person,
            use="cash",
            amount=pieces,
            payee=Payee("0001", "ミホン", "002", "チユウオウ", "1", "0067890", person.kana),
        )


def _help_add(
    agenda: Agenda,
    town: People,
    code: str,
    helped: str,
    helper: str,
    activity: str,
    begun: datetime,
    minutes: int,
) -> None:
    end = begun + timedelta(minutes=minutes)

    def step() -> None:
        with tenant(MIDORI):
            services.help_record(
                uid=uid_of("paid help", code, helper, begun.isoformat()),
                programme_code=code,
                helper=_person(town, helper),
                helped=_person(town, helped),
                activity=activity,
                start=begun,
                end=end,
                by=_staff(town, "officer"),
                basis="paper",
            )

    agenda.add(end + timedelta(hours=1), step)


# --- invoices -------------------------------------------------------------------------------------


def _invoices_add(agenda: Agenda, town: People, today: date, now: datetime) -> None:
    """The month before the last is billed and paid, the last one is billed; two days ago is not."""
    this = today.replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    before = (last - timedelta(days=1)).replace(day=1)
    for month, rows in zip((before, last), MONTHS_HELP, strict=True):
        for day, helped, helper, activity, minutes in rows:
            begun = clock.at(month.replace(day=day), 10)
            _help_add(agenda, town, BILLED, helped, helper, activity, begun, minutes)
    agenda.add(clock.at(last.replace(day=2), 9), _billed(town, before))
    agenda.add(clock.at(last.replace(day=21), 15), lambda: _paid(town, before, last))
    # On the first days of a month the last one is billed as well: an hour ago.
    agenda.add(min(clock.at(this.replace(day=2), 9), now - timedelta(hours=1)), _billed(town, last))
    begun = clock.at(today - timedelta(days=2), 10)
    _help_add(agenda, town, BILLED, "sato", "nao", "errand", begun, 60)


def _billed(town: People, month: date) -> Callable[[], None]:
    def step() -> None:
        with tenant(MIDORI):
            services.invoices_issue(
                programme_code=BILLED,
                month=month,
                due_on=clock.today() + timedelta(days=28),
                by=_staff(town, "officer"),
            )

    return step


def _paid(town: People, month: date, paid_in: date) -> None:
    with tenant(MIDORI):
        programme = selectors.ruled(BILLED).programme
        for invoice in paid_selectors.invoices(programme):
            if invoice.month == month:
                services.invoice_paid(
                    uid=invoice.uid,
                    paid_on=paid_in.replace(day=20),
                    reference="入金 第1号",
                    by=_staff(town, "officer"),
                )


# --- hours ----------------------------------------------------------------------------------------


def _hours_add(agenda: Agenda, town: People, today: date) -> None:
    for days, key, minutes in HOURS_HELP:
        begun = clock.at(today - timedelta(days=days), 13)
        moment = begun + timedelta(hours=4)
        agenda.add(moment, _deposited(town, key, begun, minutes))
    given = clock.at(today - timedelta(days=9), 10)
    agenda.add(given, lambda: _given(town, "nao", "sato", minutes=60))


def _deposited(town: People, key: str, begun: datetime, minutes: int) -> Callable[[], None]:
    def step() -> None:
        person = _person(town, key)
        with tenant(MIDORI):
            services.record_add(
                uid=uid_of("hours", person.uid, begun.isoformat()),
                programme_code=HOURS,
                person_id=person.pk,
                activity="",
                host="",
                start=begun,
                end=begun + timedelta(minutes=minutes),
                by=_staff(town, "office"),
                basis="paper",
            )

    return step


def _given(town: People, giver: str, receiver: str, *, minutes: int) -> None:
    with tenant(MIDORI):
        services.units_hand(
            uid=uid_of("hours given", giver),
            programme_code=HOURS,
            giver=_person(town, giver),
            receiver_number=_person(town, receiver).number,
            amount=minutes,
            use="people_in_need",
        )
