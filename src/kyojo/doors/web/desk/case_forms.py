"""Forms of cases and suspensions."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from django import forms

from kyojo.help.community.domain import STEPS, WORDS_MAX
from kyojo.help.community.models import Case
from kyojo.kernel import clock

from ..forms import Choice, DateBoxesField, Form, OrderForm
from .forms import basis_field, radio


def words_field(label: str, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=WORDS_MAX, widget=forms.Textarea(attrs={"rows": 4}), **more
    )


class DayForm(Form):
    """``until``: the end of a day."""

    def end_of(self, name: str) -> datetime:
        return clock.at(self.cleaned_data[name] + timedelta(days=1), 0)


class CaseNewForm(OrderForm):
    """What somebody said by telephone or at the counter."""

    kind = radio(
        label="何についてですか",
        choices=[
            (Case.Kind.REPORT, Choice("通報", "だれかにされて困ったこと")),
            (Case.Kind.WORRY, Choice("気になること", "心配なようす")),
            (Case.Kind.OTHER, Choice("そのほか")),
        ],
    )
    urgency = radio(
        label="どのくらい急ぎますか",
        choices=[
            (Case.Urgency.URGENT, Choice("急ぎ", "けがや虐待など、いますぐ")),
            (Case.Urgency.SOON, Choice("早め")),
            (Case.Urgency.USUAL, Choice("ふつう")),
        ],
    )
    about = forms.CharField(
        label="だれについて（会員番号）",
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    opened_by = forms.CharField(
        label="話した人（会員番号）",
        required=False,
        max_length=12,
        help_text="受け取ったことと、終わったことを、お知らせします。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    words = words_field("聞いたこと")
    basis = basis_field()


class NoteForm(OrderForm):
    context: ClassVar[str] = "note_form"
    step = forms.ChoiceField(
        label="したこと",
        required=False,
        choices=[("", "メモだけ"), *STEPS.items()],
    )
    words = words_field("メモ", help_text="あとから直せません。見られるのは職員だけです。")


class WaitForm(DayForm):
    context: ClassVar[str] = "wait_form"
    until = DateBoxesField(label="いつまで待ちますか", example="2026、令和8", future_only=True)
    words = words_field("何を待ちますか", required=False)


class CloseForm(Form):
    context: ClassVar[str] = "close_form"
    outcome = radio(label="どうなりましたか", choices=list(Case.Outcome.choices))
    words = words_field("まとめ", help_text="知らせた人には、終わったことだけが伝わります。")


class ReopenForm(Form):
    context: ClassVar[str] = "reopen_form"
    words = words_field("もう一度開くわけ")


class OwnerForm(Form):
    context: ClassVar[str] = "owner_form"
    owner = forms.ChoiceField(label="担当者")

    def __init__(self, *args: Any, staff: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["owner"]).choices = list(staff.items())


class SuspendForm(DayForm, OrderForm):
    """``is_officer``: says until when; a coordinator's is provisional."""

    context: ClassVar[str] = "suspend_form"
    reason = words_field(
        "本人が読むわけ",
        help_text="本人のページに、このまま出ます。ほかの人の名前や、知らせた人がわかることは書かないでください。",
    )
    until = DateBoxesField(label="いつまで止めますか", example="2026、令和8", future_only=True)
    visits = radio(
        label="本人がたのんで、もう決まっている支援",
        choices=[
            ("cancel", Choice("取り消す", "お預かりしたコインは、全部本人にもどります")),
            ("keep", Choice("残す", "本人が続けたいと言っているとき")),
        ],
        initial="cancel",
    )

    def __init__(self, *args: Any, is_officer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_officer:
            del self.fields["until"]


class ConfirmForm(DayForm):
    context: ClassVar[str] = "confirm_form"
    until = DateBoxesField(label="いつまで止めますか", example="2026、令和8", future_only=True)
    reason = words_field("本人が読むわけ（変えるとき）", required=False)


class AnswerForm(Form):
    context: ClassVar[str] = "answer_form"
    answer = radio(
        label="どうしますか",
        choices=[("lift", Choice("停止を終える")), ("keep", Choice("停止を続ける"))],
    )
    words = words_field("本人へのお返事", help_text="本人のページに、このまま出ます。")


class TalkForm(OrderForm):
    """``author``: whose words they are; the office's own where it is "office"."""

    author = radio(label="だれのことばですか")
    words = forms.CharField(
        label="メッセージ", max_length=600, widget=forms.Textarea(attrs={"rows": 3})
    )
    basis = basis_field()

    def __init__(self, *args: Any, authors: list[tuple[str, Choice]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["author"]).choices = authors

    def clean(self) -> dict[str, Any]:
        """The office needs nobody's wish to write for itself."""
        cleaned = super().clean() or {}
        if cleaned.get("author") == "office":
            self.errors.pop("basis", None)
        return cleaned
