"""The form by which a member asks to use what was granted."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kyojo.civic.earnings.errors import SoldOut
from kyojo.civic.earnings.services import Payee
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel.errors import Refusal
from kyojo.kernel.text import normalised, to_katakana

from ..forms import Choice, Form, OrderForm, WholeNumberField
from ..http import said
from . import words
from .ways import Way

#: What a transfer's file may hold, full-width: banks know no ヲ.
_BANK_KANA = re.compile(r"[ァ-ロヮワンヴーA-Z0-9 ().\-]+")
#: How the hyphens that people type for a long vowel reach us.
_LONG_VOWEL = re.compile(r"(?<=[ァ-ヴ])[-‐－ー−ｰ―]")
_ITEM = {"voucher": "商品券", "shop": "券を使う店"}
KANA_HELP = "ひらがなか、カタカナで"
PAYEE = ("bank", "bank_kana", "branch", "branch_kana", "kind", "number", "holder_kana")


class DigitsField(forms.CharField):
    """A number of a fixed length, as a passbook shows it; any width, hyphens and spaces taken."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, digits: int, **kwargs: Any) -> None:
        self.digits = digits
        super().__init__(max_length=20, **kwargs)

    def to_python(self, value: Any) -> str:
        typed = re.sub(r"[\s\-]", "", normalised(super().to_python(value) or ""))
        if typed and not re.fullmatch(rf"[0-9]{{{self.digits}}}", typed):
            raise ValidationError(
                f"{self.label}は、{self.digits}けたの数字で入れてください。", code="digits_wrong"
            )
        return typed


class BankKanaField(forms.CharField):
    """A name as banks write it: kana, capitals, digits; takes hiragana and half-width."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def to_python(self, value: Any) -> str:
        typed = to_katakana(normalised(super().to_python(value) or "")).upper()
        typed = _LONG_VOWEL.sub("ー", typed)
        if typed and not _BANK_KANA.fullmatch(typed):
            raise ValidationError(
                f"{self.label}は、カナで、通帳のとおりに入れてください。", code="bank_kana_wrong"
            )
        return typed


class PayeeForm(Form):
    """The account to pay to, with the boxes of ``services.Payee``."""

    bank = DigitsField(label="銀行の番号", digits=4, help_text="4けたの数字です。例：0001")
    bank_kana = BankKanaField(label="銀行の名前（カナ）", help_text=KANA_HELP, max_length=30)
    branch = DigitsField(label="支店の番号", digits=3, help_text="3けたの数字です。例：001")
    branch_kana = BankKanaField(label="支店の名前（カナ）", help_text=KANA_HELP, max_length=30)
    kind = forms.ChoiceField(
        label="口座の種類", choices=[("1", "普通"), ("2", "当座")], widget=forms.RadioSelect
    )
    number = DigitsField(
        label="口座番号",
        digits=7,
        help_text="7けたの数字です。7けたより短いときは、前に0をつけます。",
    )
    holder_kana = BankKanaField(
        label="口座の名義（カナ）", help_text="通帳のとおりに。あなたの口座です。", max_length=48
    )

    def forget_payee(self) -> None:
        """Nothing is paid: the form asks for no account."""
        for name in PAYEE:
            del self.fields[name]

    def payee(self) -> Payee | None:
        """The account to pay to, where the form asks for one."""
        if "bank" not in self.fields:
            return None
        return Payee(**{name: self.cleaned_data[name] for name in PAYEE})

    def refuse(self, refusal: Refusal) -> None:
        """A refusal about the account belongs to its first box."""
        if refusal.field == "payee":
            refusal.field = "bank"
        super().refuse(refusal)


class UseForm(PayeeForm, OrderForm):
    """How much or how many, for whom or what, and for money the account to pay to."""

    amount = WholeNumberField(label="使う数", minimum=1)
    detail = forms.ChoiceField(label="品物", widget=forms.RadioSelect)
    pieces = WholeNumberField(label="いくつ", minimum=1, maximum=1_000, initial="1")

    def __init__(self, *args: Any, document: Document, way: Way, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way = way
        self.fields["amount"] = _amount_field(document, way)
        detail = self.fields["detail"]
        assert isinstance(detail, forms.ChoiceField)
        if way.choices:
            detail.choices = [(one, _choice(document, way, one)) for one in way.choices]
            detail.label = "寄付先" if way.rule.recipients else _ITEM.get(way.use, "品物")
            detail.error_messages["required"] = f"{detail.label}を1つ選んでください。"
            detail.error_messages["invalid_choice"] = detail.error_messages["required"]
            if (asked := self.data.get("detail")) in way.sold_out:
                gone = SoldOut(item=asked, rest="いま品切れです")
                detail.error_messages["invalid_choice"] = said(gone)
            if len(way.choices) == 1:
                detail.initial = way.choices[0]
        else:
            del self.fields["detail"]
        del self.fields["amount" if way.is_by_piece else "pieces"]
        if way.use != "cash":
            self.forget_payee()
        self.order_fields(("detail", "pieces", "amount", *PAYEE))

    def clean(self) -> dict[str, Any]:
        """Pieces become the amount that they cost."""
        cleaned = super().clean() or {}
        if self.way.is_by_piece and {"pieces", "detail"} <= cleaned.keys():
            cleaned["amount"] = cleaned["pieces"] * self.way.rule.prices[cleaned["detail"]]
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        """A refusal about how much belongs to the box that says how many."""
        if refusal.field == "amount" and self.way.is_by_piece:
            refusal.field = "pieces"
        super().refuse(refusal)


def _choice(document: Document, way: Way, name: str) -> str:
    """An item with its price, and how many are left where somebody counts them."""
    about = []
    if name in way.rule.prices:
        about.append(f"1つ{words.amount(way.rule.prices[name], document.unit)}")
    if name in way.left:
        about.append(f"残り{way.left[name]:,}")
    return Choice(name, "・".join(about)) if about else name


def _amount_field(document: Document, way: Way) -> WholeNumberField:
    """The box for how much; hidden where only the whole can be taken."""
    unit, label = document.unit, words.box_label(document.unit)
    yen = words.yen_beside(document, way.most)
    most = words.amount(way.most, unit) + (f"（{yen}）" if yen else "")
    field = WholeNumberField(
        label=label,
        minimum=1,
        unit=unit,
        initial=f"{way.most:,}",
        help_text=f"{words.rate(document)}いま申請できるのは、{most}までです。",
        error_messages={"required": f"{label}を入れてください。"},
    )
    if way.is_whole:
        field.widget = forms.HiddenInput()
    return field
