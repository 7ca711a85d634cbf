"""Forms of paid help and its invoices at the desk."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms

from kyojo.civic.earnings.errors import PaymentMoveUnfit
from kyojo.civic.people.domain import BASES
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_number
from kyojo.kernel.errors import NotFound

from ...forms import Choice, DateBoxesField, Form, OrderForm
from ...points.thanking_forms import HelpForm, member_field
from ..forms import radio

BASIS_NOTES = {
    "phone": "手伝ってもらった人か手伝った人からの電話",
    "paper": "活動の報告書や、受け取りの紙",
    "counter": "窓口で聞いた",
}


class DeskHelpForm(HelpForm):
    """The office writes down help of two members, whose names its check page shows."""

    field_order = ("helped", "helper", *HelpForm.ORDER, "basis")
    helped = member_field("手伝ってもらった人")
    helper = member_field("手伝った人")
    basis = radio(
        label="どのように確かめましたか",
        choices=[(code, Choice(name, BASIS_NOTES.get(code, ""))) for code, name in BASES.items()],
    )

    def clean_helped(self) -> Person:
        return self._member("helped")

    def clean_helper(self) -> Person:
        return self._member("helper")

    def _member(self, name: str) -> Person:
        try:
            return person_by_number(self.cleaned_data[name])
        except NotFound:
            raise forms.ValidationError(
                "この番号の会員は、見つかりません。会員の一覧で確かめてください。",
                code="member_unknown",
            ) from None

    @property
    def given(self) -> dict[str, Any]:
        return super().given | {
            "helped": self.cleaned_data["helped"],
            "helper": self.cleaned_data["helper"],
            "basis": self.cleaned_data["basis"],
        }


class HelpVoidForm(Form):
    context: ClassVar[str] = "void_form"
    reason = forms.CharField(
        label="取り消す理由",
        max_length=200,
        help_text="2人に、このまま届きます。例：日をまちがえました",
    )


class IssueForm(Form):
    """``shown``: the figures that the page showed; a month that came to others is not billed."""

    shown = forms.CharField(max_length=60, widget=forms.HiddenInput)
    due_on = DateBoxesField(label="支払いの期限", example="2026、令和8、R8", future_only=True)


class InvoicePaidForm(Form):
    context: ClassVar[str] = "paid_form"
    paid_on = DateBoxesField(label="入金のあった日", example="2026、令和8、R8", past_only=True)
    reference = forms.CharField(
        label="入金の番号",
        max_length=60,
        help_text="通帳や伝票の番号です。口座番号や人の名前は書かないでください。",
    )


class InvoiceVoidForm(Form):
    context: ClassVar[str] = "void_form"
    reason = forms.CharField(
        label="取り消す理由",
        max_length=200,
        help_text="請求した人に、このまま届きます。例：手伝いの時間がちがっていました",
    )


class PaymentReturnForm(OrderForm):
    """``targets``: the invoices that the payment may have been for, by id."""

    context: ClassVar[str] = "return_form"
    moved_to = radio(label="この入金を、どうしますか")
    reason = forms.CharField(
        label="入金を取り消す理由",
        max_length=200,
        help_text="操作の記録に残ります。人の名前は書かないでください。"
        "例：ほかの月の請求書の入金でした",
    )

    def __init__(self, *args: Any, targets: list[tuple[str, Choice]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not targets:
            del self.fields["moved_to"]
            return
        chosen = self.fields["moved_to"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [
            ("none", Choice("取り消すだけ", "この請求書が、また入金待ちになります")),
            *targets,
        ]
        chosen.error_messages["invalid_choice"] = PaymentMoveUnfit.sentence

    @property
    def target(self) -> UUID | None:
        found = self.cleaned_data.get("moved_to", "none")
        return None if found == "none" else UUID(found)
