"""Forms of keys."""

from django import forms

from ..account.forms import MailField
from ..forms import Form, OrderForm


class CodeForm(Form):
    """The number that an app shows now."""

    code = forms.CharField(label="アプリに出ている6けたの数字", max_length=20)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(
            autocomplete="one-time-code", inputmode="numeric", maxlength="12"
        )


class MailForm(OrderForm):
    """Where links and news are to go from now on."""

    email = MailField(label="新しいメールアドレス")


class MailCodeForm(CodeForm):
    """The numbers that came to the new address."""

    code = forms.CharField(label="メールにある6けたの数字", max_length=20)
