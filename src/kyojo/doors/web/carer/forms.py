"""Forms of the carer's pages."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import jpholiday
from django import forms

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.people.models import CarePlace
from kyojo.civic.programmes.domain import CoinRules
from kyojo.help.matching.waiting import Wait
from kyojo.help.requests.domain import EARLIEST_HOUR, GENDER_WISHES, LATEST_HOUR, MEMO_MAX
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, Refusal
from kyojo.kernel.wording import WEEKDAYS, duration, jdate, jtime

from ..forms import Choice, DateBoxesField, Form, KanaField, OrderForm, half_hours

OTHER = "other"
NEAR_DAYS = ("あす", "あさって")
DAYS_OFFERED = 3


def place_note(place: CarePlace) -> str:
    """``みどり浜市 港地区``"""
    return " ".join(filter(None, (place.place_municipality.name, place.area_name)))


def day_choices(today: date) -> list[tuple[str, str]]:
    """The next likely days, a holiday named, then any other day."""
    choices = []
    for ahead in range(1, DAYS_OFFERED + 1):
        day = today + timedelta(days=ahead)
        on = f"{day.day}日（{WEEKDAYS[day.weekday()]}）"
        holiday = "祝日" if jpholiday.is_holiday(day) else ""
        label = NEAR_DAYS[ahead - 1] if ahead <= len(NEAR_DAYS) else on
        note = "・".join(filter(None, (on if label != on else "", holiday)))
        choices.append((day.isoformat(), Choice(label, note or f"{day.month}月")))
    return [*choices, (OTHER, Choice("ほかの日", "日付を入れる"))]


class AskForm(OrderForm):
    """Where, when, how long, and what to tell whoever comes (02b)."""

    place = forms.ChoiceField(label="どこで手伝ってもらいますか", widget=forms.RadioSelect)
    day = forms.ChoiceField(label="いつがよいですか", widget=forms.RadioSelect)
    date = DateBoxesField(label="日にち", example="2026、令和8")
    from_time = forms.ChoiceField(label="何時からですか", initial="10:00")
    minutes = forms.ChoiceField(label="長さ", widget=forms.RadioSelect)
    memo = forms.CharField(
        label="伝えておきたいこと",
        help_text="来る人にだけ見えます。例：犬がいます、道具は物置です",
        required=False,
        # The service counts and says so in a sentence; this only bounds what is parsed.
        max_length=MEMO_MAX * 10,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    gender_wish = forms.ChoiceField(
        label="来る人について",
        choices=list(GENDER_WISHES.items()),
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: Any,
        places: Iterable[CarePlace],
        rules: CoinRules,
        category: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        own = [(str(place.uid), Choice(place.label, place_note(place))) for place in places]
        other = (OTHER, Choice("ほかの場所", "新しい場所を入れます"))
        limits = rules.limits(category)
        self._choices_set("place", [*own, other])
        self._choices_set("day", day_choices(clock.today()))
        self._choices_set(
            "from_time",
            half_hours(
                max(EARLIEST_HOUR, limits.earliest_hour or 0),
                min(LATEST_HOUR, limits.latest_hour or LATEST_HOUR),
            ),
        )
        self._choices_set(
            "minutes",
            [
                (str(m), Choice(duration(m), f"{rules.price(category, m)}コイン"))
                for m in rules.lengths(category)
            ],
        )
        self.initial.setdefault("place", (own[0] if own else other)[0])
        self.initial.setdefault("gender_wish", "")

    def _choices_set(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("day") != OTHER:
            # What stands in the boxes does not count while another day is chosen.
            self.errors.pop("date", None)
        return cleaned

    @property
    def wants_other_place(self) -> bool:
        return self.data.get("place") == OTHER

    @property
    def starts_at(self) -> datetime:
        cleaned = self.cleaned_data
        day = cleaned["date"] if cleaned["day"] == OTHER else date.fromisoformat(cleaned["day"])
        hour, minute = cleaned["from_time"].split(":")
        return clock.at(day, int(hour), int(minute))

    def asked(self) -> dict[str, Any]:
        """What the services take."""
        return {
            "place_uid": UUID(self.cleaned_data["place"]),
            "starts_at": self.starts_at,
            "minutes": int(self.cleaned_data["minutes"]),
            "memo": self.cleaned_data["memo"],
            "gender_wish": self.cleaned_data["gender_wish"],
        }

    def refuse(self, refusal: Refusal) -> None:
        """A refusal about the day belongs to the boxes when they were used."""
        for one in refusal.refusals if isinstance(refusal, Invalids) else [refusal]:
            if one.field == "day" and self.data.get("day") == OTHER:
                one.field = "date"
            super().refuse(one)

    def typed(self) -> dict[str, Any]:
        """Everything as typed, to fill the page again later."""
        kept: dict[str, Any] = {
            name: self.data.get(name, "")
            for name in ("order_id", "day", "from_time", "minutes", "memo", "gender_wish")
        }
        kept["date"] = [self.data.get(f"date_{part}", "") for part in ("year", "month", "day")]
        return kept


def ask_initial(request: HelpRequest, *, with_day: bool) -> dict[str, Any]:
    """The form filled with what a request says; ``with_day`` False leaves the day open."""
    filled: dict[str, Any] = {
        "place": str(request.place_uid),
        "memo": request.memo,
        "gender_wish": request.gender_wish,
    }
    if request.starts_at is None or request.ends_at is None:
        return filled
    start = clock.local(request.starts_at)
    filled["from_time"] = f"{start:%H:%M}"
    filled["minutes"] = str(int((request.ends_at - request.starts_at).total_seconds() // 60))
    if with_day:
        ahead = (start.date() - clock.today()).days
        near = 1 <= ahead <= DAYS_OFFERED
        filled["day"] = start.date().isoformat() if near else OTHER
        if not near:
            filled["date"] = start.date()
    return filled


class WaitForm(OrderForm):
    """How to decide, and until when to wait (03b)."""

    decide = forms.ChoiceField(label="どう決めますか", widget=forms.RadioSelect, initial="self")
    wait = forms.ChoiceField(label="いつまで待ちますか", widget=forms.RadioSelect)

    def __init__(self, *args: Any, waits: list[Wait], price: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waits: Mapping[str, Wait] = {wait.code: wait for wait in waits}
        decide, wait = self.fields["decide"], self.fields["wait"]
        assert isinstance(decide, forms.ChoiceField)
        assert isinstance(wait, forms.ChoiceField)
        decide.choices = [
            (
                "self",
                Choice(HelpRequest.Decide.SELF.label, "返事がとどくたびに、お知らせします"),
            ),
            (
                "first",
                Choice(
                    HelpRequest.Decide.FIRST.label,
                    f"早く決まります。{price}コインは、決まったときにお預かりします",
                ),
            ),
        ]
        wait.choices = [
            (one.code, Choice(one.label, _wait_note(one))) for one in self.waits.values()
        ]
        names = list(self.waits)
        self.initial.setdefault("wait", "tomorrow" if "tomorrow" in names else names[0])

    @property
    def wait_until(self) -> datetime:
        return self.waits[self.cleaned_data["wait"]].until


def _wait_note(wait: Wait) -> str:
    if wait.code == "today":
        return f"{jtime(wait.until)}まで"
    return f"{jdate(wait.until)}{jtime(wait.until)}まで"


class PlaceForm(OrderForm):
    """A new place to ask help for. ``points``: (value, label) of what lies near it."""

    kind = forms.CharField(widget=forms.HiddenInput)
    town = forms.IntegerField(widget=forms.HiddenInput)
    label = forms.CharField(
        label="この場所の呼び方", help_text="例：母の家、自分の家", max_length=40
    )
    address = forms.CharField(
        label="住所",
        help_text="来る人が決まったときに、その人にだけ伝わります",
        max_length=200,
    )
    near = forms.ChoiceField(
        label="いちばん近い地区か施設", help_text="来られる人との距離を、ここからはかります"
    )
    position = forms.CharField(
        label="くわしい位置",
        help_text="地図のアプリで家を長く押すと出る、2つの数字です。"
        "入れると、着いたことを位置で確かめられます。例：34.8600, 138.3200",
        required=False,
        max_length=60,
    )
    visitor_note = forms.CharField(
        label="来る人に伝えておくこと",
        help_text="例：耳が少し遠いです、玄関は右側です",
        required=False,
        max_length=200,
    )

    def __init__(self, *args: Any, points: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = self.fields["near"]
        assert isinstance(near, forms.ChoiceField)
        near.choices = [("", "選んでください"), *points]


class PersonPlaceForm(PlaceForm):
    """A place where somebody else lives: that person says yes or no before every visit."""

    #: As on the page: the list of errors on top goes down it.
    field_order = (
        "label", "family_name", "given_name", "family_kana", "given_kana", "relation",
        "birth_date", "phone", "address", "near", "position", "visitor_note",
    )  # fmt: skip

    family_name = forms.CharField(label="その方の姓", max_length=40)
    given_name = forms.CharField(label="その方の名", max_length=40)
    family_kana = KanaField(label="姓のふりがな", max_length=60, help_text="")
    given_kana = KanaField(label="名のふりがな", max_length=60, help_text="")
    birth_date = DateBoxesField(
        label="その方の生年月日", example="1944、昭和19", past_only=True, required=False
    )
    relation = forms.CharField(
        label="あなたから見た関係", help_text="例：母、父、祖母、子ども", max_length=20
    )
    phone = forms.CharField(
        label="その方の電話番号",
        help_text="スマホがなくても、来てよいかをセンターがお電話で聞けます",
        required=False,
        max_length=20,
    )


class PlaceKindForm(Form):
    """First, what kind of place and in which town."""

    kind = forms.ChoiceField(
        label="どんな場所ですか",
        widget=forms.RadioSelect,
        choices=[
            ("other_home", Choice("家族やほかの人の家", "その方に、来てよいかを先にお聞きします")),
            ("own_home", Choice("自分の家")),
            ("public", Choice("公共の場所", "公民館、病院、駅など")),
        ],
    )
    town = forms.ChoiceField(label="どこの市町村ですか")

    def __init__(self, *args: Any, towns: Iterable[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        town = self.fields["town"]
        assert isinstance(town, forms.ChoiceField)
        town.choices = [(str(one.pk), f"{one.prefecture} {one.name}") for one in towns]
