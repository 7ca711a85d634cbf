"""Forms of a bundle: its name, one of its parts, whom to ask for which."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms

from kyojo.civic.programmes.domain import CoinRules
from kyojo.help.matching.bundling import PartPlan
from kyojo.help.matching.engine.mosaic import proposed
from kyojo.help.matching.selectors import Candidate
from kyojo.help.requests.domain import category
from kyojo.kernel.wording import duration, jwhen

from ..forms import Choice, OrderForm
from .forms import AskForm

#: Longer than one person is asked to stay: such a job is cut.
LONG_MINUTES = (240, 360, 480)
SLICE_MINUTES = 120
LATER = "later"


class TitleForm(OrderForm):
    """What the bundle is for."""

    title = forms.CharField(
        label="何のためのお願いですか",
        help_text="あなたにだけ見えます。例：退院のあとの1週間、実家の片づけ",
        max_length=600,
    )


class PartForm(AskForm):
    """A part: as for one request, or longer, and then cut into slices."""

    def __init__(self, *args: Any, rules: CoinRules, category: str, **kwargs: Any) -> None:
        super().__init__(*args, rules=rules, category=category, **kwargs)
        lengths = rules.lengths(category)
        self.slice_minutes = max((m for m in lengths if m <= SLICE_MINUTES), default=0)
        field = self.fields["minutes"]
        assert isinstance(field, forms.ChoiceField)
        longer = [
            (str(m), Choice(duration(m), f"{len(self._cuts(m))}つに分けて、何人かにたのみます"))
            for m in LONG_MINUTES
            if self.slice_minutes and all(e - s in lengths for s, e in self._cuts(m))
        ]
        field.choices = [*field.choices, *longer]  # type: ignore[misc, has-type]

    def _cuts(self, minutes: int) -> list[tuple[int, int]]:
        longest = self.slice_minutes
        cut = proposed(0, minutes, 0, longest=longest, shortest=longest // 2, on=longest // 2)
        return [(one.start, one.end) for one in cut]

    @property
    def is_long(self) -> bool:
        return int(self.cleaned_data["minutes"]) in LONG_MINUTES

    def slices(self) -> dict[str, Any]:
        """What the service takes for a job that is cut."""
        asked = self.asked()
        start: datetime = asked.pop("starts_at")
        cuts = self._cuts(asked.pop("minutes"))
        return asked | {
            "slices": [(start + timedelta(minutes=begin), end - begin) for begin, end in cuts]
        }


class BundleAskForm(OrderForm):
    """Whom to ask for each part that nobody is asked for."""

    def __init__(self, *args: Any, parts: Sequence[PartPlan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part_names: dict[str, PartPlan] = {}
        for part in parts:
            people = [one for one in (part.proposed, *part.others) if one is not None]
            if not people:
                continue
            name = f"part_{part.request.uid.hex}"
            self.part_names[name] = part
            when = jwhen(part.request.starts_at, part.request.ends_at)
            self.fields[name] = forms.ChoiceField(
                label=f"{when} {category(part.request.category).name}",
                choices=[
                    *((_value(one), _said(one)) for one in people),
                    (LATER, "まだ、お願いしない"),
                ],
                initial=LATER if part.proposed is None else _value(part.proposed),
            )

    @property
    def part_fields(self) -> list[Any]:
        return [self[name] for name in self.part_names]

    @property
    def choices(self) -> dict[UUID, tuple[int, UUID]]:
        found = {}
        for name, part in self.part_names.items():
            town, _, uid = self.cleaned_data[name].partition("/")
            if uid:
                found[part.request.uid] = (int(town), UUID(uid))
        return found


def _value(one: Candidate) -> str:
    return f"{one.municipality_id}/{one.uid}"


def _said(one: Candidate) -> str:
    return f"{one.row.name} さん（{one.match.reasons[0].sentence}）"
