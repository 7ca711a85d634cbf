"""Forms of ポイントとスタンプ."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms

from kyojo.civic.earnings.models import Standing
from kyojo.civic.people.domain import BASES
from kyojo.civic.programmes.rules.model import Document

from ...forms import Choice, ClockField, DateBoxesField, Form, moment_at
from ..forms import basis_field, radio
from .member_form import MemberForm

BASIS_NOTES = {
    "phone": "受け入れ先か本人からの電話",
    "paper": "スタンプ手帳や活動の記録の紙",
    "counter": "窓口で見せてもらった",
}


class RecordForm(MemberForm):
    """An activity from a stamp book or a paper. ``order_id`` is the record's own id."""

    activity = forms.ChoiceField(label="活動")
    host = forms.ChoiceField(label="受け入れ先")
    day = DateBoxesField(label="活動した日", example="2026、令和8、R8", past_only=True)
    start = ClockField(label="始まりの時刻", help_text="例：9:30、13時")
    end = ClockField(label="終わりの時刻")
    rewarded = forms.BooleanField(
        label="ほかの報酬やお礼を受け取った活動",
        required=False,
        help_text="賃金、謝礼、ほかの制度のポイントなど。交通費だけのときは、印をつけません。",
    )
    basis = radio(
        label="どのように確かめましたか",
        choices=[(code, Choice(name, BASIS_NOTES.get(code, ""))) for code, name in BASES.items()],
    )

    def __init__(self, *args: Any, documents: list[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        activities: dict[str, str] = {}
        hosts: dict[str, str] = {}
        for document in documents:  # a year's rules may name others than the next year's
            activities = {**document.activities, **activities}
            if document.hosts:
                hosts = {**document.hosts.designated, **hosts}
        self._choose("activity", activities)
        self._choose("host", hosts)

    def _choose(self, name: str, choices: dict[str, str]) -> None:
        if choices:
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [("", "選んでください"), *choices.items()]
        else:
            del self.fields[name]

    @property
    def times(self) -> tuple[datetime, datetime]:
        day = self.cleaned_data["day"]
        return moment_at(day, self.cleaned_data["start"]), moment_at(day, self.cleaned_data["end"])


class VoidForm(Form):
    reason = forms.CharField(
        label="取り消す理由",
        max_length=200,
        help_text="記録に残ります。例：日をまちがえた、同じ活動を2回書いた",
    )


class StandingForm(Form):
    since = DateBoxesField(label="いつから", example="2026、令和8、R8")
    insured = radio(
        label="介護保険の区分",
        choices=[
            ("first", Choice("第1号被保険者", "65歳から")),
            ("second", Choice("第2号被保険者", "40歳から64歳で、医療保険に入っている人")),
            ("none", Choice("どちらでもない")),
        ],
    )
    ties = forms.MultipleChoiceField(
        label="この町とのつながり",
        required=False,
        help_text="いくつでも選べます。転出した人は、何も選ばないでください。",
        choices=[("lives", "住んでいる"), ("works", "働いている"), ("studies", "学んでいる")],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def begin(cls, standing: Standing | None) -> "StandingForm":
        """The form as it begins: with what is known now."""
        if standing is None:
            return cls(initial={"ties": ["lives"]})
        ties = [name for name in ("lives", "works", "studies") if getattr(standing, name)]
        return cls(initial={"insured": standing.insured, "ties": ties})


class BirthForm(Form):
    context: ClassVar[str] = "born_form"
    birth_date = DateBoxesField(label="生年月日", example="1948、昭和23、S23", past_only=True)
    basis = basis_field()


# --- applications ---------------------------------------------------------------------------------
class RefuseForm(Form):
    context: ClassVar[str] = "refuse_form"
    note = forms.CharField(
        label="見送る理由",
        max_length=200,
        help_text="申請した人に、このまま届きます。例：口座名義がちがいます。確かめて、もう一度申請してください",
    )


class DoneForm(Form):
    context: ClassVar[str] = "done_form"
    reference = forms.CharField(
        label="振込や納付、受け渡しの番号",
        max_length=60,
        help_text="伝票や通知書の番号です。口座番号や人の名前は書かないでください。",
    )


# --- rules ----------------------------------------------------------------------------------------
class RulesForm(Form):
    """A document and from when it shall hold. ``seen``: the digest of what 確かめる has shown."""

    operator = forms.ChoiceField(label="運営主体")
    effective_from = DateBoxesField(label="いつから", example="2027、令和9、R9")
    document = forms.CharField(
        label="制度の文書（TOML）",
        strip=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"spellcheck": "false"}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    year = forms.ChoiceField(
        label="試す年度",
        required=False,
        help_text="この年度の本当の記録に、いまのきまりと新しいきまりをあてはめます。",
    )

    def __init__(
        self,
        *args: Any,
        operators: list[tuple[str, str]],
        years: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if years:
            begin = ("", "前の年度（記録がなければ、今年度）")
            cast(forms.ChoiceField, self.fields["year"]).choices = [begin, *years]
        else:
            del self.fields["year"]
        if operators:
            cast(forms.ChoiceField, self.fields["operator"]).choices = operators
        else:
            del self.fields["operator"]
        self.fields["document"].widget.attrs.update(rows="24", cols="60", wrap="off")

    def clean_document(self) -> str:
        """Line ends as in our files: browsers send those of Windows."""
        return str(self.cleaned_data["document"]).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def tried_year(self) -> int | None:
        chosen = self.cleaned_data.get("year")
        return int(chosen) if chosen else None


class ClosingForm(Form):
    """``shown``: the figures that the page showed; a year that came to others is not closed."""

    shown = forms.CharField(max_length=120, widget=forms.HiddenInput)
    confirm = forms.BooleanField(label="人数と数を確かめました")
