"""The real help of a fiscal year under two documents: what was paid, who got what, what differs.

Nothing is moved or written down. What a trial cannot know, it does not pretend: whether people
would have asked as often, and whether their purses would have been full enough.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.guidance import wages
from kyojo.civic.programmes.guidance.errors import PrefectureUnknown
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules import trying
from kyojo.civic.programmes.rules.counting import Counter, is_among
from kyojo.civic.programmes.rules.model import Document, Worth
from kyojo.civic.programmes.rules.thanks import Due, steps_of
from kyojo.civic.programmes.rules.trying import Given, Tried
from kyojo.civic.programmes.rules.wording import amount as in_words
from kyojo.civic.programmes.rules.wording import line_sentence, spenders_words
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id

from . import circulation_selectors, paid_selectors, selectors
from .models import Movement, PaidHelp, Record, Redemption
from .paid_words import activity_name, why
from .trial_figures import HelpTrial, Line, Mine, Sums, Traded

Kind = Movement.Kind
#: Kinds whose help is settled between two members, or kept as hours.
TRIED = ("ticket", "exchange", "time", "time-deposit")
#: Years back that can be tried.
YEARS_MOST = 5


def years(programme: Programme) -> list[int]:
    """The fiscal years that can be tried, the newest first."""
    return selectors.years_known(programme)[:YEARS_MOST]


def help_trial(old: Document, new: Document, programme: Programme, fiscal_year: int) -> HelpTrial:
    """The help of ``fiscal_year`` that stands, under both documents."""
    lines = sorted(_lines(old, new, programme, fiscal_year), key=lambda one: one.at)
    found = HelpTrial(fiscal_year, Sums(), Sums(), lines, [], [], _hours_unit(old, new))
    people: dict[int, Mine] = {}
    for line in lines:
        found.old.add(line.old)
        found.new.add(line.new)
        if line.helper is not None:
            mine = people.setdefault(line.helper.pk, Mine(line.helper))
            mine.old.add(line.old)
            mine.new.add(line.new)
    found.traded = list(_traded(old, new, programme, fiscal_year, people))
    found.people = sorted(people.values(), key=lambda one: (-one.moved, one.person.kana))
    return found


def _lines(old: Document, new: Document, programme: Programme, fiscal_year: int) -> Iterator[Line]:
    if old.kind == "ticket":
        yield from _paid_lines(old, new, programme, fiscal_year)
    if old.kind == "time-deposit":
        yield from _kept_lines(old, new, programme, fiscal_year)
    yield from _handed_lines(old, new, programme, fiscal_year)


# --- paid help ------------------------------------------------------------------------------------


def _paid_lines(
    old: Document, new: Document, programme: Programme, fiscal_year: int
) -> Iterator[Line]:
    rows = [
        one
        for one in paid_selectors.helps(programme, fiscal_year=fiscal_year)
        if one.state != PaidHelp.State.VOID
    ]
    by_day = paid_selectors.Documents(programme)
    sides = [(document, _hours(document), _Spending(document, rows)) for document in (old, new)]
    wage = _Wage()
    for one in rows:
        given = _given(by_day.on(one.start), one)
        before, after = (
            Tried(refused=spending.refused(one))
            if spending.refused(one)
            else trying.tried(document, given, hours)
            for document, hours, spending in sides
        )
        yield Line(
            at=one.start,
            minutes=given.minutes,
            activity=activity_name(new if one.activity in new.activities else old, one.activity),
            helper=one.helper,
            helped=one.helped,
            old=before,
            new=after,
            why=after.refused or "".join((*after.taken, why(new, _as_help(one, after.due)))),
            wage=wage.newly(before, after, given.minutes, one.start),
        )


def _given(then: Document, one: PaidHelp) -> Given:
    minutes = paid_selectors.minutes_of(one)
    steps = max(steps_of(then, minutes), 1)
    return Given(
        activity=one.activity,
        minutes=minutes,
        costs_yen=one.costs_yen,
        each_yen=(one.payer_yen - one.costs_yen) // steps,
        unit_minutes=then.earning.minutes,
    )


def _as_help(one: PaidHelp, due: Due) -> PaidHelp:
    """The help as it would stand, never saved: what ``paid_words`` says is said of it."""
    names = ("payer_yen", "person_yen", "costs_yen", "donated_yen", "deposited_yen", "office_yen")
    shares: dict[str, Any] = {name: getattr(due, name) for name in names}
    return PaidHelp(
        activity=one.activity,
        start=one.start,
        end=one.end,
        rule=due.rule,
        pieces=due.pieces,
        **shares,
    )


class _Spending:
    """Who of those who were helped may spend by a document, where it moves what they have."""

    def __init__(self, document: Document, rows: Iterable[PaidHelp]) -> None:
        self._document = document
        settlement = document.ticket.settlement if document.ticket else ""
        self._who = document.spenders if settlement not in ("invoice", "cash") else None
        self._known = (
            selectors.standings({one.helped_id for one in rows if one.helped_id})
            if self._who
            else {}
        )

    def refused(self, one: PaidHelp) -> str:
        """Why it would be refused; "": it would not."""
        if self._who is None or one.helped is None:
            return ""
        day = clock.local(one.start).date()
        known = self._known.get(one.helped.pk, [])
        insured, ties = selectors.standing_on(known, day)
        if self._document.expiry.on_leaving == "keep":
            ties = selectors.ties_until(known, day)
        born = one.helped.birth_date or selectors.NOT_KNOWN
        if is_among(self._who, born, insured, ties, day):
            return ""
        return f"使える人は、{spenders_words(self._document)}です。"


def _hours(document: Document) -> Worth | None:
    """What deposited hours are worth by today's rules of the programme that keeps them."""
    code = document.thanks.deposit_in if document.thanks else None
    if code is None:
        return None
    try:
        kept = selectors.ruled_on(code, clock.today()).document
    except (NotFound, ProgrammeMissing):
        return None
    return kept.worth if kept.kind == "time-deposit" and kept.worth and kept.worth.yen else None


def _hours_unit(old: Document, new: Document) -> str:
    for document in (new, old):
        if document.kind == "time-deposit":
            return document.unit
        code = document.thanks.deposit_in if document.thanks else None
        if code is not None:
            try:
                return selectors.ruled_on(code, clock.today()).document.unit
            except (NotFound, ProgrammeMissing):
                continue
    return ""


class _Wage:
    """The minimum wage of the town's prefecture, beside what an hour of help would bring."""

    def __init__(self) -> None:
        self._prefecture = Municipality.objects.get(pk=current()).prefecture

    def newly(self, old: Tried, new: Tried, minutes: int, at: datetime) -> tuple[str, ...]:
        """What to look at where only the new document reaches it."""
        if not minutes or trying.hourly_yen(new.due, minutes) <= trying.hourly_yen(
            old.due, minutes
        ):
            return ()
        day = clock.local(at).date()
        said = self._reached(new, minutes, day)
        return () if self._reached(old, minutes, day) else said

    def _reached(self, one: Tried, minutes: int, day: date) -> tuple[str, ...]:
        try:
            wage = wages.minimum_wage(self._prefecture, day)
            hourly = trying.hourly_yen(one.due, minutes)
            if wage is None or hourly < wage.yen:
                return ()
            return wages.hourly_check(hourly, self._prefecture, day).sentences
        except PrefectureUnknown:
            return ()


# --- hours that are kept --------------------------------------------------------------------------


def _kept_lines(
    old: Document, new: Document, programme: Programme, fiscal_year: int
) -> Iterator[Line]:
    """What the records of a time deposit come to, as the evaluator counts them."""
    records = {one.pk: one for one in selectors.records(programme, fiscal_year=fiscal_year)}
    visits = selectors.visits_of(records.values())
    wage = _Wage()
    for mine in visits.values():
        counted = [Counter(one).year(fiscal_year, mine).lines for one in (old, new)]
        for before, after in zip(*counted, strict=True):
            one: Record = records[before.line]
            tried = []
            for document, line in ((old, before), (new, after)):
                due = trying.deposited(document, line.units)
                refused = "" if line.units else line_sentence(document, line)
                tried.append(Tried(due, line.units, refused))
            minutes = int((one.end - one.start).total_seconds()) // 60
            yield Line(
                at=one.start,
                minutes=minutes,
                activity=activity_name(new, one.activity),
                helper=one.person,
                helped=None,
                old=tried[0],
                new=tried[1],
                why=line_sentence(new, after),
                wage=wage.newly(tried[0], tried[1], minutes, one.start),
            )


# --- units that were handed on --------------------------------------------------------------------


def _handed_lines(
    old: Document, new: Document, programme: Programme, fiscal_year: int
) -> Iterator[Line]:
    """Help for which units were given, of whatever length they were due for then."""
    since, until = clock.fiscal_year_bounds(fiscal_year)
    rows = Movement.objects.filter(
        programme=programme, kind=Kind.HANDED, use="help", at__gte=since, at__lt=until
    ).select_related("giver", "receiver")
    by_day = paid_selectors.Documents(programme)
    lent = [_lent_too_much(document, programme, since) for document in (old, new)]
    for one in rows.order_by("at", "id"):
        advance = derived_id(one.uid, "advance")
        before, after = (
            Tried(refused=_too_much(document))
            if advance in over
            else Tried(trying.handed(document, one.amount, by_day.on(one.at)))
            for document, over in zip((old, new), lent, strict=True)
        )
        yield Line(
            at=one.at,
            minutes=0,
            activity="手わたし",
            helper=one.receiver,
            helped=one.giver,
            old=before,
            new=after,
            why=after.refused or _handed_words(new, after.due),
        )


def _too_much(document: Document) -> str:
    most = document.circulation.lent_most if document.circulation else 0
    if not most:
        return "前貸しのない決まりなので、足りない分を手わたせません。"
    return f"前貸しの上限（{in_words(most, document.unit)}）をこえるので、手わたせません。"


def _handed_words(document: Document, due: Due) -> str:
    words = f"{in_words(due.pieces, document.unit)}になります"
    return f"{words}（{due.person_yen:,}円）。" if due.person_yen else f"{words}。"


def _lent_too_much(document: Document, programme: Programme, since: datetime) -> set[Any]:
    """Advances from ``since`` on that a document would not have lent. What it refused is not owed;
    what was lent before ``since`` is."""
    most = document.circulation.lent_most if document.circulation else 0
    owed: dict[int, int] = {}
    over = set()
    rows = Movement.objects.filter(programme=programme, kind__in=(Kind.ADVANCED, Kind.RETURNED))
    for one in rows.order_by("at", "id"):
        person = one.receiver_id if one.kind == Kind.ADVANCED else one.giver_id
        if person is None:
            continue
        owes = owed.get(person, 0)
        if one.kind == Kind.RETURNED:
            owed[person] = max(owes - one.amount, 0)
        elif one.at >= since and owes + one.amount > most:
            over.add(one.uid)
        else:
            owed[person] = owes + one.amount
    return over


# --- what the office sold and paid out ------------------------------------------------------------


def _traded(
    old: Document,
    new: Document,
    programme: Programme,
    fiscal_year: int,
    people: dict[int, Mine],
) -> Iterator[Traded]:
    unit_is_yen = old.unit == "円"
    if circulation_selectors.is_sold(old) and not unit_is_yen:
        sold = _by_person(
            (one.receiver, one.amount) if one.kind == Kind.BOUGHT else (one.giver, -one.amount)
            for one in circulation_selectors.sales(programme, fiscal_year)
        )
        for person, units in sold:
            if person is not None:
                mine = people.setdefault(person.pk, Mine(person))
                mine.bought_old_yen = circulation_selectors.sale_yen(old, units)
                mine.bought_new_yen = circulation_selectors.sale_yen(new, units)
        yield from _at_either_price(
            "事務局が売った分", sum(units for _, units in sold), old, new, is_sale=True
        )
    if not unit_is_yen:
        rows = Redemption.objects.filter(
            programme=programme,
            use="cash",
            fiscal_year=fiscal_year,
            state__in=(Redemption.State.APPROVED, Redemption.State.DONE),
        ).select_related("person")
        cashed = _by_person((one.person, one.amount) for one in rows)
        for person, units in cashed:
            if person is not None:
                mine = people.setdefault(person.pk, Mine(person))
                mine.cashed_old_yen, mine.cashed_new_yen = _worth(old, units), _worth(new, units)
        yield from _at_either_price(
            "お金にかえた分", sum(units for _, units in cashed), old, new, is_sale=False
        )
    yield from _started(old, new, programme, fiscal_year)


def _at_either_price(
    name: str, units: int, old: Document, new: Document, *, is_sale: bool
) -> Iterator[Traded]:
    if units:
        price = circulation_selectors.sale_yen if is_sale else _worth
        yield Traded(name, units, old.unit, price(old, units), price(new, units))


def _worth(document: Document, units: int) -> int:
    return document.worth.yen_of(units) if document.worth else 0


def _started(
    old: Document, new: Document, programme: Programme, fiscal_year: int
) -> Iterator[Traded]:
    """What members were given to begin with."""
    since, until = clock.fiscal_year_bounds(fiscal_year)
    begun = Movement.objects.filter(
        programme=programme, kind=Kind.STARTED, at__gte=since, at__lt=until
    ).count()
    before, after = (one.circulation.start_units if one.circulation else 0 for one in (old, new))
    if begun and (before or after):
        yield Traded("はじめに渡した分", begun, "人", begun * before, begun * after, is_yen=False)


def _by_person(
    pairs: Iterable[tuple[Person | None, int]],
) -> list[tuple[Person | None, int]]:
    people: dict[int, Person | None] = {}
    found: dict[int, int] = {}
    for person, units in pairs:
        key = person.pk if person else 0
        people[key] = person
        found[key] = found.get(key, 0) + units
    return [(people[key], units) for key, units in found.items() if units]
