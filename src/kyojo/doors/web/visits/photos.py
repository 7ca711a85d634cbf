"""Photos at a visit: the house's yes, the supporter's picture, and the picture as it is shown."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kyojo.help.support import selectors, services
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from .access import member, person_of, pressed
from .day import is_kept, kept_refused
from .forms import PhotoForm
from .views import page_of


def _url(uid: UUID) -> str:
    return reverse("visit", args=[uid])


@require_POST
@member
def allow(request: HttpRequest, uid: UUID) -> HttpResponse:
    """「とってもよい」 or 「やめてもらう」, by the house."""
    answer = request.POST.get("answer")
    if answer not in ("yes", "no"):
        raise NotFound()
    version = request.POST.get("version", "")
    said = "写真をとってもよいと伝えました" if answer == "yes" else "写真は、なしにしました"
    return pressed(
        request,
        lambda: services.photos_allow(
            visit_uid=uid,
            by=person_of(request),
            allowed=answer == "yes",
            version=int(version[:5]) if version.isdecimal() else None,
        ),
        back=_url(uid),
        to=_url(uid),
        sentence=said,
    )


@require_POST
@member
def add(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = selectors.visit_for(person_of(request), uid)
    if view.role != "supporter":
        raise NotFound()
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.photo_add(
                visit_uid=uid,
                supporter=person_of(request),
                nonce=form.press_id,
                moment=form.cleaned_data["moment"],
                picture=form.cleaned_data["picture"].read(),
                device_at=form.pressed_at,
                was_kept=form.was_kept,
            )
        except NotFound:
            raise
        except Refusal as refusal:
            if is_kept(request):
                return kept_refused(refusal)
            if refusal.field != "picture":
                return http.page_refused(request, refusal, back=_url(uid))
            form.refuse(refusal)
        else:
            if is_kept(request):
                return JsonResponse({"state": "photo"})
            return http.redirect_saying(request, _url(uid), "写真をそえました")
    context = page_of(request, view, photo_form=form, form=form)
    return render(request, "visits/supporter.html", context, status=422)


@require_GET
@member
def shown(request: HttpRequest, uid: UUID, photo: UUID) -> HttpResponse:
    return picture_answer(selectors.photo_for(person_of(request), uid, photo))


def picture_answer(picture: bytes) -> HttpResponse:
    """A picture that no cache keeps."""
    answer = HttpResponse(picture, content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
