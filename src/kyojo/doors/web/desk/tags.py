"""Cards and buttons at the home of a member, for visits without a smartphone."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people import selectors as people
from kyojo.civic.people.models import Person
from kyojo.help.support import selectors, services
from kyojo.help.support.models import Tag
from kyojo.help.support.services import Enrolled
from kyojo.kernel.errors import Invalid, NotFound
from kyojo.kernel.ids import new_id

from ..forms import Choice, OrderForm
from ..http import redirect_saying
from .access import DeskRequest, page, staff
from .forms import radio

KINDS = [
    (Tag.Kind.QR_CARD, Choice("QRカード", "紙に印刷します。手伝う人が、スマホのカメラで読みます")),
    (Tag.Kind.NFC_CARD, Choice("ICカード", "手伝う人が、スマホをかざします。まねができません")),
    (Tag.Kind.BUTTON, Choice("ボタン", "だれもスマホを持っていないときに、押します")),
]


class TagForm(OrderForm):
    kind = radio(label="どれを置きますか", choices=KINDS, initial=Tag.Kind.QR_CARD)
    label = forms.CharField(
        label="置く場所の名前", max_length=40, help_text="例：玄関のカード、台所のボタン"
    )
    hardware_id = forms.CharField(
        label="カードか機器の番号",
        max_length=40,
        required=False,
        help_text="ICカードは14けた（UID）、ボタンは16けた（DevEUI）。QRカードは、いりません。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@staff("GET", "POST")
def listed(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What is at this member's home; the form for one more. What is new is told once, in answer
    to the press: neither the code nor the key can be shown again."""
    person = people.person_by_uid(uid)
    if request.method != "POST":
        return _listed(request, person, TagForm(initial={"order_id": new_id()}), 200)
    form = TagForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = services.tag_enrol(
                uid=form.order,
                kind=data["kind"],
                label=data["label"],
                by=request.desk.user,
                recipient_uid=person.uid,
                hardware_id=data["hardware_id"],
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            if not made.code and not made.key:
                return redirect_saying(request, _url(person), "登録はすんでいます")
            return _made(request, person, made)
    return _listed(request, person, form, 422)


def _url(person: Person) -> str:
    return reverse("desk-tags", args=[person.uid])


def _listed(request: DeskRequest, person: Person, form: TagForm, status: int) -> HttpResponse:
    context = {"one": person, "tags": selectors.tags_of(person.uid), "form": form}
    return page(request, "tags.html", "members", context, status=status)


def _made(request: DeskRequest, person: Person, made: Enrolled) -> HttpResponse:
    """The card to print, or the key to write into the hardware."""
    town, tag = current(), made.tag
    address = (
        reverse("card", args=[town, made.code])
        if made.code
        else reverse("card-chip", args=[town, tag.uid])
    )
    context = {
        "one": person,
        "tag": tag,
        "code": made.code,
        "key": made.key,
        "address": settings.BASE_URL.rstrip("/") + address,
        "topic": f"{settings.MQTT_TOPIC}/{town}/{tag.hardware_id}/up",
    }
    answer = page(request, "tag_made.html", "members", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff("POST")
def end(request: DeskRequest, uid: UUID, tag: UUID) -> HttpResponse:
    """The card is lost, or the button was taken home."""
    person = people.person_by_uid(uid)
    if not any(one.uid == tag for one in selectors.tags_of(person.uid)):
        raise NotFound()
    services.tag_end(uid=tag, by=request.desk.user)
    return redirect_saying(request, _url(person), "使えなくしました")


class GatewayForm(OrderForm):
    label = forms.CharField(label="名前", max_length=40, help_text="例：市役所屋上の基地局")


@staff("GET", "POST")
def buttons(request: DeskRequest) -> HttpResponse:
    """Buttons with hardly any battery, or silent for days, and whom to call about each; for
    officers also what may hand on their signals."""
    if request.method != "POST":
        return _buttons(request, GatewayForm(initial={"order_id": new_id()}), 200)
    form = GatewayForm(request.POST)
    if form.is_valid():
        try:
            _, token = services.gateway_make(
                uid=form.order, label=form.cleaned_data["label"], by=request.desk.user
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            fresh = GatewayForm(initial={"order_id": new_id()})
            return _buttons(request, fresh, 200, token=token)
    return _buttons(request, form, 422)


def _buttons(
    request: DeskRequest, form: GatewayForm, status: int, *, token: str = ""
) -> HttpResponse:
    tags = selectors.buttons_troubled()
    homes = people.people_by_uids([tag.recipient_uid for tag in tags if tag.recipient_uid])
    context = {
        "rows": [(tag, homes.get(tag.recipient_uid)) for tag in tags],
        "gateways": selectors.gateways() if request.desk.is_officer else [],
        "form": form,
        "token": token,
        "address": f"{settings.BASE_URL.rstrip('/')}/devices/{current()}/chirpstack/",
    }
    answer = page(request, "buttons.html", "today", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


@staff("POST", officer=True)
def gateway_end(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Its token opens nothing from now on."""
    services.gateway_end(uid=uid, by=request.desk.user)
    return redirect_saying(request, reverse("desk-buttons"), "使えなくしました")
