"""Photos of a visit at the desk: the house's word about them, and the picture."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from kyojo.civic.people.services import act_record
from kyojo.help.support import services
from kyojo.help.support.selectors import photo_here

from ..visits.photos import picture_answer
from .access import DeskRequest, staff
from .forms import PhotosAllowForm
from .visits import answer_form


@staff("POST")
def allow(request: DeskRequest, uid: UUID) -> HttpResponse:
    user = request.desk.user

    def act(data: dict[str, Any]) -> None:
        services.photos_allow(
            visit_uid=uid, by=user, allowed=data["answer"] == "yes", basis=data["basis"]
        )

    return answer_form(request, uid, PhotosAllowForm(request.POST), "お返事を記録しました", act)


@staff()
def shown(request: DeskRequest, uid: UUID, photo: UUID) -> HttpResponse:
    """A picture of a place in this town. Opening it goes on record."""
    picture = photo_here(uid, photo)
    act_record(
        actor=request.desk.user, action="photo_opened", subject_kind="visit", subject_id=str(uid)
    )
    return picture_answer(picture)
