"""Fees of members (会費): who paid which, and when."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, persons_lock
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.rules.model import Fee
from kyojo.kernel.wording import jdate_plain

from .. import circulation_selectors, selectors
from ..errors import FeePaid, FeeUnknown, FeeYearUnknown, PaidReferenceMissing, RecordDiffers
from ..models import FeePayment


@transaction.atomic
def fee_pay(
    *,
    uid: UUID,
    programme_code: str,
    person: Person,
    name: str,
    fiscal_year: int,
    reference: str,
    by: User,
) -> FeePayment:
    """Write down that a member paid a fee of the document under the receipt ``reference``.

    A fee of each year is paid for ``fiscal_year``, by the rules of that year; one that is due on
    joining is paid once, whatever the year. The same order again changes nothing.

    Raises ``PaidReferenceMissing``, ``FeeYearUnknown``, ``FeeUnknown``, ``FeePaid``,
    ``RecordDiffers``, ``NotFound``.
    """
    reference = reference.strip()
    if not reference or len(reference) > 60:
        raise PaidReferenceMissing(field="reference")
    ruled = selectors.ruled(programme_code)
    programme = ruled.programme
    if fiscal_year not in selectors.years_known(programme):
        raise FeeYearUnknown(field="year")
    fee = _fee(programme_code, name, fiscal_year)
    year = circulation_selectors.fee_year(fee, fiscal_year)
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    found: FeePayment | None = FeePayment.objects.filter(uid=uid).first()
    body = (programme.pk, person.pk, name, year, reference)
    if found is not None:
        made = found.programme_id, found.person_id, found.name, found.fiscal_year, found.reference
        if made != body:
            raise RecordDiffers()
        return found
    before = FeePayment.objects.filter(
        programme=programme, person=person, name=name, fiscal_year=year
    ).first()
    if before is not None:
        raise FeePaid(field="name", day=jdate_plain(before.at), reference=before.reference)
    payment: FeePayment = FeePayment.objects.create(
        uid=uid,
        programme=programme,
        person=person,
        name=name,
        fiscal_year=year,
        yen=fee.yen,
        reference=reference,
        by=by,
    )
    act_record(
        actor=by,
        action="fee_paid",
        subject_kind="person",
        subject_id=person.uid,
        note=f"{programme.code} {year or ''} {fee.yen} {reference}",
    )
    return payment


def _fee(code: str, name: str, fiscal_year: int) -> Fee:
    try:
        document = selectors.ruled(code, fiscal_year).document
    except ProgrammeMissing:
        raise FeeYearUnknown(field="year") from None
    for fee in document.fees:
        if fee.name == name:
            return fee
    raise FeeUnknown(field="name")
