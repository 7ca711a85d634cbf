"""What the style page shows: invented people, towns and figures."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from kyojo.kernel import clock

from .forms import Choice, CodeField, DateBoxesField, Form, KanaField, PhoneField, WholeNumberField


class SampleForm(Form):
    kana = KanaField(label="名前のふりがな")
    phone = PhoneField(required=False)
    born = DateBoxesField(label="生年月日", example="1948、昭和23、S23", past_only=True)
    day = forms.ChoiceField(
        label="いつがよいですか",
        choices=[
            ("0", Choice("あす", "21日（土）")),
            ("1", Choice("あさって", "22日（日）")),
            ("other", Choice("ほかの日", "日付を入れる")),
        ],
        widget=forms.RadioSelect,
    )
    date = DateBoxesField(label="日にち", example="2026、令和8", required=False, future_only=True)
    start = forms.ChoiceField(
        label="何時からですか", choices=[("10", "10時"), ("10.5", "10時30分")]
    )
    length = forms.ChoiceField(
        label="長さ",
        choices=[("60", Choice("1時間", "20コイン")), ("120", Choice("2時間", "40コイン"))],
        widget=forms.RadioSelect,
    )
    good = forms.MultipleChoiceField(
        label="よかったところ",
        choices=[("a", "ていねい"), ("b", "時間どおり"), ("c", "話しやすい")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    code = CodeField(label="今日の合言葉", required=False)
    coins = WholeNumberField(label="コイン", minimum=1, maximum=10_000, required=False)
    memo = forms.CharField(
        label="伝えておきたいこと",
        help_text="来る人にだけ見えます。例：犬がいます、道具は物置です",
        widget=forms.Textarea,
        required=False,
    )
    photo = forms.FileField(label="写真", required=False)
    public = forms.BooleanField(label="ほかの人の参考にしてよい", required=False)


def _square(west: float, south: float, size: float = 0.02) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def context(query: QueryDict) -> dict[str, Any]:
    """``?errors=1`` shows the form as it looks when it is refused."""
    wrong = {
        "kana": "青空",
        "born_year": "昭和23",
        "born_month": "2",
        "born_day": "30",
        "day": "other",
        "date_year": "令和8",
        "date_month": "11",
        "date_day": "31",
        "start": "10",
        "coins": "０",
    }
    initial = {"born": date(1948, 5, 3), "length": "60", "good": ["a"], "start": "10"}
    day = date(2026, 11, 28)
    asked = (clock.at(day, 10), clock.at(day, 12))
    values = [1120, 1380, 1460, 1300, 980, 1720, 2360, 2160]
    lasts = [980, 1210, 1300, 1240, 900, 1320, 1650, 1260]
    return {
        "form": SampleForm(wrong) if query.get("errors") else SampleForm(initial=initial),
        "tab": "home",
        "hidden": None,
        "day": day,
        "start": asked[0],
        "end": asked[1],
        "asked": asked,
        "free": [(clock.at(day, 9), clock.at(day, 13)), (clock.at(day, 15), clock.at(day, 17))],
        "two_hours": timedelta(hours=2),
        "badges": [("本人確認ずみ", "good", "shield"), ("庭木の講習", "good", "cap")],
        "reasons": ["庭の手入れを、これまでに32回", "前に2回、来てもらいました"],
        "facts": [("場所", "母の家", "みどり浜市 港地区"), ("日時", "11月28日（土）10時〜12時")],
        "timeline": [
            {"state": "done", "title": "来ました", "lines": ["10時2分"]},
            {"state": "now", "title": "支援中", "lines": ["12時まで"]},
            {"state": "next", "title": "あなたの確認"},
        ],
        "months": [
            {"month": 4 + i, "value": value, "last": last, "running": i == 7}
            for i, (value, last) in enumerate(zip(values, lasts, strict=True))
        ],
        "areas": [
            {"geometry": _square(138.30, 34.86), "name": "港", "value": 46, "heat": 4},
            {"geometry": _square(138.32, 34.86), "name": "浜辺", "value": 31, "heat": 3},
            {"geometry": _square(138.30, 34.88), "name": "中央", "value": 12, "heat": 2},
            {"geometry": _square(138.32, 34.88), "name": "松原", "value": 5, "heat": 1},
        ],
        "plain_areas": [{"geometry": _square(138.30, 34.86), "name": "港地区"}],
        "points": [
            {"latitude": 34.870, "longitude": 138.320, "kind": "home", "text": "母の家"},
            {
                "latitude": 34.874,
                "longitude": 138.311,
                "kind": "about",
                "text": "春",
                "radius_m": 300,
            },
            {
                "latitude": 34.866,
                "longitude": 138.315,
                "kind": "about",
                "text": "朝",
                "radius_m": 300,
            },
        ],
        "receipt": {
            "moment": clock.at(day, 12, 31),
            "number": "7Q4K-2M9D-XR3T",
            "rows": [
                ("したこと", "庭の手入れ 2時間", ""),
                ("渡した人", "ケアする人", "北ひなた市"),
                ("受けた人", "サポーター", "みどり浜市"),
            ],
            "amount": 40,
            "verify_url": "https://kyojo.example/verify/7Q4K-2M9D-XR3T",
        },
        "giver": {"name": "青空", "seed": 3, "label": "あなた", "town": "北ひなた市"},
        "taker": {"name": "春風", "seed": 1, "label": "春風さん", "town": "みどり浜市"},
    }
