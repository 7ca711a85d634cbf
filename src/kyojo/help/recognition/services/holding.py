"""What the holder of a badge decides: who sees it, and whether it says that it is theirs."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.domain import ALONE_FROM_YEARS
from kyojo.civic.people.minors import may_be_shown
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import persons_lock
from kyojo.kernel.errors import NotFound

from ..domain import ON_CARD_MOST
from ..errors import BadgeRevoked, MailMissing, TooManyOnCard, TooYoungForPage
from ..models import Badge
from ..waiting import sign_soon
from .awarding import card_renew


def badge_public_set(*, person: Person, uid: UUID, is_public: bool) -> Badge:
    """A page that anybody can open who has its address, or none any more. Raises ``NotFound``,
    ``BadgeRevoked``, ``TooYoungForPage``."""
    with transaction.atomic():
        badge = _own(person, uid)
        if is_public and not may_be_shown(person):
            raise TooYoungForPage(years=ALONE_FROM_YEARS)
        return _set(badge, is_public=is_public)


def badge_card_set(*, person: Person, uid: UUID, is_on_card: bool) -> Badge:
    """Show it on the card that carers see, or not. Raises ``NotFound``, ``BadgeRevoked``,
    ``TooManyOnCard``."""
    with transaction.atomic():
        badge = _own(person, uid)
        others = Badge.objects.filter(person=person, is_on_card=True).exclude(pk=badge.pk)
        if is_on_card and others.count() >= ON_CARD_MOST:
            raise TooManyOnCard(most=ON_CARD_MOST)
        _set(badge, is_on_card=is_on_card)
        card_renew(person)
        return badge


def badge_identity_set(*, person: Person, uid: UUID, has_identity: bool) -> Badge:
    """Put a hash of their mail address into the credential, or take it out: it is signed anew.
    Raises ``NotFound``, ``BadgeRevoked``, ``MailMissing``."""
    with transaction.atomic():
        badge = _own(person, uid)
        if has_identity and (person.user is None or not person.user.email):
            raise MailMissing()
        if badge.has_identity == has_identity:
            return badge
        sign_soon()
        return _set(badge, has_identity=has_identity, token="", signed_at=None)


def badges_mail_renew(*, person: Person) -> int:
    """Their mail address changed: what holds a hash of the former one is signed anew. Returns how
    many."""
    with transaction.atomic():
        holding = Badge.objects.filter(person=person, has_identity=True, revoked_at=None)
        count = holding.update(token="", signed_at=None)
        if count:
            sign_soon()
    return int(count)


def _own(person: Person, uid: UUID) -> Badge:
    persons_lock(keys=[(current(), person.pk)])
    badge = Badge.objects.select_related("person").filter(person=person, uid=uid).first()
    if badge is None:
        raise NotFound()
    if badge.revoked_at is not None:
        raise BadgeRevoked()
    return badge  # type: ignore[no-any-return]


def _set(badge: Badge, **changes: object) -> Badge:
    for name, value in changes.items():
        setattr(badge, name, value)
    badge.save(update_fields=[*changes])
    return badge
