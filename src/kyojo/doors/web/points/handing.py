"""渡す: handing units to another member, with a last look; and beginning in a currency."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.earnings import circulation_selectors, selectors
from kyojo.civic.earnings.errors import MayNotSpend
from kyojo.civic.earnings.models import Movement
from kyojo.civic.earnings.selectors import Ruled
from kyojo.civic.earnings.services import circulation_start, receiver_find, units_hand
from kyojo.civic.people.models import Person
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..forms import Choice, OrderForm, WholeNumberField
from ..http import page_refused, redirect_saying, said, tried
from ..security.stepping import step_up_required
from . import reads, words


class HandForm(OrderForm):
    """What for, to whom, how much. Number and family name must belong together, so that nobody
    learns a name from a number."""

    use = forms.ChoiceField(label="何のために渡しますか", widget=forms.RadioSelect)
    number = forms.CharField(
        label="受け取る人の会員番号",
        max_length=20,
        help_text="受け取る人に聞いてください。例：10012",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    family_name = forms.CharField(
        label="受け取る人の苗字",
        max_length=60,
        help_text="漢字でも、ひらがなでもかまいません。まちがいを防ぐために、確かめます。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    amount = WholeNumberField(label="渡す数", minimum=1)

    def __init__(self, *args: Any, purse: "Purse", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        use = self.fields["use"]
        assert isinstance(use, forms.ChoiceField)
        use.choices = [(code, Choice(words.HANDED[code])) for code in purse.uses]
        if len(purse.uses) == 1:
            use.initial = purse.uses[0]
        unit, label = purse.ruled.document.unit, words.hand_label(purse.ruled.document.unit)
        self.fields["amount"] = WholeNumberField(
            label=label,
            minimum=1,
            unit=unit,
            help_text=purse.most_words,
            error_messages={"required": f"{label}を入れてください。"},
        )
        self.order_fields(("use", "number", "family_name", "amount"))

    def refuse(self, refusal: Refusal) -> None:
        if refusal.field == "receiver":
            refusal.field = "number"
        super().refuse(refusal)


class Purse:
    """What a member can hand on now, for what, and why not where they cannot."""

    def __init__(self, ruled: Ruled, person: Person) -> None:
        self.ruled = ruled
        self.uses = circulation_selectors.handed_uses(ruled.document)
        self.available = selectors.wallet(ruled.programme, person).available
        self.lent = circulation_selectors.outstanding(ruled.programme, person)
        may_be_lent = circulation_selectors.lent_left(ruled, person) if "help" in self.uses else 0
        self.most_for_help = self.available + may_be_lent
        self.refused = ""
        try:
            selectors.may_spend(ruled, person)
        except MayNotSpend as refused:
            self.refused = said(refused)

    @property
    def most_words(self) -> str:
        unit = self.ruled.document.unit
        has = words.amount(self.available, unit)
        if self.most_for_help == self.available:
            return f"いま渡せるのは、{has}までです。"
        most = words.amount(self.most_for_help, unit)
        return f"いまあるのは{has}です。手伝いのお礼なら、前貸しを入れて{most}まで渡せます。"

    @property
    def closed_words(self) -> str:
        """Why nothing can be handed on; "" where something can."""
        if self.refused or self.most_for_help:
            return self.refused
        return "使える分がたまると、渡せます。"


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def hand_page(request: HttpRequest, code: str) -> HttpResponse:
    """The form; sent with ``step=check`` the look at it, with ``step=send`` the handing."""
    person = person_of(request)
    ruled = reads.programme(code)
    purse = Purse(ruled, person)
    if not purse.uses:
        raise NotFound()
    if request.method != "POST":
        return _page(request, purse, HandForm(purse=purse))
    form = HandForm(request.POST, purse=purse)
    step = request.POST.get("step", "check")
    if step == "change":
        return _page(request, purse, form)
    if not form.is_valid():
        return _page(request, purse, form, status=422)
    is_known = reads.was_handed(ruled, person, form.order)
    try:
        receiver = receiver_find(
            giver=person,
            number=form.cleaned_data["number"],
            family_name=form.cleaned_data["family_name"],
            by=request.user,  # type: ignore[arg-type]
        )
        if step == "send" or is_known:
            asked = step_up_required(
                request,
                "coins_give",
                coins=form.cleaned_data["amount"],
                available=purse.available,
            )
            if asked is not None:
                return asked
            _handed(request, ruled, form, receiver)
            return redirect_saying(
                request,
                reverse("me-points-one", args=[code]),
                "この分は、前に渡しています。「やりとり」をごらんください。"
                if is_known
                else f"{receiver.family_name}さんに渡しました。",
            )
        tried(lambda: _handed(request, ruled, form, receiver))
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, purse, form, status=422)
    return _check_page(request, purse, form, receiver)


def _handed(request: HttpRequest, ruled: Ruled, form: HandForm, receiver: Person) -> Movement:
    return units_hand(
        uid=form.order,
        programme_code=ruled.programme.code,
        giver=person_of(request),
        receiver_number=receiver.number,
        amount=form.cleaned_data["amount"],
        use=form.cleaned_data["use"],
        by=request.user,  # type: ignore[arg-type]
    )


def _page(request: HttpRequest, purse: Purse, form: HandForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "ruled": purse.ruled,
        "document": purse.ruled.document,
        "purse": purse,
        "is_open": form.is_bound or not purse.closed_words,
    }
    return render(request, "points/hand.html", context, status=status)


def _check_page(
    request: HttpRequest, purse: Purse, form: HandForm, receiver: Person
) -> HttpResponse:
    """Of the receiver it shows what the giver has typed, and no more."""
    unit, amount = purse.ruled.document.unit, form.cleaned_data["amount"]
    lent = max(amount - purse.available, 0)
    context = {
        "form": form,
        "ruled": purse.ruled,
        "document": purse.ruled.document,
        "receiver": receiver,
        "use": words.HANDED[form.cleaned_data["use"]],
        "amount": words.amount(amount, unit),
        "rest": words.amount(purse.available - amount + lent, unit),
        "lent": words.amount(lent, unit) if lent else "",
        "lent_all": words.amount(purse.lent + lent, unit) if lent and purse.lent else "",
    }
    return render(request, "points/hand_check.html", context)


@members_only
@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Take what everybody begins with; pressed again, nothing changes."""
    ruled = reads.programme(code)
    back = reverse("me-points-one", args=[code])
    try:
        movement = circulation_start(programme_code=code, person=person_of(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=back)
    came = words.amount(movement.amount, ruled.document.unit)
    return redirect_saying(request, back, f"はじめの分の{came}が届きました。")
