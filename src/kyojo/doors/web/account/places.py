"""The places a carer asks help for. New ones are made where one asks (``carer-ask-place``)."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kyojo.civic.people.consent_selectors import consent_stands, text_current
from kyojo.civic.people.domain import reading
from kyojo.civic.people.models import CarePlace
from kyojo.civic.people.selectors import care_place_by_uid, care_places
from kyojo.civic.people.services import care_place_remove, care_place_update
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form
from ..http import redirect_saying
from .access import members_only, person_of


class PlaceForm(Form):
    """What the carer calls a place and what visitors should know."""

    label = forms.CharField(label="呼び方", help_text="例：母の家", max_length=400)
    visitor_note = forms.CharField(
        label="来る人に伝えること",
        help_text="来ることが決まった人にだけ見えます。例：玄関は右です。耳が少し遠いです",
        required=False,
        max_length=2000,
        widget=forms.Textarea,
    )


@members_only
@require_safe
def places_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    context = {"places": care_places(person), "is_carer": person.carer_since is not None}
    return render(request, "account/places.html", context)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def place_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    place = care_place_by_uid(person_of(request), uid)
    if request.method != "POST":
        initial = {"label": place.label, "visitor_note": place.visitor_note}
        return _page(request, PlaceForm(initial=initial), place)
    form = PlaceForm(request.POST)
    if form.is_valid():
        try:
            care_place_update(carer=person_of(request), uid=uid, **form.cleaned_data)
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "me-places", "書きかえました。")
    return _page(request, form, place, status=422)


def _page(
    request: HttpRequest, form: PlaceForm, place: CarePlace, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "place": place,
        "kana": reading(place.recipient_kana),
        "text": text_current("health"),
        "note_is_hidden": bool(place.visitor_note)
        and not consent_stands(person_of(request), "health"),
    }
    return render(request, "account/place.html", context, status=status)


@members_only
@require_POST
def place_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    care_place_remove(carer=person_of(request), uid=uid)
    return redirect_saying(request, "me-places", "場所を消しました。前の依頼には残っています。")
