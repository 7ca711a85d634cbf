"""Lists of members for the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from kyojo.civic.people import selectors
from kyojo.civic.people.models import Person, TrustCheck

ROLE_NAMES = {"carer": "ケアする人", "supporter": "サポーター", "recipient": "ケアを受ける人"}


@dataclass(frozen=True)
class MemberRow:
    """A line of the members list."""

    uid: UUID
    number: str
    name: str
    kana: str
    area: str
    roles: str
    needs_identity: bool
    has_identity: bool
    has_login: bool
    joined_at: datetime

    @property
    def identity(self) -> str:
        if self.has_identity:
            return "本人確認ずみ"
        return "まだです" if self.needs_identity else "いりません"


def _identity() -> Exists:
    """Whether the person's identity is checked and the check still holds."""
    return Exists(
        TrustCheck.objects.filter(
            TrustCheck.standing(), person=OuterRef("pk"), kind=TrustCheck.Kind.IDENTITY
        )
    )


def identity_waiting_since() -> list[datetime]:
    """Since when each supporter waits whom nobody has identified: they cannot be asked yet."""
    waiting = Person.objects.filter(~_identity(), left_at=None, supporter_since__isnull=False)
    return list(waiting.values_list("supporter_since", flat=True))


def members(
    *, words: str = "", role: str = "", identity: str = "", area_id: int | None = None
) -> QuerySet[Person]:
    """Members who have not left, narrowed by the filters, each with ``is_identified``."""
    found = selectors.members(role=role, area_id=area_id, words=words).annotate(
        is_identified=_identity()
    )
    if identity == "todo":
        found = found.filter(is_identified=False, supporter_since__isnull=False)
    elif identity == "done":
        found = found.filter(is_identified=True)
    return found


def roles_of(person: Person) -> str:
    """A person's roles, in words."""
    return "・".join(
        name for code, name in ROLE_NAMES.items() if getattr(person, f"{code}_since") is not None
    )


def member_rows(people: Iterable[Person]) -> list[MemberRow]:
    """``people`` as ``members`` found them."""
    return [
        MemberRow(
            uid=person.uid,
            number=person.number,
            name=person.name,
            kana=person.kana,
            area=person.area.name if person.area else "",
            roles=roles_of(person),
            needs_identity=person.supporter_since is not None,
            has_identity=person.is_identified,  # type: ignore[attr-defined]
            has_login=person.user_id is not None,
            joined_at=person.joined_at,
        )
        for person in people
    ]
