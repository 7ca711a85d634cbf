"""Who may see the pages of a company: its officer."""

from django.http import Http404, HttpRequest

from kyojo.civic.organisations import selectors as organisations
from kyojo.civic.organisations.models import Company


def company_of(request: HttpRequest) -> Company:
    """The company of this login; for anybody else the page does not exist."""
    found = organisations.company_of_officer(request.user)  # type: ignore[arg-type]
    if found is None:
        raise Http404
    return found
