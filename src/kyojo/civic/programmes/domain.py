"""What a coin programme's document says, as values. Pure: no Django, no clock, no database.

A document is TOML. ``parse`` reads it strictly: an unknown key, a missing key or a value out of
its bounds is refused with the key's full name and what may stand there, so that whoever edits a
document never wonders which line did nothing.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from .errors import CategoryNotAllowed, DocumentInvalid, DocumentUnreadable, LengthNotAllowed

SCHEMA = 1
#: Kinds of people.TrustCheck, which lies above this room.
TRUST_KINDS = ("identity", "background", "training", "licence")
#: Kinds of people.CarePlace.
PLACE_KINDS = ("own_home", "other_home", "public")
#: What coins may be used for. Cash is not among them and never will be (DESIGN §5).
USES = ("help", "gift_to_carer", "donation")


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
class CancelRule:
    """How many minutes' worth of the held coins the supporter keeps; the rest returns."""

    late_within_hours: int
    late_paid_minutes: int
    carer_no_show_paid_minutes: int
    supporter_no_show_paid_minutes: int


@dataclass(frozen=True)
class Targets:
    """What the office promises to do within, in hours."""

    request_hours: int
    dispute_hours: int
    identity_hours: int


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
    broadcast_expire_hours: int
    office_takes_over_hours: int
    evidence: EvidenceRule
    cancellation: CancelRule
    targets: Targets
    categories: tuple[CategoryRule, ...]

    # --- price ---
    def price(self, category: str, minutes: int) -> int:
        """Coins for ``minutes`` of ``category``. Raises CategoryNotAllowed, LengthNotAllowed."""
        self.category_rule(category)
        if minutes not in self.lengths(category):
            raise LengthNotAllowed(
                field="minutes", lengths="、".join(spoken(m) for m in self.lengths(category))
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

    # --- cancelling: coins out of ``price`` that the supporter keeps, the rest returns ---
    def kept_on_cancel(self, *, price: int, by_carer: bool, before_start: timedelta) -> int:
        """``before_start``: how long before the start it was cancelled."""
        rule = self.cancellation
        if not by_carer or before_start >= timedelta(hours=rule.late_within_hours):
            return 0
        return min(price, self.coins_for(rule.late_paid_minutes))

    def kept_on_no_show(self, *, price: int, absent: str) -> int:
        """``absent``: "carer" (nobody was there to be helped) or "supporter"."""
        rule = self.cancellation
        minutes = (
            rule.supporter_no_show_paid_minutes
            if absent == "supporter"
            else rule.carer_no_show_paid_minutes
        )
        return min(price, self.coins_for(minutes))

    # --- evidence, under the names that callers use most ---
    @property
    def near_m(self) -> int:
        return self.evidence.near_m

    @property
    def accuracy_max_m(self) -> int:
        return self.evidence.accuracy_max_m

    @property
    def window_before_minutes(self) -> int:
        return self.evidence.window_before_minutes

    @property
    def window_after_minutes(self) -> int:
        return self.evidence.window_after_minutes

    @property
    def automatic_confirm_after_hours(self) -> int:
        return self.evidence.automatic_confirm_after_hours


def spoken(minutes: int) -> str:
    """``30分``, ``1時間``, ``1時間30分``."""
    hours, rest = divmod(minutes, 60)
    return (f"{hours}時間" if hours else "") + (f"{rest}分" if rest or not hours else "")


# --- reading a document ---------------------------------------------------------------------------
class _Table:
    """A table of the document that is read key by key; what nobody asked for is refused."""

    def __init__(self, value: Any, name: str = "") -> None:
        if not isinstance(value, dict):
            raise DocumentInvalid(key=name, allowed="表（[…]の下に書くもの）")
        self.rest: dict[str, Any] = dict(value)
        self.name = name
        self.known: list[str] = []

    def key(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def refuse(self, key: str, allowed: str) -> DocumentInvalid:
        return DocumentInvalid(key=self.key(key), allowed=allowed)

    def take(self, key: str) -> Any:
        self.known.append(key)
        return self.rest.pop(key, None)

    def table(self, key: str) -> "_Table":
        value = self.take(key)
        if value is None:
            raise self.refuse(key, f"表です。[{self.key(key)}] を足すこと")
        return _Table(value, self.key(key))

    def whole(self, key: str, low: int, high: int) -> int:
        value = self.take(key)
        # TOML's true is a Python int as well.
        if type(value) is not int or not low <= value <= high:
            raise self.refuse(key, f"{low}から{high}までの整数")
        return value

    def whole_or_none(self, key: str, low: int, high: int) -> int | None:
        if key in self.rest:
            return self.whole(key, low, high)
        self.known.append(key)
        return None

    def text(self, key: str, longest: int, pattern: str = r".+", said: str = "") -> str:
        value = self.take(key)
        if not isinstance(value, str) or len(value) > longest or not re.fullmatch(pattern, value):
            raise self.refuse(key, said or f"{longest}字までの文字")
        return value

    def text_or_empty(self, key: str, longest: int) -> str:
        if key in self.rest:
            return self.text(key, longest)
        self.known.append(key)
        return ""

    def words(self, key: str, allowed: tuple[str, ...], *, needed: bool = True) -> frozenset[str]:
        if not needed and key not in self.rest:
            self.known.append(key)
            return frozenset()
        value = self.take(key)
        said = f"{'、'.join(allowed)} から1つ以上を1回ずつ並べたもの"
        if not isinstance(value, list) or not value or len(set(map(repr, value))) < len(value):
            raise self.refuse(key, said)
        if any(word not in allowed for word in value):
            raise self.refuse(key, said)
        return frozenset(value)

    def end(self) -> None:
        for key in self.rest:
            raise self.refuse(key, f"{'、'.join(self.known)} だけ")


def parse(document: str) -> CoinRules:
    """The rules that ``document`` (TOML) states.

    Raises:
        DocumentUnreadable: not TOML. DocumentInvalid: a key that breaks the schema, by name.
    """
    try:
        root = _Table(tomllib.loads(document))
    except tomllib.TOMLDecodeError as error:
        raise DocumentUnreadable(detail=str(error)) from None
    root.whole("schema", SCHEMA, SCHEMA)
    slug = r"[a-z][a-z0-9-]*"
    price, expiry, uses = root.table("price"), root.table("expiry"), root.table("uses")
    issue, offers = root.table("issue"), root.table("offers")
    rules = CoinRules(
        code=root.text("code", 40, slug, "英小文字・数字・ハイフンで40字まで"),
        name=root.text("name", 80),
        currency=root.text("currency", 20, slug, "英小文字・数字・ハイフンで20字まで"),
        unit=root.text("unit", 20),
        coins_per_30min=price.whole("coins_per_30_minutes", 1, 1000),
        lengths_minutes=_lengths(price),
        distributed_expiry_years=expiry.whole("distributed_years", 0, 10),
        earned_expiry_years=expiry.whole("earned_years", 0, 10),
        uses=uses.words("allowed", USES),
        approval_over_coins=issue.whole("second_officer_over_coins", 0, 10**9),
        issue_max_coins=issue.whole("amount_max_coins", 1, 10**12),
        per_person_max_coins=issue.whole("per_person_max_coins", 1, 10**6),
        offers_expire_hours=offers.whole("direct_expire_hours", 1, 24 * 14),
        broadcast_expire_hours=offers.whole("broadcast_expire_hours", 1, 24 * 14),
        office_takes_over_hours=offers.whole("office_takes_over_hours", 1, 24 * 14),
        evidence=_evidence(root.table("evidence")),
        cancellation=_cancellation(root.table("cancellation")),
        targets=_targets(root.table("targets")),
        categories=_categories(root.table("categories")),
    )
    for table in (price, expiry, uses, issue, offers, root):
        table.end()
    if rules.earned_expiry_years < rules.distributed_expiry_years:
        raise DocumentInvalid(
            key="expiry.earned_years",
            allowed=f"{rules.distributed_expiry_years}（distributed_years）以上の整数",
        )
    for rule in rules.categories:
        if not rules.lengths(rule.code):
            raise DocumentInvalid(
                key=f"categories.{rule.code}.limits.longest_minutes",
                allowed=f"{rules.lengths_minutes[0]}（いちばん短い長さ）以上の整数",
            )
    return rules


def _lengths(price: _Table) -> tuple[int, ...]:
    value = price.take("lengths_minutes")
    if (
        not isinstance(value, list)
        or not value
        or any(type(m) is not int or m % 30 or not 30 <= m <= 480 for m in value)
        or sorted(set(value)) != value
    ):
        raise price.refuse("lengths_minutes", "30から480までの30の倍数を、短い順に並べたもの")
    return tuple(value)


def _evidence(table: _Table) -> EvidenceRule:
    rule = EvidenceRule(
        near_m=table.whole("near_m", 10, 1000),
        accuracy_max_m=table.whole("accuracy_max_m", 10, 1000),
        window_before_minutes=table.whole("window_before_minutes", 0, 120),
        window_after_minutes=table.whole("window_after_minutes", 0, 120),
        code_tries_max=table.whole("code_tries_max", 1, 10),
        positions_kept_days=table.whole("positions_kept_days", 1, 90),
        automatic_confirm_after_hours=table.whole("automatic_confirm_after_hours", 12, 24 * 14),
    )
    table.end()
    return rule


def _cancellation(table: _Table) -> CancelRule:
    rule = CancelRule(
        late_within_hours=table.whole("late_within_hours", 0, 72),
        late_paid_minutes=table.whole("late_paid_minutes", 0, 480),
        carer_no_show_paid_minutes=table.whole("carer_no_show_paid_minutes", 0, 480),
        supporter_no_show_paid_minutes=table.whole("supporter_no_show_paid_minutes", 0, 0),
    )
    table.end()
    return rule


def _targets(table: _Table) -> Targets:
    targets = Targets(
        request_hours=table.whole("request_hours", 1, 24 * 14),
        dispute_hours=table.whole("dispute_hours", 1, 24 * 60),
        identity_hours=table.whole("identity_hours", 1, 24 * 60),
    )
    table.end()
    return targets


def _categories(table: _Table) -> tuple[CategoryRule, ...]:
    rules = []
    for code in sorted(table.rest):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,19}", code):
            raise table.refuse(code, "種類の名前（英小文字で20字まで）")
        rules.append(_category(table.table(code), code))
    if not rules:
        raise DocumentInvalid(key="categories", allowed="1つ以上の種類の表")
    return tuple(rules)


def _category(table: _Table, code: str) -> CategoryRule:
    trust = table.words("trust", TRUST_KINDS)
    if "identity" not in trust:
        raise table.refuse("trust", "identity をふくむもの（本人確認は、すべての種類に要ります）")
    training = table.text_or_empty("training", 60)
    if training and "training" not in trust:
        raise table.refuse("training", "trust に training があるときだけ書けるもの")
    limits = Limits()
    if "limits" in table.rest:
        limits = _limits(table.table("limits"))
    table.known.append("limits")
    table.end()
    return CategoryRule(code=code, trust=trust, training=training, limits=limits)


def _limits(table: _Table) -> Limits:
    limits = Limits(
        longest_minutes=table.whole_or_none("longest_minutes", 30, 480),
        earliest_hour=table.whole_or_none("earliest_hour", 0, 23),
        latest_hour=table.whole_or_none("latest_hour", 1, 24),
        youngest_years=table.whole_or_none("youngest_years", 0, 17),
        places=table.words("places", PLACE_KINDS, needed=False),
        note=table.text_or_empty("note", 200),
    )
    if (
        limits.earliest_hour is not None
        and limits.latest_hour is not None
        and limits.earliest_hour >= limits.latest_hour
    ):
        raise table.refuse("latest_hour", f"{limits.earliest_hour}（earliest_hour）より大きい整数")
    table.end()
    return limits
