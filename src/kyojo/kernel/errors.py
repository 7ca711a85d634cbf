"""Refusals: errors with a stable code, data, and a sentence that says what to do next.

A room defines its own errors as subclasses, in its own ``errors.py``::

    class CoinsShort(Refusal):
        code = "coins_short"
        sentence = "使えるコインが{missing}コイン足りません。センターにご相談ください。"

The sentence is written in Japanese, the first language of the product, and is the key of its own
translation: a door shows ``gettext(error.sentence).format(**error.data)`` and never builds a
sentence itself.
"""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """Something a person asked for and that cannot be done, said so that they know what to do.

    Attributes:
        code: stable, machine readable, snake_case; never shown alone.
        sentence: what the person reads, a ``str.format`` template over ``data``.
        data: the values of the sentence and of the stored refusal; holds no personal data.
        field: the form field the refusal is about, or "" when it is about the whole.
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "この操作はできませんでした。もう一度お試しください。"

    def __init__(self, *, field: str = "", **data: object) -> None:
        self.field = field
        self.data: Mapping[str, object] = data
        super().__init__(f"{self.code} {dict(data)}")

    def message(self) -> str:
        """The sentence in Japanese, filled in. Doors translate ``sentence`` first."""
        return self.sentence.format(**self.data)


class NotFound(Refusal):
    """Absent and forbidden look the same: whoever may not see a thing learns nothing about it."""

    code = "not_found"
    sentence = "お探しのページは見つかりませんでした。"


class OrderDiffers(Refusal):
    """The same order id came again with other content."""

    code = "order_differs"
    sentence = "この操作は、前にちがう内容で受け付けています。画面を開きなおして確かめてください。"


class Invalid(Refusal):
    """Input that breaks a rule of form: a date that does not exist, a code nobody knows."""

    code = "invalid"
    sentence = "入力した内容を確かめてください。"


class Invalids(Invalid):
    """Several refusals of one form, to be shown together, each beside its field."""

    code = "invalids"
    sentence = "{count}か所、直してください。"

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = refusals
        super().__init__(count=len(refusals))
