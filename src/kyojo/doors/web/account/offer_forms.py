"""Forms of what a supporter offers: what, when, where, how often."""

from datetime import time
from typing import Any

from django import forms

from kyojo.civic.people.domain import ASKS_PER_WEEK_MAX
from kyojo.civic.people.models import Person, Skill
from kyojo.help.requests.domain import CATEGORIES, Category, categories_by_group
from kyojo.kernel.wording import WEEKDAYS, distance

from ..forms import Choice, DateBoxesField, Form, half_hours

EARLIEST_HOUR, LATEST_HOUR = 6, 22
LIMITS_M = (500, 1_000, 2_000, 3_000, 5_000, 10_000)
ASKS = (1, 2, 3, 5, 7, ASKS_PER_WEEK_MAX)


def time_choices() -> list[tuple[str, str]]:
    """Every half hour of the day's waking part."""
    return half_hours(EARLIEST_HOUR, LATEST_HOUR)


def time_of(value: str) -> time | None:
    return time.fromisoformat(value) if value else None


class SkillsForm(Form):
    """A box per category, and a line of one's own words for each."""

    def __init__(self, *args: Any, skills: list[Skill], **kwargs: Any) -> None:
        known = {skill.category: skill.note for skill in skills}
        kwargs["initial"] = {f"can_{code}": True for code in known} | {
            f"note_{code}": note for code, note in known.items()
        }
        super().__init__(*args, **kwargs)
        for one in CATEGORIES:
            can = forms.BooleanField(label=one.name, required=False, help_text=one.note)
            can.widget.attrs["class"] = "reveal-on"
            # The service counts the letters; this only bounds what is parsed.
            note = forms.CharField(label=f"{one.name}のひとこと", required=False, max_length=1200)
            note.widget.attrs["autocomplete"] = "off"
            self.fields[f"can_{one.code}"], self.fields[f"note_{one.code}"] = can, note

    def groups(self) -> list[tuple[str, list[tuple[Category, Any, Any]]]]:
        """For the page: group name → (category, tick, note)."""
        return [
            (group.name, [(c, self[f"can_{c.code}"], self[f"note_{c.code}"]) for c in categories])
            for group, categories in categories_by_group()
        ]

    def chosen(self) -> dict[str, str]:
        """Category code → note, of those that are ticked."""
        return {
            one.code: self.cleaned_data[f"note_{one.code}"]
            for one in CATEGORIES
            if self.cleaned_data[f"can_{one.code}"]
        }


class WeeklyForm(Form):
    """A time of the week, on one or several days."""

    weekdays = forms.MultipleChoiceField(
        label="曜日",
        choices=[(str(day), WEEKDAYS[day]) for day in range(7)],
        widget=forms.CheckboxSelectMultiple,
    )
    start = forms.ChoiceField(label="何時から", choices=time_choices, initial="10:00")
    end = forms.ChoiceField(label="何時まで", choices=time_choices, initial="12:00")


class DayForm(Form):
    """A day that differs from the week."""

    day = DateBoxesField(label="日にち", example="2026、令和8", future_only=True)
    is_free = forms.ChoiceField(
        label="その日は",
        choices=[("no", "来られません"), ("yes", "来られます")],
        initial="no",
        widget=forms.RadioSelect,
    )
    from_time = forms.ChoiceField(label="何時から", required=False)
    to_time = forms.ChoiceField(label="何時まで", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("from_time", "to_time"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "1日中"), *time_choices()]


class HomeForm(Form):
    """Where one lives and how far one comes. ``near`` is a place whose position is taken."""

    address = forms.CharField(
        label="住所",
        help_text="番地まで。ほかの人には見せません。",
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    near = forms.ChoiceField(
        label="家に近いところ",
        help_text="距離をはかるのに使います。いちばん近いものを選んでください。",
        required=False,
    )
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    travel = forms.ChoiceField(
        label="行き方", choices=Person.Travel.choices, widget=forms.RadioSelect
    )
    travel_limit_m = forms.TypedChoiceField(
        label="どこまで行けますか", coerce=int, widget=forms.RadioSelect
    )

    def __init__(
        self, *args: Any, points: list[tuple[str, Any]], has_home: bool, limit: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        near, limits = self.fields["near"], self.fields["travel_limit_m"]
        assert isinstance(near, forms.ChoiceField)
        assert isinstance(limits, forms.ChoiceField)
        near.choices = [("", "いまのまま" if has_home else "えらんでください"), *points]
        own = () if limit in LIMITS_M else (limit,)
        limits.choices = [(str(m), Choice(distance(m))) for m in sorted((*LIMITS_M, *own))]
        # The phone's position serves as well as the list.
        near.required = not (has_home or self.data.get("latitude"))
        near.error_messages["required"] = "家に近いところを1つ選んでください。"
        self.has_home = has_home

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        here = cleaned.get("latitude") is not None and cleaned.get("longitude") is not None
        if not (cleaned.get("near") or here or self.has_home or "near" in self.errors):
            self.add_error("near", "家に近いところを1つ選んでください。")
        return cleaned


class AsksForm(Form):
    asks_per_week_max = forms.TypedChoiceField(
        label="週に何回まで、声をかけてよいですか", coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, asks: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["asks_per_week_max"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(n), Choice(f"{n}回まで")) for n in sorted({*ASKS, asks})]


class RestForm(Form):
    resting_until = DateBoxesField(
        label="いつまで休みますか", example="2026、令和8", future_only=True
    )
