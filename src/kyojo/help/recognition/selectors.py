"""Reads of the recognition room. Unless it says otherwise: of the current municipality."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.organisations.models import Company
from kyojo.civic.people.minors import may_be_shown
from kyojo.civic.people.models import Person
from kyojo.kernel.errors import NotFound
from kyojo.kernel.text import normalised

from .domain import Achievement, achievement, in_order
from .models import Badge, Certificate, IssuerKey, Standing, StatusList


@dataclass(frozen=True)
class BadgeView:
    """A badge with what it says."""

    badge: Badge
    says: Achievement

    @property
    def uid(self) -> UUID:
        return self.badge.uid  # type: ignore[no-any-return]


def badges_of(person: Person) -> list[BadgeView]:
    """Those that hold, as a person reads them; then those taken back, the newest first."""
    rows = list(Badge.objects.filter(person=person))
    standing = {row.achievement: row for row in rows if row.revoked_at is None}
    gone = [row for row in rows if row.revoked_at is not None]
    return _views([*(standing[code] for code in in_order(standing)), *gone])


def badge_own(person: Person, uid: UUID) -> BadgeView:
    """Raises ``NotFound``: unknown, or another person's."""
    return _one(Badge.objects.select_related("person").filter(person=person, uid=uid).first())


def badge_public(uid: UUID) -> BadgeView:
    """A badge whose holder lets anybody see it and is of age, also where that was only found out
    afterwards. Raises ``NotFound``."""
    found = Badge.objects.select_related("person").filter(uid=uid, is_public=True).first()
    return _one(found if found is not None and may_be_shown(found.person) else None)


def _one(badge: Badge | None) -> BadgeView:
    views = _views([badge] if badge is not None else [])
    if not views:
        raise NotFound()
    return views[0]


def _views(badges: list[Badge]) -> list[BadgeView]:
    town = Municipality.objects.values_list("name", flat=True).get(pk=current())
    said = [(one, achievement(one.achievement, town=town, label=one.label)) for one in badges]
    return [BadgeView(badge, says) for badge, says in said if says is not None]


def course_label(code: str) -> str:
    """The label of a course whose badge was given here; "" where none was."""
    found = Badge.objects.filter(achievement=code).exclude(label="").first()
    return found.label if found is not None else ""


def badges_all(*, words: str = "") -> list[BadgeView]:
    """Every badge of the town for the desk, the newest first; ``words`` of a name or number."""
    found = Badge.objects.select_related("person")
    if words:
        found = found.filter(
            Q(person__family_name__contains=words)
            | Q(person__given_name__contains=words)
            | Q(person__number__iexact=words)
        )
    return _views(list(found[:1000]))


# --- certificates ---------------------------------------------------------------------------------


def certificates_of(person: Person) -> list[Certificate]:
    """The newest first."""
    return list(Certificate.objects.filter(person=person))


def certificates_of_company(company: Company) -> list[Certificate]:
    """The newest first."""
    return list(Certificate.objects.filter(company=company))


def certificates_all() -> list[Certificate]:
    """For the desk, the newest first."""
    return list(Certificate.objects.select_related("person", "company")[:1000])


def certificate_by_uid(uid: UUID) -> Certificate:
    """Raises ``NotFound``."""
    found: Certificate | None = (
        Certificate.objects.select_related("person", "company").filter(uid=uid).first()
    )
    if found is None:
        raise NotFound()
    return found


def certificate_name(paper: Certificate) -> str:
    """To whom it was given, as printed. For its holder and the office."""
    return str(unseal(bytes(paper.name_sealed)))


def name_matches(paper: Certificate, typed: str) -> bool:
    """Whether what somebody reads on the paper is the name it was given to; spaces and widths do
    not count."""
    return _bare(typed) == _bare(certificate_name(paper)) != ""


def _bare(name: str) -> str:
    return normalised(name).replace(" ", "")


# --- for anybody: need no tenant ------------------------------------------------------------------


def standing_of_badge(uid: UUID) -> Standing:
    """Raises ``NotFound``: there never was such a badge."""
    found = Standing.objects.filter(uid=uid, kind=Standing.Kind.BADGE).first()
    if found is None:
        raise NotFound()
    return found


def standing_of_code(code: str) -> Standing:
    """By the code of a certificate, as typed. Raises ``NotFound``."""
    bare = normalised(code).upper().replace(" ", "")
    found = Standing.objects.filter(code=bare).exclude(code="").first()
    if found is None:
        raise NotFound()
    return found


# --- what verifiers fetch -------------------------------------------------------------------------


def key_by_id(kid: str) -> dict[str, Any]:
    """The public key as a JWK. Raises ``NotFound``: unknown, or withdrawn."""
    found = IssuerKey.objects.filter(kid=kid, withdrawn_at=None).first()
    if found is None:
        raise NotFound()
    return dict(found.public)


def keys_public() -> list[dict[str, Any]]:
    """Every key that verifies, the one that signs first."""
    return [dict(row.public) for row in IssuerKey.objects.filter(withdrawn_at=None)]


def status_list(number: int) -> tuple[str, datetime]:
    """The signed list and when it was made. Raises ``NotFound``."""
    found = StatusList.objects.filter(number=number).first()
    if found is None:
        raise NotFound()
    return found.token, found.made_at
