"""Forms for the tables of a document that need not be there: each says what its table holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms

from kyojo.civic.programmes.rules.consistency_paid import is_in_yen
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.thanks import per_words
from kyojo.civic.programmes.rules.wording import USE

from ...forms import Form, WholeNumberField
from ..forms import radio
from . import rule_reads
from .rule_forms import FiguresForm
from .rules_text import Table

ONE_A_LINE = "1行に1つずつ書きます。"


class TableForm(Form):
    """``tables``: what the form adds, as many tables as its name stands for."""

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document

    def tables(self) -> list[Table]:
        """One table of what was filled in; a box's name is its key."""
        given = self.cleaned_data
        return [{name: value for name, value in given.items() if value not in (None, "", [])}]


def number(label: str, *, required: bool = False, minimum: int = 0, **kwargs: Any) -> Any:
    return WholeNumberField(
        label=label,
        required=required,
        minimum=minimum,
        maximum=10_000_000,
        error_messages={"required": f"{label}を入れてください。"},
        **kwargs,
    )


class LinesField(forms.CharField):
    """Names, one a line."""

    widget = forms.Textarea(attrs={"rows": "4"})

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        rows = [" ".join(row.split()) for row in str(super().clean(value)).splitlines()]
        return list(dict.fromkeys(row for row in rows if row))


def coded(names: list[str], code: str, taken: Mapping[str, str]) -> dict[str, str]:
    """Names under codes of their own: ``host-1``, ``host-2``."""
    free = (f"{code}-{place}" for place in range(1, len(names) + len(taken) + 1))
    codes = (one for one in free if one not in taken)
    return dict(zip(codes, names, strict=False))


# --- who ------------------------------------------------------------------------------------------


class SpendersForm(TableForm):
    relation = forms.MultipleChoiceField(
        label="この町との、どのつながりがある人ですか",
        choices=list(rule_reads.RELATIONS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "つながりを、1つは選んでください。"},
    )
    insured = forms.ChoiceField(
        label="保険の区分",
        required=False,
        choices=[("", "問わない"), *rule_reads.INSURED.items()],
    )
    age_from = number("何歳から", help_text="決めないときは、空のままにします。")
    age_to = number("何歳まで", help_text="決めないときは、空のままにします。")

    def tables(self) -> list[Table]:
        (given,) = super().tables()
        row = {key: given[key] for key in ("insured", "age_from", "age_to") if key in given}
        found: Table = {"relation": given["relation"]}
        return [{**found, "any_of": [row]}] if row else [found]


class HostsForm(TableForm):
    designated = LinesField(label="受け入れ先の名前", help_text=ONE_A_LINE)
    proof = radio(label="何で確かめますか", choices=list(rule_reads.PROOFS.items()))

    def tables(self) -> list[Table]:
        names = coded(self.cleaned_data["designated"], "host", {})
        return [{"proof": self.cleaned_data["proof"], "designated": names}]


class ActivitiesForm(TableForm):
    names = LinesField(label="数える活動の名前", help_text=ONE_A_LINE)

    def tables(self) -> list[Table]:
        return [coded(self.cleaned_data["names"], "activity", {})]


# --- what it becomes ------------------------------------------------------------------------------


class ConversionForm(TableForm):
    way = radio(
        label="かえ方",
        choices=[("steps", "決まった数がたまるごとに"), ("linear", "たまった分だけ")],
    )
    units = number("いくつで（かえる前の数）", required=True, minimum=1)
    grants = number("いくつになりますか（かえたあとの数）", required=True, minimum=1)
    from_units = number("いくつから、かえられますか")
    year_most = number("1年度の上限（かえたあとの数）", minimum=1)


class WorthForm(TableForm):
    of = number("いくつ分で", required=True, minimum=1, initial="1")
    yen = number("何円ですか", required=True)
    reading = forms.CharField(
        label="なぜ、その額ですか",
        required=False,
        max_length=400,
        help_text="出典にないときは、こちらの読みだと書きます。",
    )


class AtCapForm(TableForm):
    use = forms.ChoiceField(label="上限に届いた人が選べるもの", choices=list(USE.items()))
    yen = number("何円分ですか", required=True)


class FundingForm(TableForm):
    fund = radio(label="財源", choices=list(rule_reads.FUNDS.items()))
    age = number("年齢で分けるときは、何歳から、ほかの財源ですか", minimum=1)
    fund_from = forms.ChoiceField(
        label="その年齢からの財源",
        required=False,
        choices=[("", "分けない"), *rule_reads.FUNDS.items()],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("age")) != bool(cleaned.get("fund_from")) and not self.errors:
            name = "fund_from" if cleaned.get("age") else "age"
            self.add_error(name, "年齢で分けるときは、年齢と財源の、両方を入れてください。")
        return cleaned

    def tables(self) -> list[Table]:
        given = self.cleaned_data
        if not given["age"]:
            return [{"fund": given["fund"]}]
        return [
            {"fund": given["fund"], "age_to": given["age"] - 1},
            {"fund": given["fund_from"], "age_from": given["age"]},
        ]


class UseForm(TableForm):
    use = forms.ChoiceField(label="使いみち", choices=list(USE.items()))
    year_most_yen = number("1年度の上限（円）")
    recipients = LinesField(label="寄付先", required=False, help_text=f"寄付のとき。{ONE_A_LINE}")
    items = LinesField(
        label="品物や店", required=False, help_text=f"品物、商品券、参加店のとき。{ONE_A_LINE}"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = {rule.use for rule in self.document.uses}
        cast(forms.ChoiceField, self.fields["use"]).choices = [
            (code, name) for code, name in USE.items() if code not in used
        ]

    def tables(self) -> list[Table]:
        (found,) = super().tables()
        return (
            [{**found, "on_application": True}] if found["use"] in ("cash", "premium") else [found]
        )


# --- paid help, fees, currencies ------------------------------------------------------------------


class TicketForm(TableForm):
    """What a time deposit takes for its hours; what the helper gets is the rest."""

    bought_yen = number("払うお礼（円）", required=True)
    office_yen = number("そのうち事務費（円）", required=True)
    settlement = radio(label="何で精算しますか", choices=list(rule_reads.SETTLEMENTS.items()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        bought, office = cleaned.get("bought_yen"), cleaned.get("office_yen")
        if bought is not None and office is not None and office > bought:
            self.add_error("office_yen", f"事務費は、払う額の{bought:,}円までにしてください。")
        return cleaned

    def tables(self) -> list[Table]:
        (found,) = super().tables()
        paid = self.cleaned_data["bought_yen"] - self.cleaned_data["office_yen"]
        return [{**found, "paid_yen": paid, "share_at": "use"}]


class ThanksForm(TableForm):
    AMOUNTS: ClassVar[list[tuple[str, str]]] = [
        ("one_rate", "一律の額"),
        ("rate_plus_costs", "一律の額と、実費"),
        ("by_kind", "活動ごとの額"),
        ("payer_choice", "手伝ってもらった人が決める"),
    ]
    amount = radio(label="お礼の額の決め方", choices=AMOUNTS)
    costs_most_yen = number("1回に足せる実費の上限（円）", help_text="実費を足すときだけ。")
    least_yen = number("いちばん低い額（円）", help_text="手伝ってもらった人が決めるときだけ。")
    most_yen = number("いちばん高い額（円）", help_text="手伝ってもらった人が決めるときだけ。")
    share = radio(label="事務費を引いた残りを、どうしますか", choices=FiguresForm.SHARES)
    share_percent = WholeNumberField(
        label="寄付する、またはあずける割合（%）",
        required=False,
        minimum=1,
        maximum=99,
        unit="%",
        help_text="一部にするときだけ、入れてください。",
    )
    deposit_in = forms.ChoiceField(label="どの時間預託にあずけますか", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deposits = rule_reads.deposits()
        cast(forms.ChoiceField, self.fields["deposit_in"]).choices = [
            ("", "選んでください"),
            *deposits,
        ]
        per = per_words(self.document)
        self.rates = dict(self.document.activities)
        for code, name in self.rates.items():
            label = f"{name}（{per}、円）"
            self.fields[f"rate_{code}"] = number(label, help_text="活動ごとの額にするときだけ。")
        if not deposits:
            del self.fields["deposit_in"]
        if not is_in_yen(self.document):
            for name in ("costs_most_yen", "least_yen", "most_yen", "share_percent"):
                del self.fields[name]
            self.fields.pop("deposit_in", None)
            self._only("amount", "one_rate")
            self._only("share", "person")
            self.rates = {}
        self.fields = {
            name: one
            for name, one in self.fields.items()
            if not name.startswith("rate_") or self.rates
        }

    def _only(self, name: str, choice: str) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [one for one in cast(list[Any], field.choices) if one[0] == choice]
        field.initial = choice

    def tables(self) -> list[Table]:
        """What its choice does not use is left out, however it is filled in."""
        (given,) = super().tables()
        amount, share = given["amount"], given["share"]
        keys = ["amount", "share"]
        keys += {
            "rate_plus_costs": ["costs_most_yen"],
            "payer_choice": ["least_yen", "most_yen"],
        }.get(str(amount), [])
        keys += ["share_percent"] if str(share).startswith("part_") else []
        keys += ["deposit_in"] if share == "part_deposited" else []
        found: Table = {key: given[key] for key in keys if key in given}
        if amount == "by_kind":
            rates = {code: given[f"rate_{code}"] for code in self.rates if f"rate_{code}" in given}
            found = {**found, "by_activity": rates}
        return [found]


class FeeForm(TableForm):
    name = forms.CharField(label="会費の名前", max_length=80, help_text="例：年会費")
    yen = WholeNumberField(
        label="金額（円）",
        minimum=1,
        maximum=100_000,
        error_messages={"required": "金額（円）を入れてください。"},
    )
    each = radio(
        label="いつの会費ですか", choices=[("year", "1年度ごと"), ("joining", "はいるとき")]
    )


class CirculationForm(TableForm):
    start_units = number("入会した人に渡す数")
    lent_most = number("前貸しの上限")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.document.kind == "exchange":  # notes that become money are never lent
            del self.fields["lent_most"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.values()):
            self.add_error("start_units", "どれかに、1以上の数を入れてください。")
        return cleaned


class SourceForm(TableForm):
    says = forms.CharField(label="何が決まっていますか", max_length=400)
    source = forms.CharField(
        label="どこに書いてありますか", max_length=400, help_text="例：要綱第3条（令和8年4月1日）"
    )


class FlaggedForm(TableForm):
    key = forms.CharField(
        label="どの数ですか",
        max_length=400,
        help_text="文書のキーで書きます。例：earning.year_most",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    says = forms.CharField(label="なぜ、確かめがいりますか", max_length=400)


# --- which there are ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Optional:
    """A table that a document may have. ``many``: it may have several of it."""

    name: str
    label: str
    about: str
    form: type[TableForm]
    fits: Callable[[Document], bool] = lambda document: True
    many: bool = False
    #: Whether another one may be added to those that there are.
    more: bool = False


def _is_ticket(document: Document) -> bool:
    return document.kind == "ticket"


def _is_no_ticket(document: Document) -> bool:
    return document.kind != "ticket"


def _is_deposit(document: Document) -> bool:
    return document.kind == "time-deposit"


def _is_counted(document: Document) -> bool:
    return document.kind in ("points", "stamps")


def _is_worth_money(document: Document) -> bool:
    return document.kind not in ("gratitude", "time")


def _circulates(document: Document) -> bool:
    return document.kind in ("gratitude", "time", "exchange")


OPTIONAL = (
    Optional("spenders", "使える人", "使えるのが、みんなではないとき", SpendersForm),
    Optional("activities", "活動", "数える活動の名前", ActivitiesForm),
    Optional("hosts", "受け入れ先", "指定する受け入れ先と、確かめ方", HostsForm, _is_no_ticket),
    Optional("conversion", "かえ方", "数えたものが、いくつになるか", ConversionForm, _is_no_ticket),
    Optional("worth", "値打ち", "いくつで何円か", WorthForm, _is_worth_money),
    Optional("at_cap", "上限に届いた人", "かわりに選べるもの", AtCapForm, _is_counted),
    Optional("uses", "使いみち", "使いみちを、もう1つ", UseForm, many=True, more=True),
    Optional("funding", "財源", "だれのお金で行うか", FundingForm, many=True),
    Optional("ticket", "お礼と事務費", "時間を引き出すときのお礼", TicketForm, _is_deposit),
    Optional("thanks", "お礼の決め方", "額の決め方と、分け方", ThanksForm, _is_ticket),
    Optional("fees", "会費", "会員が事務局に払うもの", FeeForm, many=True, more=True),
    Optional(
        "circulation", "はじめの分と前貸し", "渡す数と、貸せる数", CirculationForm, _circulates
    ),
    Optional("sources", "出典", "もとになる文書を、もう1つ", SourceForm, many=True, more=True),
    Optional("flagged", "確かめのいる数", "まちがいに見える数", FlaggedForm, many=True, more=True),
)


def addable(document: Document) -> list[Optional]:
    """What can be added to a document: tables that it lacks, and further ones of some."""
    return [
        one
        for one in OPTIONAL
        if one.fits(document) and (one.more or not getattr(document, one.name))
    ]
