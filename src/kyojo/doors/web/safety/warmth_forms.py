"""Forms of what is warm around a visit."""

from django import forms

from kyojo.help.support.warmth import PARTS

from ..forms import Choice, Form, OrderForm, WholeNumberField

PICTURES = {"accept": "image/jpeg,image/png,image/webp"}


class FaceForm(Form):
    picture = forms.FileField(
        label="顔の写真",
        help_text="JPEGかPNG。撮った場所や日時などの記録は、消してから預かります。",
        widget=forms.FileInput(attrs=PICTURES),
    )


class LetterForm(OrderForm):
    words = forms.CharField(
        label="ひとこと",
        required=False,
        max_length=400,
        widget=forms.Textarea,
        help_text="例：お元気でしたよ。庭の花の話をたくさんしてくださいました。",
    )
    picture = forms.FileField(label="写真", required=False, widget=forms.FileInput(attrs=PICTURES))
    consent = forms.BooleanField(label="ご本人に、家族に送ってよいか聞きました", required=False)


class LinkForm(OrderForm):
    label = forms.CharField(
        label="だれにわたしますか", max_length=40, help_text="例：弟、大阪のおば"
    )


class GiftForm(OrderForm):
    words = forms.CharField(label="何をわたしましたか", max_length=120, help_text="例：庭の柿を3つ")
    worth_yen = WholeNumberField(
        label="だいたいの値段（円）",
        maximum=100_000,
        help_text="家でとれたものは、0でかまいません。",
    )


class PartsForm(Form):
    parts = forms.MultipleChoiceField(
        label="できそうなこと",
        choices=[(code, Choice(one.label, one.note)) for code, one in PARTS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
