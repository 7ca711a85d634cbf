"""The form of a series: how often, for how long, who comes."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from django import forms

from kyojo.civic.programmes.domain import CoinRules
from kyojo.help.requests.domain import EARLIEST_HOUR, LATEST_HOUR
from kyojo.help.requests.models import Series
from kyojo.help.requests.repeating import EVERY, NTH, Rhythm, rhythm_of
from kyojo.kernel.errors import Invalids, Refusal
from kyojo.kernel.wording import WEEKDAYS, duration

from ..forms import Choice, DateBoxesField, OrderForm, half_hours

UNTIL, NOBODY = "until", "nobody"
TIMES = ("4", "8", "12")


class RhythmForm(OrderForm):
    """How often, when and for how long."""

    every = forms.ChoiceField(
        label="どのくらいの間かくですか", widget=forms.RadioSelect, initial="week"
    )
    weekdays = forms.MultipleChoiceField(
        label="曜日",
        widget=forms.CheckboxSelectMultiple,
        choices=[(str(day), f"{name}曜") for day, name in enumerate(WEEKDAYS)],
    )
    nth = forms.ChoiceField(
        label="月に1回のときは、どの週ですか",
        choices=[
            (str(value), f"{name}の週" if value > 0 else "最後の週") for value, name in NTH.items()
        ],
        required=False,
    )
    from_time = forms.ChoiceField(label="何時からですか")
    minutes = forms.ChoiceField(label="長さ", widget=forms.RadioSelect)
    starts = DateBoxesField(label="いつから", example="2026、令和8", future_only=True)
    ends = forms.ChoiceField(label="いつまでつづけますか", widget=forms.RadioSelect)
    until = DateBoxesField(label="終わりの日", example="2027、令和9", required=False)

    def __init__(self, *args: Any, rules: CoinRules, category: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limits = rules.limits(category)
        self._choices("every", [(code, Choice(said)) for code, said in EVERY.items()])
        self._choices(
            "from_time",
            half_hours(
                max(EARLIEST_HOUR, limits.earliest_hour or 0),
                min(LATEST_HOUR, limits.latest_hour or LATEST_HOUR),
            ),
        )
        self._choices(
            "minutes",
            [
                (str(m), Choice(duration(m), f"1回{rules.price(category, m)}コイン"))
                for m in rules.lengths(category)
            ],
        )
        self._choices(
            "ends",
            [
                *((count, Choice(f"{count}回")) for count in TIMES),
                (UNTIL, Choice("日にちを決める", f"{rules.series_months}か月先まで")),
            ],
        )

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("ends") != UNTIL:
            self.errors.pop("until", None)
        return cleaned

    @property
    def rhythm(self) -> Rhythm:
        cleaned = self.cleaned_data
        ends = cleaned["ends"]
        return Rhythm(
            every=cleaned["every"],
            weekdays=tuple(sorted(int(day) for day in cleaned["weekdays"])),
            nth=int(cleaned["nth"] or 1) if cleaned["every"] == "month" else 1,
            until=cleaned.get("until") if ends == UNTIL else None,
            times=None if ends == UNTIL else int(ends),
        )

    def asked(self) -> dict[str, Any]:
        """What the services take."""
        hour, minute = self.cleaned_data["from_time"].split(":")
        return {
            "rhythm": self.rhythm,
            "starts_on": self.cleaned_data["starts"],
            "from_time": time(int(hour), int(minute)),
            "minutes": int(self.cleaned_data["minutes"]),
        }

    def refuse(self, refusal: Refusal) -> None:
        """Refusals about a day or a number of times belong to the boxes of this form."""
        names = {"day": "starts", "times": "ends", "place": ""}
        for one in refusal.refusals if isinstance(refusal, Invalids) else [refusal]:
            one.field = names.get(one.field, one.field)
            super().refuse(one)


class SeriesForm(RhythmForm):
    """A new series, with who usually comes. ``people``: (value, label) of who can."""

    usual = forms.ChoiceField(label="いつも来てもらう人", widget=forms.RadioSelect)
    decide = forms.ChoiceField(
        label="その人が来られない日は、どうしますか", widget=forms.RadioSelect, initial="first"
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody = Choice("決めない", "来られる人を、毎回さがします")
        self._choices("usual", [*people, (NOBODY, nobody)])
        self._choices(
            "decide",
            [
                ("first", Choice("代わりの人を、最初にOKした人に決める", "早く決まります")),
                ("self", Choice("OKした人の中から、自分で選ぶ")),
            ],
        )
        self.initial.setdefault("usual", people[0][0] if people else NOBODY)

    @property
    def usual_person(self) -> tuple[int, UUID] | None:
        value = self.cleaned_data["usual"]
        if value == NOBODY:
            return None
        town, uid = value.split("/")
        return int(town), UUID(uid)


def like_request(*, starts: date, at: str, minutes: int) -> dict[str, Any]:
    """The form filled with what a request says."""
    return {
        "every": "week",
        "weekdays": [str(starts.weekday())],
        "from_time": at,
        "minutes": str(minutes),
        "starts": starts,
        "ends": TIMES[0],
    }


def like_series(series: Series, *, starts: date) -> dict[str, Any]:
    """The form filled with what a series says; a number of times is counted anew."""
    rhythm = rhythm_of(series.rule)
    times = str(rhythm.times) if rhythm.times is not None else UNTIL
    return {
        "every": rhythm.every,
        "weekdays": [str(day) for day in rhythm.weekdays],
        "nth": str(rhythm.nth),
        "from_time": f"{series.from_time:%H:%M}",
        "minutes": str(series.minutes),
        "starts": starts,
        "ends": times if times in (*TIMES, UNTIL) else TIMES[-1],
        "until": rhythm.until,
    }
