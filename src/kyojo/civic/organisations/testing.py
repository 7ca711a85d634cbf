"""The standing company of the tests, made through the services. Every name is invented."""

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.testing import make_login
from kyojo.kernel.ids import new_id

from . import services
from .models import Company, Employment


def make_company(slug: str = "mihon-denki", *, employees_count: int = 1240) -> Company:
    """みほん電機株式会社, or another under another slug; made once."""
    found = Company.objects.filter(slug=slug).first()
    if found is not None:
        return found
    name = "みほん電機株式会社" if slug == "mihon-denki" else f"ためし{slug}株式会社"
    return services.company_register(
        slug=slug, name=name, name_kana="みほんでんき", employees_count=employees_count
    )


def make_company_officer(company: Company) -> User:
    """A login of no municipality that is an officer of ``company``; made once."""
    user = make_login(f"officer-{company.slug}")
    services.company_officer_add(company=company, user=user)
    return user


def make_employee(person: Person, company: Company, *, consent: bool = True) -> Employment:
    """``person`` confirmed as an employee, with consent to be counted unless told."""
    with tenant(person.municipality_id):
        employment = services.employment_request(
            uid=new_id(), person=person, company_slug=company.slug, employee_number="E-0100"
        )
    services.employment_decide(
        company_officer=make_company_officer(company),
        municipality_id=person.municipality_id,
        uid=employment.uid,
        confirm=True,
    )
    with tenant(person.municipality_id):
        employment.refresh_from_db()
        if consent:
            services.consent_give(employment=employment)
    return employment
