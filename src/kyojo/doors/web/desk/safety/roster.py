"""The insurer's roster of a month: who is covered, and each visit. To take away in four forms."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.papers.reports import list_pdf
from kyojo.help.safety import roster_selectors, services
from kyojo.help.safety.roster_selectors import CoveredMember
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import grouped_phone, jclock, jdate_plain

from .. import export
from ..access import DeskRequest, page, staff
from ..listing import Column, Listing
from .papers import pdf_given, sender

#: Column of the programme's document → (heading, value).
MEMBER_COLUMNS: dict[str, tuple[str, Callable[[CoveredMember], Any]]] = {
    "number": ("会員番号", lambda row: row.number),
    "name": ("氏名", lambda row: row.name),
    "kana": ("フリガナ", lambda row: row.kana),
    "birth_date": ("生年月日", lambda row: row.birth_date),
    "address": ("住所", lambda row: row.address or None),
    "phone": ("電話番号", lambda row: grouped_phone(row.phone) or None),
    "joined": ("登録日", lambda row: row.joined),
    "left": ("退会日", lambda row: row.left),
    "town": ("市町村", lambda row: row.town),
    "planned": ("予定の回数", lambda row: row.planned_count),
    "visits": ("活動の回数", lambda row: len(row.done)),
    "minutes": ("活動の分", lambda row: row.minutes),
}
NUMBERS = ("planned", "visits", "minutes")
KINDS = {"done": "実施", "planned": "予定", "way": "移動のみ"}
VISIT_COLUMNS = (
    Column("day", "日", lambda row: row.day, sortable=True, order=("日が早い順", "日が遅い順")),
    Column("from", "始まり", lambda row: jclock(row.starts_at)),
    Column("to", "終わり", lambda row: jclock(row.ends_at)),
    Column("number", "受付番号", lambda row: row.number),
    Column("member", "会員番号", lambda row: row.member or None, sortable=True),
    Column("name", "氏名", lambda row: row.name),
    Column("kana", "フリガナ", lambda row: row.kana, sortable=True),
    Column("category", "活動の内容", lambda row: row.category, sortable=True),
    Column("town", "場所の市町村", lambda row: row.town, sortable=True),
    Column("kind", "区分", lambda row: KINDS[row.kind], sortable=True),
)
TITLES = {"members": "会員名簿（活動保険）", "visits": "活動の一覧（活動保険）"}
FORMS = (*export.FORMATS, "pdf")


def _columns() -> tuple[Column, ...]:
    """The members' columns as the programme's document has them, in its order."""
    return tuple(
        Column(
            code,
            MEMBER_COLUMNS[code][0],
            MEMBER_COLUMNS[code][1],
            sortable=code in ("number", "kana", "joined", *NUMBERS),
            is_number=code in NUMBERS,
        )
        for code in services.insurance_rule().roster
    )


def month_of(text: str) -> tuple[date, date]:
    """The first and the last day of 「2026-11」; the running month where it is none."""
    today = clock.today()
    year, month = today.year, today.month
    found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", text)
    if found:
        year, month = int(found[1]), int(found[2])
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


@staff()
def home(request: DeskRequest) -> HttpResponse:
    """The month's roster on the page, and every copy that was taken away."""
    kind = request.GET.get("kind", "members")
    if kind not in TITLES:
        raise NotFound()
    first, last = month_of(request.GET.get("month", ""))
    listing = _listing(request, kind, first, last)
    asked = request.GET.get("format", "")
    if asked in FORMS:
        return _file(request, listing, kind, first, last, asked)
    _recorded(request, kind)
    copies = roster_selectors.copies()
    shown = listing.page(100)
    labels, *lines = export.table_texts(listing.columns, list(shown["rows"]))
    context = {
        **shown,
        "cells": [list(zip(labels, line, strict=True)) for line in lines],
        "kind": kind,
        "first": first,
        "last": last,
        "month": f"{first:%Y-%m}",
        "months": _months(),
        "title": TITLES[kind],
        "copies": copies,
        "pdf_url": listing.address(format="pdf"),
        "kinds": list(TITLES.items()),
    }
    return page(request, "safety/roster.html", "safety", context)


def _recorded(request: DeskRequest, kind: str) -> None:
    """Looking at names and addresses goes on record, once for each look."""
    act_record(
        actor=request.desk.user,
        action="roster_opened",
        subject_kind="list",
        subject_id=f"roster-{kind}",
    )


def _months() -> list[tuple[str, str]]:
    """The next month, this one and the twelve before it."""
    today = clock.today()
    start = today.year * 12 + today.month
    found = []
    for index in range(start, start - 14, -1):
        year, month = divmod(index, 12)
        found.append((f"{year}-{month + 1:02}", f"{year}年{month + 1}月"))
    return found


def _listing(request: DeskRequest, kind: str, first: date, last: date) -> Listing:
    path = reverse("desk-roster")
    if kind == "members":
        columns, rows = _columns(), roster_selectors.covered_members(first, last)
        usual = next((one.code for one in columns if one.code == "kana"), columns[0].code)
        return Listing(request.GET, columns, rows, usual, path=path)
    visits = roster_selectors.covered_visits(first, last)
    return Listing(request.GET, VISIT_COLUMNS, visits, "day", path=path)


def _file(
    request: DeskRequest, listing: Listing, kind: str, first: date, last: date, form: str
) -> HttpResponse:
    """The roster in one of its forms; what it says is kept. A Shift-JIS file that would replace
    characters is given only after its reader has seen them."""
    lines = export.table_texts(listing.columns, listing.rows)
    title = f"{TITLES[kind]} {jdate_plain(first)}〜{jdate_plain(last)}"
    if form == "sjis" and request.GET.get("go") != "1":
        _, replaced = export.substitutions(lines)
        if replaced:
            return page(
                request,
                "substitutions.html",
                "safety",
                {
                    "title": title,
                    "replaced": replaced,
                    "go": listing.address(format="sjis", go="1"),
                    "utf8": listing.address(format="csv"),
                    "back_url": listing.address(),
                },
            )
    content = (
        pdf_given(
            list_pdf(
                title=title,
                headings=lines[0],
                rows=lines[1:],
                made_on=clock.today(),
                lines=sender(),
                foot=TITLES[kind],
                author=sender()[0],
            ),
            name=f"hoken-{kind}-{first:%Y-%m}.pdf",
        )
        if form == "pdf"
        else export.table_file(
            form,
            name=f"kyojo-hoken-{kind}-{first:%Y-%m}",
            title=TITLES[kind][:31],
            columns=listing.columns,
            rows=listing.rows,
        )
    )
    services.roster_taken(
        kind=kind,
        first=first,
        last=last,
        form=form,
        headings=lines[0],
        rows=lines[1:],
        by=request.desk.user,
    )
    return content


@staff()
def copy(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What was taken away, again, as it was then."""
    kept, lines = services.roster_copy_lines(uid=uid, by=request.desk.user)
    columns = [
        Column(str(place), heading, lambda row, place=place: row[place])  # type: ignore[misc]
        for place, heading in enumerate(lines[0])
    ]
    return export.table_file(
        "csv",
        name=f"kyojo-hoken-{kept.kind}-{kept.first:%Y-%m}-hikae",
        title="控え",
        columns=columns,
        rows=lines[1:],
    )
