"""The icons of ``static/web/icons.svg``, drawn in place."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from django.utils.html import format_html
from django.utils.safestring import SafeString


@cache
def symbols() -> Mapping[str, tuple[str, SafeString]]:
    """name → (viewBox, drawing) of each symbol in ``static/web/icons.svg``."""
    source = files("kyojo.doors.web").joinpath("static/web/icons.svg").read_text("utf-8")
    found = re.finditer(r'<symbol id="i-([\w-]+)" viewBox="([\d ]+)">(.*?)</symbol>', source, re.S)
    # Our own file, so it may stand in a page as it is.
    return {match[1]: (match[2], SafeString(match[3])) for match in found}


@cache
def icon(name: str, kind: str = "") -> SafeString:
    """An icon, drawn in place (so it keeps the page's colours, also in htmx fragments).

    ``kind``: any of ``cat`` (a category's, 48 px), ``small``, ``large``, separated by spaces.
    An icon never stands alone: the word is beside it, so it is hidden from screen readers.
    """
    box, drawn = symbols()[name]
    classes = " ".join(["icon", *(f"icon--{word}" for word in kind.split())])
    return format_html(
        '<svg class="{}" viewBox="{}" aria-hidden="true">{}</svg>', classes, box, drawn
    )


@cache
def mark() -> SafeString:
    box, drawn = symbols()["mark"]
    return format_html('<svg class="mark" viewBox="{}" aria-hidden="true">{}</svg>', box, drawn)
