"""The form of an accident report, made of the fields that the safety room names."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from kyojo.help.safety.domain import ACCIDENT_PARTS, AccidentField, accident_needed
from kyojo.kernel.wording import jdate_plain

from ..forms import DateBoxesField, Form, PhoneField, WholeNumberField

HELP = {
    "hurt_name": "けがをした人がいるときに、入れてください。",
    "injury": "けがをした人がいるときに、書いてください。例：右の足首がはれた。",
    "first_aid": "けがをした人がいるときに、選んでください。",
    "damage": "こわれた物があるときに、書いてください。",
    "owner": "こわれた物があるときに、入れてください。",
    "hour": "例：10:30",
    "where": "住所や、庭、玄関など。",
    "doctor": "行っていないときは、書かなくてかまいません。",
    "cost": "見積もりの紙があれば、あとで事務局にわたしてください。",
    "witness": "いないときは、書かなくてかまいません。",
}


def _field(field: AccidentField) -> forms.Field:
    common: dict[str, Any] = {
        "label": field.label,
        "required": field.needed and field.when is None,
    }
    if field.code in HELP:
        common["help_text"] = HELP[field.code]
    if field.code == "day":
        return DateBoxesField(past_only=True, example="2026、令和8", **common)
    if field.code == "hour":
        widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
        wrong = {"invalid": "時刻は、10:30のように入れてください。"}
        return forms.TimeField(
            widget=widget, input_formats=["%H:%M"], error_messages=wrong, **common
        )
    if field.code == "phone":
        return PhoneField(**common)
    if field.code in ("cost", "hurt_age"):
        most = 150 if field.code == "hurt_age" else 100_000_000
        return WholeNumberField(maximum=most, **common)
    if field.choices:
        return forms.ChoiceField(choices=list(field.choices), widget=forms.RadioSelect, **common)
    if field.long:
        return forms.CharField(max_length=3000, widget=forms.Textarea, **common)
    return forms.CharField(max_length=120, **common)


class AccidentForm(Form):
    """One part of a report. What is written stays, so that it can be left and taken up again."""

    def __init__(self, *args: Any, part: int, **kwargs: Any) -> None:
        self.part = ACCIDENT_PARTS[part - 1]
        # Before the base class looks at them: it says in sentences what is missing.
        self.base_fields = {field.code: _field(field) for field in self.part.fields}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """What an answer makes needed: the name of who was hurt, the owner of what broke."""
        given = {code: str(value or "") for code, value in self.cleaned_data.items()}
        for field in self.part.fields:
            if field.when and accident_needed(field, given) and not given.get(field.code):
                self.add_error(field.code, f"{field.label}を入れてください。")
        return self.cleaned_data

    @property
    def answers(self) -> dict[str, str]:
        """What was given, as words."""
        found = {}
        for code, value in self.cleaned_data.items():
            if value is None:
                found[code] = ""
            elif code == "day":
                found[code] = value.isoformat()
            elif code == "hour":
                found[code] = f"{value:%H:%M}"
            else:
                found[code] = str(value)
        return found

    @property
    def drawn(self) -> list[tuple[str, Any]]:
        """(how it is drawn, the field) in the form's order."""
        return [
            ("choices" if field.choices else "field", self[field.code])
            for field in self.part.fields
        ]


def initial_of(answers: Mapping[str, str]) -> dict[str, Any]:
    """Answers for the fields of a fresh form."""
    found: dict[str, Any] = dict(answers)
    try:
        found["day"] = date.fromisoformat(answers.get("day", ""))
    except ValueError:
        found.pop("day", None)
    return found


def lines_of(answers: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(term, words)]) for the last look and for the paper."""
    parts = []
    for part in ACCIDENT_PARTS:
        rows = []
        for field in part.fields:
            words = answers.get(field.code, "")
            if field.code == "day" and words:
                words = jdate_plain(date.fromisoformat(words))
            elif field.choices:
                words = dict(field.choices).get(words, "")
            rows.append((field.label, words))
        parts.append((part.title, rows))
    return parts
