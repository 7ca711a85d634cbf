"""Who decides objections in a town that has nobody else: somebody from outside, for that alone."""

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import domain
from ..errors import AppealOfficerInside, EmailTaken
from ..models import AppealOfficer, Person, StaffRole, User
from ..selectors import staff_required
from .acts import act_record
from .logins import email_checked, user_create


def appeal_officer_add(
    *, email: str, title: str, name: str, name_kana: str, by: User
) -> AppealOfficer:
    """Let somebody from outside decide the objections of the current municipality. Who has no login
    gets one; they come in by the link that is mailed to this address, and make a second factor.
    The same address again: the one that stands.

    Raises ``NotFound`` for whoever is no officer, ``EmailWrong``, ``ValueMissing``, the refusals of
    names, ``AppealOfficerInside`` for a login of this desk, of a member or of another town.
    """
    staff_required(by, StaffRole.Role.OFFICER)
    address = email_checked(email)
    fields = {
        "title": domain.words(title, part="所属", field="title", limit=60),
        "name": domain.name_part(name, part="名前", field="name"),
        "name_kana": domain.kana_part(name_kana, part="ふりがな", field="name_kana"),
    }
    with transaction.atomic():
        user = User.objects.filter(email=address).first()
        if user is None:
            user = _login_made(address)
        if (
            user.municipality_id != current()
            or not user.is_active
            or StaffRole.objects.filter(user=user).exists()
            or Person.objects.filter(user=user).exists()
        ):
            raise AppealOfficerInside(field="email")
        row, is_new = AppealOfficer.objects.get_or_create(
            user=user, ended_at=None, municipality_id=current(), defaults=fields | {"made_by": by}
        )
        if is_new:
            _on_record(row, by, "appeal_officer_add")
    return row  # type: ignore[no-any-return]


def _login_made(address: str) -> User:
    try:
        return user_create(email=address, municipality_id=current())
    except EmailTaken:
        raise AppealOfficerInside(field="email") from None


def appeal_officer_end(*, pk: int, by: User) -> AppealOfficer:
    """They see nothing any more. Ended already: nothing changes. Raises ``NotFound``."""
    staff_required(by, StaffRole.Role.OFFICER)
    with transaction.atomic():
        row = AppealOfficer.objects.select_for_update(of=("self",)).filter(pk=pk).first()
        if row is None:
            raise NotFound()
        if row.ended_at is None:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            _on_record(row, by, "appeal_officer_end")
    return row  # type: ignore[no-any-return]


def _on_record(row: AppealOfficer, by: User, action: str) -> None:
    act_record(actor=by, action=action, subject_kind="user", subject_id=row.user_id)
