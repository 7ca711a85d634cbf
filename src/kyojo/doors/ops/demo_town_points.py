"""みどり浜市 runs a second programme beside the coins: stamps of the inagi kind for its elders.

They help at three hosts, whose stamps the office writes down; one has asked for money, one has
given.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from kyojo.civic.earnings import services
from kyojo.civic.earnings.services import Payee
from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.presets import preset
from kyojo.civic.programmes.services import programme_install
from kyojo.kernel import clock

from .demo_town_cast import MIDORI
from .demo_town_history import Agenda
from .demo_town_people import People, uid_of

CODE = "genki"
NAME = "みどり浜 元気スタンプ"
#: Weekday (0 is Monday), hour, activity, host, and how many weeks lie between two times.
HABITS = (
    (0, 9, "facility", "facility-1", 1),
    (2, 10, "meal", "meal-1", 1),
    (3, 13, "facility", "facility-1", 2),
    (4, 10, "prevention", "prevention-1", 1),
)
#: Two hours are two stamps, which is the most a day may bring.
MINUTES = 120
#: Who does all of it shows the year's limit.
DILIGENT = "tae"
BORN_UNTIL = date(1961, 3, 31)


#: How the town made the preset its own; beside the premium, money and gifts.
CHANGES = (
    ('code = "inagi"', f'code = "{CODE}"'),
    ('currency = "inagi-point"', f'currency = "{CODE}-point"'),
    ('name = "介護支援ボランティア（稲城市の型）"', f'name = "{NAME}"'),
    ("介護予防の会 からだ元気", "みなと茶の間の体操の会"),
    ("介護保険料にあてます。", "お金にかえるか、寄付するか、介護保険料にあてます。"),
    (
        "[who]\n",
        "[[sources]]\n"
        'says = "お金と寄付にも使える。寄付の相手"\n'
        'source = "みどり浜市の要綱（見本）"\n\n'
        "[who]\n",
    ),
    (
        "[[funding]]\n",
        '[[uses]]\nuse = "cash"\non_application = true\nyear_most_yen = 5000\n\n'
        '[[uses]]\nuse = "donation"\n'
        'recipients = ["みどり浜市 福祉の基金", "子どもの居場所", "受け入れ先の施設"]\n\n'
        "[[funding]]\n",
    ),
)


def document() -> str:
    """The programme's rules, begun from the preset."""
    return changed(preset("inagi"), CHANGES)


def changed(text: str, changes: Iterable[tuple[str, str]]) -> str:
    """``text`` with each old part, which must be there, replaced by its new one."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def points_add(agenda: Agenda, town: People, start: date) -> None:
    """Put the rules, what elders did since ``start``, and what they asked for on the agenda."""
    agenda.add(clock.at(start, 9, 30), lambda: _begin(town, start))
    elders = [
        (key, person)
        for key, (helper, person) in sorted(town.helpers.items())
        if helper.town == MIDORI and date.fromisoformat(helper.born) <= BORN_UNTIL
    ]
    last = clock.today() - timedelta(days=1)
    for number, (key, person) in enumerate(elders):
        habits = HABITS if key == DILIGENT else HABITS[number % 4 :][:1]
        spread = 3 if town.small and len(habits) > 1 else 1
        for habit in habits:
            _habit_add(agenda, town, person, start, last, habit, spread)
    for (key, person), (use, detail, ask) in zip(
        elders, (("cash", "", _wait), ("donation", "子どもの居場所", _given)), strict=False
    ):
        asked = clock.at(last - timedelta(days=3), 15)
        agenda.add(asked, ask(town, key, person, use, detail))


def _begin(town: People, start: date) -> None:
    officer = town.ground.staff[MIDORI, "officer"]
    with tenant(MIDORI):
        programme_install(
            operator=Operator.objects.get(kind="welfare_council"),
            code=CODE,
            document=document(),
            effective_from=start,
        )
        for helper, person in town.helpers.values():
            if helper.town == MIDORI and date.fromisoformat(helper.born) <= BORN_UNTIL:
                services.standing_set(
                    person=person,
                    since=start,
                    insured="first",
                    lives=True,
                    works=False,
                    studies=False,
                    by=officer,
                )


def _habit_add(
    agenda: Agenda,
    town: People,
    person: Person,
    start: date,
    last: date,
    habit: tuple[int, int, str, str, int],
    spread: int,
) -> None:
    weekday, hour, activity, host, weeks = habit
    day = start + timedelta(days=(weekday - start.weekday()) % 7)
    while day <= last:
        begun = clock.at(day, hour)
        agenda.add(begun + timedelta(hours=4), _record(town, person, activity, host, begun))
        day += timedelta(days=7 * weeks * spread)


def _record(
    town: People, person: Person, activity: str, host: str, begun: datetime
) -> Callable[[], None]:
    def step() -> None:
        with tenant(MIDORI):
            services.record_add(
                uid=uid_of("record", person.uid, begun.isoformat()),
                programme_code=CODE,
                person_id=person.pk,
                activity=activity,
                host=host,
                start=begun,
                end=begun + timedelta(minutes=MINUTES),
                by=town.ground.staff[MIDORI, "office"],
                basis="paper",
            )

    return step


def _wait(town: People, key: str, person: Person, use: str, detail: str) -> Callable[[], None]:
    """Asked for, and waiting for the officer who tries the demo."""

    def step() -> None:
        with tenant(MIDORI):
            services.redemption_ask(
                uid=uid_of("redemption", key),
                programme_code=CODE,
                person=person,
                use=use,
                amount=600,
                detail=detail,
                payee=Payee("0001", "ミホン", "001", "ミナト", "1", "0012345", person.kana)
                if use == "cash"
                else None,
            )

    return step


def _given(town: People, key: str, person: Person, use: str, detail: str) -> Callable[[], None]:
    """Asked for, approved and handed over."""

    def step() -> None:
        _wait(town, key, person, use, detail)()
        officer, chief = (town.ground.staff[MIDORI, who] for who in ("officer", "chief"))
        with tenant(MIDORI):
            services.redemption_approve(uid=uid_of("redemption", key), by=officer)
            services.redemption_done(
                uid=uid_of("redemption", key), reference="寄付受領 第12号", by=chief
            )

    return step
