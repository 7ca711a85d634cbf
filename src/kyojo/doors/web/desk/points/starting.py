"""はじめる: the office presses for a member who begins in a currency of the town."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import circulation_selectors, services
from kyojo.civic.people.selectors import person_by_uid
from kyojo.kernel.errors import NotFound

from ...http import redirect_saying
from ..access import DeskRequest, page
from .circulating_forms import StartForm
from .shared import Frame, of_programme, sent


@of_programme("GET", "POST")
def start(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    person = person_by_uid(uid)
    circulation = frame.ruled.document.circulation
    if circulation is None or not circulation.start_units:
        raise NotFound()
    back = reverse("desk-points-member", kwargs={"uid": uid})
    form = StartForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        begun = sent(
            form,
            lambda data: services.circulation_start(
                programme_code=frame.code,
                person=person,
                by=request.desk.user,
                basis=data["basis"],
            ),
        )
        if begun is not None:
            said = f"{person.name}さんが、{frame.ruled.document.name}をはじめました"
            return redirect_saying(request, back, said)
    context = {
        **frame.context(),
        "form": form,
        "member": person,
        "units": circulation.start_units,
        "is_started": not circulation_selectors.can_start(frame.ruled, person),
    }
    return page(request, "points/start.html", "points", context, status=status)
