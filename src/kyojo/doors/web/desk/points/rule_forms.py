"""A document's figures as forms, of a programme that there is and of a new one from a preset."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from django import forms
from django.forms import BoundField

from kyojo.civic.programmes.rules.consistency_paid import is_in_yen
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.places import Path
from kyojo.civic.programmes.rules.thanks import per_words
from kyojo.civic.programmes.rules.wording import USE
from kyojo.kernel.wording import duration

from ...forms import DateBoxesField, Form, WholeNumberField
from ..forms import radio
from .rules_text import Value

CURRENCY_MOST = 20  # letters, as the schema says


@dataclass(frozen=True)
class Figure:
    """A whole number of the document. One that must be there is written as typed; another one is
    taken away where it is empty or 0."""

    name: str
    path: Path
    label: str
    now: int | None
    group: str = ""
    minimum: int | None = None  # None: it need not be there
    maximum: int = 10_000_000


def figures_of(document: Document) -> Iterator[Figure]:
    """All figures that the form asks for, group by group."""
    if document.kind != "coin":
        yield from _counting(document)
        yield from _thanks(document)
    for i, fee in enumerate(document.fees):
        each = "1年度につき" if fee.each == "year" else "加入のとき"
        label = f"{fee.name}（{each}、円）"
        yield Figure(f"fee_{i}", ("fees", i, "yen"), label, fee.yen, "会費", 1, 100_000)
    if document.kind in ("gratitude", "time", "exchange"):
        yield from _circulation(document)
    for i, rule in enumerate(document.uses):
        for k, item in enumerate(rule.items):
            path = ("uses", i, "prices", item)
            label = f"{USE[rule.use]}：{item}（1点の数、{document.unit}）"
            yield Figure(f"price_{i}_{k}", path, label, rule.prices.get(item), "品物の値段")


def _counting(document: Document) -> Iterator[Figure]:
    earning, one = document.earning, document.conversion
    counted, unit, group = document.counted, document.unit, "数え方"
    per = "1回の活動" if earning.per == "visit" else duration(earning.minutes or 0)
    is_paid = document.kind == "ticket"
    rows: list[tuple[str, Path, str, int | None]] = []
    if not is_in_yen(document):
        rows.append(("units", ("earning", "units"), f"{per}ごとの数（{counted}）", 1))
    label = "数える活動の、いちばん短い長さ（分）"
    rows.append(("at_least_minutes", ("earning", "at_least_minutes"), label, None))
    if not is_paid:
        rows += [
            ("day_most", ("earning", "day_most"), f"1日の上限（{counted}）", None),
            ("earning_year_most", ("earning", "year_most"), f"年度の上限（{counted}）", None),
        ]
    if one is not None:
        rows += [
            ("step", ("conversion", "units"), f"いくつ（{counted}）ごとにかえるか", 1),
            ("grants", ("conversion", "grants"), f"1回にかわる数（{unit}）", 1),
            (
                "from_units",
                ("conversion", "from_units"),
                f"いくつ（{counted}）からかえられるか",
                None,
            ),
            ("year_most", ("conversion", "year_most"), f"年度の上限（{unit}）", None),
        ]
    for name, path, label, minimum in rows:
        now = getattr(getattr(document, str(path[0])), str(path[1])) or None
        yield Figure(name, path, label, now, group, minimum)


def _thanks(document: Document) -> Iterator[Figure]:
    ticket, thanks, group = document.ticket, document.thanks, "お礼"
    if ticket is None:
        return
    per = per_words(document)
    if document.kind == "time-deposit":
        per = f"{document.worth.of if document.worth else 1:,}{document.unit}"
    elif not is_in_yen(document):
        per = f"1{document.unit}"
    varies = thanks is not None and thanks.amount in ("by_kind", "payer_choice")
    what = "標準のお礼" if varies else "お礼"
    if document.kind == "ticket" and not is_in_yen(document):
        what = "値段"
    yield Figure(
        "bought_yen", ("ticket", "bought_yen"), f"{per}の{what}（円）", ticket.bought_yen, group, 0
    )
    yield Figure(
        "office_yen", ("ticket", "office_yen"), "そのうち事務費（円）", ticket.office_yen, group, 0
    )
    if thanks is None:
        return
    for code, yen in thanks.by_activity.items():
        label = f"{document.activities.get(code, code)}（{per}、円）"
        path = ("thanks", "by_activity", code)
        yield Figure(f"activity_{code}", path, label, yen, group, 0)
    for name, label in (
        ("least_yen", f"{per}のお礼の、いちばん低い額（円）"),
        ("most_yen", f"{per}のお礼の、いちばん高い額（円）"),
        ("costs_most_yen", "1回に足せる実費の上限（円）"),
    ):
        now = getattr(thanks, name)
        if now is not None:
            yield Figure(name, ("thanks", name), label, now, group, 0)


def _circulation(document: Document) -> Iterator[Figure]:
    one, unit, group = document.circulation, document.unit, "はじめの分と前貸し"
    now = one.start_units or None if one else None
    path: Path = ("circulation", "start_units")
    yield Figure("start_units", path, f"入会した人に渡す数（{unit}）", now, group, maximum=100_000)
    if document.kind != "exchange":  # notes that become money are never lent
        now = one.lent_most or None if one else None
        path, label = ("circulation", "lent_most"), f"前貸しの上限（{unit}）"
        yield Figure("lent_most", path, label, now, group, maximum=100_000)


class FiguresForm(Form):
    """The figures of a document, to be set without its text. ``deposits``: the town's programmes of
    time deposits, (code, name)."""

    SHARES: ClassVar[list[tuple[str, str]]] = [
        ("person", "すべて、手伝った人に"),
        ("part_donated", "一部を、事務局に寄付する"),
        ("part_deposited", "一部を、時間であずける"),
        ("office", "すべて、事務局に"),
    ]

    summary = forms.CharField(
        label="あらまし",
        max_length=400,
        help_text="会員のページと要綱に、このままのります。数を変えたら、ここの数も直してください。",
        widget=forms.Textarea,
    )

    def __init__(
        self,
        document: Document,
        *args: Any,
        deposits: list[tuple[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        self.fields["summary"].initial = document.summary
        self.figures = list(figures_of(document))
        for one in self.figures:
            self.fields[one.name] = WholeNumberField(
                label=one.label,
                required=one.minimum is not None,
                initial=one.now,
                maximum=one.maximum,
                minimum=one.minimum or 0,
                error_messages={"required": f"{one.label}を入れてください。"},
            )
        thanks = document.thanks
        self.asks_share = thanks is not None and is_in_yen(document)
        if thanks is not None and self.asks_share:
            self._ask_share(thanks.share, thanks.share_percent, thanks.deposit_in, deposits or [])

    def _ask_share(
        self, share: str, percent: int | None, where: str | None, deposits: list[tuple[str, str]]
    ) -> None:
        self.fields["share"] = radio(
            label="事務費を引いた残りを、どうしますか", choices=self.SHARES, initial=share
        )
        self.fields["share_percent"] = WholeNumberField(
            label="寄付する、またはあずける割合（%）",
            required=False,
            initial=percent,
            minimum=1,
            maximum=99,
            unit="%",
            help_text="一部にするときだけ、入れてください。",
        )
        if where and where not in dict(deposits):
            deposits = [*deposits, (where, f"{where}（この町にまだない制度）")]
        if deposits:
            self.fields["deposit_in"] = forms.ChoiceField(
                label="どの時間預託にあずけますか",
                required=False,
                initial=where or "",
                choices=[("", "選んでください"), *deposits],
            )

    def clean_summary(self) -> str:
        return " ".join(str(self.cleaned_data["summary"]).split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        bought, office = cleaned.get("bought_yen"), cleaned.get("office_yen")
        if bought is not None and office is not None and office > bought:
            self.add_error("office_yen", f"事務費は、払う額の{bought:,}円までにしてください。")
        share = str(cleaned.get("share") or "")
        is_typed = cleaned.get("share_percent") or "share_percent" in self.errors
        if share.startswith("part_") and not is_typed:
            self.add_error("share_percent", "割合を、1から99までの数字で入れてください。")
        if share == "part_deposited" and not cleaned.get("deposit_in"):
            if "deposit_in" in self.fields:
                self.add_error("deposit_in", "どの時間預託にあずけるかを選んでください。")
            else:
                self.add_error(
                    "share",
                    "時間預託の制度が、この町にまだありません。先に、見本の「時間預託」から始めてください。",
                )
        return cleaned

    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """(heading, fields) as the page draws them; the choice of the share is drawn by itself."""
        found: dict[str, list[BoundField]] = {}
        for one in self.figures:
            found.setdefault(one.group, []).append(self[one.name])
        return list(found.items())

    def values(self) -> dict[Path, Value | None]:
        """What the form says, by place in the document."""
        cleaned, document = self.cleaned_data, self.document
        found: dict[Path, Value | None] = {
            one.path: cleaned[one.name] if one.minimum is not None else cleaned[one.name] or None
            for one in self.figures
        }
        found["summary",] = cleaned["summary"]
        if document.ticket is not None and "bought_yen" in cleaned:
            paid = cleaned["bought_yen"] - cleaned["office_yen"]
            found["ticket", "paid_yen"] = paid
            if document.worth and not is_in_yen(document):
                of = 1 if document.kind == "time-deposit" else document.worth.of
                found["worth", "yen"] = paid * of
        if self.asks_share:
            share = cleaned["share"]
            is_part = share.startswith("part_")
            found["thanks", "share"] = share
            found["thanks", "share_percent"] = cleaned["share_percent"] if is_part else None
            where = cleaned.get("deposit_in") or None
            found["thanks", "deposit_in"] = where if share == "part_deposited" else None
        return found


class BeginForm(FiguresForm):
    """A new programme from a preset: what it is called, who runs it, from when, and its figures."""

    field_order: ClassVar[list[str]] = [
        "operator",
        "name",
        "code",
        "unit",
        "summary",
        "effective_from",
    ]
    operator = forms.ChoiceField(label="運営主体")
    name = forms.CharField(label="制度の名前", max_length=80)
    code = forms.RegexField(
        r"^[a-z][a-z0-9-]*$",
        label="コード",
        max_length=CURRENCY_MOST,
        help_text="アドレスや台帳で使う名前です。あとで変えられません。"
        "英小文字で始まる、英小文字・数字・ハイフン。例：hinata-tasukeai",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "invalid": "コードは、英小文字で始まる英小文字・数字・ハイフンで入れてください。"
        },
    )
    unit = forms.CharField(label="つく数の名前", max_length=20, help_text="例：ポイント、枚、個")
    effective_from = DateBoxesField(label="いつから", example="2027、令和9、R9")

    def __init__(
        self, document: Document, *args: Any, operators: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(document, *args, **kwargs)
        cast(forms.ChoiceField, self.fields["operator"]).choices = operators
        if document.kind == "coin":
            del self.fields["code"]  # there is one coin programme in a town
        if document.kind in ("coin", "time", "time-deposit") or document.unit == "円":
            del self.fields["unit"]
        self.order_fields([*self.field_order, *self.fields])

    def values(self) -> dict[Path, Value | None]:
        cleaned, document = self.cleaned_data, self.document
        found = super().values()
        found["name",] = cleaned["name"]
        code = cleaned.get("code", document.code)
        found["code",] = code
        if code != document.code:
            found["currency",] = code
        if "unit" in cleaned:
            found["unit",] = cleaned["unit"]
            if document.counted == document.unit:
                found["counted",] = cleaned["unit"]
        return found
