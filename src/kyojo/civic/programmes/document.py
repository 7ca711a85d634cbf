"""What a coin programme's document says, as the rules that the help of the day is decided by.

``rules.reading`` reads the document and names what is wrong with it; this gives its coin tables the
form that requests, matching and support ask.
"""

from .domain import (
    RETURNED_DAYS,
    TRUST_USUAL,
    BadgeRule,
    CaseHours,
    CategoryRule,
    CoinRules,
    EvidenceRule,
    InsuranceRule,
    Limits,
    MessageRule,
    MinorsRule,
    SafetyRule,
    Targets,
    TrustRule,
)
from .errors import DocumentInvalid
from .rules import model, reading


def parse(document: str) -> CoinRules:
    """The coin rules that ``document`` (TOML) states.

    Raises ``DocumentUnreadable``: not TOML. ``DocumentInvalid``: a key that breaks the schema, by
    line and name, or a programme of another kind.
    """
    return coin_rules(reading.read(document))


def coin_rules(document: model.Document) -> CoinRules:
    """The coin tables of a document. Raises ``DocumentInvalid`` where it has none."""
    price, issue, offers = document.price, document.issue, document.offers
    evidence, closed_door, targets = document.evidence, document.closed_door, document.targets
    if not (price and issue and offers and evidence and closed_door and targets):
        raise DocumentInvalid(line=1, key="kind", allowed="coin")
    assert document.expiry.distributed_years is not None
    assert document.expiry.earned_years is not None
    return CoinRules(
        code=document.code,
        name=document.name,
        currency=document.currency,
        unit=document.unit,
        coins_per_30min=price.coins_per_30_minutes,
        lengths_minutes=tuple(price.lengths_minutes),
        distributed_expiry_years=document.expiry.distributed_years,
        earned_expiry_years=document.expiry.earned_years,
        returned_days=returned_days(document),
        uses=frozenset(rule.use for rule in document.uses),
        approval_over_coins=issue.second_officer_over_coins,
        issue_max_coins=issue.amount_max_coins,
        per_person_max_coins=issue.per_person_max_coins,
        offers_expire_hours=offers.direct_expire_hours,
        office_takes_over_hours=offers.office_takes_over_hours,
        series_months=offers.series_months,
        evidence=EvidenceRule(**evidence.model_dump()),
        closed_door_minutes=closed_door.advised_minutes,
        targets=_targets(targets),
        messages=MessageRule(**(document.messages or model.Messages()).model_dump()),
        categories=tuple(_category(*one) for one in sorted(document.categories.items())),
        reveal_days=(document.reviews or model.Reviews()).reveal_days,
        badges=_badges(document.badges or model.Badges()),
        minors=_minors(document.minors or model.Minors()),
        safety=SafetyRule(**(document.safety or model.Safety()).model_dump()),
        insurance=_insurance(document.insurance or model.Insurance()),
        gift_most_yen=(document.gifts or model.Gifts()).most_yen,
        erasure_wait_days=(document.privacy or model.Privacy()).erasure_wait_days,
        kept_days=dict((document.privacy or model.Privacy()).kept_days),
        trust=_trust(document),
    )


def returned_days(document: model.Document) -> int:
    """For how long at least coins that came back after their last day can be used again."""
    said = document.expiry.returned_days
    return RETURNED_DAYS if said is None else said


def _badges(rule: model.Badges) -> BadgeRule:
    return BadgeRule(
        visits=tuple(sorted(set(rule.visits))),
        hours=tuple(sorted(set(rule.hours))),
        companion_visits=rule.companion_visits,
    )


def _minors(rule: model.Minors) -> MinorsRule:
    return MinorsRule(**rule.model_dump() | {"categories": frozenset(rule.categories)})


def _insurance(rule: model.Insurance) -> InsuranceRule:
    return InsuranceRule(report_days=rule.report_days, roster=tuple(dict.fromkeys(rule.roster)))


def _targets(rule: model.Targets) -> Targets:
    hours = CaseHours(**rule.case_hours.model_dump())
    return Targets(**rule.model_dump() | {"case_hours": hours})


def _category(code: str, rule: model.Category) -> CategoryRule:
    limits = rule.limits.model_dump()
    return CategoryRule(
        code=code,
        trust=frozenset(rule.trust),
        training=rule.training,
        settle_from=rule.settle_from,
        two_adults=rule.two_adults,
        first_meeting=rule.first_meeting,
        limits=Limits(**limits | {"places": frozenset(rule.limits.places)}),
    )


def _trust(document: model.Document) -> dict[str, TrustRule]:
    said: dict[str, model.TrustRule] = {**document.trust}
    found = dict(TRUST_USUAL)
    for kind, rule in said.items():
        two = TRUST_USUAL[kind].two_staff if rule.two_staff is None else rule.two_staff
        found[kind] = TrustRule(valid_years=rule.valid_years, two_staff=two)
    return found
