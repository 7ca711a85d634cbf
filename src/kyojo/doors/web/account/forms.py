"""Forms of coming in, of signing up, and of who one is."""

from typing import Any

from django import forms
from django.utils.http import urlencode

from kyojo.civic.municipalities.selectors import municipalities_all
from kyojo.civic.people.domain import reading
from kyojo.civic.people.models import Person
from kyojo.civic.people.services.members import LANGUAGES
from kyojo.kernel.text import normalised

from ..forms import Choice, DateBoxesField, Form, KanaField, OrderForm, PhoneField

ROLES = (
    ("carer", Choice("たのみたい", "家族のことを、近くの人に少し手伝ってもらう")),
    ("supporter", Choice("手伝いたい", "できることを、できるときに、近くで")),
)
#: Both readings say it, so that their boxes stand side by side.
KANA_HELP = "ひらがなか、カタカナで"


class MailField(forms.EmailField):
    """A mail address as phones type it: full-width letters and spaces around are taken."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "メールアドレス")
        super().__init__(max_length=254, **kwargs)
        self.widget.attrs.update(autocomplete="email", inputmode="email")

    def to_python(self, value: Any) -> str:
        return str(super().to_python(normalised(str(value or "")).replace(" ", "")))


class LoginForm(Form):
    email = MailField()
    next = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)


class LinkForm(Form):
    """The token of a login link, carried from the mail's address into a press of a button."""

    sesame = forms.CharField(required=False, widget=forms.HiddenInput, max_length=500)
    next = forms.CharField(required=False, widget=forms.HiddenInput, max_length=2000)


def _name(label: str, hint: str) -> forms.CharField:
    field = forms.CharField(label=label, max_length=40)
    field.widget.attrs["autocomplete"] = hint
    return field


class NamesForm(Form):
    """Names and readings, family and given name each."""

    family_name = _name("姓", "family-name")
    given_name = _name("名", "given-name")
    family_kana = KanaField(label="姓のふりがな", max_length=60, help_text=KANA_HELP)
    given_kana = KanaField(label="名のふりがな", max_length=60, help_text=KANA_HELP)


class SignUpForm(OrderForm, NamesForm):
    """Everything a membership begins with. ``with_mail`` False: the login is there already."""

    roles = forms.MultipleChoiceField(
        label="どのように使いますか",
        help_text="両方でもかまいません。あとから変えられます。",
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
    )
    town = forms.ChoiceField(
        label="まち", help_text="住んでいる市町です。働いている、通っている市町でもかまいません。"
    )
    birth_date = DateBoxesField(label="生年月日", example="1982、昭和57", past_only=True)
    phone = PhoneField(required=False)
    email = MailField(help_text="ログインのリンクを、ここへお送りします。")
    agreed = forms.BooleanField(label="約束ごとを読み、同意します")

    field_order = (
        "roles",
        "town",
        "family_name",
        "given_name",
        "family_kana",
        "given_kana",
        "birth_date",
        "phone",
        "email",
        "agreed",
    )

    def __init__(self, *args: Any, with_mail: bool, with_town: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        town = self.fields["town"]
        assert isinstance(town, forms.ChoiceField)
        towns = [(m.slug, f"{m.prefecture} {m.name}") for m in municipalities_all()]
        town.choices = [("", "えらんでください"), *towns]
        if not with_mail:
            del self.fields["email"]
        if not with_town:
            del self.fields["town"]
        self.order_fields(self.field_order)

    def given(self) -> dict[str, Any]:
        """What ``person_register`` takes."""
        names = (
            "family_name", "given_name", "family_kana", "given_kana", "birth_date", "phone",
            "roles",
        )  # fmt: skip
        return {name: self.cleaned_data[name] for name in names} | {"uid": self.order}


class AboutForm(NamesForm):
    """Who one is. Names that were checked against a card are changed at the counter only."""

    birth_date = DateBoxesField(label="生年月日", example="1982、昭和57", past_only=True)
    gender = forms.ChoiceField(
        label="性別",
        help_text="「女性がよい」などのご希望があるときだけ使います。",
        choices=Person.Gender.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    phone = PhoneField(required=False)
    occupation = forms.CharField(
        label="仕事など", help_text="例：会社員、元 造園業、大学生", required=False, max_length=600
    )
    introduction = forms.CharField(
        label="紹介",
        help_text="たのむ人が読みます。例：動物が好きです。庭木を30年みてきました。",
        required=False,
        max_length=6000,
        widget=forms.Textarea,
    )
    languages = forms.MultipleChoiceField(
        label="話せることば",
        choices=list(LANGUAGES.items()),
        widget=forms.CheckboxSelectMultiple,
    )

    CHECKED = ("family_name", "given_name", "family_kana", "given_kana", "birth_date")

    def __init__(self, *args: Any, is_checked: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_checked:
            for name in self.CHECKED:
                del self.fields[name]


def about_initial(person: Person) -> dict[str, Any]:
    """The form filled with what is known; readings as members read them."""
    names = ("family_name", "given_name", "birth_date", "gender", "phone", "occupation")
    return {name: getattr(person, name) for name in names} | {
        "family_kana": reading(person.family_kana),
        "given_kana": reading(person.given_kana),
        "introduction": person.introduction,
        "languages": person.languages,
    }


class RolesForm(Form):
    """The roles one wants; the others are dropped."""

    roles = forms.MultipleChoiceField(
        label="どのように使いますか",
        help_text="両方でもかまいません。",
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "どちらか1つは選んでください。やめるときは、センターにお電話ください。"
        },
    )


def with_query(path: str, **query: str) -> str:
    """``path`` with the values that are not empty."""
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


class ClaimForm(Form):
    """A licence or a training that somebody says they have."""

    kind = forms.ChoiceField(
        label="種類",
        choices=[("licence", "資格・免許"), ("training", "受けた講習")],
        widget=forms.RadioSelect,
    )
    label = forms.CharField(
        label="名前",
        max_length=60,
        help_text="例：普通自動車免許、保育士、認知症サポーター養成講座。番号は書かないでください。",
    )
    issuer = forms.CharField(label="発行したところ", max_length=60, required=False)
    valid_until = DateBoxesField(label="期限", example="2029、令和11", required=False)
