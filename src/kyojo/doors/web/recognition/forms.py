"""What is asked for when a paper is made or checked."""

from typing import Any, cast

from django import forms

from kyojo.civic.municipalities.selectors import municipalities_all
from kyojo.kernel import clock

from ..forms import DateBoxesField, Form, OrderForm


class PeriodForm(OrderForm):
    """From when to when; the running fiscal year, unless said otherwise."""

    since = DateBoxesField(label="いつから", example="2026年", past_only=True)
    until = DateBoxesField(label="いつまで", example="2026年", past_only=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        begins = clock.local(clock.fiscal_year_bounds(clock.fiscal_year())[0]).date()
        self.fields["since"].initial = begins
        self.fields["until"].initial = clock.today()


class NameForm(Form):
    name = forms.CharField(
        label="紙に書いてある名前",
        max_length=100,
        help_text="入れた名前は、どこにも残しません。",
    )


class CompanyForm(OrderForm):
    year = forms.ChoiceField(label="年度", widget=forms.RadioSelect)
    town = forms.ChoiceField(label="証明する自治体")

    def __init__(self, *args: Any, years: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["year"]).choices = years
        towns = [(str(town.pk), town.name) for town in municipalities_all()]
        cast(forms.ChoiceField, self.fields["town"]).choices = towns
