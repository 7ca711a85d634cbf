"""Forms for one time of paid help: what was done, when, and what the document leaves open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from kyojo.civic.programmes.rules.model import Document, Thanks
from kyojo.civic.programmes.rules.thanks import per_words
from kyojo.kernel.errors import Refusal

from ..forms import (
    BOXES,
    ClockField,
    DateBoxesField,
    OrderForm,
    WholeNumberField,
    moment_at,
)


class HiddenDateBoxes(forms.Widget):
    """A date's three boxes, as typed, carried over a page that only shows them."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return format_html_join(
            "",
            '<input type="hidden" name="{}_{}" value="{}">',
            ((name, part, typed) for (part, _), typed in zip(BOXES, value, strict=True)),
        )


class HelpForm(OrderForm):
    """``order_id`` is the help's own id. ``documents``: the rules of this year and the last; a box
    is there if one of them knows what it asks for, and must be filled in if the first does."""

    ORDER: ClassVar[tuple[str, ...]] = (
        "activity",
        "day",
        "start",
        "end",
        "chosen_yen",
        "costs_yen",
    )
    activity = forms.CharField(
        label="手伝ったこと",
        max_length=40,
        required=False,
        help_text="短いことばで。例：庭の草とり。病気のことや住所は書かないでください。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    day = DateBoxesField(label="手伝いの日", example="2026、令和8、R8", past_only=True)
    start = ClockField(label="始まりの時刻", help_text="例：9:30、13時")
    end = ClockField(label="終わりの時刻")
    chosen_yen = WholeNumberField(label="お礼の額", maximum=10_000_000, unit="円")
    costs_yen = WholeNumberField(label="実費（円）", maximum=10_000_000, unit="円", required=False)

    def __init__(self, *args: Any, documents: Sequence[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].hidden_widget = HiddenDateBoxes
        self.document = documents[0]
        self._choose_activities(documents)
        every = [one.thanks for one in documents if one.thanks]
        self._ask("chosen_yen", [one for one in every if one.amount == "payer_choice"])
        self._ask("costs_yen", [one for one in every if one.costs_most_yen])

    def _choose_activities(self, documents: Sequence[Document]) -> None:
        names: dict[str, str] = {}
        for document in documents:
            names = {**document.activities, **names}
        if not names:
            return
        rates = self.document.thanks.by_activity if self.document.thanks else {}
        self.fields["activity"] = forms.ChoiceField(
            label="手伝ったこと",
            choices=[
                ("", "選んでください"),
                *(
                    (code, _priced(self.document, name, rates.get(code)))
                    for code, name in names.items()
                ),
            ],
            error_messages=dict.fromkeys(
                ("required", "invalid_choice"), "手伝ったことを選んでください。"
            ),
        )

    def _ask(self, name: str, known: Sequence[Thanks]) -> None:
        """Keep a box that a document knows, and say its range."""
        if not known:
            del self.fields[name]
            return
        one, field, per = known[0], self.fields[name], per_words(self.document)
        if name == "chosen_yen":
            field.label = f"お礼の額（{per}につき、円）"
            field.help_text = f"{one.least_yen:,}円から{one.most_yen:,}円までで、決めてください。"
            field.error_messages["required"] = "お礼の額を入れてください。"
        else:
            field.help_text = (
                f"材料や交通費など、手伝った人が立てかえた分。1回{one.costs_most_yen:,}円まで。"
            )
        field.required = name == "chosen_yen" and self.document.thanks in known

    @property
    def times(self) -> tuple[datetime, datetime]:
        day = self.cleaned_data["day"]
        return moment_at(day, self.cleaned_data["start"]), moment_at(day, self.cleaned_data["end"])

    @property
    def given(self) -> dict[str, Any]:
        """What ``services.help_record`` is told, but for who."""
        start, end = self.times
        return {
            "uid": self.order,
            "activity": self.cleaned_data.get("activity", ""),
            "start": start,
            "end": end,
            "costs_yen": self.cleaned_data.get("costs_yen") or 0,
            "chosen_yen": self.cleaned_data.get("chosen_yen"),
        }


def _priced(document: Document, name: str, yen: int | None) -> str:
    return name if yen is None else f"{name}（{per_words(document)}ごとに{yen:,}円）"


def member_field(label: str, help_text: str = "会員番号。例：10012") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=20,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


class ThanksForm(HelpForm):
    """Whoever was helped names the helper by number and family name: a number tells no name."""

    field_order = ("helper", "family_name", *HelpForm.ORDER)
    helper = member_field("手伝った人の会員番号", "手伝った人に聞いてください。例：10012")
    family_name = forms.CharField(
        label="手伝った人の苗字",
        max_length=40,
        help_text="番号のまちがいに気づくためです。ひらがなでもかまいません。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def refuse(self, refusal: Refusal) -> None:
        """What services call the number, or the one who thanks, is this form's ``helper``."""
        if refusal.field == "number":
            refusal.field = "helper"
        super().refuse(refusal)
