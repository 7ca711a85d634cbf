"""An adult's yes for somebody under 18, and the coordinator whom a young carer can turn to."""

from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.sealing import seal
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import domain, minors
from .. import minors_domain as rules
from ..errors import (
    AgreementByCaredFor,
    AgreementNotCoordinator,
    AgreementNotNeeded,
    BasisMissing,
    OrderDiffers,
    YoungCarerTooOld,
)
from ..models import Agreement, CareContact, Person, StaffRole, User
from .acts import act_record, staff_checked
from .notices import notice_send

COORDINATOR = StaffRole.Role.COORDINATOR


def agreement_record(
    *,
    uid: UUID,
    person: Person,
    kind: str,
    basis: str,
    by: User,
    name: str = "",
    kana: str = "",
    relation: str = "",
    phone: str = "",
    guardian_uid: UUID | None = None,
) -> Agreement:
    """An adult agrees to what ``person``, who is under 18, does here. ``uid`` is the form's order.

    ``kind`` "guardian": ``name``, ``kana``, ``relation`` and ``phone`` say who, ``guardian_uid``
    if they are a member; ``basis`` ("phone", "paper", "counter") how it is known. "coordinator":
    ``by`` stands in, where the parents are those who are cared for. An agreement that stood ends.

    Raises ``NotFound`` (no staff), ``BasisMissing``, ``AgreementNotNeeded``,
    ``AgreementByCaredFor``, ``AgreementNotCoordinator``, ``OrderDiffers`` and what names raise.
    """
    staff_checked(by)
    if basis not in domain.BASES:
        raise BasisMissing(field="basis")
    if not minors.is_minor(person):
        raise AgreementNotNeeded(years=domain.ALONE_FROM_YEARS)
    details = b""
    if kind == Agreement.Kind.GUARDIAN:
        given = {
            "name": domain.name_part(name, part="保護者の名前", field="name"),
            "kana": domain.kana_part(kana, part="ふりがな", field="kana"),
            "relation": domain.words(relation, part="続柄", field="relation", limit=20),
            "phone": domain.phone(phone),
        }
        details = seal(given)
        if guardian_uid == person.uid or rules.is_cared_for(
            minors.cared_for_by(person), guardian_uid=guardian_uid, guardian_kana=given["kana"]
        ):
            raise AgreementByCaredFor()
    elif not StaffRole.objects.filter(user=by, role=COORDINATOR).exists():
        raise AgreementNotCoordinator()
    before: Agreement | None = Agreement.objects.filter(uid=uid).first()
    if before is not None:
        return _same(before, person, kind, by)
    try:
        with transaction.atomic():
            Person.objects.select_for_update(no_key=True).get(pk=person.pk)
            Agreement.objects.filter(person=person, ended_at=None).update(
                ended_at=clock.now(), ended_by=by
            )
            made: Agreement = Agreement.objects.create(
                uid=uid,
                person=person,
                kind=kind,
                basis=basis,
                guardian_uid=guardian_uid if kind == Agreement.Kind.GUARDIAN else None,
                details_sealed=details,
                recorded_by=by,
            )
            _acted(by, "agreement_recorded", person, basis=basis, note=kind)
            notice_send(
                person=person,
                kind="agreement",
                key=f"agreement/{made.uid}",
                title="準備ができました。手伝いをたのんだり、引き受けたりできます",
                path="/",
            )
    except IntegrityError:
        before = Agreement.objects.filter(uid=uid).first()
        if before is None:
            raise
        return _same(before, person, kind, by)
    return made


def _same(before: Agreement, person: Person, kind: str, by: User) -> Agreement:
    if (before.person_id, before.kind, before.recorded_by_id) != (person.pk, kind, by.pk):
        raise OrderDiffers()
    return before


def agreement_end(*, person: Person, by: User | None) -> bool:
    """The adult takes the yes back; what is settled already stays, nothing new begins. Whether
    one stood. ``by`` None: the house itself, since the guardian is now cared for by them.

    Raises ``NotFound`` (no staff).
    """
    if by is not None:
        staff_checked(by)
    with transaction.atomic():
        ended = Agreement.objects.filter(person=person, ended_at=None).update(
            ended_at=clock.now(), ended_by=by
        )
        if ended:
            _acted(by, "agreement_ended", person)
            notice_send(
                person=person,
                kind="agreement",
                key=f"agreement-ended/{clock.now().isoformat()}",
                title="新しくたのんだり引き受けたりする前に、もう一度おとなの同意がいります",
                body="決まっている支援は、そのまま続きます。センターがお手伝いします。",
                path="/me/",
            )
    return bool(ended)


def agreement_recheck(*, person: Person) -> None:
    """After the person's places changed: whoever is cared for by them agrees no longer."""
    standing = minors.agreement_of(person)
    if standing is None or standing.kind != Agreement.Kind.GUARDIAN:
        return
    if rules.is_cared_for(
        minors.cared_for_by(person),
        guardian_uid=standing.guardian_uid,
        guardian_kana=minors.guardian_of(standing).get("kana", ""),
    ):
        agreement_end(person=person, by=None)


# --- young carers ---------------------------------------------------------------------------------


def young_carer_say(*, person: Person, wishes_first: bool) -> CareContact:
    """A carer up to 29 would like a coordinator whom they can turn to: the one of their living
    area if there is one, else any. Nothing is asked and nothing is written beside it.

    Raises ``YoungCarerTooOld``, ``NotFound`` for who is no carer.
    """
    if person.carer_since is None:
        raise NotFound()
    if not rules.may_say_young_carer(person.birth_date, clock.today()):
        raise YoungCarerTooOld(years=rules.YOUNG_CARER_TO_YEARS)
    with transaction.atomic():
        row, made = CareContact.objects.get_or_create(
            person=person,
            defaults={"contact": coordinator_for(person), "said_at": clock.now()},
        )
        row.wishes_first = wishes_first
        if row.contact_id is None:
            row.contact = coordinator_for(person)
        row.save(update_fields=["wishes_first", "contact"])
        if made:
            _acted(person.user, "contact_wished", person)
    return row  # type: ignore[no-any-return]


def contact_ensure(*, person: Person) -> None:
    """A carer under 18 has a coordinator from the start; whoever is under 18 hears what is needed
    before it begins."""
    if not minors.is_minor(person):
        return
    if minors.agreement_of(person) is None and (person.carer_since or person.supporter_since):
        notice_send(
            person=person,
            kind="agreement",
            key="agreement-wanted",
            title="見ることと用意は、いまからできます。始める前に、おとなの同意をもらいます",
            body="おうちの人に話しにくいときは、コーディネーターが引き受けます。",
            path="/me/",
        )
    if person.carer_since is None:
        return
    CareContact.objects.get_or_create(person=person, defaults={"contact": coordinator_for(person)})


def young_carer_unsay(*, person: Person) -> None:
    """It is no longer wished; nothing is left of it. Under 18 the contact stays, and no longer
    looks first."""
    if minors.is_minor(person):
        CareContact.objects.filter(person=person).update(wishes_first=False)
    else:
        CareContact.objects.filter(person=person).delete()


def contact_set(*, person: Person, contact: User, by: User) -> CareContact:
    """The desk names the coordinator whom ``person`` can turn to.

    Raises ``NotFound`` (no staff), ``AgreementNotCoordinator``.
    """
    staff_checked(by)
    if not StaffRole.objects.filter(user=contact, role=COORDINATOR).exists():
        raise AgreementNotCoordinator()
    with transaction.atomic():
        row, _ = CareContact.objects.update_or_create(person=person, defaults={"contact": contact})
        _acted(by, "contact_set", person, note=str(contact.pk))
    return row  # type: ignore[no-any-return]


def coordinator_for(person: Person) -> User | None:
    """Of the person's area, or any other."""
    roles = StaffRole.objects.filter(role=COORDINATOR, user__is_active=True).select_related("user")
    near = roles.filter(area_id=person.area_id) if person.area_id else roles.none()
    role = near.order_by("pk").first() or roles.order_by("area_id", "pk").first()
    return role.user if role else None


def _acted(
    by: User | None, action: str, person: Person, *, basis: str = "", note: str = ""
) -> None:
    act_record(
        actor=by,
        action=action,
        subject_kind="person",
        subject_id=person.uid,
        basis=basis,
        note=note,
    )
