"""The parts that are drawn: free times, meters, stamp cards, month charts, maps, QR codes.
Registered by ``parts``; the geometry is in ``drawing``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from .. import drawing
from ..icons import icon


def freebar(
    free: Iterable[tuple[datetime, datetime]],
    asked: tuple[datetime, datetime],
    from_hour: int = 8,
    to_hour: int = 18,
) -> dict[str, Any]:
    """Free times of the asked day as a bar, with the asked time inside. ``free`` and ``asked`` are
    (start, end); the bar grows when the asked time lies outside ``from_hour``–``to_hour``. Hidden
    from screen readers: say the free times as text beside it."""
    return drawing.freebar(free, asked, from_hour=from_hour, to_hour=to_hour)


def meter(value: float, full: float = 100, kind: str = "") -> SafeString:
    """A bar of ``value`` out of ``full``; the number stands beside it. ``kind``: other, coin."""
    width = 0.0 if full <= 0 else max(0.0, min(100.0, 100 * value / full))
    return format_html(
        '<svg class="meter{}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect{} width="{}" height="10"/></svg>',
        " meter--coin" if kind == "coin" else "",
        mark_safe(' class="meter__other"') if kind == "other" else "",
        f"{width:.1f}",
    )


def stamps(filled: int, cells: int) -> SafeString:
    """A stamp card of ``cells`` with ``filled`` of them stamped, a flag in the last. Hidden from
    screen readers: say how many are missing as text beside it."""
    drawn = (
        (mark_safe(' class="is-on"'), icon("check"))
        if cell <= filled
        else ("", icon("flag") if cell == cells else cell)
        for cell in range(1, cells + 1)
    )
    return format_html(
        '<ol class="stamps" aria-hidden="true">{}</ol>',
        format_html_join("", "<li{}>{}</li>", drawn),
    )


def month_chart(
    months: Sequence[Mapping[str, Any]],
    name: str,
    unit: str,
    year_label: str,
    last_label: str = "",
    now_note: str = "",
    key: str = "chart",
) -> dict[str, Any]:
    """Bars by month with the table beside them.

    ``months``: ``{"month": 4, "value": 1120 or None, "last": 980 or None, "running": False}``;
    None is 非公開. ``name`` says what is counted, ``unit`` what in; ``key`` is unique on the page.
    """
    return drawing.month_chart(
        months,
        name=name,
        unit=unit,
        year_label=year_label,
        last_label=last_label,
        now_note=now_note,
        key=key,
    )


def map_sketch(
    label: str,
    areas: Iterable[Mapping[str, Any]] = (),
    points: Iterable[Mapping[str, Any]] = (),
    key: str = "map",
) -> dict[str, Any]:
    """Outlines and points, drawn by the server: nothing is loaded from outside.

    ``label``: what the map shows, for screen readers; a list or table stands beside it.
    ``areas``: ``{"geometry": GeoJSON, "name", "value", "heat": 1–4 or 0}``.
    ``points``: ``{"latitude", "longitude", "kind": "pin"|"home"|"about", "text", "radius_m"}``;
    "about" is a blurred circle of ``radius_m`` with a pin in its middle.
    """
    return drawing.map_sketch(label, areas=areas, points=points, key=key)


def qr(address: str, label: str) -> SafeString:
    """A QR code of ``address``; ``label`` says what it opens."""
    return drawing.qr(address, label)


def add_to(register: Library) -> None:
    register.inclusion_tag("parts/freebar.html")(freebar)
    register.inclusion_tag("parts/month_chart.html")(month_chart)
    register.inclusion_tag("parts/map.html")(map_sketch)
    register.simple_tag(meter)
    register.simple_tag(stamps)
    register.simple_tag(qr)
