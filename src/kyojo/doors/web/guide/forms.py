"""What is asked before a scheme begins. Nothing of a person is asked, so the answers stand in the
address and can be sent to somebody; only a programme's own document is sent as a body."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from kyojo.civic.programmes.guidance import chooser, wages
from kyojo.civic.programmes.guidance import transport as rides
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.civic.programmes.rules.reading import read
from kyojo.kernel import clock

from ..forms import BOXES, Choice, DateBoxesField, Form, WholeNumberField

#: A document of ours has 3 to 6 kB. A line is bounded because TOML takes the square of a long
#: key's parts to read.
DOCUMENT_MAX_BYTES = 64 * 1024
LINE_MAX = 1000
#: Before, Japan had another calendar; after, nobody plans a scheme.
FIRST_DAY, LAST_DAY = date(1873, 1, 1), date(2199, 12, 31)
#: The submit buttons carry it, so that an empty form that was sent is told from a first visit.
SENT = "ask"

Choices = list[tuple[str, str]]

YES, NO, OPEN = "yes", "no", "open"
ANSWERS: Choices = [(YES, "はい"), (NO, "いいえ"), (OPEN, "わからない")]
CARRIED: Choices = [
    (
        "hard_to_move",
        Choice(
            "一人での移動がむずかしい人", "障害のある人、要介護・要支援の人など。会員として運びます"
        ),
    ),
    ("area", Choice("交通の足りない地域の人", "バスやタクシーだけでは足りない地域です")),
    ("anyone", Choice("だれでも", "上の2つにかぎりません")),
]
OPERATORS: Choices = [
    ("municipality", "市区町村"),
    ("nonprofit", Choice("営利を目的としない団体", "NPO法人、社会福祉法人など")),
    ("association", Choice("自治会などの地縁団体", "町内会、自治会など")),
    ("company", "会社"),
    ("person", "個人"),
]
RECEIVED: Choices = [
    ("nothing", Choice("何も受け取らない", "ほかのものとは、いっしょに選べません")),
    ("costs", Choice("実費", "ガソリン代など、その運送に実際にかかったお金")),
    ("local_currency", Choice("地域通貨", "共助コイン、ポイント、チケットなど")),
    ("same_fee", Choice("ほかの手伝いと同じ額のお礼", "移動の有無や距離で変わりません")),
    (
        "part_of_service",
        Choice("サービスの一部としての送迎", "デイサービスなど。送迎の分の支払いはありません"),
    ),
    ("thanks", Choice("自発的なお礼", "求めたり、額を決めたりしていません")),
    ("member_fee", Choice("団体の会費", "乗るかどうかによらず、会員が払います")),
    ("more", Choice("それより多いお金", "運賃、距離や時間で決まるお礼など")),
]
COSTS: Choices = list(rides.COSTS.items())
CASHABLE: Choices = [
    ("", "地域通貨は受け取らない"),
    (NO, "お金にかえられない"),
    (YES, "お金にかえられる"),
]
ISSUERS: Choices = [
    ("", "まだ決まっていない"),
    ("municipality", "自治体"),
    ("other", "ほかの団体"),
]


def closeness_choices() -> Choices:
    return [(one.code, one.label) for one in chooser.figures().closeness]


def weight_choices() -> Choices:
    return [(one.code, Choice(one.label, one.examples)) for one in chooser.figures().weight]


def sample_choices() -> Choices:
    """Each document of the house by its name."""
    return [(code, read(preset(code)).name) for code in preset_names()]


class SentForm(Form):
    """A form whose answers stand in the address."""

    @classmethod
    def was_sent(cls, query: Mapping[str, Any], sent: str = "1") -> bool:
        """Whether ``query`` answers this form, in whole or in part."""
        names = {
            box
            for name, field in cls.base_fields.items()
            for box in (
                [f"{name}_{part}" for part, _ in BOXES]
                if isinstance(field, DateBoxesField)
                else [name]
            )
        }
        return query[SENT] == sent if SENT in query else not names.isdisjoint(query)


class DayField(DateBoxesField):
    """The day on which a rule is looked up; left empty it is today."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            initial=clock.today,
            help_text="年は、西暦でも和暦でもかまいません。空けておくと、きょうになります。",
            **kwargs,
        )

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= LAST_DAY:
            raise ValidationError(
                f"{FIRST_DAY.year}年から{LAST_DAY.year}年までの日にしてください。",
                code="day_far",
                params={"box": "year"},
            )

    def clean(self, value: Any) -> date:
        return super().clean(value) or clock.today()


class AnswerField(forms.ChoiceField):
    """はい (True), いいえ (False); without an answer the question stays open (None)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=ANSWERS, widget=forms.RadioSelect, **kwargs)

    def clean(self, value: Any) -> bool | None:
        return {YES: True, NO: False}.get(super().clean(value or OPEN))


class StandingField(forms.ChoiceField):
    """A choice whose first, "", stands until another is made: it is never missing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.RadioSelect,
            error_messages={"invalid_choice": "1つ選んでください。"},
            **kwargs,
        )

    def validate(self, value: str) -> None:
        if value:
            super().validate(value)


def choice(label: str, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


# --- which currency, paid or not ------------------------------------------------------------------
class NeedForm(SentForm):
    """The questions before a currency is chosen: one field for each, by its code."""

    @classmethod
    def was_sent(cls, query: Mapping[str, Any], sent: str = "1") -> bool:
        return SENT in query or any(one.code in query for one in chooser.figures().questions)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in chooser.figures().questions:
            self.fields[one.code] = AnswerField(
                label=one.ask, error_messages={"invalid_choice": "1つ選んでください。"}
            )


class ClosenessForm(SentForm):
    closeness = choice("ご近所のつながりは、どのくらい濃いですか", closeness_choices)


class PaidForm(ClosenessForm):
    weight = choice("どのくらいの重さの手伝いですか", weight_choices)


# --- transport ------------------------------------------------------------------------------------
class TransportForm(SentForm):
    carried = choice("だれを運びますか", CARRIED)
    operator = choice("だれが運営しますか", OPERATORS)
    received = forms.MultipleChoiceField(
        label="利用する人から、何を受け取りますか",
        help_text="あてはまるものを、すべて選んでください。",
        choices=RECEIVED,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "下にあるものから選んでください。"},
    )
    costs = forms.MultipleChoiceField(
        label="実費の中身",
        help_text="実費を受け取るときだけ、選んでください。",
        choices=COSTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "下にあるものから選んでください。"},
    )
    cashable = StandingField(label="その地域通貨は、お金にかえられますか", choices=CASHABLE)
    ride_subsidised = forms.BooleanField(
        label="補助金など、利用する人のほかから、その運送への支払いがある", required=False
    )
    as_of = DayField(label="いつのきまりで見ますか")

    def facts(self) -> rides.Facts:
        """What was told. Raises ``FactsContradict``."""
        told = self.cleaned_data
        return rides.Facts(
            carried=told["carried"],
            operator=told["operator"],
            received=frozenset(told["received"]),
            costs=frozenset(told["costs"]),
            cashable={YES: True, NO: False}.get(told["cashable"]),
            ride_subsidised=told["ride_subsidised"],
        )


# --- money ----------------------------------------------------------------------------------------
def prefecture_field(*, required: bool, blank: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label="都道府県",
        required=required,
        choices=lambda: [("", blank), *((one, one) for one in wages.prefectures())],
        error_messages={"invalid_choice": "都道府県を1つ選んでください。"},
    )


class WageForm(SentForm):
    """What an hour of help is thanked with."""

    hourly_yen = WholeNumberField(
        label="1時間あたりのお礼",
        help_text="円の数字で入れます。例：800",
        maximum=1_000_000,
        unit="円",
    )
    prefecture = prefecture_field(required=True, blank="選んでください")
    on = DayField(label="いつの額とくらべますか")


class SchemeForm(SentForm):
    """What is asked of a document: who issues, what is unused, where and when."""

    issuer = StandingField(label="だれが発行しますか", choices=ISSUERS)
    unused_yen = WholeNumberField(
        label="使われていない残高",
        required=False,
        help_text="いちばん近い基準日（3月31日か9月30日）の額を、円で入れます。",
        unit="円",
    )
    prefecture = prefecture_field(required=False, blank="くらべない")
    as_of = DayField(label="いつのきまりで見ますか")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["prefecture"].help_text = "選ぶと、最低賃金ともくらべます。"


class SampleForm(SchemeForm):
    sample = forms.ChoiceField(
        label="どの制度の見本で見ますか",
        choices=lambda: [("", "選んでください"), *sample_choices()],
        error_messages={"invalid_choice": "制度の見本を1つ選んでください。"},
    )
    field_order = ("sample",)


class DocumentForm(SchemeForm):
    document = forms.CharField(
        label="制度の文書",
        strip=False,  # the lines are named by their number
        widget=forms.Textarea(attrs={"spellcheck": "false"}),
        help_text="TOMLの文を、64 KBまで貼りつけられます。人の名前や住所は書かないでください。",
        error_messages={"required": "制度の文書を貼りつけてください。"},
    )
    field_order = ("document",)

    def clean_document(self) -> str:
        text: str = self.cleaned_data["document"].replace("\r\n", "\n")
        size = len(text.encode())
        if size > DOCUMENT_MAX_BYTES:
            raise ValidationError(
                f"制度の文書は、64 KBまでにしてください。いまは{size // 1024 + 1:,} KBです。",
                code="document_long",
            )
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LINE_MAX:
                raise ValidationError(
                    f"{number}行目が長すぎます。1行を{LINE_MAX:,}文字までにして、行を分けてください。",
                    code="line_long",
                )
        return text
