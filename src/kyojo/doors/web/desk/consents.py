"""同意の文: what this town asks its members to agree to, version by version."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people.consent_selectors import text_current, texts
from kyojo.civic.people.models import ConsentText
from kyojo.civic.people.services import consent_text_publish
from kyojo.civic.people.services.consenting import PARTS
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import DateBoxesField, Form
from ..http import redirect_saying
from .access import DeskRequest, page, staff


class TextForm(Form):
    """A new version of one kind."""

    words = forms.CharField(label=PARTS["words"][0], max_length=4000, widget=forms.Textarea)
    purpose = forms.CharField(label=PARTS["purpose"][0], max_length=600, widget=forms.Textarea)
    recipients = forms.CharField(
        label=PARTS["recipients"][0], max_length=600, widget=forms.Textarea
    )
    kept = forms.CharField(label=PARTS["kept"][0], max_length=600, widget=forms.Textarea)
    follows = forms.CharField(label=PARTS["follows"][0], max_length=600, widget=forms.Textarea)
    effective_from = DateBoxesField(label="いつから", future_only=True)
    asks_again = forms.BooleanField(
        label="前の版に同意した人に、もう一度聞く",
        help_text="内容が変わるときは印をつけます。言いかえだけなら、いりません。",
        required=False,
    )


@staff(officer=True)
def listed(request: DeskRequest) -> HttpResponse:
    groups: dict[str, list[ConsentText]] = {}
    for one in texts():
        groups.setdefault(one.kind, []).append(one)
    rows = [(kind, label, groups[kind]) for kind, label in ConsentText.Kind.choices]
    return page(request, "consents.html", "rules", {"groups": rows})


@staff("GET", "POST", officer=True, fresh=True)
def new(request: DeskRequest, kind: str) -> HttpResponse:
    if kind not in ConsentText.Kind.values:
        raise NotFound()
    text = text_current(kind)
    initial: dict[str, Any] = {name: getattr(text, name) for name in PARTS}
    initial |= {"effective_from": clock.today(), "asks_again": True}
    form = TextForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                consent_text_publish(kind=kind, by=request.desk.user, **form.cleaned_data)
            except NotFound:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                said = "新しい版を公開しました"
                return redirect_saying(request, reverse("desk-consents"), said)
    context = {"form": form, "text": text, "label": ConsentText.Kind(kind).label}
    return page(request, "consent_new.html", "rules", context, status=status)
