"""「わかりました」 and 「異議を申し立てる」: the word of whoever loses by a ruling about coins."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kyojo.help.support import selectors, services
from kyojo.kernel.errors import NotFound

from .access import member, person_of, pressed
from .forms import AppealForm


def _url(uid: UUID) -> str:
    return reverse("visit", args=[uid])


@require_POST
@member
def accept(request: HttpRequest, uid: UUID) -> HttpResponse:
    return pressed(
        request,
        lambda: services.ruling_accept(visit_uid=uid, by=person_of(request)),
        back=_url(uid),
        to=_url(uid),
        sentence="お返事を伝えました。ありがとうございます",
    )


@member
def appeal(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = selectors.visit_for(person_of(request), uid)
    if view.role not in ("carer", "supporter"):
        raise NotFound()
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return pressed(
            request,
            lambda: services.ruling_appeal(
                visit_uid=uid, by=person_of(request), words=form.cleaned_data["words"]
            ),
            back=_url(uid),
            to=_url(uid),
            sentence="事務局に伝えました。コインは、お預かりしたままです",
        )
    if not view.may_appeal and not form.errors:
        return HttpResponseRedirect(_url(uid))
    status = 422 if form.errors else 200
    return render(request, "visits/appeal.html", {"visit": view, "form": form}, status=status)
