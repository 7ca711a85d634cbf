"""Forms of ポイントとスタンプ."""

import re
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError

from kyojo.civic.earnings.models import Standing
from kyojo.civic.people.domain import BASES
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import people_search
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel import clock, text

from ...forms import Choice, DateBoxesField, Form, OrderForm, WholeNumberField
from ..forms import radio

BASIS_NOTES = {
    "phone": "受け入れ先か本人からの電話",
    "paper": "スタンプ手帳や活動の記録の紙",
    "counter": "窓口で見せてもらった",
}
SHOWN_MOST = 8


class ClockField(forms.CharField):
    """A time of day as people write it: 9:30, 9時半, 930, 18時. Cleans to minutes after midnight,
    ``24:00`` to the day's end."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        typed = text.normalised(super().clean(value) or "").replace(" ", "")
        match = re.fullmatch(
            r"(?P<hour>\d{1,2}?)(?:(?::|時|(?=\d{2}$))(?P<minute>\d{1,2}|半)?分?)?", typed
        )
        if typed and match:
            half = match["minute"] == "半"
            hour, minute = int(match["hour"]), 30 if half else int(match["minute"] or 0)
            if (hour < 24 and minute < 60) or (hour, minute) == (24, 0):
                return hour * 60 + minute
        raise ValidationError(
            f"{self.label}は、9:30 か 9時30分 のように入れてください。", code="time_wrong"
        )


def moment_at(day: date, minutes: int) -> datetime:
    return clock.at(day, 0) + timedelta(minutes=minutes)


class RecordForm(OrderForm):
    """An activity from a stamp book or a paper. ``order_id`` is the record's own id."""

    member = forms.CharField(
        label="会員",
        max_length=80,
        help_text="会員番号か、名前やカナの一部。例：10012、はるかぜ",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    person = radio(label="どの人ですか", required=False)
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
        self._people: dict[str, Person] = {}

    def _choose(self, name: str, choices: dict[str, str]) -> None:
        if choices:
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [("", "選んでください"), *choices.items()]
        else:
            del self.fields[name]

    @property
    def asks_who(self) -> bool:
        """Whether members were found by a name, so that one of them is to be chosen."""
        return "person" in self.errors or bool(self.data.get("person"))

    def full_clean(self) -> None:
        """Who was meant is looked up first, so that the choice among several can be one field."""
        if self.is_bound:
            found = people_search(str(self.data.get("member") or ""), limit=SHOWN_MOST + 1)
            self._people = {str(person.uid): person for person in found}
            field = cast(forms.ChoiceField, self.fields["person"])
            field.choices = [
                (uid, Choice(f"{person.name}（{person.kana}）", _who(person)))
                for uid, person in list(self._people.items())[:SHOWN_MOST]
            ]
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "member" not in cleaned:
            return cleaned
        self._person = self._meant(str(cleaned.get("person") or ""))
        self.fields["person"].required = self.asks_who
        return cleaned

    def _meant(self, chosen: str) -> Person | None:
        """By number at once; by a name only when pressed, so that no namesake gets the points."""
        if chosen in self._people:
            return self._people[chosen]
        typed = text.normalised(self.cleaned_data["member"]).upper().removeprefix("M-")
        for person in self._people.values():
            if person.number == f"M-{typed}":
                return person
        if not self._people:
            self.add_error(
                "member",
                "この番号や名前の会員は、見つかりません。会員の一覧で確かめてください。",
            )
        elif len(self._people) > SHOWN_MOST:
            self.add_error("member", "あてはまる会員がたくさんいます。会員番号を入れてください。")
        elif "person" not in self.errors:
            self.add_error("person", "この人でよいか確かめて、選んでください。")
        return None

    @property
    def found(self) -> Person:
        person = self._person
        assert person is not None
        return person

    @property
    def times(self) -> tuple[datetime, datetime]:
        day = self.cleaned_data["day"]
        return moment_at(day, self.cleaned_data["start"]), moment_at(day, self.cleaned_data["end"])


def _who(person: Person) -> str:
    born = f"・{person.birth_date.year}年生まれ" if person.birth_date else ""
    return f"{person.number}{born}"


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


class BankForm(Form):
    """Whose account pays, and when. Nothing of it is stored."""

    pay_on = DateBoxesField(label="振り込む日", example="2026、令和8、R8", future_only=True)
    sender_code = forms.CharField(
        label="委託者コード", max_length=10, help_text="銀行からもらった10けたの番号"
    )
    sender_name = forms.CharField(
        label="振り込む人の名前（カナ）", max_length=40, help_text="例：ミホンシカイケイカンリシヤ"
    )
    bank = forms.CharField(label="銀行の番号", max_length=4, help_text="4けた")
    bank_kana = forms.CharField(label="銀行の名前（カナ）", max_length=15)
    branch = forms.CharField(label="支店の番号", max_length=3, help_text="3けた")
    branch_kana = forms.CharField(label="支店の名前（カナ）", max_length=15)
    kind = radio(label="口座の種類", choices=[("1", "普通"), ("2", "当座"), ("9", "そのほか")])
    account = forms.CharField(label="口座番号", max_length=7, help_text="7けたまで")

    #: The bank file's items that these fields fill.
    ITEMS: ClassVar[dict[str, str]] = {
        "振込日": "pay_on",
        "依頼人コード": "sender_code",
        "依頼人名": "sender_name",
        "依頼人の銀行番号": "bank",
        "依頼人の銀行名": "bank_kana",
        "依頼人の支店番号": "branch",
        "依頼人の支店名": "branch_kana",
        "依頼人の預金種目": "kind",
        "依頼人の口座番号": "account",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("sender_code", "bank", "branch", "account"):
            self.fields[name].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict[str, Any]:
        """Numbers in plain digits; the file's own checks say the rest."""
        cleaned = super().clean() or {}
        for name in ("sender_code", "bank", "branch", "account"):
            if name in cleaned:
                cleaned[name] = text.normalised(cleaned[name]).replace("-", "")
        return cleaned


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

    def __init__(self, *args: Any, operators: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if operators:
            cast(forms.ChoiceField, self.fields["operator"]).choices = operators
        else:
            del self.fields["operator"]
        self.fields["document"].widget.attrs.update(rows="24", cols="60", wrap="off")

    def clean_document(self) -> str:
        """Line ends as in our files: browsers send those of Windows."""
        return str(self.cleaned_data["document"]).replace("\r\n", "\n").replace("\r", "\n")


class FiguresForm(Form):
    """The main figures of a document, to be set without its text. An empty one: no such limit."""

    KEYS: ClassVar[dict[str, tuple[str, str]]] = {
        "units": ("earning", "units"),
        "at_least_minutes": ("earning", "at_least_minutes"),
        "day_most": ("earning", "day_most"),
        "earning_year_most": ("earning", "year_most"),
        "step": ("conversion", "units"),
        "grants": ("conversion", "grants"),
        "from_units": ("conversion", "from_units"),
        "year_most": ("conversion", "year_most"),
    }
    MUST: ClassVar[frozenset[str]] = frozenset({"units", "step", "grants"})

    def __init__(self, document: Document, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        per = "1回の活動" if document.earning.per == "visit" else f"{document.earning.minutes}分"
        counted, unit = document.counted, document.unit
        labels = {
            "units": f"{per}ごとの{counted}",
            "at_least_minutes": "数える活動の、いちばん短い長さ（分）",
            "day_most": f"1日の上限（{counted}）",
            "earning_year_most": f"年度の上限（{counted}）",
            "step": f"いくつ（{counted}）ごとにかえるか",
            "grants": f"1回にかわる数（{unit}）",
            "from_units": f"いくつ（{counted}）からかえられるか",
            "year_most": f"年度の上限（{unit}）",
        }
        for name, (table, key) in self.KEYS.items():
            part = getattr(document, table)
            if part is None:
                continue
            self.fields[name] = WholeNumberField(
                label=labels[name],
                required=name in self.MUST,
                initial=getattr(part, key) or None,
                maximum=10_000_000,
                minimum=1 if name in self.MUST else 0,
                error_messages={"required": f"{labels[name]}を入れてください。"},
            )


class ClosingForm(Form):
    """``shown``: the figures that the page showed; a year that came to others is not closed."""

    shown = forms.CharField(max_length=120, widget=forms.HiddenInput)
    confirm = forms.BooleanField(label="人数と数を確かめました")
