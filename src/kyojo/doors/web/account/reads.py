"""What the pages about oneself say in one line each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from kyojo.civic.earnings.selectors import programmes_now
from kyojo.civic.organisations import domain as organisations
from kyojo.civic.organisations.selectors import employment_of
from kyojo.civic.people import trust, trust_selectors
from kyojo.civic.people.minors import care_contact_of
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import (
    care_places,
    people_by_uids,
    skills_of,
    time_exceptions_of,
    weekly_times_of,
)
from kyojo.help.matching.models import Offer
from kyojo.help.matching.trust_selectors import still_needed
from kyojo.help.recognition.selectors import badges_of
from kyojo.help.requests.domain import category
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.wording import WEEKDAYS, distance, jdate

from ..security.growing import may_have_contact


class Row(NamedTuple):
    """A line of the hub: where it leads (a url name), its title, what stands there now."""

    name: str
    title: str
    note: str
    icon: str


def hub_rows(person: Person) -> dict[str, list[Row]]:
    """The lines of わたし, in groups: what supporters say, what carers say."""
    groups: dict[str, list[Row]] = {}
    if person.supporter_since is not None:
        groups["手伝うこと"] = [
            Row("me-skills", "できること", skills_words(person), "help"),
            Row("me-times", "来られる時間", times_words(person), "clock"),
            Row("me-home", "家と、行ける範囲", home_words(person), "home"),
            Row("me-trust", "わたしの確認", trust_words(person), "shield"),
            Row("me-asks", "声をかける回数・休む", asks_words(person), "bell"),
            Row("me-company", "会社", company_words(person), "building"),
            Row("me-badges", "バッジと証明書", badges_words(person), "star"),
        ]
    if person.carer_since is not None:
        groups["たのむこと"] = [
            Row("me-places", "手伝ってもらう場所", places_words(person), "pin"),
        ]
        if may_have_contact(person):
            groups["たのむこと"].append(
                Row("me-contact", "相談できる人", contact_words(person), "person")
            )
    return groups


def is_fresh(person: Person) -> bool:
    """Whether a supporter has not said yet what, when and where."""
    return person.latitude is None or not skills_of(person) or not weekly_times_of(person)


def step_missing(person: Person) -> str:
    """The url name of the first step that a supporter has not taken; "" when all are."""
    if not skills_of(person):
        return "me-skills"
    if not weekly_times_of(person):
        return "me-times"
    return "me-home" if person.latitude is None else ""


def skills_words(person: Person) -> str:
    names = [category(skill.category).name for skill in skills_of(person)]
    return _some(names) or "まだ入っていません"


def trust_words(person: Person) -> str:
    """The level, and how many of the kinds that they offer still need something."""
    level = trust.LEVELS[trust_selectors.level(person)]
    lacking = still_needed(person)
    return f"{level}・あと必要なものがある支援が{len(lacking)}つ" if lacking else level


def badges_words(person: Person) -> str:
    count = sum(one.badge.revoked_at is None for one in badges_of(person))
    return f"{count}つ" if count else "はじめての手伝いのあとに届きます"


def times_words(person: Person) -> str:
    days = sorted({weekly.weekday for weekly in weekly_times_of(person)})
    words = "・".join(WEEKDAYS[day] for day in days)
    exceptions = len(time_exceptions_of(person))
    extra = f"、ちがう日が{exceptions}日" if exceptions else ""
    return f"{words}{extra}" if words else "まだ入っていません"


def home_words(person: Person) -> str:
    if person.latitude is None:
        return "まだ入っていません"
    area = f"{person.area.name}から、" if person.area else ""
    travel = Person.Travel(person.travel).label
    return f"{area}{travel}で{distance(person.travel_limit_m)}まで"


def asks_words(person: Person) -> str:
    if person.resting_until and person.resting_until >= clock.today():
        return f"{jdate(person.resting_until)}まで休んでいます"
    return f"週に{person.asks_per_week_max}回まで"


def company_words(person: Person) -> str:
    employment = employment_of(person)
    if employment is None or employment.state == organisations.ENDED:
        return "登録していません"
    return f"{employment.company.short_name}（{organisations.LABELS[employment.state]}）"


def places_words(person: Person) -> str:
    return _some([place.label for place in care_places(person)]) or "まだ入っていません"


def contact_words(person: Person) -> str:
    contact = care_contact_of(person)
    if contact is None:
        return "なんでも話せるコーディネーター"
    return "先に見てもらいます" if contact.wishes_first else "います"


def points_words() -> str:
    """The town's programmes of points and stamps, of which the first is named; "" where it has
    none."""
    names = [ruled.document.name for ruled in programmes_now()]
    return f"{names[0]} ほか{len(names) - 1}つ" if len(names) > 1 else "".join(names)


def _some(names: list[str]) -> str:
    shown = "、".join(names[:3])
    return f"{shown} ほか{len(names) - 3}つ" if len(names) > 3 else shown


class Met(NamedTuple):
    """Somebody with whom one had a visit, and when it was (or will be)."""

    uid: UUID
    name: str
    at: datetime


def people_met(person: Person) -> list[Met]:
    """The others of one's visits, the latest first."""
    own = Q(carer=person) | Q(supporter=person) | Q(recipient=person)
    found: dict[UUID, Met] = {}
    for visit in Visit.objects.filter(own).order_by("-starts_at"):
        for uid, card in _cards(visit):
            if uid is not None and uid != person.uid and card.get("name"):
                found.setdefault(uid, Met(uid, card["name"], visit.starts_at))
    return list(found.values())


def _cards(visit: Visit) -> tuple[tuple[UUID | None, dict[str, Any]], ...]:
    return (
        (visit.carer_uid, visit.carer_card),
        (visit.supporter_uid, visit.supporter_card),
        (visit.recipient_uid, visit.recipient_card),
    )


def names_of(uids: Iterable[UUID]) -> dict[UUID, str]:
    """How somebody whom one has met is called; nothing for whom one has not."""
    wanted = set(uids)
    names = {uid: person.name for uid, person in people_by_uids(wanted).items()}
    left = wanted - set(names)
    visits = Visit.objects.filter(
        Q(carer_uid__in=left) | Q(supporter_uid__in=left) | Q(recipient_uid__in=left)
    )
    for visit in visits.order_by("starts_at"):
        for uid, card in _cards(visit):
            if uid in left and card.get("name"):
                names[uid] = card["name"]
    for offer in Offer.objects.filter(supporter_uid__in=left - set(names)):
        names[offer.supporter_uid] = offer.card.get("name", "")
    return names
