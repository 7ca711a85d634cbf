"""Who works at the desk of the current municipality, as what, and until when."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock, text
from kyojo.kernel.errors import NotFound

from .. import domain
from ..errors import (
    ChoiceUnknown,
    StaffNumberOther,
    StaffNumberTaken,
    StaffOfficerLast,
    ValueMissing,
)
from ..models import CareContact, StaffNumber, StaffRole, User
from .acts import act_record
from .minors import coordinator_for

#: So many signs a staff number has at most.
NUMBER_MAX = 20


def staff_role_add(
    *,
    user: User,
    role: str,
    title: str,
    name: str,
    name_kana: str,
    number: str = "",
    area: Area | None = None,
    by: User | None = None,
) -> StaffRole:
    """Let a login work at this municipality's desk. The same role again, also one that
    ended: renewed.

    ``number`` says which human it is (``StaffNumber``): needed for a login's first role, the same
    or left out for further ones. Who has had a role since before there were numbers may be given
    one with the next.

    Members who have no coordinator to turn to have the new one.

    Raises ``ChoiceUnknown``, ``NameWrong`` (and the other refusals of names), ``ValueMissing``,
    ``TextTooLong``, ``StaffNumberTaken``, ``StaffNumberOther``.
    """
    if role not in StaffRole.Role.values:
        raise ChoiceUnknown(field="role", part="役割")
    if user.municipality_id not in (None, current()):
        raise ChoiceUnknown(field="user", part="職員")
    with transaction.atomic():
        _number_keep(user, number)
        row, _ = StaffRole.ever.update_or_create(
            user=user,
            role=role,
            municipality_id=current(),
            defaults={
                "title": domain.words(title, part="肩書き", field="title", limit=60),
                "name": domain.name_part(name, part="名前", field="name"),
                "name_kana": domain.kana_part(name_kana, part="ふりがな", field="name_kana"),
                "area": area,
                "ended_at": None,
            },
        )
        if user.municipality_id is None:
            User.objects.filter(pk=user.pk, municipality=None).update(municipality_id=current())
            user.municipality_id = current()
        act_record(
            actor=by, action="staff_role_add", subject_kind="user", subject_id=user.pk, note=role
        )
        if role == StaffRole.Role.COORDINATOR:
            _contacts_give(CareContact.objects.filter(contact=None), by=by)
    return row  # type: ignore[no-any-return]


def _number_keep(user: User, number: str) -> None:
    """One human, one login: under the number's own constraint."""
    typed = text.normalised(number).upper().replace(" ", "")
    wanted = domain.words(typed, part="職員番号", field="number", limit=NUMBER_MAX)
    if _is_numbered(user, wanted):
        return
    if not wanted:
        if StaffRole.objects.filter(user=user).exists():
            return
        raise ValueMissing(field="number", part="職員番号")
    try:
        with transaction.atomic():
            StaffNumber.objects.create(user=user, number=wanted)
    except IntegrityError:
        # The same login may have been given its number this moment.
        if not _is_numbered(user, wanted):
            raise StaffNumberTaken(field="number") from None


def _is_numbered(user: User, wanted: str) -> bool:
    """Whether the login has a number. Raises ``StaffNumberOther`` where it is not ``wanted``."""
    known = StaffNumber.objects.filter(user=user).first()
    if known is not None and wanted and wanted != known.number:
        raise StaffNumberOther(field="number")
    return known is not None


def staff_role_end(*, user: User, role: str, by: User | None = None) -> StaffRole:
    """Nothing of this role is open to the login any more, from its next page on. What it did stays
    on record under its name. Whoever had this coordinator to turn to gets the one of their area, or
    another; with none left, nobody. Ended already: nothing changes.

    Raises ``NotFound`` (never had this role here), ``StaffOfficerLast``.
    """
    with transaction.atomic():
        here = StaffRole.ever.select_for_update().filter(role=role).order_by("pk")
        row = next((one for one in here if one.user_id == user.pk), None)
        if row is None:
            raise NotFound()
        if row.ended_at is not None:
            return row
        others = StaffRole.objects.filter(role=role, user__is_active=True).exclude(pk=row.pk)
        if role == StaffRole.Role.OFFICER and not others.exists():
            raise StaffOfficerLast()
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        if role == StaffRole.Role.COORDINATOR:
            _contacts_give(CareContact.objects.filter(contact=user), by=by)
        act_record(
            actor=by, action="staff_role_end", subject_kind="user", subject_id=user.pk, note=role
        )
    return row


def _contacts_give(contacts: QuerySet[CareContact], *, by: User | None) -> None:
    """Each of them has the coordinator of their area to turn to, or any other; none, where none is
    here."""
    for contact in contacts.select_related("person"):
        found = coordinator_for(contact.person)
        changed = CareContact.objects.filter(pk=contact.pk, contact=contact.contact_id)
        if found != contact.contact and changed.update(contact=found):
            act_record(
                actor=by,
                action="contact_set",
                subject_kind="person",
                subject_id=contact.person.uid,
                note=str(found.pk) if found else "",
            )
