"""Form fields that several pages share, and how their refusals are said.

A form answers in sentences: what is missing is named with its label, a date's error says which
box, and nothing that was typed is lost. Browsers' own bubbles are off (``required`` is not set),
because they speak another language than the page.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from kyojo.kernel import clock, text
from kyojo.kernel.errors import Invalid, Invalids, Refusal
from kyojo.kernel.ids import new_id
from kyojo.kernel.wording import jdate_long, jhour

from .http import said

BOXES = (("year", "年"), ("month", "月"), ("day", "日"))


class Choice(str):
    """A choice's label with a smaller line below: ``Choice("母の家", "みどり浜市 港地区")``."""

    note: str

    def __new__(cls, label: str, note: str = "") -> "Choice":
        choice = super().__new__(cls, label)
        choice.note = note
        return choice


class Form(forms.Form):
    """The base of every form of the house."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _say_in_sentences(field)
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs.update(rows="4", cols="30")

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal: beside the field it names, or on top."""
        for one in refusal.refusals if isinstance(refusal, Invalids) else [refusal]:
            name = one.field if one.field in self.fields else None
            self.add_error(name, ValidationError(said(one), code=one.code))


def _say_in_sentences(field: forms.Field) -> None:
    label = field.label or ""
    field.error_messages.setdefault(
        "max_length",
        f"{label}は、%(limit_value)d文字までにしてください。いまは%(show_value)d文字です。",
    )
    if isinstance(field, forms.EmailField):
        field.error_messages["invalid"] = (
            f"{label}を確かめてください。例：namae@example.jp のように、@のある形です。"
        )
    own = type(field).default_error_messages.get("required")
    standard = forms.Field.default_error_messages["required"]
    if field.error_messages.get("required") not in (standard, own):
        return
    if isinstance(field, forms.MultipleChoiceField):
        sentence = f"{label}を選んでください。"
    elif isinstance(field, forms.ChoiceField):
        # A label that asks (「いつがよいですか」) cannot be the object of the sentence.
        asks = label.endswith(("か", "？"))
        sentence = "1つ選んでください。" if asks else f"{label}を1つ選んでください。"
        field.error_messages["invalid_choice"] = sentence
    elif isinstance(field, forms.FileField):
        sentence = f"{label}を選んでください。"
        field.error_messages["empty"] = "ファイルが空です。中身のあるファイルを選んでください。"
    elif isinstance(field, forms.BooleanField):
        sentence = f"「{label}」を確かめて、印をつけてください。"
    else:
        sentence = f"{label}を入れてください。"
    field.error_messages["required"] = sentence


def summary_sentence(label: str, error: str) -> str:
    """The short form of an error, for the list on top: its first sentence, the label not said
    twice (「長さを1つ選んでください。」 under 「長さ」 → 「1つ選んでください」)."""
    first = str(error).split("。")[0]
    return first.removeprefix(f"{label}を").removeprefix(f"{label}は、")


def half_hours(earliest: int, latest: int) -> list[tuple[str, str]]:
    """Every half hour between two full hours, as choices: ``("10:30", "10時30分")``."""
    moments = [time(half // 2, half % 2 * 30) for half in range(earliest * 2, latest * 2 + 1)]
    return [(f"{moment:%H:%M}", jhour(moment)) for moment in moments]


# --- date in three boxes ------------------------------------------------------------------------
class DateBoxes(forms.Widget):
    """Three boxes named ``<name>_year``, ``_month``, ``_day``. Drawn by ``{% field %}``."""

    template_name = "parts/date_boxes.html"

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> tuple[str, str, str]:
        year, month, day = (str(data.get(f"{name}_{part}") or "") for part, _ in BOXES)
        return year, month, day

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(f"{name}_{part}" in data for part, _ in BOXES)

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_year"


class DateBoxesField(forms.Field):
    """A date as people write it: the year western or 和暦, any width.

    Arguments:
        example: a year for the help line; a birth date shows another one than a visit.
        past_only, future_only: refuse the other side of today (today itself is allowed).
    """

    widget = DateBoxes

    def __init__(
        self,
        *,
        example: str = "",
        past_only: bool = False,
        future_only: bool = False,
        **kwargs: Any,
    ) -> None:
        self.past_only, self.future_only = past_only, future_only
        kwargs.setdefault(
            "help_text",
            format_html(
                "年は、西暦でも和暦でもかまいません。{}",
                format_html('<span class="nowrap">例：{}</span>', example) if example else "",
            ),
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value is None or isinstance(value, date):
            return value
        if not any(part.strip() for part in value):
            return None
        # A bare 8 is the era's year only where the date is near: a birth year is never guessed.
        near = None if self.past_only else clock.today().year
        try:
            return text.date_of_parts(*value, near=near)
        except Invalid as refusal:
            raise ValidationError(
                said(refusal), code=refusal.code, params={"box": refusal.field}
            ) from None

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is None:
            return
        today = clock.today()
        if self.future_only and value < today:
            raise ValidationError(
                f"{jdate_long(value)}は、もう過ぎています。きょうからあとの日にしてください。",
                code="date_past",
                params={"box": "day"},
            )
        if self.past_only and value > today:
            raise ValidationError(
                f"{jdate_long(value)}は、まだ来ていません。年を確かめてください。",
                code="date_future",
                params={"box": "year"},
            )

    def boxes(self, bound: forms.BoundField, described: str) -> dict[str, Any]:
        """What the template draws: the boxes as typed, and the date read back when it is one."""
        value = bound.value()
        typed: tuple[str, ...] = ("", "", "")
        if isinstance(value, date):
            typed = (str(value.year), str(value.month), str(value.day))
        elif value:
            typed = tuple(value)
        wrong = box_with_error(bound)
        read = ""
        if not bound.errors:
            try:
                day = self.to_python(value)
                read = jdate_long(day) if day else ""
            except ValidationError:
                read = ""
        return {
            "boxes": [
                {
                    "id": f"{bound.auto_id}_{part}",
                    "name": f"{bound.html_name}_{part}",
                    "value": typed[index],
                    "unit": unit,
                    "invalid": part == wrong,
                    "described": described if part == (wrong or "year") else "",
                    "numeric": part != "year",
                }
                for index, (part, unit) in enumerate(BOXES)
            ],
            "read": read,
        }


def box_with_error(bound: forms.BoundField) -> str:
    """Which of a date's boxes its first error is about: "year", "month", "day" or ""."""
    for error in bound.errors.as_data():
        return str((error.params or {}).get("box") or "year")
    return ""


# --- single fields ------------------------------------------------------------------------------
class KanaField(forms.CharField):
    """A name's reading; takes hiragana and half-width too, cleans to katakana."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "名前のふりがな")
        kwargs.setdefault("help_text", "ひらがなでも、カタカナでもかまいません。")
        kwargs.setdefault("max_length", 80)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "off")

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        if not typed:
            return ""
        name = text.kana_name(typed)
        if name is None:
            raise ValidationError(
                f"{self.label}は、ひらがなかカタカナだけで入れてください。例：あおぞら みなみ",
                code="kana_wrong",
            )
        return name


class PhoneField(forms.CharField):
    """A telephone number; cleans to its digits."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "type": "tel"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "電話番号")
        kwargs.setdefault("help_text", "ハイフンは、あってもなくてもかまいません。")
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        if not typed:
            return ""
        digits = text.phone_number(typed)
        if digits is None:
            raise ValidationError(
                f"{self.label}は、0から始まる10けたか11けたの数字で入れてください。"
                "例：090-0000-0000",
                code="phone_wrong",
            )
        return digits


class CodeField(forms.CharField):
    """A spoken four-digit code (合言葉), any width; drawn with ``{% field form.code "code" %}``."""

    widget = forms.TextInput(
        attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "8"}
    )

    def to_python(self, value: Any) -> str:
        typed = re.sub(r"[\s\-]", "", text.normalised(super().to_python(value) or ""))
        if typed and not re.fullmatch(r"[0-9]{4}", typed):
            raise ValidationError(
                f"{self.label}は、4けたの数字です。お宅の方に、もう一度聞いてください。",
                code="code_wrong",
            )
        return typed


class WholeNumberField(forms.CharField):
    """A whole number as people type it: full-width digits and thousands commas are taken."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(
        self, *, minimum: int = 0, maximum: int = 2**53, unit: str = "", **kwargs: Any
    ) -> None:
        self.minimum, self.maximum, self.unit = minimum, maximum, unit
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        typed = text.normalised(str(value if value is not None else ""))
        digits = typed.replace(",", "").removesuffix(self.unit)
        if not digits:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if (
            not re.fullmatch(r"[0-9]{1,16}", digits)
            or not self.minimum <= int(digits) <= self.maximum
        ):
            upper = f"から{self.maximum:,}" if self.maximum < 2**53 else "以上"
            raise ValidationError(
                f"{self.label}は、{self.minimum:,}{upper}の数字で入れてください。",
                code="number_wrong",
            )
        return int(digits)


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


class OrderIdField(forms.UUIDField):
    """The id of what this form orders, made when the page is drawn and kept when it is drawn
    again, so that pressing twice orders once."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.HiddenInput, initial=new_id, **kwargs)
        self.error_messages["required"] = self.error_messages["invalid"] = (
            "ページが古くなりました。もう一度開いて、入れなおしてください。"
        )


class OrderForm(Form):
    """A form that orders something: has the hidden ``order_id``, ``cleaned_data["order_id"]``."""

    order_id = OrderIdField()

    @property
    def order(self) -> UUID:
        return UUID(str(self.cleaned_data["order_id"]))
