"""Forms of what goes from hand to hand: sales, tickets on paper, fees, the beginning."""

from typing import Any, cast

from django import forms

from kyojo.civic.earnings import circulation_selectors
from kyojo.civic.earnings.services.papers import MOST as PAPERS_MOST
from kyojo.civic.people.domain import BASES
from kyojo.civic.programmes.rules.model import Document

from ...forms import Choice, Form, WholeNumberField
from ..forms import radio
from .member_form import MemberForm

REFERENCE_HELP = "領収書や入金の番号です。人の名前や口座番号は書かないでください。例：領収 31"


def amount_label(document: Document) -> str:
    named = {"円": "受け取った金額（円）", "枚": "枚数", "個": "個数"}
    return named.get(document.unit, f"{document.unit}の数")


class SaleForm(MemberForm):
    amount = WholeNumberField(label="枚数", minimum=1)
    reference = forms.CharField(label="領収の番号", max_length=60, help_text=REFERENCE_HELP)

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most, label = circulation_selectors.most_sold(document), amount_label(document)
        self.fields["amount"] = WholeNumberField(
            label=label,
            minimum=1,
            maximum=most,
            unit=document.unit,
            help_text=f"1回に{most:,}{document.unit}までです。",
            error_messages={"required": f"{label}を入れてください。"},
        )
        self.order_fields(("member", "person", "amount", "reference"))


class SaleVoidForm(Form):
    reason = forms.CharField(
        label="取り消す理由",
        max_length=150,
        help_text="記録に残ります。例：枚数をまちがえた、ちがう会員に入れた",
    )


class PrintForm(MemberForm):
    amount = WholeNumberField(
        label="印刷する枚数",
        minimum=1,
        maximum=PAPERS_MOST,
        help_text=f"1回に{PAPERS_MOST}枚までです。A4の紙1枚に、10枚ならびます。",
    )


class TakeInForm(MemberForm):
    paper = forms.CharField(
        label="券の番号か、QRコード",
        max_length=40,
        help_text="番号を入れるか、この欄を押してから、読み取り機で券のQRコードを読みます。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].label = "券をもってきた会員"
        self.order_fields(("member", "person", "paper"))


class PaperVoidForm(Form):
    reason = forms.CharField(
        label="無効にする理由",
        max_length=150,
        help_text="記録に残ります。例：落としたと電話があった",
    )


class FeeForm(MemberForm):
    name = radio(label="会費")
    year = forms.ChoiceField(label="どの年度の会費か")
    reference = forms.CharField(label="領収の番号", max_length=60, help_text=REFERENCE_HELP)

    def __init__(
        self, *args: Any, document: Document, years: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        name = cast(forms.ChoiceField, self.fields["name"])
        name.choices = [
            (fee.name, Choice(f"{fee.name}（{fee.yen:,}円）", fee_each(fee.each)))
            for fee in document.fees
        ]
        cast(forms.ChoiceField, self.fields["year"]).choices = years
        self.order_fields(("member", "person", "name", "year", "reference"))


def fee_each(each: str) -> str:
    return "はいるときに1回" if each == "joining" else "1年度に1回"


ASKED_NOTES = {"phone": "本人からの電話", "paper": "申込書", "counter": "窓口で、本人から"}


class StartForm(Form):
    """Begun once, whatever is pressed again."""

    basis = radio(
        label="どのように本人から聞きましたか",
        choices=[(code, Choice(name, ASKED_NOTES.get(code, ""))) for code, name in BASES.items()],
    )
