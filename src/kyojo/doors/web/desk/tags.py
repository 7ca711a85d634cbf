"""Cards and buttons at the home of a member, and beacons that a supporter carries, for visits
without a smartphone."""

from typing import Any
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
from .words import refusal_words

KINDS = [
    (Tag.Kind.QR_CARD, Choice("QRカード", "紙に印刷します。手伝う人が、スマホのカメラで読みます")),
    (Tag.Kind.NFC_CARD, Choice("ICカード", "手伝う人が、スマホをかざします。まねができません")),
    (Tag.Kind.BUTTON, Choice("ボタン", "だれもスマホを持っていないときに、押します")),
    (Tag.Kind.READER, Choice("受信機", "手伝う人のビーコンを聞きとります。コンセントのそばに")),
]
CARRIED = [
    (
        Tag.Kind.BEACON,
        Choice(
            "ビーコン", "手伝うこの人が持ち歩く、小さな発信機です。受信機のあるお宅で聞こえます"
        ),
    ),
]

#: Why a signal was refused, where that is no refused step of a visit.
SIGNALS = {
    "key_wrong": "鍵がちがいました。ほかのだれかが送ったのかもしれません",
    "tag_replayed": "前に届いた信号のくり返しでした",
    "too_late": "届くのが、2時間より遅れました",
    "unknown": "登録のない機器でした",
    "beacon_ended": "使えなくしたビーコンが聞こえました",
}


class TagForm(OrderForm):
    #: Whether a code or a key of what is enrolled is shown once.
    has_secrets = True
    kind = radio(label="どれを置きますか", choices=KINDS, initial=Tag.Kind.QR_CARD)
    label = forms.CharField(
        label="置く場所の名前", max_length=40, help_text="例：玄関のカード、台所のボタン"
    )
    hardware_id = forms.CharField(
        label="カードか機器の番号",
        max_length=40,
        required=False,
        help_text="ICカードは14けた（UID）、ボタンと受信機は16けた（DevEUI）。QRカードは、いりません。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        """What may stand at the home of ``person``, and what they may carry."""
        super().__init__(*args, **more)
        at_home = not person.supporter_since or person.recipient_since
        carried = CARRIED if person.supporter_since else []
        self.fields["kind"].choices = [*(KINDS if at_home else []), *carried]  # type: ignore[attr-defined]
        if not carried:
            return
        number = (
            "ビーコンは、送っている番号です：12けた（MAC）か32けた、"
            "iBeaconは40けた（UUID・major・minor）。"
        )
        if at_home:
            self.fields["hardware_id"].help_text += number
            return
        self.has_secrets = False
        self.initial["kind"] = Tag.Kind.BEACON
        self.fields["kind"].label = "何を持ちますか"
        self.fields["label"].label = "名前"
        self.fields["label"].help_text = "例：カギにつけたビーコン"
        self.fields["hardware_id"].required = True
        self.fields["hardware_id"].label = "ビーコンの番号"
        self.fields["hardware_id"].help_text = number


@staff("GET", "POST")
def listed(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What is at this member's home, and what they carry; the form for one more. What is new is
    told once, in answer to the press: neither the code nor the key can be shown again."""
    person = people.person_by_uid(uid)
    if request.method != "POST":
        return _listed(request, person, TagForm(initial={"order_id": new_id()}, person=person), 200)
    form = TagForm(request.POST, person=person)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = services.tag_enrol(
                uid=form.order,
                kind=data["kind"],
                label=data["label"],
                by=request.desk.user,
                recipient_uid=person.uid,
                carrier_uid=person.uid,
                hardware_id=data["hardware_id"],
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            if not made.code and not made.key:
                said = "登録しました" if made.tag.carrier_uid else "登録はすんでいます"
                return redirect_saying(request, _url(person), said)
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
    """Buttons and readers with hardly any battery, or silent for days, and whom to call about each;
    what was refused; for officers also what may hand on their signals."""
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
    tags, refused = selectors.buttons_troubled(), selectors.signals_refused()
    known = [*tags, *(one.tag for one in refused if one.tag)]
    homes = people.people_by_uids([tag.recipient_uid for tag in known if tag.recipient_uid])
    context = {
        "rows": [(tag, homes.get(tag.recipient_uid)) for tag in tags],
        "refused": [
            (one, homes.get(one.tag.recipient_uid) if one.tag else None, _why(one.outcome))
            for one in refused
        ],
        "gateways": selectors.gateways() if request.desk.is_officer else [],
        "form": form,
        "token": token,
        "address": f"{settings.BASE_URL.rstrip('/')}/devices/{current()}/chirpstack/",
    }
    answer = page(request, "buttons.html", "today", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _why(outcome: str) -> str:
    words = SIGNALS.get(outcome) or refusal_words(outcome)
    return words if words != outcome else "受け付けられない信号でした"


@staff("POST", officer=True)
def gateway_end(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Its token opens nothing from now on."""
    services.gateway_end(uid=uid, by=request.desk.user)
    return redirect_saying(request, reverse("desk-buttons"), "使えなくしました")
