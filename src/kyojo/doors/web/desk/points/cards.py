"""What the office hands to a member on paper: the stamp card as it stands, the passbook."""

from uuid import UUID

from django.http import HttpResponse

from kyojo.civic.earnings import selectors
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.kernel.errors import NotFound

from ...points import own_papers
from ..access import DeskRequest, staff


@staff()
def stamp_card(request: DeskRequest, code: str, uid: UUID) -> HttpResponse:
    person = person_by_uid(uid)
    content = own_papers.stamp_card(_ruled(code), person)
    return _given(request, person, content, f"{code}-card-{person.number}.pdf")


@staff()
def passbook(request: DeskRequest, code: str, uid: UUID) -> HttpResponse:
    person = person_by_uid(uid)
    content = own_papers.passbook(_ruled(code), person)
    return _given(request, person, content, f"{code}-book-{person.number}.pdf")


def _ruled(code: str) -> selectors.Ruled:
    try:
        return selectors.ruled(code)
    except ProgrammeMissing:
        raise NotFound() from None


def _given(request: DeskRequest, person: Person, content: bytes, name: str) -> HttpResponse:
    act_record(
        actor=request.desk.user,
        action="paper_printed",
        subject_kind="person",
        subject_id=person.uid,
        note=name,
    )
    return own_papers.answer(content, name)
