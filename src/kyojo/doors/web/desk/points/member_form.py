"""A form at the desk about one member, found by their number or by a part of their name."""

from typing import Any, cast

from django import forms

from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import people_search
from kyojo.kernel import text

from ...forms import Choice, OrderForm
from ..forms import radio

SHOWN_MOST = 8


class MemberForm(OrderForm):
    """Whom it is about. A number finds one at once; a name is chosen from those who have it."""

    member = forms.CharField(
        label="会員",
        max_length=80,
        help_text="会員番号か、名前やカナの一部。例：10012、はるかぜ",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    person = radio(label="どの人ですか", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people: dict[str, Person] = {}
        self._person: Person | None = None

    @property
    def asks_who(self) -> bool:
        """Whether members were found by a name, so that one of them is to be chosen."""
        return "person" in self.errors or bool(self.data.get("person"))

    def full_clean(self) -> None:
        """Who was meant is looked up first, so that the choice among several can be one field."""
        if self.is_bound:
            found = people_search(str(self.data.get("member") or ""), limit=SHOWN_MOST + 1)
            self._people = {str(person.uid): person for person in found}
            field = cast(forms.ChoiceField, self.fields["person"])
            field.choices = [
                (uid, Choice(f"{person.name}（{person.kana}）", _who(person)))
                for uid, person in list(self._people.items())[:SHOWN_MOST]
            ]
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "member" not in cleaned:
            return cleaned
        self._person = self._meant(str(cleaned.get("person") or ""))
        self.fields["person"].required = self.asks_who
        return cleaned

    def _meant(self, chosen: str) -> Person | None:
        """By number at once; by a name only when pressed, so that no namesake gets the points."""
        if chosen in self._people:
            return self._people[chosen]
        typed = text.normalised(self.cleaned_data["member"]).upper().removeprefix("M-")
        for person in self._people.values():
            if person.number == f"M-{typed}":
                return person
        if not self._people:
            self.add_error(
                "member",
                "この番号や名前の会員は、見つかりません。会員の一覧で確かめてください。",
            )
        elif len(self._people) > SHOWN_MOST:
            self.add_error("member", "あてはまる会員がたくさんいます。会員番号を入れてください。")
        elif "person" not in self.errors:
            self.add_error("person", "この人でよいか確かめて、選んでください。")
        return None

    @property
    def found(self) -> Person:
        person = self._person
        assert person is not None
        return person


def _who(person: Person) -> str:
    born = f"・{person.birth_date.year}年生まれ" if person.birth_date else ""
    return f"{person.number}{born}"
