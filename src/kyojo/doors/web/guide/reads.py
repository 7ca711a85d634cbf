"""What the pages show beside the guidance's own answers: figures as tables, days, where it is from.
Nothing is decided here."""

import re
from dataclasses import dataclass
from typing import Any

from kyojo.civic.programmes.errors import DocumentUnreadable
from kyojo.civic.programmes.guidance import chooser, payments_law, transport, wages
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.civic.programmes.rules.reading import check, read
from kyojo.kernel.errors import NotFound

#: The sources that are called by a number in our files.
BOOKS = {
    "000": "「“ケアする人をサポートする”共助プラットフォームの展開」"
    "（Beyond 5G新経営戦略センター リーダーズフォーラム）",
    "002": "『新地域支援 助け合い活動創出ブック 改訂版』（2015年ごろの本）",
}
PAID_WORDS = {"paid": "有償", "either": "どちらでも", "unpaid": "無償"}
PAID_TITLES = {
    "paid": "有償（お礼をわたす）が合います",
    "either": "有償でも無償でも合います",
    "unpaid": "無償が合います",
}
#: How an answer's banner looks, by its verdict: (kind, the words before the name).
TRANSPORT_BANNERS = {
    "none": ("good", ""),
    "registration": ("warn", "登録がいります："),
    "permit": ("bad", "許可がいります："),
    "ask": ("info", ""),
}
WAGE_KINDS = {"below": "good", "no_money": "info"}
FAULTS_SHOWN = 50


@dataclass(frozen=True)
class Fault:
    """A mistake of a document with the line as it stands."""

    line: int
    key: str
    allowed: str
    text: str


def books(*sources: str) -> list[str]:
    """What the numbers in ``sources`` are: ``「002」は、『…』です。``"""
    return [
        f"「{code}」は、{name}です。"
        for code, name in BOOKS.items()
        if any(re.search(rf"\b{code}\b", one, re.ASCII) for one in sources)
    ]


def days() -> dict[str, Any]:
    """As of which day each rule is known."""
    return {
        "figures": chooser.figures().currency.as_of,
        "transport": transport.law().rule_sets[-1],
        "wages": wages.table(),
        "payments": payments_law.law(),
    }


# --- figures --------------------------------------------------------------------------------------
def currency_rows(closeness: str) -> list[dict[str, Any]]:
    """The figure, a row for each kind; ``own`` marks the column of ``closeness``."""
    known = chooser.figures()
    return [
        {
            "code": kind,
            "label": known.currency.labels[kind],
            "cells": [
                {"label": grade.label, "mark": mark, "own": grade.code == closeness}
                for grade, mark in zip(known.closeness, marks, strict=True)
            ],
        }
        for kind, marks in known.currency.marks.items()
    ]


def currency_fits(chosen: chooser.CurrencyChoice) -> list[dict[str, str]]:
    """The kinds, the best first, each with its mark and what the mark says. A kind's sample is
    called like the kind."""
    labels = chooser.figures().currency.labels
    return [
        {
            "code": kind,
            "label": labels[kind],
            "mark": chosen.marks[kind],
            "words": chooser.FITS[chosen.marks[kind]],
        }
        for kind in chosen.order
    ]


def paid_rows(closeness: str, weight: str) -> list[dict[str, Any]]:
    """The figure, a row for each weight; ``own`` marks the cell that was asked for."""
    known = chooser.figures()
    return [
        {
            "label": row.label,
            "cells": [
                {
                    "label": grade.label,
                    "words": PAID_WORDS[payment],
                    "own": (grade.code, row.code) == (closeness, weight),
                }
                for grade, payment in zip(known.closeness, known.paid.cells[row.code], strict=True)
            ],
        }
        for row in known.weight
    ]


# --- documents ------------------------------------------------------------------------------------
def sample(code: str) -> tuple[str, Document]:
    """A document of the house, as text and read. Raises ``NotFound``."""
    if code not in preset_names():
        raise NotFound()
    text = preset(code)
    return text, read(text)


def tried(text: str) -> tuple[Document | None, list[Fault]]:
    """The document, or its mistakes by line. Raises ``DocumentUnreadable``."""
    document, mistakes = check(text)
    lines = text.split("\n")
    return document, [
        Fault(
            one.line,
            one.key,
            one.allowed,
            "" if one.rule == "missing" else line_at(lines, one.line),  # it stands nowhere yet
        )
        for one in mistakes
    ]


def unreadable(text: str, refused: DocumentUnreadable) -> list[Fault]:
    """The line that is not TOML, if the reader names one."""
    line = refused.data.get("line")
    if line is None:
        return []
    return [Fault(line, "", "TOMLの書き方に合う行", line_at(text.split("\n"), line))]


def line_at(lines: list[str], number: int) -> str:
    return lines[number - 1].strip()[:120] if 1 <= number <= len(lines) else ""
