"""Reads of the people room. Unless it says otherwise: of the current municipality."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound

from . import domain
from .matching import SupporterRow, blocked_by, supporters_count, supporters_for_matching
from .models import (
    Act,
    Block,
    CarePlace,
    Notice,
    Person,
    Skill,
    StaffRole,
    TimeException,
    TrustCheck,
    User,
    WeeklyTime,
)

__all__ = [
    "SupporterRow",
    "acts",
    "acts_of",
    "age_words",
    "blocked_by",
    "blocked_either_way",
    "blocks_of",
    "care_place_by_uid",
    "care_places",
    "members",
    "notices_for",
    "notices_unread_count",
    "people_by_uids",
    "people_search",
    "person_by_number",
    "person_by_uid",
    "person_of_user",
    "skills_of",
    "staff_required",
    "staff_roles",
    "supporters_count",
    "supporters_for_matching",
    "time_exceptions_of",
    "trust_checks_of",
    "weekly_times_of",
]


# --- who ----------------------------------------------------------------------------------------


def person_of_user(user: User | None = None, *, user_id: int | None = None) -> Person | None:
    """The member that a login belongs to; None for staff and officers who are no members."""
    key = user.pk if user is not None else user_id
    if key is None:
        return None
    found: Person | None = (
        Person.objects.select_related("user", "area").filter(user_id=key, left_at=None).first()
    )
    return found


def person_by_uid(uid: UUID) -> Person:
    """Raises ``NotFound``: unknown, or of another municipality."""
    person: Person | None = Person.objects.select_related("user", "area").filter(uid=uid).first()
    if person is None:
        raise NotFound()
    return person


def people_by_uids(uids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those of ``uids`` who are members here."""
    return {p.uid: p for p in Person.objects.select_related("area").filter(uid__in=list(uids))}


def person_by_number(number: str) -> Person:
    """By member number, as typed: ``M-10012``, ``m10012``, ``10012``. Raises ``NotFound``."""
    digits = text.normalised(number).upper().removeprefix("M").lstrip("-ー ")
    person: Person | None = Person.objects.filter(number=f"M-{digits}").first()
    if person is None:
        raise NotFound()
    return person


def staff_roles(user: User) -> list[StaffRole]:
    """What ``user`` may do at this municipality's desk; empty for everyone else."""
    if not user.is_active:
        return []
    return list(StaffRole.objects.filter(user_id=user.pk).select_related("area").order_by("role"))


def staff_required(user: User, *roles: str) -> StaffRole:
    """The staff role of ``user`` that is among ``roles`` (any, if none is named).

    Raises ``NotFound``, as for every page that somebody may not see.
    """
    for role in staff_roles(user):
        if not roles or role.role in roles:
            return role
    raise NotFound()


def members(
    *, role: str = "", area_id: int | None = None, words: str = "", with_left: bool = False
) -> QuerySet[Person]:
    """Members for the desk, sorted on their readings; ``role`` of ``domain.ROLES``.

    ``words`` finds in names, readings (hiragana finds katakana), numbers and telephone numbers;
    every word must be found.
    """
    found: QuerySet[Person] = Person.objects.select_related("area", "user")
    if not with_left:
        found = found.filter(left_at=None)
    if role in domain.ROLES:
        found = found.filter(**{f"{role}_since__isnull": False})
    if area_id is not None:
        found = found.filter(area_id=area_id)
    for word in text.normalised(words.replace("\0", " ")).split()[:5]:
        found = found.filter(_word(word))
    return found


def people_search(words: str, *, limit: int = 50) -> list[Person]:
    """Members by name, reading, number or telephone. Empty ``words`` find nobody."""
    if not text.normalised(words.replace("\0", " ")):
        return []
    return list(members(words=words)[:limit])


def _word(word: str) -> Q:
    kana = text.to_katakana(word)
    found = (
        Q(family_name__icontains=word)
        | Q(given_name__icontains=word)
        | Q(family_kana__contains=kana)
        | Q(given_kana__contains=kana)
        | Q(number__iexact=word)
        | Q(number__iexact=f"M-{word}")
    )
    digits = word.replace("-", "")
    if digits.isdigit() and len(digits) >= 4:
        found |= Q(phone__contains=digits)
    return found


def age_words(person: Person) -> str:
    """``60代``, for cards; "" when the birth date is not known."""
    return domain.decade(person.birth_date, clock.today())


# --- what they can do ---------------------------------------------------------------------------


def skills_of(person: Person) -> list[Skill]:
    return list(Skill.objects.filter(person=person).order_by("category"))


def weekly_times_of(person: Person) -> list[WeeklyTime]:
    return list(WeeklyTime.objects.filter(person=person))


def time_exceptions_of(person: Person) -> list[TimeException]:
    """From today on."""
    return list(TimeException.objects.filter(person=person, day__gte=clock.today()))


def trust_checks_of(person: Person) -> list[TrustCheck]:
    """Those that hold today, identity first."""
    checks = TrustCheck.objects.filter(TrustCheck.standing(), person=person)
    checks = checks.order_by("checked_at", "id")
    order = list(TrustCheck.Kind.values)
    return sorted(checks, key=lambda check: order.index(check.kind))


# --- places -------------------------------------------------------------------------------------


def care_places(carer: Person) -> list[CarePlace]:
    """The places a carer may ask help for, oldest first."""
    places = CarePlace.objects.filter(carer=carer, removed_at=None)
    return list(places.select_related("place_municipality"))


def care_place_by_uid(carer: Person, uid: UUID) -> CarePlace:
    """Raises ``NotFound``: unknown, removed, or another carer's."""
    place: CarePlace | None = (
        CarePlace.objects.select_related("place_municipality")
        .filter(carer=carer, uid=uid, removed_at=None)
        .first()
    )
    if place is None:
        raise NotFound()
    return place


# --- news, blocks, acts -------------------------------------------------------------------------


def notices_for(person: Person, *, limit: int = 50) -> list[Notice]:
    """The newest first."""
    return list(Notice.objects.filter(person=person)[:limit])


def notices_unread_count(person_id: int) -> int:
    return int(Notice.objects.filter(person_id=person_id, read_at=None).count())


def blocks_of(person: Person) -> list[Block]:
    return list(Block.objects.filter(person=person).order_by("-at"))


def blocked_either_way(*sides: tuple[int, UUID]) -> bool:
    """Whether any of the people (municipality code, uid) has blocked another of them.

    Opens each one's municipality by itself.
    """
    uids = {uid for _, uid in sides}
    for municipality_id, uid in sorted(set(sides)):
        with tenant(municipality_id):
            if Block.objects.filter(person__uid=uid, blocked_uid__in=uids).exists():
                return True
    return False


def acts(*, action: str = "", limit: int = 200) -> list[Act]:
    """The record of operations, newest first."""
    found = Act.objects.select_related("actor")
    if action:
        found = found.filter(action=action)
    return list(found[:limit])


def acts_of(*, subject_kind: str, subject_id: object, limit: int = 50) -> list[Act]:
    """What was done to one subject, newest first."""
    found = Act.objects.select_related("actor").filter(
        subject_kind=subject_kind, subject_id=str(subject_id)
    )
    return list(found[:limit])
