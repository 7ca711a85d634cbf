"""What a coin programme decides: prices, expiry, who may come, what proves a visit.

Pure: no Django, no clock, no database. ``document.parse`` makes ``CoinRules`` of a document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from kyojo.kernel.wording import duration

from .errors import CategoryNotAllowed, LengthNotAllowed

#: Kinds of people.TrustCheck, which lies above this room.
TRUST_KINDS = ("identity", "background", "training", "licence")
#: What coins may be used for. Cash is not among them and never will be (DESIGN §5).
USES = ("help", "gift_to_carer", "donation")


#: ``CoinRules.returned_days`` where a programme says nothing.
RETURNED_DAYS = 60


@dataclass(frozen=True)
class Limits:
    """Within what a kind of help stays. None or empty: no limit of its own."""

    longest_minutes: int | None = None
    earliest_hour: int | None = None
    latest_hour: int | None = None
    youngest_years: int | None = None
    places: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True)
class CategoryRule:
    """One kind of help: the checks that whoever comes must have passed, and its limits.

    ``training`` is the label of the course meant, where the kind "training" is needed.
    """

    code: str
    trust: frozenset[str]
    training: str = ""
    limits: Limits = Limits()
    settle_from: int | None = None
    #: Another adult must be there too; carer and supporter must have met before.
    two_adults: bool = False
    first_meeting: bool = False


@dataclass(frozen=True)
class TrustRule:
    """How a kind of check is made and how long it counts.

    ``valid_years`` None: as long as the paper itself says, or for ever. ``two_staff``: at the
    counter one member of staff looks and another confirms.
    """

    valid_years: int | None = None
    two_staff: bool = False

    def valid_until(self, today: date, given: date | None = None) -> date | None:
        """The last day on which a check made ``today`` counts: the earlier of what the paper says
        and what the programme allows."""
        ends = [one for one in (given, self._own_end(today)) if one is not None]
        return min(ends, default=None)

    def _own_end(self, today: date) -> date | None:
        if self.valid_years is None:
            return None
        # Somebody checked on 29 February: to the end of that February.
        day = min(today.day, 28) if today.month == 2 else today.day
        return today.replace(year=today.year + self.valid_years, day=day)


#: What holds where a programme says nothing, or none has begun.
TRUST_USUAL = {kind: TrustRule(two_staff=kind == "identity") for kind in TRUST_KINDS}


@dataclass(frozen=True)
class EvidenceRule:
    """From when on a visit is proven. Distances in metres, times around the booked window."""

    near_m: int
    accuracy_max_m: int
    window_before_minutes: int
    window_after_minutes: int
    code_tries_max: int
    positions_kept_days: int
    automatic_confirm_after_hours: int
    #: Scores of the evidence (0–100) from which it settles by itself, and the carer is asked.
    settle_from: int = 70
    ask_from: int = 30
    #: How many days whoever loses by a decision about held coins may object; 0: it stands at once.
    appeal_days: int = 7
    #: How many visits a day the office looks at because they do not look like help; 0: none.
    reviews_per_day: int = 5

    @property
    def window_before(self) -> timedelta:
        return timedelta(minutes=self.window_before_minutes)

    @property
    def window_after(self) -> timedelta:
        return timedelta(minutes=self.window_after_minutes)

    def confirm_until(self, ended_local: datetime) -> datetime:
        """Until when the carer may answer: the first noon that leaves them the whole time.

        ``ended_local`` is aware and in the people's own time zone; so is the answer.
        """
        earliest = ended_local + timedelta(hours=self.automatic_confirm_after_hours)
        noon = datetime.combine(earliest.date(), time(12), tzinfo=ended_local.tzinfo)
        return noon if noon >= earliest else noon + timedelta(days=1)


@dataclass(frozen=True)
class CaseHours:
    """Within how many hours the office looks into a case."""

    urgent: int = 4
    soon: int = 24
    usual: int = 120


@dataclass(frozen=True)
class MessageRule:
    """How many days after a visit people may still write, and when their words are erased."""

    open_days_after: int = 7
    kept_days: int = 90


@dataclass(frozen=True)
class Targets:
    """What the office promises to do within, in hours."""

    request_hours: int
    dispute_hours: int
    identity_hours: int
    case_hours: CaseHours = CaseHours()


@dataclass(frozen=True)
class BadgeRule:
    """From how many visits, hours of one kind of help, and visits to the same family on somebody
    gets a badge."""

    visits: tuple[int, ...] = (1, 10, 50, 100)
    hours: tuple[int, ...] = (10, 50, 100)
    companion_visits: int = 10


@dataclass(frozen=True)
class SafetyRule:
    """From when on somebody looks, where nobody says that a visit began or is over."""

    late_minutes: int = 30
    office_after_minutes: int = 15

    @property
    def late_after(self) -> timedelta:
        return timedelta(minutes=self.late_minutes)

    @property
    def office_after(self) -> timedelta:
        return timedelta(minutes=self.office_after_minutes)


@dataclass(frozen=True)
class InsuranceRule:
    """Until when the insurer hears of an accident, and the columns of its roster."""

    report_days: int = 30
    roster: tuple[str, ...] = (
        "number", "name", "kana", "birth_date", "address", "phone", "joined", "visits", "minutes",
    )  # fmt: skip

    def report_until(self, happened_on: date) -> date:
        """The last day on which it may be reported."""
        return happened_on + timedelta(days=self.report_days)


@dataclass(frozen=True)
class MinorsRule:
    """What supporters under 18 may do: see ``rules.model.Minors``. Without kinds: nothing."""

    from_years: int = 15
    categories: frozenset[str] = frozenset()
    earliest_hour: int = 8
    latest_hour: int = 18

    def allows(self, category: str, start: datetime, end: datetime) -> bool:
        """Whether a visit of this kind at this time (local) may be a minor's. Never at night."""
        day_end = start.replace(hour=0, minute=0, second=0, microsecond=0)
        return (
            category in self.categories
            and start.hour >= self.earliest_hour
            and end <= day_end + timedelta(hours=self.latest_hour)
        )


@dataclass(frozen=True)
class CoinRules:
    """A coin programme, as its document says. Amounts are whole coins."""

    code: str
    name: str
    currency: str
    unit: str
    coins_per_30min: int
    lengths_minutes: tuple[int, ...]
    distributed_expiry_years: int
    earned_expiry_years: int
    uses: frozenset[str]
    approval_over_coins: int
    issue_max_coins: int
    per_person_max_coins: int
    offers_expire_hours: int
    office_takes_over_hours: int
    #: For how long at least coins can be used that come back after their last day; 0: no longer.
    returned_days: int
    #: For how long help may be asked for again and again.
    series_months: int
    evidence: EvidenceRule
    closed_door_minutes: int
    targets: Targets
    categories: tuple[CategoryRule, ...]
    messages: MessageRule = MessageRule()
    #: How many days after a visit its reviews open, if not both have written before.
    reveal_days: int = 7
    badges: BadgeRule = BadgeRule()
    minors: MinorsRule = MinorsRule()
    safety: SafetyRule = SafetyRule()
    insurance: InsuranceRule = InsuranceRule()
    #: What a thing given as thanks may be worth; 0: none is given.
    gift_most_yen: int = 500
    #: How long whoever asked to be erased can take it back.
    erasure_wait_days: int = 14
    #: Keeping times of a kind that are shorter than the house's, in days.
    kept_days: Mapping[str, int] = field(default_factory=dict)
    #: Kind of check → rule, for every kind.
    trust: Mapping[str, TrustRule] = field(default_factory=lambda: TRUST_USUAL)

    # --- price ---
    def price(self, category: str, minutes: int) -> int:
        """Coins for ``minutes`` of ``category``. Raises CategoryNotAllowed, LengthNotAllowed."""
        self.category_rule(category)
        if minutes not in self.lengths(category):
            raise LengthNotAllowed(
                field="minutes", lengths="、".join(duration(m) for m in self.lengths(category))
            )
        return self.coins_for(minutes)

    def coins_for(self, minutes: int) -> int:
        """Coins for a length of time, begun half hours counted down."""
        return minutes // 30 * self.coins_per_30min

    def lengths(self, category: str) -> tuple[int, ...]:
        """The lengths that may be asked for in ``category``, in minutes, ascending."""
        longest = self.category_rule(category).limits.longest_minutes
        return tuple(m for m in self.lengths_minutes if longest is None or m <= longest)

    # --- kinds of help ---
    def category_allowed(self, category: str) -> bool:
        return any(rule.code == category for rule in self.categories)

    def category_rule(self, category: str) -> CategoryRule:
        """Raises CategoryNotAllowed."""
        for rule in self.categories:
            if rule.code == category:
                return rule
        raise CategoryNotAllowed(field="category")

    def trust_needed(self, category: str) -> frozenset[str]:
        """The kinds of TrustCheck that whoever comes for ``category`` must have."""
        return self.category_rule(category).trust

    def training_needed(self, category: str) -> str:
        """The label of the course that ``category`` needs, "" for none in particular."""
        return self.category_rule(category).training

    def evidence_for(self, category: str) -> EvidenceRule:
        """What proves a visit of ``category``; a kind that is no longer listed goes by the
        programme's own figures."""
        own = next((rule.settle_from for rule in self.categories if rule.code == category), None)
        return self.evidence if own is None else replace(self.evidence, settle_from=own)

    def two_adults(self, category: str) -> bool:
        """Whether another adult must be there. A kind that is no longer listed: as not."""
        return any(rule.two_adults for rule in self.categories if rule.code == category)

    def first_meeting(self, category: str) -> bool:
        """Whether carer and supporter must have met before."""
        return any(rule.first_meeting for rule in self.categories if rule.code == category)

    def limits(self, category: str) -> Limits:
        return self.category_rule(category).limits

    # --- expiry: a vintage is the fiscal year at whose end the coins expire ---
    def vintage_distributed(self, fiscal_year: int) -> int:
        return fiscal_year + self.distributed_expiry_years

    def vintage_earned(self, fiscal_year: int) -> int:
        return fiscal_year + self.earned_expiry_years

    def expires_on(self, vintage: int) -> date:
        """The last day on which coins of ``vintage`` can be used."""
        return date(vintage + 1, 3, 31)

    # --- approval ---
    def second_officer_needed(self, amount: int) -> bool:
        return amount > self.approval_over_coins

    # --- a supporter who came to a closed door ---
    def closed_door_coins(self, price: int) -> int:
        """What the office is advised to give of the ``price`` that is held; it decides."""
        return min(price, self.coins_for(self.closed_door_minutes))
