"""What a programme's document may say, as types. ``reading`` fills them and names what is wrong.

A key's name carries its unit (minutes, yen, years); amounts are whole numbers. ``units`` are what a
programme counts (stamps, points, minutes), ``grants`` what full units become.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

SCHEMA = 2

#: The error of text that no page, list or database can show.
UNPRINTABLE = "unprintable"


def _printable(text: str) -> str:
    """Words that can be read: no control characters but the end of a line, and not only blanks."""
    if not text.strip() or any(not one.isprintable() and one not in "\n\u3000" for one in text):
        raise PydanticCustomError(UNPRINTABLE, "text cannot be shown")
    return text


def _one_line(text: str) -> str:
    """Names stand in lists, tables and files, where a second line would break the row."""
    if "\n" in text:
        raise PydanticCustomError(UNPRINTABLE, "a name has one line")
    return text


Kind = Literal[
    "coin", "points", "stamps", "ticket", "gratitude", "time", "exchange", "time-deposit"
]
Relation = Literal["lives", "works", "studies"]
Insured = Literal["first", "second", "none"]
Use = Literal[
    "help",
    "gift_to_carer",
    "premium",
    "cash",
    "donation",
    "goods",
    "voucher",
    "shop",
    "family",
    "people_in_need",
    "event",
]
Trust = Literal["identity", "background", "training", "licence"]
Place = Literal["own_home", "other_home", "public"]
Fund = Literal["care_insurance", "general_account", "members", "donations"]

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
Currency = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=20)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
CategoryCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Printable = AfterValidator(_printable)
OneLine = AfterValidator(_one_line)
Label = Annotated[str, StringConstraints(min_length=1, max_length=80), Printable, OneLine]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=400), Printable]
Yen = Annotated[int, Field(ge=0, le=10_000_000)]
Amount = Annotated[int, Field(ge=1, le=10_000_000)]
Minutes = Annotated[int, Field(ge=1, le=1440)]
Age = Annotated[int, Field(ge=0, le=120)]


class Part(BaseModel):
    """A table of the document. A key that nobody knows is refused, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Source(Part):
    """Where a rule comes from, and of which day: laws move."""

    says: Sentence
    source: Sentence
    as_of: date | None = None


class Earner(Part):
    """One of the kinds of people who may earn; what is left out does not matter."""

    insured: Insured | None = None
    age_from: Age | None = None
    age_to: Age | None = None


class Who(Part):
    """Which people: a tie to the municipality, and one of ``any_of`` if there are some."""

    relation: Annotated[list[Relation], Field(min_length=1)]
    any_of: list[Earner] = []


class Hosts(Part):
    """Organisations that receive help; their proof is what is counted."""

    designated: Annotated[dict[Code, Label], Field(min_length=1)]
    proof: Literal["stamp", "card", "signature", "system"]


class Earning(Part):
    """What a visit earns: ``units`` for each visit, or for each full ``minutes`` of it."""

    per: Literal["visit", "minutes"]
    minutes: Minutes | None = None
    units: Amount
    at_least_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    day_most: Amount | None = None
    year_most: Amount | None = None
    other_reward: Literal["excludes", "counts"] = "counts"


class Conversion(Part):
    """What counted units become: each full ``units`` are ``grants``; a year gives no more than
    ``year_most``. ``linear``: parts of a step count as well, rounded down."""

    way: Literal["steps", "linear"]
    units: Amount
    grants: Amount
    from_units: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    year_most: Amount | None = None


class Worth(Part):
    """What ``of`` granted are worth, in yen. ``reading`` is our own understanding of the source."""

    yen: Yen
    of: Amount = 1
    reading: Sentence | None = None

    def yen_of(self, units: int) -> int:
        """What ``units`` are worth, in whole yen, rounded down."""
        return units * self.yen // self.of


class Alternative(Part):
    """What a person who has reached the year's limit may take instead of everything else."""

    use: Use
    yen: Yen


class Expiry(Part):
    """How long what was granted lives: to the end of this many further fiscal years; none: for
    ever. ``distributed_years``: the same for coins that were given out, not earned.
    ``returned_days``: for how long at least coins can be used that were held over their last day
    and come back, 60 if none; 0: they end with their vintage."""

    earned_years: Annotated[int, Field(ge=0, le=10)] | None = None
    distributed_years: Annotated[int, Field(ge=0, le=10)] | None = None
    returned_days: Annotated[int, Field(ge=0, le=366)] | None = None
    leftover: Literal["lapse", "carry"] = "lapse"
    on_leaving: Literal["lapse", "keep", "pay_out"] = "lapse"
    on_death: Literal["lapse", "heirs", "donate"] = "lapse"


class UseRule(Part):
    """One thing that may be done with what was granted."""

    use: Use
    year_most_yen: Yen | None = None
    on_application: bool = False
    recipients: list[Label] = []
    items: list[Label] = []
    #: What one of an item costs, in granted units; an item without a price takes any amount.
    prices: dict[Label, Amount] = {}


class Funding(Part):
    """Who pays for what people of these ages earn."""

    fund: Fund
    age_from: Age | None = None
    age_to: Age | None = None


class Ticket(Part):
    """Tickets that are bought, handed on, and cashed; ``office_yen`` stays with the office."""

    bought_yen: Yen
    paid_yen: Yen
    office_yen: Yen
    share_at: Literal["cash", "use"]
    settlement: Literal["ticket", "invoice", "cash", "passbook", "stamp_card"]


class Thanks(Part):
    """How thank-you money is set, and what becomes of it, where ``Ticket`` alone does not say.

    ``by_activity`` and ``least_yen`` to ``most_yen`` take the place of ``ticket.bought_yen`` for
    one unit of ``earning``; of each unit the office keeps ``ticket.office_yen`` in front. Of the
    rest, ``share`` is the helper's alone, or ``share_percent`` of it are given to the office
    (``part_donated``) or deposited as hours of the programme ``deposit_in``, or all of it is the
    office's. Costs (``costs_most_yen``) are always the helper's.
    """

    amount: Literal["one_rate", "rate_plus_costs", "by_kind", "payer_choice"]
    costs_most_yen: Yen | None = None
    by_activity: dict[Code, Yen] = {}
    least_yen: Yen | None = None
    most_yen: Yen | None = None
    share: Literal["person", "part_donated", "part_deposited", "office"] = "person"
    share_percent: Annotated[int, Field(ge=1, le=99)] | None = None
    deposit_in: Slug | None = None


class Fee(Part):
    """What members pay the office for taking part."""

    name: Label
    yen: Annotated[int, Field(ge=1, le=100_000)]
    each: Literal["joining", "year"]


class Circulation(Part):
    """How members come to have something before they helped anybody: everybody starts with
    ``start_units``, and may be lent ``lent_most`` by the office, paid back by helping."""

    start_units: Annotated[int, Field(ge=0, le=100_000)] = 0
    lent_most: Annotated[int, Field(ge=0, le=100_000)] = 0


class Flagged(Part):
    """A figure of the source that we keep and do not believe."""

    key: Sentence
    says: Sentence


# --- what only a coin programme has ---------------------------------------------------------------


class Price(Part):
    coins_per_30_minutes: Annotated[int, Field(ge=1, le=1000)]
    lengths_minutes: Annotated[
        list[Annotated[int, Field(ge=30, le=480, multiple_of=30)]], Field(min_length=1)
    ]


class Issue(Part):
    second_officer_over_coins: Annotated[int, Field(ge=0, le=10**9)]
    amount_max_coins: Annotated[int, Field(ge=1, le=10**12)]
    per_person_max_coins: Annotated[int, Field(ge=1, le=10**6)]


class Offers(Part):
    direct_expire_hours: Annotated[int, Field(ge=1, le=336)]
    office_takes_over_hours: Annotated[int, Field(ge=1, le=336)]
    series_months: Annotated[int, Field(ge=1, le=12)] = 6


class Evidence(Part):
    near_m: Annotated[int, Field(ge=10, le=1000)]
    accuracy_max_m: Annotated[int, Field(ge=10, le=1000)]
    window_before_minutes: Annotated[int, Field(ge=0, le=120)]
    window_after_minutes: Annotated[int, Field(ge=0, le=120)]
    code_tries_max: Annotated[int, Field(ge=1, le=10)]
    positions_kept_days: Annotated[int, Field(ge=1, le=90)]
    automatic_confirm_after_hours: Annotated[int, Field(ge=12, le=336)]
    #: Scores of the evidence, 0–100: from here it settles by itself, from here the carer is asked.
    settle_from: Annotated[int, Field(ge=50, le=100)] = 70
    ask_from: Annotated[int, Field(ge=0, le=40)] = 30
    #: How many days whoever loses by a decision about held coins may object; 0: it stands at once.
    appeal_days: Annotated[int, Field(ge=0, le=60)] = 7
    #: How many visits a day the office looks at because they do not look like help; 0: none.
    reviews_per_day: Annotated[int, Field(ge=0, le=200)] = 5


class ClosedDoor(Part):
    advised_minutes: Annotated[int, Field(ge=0, le=480)]


class CaseHours(Part):
    """Within how many hours the office looks into a case, by how pressing it is."""

    urgent: Annotated[int, Field(ge=1, le=72)] = 4
    soon: Annotated[int, Field(ge=1, le=336)] = 24
    usual: Annotated[int, Field(ge=1, le=1440)] = 120


class Targets(Part):
    request_hours: Annotated[int, Field(ge=1, le=336)]
    dispute_hours: Annotated[int, Field(ge=1, le=1440)]
    identity_hours: Annotated[int, Field(ge=1, le=1440)]
    case_hours: CaseHours = CaseHours()


class Messages(Part):
    """How many days after a visit those who met may still write to each other, and after how many
    days what they wrote is erased."""

    open_days_after: Annotated[int, Field(ge=0, le=60)] = 7
    kept_days: Annotated[int, Field(ge=30, le=730)] = 90


class TrustRule(Part):
    """How long a check of this kind counts, none: for ever or as the paper itself says; and
    whether two members of staff make it at the counter (``identity``: yes, unless said)."""

    valid_years: Annotated[int, Field(ge=1, le=20)] | None = None
    two_staff: bool | None = None


class Reviews(Part):
    """``reveal_days``: so long after a visit what both say of it stays closed, unless both have
    written before."""

    reveal_days: Annotated[int, Field(ge=1, le=60)] = 7


class Badges(Part):
    """From how many visits, hours of one kind of help, and visits to the same family on somebody
    gets a badge."""

    visits: list[Annotated[int, Field(ge=1, le=10_000)]] = [1, 10, 50, 100]
    hours: list[Annotated[int, Field(ge=1, le=10_000)]] = [10, 50, 100]
    companion_visits: Annotated[int, Field(ge=2, le=1_000)] = 10


class Limits(Part):
    longest_minutes: Annotated[int, Field(ge=30, le=480)] | None = None
    earliest_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    latest_hour: Annotated[int, Field(ge=1, le=24)] | None = None
    youngest_years: Annotated[int, Field(ge=0, le=17)] | None = None
    places: list[Place] = []
    note: Annotated[str, StringConstraints(max_length=200)] = ""


class Minors(Part):
    """What supporters under 18 may do, with an adult's agreement: from which age, which kinds of
    help, and within which hours of the day the visit lies."""

    from_years: Annotated[int, Field(ge=12, le=18)] = 15
    categories: list[CategoryCode] = []
    earliest_hour: Annotated[int, Field(ge=5, le=12)] = 8
    latest_hour: Annotated[int, Field(ge=13, le=22)] = 18


class Safety(Part):
    """From when on somebody looks, if nobody says that a visit is over or that it began: first the
    supporter is asked, and after ``office_after_minutes`` more the office hears of it."""

    late_minutes: Annotated[int, Field(ge=10, le=240)] = 30
    office_after_minutes: Annotated[int, Field(ge=5, le=120)] = 15


RosterColumn = Literal[
    "number", "name", "kana", "birth_date", "address", "phone", "joined", "left", "town",
    "planned", "visits", "minutes",
]  # fmt: skip


class Insurance(Part):
    """What the insurer of activities wants: within how many days it hears of an accident, and the
    columns of the roster, in its order."""

    report_days: Annotated[int, Field(ge=1, le=365)] = 30
    roster: Annotated[list[RosterColumn], Field(min_length=1)] = [
        "number", "name", "kana", "birth_date", "address", "phone", "joined", "visits", "minutes",
    ]  # fmt: skip


class Gifts(Part):
    """A small thing of the house, given as thanks (おすそわけ): up to this worth; 0: not at all."""

    most_yen: Annotated[int, Field(ge=0, le=3000)] = 500


class Category(Part):
    trust: Annotated[list[Trust], Field(min_length=1)]
    training: Annotated[str, StringConstraints(max_length=60)] = ""
    #: Another ``evidence.settle_from`` for this kind of help; None: the programme's.
    settle_from: Annotated[int, Field(ge=50, le=100)] | None = None
    limits: Limits = Limits()
    #: A second adult is present (two_adults); they have met before the first visit (first_meeting).
    two_adults: bool = False
    first_meeting: bool = False


#: What is erased by the clock and may be erased sooner than the house would.
KeptKind = Literal[
    "notices", "visit_addresses", "refused_steps", "distribution_lines", "left_members",
    "purge_log", "cases", "group_posts", "tag_signals", "tag_tallies",
]  # fmt: skip


class Privacy(Part):
    """``erasure_wait_days``: so long whoever asked to be erased can take it back.
    ``kept_days``: keeping times that are shorter than the house's, by kind."""

    erasure_wait_days: Annotated[int, Field(ge=0, le=30)] = 14
    kept_days: dict[KeptKind, Annotated[int, Field(ge=7, le=3660)]] = {}


class Document(Part):
    """A programme, as its document says."""

    schema_: Annotated[Literal[2], Field(alias="schema")]
    code: Slug
    name: Label
    kind: Kind
    currency: Currency
    unit: Annotated[str, StringConstraints(min_length=1, max_length=20), Printable, OneLine]
    counted: Annotated[str, StringConstraints(min_length=1, max_length=20), Printable, OneLine]
    summary: Sentence
    sources: Annotated[list[Source], Field(min_length=1)]
    #: Whose help counts.
    who: Who
    #: Whose own use counts, where that is not everybody who has some.
    spenders: Who | None = None
    activities: dict[Code, Label] = {}
    hosts: Hosts | None = None
    earning: Earning
    conversion: Conversion | None = None
    worth: Worth | None = None
    at_cap: Alternative | None = None
    expiry: Expiry
    uses: Annotated[list[UseRule], Field(min_length=1)]
    #: Codes of programmes in which nobody may have records in the same fiscal year.
    excludes: list[Slug] = []
    funding: list[Funding] = []
    ticket: Ticket | None = None
    thanks: Thanks | None = None
    fees: list[Fee] = []
    circulation: Circulation | None = None
    flagged: list[Flagged] = []
    # a coin programme's own tables
    price: Price | None = None
    issue: Issue | None = None
    offers: Offers | None = None
    evidence: Evidence | None = None
    closed_door: ClosedDoor | None = None
    targets: Targets | None = None
    messages: Messages | None = None
    reviews: Reviews | None = None
    badges: Badges | None = None
    minors: Minors | None = None
    safety: Safety | None = None
    insurance: Insurance | None = None
    gifts: Gifts | None = None
    privacy: Privacy | None = None
    categories: dict[CategoryCode, Category] = {}
    trust: dict[Trust, TrustRule] = {}
