"""Forms of checks: what was seen at the counter, why it is not confirmed or counts no more."""

from typing import Any, ClassVar, cast

from django import forms

from kyojo.civic.people import trust
from kyojo.civic.people.models import IdentityClash

from ..forms import Choice, DateBoxesField, Form, OrderForm
from .forms import radio


class LookForm(OrderForm):
    """What a member of staff saw. ``kind`` says which papers there are and what they must say."""

    document = radio(label="見た書類")
    items = forms.MultipleChoiceField(
        label="登録と合っていたこと",
        help_text="書類の番号は書きません。コピーも写真もとりません。",
        choices=list(trust.ITEMS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    label = forms.CharField(
        label="講習や資格の名前",
        max_length=60,
        help_text="会員のページと、来る人の紹介に、このまま出ます。例：子どもの見守り講習、保育士",
    )
    issuer = forms.CharField(
        label="発行したところ",
        max_length=60,
        required=False,
        help_text="例：公安委員会、市社会福祉協議会",
    )
    valid_until = DateBoxesField(
        label="書類の期限",
        example="2029、令和11",
        required=False,
        help_text="書類に書いてあるとき。",
    )

    def __init__(
        self, *args: Any, kind: str, two_staff: bool, courses: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        document = cast(forms.ChoiceField, self.fields["document"])
        document.choices = list(trust.DOCUMENTS[kind].items())
        if not two_staff:  # what the second one reads
            del self.fields["items"]
        if kind in (trust.IDENTITY, trust.BACKGROUND):
            del self.fields["label"]
        if kind == trust.IDENTITY:
            del self.fields["issuer"], self.fields["valid_until"]
        if kind == trust.TRAINING and courses:
            self.fields[
                "label"
            ].help_text = f"制度が求める講習は、この名前のとおりに入れます：{'、'.join(courses)}"


class WhyForm(Form):
    """Why a look is not confirmed."""

    context: ClassVar[str] = "why_form"
    reason = forms.CharField(
        label="確認できない理由",
        max_length=200,
        help_text="操作の記録に残ります。名前や番号は書かないでください。",
    )


class WithdrawForm(Form):
    context: ClassVar[str] = "withdraw_form"
    reason = forms.CharField(
        label="取り消す理由",
        max_length=200,
        help_text="本人に、このまま届きます。例：免許が失効したと、ご本人から連絡がありました",
    )


class ClashForm(Form):
    context: ClassVar[str] = "clash_form"
    outcome = radio(
        label="分かったこと",
        choices=[
            (
                IdentityClash.Outcome.SAME,
                Choice("同じ人の二重登録だった", "このあと、どちらかの会員番号を退会にします"),
            ),
            (
                IdentityClash.Outcome.REFUSED,
                Choice(
                    "ほかの人のカードだった", "あとから試した人に、自分のカードでとお伝えします"
                ),
            ),
            (
                IdentityClash.Outcome.OTHER,
                Choice(
                    "前の確認がまちがいだった",
                    "前の人の確認を取り消し、あとの人がもう一度試せるようにします",
                ),
            ),
        ],
    )
