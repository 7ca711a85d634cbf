"""The card of the house, faces, lines for the family, small gifts, a part to give."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.selectors import skills_of
from kyojo.civic.programmes.papers.visit_cards import VisitCard, visit_cards_pdf
from kyojo.help.support import services, warmth_selectors
from kyojo.help.support.selectors import VisitView, visit_for
from kyojo.help.support.warmth import PARTS
from kyojo.help.support.warmth_selectors import HouseCard
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id
from kyojo.kernel.wording import grouped_phone, jdate, jrange

from .. import http
from ..visits.access import member, person_of, pressed
from .warmth_forms import FaceForm, GiftForm, LetterForm, LinkForm, PartsForm

FormPage = require_http_methods(["GET", "HEAD", "POST"])


def picture(content: bytes) -> HttpResponse:
    """A picture that nobody else keeps."""
    response = HttpResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


# --- the card of the house ------------------------------------------------------------------------
def _for_house(request: HttpRequest, uid: UUID) -> VisitView:
    """The visit, for the carer and the person visited, while it is to come or runs."""
    view = visit_for(person_of(request), uid)
    if view.role == "supporter" or view.is_over:
        raise NotFound()
    return view


@require_GET
@member
def card(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who comes, in large print."""
    view = _for_house(request, uid)
    return render(
        request, "safety/card.html", {"visit": view, "card": warmth_selectors.card_of(view)}
    )


@require_GET
@member
def card_paper(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The card on paper, for the refrigerator's door."""
    view = _for_house(request, uid)
    return cards_given([warmth_selectors.card_of(view)])


def cards_given(cards: list[HouseCard]) -> HttpResponse:
    """Cards as PDF."""
    content = visit_cards_pdf([_on_paper(one) for one in cards], made_on=clock.today())
    return http.as_file(content, "kuruhito.pdf", inline=True, cache="private, no-store")


def _on_paper(one: HouseCard) -> VisitCard:
    return VisitCard(
        house=one.house,
        day=jdate(one.starts_at),
        hours=jrange(one.starts_at, one.ends_at),
        category=one.category,
        name=" ".join(one.names),
        reading=" ".join(one.readings),
        word=one.word,
        office=one.office,
        phone=grouped_phone(one.phone),
        face=one.face,
    )


@require_GET
@member
def face_of_visit(request: HttpRequest, uid: UUID) -> HttpResponse:
    return picture(services.portrait_for(visit_uid=uid, by=person_of(request)))


@member
@FormPage
def face(request: HttpRequest) -> HttpResponse:
    """A supporter's own face, for those whom they visit."""
    person = person_of(request)
    here = reverse("safety-face")
    if request.method == "POST" and "remove" in request.POST:
        services.portrait_remove(person=person)
        return http.redirect_saying(request, here, "写真を消しました")
    form = FaceForm(request.POST, request.FILES) if request.method == "POST" else FaceForm()
    if request.method == "POST" and form.is_valid():
        try:
            services.portrait_set(person=person, picture=form.cleaned_data["picture"].read())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return http.redirect_saying(request, here, "写真を預かりました")
    context = {"form": form, "has_face": services.portrait_of(person) is not None}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "safety/face.html", context, status=status)


@require_GET
@member
def face_own(request: HttpRequest) -> HttpResponse:
    found = services.portrait_of(person_of(request))
    if found is None:
        raise NotFound()
    return picture(found)


# --- a line for the family ------------------------------------------------------------------------
@member
@FormPage
def letter(request: HttpRequest, uid: UUID) -> HttpResponse:
    """「お元気でしたよ」, by the visit's supporter."""
    person = person_of(request)
    view = visit_for(person, uid)
    if view.role != "supporter":
        raise NotFound()
    form = LetterForm(initial={"order_id": new_id()})
    if request.method == "POST":
        form = LetterForm(request.POST, request.FILES)
        if form.is_valid() and _sent(form, uid, person):
            back = reverse("visit", args=[uid])
            return http.redirect_saying(request, back, "家族に届けました。ありがとうございます")
    context = {"visit": view, "form": form, "sent": warmth_selectors.letter_of_visit(view)}
    return render(request, "safety/letter.html", context, status=422 if form.errors else 200)


def _sent(form: LetterForm, uid: UUID, person: Any) -> bool:
    data = form.cleaned_data
    try:
        services.letter_send(
            uid=form.order,
            visit_uid=uid,
            by=person,
            words=data["words"],
            picture=data["picture"].read() if data["picture"] else None,
            consent=data["consent"],
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


@member
@FormPage
def family(request: HttpRequest) -> HttpResponse:
    """The letters that came, and the addresses for brothers and sisters. POST makes one, whose
    address is shown once."""
    person = person_of(request)
    form, token = LinkForm(initial={"order_id": new_id()}), ""
    if request.method == "POST":
        form = LinkForm(request.POST)
        if form.is_valid():
            try:
                _, token = services.family_link_make(
                    uid=form.order, carer=person, label=form.cleaned_data["label"]
                )
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                if not token:
                    return HttpResponseRedirect(reverse("safety-family"))
                form = LinkForm(initial={"order_id": new_id()})
    address = ""
    if token:
        path = reverse("safety-family-open", args=[person.municipality_id, token])
        address = settings.BASE_URL.rstrip("/") + path
    context = {
        "letters": warmth_selectors.letters_of(person),
        "about_me": warmth_selectors.letters_about(person),
        "is_carer": person.carer_since is not None,
        "links": warmth_selectors.family_links(person),
        "form": form,
        "address": address,
    }
    response = render(request, "safety/family.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@member
def family_link_end(request: HttpRequest, uid: UUID) -> HttpResponse:
    services.family_link_end(uid=uid, carer=person_of(request))
    return http.redirect_saying(request, "safety-family", "開けないようにしました")


@require_POST
@member
def letter_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    here = reverse("safety-family")
    return pressed(
        request,
        lambda: services.letter_remove(uid=uid, by=person_of(request)),
        back=here,
        to=here,
        sentence="消しました",
    )


@require_GET
@member
def letter_picture(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    return picture(warmth_selectors.letter_picture(uid=uid, carer_uid=person.uid))


# --- without an account ---------------------------------------------------------------------------
def _unlisted(response: HttpResponse) -> HttpResponse:
    """No machine keeps, lists or follows it, and no other site is told its address."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
def family_open(request: HttpRequest, town: int, token: str) -> HttpResponse:
    """What a brother or a sister reads with the address they were given."""
    with tenant(http.town_or_404(town)):
        link = services.family_link_open(token=token)
        return _unlisted(
            render(
                request,
                "safety/family_open.html",
                {
                    "letters": warmth_selectors.letters_of(link.carer),
                    "carer": link.carer,
                    "until": link.until,
                    "town": town,
                    "token": token,
                    "municipality": Municipality.objects.get(pk=town),
                },
            )
        )


@require_GET
def family_picture(request: HttpRequest, town: int, token: str, uid: UUID) -> HttpResponse:
    with tenant(http.town_or_404(town)):
        link = services.family_link_open(token=token)
        found = warmth_selectors.letter_picture(uid=uid, carer_uid=link.carer.uid)
    return _unlisted(picture(found))


# --- a small gift, a part to give -----------------------------------------------------------------
@member
@FormPage
def gift(request: HttpRequest, uid: UUID) -> HttpResponse:
    """おすそわけ, noted by the carer or the person visited."""
    person = person_of(request)
    view = visit_for(person, uid)
    most = warmth_selectors.gift_most(view.place_municipality_id)
    if view.role == "supporter" or not most:
        raise NotFound()
    form = GiftForm(initial={"order_id": new_id()})
    if request.method == "POST":
        form = GiftForm(request.POST)
        if form.is_valid():
            try:
                services.gift_note(
                    uid=form.order,
                    visit_uid=uid,
                    by=person,
                    words=form.cleaned_data["words"],
                    worth_yen=form.cleaned_data["worth_yen"],
                )
            except NotFound:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                back = reverse("visit", args=[uid])
                return http.redirect_saying(request, back, "おすそわけを書きとめました")
    context = {
        "visit": view,
        "form": form,
        "most": most,
        "given": warmth_selectors.gift_of_visit(view),
    }
    return render(request, "safety/gift.html", context, status=422 if form.errors else 200)


@member
@FormPage
def give(request: HttpRequest) -> HttpResponse:
    """What somebody who mostly receives can give."""
    person = person_of(request)
    form = PartsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.parts_give(person=person, parts=form.cleaned_data["parts"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return http.redirect_saying(
                request, "me-skills", "ありがとうございます。「できること」に足しました"
            )
    notes = " ".join(row.note for row in skills_of(person))
    has = [one.label for one in PARTS.values() if one.label in notes]
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "safety/give.html", {"form": form, "has": has}, status=status)
