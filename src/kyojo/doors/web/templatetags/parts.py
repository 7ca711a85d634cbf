"""The parts every page is made of, as filters and tags. Built in: no ``{% load parts %}``.

How to use them: /style/ shows each one. Everything that comes from people is escaped here.
"""

import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from kyojo.kernel import wording
from kyojo.kernel.amounts import grouped, signed
from kyojo.kernel.text import fiscal_year_name

from ..icons import icon, mark, symbols
from . import drawn_parts, form_parts

#: The town, then the house number at the end: 1-2-3, １－２.
HOUSE_NUMBER = re.compile(r"(.*?)([0-9０-９]+(?:[-‐－ー−][0-9０-９]+)+)?\Z", re.DOTALL)

#: Between kanji and a long word in katakana.
COMPOUND = re.compile(r"(?<=[一-龯]{2})(?=[ァ-ヴー]{5})")

register = template.Library()
register.simple_tag(icon)
register.simple_tag(mark)
drawn_parts.add_to(register)
form_parts.add_to(register)

# --- filters: words -----------------------------------------------------------------------------
for _filter in (
    wording.jdate,
    wording.jdate_plain,
    wording.jdate_era,
    wording.jdate_long,
    wording.jdate_short,
    wording.jtime,
    wording.jclock,
    wording.jmoment,
    wording.relative_day,
    wording.duration,
    wording.waited,
    wording.distance,
    wording.grouped_phone,
):
    register.filter(_filter.__name__, _filter)
register.filter("fiscal_year", fiscal_year_name)


@register.simple_tag
def jrange(start: datetime, end: datetime) -> SafeString:
    """``10時〜12時``, kept on one line where it is one day."""
    said = wording.jrange(start, end)
    return nowrap(said) if wording.day_of(start) == wording.day_of(end) else SafeString(said)


@register.simple_tag
def jwhen(start: datetime, end: datetime) -> SafeString:
    """``11月28日（土）10時〜12時``; may break between the day and the time."""
    return format_html("{}<wbr>{}", nowrap(wording.jdate(start)), jrange(start, end))


@register.filter
def nowrap(text: object) -> SafeString:
    """Keeps a name, a time or a short noun on one line."""
    return format_html('<span class="nowrap">{}</span>', text)


@register.filter
def address(text: str) -> SafeString | str:
    """A house number stays whole: 「見本町1-2-3」 never breaks at a hyphen."""
    town, number = HOUSE_NUMBER.match(text or "").groups()  # type: ignore[union-attr]
    return format_html('{}<span class="nowrap">{}</span>', town, number) if number else town


@register.filter
def soft(text: str) -> SafeString:
    """A long title may break before its last word: 生活支援 / コーディネーター."""
    return mark_safe(COMPOUND.sub("<wbr>", conditional_escape(text)))  # noqa: S308 - escaped


@register.filter("grouped")
def grouped_or_empty(amount: int | None) -> str:
    """12480 → ``12,480``; nothing for None."""
    return "" if amount is None else grouped(amount)


register.filter("signed", signed)


@register.filter
def or_hidden(amount: int | None) -> str:
    """A figure for a table's cell, ``非公開`` where it is None (too few people to show)."""
    if amount is None:
        return mark_safe('<span class="hidden-cell">非公開</span>')
    return grouped(amount)


@register.filter
def family_first(name: str) -> str:
    """The first character of a name, for an avatar."""
    return name.strip()[:1]


# --- people and coins ---------------------------------------------------------------------------
@register.simple_tag
def coin(amount: int, kind: str = "") -> SafeString:
    """``{% coin 40 %}`` within a sentence, ``{% coin 120 "figure" %}`` as the page's figure."""
    box, drawn = symbols()["coin"]
    return format_html(
        '<span class="coin{}"><svg class="coin__icon" viewBox="{}" aria-hidden="true">{}</svg>{}'
        "<small>コイン</small></span>",
        " coin--figure" if kind == "figure" else "",
        box,
        drawn,
        grouped(amount),
    )


@register.simple_tag
def avatar(name: str, seed: object = "", size: str = "") -> SafeString:
    """The first character of the family name on a tint that follows ``seed`` (the person's id);
    the tint means nothing. ``size``: "small", "large" or none."""
    tint = zlib.crc32(str(seed).encode()) % 4 + 1
    classes = "avatar"
    if size:
        classes += f" avatar--{size}"
    if tint > 1:
        classes += f" avatar--{tint}"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, family_first(name))


@register.inclusion_tag("parts/person.html")
def person_head(
    name: str,
    seed: object = "",
    kana: str = "",
    note: str = "",
    badges: Iterable[Any] = (),
    size: str = "",
    level: int = 0,
) -> dict[str, Any]:
    """Avatar, name and さん, reading and a line below, badges. ``level`` 2–4 makes the name a
    heading; 0 a paragraph. ``badges``: (text, kind, icon) each."""
    return {
        "name": name,
        "seed": seed,
        "kana": kana,
        "note": note,
        "badges": badges,
        "size": size,
        "element": f"h{level}" if level else "p",
    }


# --- status -------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def unread(context: Context, question: object = None) -> SafeString:
    """``{% unread offer.uid %}`` behind the link to what is written about a question: how many
    messages are new; nothing where none is. Without ``question``: of all."""
    waiting: dict[object, int] = context.get("messages_unread", {})
    count = waiting.get(question, 0) if question is not None else sum(waiting.values())
    return badge(f"新しいもの {count}件", "info") if count else SafeString("")


@register.simple_tag
def badge(text: str, kind: str = "", icon_name: str = "") -> SafeString:
    """``kind``: good, info, warn, bad, coin, solid, or none. With colour goes an icon."""
    return format_html(
        '<span class="badge{}">{}{}</span>',
        f" badge--{kind}" if kind else "",
        icon(icon_name) if icon_name else "",
        text,
    )


@register.simple_tag
def badges(items: Iterable[Any], label: str = "") -> SafeString:
    """A row of badges, each (text, kind, icon); nothing when there is none."""
    drawn = format_html_join(
        "",
        "<li>{}</li>",
        ((badge(*((item,) if isinstance(item, str) else item)),) for item in items),
    )
    if not drawn:
        return mark_safe("")
    return format_html(
        '<ul class="badges"{}>{}</ul>',
        format_html(' aria-label="{}"', label) if label else "",
        drawn,
    )


BANNER_ICONS = {"info": "info", "good": "done", "warn": "alert", "bad": "stop"}


@register.simple_block_tag
def banner(
    content: str, kind: str = "info", title: str = "", level: int = 2, role: str = ""
) -> str:
    """``{% banner "warn" "見出し" %}<p>…</p>{% endbanner %}``; kinds info, good, warn, bad."""
    return format_html(
        '<div class="banner{}"{}>{}{}{}</div>',
        "" if kind == "info" else f" banner--{kind}",
        format_html(' role="{}"', role) if role else "",
        icon(BANNER_ICONS[kind]),
        format_html('<h{0} class="banner__title">{1}</h{0}>', level, title) if title else "",
        content,
    )


@register.inclusion_tag("parts/steps.html")
def steps(current: int, *labels: str) -> dict[str, Any]:
    """``{% steps 2 "たのむこと" "場所と日時" "確認" "人を選ぶ" %}``, ``current`` from 1."""
    return {"current": current, "labels": labels, "count": len(labels)}


@register.simple_block_tag
def moment(content: str, state: str, title: str, icon_name: str = "", level: int = 2) -> str:
    """One entry of ``<ol class="timeline">``; ``state``: done, now, next."""
    return format_html(
        '<li{}><span class="timeline__dot">{}</span><div class="timeline__text">'
        '<h{} class="timeline__head">{}</h{}>{}</div></li>',
        {
            "now": mark_safe(' class="is-now" aria-current="step"'),
            "next": mark_safe(' class="is-next"'),
        }.get(state, ""),
        icon(icon_name or {"now": "clock", "next": "heart"}.get(state, "check")),
        level,
        title,
        level,
        content,
    )


@register.inclusion_tag("parts/timeline.html")
def timeline(items: Iterable[Mapping[str, Any]], level: int = 2) -> dict[str, Any]:
    """A whole timeline of ``{"state", "title", "icon", "lines": [...], "note"}``."""
    return {"items": items, "level": level}


# --- lists --------------------------------------------------------------------------------------
@register.simple_tag
def fact(term: str, value: object, note: str = "") -> SafeString:
    """One line of ``<dl class="facts">`` (``facts--ruled`` draws lines between)."""
    return format_html(
        "<div><dt>{}</dt><dd>{}{}</dd></div>",
        term,
        value,
        format_html('<span class="note">{}</span>', note) if note else "",
    )


@register.simple_tag
def facts(rows: Iterable[tuple[Any, ...]], ruled: bool = False) -> SafeString:
    """A list of (term, value) or (term, value, note)."""
    return format_html(
        '<dl class="facts{}">{}</dl>',
        " facts--ruled" if ruled else "",
        format_html_join("", "{}", ((fact(*row),) for row in rows)),
    )


@register.simple_tag
def figure(term: str, value: object, unit: str = "", note: str = "") -> SafeString:
    """One of ``<dl class="figures">``: a term, a big figure, its unit, a line below."""
    number = grouped(value) if isinstance(value, int) else value
    return format_html(
        '<div class="figure"><dt>{}</dt><dd class="figure__value">{}{}</dd>{}</div>',
        term,
        number,
        format_html("<small> {}</small>", unit) if unit else "",
        format_html('<dd class="note">{}</dd>', note) if note else "",
    )


@register.simple_tag
def reasons(lines: Iterable[str], label: str = "") -> SafeString:
    """Reasons, one a line, each with a tick."""
    return format_html(
        '<ul class="reasons"{}>{}</ul>',
        format_html(' aria-label="{}"', label) if label else "",
        format_html_join(
            "", "<li>{}<span>{}</span></li>", ((icon("check"), line) for line in lines)
        ),
    )


@register.simple_tag
def date_tile(day: Any) -> SafeString:
    """The day as a tile: month, big day, weekday."""
    day = wording.day_of(day)
    return format_html(
        '<p class="date"><span>{}月</span><b>{}</b><span>{}曜日</span></p>',
        day.month,
        day.day,
        wording.WEEKDAYS[day.weekday()],
    )


@register.inclusion_tag("parts/row.html")
def row_link(
    url: str, title: str, note: str = "", icon_name: str = "", day: Any = None
) -> dict[str, Any]:
    """An ``<li>`` of ``<ul class="card card--flush rows">`` that is pressed as a whole."""
    return {"url": url, "title": title, "note": note, "icon_name": icon_name, "day": day}


@register.inclusion_tag("parts/flow.html")
def flow(giver: Mapping[str, Any], taker: Mapping[str, Any], amount: int) -> dict[str, Any]:
    """Coins from one to another; each ``{"name", "seed", "label", "town"}``."""
    return {"giver": giver, "taker": taker, "amount": amount}


@register.simple_block_tag
def table_region(content: str, label: str) -> str:
    """A table that scrolls sideways in a named, focusable region."""
    return format_html(
        '<div class="table-wrap" role="region" aria-label="{}" tabindex="0">{}</div>',
        label,
        content,
    )


@register.inclusion_tag("parts/sos.html", takes_context=True)
def sos(
    context: Context, contact: str = "", contact_url: str = "", note: str = ""
) -> dict[str, Any]:
    """「困ったとき」, where the header's link leads: 119, the office, and the other person.

    ``contact``: how the other one is called (青空さん); the office is the page's municipality's.
    A page in whose time somebody may ask the office for help has ``sos_press``: its address and
    the press's id. The button shows on the second touch, when the part was led to.
    """
    return {
        "press": context.get("sos_press"),
        "municipality": context.get("municipality"),
        "contact": contact,
        "contact_url": contact_url,
        "note": note,
    }


@register.inclusion_tag("parts/back.html")
def back(url: str, label: str) -> dict[str, str]:
    return {"url": url, "label": label}


@register.inclusion_tag("parts/knot.html")
def knot() -> dict[str, Any]:
    """The tied cord (水引) of the thank-you page."""
    return {}
