"""Staff, and what staff do: every act is on record, with the basis where it is for another."""

from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import text
from kyojo.kernel.errors import NotFound

from .. import domain
from ..errors import (
    BasisMissing,
    BlockSelf,
    ChoiceUnknown,
    StaffNumberOther,
    StaffNumberTaken,
    ValueMissing,
)
from ..models import Act, Block, Person, StaffNumber, StaffRole, User

#: So many signs a staff number has at most.
NUMBER_MAX = 20


def act_record(
    *,
    actor: User | None,
    action: str,
    subject_kind: str,
    subject_id: object,
    basis: str = "",
    note: str = "",
) -> Act:
    """Add to the record of operations, in the transaction of the act itself.

    ``action`` and ``subject_kind`` are codes, ``subject_id`` an id (no name). ``actor`` None is
    the system. ``basis`` says how an act for another person is known to be wanted: a code of
    ``domain.BASES``, or the wording the room that acts has for it.
    """
    act: Act = Act.objects.create(
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        basis=basis,
        note=note[:200],
    )
    return act


def proxy_checked(*, by: User | None, basis: str) -> None:
    """Whether ``by`` may act for another member: staff of this municipality, with a basis.

    ``by`` None is the person's own act. Raises ``NotFound`` for who is no staff here,
    ``BasisMissing``.
    """
    if by is None:
        return
    staff_checked(by)
    if basis not in domain.BASES:
        raise BasisMissing(field="basis")


def staff_checked(user: User) -> None:
    """Raises ``NotFound`` for who has no role at this municipality's desk."""
    if not user.is_active or not StaffRole.objects.filter(user_id=user.pk).exists():
        raise NotFound()


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
    """Let a login work at this municipality's desk. The same role again: renewed.

    ``number`` says which human it is (``StaffNumber``): needed for a login's first role, the same
    or left out for further ones. Who has had a role since before there were numbers may be given
    one with the next.

    Raises ``ChoiceUnknown``, ``NameWrong`` (and the other refusals of names), ``ValueMissing``,
    ``TextTooLong``, ``StaffNumberTaken``, ``StaffNumberOther``.
    """
    if role not in StaffRole.Role.values:
        raise ChoiceUnknown(field="role", part="役割")
    if user.municipality_id not in (None, current()):
        raise ChoiceUnknown(field="user", part="職員")
    with transaction.atomic():
        _number_keep(user, number)
        row, _ = StaffRole.objects.update_or_create(
            user=user,
            role=role,
            municipality_id=current(),
            defaults={
                "title": domain.words(title, part="肩書き", field="title", limit=60),
                "name": domain.name_part(name, part="名前", field="name"),
                "name_kana": domain.kana_part(name_kana, part="ふりがな", field="name_kana"),
                "area": area,
            },
        )
        if user.municipality_id is None:
            User.objects.filter(pk=user.pk, municipality=None).update(municipality_id=current())
            user.municipality_id = current()
        act_record(
            actor=by, action="staff_role_add", subject_kind="user", subject_id=user.pk, note=role
        )
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


def block_add(*, person: Person, blocked_uid: UUID) -> Block:
    """``person`` and whoever has ``blocked_uid`` are never brought together again.

    The other one is not told, here or elsewhere, and may live in another municipality. Again:
    nothing changes. Raises ``BlockSelf``.
    """
    if blocked_uid == person.uid:
        raise BlockSelf()
    block, _ = Block.objects.get_or_create(person=person, blocked_uid=blocked_uid)
    return block  # type: ignore[no-any-return]


def block_remove(*, person: Person, blocked_uid: UUID) -> None:
    Block.objects.filter(person=person, blocked_uid=blocked_uid).delete()
