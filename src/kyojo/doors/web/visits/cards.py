"""What a card at the door opens: the visit of whoever reads it, with the button that begins or ends
it. Opening the page changes nothing; a card that counts is used up by the press."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import selectors, services
from kyojo.help.support.domain import State
from kyojo.help.support.errors import TagEnded, TagReplayed, TagUnknown
from kyojo.help.support.services import TagRead
from kyojo.kernel.errors import Refusal

from .. import http
from .access import member, person_of
from .forms import CodeForm, EndForm, StartForm, card_signed
from .views import END_BY_CODE, page_of

OPEN = (State.SCHEDULED, State.STARTED)


@member
def printed(request: HttpRequest, town: int, code: str) -> HttpResponse:
    """The QR code of a printed card."""
    try:
        with tenant(http.town_or_404(town)):
            read = services.card_read(code=code)
    except (TagUnknown, TagEnded) as refusal:
        return _refused(request, refusal)
    return _page(request, town, read)


@member
def chip(request: HttpRequest, town: int, uid: object) -> HttpResponse:
    """The address that a card with a chip writes anew at each touch."""
    try:
        with tenant(http.town_or_404(town)):
            read = services.chip_read(
                tag_uid=uid, p=request.GET.get("p", ""), m=request.GET.get("m", "")
            )
    except (TagUnknown, TagEnded, TagReplayed) as refusal:
        return _refused(request, refusal)
    return _page(request, town, read)


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return http.page_refused(request, refusal, back="/visits/")


def _page(request: HttpRequest, town: int, read: TagRead) -> HttpResponse:
    """The visit that the reader has at this place today, or that there is none."""
    person = person_of(request)
    with tenant(town):
        uids = services.visits_of_tag(read=read, supporter_uid=person.uid)
    mine = [
        view
        for view in selectors.visits_for(person, uids)
        if view.role == "supporter" and view.state in OPEN
    ]
    if not mine:
        return render(request, "visits/card.html", {"visit": None})
    view = min(mine, key=lambda one: (one.state != State.STARTED, one.starts_at))
    form_of = StartForm if view.state == State.SCHEDULED else EndForm
    card = {"card": card_signed(read)}
    code = CodeForm(initial=card, label="" if form_of is StartForm else END_BY_CODE)
    return render(
        request,
        "visits/card.html",
        page_of(request, view, press=form_of(initial=card), code_form=code),
    )
