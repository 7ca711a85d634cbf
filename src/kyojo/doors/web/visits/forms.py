"""Forms around a visit. Hidden ones are filled in by visit.js; everything works without it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core import signing

from kyojo.help.support.domain import RATINGS, TAGS, TAGS_BACK, TROUBLE
from kyojo.help.support.evidence import Position
from kyojo.help.support.services import CANCEL_REASONS, LATE_MINUTES, TagRead
from kyojo.kernel.ids import new_id

from ..forms import Choice, CodeField, Form, OrderForm

#: How long a card that was read stands for being there, in seconds.
CARD_FRESH = 600
CARD_OLD = "カードを読んでから時間がたちました。もう一度、カードを読んでください。"


def card_signed(read: TagRead) -> str:
    """A reading for a hidden field: signed, and fresh for ``CARD_FRESH`` seconds."""
    return signing.dumps([str(read.tag_uid), read.counter], salt="card")


def card_of(text: str) -> TagRead | None:
    """The reading again; None for an old or another text."""
    try:
        uid, counter = signing.loads(text, salt="card", max_age=CARD_FRESH)
    except signing.BadSignature:
        return None
    return TagRead(UUID(uid), counter)


class PressForm(Form):
    """A press with where the phone is, if it said so: what cannot be read counts as not said.

    ``kept``: it was pressed without network, at ``device_at``. ``card``: a card that was read.
    """

    nonce = forms.CharField(required=False, widget=forms.HiddenInput)
    latitude = forms.CharField(required=False, widget=forms.HiddenInput)
    longitude = forms.CharField(required=False, widget=forms.HiddenInput)
    accuracy = forms.CharField(required=False, widget=forms.HiddenInput)
    device_at = forms.CharField(required=False, widget=forms.HiddenInput)
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    card = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Several of these forms stand on one page: their ids must differ.
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)
        self.fields["nonce"].initial = new_id()

    @property
    def press_id(self) -> UUID:
        try:
            return UUID(self.cleaned_data["nonce"])
        except ValueError:
            return new_id()

    def clean_card(self) -> str:
        """A card that was read too long ago has to be read again."""
        text = str(self.cleaned_data["card"])
        if text and card_of(text) is None:
            raise forms.ValidationError(CARD_OLD)
        return text

    @property
    def tag(self) -> TagRead | None:
        return card_of(self.cleaned_data["card"])

    @property
    def was_kept(self) -> bool:
        return self.cleaned_data["kept"] == "1"

    @property
    def where(self) -> Position | None:
        numbers = [self.cleaned_data[name] for name in ("latitude", "longitude", "accuracy")]
        try:
            latitude, longitude, accuracy = map(float, numbers)
            return Position(latitude, longitude, round(accuracy))
        except (ValueError, OverflowError):
            return None

    @property
    def pressed_at(self) -> datetime | None:
        if settings.DEMO:
            return None  # the phone's clock is not the demo town's, which can be moved
        try:
            moment = datetime.fromisoformat(self.cleaned_data["device_at"])
        except ValueError:
            return None
        return moment if moment.tzinfo else None


class StartForm(PressForm):
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)


class CodeForm(PressForm):
    code = CodeField(
        label="位置を使わずに始める：合言葉",
        help_text="お宅の方に「きょうの合言葉」を声で聞いて、4けたの数字を入れてください。",
    )

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["code"].label = label


class EndForm(PressForm):
    note = forms.CharField(label="ひとこと", required=False, max_length=500, widget=forms.Textarea)


class PhotoForm(PressForm):
    picture = forms.FileField(
        label="写真",
        help_text="JPEGかPNG、15MBまで。場所などの情報は、受け取るときに消します。",
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}
        ),
    )
    moment = forms.ChoiceField(
        label="いつの様子ですか",
        choices=[("start", "始まり"), ("end", "終わり")],
        widget=forms.RadioSelect,
    )


class StopForm(PressForm):
    note = forms.CharField(
        label="やめるわけ",
        max_length=500,
        widget=forms.Textarea,
        help_text="たのんだ人と事務局が読みます。体のことは、くわしく書かなくてかまいません。",
    )


class LateForm(Form):
    minutes = forms.TypedChoiceField(
        label="どれくらい遅れますか",
        coerce=int,
        choices=[(minutes, f"{minutes}分ほど") for minutes in LATE_MINUTES],
        widget=forms.RadioSelect,
    )


class WordsForm(Form):
    words = forms.CharField(
        label="どこがちがいましたか",
        max_length=2000,
        widget=forms.Textarea,
        help_text="事務局が読みます。相手の方にも、お話をうかがいます。",
    )


class AppealForm(Form):
    words = forms.CharField(
        label="どこがちがいますか",
        max_length=2000,
        widget=forms.Textarea,
        help_text="事務局の職員が読みます。相手の方には、ことばは伝わりません。",
    )


class CancelForm(Form):
    """``role`` is who cancels: that no help is needed any more is not the supporter's to say."""

    reason = forms.ChoiceField(label="取り消すわけ", widget=forms.RadioSelect)

    def __init__(self, *args: Any, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            (code, words)
            for code, words in CANCEL_REASONS.items()
            if code != "not_needed" or role == "carer"
        ]


class AbsentForm(Form):
    words = forms.CharField(
        label="ひとこと", required=False, max_length=2000, widget=forms.Textarea
    )


def _rating(code: int, words: str) -> tuple[int, str]:
    note = "事務局にだけ伝わります。お話をうかがいます" if code == TROUBLE else ""
    return code, Choice(words, note) if note else words


class ThanksForm(OrderForm):
    rating = forms.TypedChoiceField(
        label="どうでしたか",
        coerce=int,
        choices=[_rating(code, words) for code, words in RATINGS.items()],
        widget=forms.RadioSelect,
    )
    tags = forms.MultipleChoiceField(
        label="よかったところ",
        required=False,
        choices=list(TAGS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    message = forms.CharField(
        label="お礼のことば", required=False, max_length=1000, widget=forms.Textarea
    )
    is_public = forms.BooleanField(label="ほかの人の参考にしてよい", required=False)


class ReviewBackForm(OrderForm):
    """What the supporter says of the visit; opens together with what the carer said."""

    rating = forms.TypedChoiceField(
        label="どうでしたか",
        coerce=int,
        choices=[_rating(code, words) for code, words in RATINGS.items()],
        widget=forms.RadioSelect,
    )
    tags = forms.MultipleChoiceField(
        label="よかったところ",
        required=False,
        choices=list(TAGS_BACK.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    message = forms.CharField(
        label="ひとこと",
        required=False,
        max_length=1000,
        widget=forms.Textarea,
        help_text="評価といっしょに開きます。困ったことは、事務局だけが読みます。",
    )


class LineBackForm(OrderForm):
    message = forms.CharField(label="お返事", max_length=1000, widget=forms.Textarea)
