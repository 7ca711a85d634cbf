"""Forms of safety for members."""

from datetime import datetime, time
from typing import Any

from django import forms

from kyojo.help.safety.domain import GROUNDS, SIGNS
from kyojo.help.support.readiness import MEETING_MINUTES, MEETING_PLACES, SECOND_KINDS
from kyojo.kernel import clock

from ..forms import Choice, DateBoxesField, Form, OrderForm, half_hours


class MeetingForm(Form):
    """A day, an hour and a place to meet for the first time."""

    day = DateBoxesField(label="会う日", example="2026、令和8", future_only=True)
    from_time = forms.ChoiceField(label="会う時刻", choices=half_hours(7, 20))
    minutes = forms.TypedChoiceField(
        label="長さ",
        coerce=int,
        choices=[(one, f"{one}分ほど") for one in MEETING_MINUTES],
        widget=forms.RadioSelect,
    )
    where = forms.ChoiceField(
        label="どこで会いますか", choices=list(MEETING_PLACES.items()), widget=forms.RadioSelect
    )

    @property
    def at(self) -> datetime:
        moment = time.fromisoformat(self.cleaned_data["from_time"])
        return clock.at(self.cleaned_data["day"], moment.hour, moment.minute)


class SecondForm(OrderForm):
    """Who the other adult is."""

    kind = forms.ChoiceField(
        label="もう1人のおとなは、だれですか",
        choices=list(SECOND_KINDS.items()),
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="名前",
        max_length=40,
        required=False,
        help_text="家にいるおとなの名前、またはサポーターの苗字を入れてください。",
    )
    number = forms.CharField(
        label="サポーターの会員番号",
        max_length=20,
        required=False,
        help_text="もう1人のサポーターが来るときだけ、入れてください。例：M-10012",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "second_%s")
        super().__init__(*args, **kwargs)


class WorryForm(OrderForm):
    """What somebody noticed at a visit."""

    signs = forms.MultipleChoiceField(
        label="気になったこと",
        choices=[(code, Choice(one.label, one.note)) for code, one in SIGNS.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="あてはまるものを、いくつでも選んでください。",
    )
    words = forms.CharField(
        label="くわしいこと",
        required=False,
        max_length=3000,
        widget=forms.Textarea,
        help_text="見たこと、聞いたことを、そのまま書いてください。暗号にして送ります。",
    )
    ground = forms.ChoiceField(
        label="ご本人に話しましたか",
        choices=[(code, Choice(one.label, one.note)) for code, one in GROUNDS.items()],
        widget=forms.RadioSelect,
    )
