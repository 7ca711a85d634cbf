"""Around a visit: the supporter's face for whom they visit, a line for the family, a small gift,
and a part to give for those who mostly receive."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.sealing import seal, seal_bytes, unseal_bytes
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.models import Person, Skill
from kyojo.civic.people.selectors import blocked_either_way
from kyojo.civic.people.services import notice_send_to, role_add, skill_set
from kyojo.civic.people.suspensions import suspended_refuse
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.pictures import picture_cleaned

from .. import warmth
from ..domain import Role, State
from ..errors import (
    GiftNotHere,
    GiftTooMuch,
    GiftWorthMissing,
    LetterClosed,
    LetterConsentMissing,
    LetterEmpty,
    LetterNotYet,
    LetterTooLong,
    LinkLabelMissing,
    PartUnknown,
)
from ..models import FamilyLink, Gift, Letter, Portrait, Visit
from ..selectors import visit_for
from .reviews import words_checked
from .steps import step_of

PORTRAIT_PX = 640
WORDS_MAX = 400
LETTERS_KEPT = timedelta(days=365)
LINKS_KEPT = timedelta(days=30)
#: How long after a visit a line may be sent, and for how long an address opens.
LETTER_UNTIL = timedelta(days=7)
LINK_FOR = timedelta(days=90)
WENT = (State.STARTED, State.ENDED, State.CONFIRMED, State.SETTLED)


# --- the face -------------------------------------------------------------------------------------
def portrait_set(*, person: Person, picture: bytes) -> Portrait:
    """The face that those whom ``person`` visits see. Raises ``PictureWrong``."""
    clean = picture_cleaned(picture, longest_px=PORTRAIT_PX)
    row, _ = Portrait.objects.update_or_create(
        person=person, defaults={"picture_sealed": seal_bytes(clean), "at": clock.now()}
    )
    return row  # type: ignore[no-any-return]


def portrait_remove(*, person: Person) -> None:
    Portrait.objects.filter(person=person).delete()


def portrait_of(person: Person) -> bytes | None:
    """A person's own face, as JPEG."""
    row = Portrait.objects.filter(person=person).first()
    return unseal_bytes(row.picture_sealed) if row is not None else None


def portrait_for(*, visit_uid: UUID, by: Person) -> bytes:
    """The face of who comes, for the carer and the person visited, while the visit is to come or
    runs. Raises ``NotFound``."""
    view = visit_for(by, visit_uid)
    if view.is_over:
        raise NotFound()
    face = portrait_of_visit(view.uid, view.supporter_municipality_id)
    if face is None:
        raise NotFound()
    return face


def portrait_of_visit(visit_uid: UUID, supporter_town: int) -> bytes | None:
    with tenant(supporter_town):
        visit = Visit.objects.filter(uid=visit_uid).first()
        if visit is None or visit.supporter_id is None:
            return None
        row = Portrait.objects.filter(person_id=visit.supporter_id).first()
        return unseal_bytes(row.picture_sealed) if row is not None else None


# --- a line for the family ------------------------------------------------------------------------
def letter_send(
    *, uid: UUID, visit_uid: UUID, by: Person, words: str, picture: bytes | None, consent: bool
) -> Letter:
    """「お元気でしたよ」: to the carer, and to those whom the carer gave an address. Only with the
    yes of the person visited, asked at the visit. Sent again: the newer stands; the same ``uid``
    again changes nothing, so that what was put away does not come back.

    Raises ``NotFound`` for who is not the visit's supporter, ``Suspended``, ``LetterClosed`` where
    they are not to meet any more, ``LetterNotYet``, ``LetterConsentMissing``, ``LetterEmpty``,
    ``LetterTooLong``, ``ContactsFound``, ``PictureWrong``.
    """
    said, clean = words.strip(), None
    # Before the locks, since it takes a while; and only for who may send one.
    if picture is not None and Visit.objects.filter(uid=visit_uid, supporter=by).exists():
        clean = picture_cleaned(picture)
    with step_of(visit_uid=visit_uid, name="letter", by=by, allowed={Role.SUPPORTER}) as case:
        visit = case.visit
        if visit.state not in WENT or clock.now() > visit.ends_at + LETTER_UNTIL:
            raise LetterNotYet()
        if not consent:
            raise LetterConsentMissing(field="consent")
        if not said and picture is None:
            raise LetterEmpty(field="words")
        if len(said) > WORDS_MAX:
            raise LetterTooLong(field="words", most=WORDS_MAX)
        words_checked(said, field="words")
        with tenant(visit.carer_municipality_id):
            before: Letter | None = Letter.objects.filter(uid=uid, visit_uid=visit.uid).first()
        if before is not None:
            return before
        suspended_refuse(by)
        if _parted(visit):
            raise LetterClosed()
        with tenant(visit.carer_municipality_id):
            row, made = Letter.objects.update_or_create(
                visit_uid=visit.uid,
                defaults={
                    "uid": uid,
                    "words_sealed": seal(said) if said else None,
                    "picture_sealed": seal_bytes(clean) if clean is not None else None,
                    "consent": "asked",
                    "removed_at": None,
                },
                create_defaults={
                    "uid": uid,
                    "carer_uid": visit.carer_uid,
                    "supporter_uid": visit.supporter_uid,
                    "recipient_uid": visit.recipient_uid,
                    "words_sealed": seal(said) if said else None,
                    "picture_sealed": seal_bytes(clean) if clean is not None else None,
                    "consent": "asked",
                    "at": clock.now(),
                    "purge_at": clock.now() + LETTERS_KEPT,
                },
            )
        if made:
            notice_send_to(
                municipality_id=visit.carer_municipality_id,
                person_uid=visit.carer_uid,
                kind="letter",
                key=f"letter/{visit.uid}",
                title=f"{visit.supporter_card['family_name']}さんから、ようすが届きました",
                path="/me/family/",
            )
        return row  # type: ignore[no-any-return]


def _parted(visit: Visit) -> bool:
    """Whether whoever came and the house have nothing to do with each other any more."""
    supporter = (visit.supporter_municipality_id, visit.supporter_uid)
    house = (
        (visit.carer_municipality_id, visit.carer_uid),
        (visit.place_municipality_id, visit.recipient_uid),
    )
    return any(blocked_either_way(supporter, (town, uid)) for town, uid in house if uid is not None)


def letter_remove(*, uid: UUID, by: Person) -> None:
    """Taken back by who sent it, or put away by the carer or the person it is about. Again: nothing
    changes. Raises ``NotFound``."""
    own = Visit.objects.filter(Q(carer=by) | Q(supporter=by) | Q(recipient=by)).order_by()
    towns = own.values_list("carer_municipality_id", flat=True).distinct()
    for town in sorted({*towns, current()}):
        with tenant(town), transaction.atomic():
            row = Letter.objects.select_for_update().filter(uid=uid).first()
            if row is None:
                continue
            if by.uid not in (row.carer_uid, row.supporter_uid, row.recipient_uid):
                raise NotFound()
            if row.removed_at is None:
                row.words_sealed, row.picture_sealed = None, None
                row.removed_at = clock.now()
                row.save(update_fields=["words_sealed", "picture_sealed", "removed_at"])
            return
    raise NotFound()


def letters_purge() -> int:
    """Erase letters whose day has come. Returns how many."""
    deleted, _ = Letter.objects.filter(purge_at__lte=clock.now()).delete()
    return int(deleted)


def family_links_purge() -> int:
    """Erase addresses that have opened nothing for a while. Returns how many."""
    before = clock.now() - LINKS_KEPT
    over = FamilyLink.objects.filter(Q(until__lte=before) | Q(ended_at__lte=before))
    deleted, _ = over.delete()
    return int(deleted)


def gifts_purge() -> int:
    """Erase the words about gifts of long ago; that there was one stays. Returns how many."""
    old = Gift.objects.filter(at__lte=clock.now() - LETTERS_KEPT, words_sealed__isnull=False)
    return int(old.update(words_sealed=None))


# --- brothers and sisters -------------------------------------------------------------------------
def family_link_make(*, uid: UUID, carer: Person, label: str) -> tuple[FamilyLink, str]:
    """An address for somebody of the family, and its token, which is told once. The same ``uid``
    again: the same link, and no token. Raises ``LinkLabelMissing``."""
    called = " ".join(label.split())
    if not called or len(called) > 40:
        raise LinkLabelMissing(field="label", most=40)
    before = FamilyLink.objects.filter(uid=uid, carer=carer).first()
    if before is not None:
        return before, ""
    token = secrets.token_urlsafe(24)
    row: FamilyLink = FamilyLink.objects.create(
        uid=uid,
        carer=carer,
        label_sealed=seal(called),
        token_hash=_hash(token),
        made_at=clock.now(),
        until=clock.now() + LINK_FOR,
    )
    return row, token


def family_link_end(*, uid: UUID, carer: Person) -> None:
    """It opens nothing from now on. Again: nothing changes. Raises ``NotFound``."""
    row = FamilyLink.objects.filter(uid=uid, carer=carer).first()
    if row is None:
        raise NotFound()
    FamilyLink.objects.filter(pk=row.pk, ended_at=None).update(ended_at=clock.now())


def family_link_open(*, token: str) -> FamilyLink:
    """The link of a token, in the current town. Raises ``NotFound`` for one that is over."""
    row: FamilyLink | None = (
        FamilyLink.objects.select_related("carer")
        .filter(token_hash=_hash(token), ended_at=None, until__gt=clock.now(), carer__left_at=None)
        .first()
    )
    if row is None:
        raise NotFound()
    FamilyLink.objects.filter(pk=row.pk).update(seen_at=clock.now())
    return row


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


# --- a small gift ---------------------------------------------------------------------------------
def gift_note(*, uid: UUID, visit_uid: UUID, by: Person, words: str, worth_yen: int | None) -> Gift:
    """おすそわけ: the house or the carer notes a small thing that was given as thanks, within what
    the place's programme allows. Noted again for a visit: the same.

    Raises ``NotFound``, ``LetterNotYet``, ``GiftNotHere``, ``GiftWorthMissing``, ``GiftTooMuch``.
    """
    allowed = {Role.CARER, Role.RECIPIENT}
    with step_of(visit_uid=visit_uid, name="gift", by=by, allowed=allowed) as case:
        visit = case.visit
        if visit.state not in WENT:
            raise LetterNotYet()
        with tenant(visit.place_municipality_id):
            most = _gift_most()
        problem = warmth.gift_problem(worth_yen, most)
        if problem == "none":
            raise GiftNotHere()
        if problem == "worth" or worth_yen is None:
            raise GiftWorthMissing(field="worth_yen")
        if problem == "much":
            raise GiftTooMuch(field="worth_yen", most=most)
        said = words.strip()[:WORDS_MAX]
        with tenant(visit.supporter_municipality_id):
            row, _ = Gift.objects.get_or_create(
                visit_uid=visit.uid,
                defaults={
                    "uid": uid,
                    "supporter_uid": visit.supporter_uid,
                    "by_uid": by.uid,
                    "by_role": str(case.role),
                    "words_sealed": seal(said) if said else None,
                    "worth_yen": worth_yen,
                    "at": clock.now(),
                },
            )
        return row  # type: ignore[no-any-return]


def _gift_most() -> int:
    try:
        return programme_current()[1].gift_most_yen
    except ProgrammeMissing:
        return 0


# --- a part to give -------------------------------------------------------------------------------
def parts_give(*, person: Person, parts: Iterable[str]) -> list[Skill]:
    """Add what somebody can do from home to what they offer, so that they are asked, too. What they
    offered before stays; who is no supporter yet becomes one. Again: nothing changes.

    Raises ``PartUnknown``, ``BirthDateMissing``.
    """
    wanted = list(dict.fromkeys(parts))
    if not wanted or any(one not in warmth.PARTS for one in wanted):
        raise PartUnknown(field="parts")
    with transaction.atomic():
        if person.supporter_since is None:
            role_add(person=person, role="supporter")
        have = {row.category: row.note for row in Skill.objects.filter(person=person)}
        return skill_set(person=person, skills=warmth.skills_with(have, wanted))


# --- forgetting -----------------------------------------------------------------------------------
def warmth_forget(*, person_uid: UUID) -> None:
    """Erase, in the current town, faces, letters and gifts of and about somebody, and the addresses
    that they gave. Again: changes nothing."""
    Portrait.objects.filter(person__uid=person_uid).delete()
    FamilyLink.objects.filter(carer__uid=person_uid).delete()
    Letter.objects.filter(
        Q(carer_uid=person_uid) | Q(supporter_uid=person_uid) | Q(recipient_uid=person_uid)
    ).delete()
    Gift.objects.filter(Q(supporter_uid=person_uid) | Q(by_uid=person_uid)).delete()
