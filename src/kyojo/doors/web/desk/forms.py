"""Forms of the desk."""

from typing import Any, ClassVar, cast

from django import forms

from kyojo.civic.people.domain import BASES
from kyojo.help.support.services import CANCEL_REASONS
from kyojo.kernel import text

from ..forms import Choice, DateBoxesField, Form, KanaField, OrderForm, PhoneField, WholeNumberField


def radio(**kwargs: Any) -> forms.ChoiceField:
    """One of a few, as large targets (``{% choices %}``)."""
    return forms.ChoiceField(widget=forms.RadioSelect, **kwargs)


class IssueForm(OrderForm):
    amount = WholeNumberField(label="発行するコインの数", minimum=1)
    reason = forms.CharField(
        label="理由",
        max_length=200,
        help_text="議会や監査で見られる記録になります。例：令和8年度 第2回（要綱第6条）",
    )


class ClearingAgreeForm(Form):
    """``statement`` is the hash of the statement that the page showed."""

    context: ClassVar[str] = "agree_form"
    statement = forms.CharField(max_length=64, widget=forms.HiddenInput)
    yen_per_coin = forms.CharField(
        label="1コインあたりの円",
        max_length=12,
        help_text="市どうしの取りきめです。0なら、コインの残高だけを清算します。例：0、5、2.5",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def clean_yen_per_coin(self) -> str:
        """As typed, in plain digits; the service says whether it is a rate."""
        return (
            text.normalised(self.cleaned_data["yen_per_coin"]).replace(",", "").removesuffix("円")
        )


class ClearingPayForm(Form):
    context: ClassVar[str] = "pay_form"
    paid_on = DateBoxesField(label="振り込んだ日", example="2026、令和8", past_only=True)
    paid_reference = forms.CharField(
        label="振込の番号",
        max_length=60,
        help_text="伝票や通知書の番号です。口座番号や人の名前は書かないでください。",
    )


FILE_HELP = (
    "Excel（.xlsx）かCSV。Excelは、いちばん左のシートを、かくした行もふくめて読みます。"
    "CSVの文字コードは、自動で見分けます。"
)
FILE_KINDS = (
    ".xlsx,.csv,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)


class UploadForm(OrderForm):
    file = forms.FileField(
        label="配布のファイル",
        help_text=FILE_HELP,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": FILE_KINDS}),
    )


class DistributionForm(OrderForm):
    """How to go on after the check. ``order_id`` is the id of the mended file's distribution."""

    how = radio(label="どうしますか")
    file = forms.FileField(
        label="直したファイル",
        help_text=FILE_HELP,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": FILE_KINDS}),
    )
    reason = forms.CharField(
        label="配る理由",
        max_length=200,
        help_text="監査で見られる記録になります。例：令和8年12月分（要綱第6条）",
    )

    def __init__(self, *args: Any, has_problems: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        how = cast(forms.ChoiceField, self.fields["how"])
        if has_problems:
            how.choices = [
                ("mend", Choice("直したファイルを出しなおす")),
                ("good", Choice("問題のない人に先に配る", "直す行は、あとから別に配れます")),
            ]
            how.initial = "mend"
        else:
            how.choices = [("all", "全員に配る")]
            how.initial = "all"
            how.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Only what the chosen way needs is asked for: the file, or the reason."""
        cleaned = super().clean() or {}
        self.errors.pop("reason" if cleaned.get("how") == "mend" else "file", None)
        return cleaned


# --- acts for people ------------------------------------------------------------------------------
def basis_field() -> forms.ChoiceField:
    """How the office knows that somebody wants it. A field belongs to one form: a new one each."""
    return radio(label="どのように確かめましたか", choices=list(BASES.items()))


class AssignForm(OrderForm):
    basis = basis_field()


class CancelForm(Form):
    basis = basis_field()


class ConsentForm(Form):
    context: ClassVar[str] = "consent_form"
    answer = radio(
        label="お宅の方のお返事",
        choices=[
            ("yes", Choice("来てよい", "たのんだ人と来る人に、お知らせします")),
            ("no", Choice("今回はやめておく", "予定を取り消し、コインは全部もどります")),
        ],
    )
    basis = basis_field()


class SettleForm(Form):
    context: ClassVar[str] = "settle_form"
    resolution = radio(
        label="お預かりしているコイン",
        choices=[
            ("pay", Choice("全部お渡しする", "来た人に届きます")),
            ("pay_part", Choice("一部をお渡しする", "残りは、たのんだ人にもどります")),
            ("return", Choice("お返しする", "全部、たのんだ人にもどります")),
        ],
    )
    paid_coins = WholeNumberField(label="お渡しするコイン", minimum=1)
    words = forms.CharField(
        label="おふたりへのことば",
        help_text="たのんだ人と来た人の両方に、このまま届きます。どちらかを責めないことばで。",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        """The number is asked for only where a part is given."""
        cleaned = super().clean() or {}
        if cleaned.get("resolution") != "pay_part":
            self.errors.pop("paid_coins", None)
        return cleaned


class AppealDecideForm(SettleForm):
    context: ClassVar[str] = "appeal_form"


class RulingAnswerForm(Form):
    """What somebody who loses by a ruling said by telephone, on paper or at the counter."""

    context: ClassVar[str] = "answer_form"
    role = radio(
        label="だれのお返事ですか", choices=[("carer", "たのんだ人"), ("supporter", "来る人")]
    )
    answer = radio(
        label="お返事",
        choices=[
            ("accept", Choice("わかりました", "全員のお返事がそろうと、コインが動きます")),
            ("appeal", Choice("ちがいます（異議の申し立て）", "別の職員が、もう一度確かめます")),
        ],
    )
    words = forms.CharField(
        label="どこがちがうか",
        required=False,
        max_length=2000,
        help_text="異議のときに、本人のことばで。",
        widget=forms.Textarea,
    )
    basis = basis_field()

    def clean(self) -> dict[str, Any]:
        """The words are kept only where somebody objects."""
        cleaned = super().clean() or {}
        if cleaned.get("answer") == "appeal" and not (cleaned.get("words") or "").strip():
            self.add_error("words", "どこがちがうかを入れてください。")
        return cleaned


class PhotosAllowForm(Form):
    """What the house said about photos by telephone, on paper or at the counter."""

    context: ClassVar[str] = "photos_form"
    answer = radio(
        label="写真をとってもよいか",
        choices=[
            ("yes", Choice("とってもよい", "来る人が、3枚まで写真をそえられます")),
            ("no", Choice("とらないでほしい", "もうある写真も消します")),
        ],
    )
    basis = basis_field()


class OfficeWordForm(OrderForm):
    context: ClassVar[str] = "word_form"
    basis = basis_field()


class ReasonForm(Form):
    context: ClassVar[str] = "reason_form"
    reason = radio(label="取り消す理由", choices=list(CANCEL_REASONS.items()))


# --- members --------------------------------------------------------------------------------------
class MemberForm(OrderForm):
    family_name = forms.CharField(label="姓", max_length=40)
    given_name = forms.CharField(label="名", max_length=40)
    family_kana = KanaField(label="姓のふりがな")
    given_kana = KanaField(label="名のふりがな")
    birth_date = DateBoxesField(
        label="生年月日", example="1948、昭和23、S23", past_only=True, required=False
    )
    phone = PhoneField(label="電話番号", required=False)
    roles = forms.MultipleChoiceField(
        label="役割",
        help_text="いくつでも選べます。",
        choices=[
            ("carer", Choice("ケアする人", "家族などを支えていて、手伝いをたのむ人")),
            ("supporter", Choice("サポーター", "手伝う人。本人確認がすむと、お願いが届きます")),
            ("recipient", Choice("ケアを受ける人", "訪問してよいか、お返事をする人")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    basis = basis_field()
