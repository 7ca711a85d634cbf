"""A programme's document (TOML), read strictly into ``CoinRules``. Pure: no Django.

An unknown key, a missing key or a value out of its bounds is refused with the key's full name and
what may stand there, so that whoever edits a document never wonders which line did nothing.
"""

import re
import tomllib
from typing import Any

from .domain import (
    PLACE_KINDS,
    TRUST_KINDS,
    USES,
    CategoryRule,
    CoinRules,
    EvidenceRule,
    Limits,
    Targets,
)
from .errors import DocumentInvalid, DocumentUnreadable

SCHEMA = 1


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
    closed_door = root.table("closed_door")
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
        office_takes_over_hours=offers.whole("office_takes_over_hours", 1, 24 * 14),
        evidence=_evidence(root.table("evidence")),
        closed_door_minutes=closed_door.whole("advised_minutes", 0, 480),
        targets=_targets(root.table("targets")),
        categories=_categories(root.table("categories")),
    )
    for table in (price, expiry, uses, issue, offers, closed_door, root):
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
