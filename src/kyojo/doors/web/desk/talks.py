"""メッセージ at the desk: read for a report, or written for who telephoned. Every look goes
on record."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.services import act_record
from kyojo.help.community import selectors, services
from kyojo.help.community.domain import Talk
from kyojo.help.matching.models import Offer
from kyojo.help.support.models import Visit
from kyojo.kernel.errors import NotFound, Refusal

from ..community.talks import talk_of
from ..forms import Choice
from ..http import redirect_saying
from .access import DeskRequest, page, staff
from .case_forms import TalkForm


def _talk(request: DeskRequest, uid: UUID) -> Talk:
    """Raises ``NotFound``: no such thread, nobody of this town, or one's own."""
    offer = Offer.objects.filter(uid=uid).first()
    if offer is None:
        raise NotFound()
    talk = talk_of(offer)
    person = request.person  # type: ignore[attr-defined]
    if current() not in {part.municipality_id for part in talk.parts} or (
        person and talk.part_of(person.uid) is not None
    ):
        raise NotFound()
    return talk


@staff("GET", "POST")
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    talk = _talk(request, uid)
    authors = [
        *(
            (str(part.uid), Choice(part.called, "電話などで聞いたことを、代わりに書く"))
            for part in talk.parts
            if part.municipality_id == current()
        ),
        ("office", Choice("センター", "おふたりに届きます")),
    ]
    form = TalkForm(request.POST or None, authors=authors)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = {
            "order_id": form.order,
            "talk": talk,
            "words": data["words"],
            "by": request.desk.user,
        }
        try:
            if data["author"] == "office":
                services.message_send_office(**given)
            else:
                services.message_send_for(
                    author_uid=UUID(data["author"]), basis=data["basis"], **given
                )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, request.path, "送りました")
    act_record(
        actor=request.desk.user, action="talk_opened", subject_kind="request", subject_id=uid
    )
    visit = Visit.objects.filter(offer_uid=uid).first()
    return page(
        request,
        "talk.html",
        "visits",
        {
            "talk": talk,
            "names": {part.uid: part.called for part in talk.parts},
            "lines": [
                (line, next((p.called for p in talk.parts if p.uid == line.author_uid), "センター"))
                for line in selectors.messages_of(talk)
            ],
            "back_url": reverse("desk-visit", kwargs={"uid": visit.uid}) if visit else "",
            "form": form,
        },
        status=422 if form.errors else 200,
    )
