"""Reads of the earnings room. Everything of the current municipality."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Min, QuerySet, Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.civic.programmes.rules import reading
from kyojo.civic.programmes.rules.counting import Counter, Result, Year, is_among
from kyojo.civic.programmes.rules.model import Document, Relation
from kyojo.civic.programmes.rules.visits import Visit
from kyojo.civic.programmes.rules.wording import spenders_words
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger.types import Entry

from .accounts import balances
from .errors import MayNotSpend
from .models import Grant, Record, Redemption, Standing, Stock, YearClosing

#: Kinds of programmes that this room knows: all but coins, which come from visits.
KINDS = ("points", "stamps", "gratitude", "time", "exchange", "ticket", "time-deposit")
#: Those whose activities are recorded and counted. Tickets and notes are bought instead, and they
#: and the hours of a time currency come from the member who was helped (``services.circulating``).
COUNTED = ("points", "stamps", "gratitude", "time-deposit")
NOT_KNOWN = date(1, 1, 1)  # nobody's birthday: too old for no limit, and never stored


@lru_cache(maxsize=64)
def document_of(text: str) -> Document:
    """Documents are never changed, so each is read once in a process."""
    return reading.read(text)


@dataclass(frozen=True)
class Ruled:
    """A programme with the document that holds for a fiscal year."""

    programme: Programme
    document: Document
    version: int


def programmes_now(kinds: Collection[str] = KINDS) -> list[Ruled]:
    """The programmes whose activities are recorded here, as of today, by name."""
    found = []
    for programme in Programme.objects.select_related("operator").order_by("name"):
        try:
            ruled = _ruled(programme, clock.today())
        except ProgrammeMissing:
            continue
        if ruled.document.kind in kinds:
            found.append(ruled)
    return found


def ruled(code: str, fiscal_year: int | None = None) -> Ruled:
    """Programme ``code`` with the rules of ``fiscal_year`` (this one, if none).

    Raises ``NotFound`` for a programme that is not there or is one of coins, ``ProgrammeMissing``
    where it had not begun.
    """
    if fiscal_year is not None and fiscal_year < clock.fiscal_year():
        return ruled_on(code, date(fiscal_year + 1, 3, 31))
    return ruled_on(code, clock.today())


def ruled_on(code: str, day: date) -> Ruled:
    """Programme ``code`` with the rules that held on ``day``.

    Raises ``NotFound`` as ``ruled`` does, ``ProgrammeMissing`` where it had not begun.
    """
    programme = Programme.objects.select_related("operator").filter(code=code).first()
    if programme is None:
        raise NotFound()
    found = _ruled(programme, day)
    if found.document.kind not in KINDS:
        raise NotFound()
    return found


def _ruled(programme: Programme, day: date) -> Ruled:
    version = (
        ProgrammeVersion.objects.filter(programme=programme, effective_from__lte=day)
        .order_by("-effective_from", "-version")
        .first()
    )
    if version is None:
        raise ProgrammeMissing(municipality=current())
    return Ruled(programme, document_of(version.document), version.version)


# --- who somebody is to a programme ---------------------------------------------------------------


def standings(person_ids: Iterable[int]) -> dict[int, list[Standing]]:
    """Person → what is known of their standing, oldest first."""
    found: dict[int, list[Standing]] = {}
    for row in Standing.objects.filter(person_id__in=set(person_ids)).order_by("since"):
        found.setdefault(row.person_id, []).append(row)
    return found


def standing_on(rows: Iterable[Standing], day: date) -> tuple[str, frozenset[Relation]]:
    """Class of insurance and ties on ``day``; a member of whom nothing is known lives here."""
    found: Standing | None = None
    for row in rows:
        if row.since <= day:
            found = row
    if found is None:
        return "none", frozenset({"lives"})
    return found.insured, _ties(found)


def ties_until(rows: Iterable[Standing], day: date) -> frozenset[Relation]:
    """Every tie that somebody had up to ``day``, also those that ended before."""
    _, now = standing_on(rows, day)
    return now.union(*(_ties(row) for row in rows if row.since <= day))


def _ties(row: Standing) -> frozenset[Relation]:
    ties: tuple[tuple[Relation, bool], ...] = (
        ("lives", row.lives),
        ("works", row.works),
        ("studies", row.studies),
    )
    return frozenset(name for name, yes in ties if yes)


def may_spend(ruled: Ruled, person: Person, day: date | None = None) -> bool:
    """Whether a person may use or hand on what they have, on ``day`` (today): True, or raises
    ``MayNotSpend``, which says who may.

    Everybody may where the document names no ``spenders``. Where what somebody has is kept when
    they leave (``expiry.on_leaving``), the tie of the days before they left is enough; age and
    class of insurance are always those of the day.
    """
    spenders = ruled.document.spenders
    if spenders is None:
        return True
    day = day or clock.today()
    rows = standings([person.pk]).get(person.pk, [])
    insured, ties = standing_on(rows, day)
    if ruled.document.expiry.on_leaving == "keep":
        ties = ties_until(rows, day)
    if is_among(spenders, person.birth_date or NOT_KNOWN, insured, ties, day):
        return True
    raise MayNotSpend(name=ruled.document.name, who=spenders_words(ruled.document))


# --- what was earned ------------------------------------------------------------------------------


def records(
    programme: Programme,
    *,
    person: Person | None = None,
    fiscal_year: int | None = None,
    with_void: bool = False,
) -> list[Record]:
    """All that stand, oldest first; of one person or of all, of one fiscal year or of all.
    ``with_void``: also what was struck out."""
    rows = Record.objects.filter(programme=programme).select_related("person")
    if not with_void:
        rows = rows.filter(void_at=None)
    if fiscal_year is not None:
        since, until = clock.fiscal_year_bounds(fiscal_year)
        rows = rows.filter(start__gte=since, start__lt=until)
    return list(rows.filter(person=person) if person else rows)


def record_by_uid(uid: UUID) -> Record:
    """Raises ``NotFound``."""
    found: Record | None = (
        Record.objects.select_related("programme", "person").filter(uid=uid).first()
    )
    if found is None:
        raise NotFound()
    return found


def visits_of(rows: Iterable[Record]) -> dict[int, list[Visit]]:
    """Person → visits as the evaluator reads them; a visit's line is its record's key."""
    rows = list(rows)
    born = {row.person_id: row.person.birth_date for row in rows}
    return _visits([tuple(getattr(row, name) for name in _VISIT) for row in rows], born)


def visits_in(found: QuerySet[Record]) -> dict[int, list[Visit]]:
    """``visits_of`` a query, for a whole town: no rows of their own are made."""
    rows = list(found.order_by().values_list(*_VISIT))
    people = {row[1] for row in rows}
    born = dict(Person.objects.filter(pk__in=people).order_by().values_list("pk", "birth_date"))
    return _visits(rows, born)


_VISIT = ("pk", "person_id", "activity", "host", "rewarded", "start", "end")


def _visits(
    rows: Iterable[tuple[Any, ...]], born: Mapping[int, date | None]
) -> dict[int, list[Visit]]:
    known = standings(born)
    found: dict[int, list[Visit]] = {}
    for line, person_id, activity, host, rewarded, start, end in rows:
        start, end = _local(start), _local(end)
        insured, ties = standing_on(known.get(person_id, ()), start.date())
        found.setdefault(person_id, []).append(
            Visit(
                line=line,
                person=str(person_id),
                born=born[person_id] or NOT_KNOWN,
                insured=insured,
                relations=ties,
                activity=activity,
                host=host or "-",
                rewarded=rewarded,
                start=start,
                end=end,
            )
        )
    return found


def _local(moment: datetime) -> datetime:
    return clock.local(moment).replace(tzinfo=None)


def years_of(programme: Programme, visits: list[Visit]) -> dict[int, Year]:
    """One person's fiscal years up to this one, each by the rules that hold for it."""
    if not visits:
        return {}
    years: dict[int, Year] = {}
    carried = 0
    first = min(clock.fiscal_year(visit.start.date()) for visit in visits)
    last = max(clock.fiscal_year(), *(clock.fiscal_year(v.start.date()) for v in visits))
    for number in range(first, last + 1):
        rules = ruled(programme.code, number).document
        counter = Counter(rules)
        mine = [visit for visit in visits if clock.fiscal_year(visit.start.date()) == number]
        years[number] = counter.year(number, mine, carried=carried)
        carried = counter.carried(years[number])
    return years


def year_of(programme: Programme, person: Person, fiscal_year: int) -> Year:
    """A person's fiscal year as it stands now."""
    visits = visits_of(records(programme, person=person)).get(person.pk, [])
    return years_of(programme, visits).get(fiscal_year) or Year()


def people_of(programme: Programme) -> list[int]:
    """Everybody who ever did something for the programme or was granted something, by key."""
    rows = Record.objects.filter(programme=programme).order_by().values_list("person_id")
    granted = Grant.objects.filter(programme=programme).order_by().values_list("person_id")
    return sorted(person_id for (person_id,) in rows.union(granted))


def everybody(programme: Programme, fiscal_year: int) -> dict[int, Year]:
    """Person → their fiscal year as it stands now, of all who did something or brought something
    over. Raises ``ProgrammeMissing`` where the programme had not begun."""
    document = ruled(programme.code, fiscal_year).document
    if not carries(programme):
        counter = Counter(document)
        since, until = clock.fiscal_year_bounds(fiscal_year)
        of_year = Record.objects.filter(
            programme=programme, void_at=None, start__gte=since, start__lt=until
        )
        rows = visits_in(of_year)
        return {person: counter.year(fiscal_year, visits) for person, visits in rows.items()}
    found = {}
    every = Record.objects.filter(programme=programme, void_at=None)
    for person, visits in visits_in(every).items():
        year = years_of(programme, visits).get(fiscal_year)
        if year is not None and (year.lines or year.carried):
            found[person] = year
    return found


def carries(programme: Programme) -> bool:
    """Whether what is left of a year counts in the next one by any of the programme's versions:
    then somebody's year cannot be counted without the years before."""
    return any(
        document_of(version.document).expiry.leftover == "carry"
        for version in ProgrammeVersion.objects.filter(programme=programme)
    )


def years_known(programme: Programme) -> list[int]:
    """The fiscal years in which the programme held, the newest first."""
    first = ProgrammeVersion.objects.filter(programme=programme).aggregate(
        day=Min("effective_from")
    )["day"]
    if first is None or first > clock.today():
        return []
    return list(range(clock.fiscal_year(), clock.fiscal_year(first) - 1, -1))


def granted_sums(programme: Programme, fiscal_year: int) -> dict[int, int]:
    """Person → what the ledger was told so far of their year."""
    rows = Grant.objects.filter(programme=programme, fiscal_year=fiscal_year)
    return dict(rows.order_by().values_list("person_id").annotate(sum=Sum("amount")))


def granted_sum(programme: Programme, person: Person, fiscal_year: int) -> int:
    """What the ledger was told so far of a person's year."""
    rows = Grant.objects.filter(programme=programme, person=person, fiscal_year=fiscal_year)
    return int(rows.aggregate(sum=Sum("amount"))["sum"] or 0)


def owed(programme: Programme, person: Person) -> dict[int, int]:
    """Fiscal year → what was granted beyond what the year came to, and could not be taken back
    because it was used. Of years that are open."""
    visits = visits_of(records(programme, person=person)).get(person.pk, [])
    years = years_of(programme, visits)
    rows = Grant.objects.filter(programme=programme, person=person)
    told = rows.order_by().values_list("fiscal_year").annotate(sum=Sum("amount"))
    found = {}
    for number, granted in told:
        came_to = years[number].granted if number in years else 0
        if granted > came_to and not is_closed(programme, number):
            found[number] = granted - came_to
    return found


def would_pay(document: Document, programme: Programme, fiscal_year: int) -> Result:
    """What ``document`` would have given for the real records of ``fiscal_year``; persons are
    keyed by their number in the database."""
    counter = Counter(document)
    people: dict[str, Year] = {}
    rows = records(programme, fiscal_year=fiscal_year)
    for person_id, visits in visits_of(rows).items():
        people[str(person_id)] = counter.year(fiscal_year, visits)
    return {fiscal_year: people}


# --- what can be used -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Wallet:
    """What a person can use of a programme now, until when, and what is held for applications."""

    available: int
    held: int
    #: (last day, amount), soonest first; None: for ever.
    parts: tuple[tuple[date | None, int], ...]


def wallet(programme: Programme, person: Person) -> Wallet:
    """What is available and held. What ended yesterday is not available, swept or not."""
    found = balances(programme=programme, person_id=person.pk)
    this_year = clock.fiscal_year()
    parts = tuple(
        (date(vintage + 1, 3, 31) if vintage else None, balance.available)
        for vintage, (_, balance) in found.items()
        if balance.available > 0 and (vintage == 0 or vintage >= this_year)
    )
    return Wallet(
        available=sum(amount for _, amount in parts),
        held=sum(balance.held for _, balance in found.values()),
        parts=parts,
    )


def statement(programme: Programme, person: Person) -> list[Entry]:
    """All that moved of a programme's units in and out of a person's accounts, newest first."""
    accounts = [a for a, _ in balances(programme=programme, person_id=person.pk).values()]
    if not accounts:
        return []
    return ledger_selectors.statement(ledger=current(), accounts=accounts, limit=None)


def stock(programme: Programme) -> dict[str, dict[str, int]]:
    """Use → item → how many are left, of those that the office counts."""
    found: dict[str, dict[str, int]] = {}
    for row in Stock.objects.filter(programme=programme):
        found.setdefault(row.use, {})[row.name] = row.left
    return found


def used_yen(programme: Programme, person: Person, use: str, fiscal_year: int) -> int:
    """What a person has asked for or got of one use in a fiscal year, in yen."""
    rows = Redemption.objects.filter(
        programme=programme, person=person, use=use, fiscal_year=fiscal_year
    ).exclude(state__in=(Redemption.State.REFUSED, Redemption.State.CANCELLED))
    return int(rows.aggregate(sum=Sum("value_yen"))["sum"] or 0)


def redemptions(
    *, programme: Programme | None = None, person: Person | None = None, state: str = ""
) -> list[Redemption]:
    """The newest first."""
    rows = Redemption.objects.select_related("programme", "person")
    if programme:
        rows = rows.filter(programme=programme)
    if person:
        rows = rows.filter(person=person)
    if state:
        rows = rows.filter(state=state)
    return list(rows)


def redemptions_waiting() -> list[datetime]:
    """Since when each application of the town waits for a decision."""
    rows = Redemption.objects.filter(state=Redemption.State.ASKED).order_by("asked_at")
    return list(rows.values_list("asked_at", flat=True))


def redemption_by_uid(uid: UUID) -> Redemption:
    """Raises ``NotFound``."""
    found: Redemption | None = (
        Redemption.objects.select_related("programme", "person").filter(uid=uid).first()
    )
    if found is None:
        raise NotFound()
    return found


def closings(programme: Programme) -> list[YearClosing]:
    """The years that are closed, the newest first."""
    return list(YearClosing.objects.filter(programme=programme))


def is_closed(programme: Programme, fiscal_year: int) -> bool:
    return YearClosing.objects.filter(programme=programme, fiscal_year=fiscal_year).exists()


def is_closing(programme: Programme, fiscal_year: int) -> bool:
    """Whether the worker has been told to close the year and has not done it yet."""
    return ProcrastinateJob.objects.filter(  # type: ignore[no-any-return]
        task_name="earnings.year_close",
        status__in=("todo", "doing"),
        args__contains={
            "municipality_id": current(),
            "programme_code": programme.code,
            "fiscal_year": fiscal_year,
        },
    ).exists()


def sums(years: Mapping[str, Year]) -> dict[str, int]:
    """People, units, granted, yen and leftover of many people's year."""
    rows = years.values()
    return {
        "people": len(years),
        "units": sum(year.units for year in rows),
        "granted": sum(year.granted for year in rows),
        "value_yen": sum(year.value_yen for year in rows),
        "leftover": sum(year.leftover for year in rows),
    }
