"""What may be done in the organisations room."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import domain as people
from kyojo.civic.people.models import ConsentText, Person, User
from kyojo.civic.people.services import act_record, consent_take_back, notice_send
from kyojo.civic.people.services import consent_give as people_consent_give
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from . import domain
from .errors import AlreadyEmployed, CompanyTaken, CompanyUnknown, EndDayWrong, OrderDiffers
from .models import Company, CompanyOfficer, Employment, SumConsent

SUM = ConsentText.Kind.COMPANY_SUM

# --- companies: need no tenant --------------------------------------------------------------------


def company_register(
    *, slug: str, name: str, name_kana: str, employees_count: int, short_name: str = ""
) -> Company:
    """A company. ``slug`` is its page's name; ``employees_count`` divides its ranking.

    Raises ``SlugWrong``, ``EmployeesCountWrong``, ``CompanyTaken``, and the people room's refusals
    of words and readings.
    """
    kept = people.words(name, part="会社の名前", field="name", limit=80)
    company = Company(
        slug=domain.slug_checked(slug),
        name=kept,
        short_name=people.words(short_name, part="短い名前", field="short_name", limit=40)
        or kept.replace("株式会社", "").replace("合同会社", "").strip()[:40],
        name_kana=people.kana_part(name_kana, part="会社のふりがな", field="name_kana"),
        employees_count=domain.employees_count_checked(employees_count),
        registered_at=clock.now(),
    )
    try:
        with transaction.atomic():
            company.save(force_insert=True)
    except IntegrityError:
        raise CompanyTaken(field="slug", slug=company.slug) from None
    return company


def company_officer_add(*, company: Company, user: User) -> CompanyOfficer:
    """Let a login confirm the company's people and read its own page. Again: nothing changes."""
    officer, _ = CompanyOfficer.objects.get_or_create(company=company, user=user)
    return officer


# --- employment ---------------------------------------------------------------------------------


def employment_request(
    *, uid: UUID, person: Person, company_slug: str, employee_number: str = ""
) -> Employment:
    """``person`` says they work at a company; its officers are asked. ``uid`` is the form's order
    id, the same again returns the employment. ``employee_number`` is told to the company only.

    Raises ``CompanyUnknown``, ``AlreadyEmployed``, ``OrderDiffers``, ``TextTooLong``.
    """
    company = Company.objects.filter(slug=company_slug).first()
    if company is None:
        raise CompanyUnknown(field="company")
    number = people.words(
        employee_number, part="社員番号", field="employee_number", limit=40
    ).replace("\n", " ")
    with transaction.atomic():
        # One form after the other for one person: the second finds what the first did.
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        before = Employment.objects.filter(uid=uid).select_related("company").first()
        if before is not None:
            if (before.person_id, before.company_id) != (person.pk, company.pk):
                raise OrderDiffers()
            return before  # type: ignore[no-any-return]
        running = (
            Employment.objects.filter(person=person, state__in=domain.RUNNING)
            .select_related("company")
            .first()
        )
        if running is not None:
            raise AlreadyEmployed(company=running.company.name)
        employment: Employment = Employment.objects.create(
            uid=uid,
            person=person,
            company=company,
            state=domain.REQUESTED,
            employee_number=number,
            requested_at=clock.now(),
        )
    return employment


def employment_decide(
    *, company_officer: User, municipality_id: int, uid: UUID, confirm: bool
) -> Employment:
    """The company says whether the person works there. The same answer again changes nothing.

    Opens the municipality by itself. Raises ``NotFound`` for an officer of another company and
    for who is none, ``EmploymentStepWrong``.
    """
    after = domain.CONFIRMED if confirm else domain.REFUSED
    with tenant(municipality_id):
        employment = _locked(uid)
        if not CompanyOfficer.objects.filter(
            company_id=employment.company_id, user_id=company_officer.pk, user__is_active=True
        ).exists():
            raise NotFound()
        if employment.state == after:
            return employment
        domain.step_checked(employment.state, after)
        employment.state = after
        employment.decided_at = clock.now()
        employment.decided_by = company_officer
        employment.save(update_fields=["state", "decided_at", "decided_by"])
        act_record(
            actor=company_officer,
            action="employment_confirm" if confirm else "employment_refuse",
            subject_kind="employment",
            subject_id=employment.uid,
        )
        company = employment.company
        notice_send(
            person=employment.person,
            kind="employment_decided",
            key=f"employment:{employment.uid}:{after}",
            title=f"{company.name}が、あなたの勤め先を確認しました"
            if confirm
            else f"{company.name}では、あなたの登録を確認できませんでした",
            body="同意しているときだけ、これからの支援を会社の合計に足します。"
            if confirm
            else "社員番号を確かめて、もう一度登録できます。ほかには何も変わりません。",
            path="/me/",
        )
    return employment


def employment_end(*, person: Person, uid: UUID, ended_on: date | None = None) -> Employment:
    """``person`` does not work there any more (or takes the request back). Again: nothing changes.

    Visits up to ``ended_on`` (today, if None) still count while the consent stands. Raises
    ``NotFound``, ``EmploymentStepWrong``, ``EndDayWrong``.
    """
    with transaction.atomic():
        employment = _locked(uid)
        if employment.person_id != person.pk:
            raise NotFound()
        if employment.state == domain.ENDED:
            return employment
        domain.step_checked(employment.state, domain.ENDED)
        day = ended_on or clock.today()
        if not clock.local(employment.requested_at).date() <= day <= clock.today():
            raise EndDayWrong(field="ended_on")
        employment.state = domain.ENDED
        employment.ended_on = day
        employment.save(update_fields=["state", "ended_on"])
    return employment


# --- consent ------------------------------------------------------------------------------------


def consent_give(*, employment: Employment) -> SumConsent:
    """From now on the person's coins count for the company. Again: the standing consent.

    May be given before the company has confirmed; it counts from the later of the two. Raises
    ``NotFound``, ``EmploymentStepWrong`` for an employment that is over.
    """
    with transaction.atomic():
        row = _locked(employment.uid)
        if row.state not in domain.RUNNING:
            domain.step_checked(row.state, domain.CONFIRMED)
        consent, _ = SumConsent.objects.get_or_create(
            employment=row,
            withdrawn_at=None,
            defaults={"text_version": domain.CONSENT_VERSION, "given_at": clock.now()},
        )
        people_consent_give(person=row.person, kind=SUM)
    return consent  # type: ignore[no-any-return]


def consent_withdraw(*, employment: Employment) -> None:
    """Nothing of the person counts for the company any more, also of the past. Always possible.
    Again: nothing changes."""
    with transaction.atomic():
        row = _locked(employment.uid)
        SumConsent.objects.filter(employment=row, withdrawn_at=None).update(
            withdrawn_at=clock.now()
        )
        if not SumConsent.objects.filter(
            employment__person_id=row.person_id, withdrawn_at=None
        ).exists():
            consent_take_back(person=row.person, kind=SUM)


def _locked(uid: UUID) -> Employment:
    """Raises ``NotFound``."""
    row: Employment | None = (
        Employment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("person", "company")
        .filter(uid=uid)
        .first()
    )
    if row is None:
        raise NotFound()
    return row
