"""Forms about participating shops and their coupons."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from kyojo.civic.earnings.errors import NothingChosen
from kyojo.civic.earnings.shop_selectors import ShopMonth

from ...forms import Choice, Form, OrderForm
from ...points.forms import PayeeForm

MONTH_CHANGED = "開いていた画面のあとで、額が変わりました。一覧を確かめて、もう一度選んでください。"


class ShopForm(OrderForm):
    name = forms.CharField(
        label="店の名前", max_length=80, help_text="券や一覧に、このまま出ます。"
    )
    kana = forms.CharField(label="店の名前のよみがな", max_length=120)
    email = forms.EmailField(
        label="店のメールアドレス",
        max_length=254,
        help_text="このアドレスでログインした人が、券を受け取れます。職員のアドレスは使えません。",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "メールアドレスの形で入れてください。例：mise@example.jp"},
    )


class ShopPayeeForm(PayeeForm):
    """The account to which a shop is paid."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder_kana"].help_text = "通帳のとおりに。店の口座です。"


class ReasonForm(Form):
    reason = forms.CharField(
        label="理由",
        max_length=150,
        help_text="記録に残ります。例：落としたと電話があった、店がちがう券を受け取った",
    )


class ShopsPaidForm(Form):
    """Which shops were paid for a month, and under which number. A choice says what the page
    showed, so that it is unknown as soon as that is another sum."""

    chosen = forms.MultipleChoiceField(label="支払った店", widget=forms.CheckboxSelectMultiple)
    reference = forms.CharField(
        label="振込の番号",
        max_length=60,
        help_text="伝票や通知書の番号です。口座番号は書かないでください。",
    )

    def __init__(self, *args: Any, rows: list[ShopMonth], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {f"{one.shop.uid}-{one.yen}": one for one in rows}
        chosen = self.fields["chosen"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = [
            (value, Choice(one.shop.name, f"{len(one.coupons):,}枚・{one.yen:,}円"))
            for value, one in self.rows.items()
        ]
        chosen.error_messages["required"] = NothingChosen.sentence
        chosen.error_messages["invalid_choice"] = MONTH_CHANGED

    def shown(self) -> dict[UUID, int]:
        """Shop → yen, of what was chosen."""
        chosen = [self.rows[value] for value in self.cleaned_data["chosen"]]
        return {one.shop.uid: one.yen for one in chosen}


def month_of(year: int, month: int) -> date | None:
    """None for a month that there is not."""
    return date(year, month, 1) if 2000 <= year < 3000 and 1 <= month <= 12 else None
