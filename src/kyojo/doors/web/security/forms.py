"""Forms of keys."""

from django import forms

from ..forms import Form


class CodeForm(Form):
    """The number that an app shows now."""

    code = forms.CharField(label="アプリに出ている6けたの数字", max_length=20)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(
            autocomplete="one-time-code", inputmode="numeric", maxlength="12"
        )
