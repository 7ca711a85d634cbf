"""What members and the office hold on paper: stamp cards, tickets, passbooks, invoices. As PDF.

Plain values in, bytes out. A QR code holds what its ``qr`` says: a code that the office's page
reads, never a name.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import segno

from kyojo.kernel.wording import jdate_era, jdate_plain

from .errors import CellsWrong
from .typesetting import Value, typeset

#: Five rows of ten fill half a sheet.
CELLS_MAX = 50


# --- stamp cards ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StampCard:
    """``stamps`` are the days of the stamps that are on it already; the other cells are empty.
    ``had``: what stands in front of how many there are."""

    programme: str
    year: str
    holder: str
    number: str
    counted: str
    cells: int
    qr: str
    office: str
    stamps: tuple[date, ...] = ()
    note: str = ""
    heading: str = ""
    had: str = "はじめに押してある数"

    @property
    def title(self) -> str:
        return self.heading or f"{self.counted}カード"


def stamp_cards_pdf(cards: Sequence[StampCard], *, made_on: date) -> bytes:
    """Two cards a sheet of A4, with a line to cut along.

    Raises ``GlyphsMissing``; ``CellsWrong``: more than ``CELLS_MAX`` cells, or more stamps than
    cells.
    """
    for card in cards:
        if not 1 <= card.cells <= CELLS_MAX or len(card.stamps) > card.cells:
            raise CellsWrong(maximum=CELLS_MAX)
    return typeset(
        "stamp-cards",
        {
            "title": f"{cards[0].programme} {cards[0].title}" if cards else "スタンプカード",
            "author": cards[0].office if cards else "",
            "cards": [_stamp_card(card) for card in cards],
        },
        made_on=made_on,
    )


def _stamp_card(card: StampCard) -> Value:
    days = [f"{day.month}/{day.day}" for day in card.stamps]
    return {
        "programme": card.programme,
        "heading": card.title,
        "year": card.year,
        "holder": card.holder,
        "number": card.number,
        "cells": days + [""] * (card.cells - len(days)),
        "had": f"{card.had}　{len(days)}{card.counted}" if days else "",
        "qr": _qr(card.qr),
        "alt": f"{card.number}のカードのQRコード",
        "office": card.office,
        "note": card.note,
    }


# --- tickets --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ticket:
    """``face``: what this one is, where the sheet's tickets are not all alike."""

    number: str
    qr: str
    face: str = ""


@dataclass(frozen=True, slots=True)
class TicketSheet:
    """``face``: what one ticket is (1枚, 60分); ``valid``: until when it can be used, in words."""

    programme: str
    face: str
    valid: str
    issuer: str
    tickets: tuple[Ticket, ...]
    phone: str = ""
    note: str = ""


def tickets_pdf(sheet: TicketSheet, *, made_on: date) -> bytes:
    """Ten tickets a sheet of A4, with lines to cut along. Raises ``GlyphsMissing``."""
    return typeset(
        "tickets",
        {
            "title": sheet.programme,
            "author": sheet.issuer,
            "lines": [one for one in (sheet.valid, sheet.note, sheet.issuer, sheet.phone) if one],
            "tickets": [
                {
                    "number": one.number,
                    "face": one.face or sheet.face,
                    "qr": _qr(one.qr),
                    "alt": f"{one.number}のQRコード",
                }
                for one in sheet.tickets
            ],
        },
        made_on=made_on,
    )


# --- passbooks ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """What came (``got``) or went (``gave``) on a day."""

    on: date
    what: str
    got: int = 0
    gave: int = 0


@dataclass(frozen=True, slots=True)
class Passbook:
    """``opening``: what there was before the first entry. The balances are computed."""

    programme: str
    holder: str
    number: str
    unit: str
    entries: tuple[Entry, ...]
    office: str
    opening: int = 0
    note: str = ""

    def balances(self) -> list[int]:
        """What there is after each entry."""
        found, now = [], self.opening
        for one in self.entries:
            now += one.got - one.gave
            found.append(now)
        return found


def passbook_pdf(book: Passbook, *, made_on: date) -> bytes:
    """Pages of A5; the table's head stands on every page. Raises ``GlyphsMissing``."""
    rows: list[Value] = [
        [_day(one.on), one.what, _number(one.got), _number(one.gave), _figure(left)]
        for one, left in zip(book.entries, book.balances(), strict=True)
    ]
    if book.opening:
        rows.insert(0, ["", "くりこし", "", "", _figure(book.opening)])
    return typeset(
        "passbook",
        {
            "title": f"{book.programme} 通帳",
            "author": book.office,
            "holder": book.holder,
            "number": book.number,
            "unit": f"単位：{book.unit}",
            "rows": rows,
            "office": book.office,
            "note": book.note,
            "made": f"{jdate_plain(made_on)}現在",
        },
        made_on=made_on,
    )


# --- invoices -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    what: str
    quantity: int
    unit: str
    unit_yen: int

    @property
    def yen(self) -> int:
        return self.quantity * self.unit_yen


@dataclass(frozen=True, slots=True)
class Invoice:
    """``to`` with its 様 or 御中; ``issuer``: name, address, telephone, a line each; ``pay_to``:
    the account, in words. Sums are in yen and computed; tax is not reckoned."""

    number: str
    issued_on: date
    to: str
    issuer: tuple[str, ...]
    subject: str
    rows: tuple[InvoiceRow, ...]
    pay_to: str
    due_on: date | None = None
    registration: str = ""
    note: str = ""

    @property
    def total_yen(self) -> int:
        return sum(row.yen for row in self.rows)


def invoice_pdf(invoice: Invoice, *, made_on: date) -> bytes:
    """An invoice (請求書) on A4. Raises ``GlyphsMissing``."""
    facts = [["請求番号", invoice.number], ["請求日", jdate_era(invoice.issued_on)]]
    if invoice.registration:
        facts.append(["登録番号", invoice.registration])
    terms = [["お振込先", invoice.pay_to]]
    if invoice.due_on:
        terms.insert(0, ["お支払いの期限", jdate_era(invoice.due_on)])
    return typeset(
        "invoice",
        {
            "title": "請求書",
            "author": invoice.issuer[0] if invoice.issuer else "",
            "to": invoice.to,
            "subject": invoice.subject,
            "facts": facts,
            "issuer": list(invoice.issuer),
            "total": f"{_figure(invoice.total_yen)}円",
            "rows": [
                [
                    row.what,
                    f"{_figure(row.quantity)}{row.unit}",
                    _figure(row.unit_yen),
                    _figure(row.yen),
                ]
                for row in invoice.rows
            ],
            "terms": terms,
            "note": invoice.note,
        },
        made_on=made_on,
    )


# --- shared ---------------------------------------------------------------------------------------


def _qr(content: str) -> str:
    """The QR code as SVG, with the quiet zone that readers want."""
    out = io.BytesIO()
    segno.make_qr(content, error="m").save(out, kind="svg", border=4, xmldecl=False, svgns=True)
    return out.getvalue().decode()


def _day(day: date) -> str:
    return f"{day.year}.{day.month}.{day.day}"


def _figure(number: int) -> str:
    return f"{number:,}".replace("-", "−")


def _number(number: int) -> str:
    return _figure(number) if number else ""
