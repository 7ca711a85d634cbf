"""What this room holds about a person."""

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section

from . import domain
from .models import Employment, SumConsent


def person_data(person: Person) -> list[Section]:
    """Where they said they work, and what they agreed to there."""
    with tenant(person.municipality_id):
        rows = [
            (
                one.company.name,
                domain.LABELS[one.state],
                one.employee_number,
                one.requested_at,
                one.decided_at,
                one.ended_on,
            )
            for one in Employment.objects.filter(person=person).select_related("company")
        ]
        agreed = [
            (one.employment.company.name, one.text_version, one.given_at, one.withdrawn_at)
            for one in SumConsent.objects.filter(employment__person=person).select_related(
                "employment__company"
            )
        ]
    return [
        section(
            "employments",
            "会社",
            "company 会社, state いまの状態, number 社員番号, asked 入れた日, "
            "decided 会社が答えた日, ended 終えた日",
            rows,
        ),
        section(
            "sum_consents",
            "会社の合計に足す同意",
            "company 会社, version 文書の版, given 同意した日, withdrawn やめた日",
            agreed,
        ),
    ]
