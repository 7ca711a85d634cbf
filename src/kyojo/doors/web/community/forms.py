"""Forms between members: a message, a report, a group and its board."""

from typing import Any, cast

from django import forms

from kyojo.help.community.domain import (
    GROUP_ABOUT_MAX,
    GROUP_NAME_MAX,
    MESSAGE_MAX,
    POST_MAX,
    REASONS,
    WORDS_MAX,
    contacts_words,
    phrases_for,
)
from kyojo.help.community.models import Group

from ..forms import Choice, Form, OrderForm


class MessageForm(OrderForm):
    """``phrase``: the code of a ready-made message, in place of words. ``anyway``: sent although it
    says how to be reached."""

    words = forms.CharField(
        label="メッセージを書く",
        max_length=MESSAGE_MAX,
        error_messages={"required": "ことばを入れてください。"},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    phrase = forms.CharField(required=False, widget=forms.HiddenInput)
    anyway = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        self.role = role
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """A ready-made message needs no other words."""
        cleaned = super().clean() or {}
        if cleaned.get("phrase") in phrases_for(self.role):
            self.errors.pop("words", None)
        return cleaned

    @property
    def text(self) -> str:
        phrases = phrases_for(self.role)
        return phrases.get(self.cleaned_data["phrase"]) or str(self.cleaned_data["words"])

    @property
    def warning(self) -> str:
        """What in the words says how to be reached, as long as nobody said to send it anyway."""
        return "" if self.cleaned_data["anyway"] == "1" else contacts_words(self.text)


class ReportForm(OrderForm):
    reasons = forms.MultipleChoiceField(
        label="何がありましたか",
        help_text="いくつでも選べます。",
        choices=[(code, Choice(one.name, one.note)) for code, one in REASONS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    words = forms.CharField(
        label="くわしいこと",
        required=False,
        max_length=WORDS_MAX,
        help_text="いつ、どこで、何があったか、わかることだけでかまいません。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    block = forms.BooleanField(label="この人とは、もう会わないことにする", required=False)
    cancels = forms.ChoiceField(
        label="もう決まっている予定",
        required=False,
        choices=[
            ("", Choice("残しておく", "センターがお電話で、気持ちをうかがいます")),
            ("yes", Choice("取り消す", "お預かりしたコインは、全部もどります")),
        ],
        widget=forms.RadioSelect,
        initial="",
    )


class PartForm(Form):
    """Whether what is booked with somebody is called off too."""

    cancels = forms.ChoiceField(
        label="もう決まっている予定を、どうしますか",
        choices=[
            ("keep", Choice("残しておく", "センターがお電話で、気持ちをうかがいます")),
            ("yes", Choice("取り消す", "お預かりしたコインは、全部もどります")),
        ],
        widget=forms.RadioSelect,
    )


class AppealForm(Form):
    words = forms.CharField(
        label="伝えたいこと",
        max_length=1000,
        help_text="決めた人とは別の職員が読んで、お返事します。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class GroupForm(OrderForm):
    name = forms.CharField(label="グループの名前", max_length=GROUP_NAME_MAX)
    kind = forms.ChoiceField(
        label="どんな集まりですか", choices=list(Group.Kind.choices), widget=forms.RadioSelect
    )
    about = forms.CharField(
        label="すること・集まる人",
        max_length=GROUP_ABOUT_MAX,
        help_text="例：丘の上の近所の人で、月に1回、お茶を飲みます。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    joining = forms.ChoiceField(
        label="入り方",
        choices=[
            ("open", Choice("だれでも入れる", "この町の会員なら、すぐに入れます")),
            (
                "invited",
                Choice("招かれた人だけ", "世話役が、会員番号で招きます。ほかの人には見えません"),
            ),
        ],
        widget=forms.RadioSelect,
    )


class PostForm(OrderForm):
    words = forms.CharField(
        label="お知らせを書く",
        max_length=POST_MAX,
        help_text="このグループの人だけが読めます。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class InviteForm(Form):
    number = forms.CharField(
        label="招く人の会員番号",
        max_length=12,
        help_text="例：M-10012。本人から聞いてください。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class LeadForm(Form):
    person = forms.ChoiceField(label="世話役になる人", widget=forms.RadioSelect)
    stays = forms.ChoiceField(
        label="あなたは",
        choices=[("yes", "いっしょに世話役をつづける"), ("no", "世話役をやめる")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["person"]).choices = people
