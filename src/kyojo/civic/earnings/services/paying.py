"""Whose bank account is paid and whose pays, and that it was done. Accounts are sealed."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record, persons_lock
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.papers import zengin
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, NotFound, Refusal

from .. import selectors
from ..errors import (
    NothingChosen,
    OfficeAccountInvalid,
    PaidReferenceMissing,
    PayeeNeeded,
    PayeeUnwritable,
    RedemptionNotWaiting,
)
from ..models import OfficeAccount, Redemption
from .telling import redemption_tell

#: A bank file's items, as the people who fill in an account know them.
_PAYEE_ITEMS = {
    "銀行名": ("bank_kana", "銀行の名前（カナ）"),
    "支店名": ("branch_kana", "支店の名前（カナ）"),
    "受取人名": ("holder_kana", "口座の名義（カナ）"),
}
OFFICE_ITEMS = {
    "依頼人コード": "code",
    "依頼人名": "name",
    "依頼人の銀行番号": "bank_code",
    "依頼人の銀行名": "bank_name",
    "依頼人の支店番号": "branch_code",
    "依頼人の支店名": "branch_name",
    "依頼人の預金種目": "account_type",
    "依頼人の口座番号": "account_number",
}


@dataclass(frozen=True)
class Payee:
    """A bank account, as a transfer file asks for it. ``kind``: 1 ordinary, 2 current."""

    bank: str
    bank_kana: str
    branch: str
    branch_kana: str
    kind: str
    number: str
    holder_kana: str

    def check(self) -> None:
        """Raises ``PayeeNeeded`` for the first part that no bank account has, and
        ``PayeeUnwritable`` for the first that a bank's file cannot carry."""
        for value, digits, what in (
            (self.bank, 4, "銀行の番号（4けた）"),
            (self.branch, 3, "支店の番号（3けた）"),
            (self.number, 7, "口座番号（7けた）"),
        ):
            if len(value) != digits or not (value.isascii() and value.isdecimal()):
                raise PayeeNeeded(field="payee", what=what)
        if self.kind not in ("1", "2"):
            raise PayeeNeeded(field="payee", what="口座の種類（普通か当座）")
        if not self.holder_kana.strip():
            raise PayeeNeeded(field="payee", what="口座名義（カナ）")
        for problem in zengin.payee_problems(self.paid(1)):
            field, what = _PAYEE_ITEMS[problem.item]
            raise PayeeUnwritable(field=field, what=what, why=problem.why)

    def paid(self, yen: int, customer_code: str = "") -> zengin.Payee:
        """A line of a bank's file: ``yen`` to this account."""
        return zengin.Payee(
            bank_code=self.bank,
            bank_name=self.bank_kana,
            branch_code=self.branch,
            branch_name=self.branch_kana,
            account_type=int(self.kind),
            account_number=self.number,
            holder=self.holder_kana,
            yen=yen,
            customer_code=customer_code,
        )


def payee_of(redemption: Redemption) -> Payee | None:
    """The bank account to pay to; None where there is none (any more)."""
    if redemption.payee_encrypted is None:
        return None
    return Payee(**unseal(redemption.payee_encrypted))


# --- the office's own account ---------------------------------------------------------------------


def office_account_of(programme: Programme) -> zengin.Sender | None:
    """The account from which a programme's office pays, and to which it is paid; None: not yet."""
    row = OfficeAccount.objects.filter(programme=programme).first()
    return zengin.Sender(**unseal(row.account_encrypted)) if row else None


@transaction.atomic
def office_account_set(*, programme_code: str, account: zengin.Sender, by: User) -> None:
    """Keep the office's account, as a bank's file asks for it. The same again: changes nothing.

    Raises ``Invalids`` of ``OfficeAccountInvalid`` whose ``field`` is ``Sender``'s, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    problems = zengin.sender_problems(account)
    if problems:
        found: list[Refusal] = [
            OfficeAccountInvalid(field=OFFICE_ITEMS[one.item], what=one.item, why=one.why)
            for one in problems
        ]
        raise Invalids(found)
    programme = Programme.objects.select_for_update(no_key=True).get(pk=ruled.programme.pk)
    before = office_account_of(programme)
    if before == account:
        return
    OfficeAccount.objects.update_or_create(
        programme=programme,
        defaults={
            "account_encrypted": seal(asdict(account)),
            "set_by": by,
            "set_at": clock.now(),
        },
    )
    act_record(
        actor=by,
        action="office_account_set",
        subject_kind="programme",
        subject_id=programme.code,
        note="変更" if before else "登録",
    )


# --- done -----------------------------------------------------------------------------------------


def redemption_done(*, uid: UUID, reference: str, by: User) -> Redemption:
    """It was paid or handed out, under ``reference`` (a transfer's number). Again: nothing.

    Raises ``PaidReferenceMissing``, ``RedemptionNotWaiting``, ``NotFound``.
    """
    (redemption,) = redemptions_done(uids=[uid], reference=reference, by=by)
    return redemption


@transaction.atomic
def redemptions_done(*, uids: Collection[UUID], reference: str, by: User) -> list[Redemption]:
    """``redemption_done`` for many, all or nothing. What is done already stays as it is.

    Raises ``NothingChosen``, ``PaidReferenceMissing``, ``RedemptionNotWaiting``, ``NotFound``.
    """
    reference = reference.strip()
    if not reference or len(reference) > 60:
        raise PaidReferenceMissing(field="reference")
    if not uids:
        raise NothingChosen()
    people = Redemption.objects.filter(uid__in=uids).values_list("person_id", flat=True)
    persons_lock(keys=[(current(), person_id) for person_id in set(people)])
    rows = list(
        Redemption.objects.select_related("programme", "person").filter(uid__in=uids).order_by("pk")
    )
    if len(rows) != len(set(uids)):
        raise NotFound()
    for redemption in rows:
        if redemption.state == Redemption.State.DONE:
            continue
        if redemption.state != Redemption.State.APPROVED:
            raise RedemptionNotWaiting(state=redemption.get_state_display())
        redemption.state, redemption.reference = Redemption.State.DONE, reference
        redemption.done_at = clock.now()
        redemption.save(update_fields=["state", "reference", "done_at"])
        act_record(
            actor=by,
            action="redemption_done",
            subject_kind="redemption",
            subject_id=redemption.uid,
            note=reference,
        )
        redemption_tell(redemption, "終わりました")
    return rows
