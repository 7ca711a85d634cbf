"""How guidance reads its TOML, and what its answers share."""

import tomllib
from datetime import date
from importlib.resources import files
from typing import TypeVar

from kyojo.kernel.wording import jdate_plain

from ..rules.model import Part

P = TypeVar("P", bound=Part)

#: Stands under every answer that touches a law.
NOT_ADVICE = "これは法律の助言ではありません。決める前に、担当の役所に確かめてください。"


def load(name: str, form: type[P]) -> P:
    """The file ``name`` of this package as ``form``. Raises ``pydantic.ValidationError``."""
    text = files("kyojo.civic.programmes.guidance").joinpath(name).read_text("utf-8")
    return form.model_validate(tomllib.loads(text))


def staleness(as_of: date, checked_until: date, office: str) -> str:
    """What to say when ``as_of`` lies after the day until which the rules were checked, or ""."""
    if as_of <= checked_until:
        return ""
    return (
        f"このきまりを確かめたのは{jdate_plain(checked_until)}までです。"
        f"そのあとに変わっていないか、{office}に確かめてください。"
    )
