"""What staff do: every act is on record, with the basis where it is for another."""

from uuid import UUID

from kyojo.kernel.errors import NotFound

from .. import domain
from ..errors import BasisMissing, BlockSelf
from ..models import Act, Block, Person, StaffRole, User


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
