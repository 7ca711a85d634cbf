"""What a trial of new rules shows and gives away: totals, people, and the lines that differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict

from kyojo.civic.earnings.trial_figures import HelpTrial, Line, Mine, Sums
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.trying import Tried
from kyojo.kernel.amounts import signed
from kyojo.kernel.text import fiscal_year_name

from .. import export
from ..access import DeskRequest, page
from ..listing import Column
from . import trial

#: So many rows of a table are on the page; all of them are in its file.
SHOWN_MOST = 30
GONE = "退会した人"
#: What can be taken away, and what its file is called.
FILES = {"people": "ひとりずつ", "lines": "変わる手伝い"}


@dataclass(frozen=True)
class Total:
    """A line of the table of totals; values as words."""

    name: str
    old: str
    new: str
    difference: str


def help_context(found: HelpTrial, document: Document) -> dict[str, Any]:
    """What the part of the page about settled help needs."""
    warned = found.warned
    return {
        "year_name": fiscal_year_name(found.fiscal_year),
        "totals": totals(found, document),
        "people": found.people[:SHOWN_MOST],
        "people_count": len(found.people),
        "lines": found.differing[:SHOWN_MOST],
        "lines_count": len(found.differing),
        "lines_all": len(found.lines),
        "traded": found.traded,
        "in_yen": _has_yen(found),
        "in_units": document.unit != "円" and document.kind != "time-deposit",
        "has_hours": bool(found.hours_unit),
        "has_trade": any(one.is_yen for one in found.traded),
        "unit": document.unit,
        "hours_unit": found.hours_unit,
        "warned": len(warned),
        "warned_people": len({one.helper.pk for one in warned if one.helper}),
        "warning": warned[0].wage if warned else (),
        "more": sum(_gain(one) > 0 for one in found.people),
        "less": sum(_gain(one) < 0 for one in found.people),
        "same": sum(_gain(one) == 0 for one in found.people),
        "as_cashed": bool(document.ticket and document.ticket.share_at == "cash"),
        "is_handed": any(not one.minutes for one in found.lines),
        "refused_new": sum(bool(x.new.refused) and not x.old.refused for x in found.lines),
    }


def _gain(one: Mine) -> int:
    """What one gets more, of whatever they get: yen, else units, else hours."""
    return (
        one.difference_yen
        or one.difference_pieces
        or one.difference_units
        or one.cashed_new_yen - one.cashed_old_yen
    )


def _has_yen(found: HelpTrial) -> bool:
    return any(one.due.payer_yen for one in (found.old, found.new))


def totals(found: HelpTrial, document: Document) -> list[Total]:
    """In the order in which money goes: paid, to the helpers, to the office, kept."""
    old, new = found.old, found.new
    rows = [_total("数えた手伝い（回）", old, new, lambda one: one.times)]
    if old.refused or new.refused:
        rows.append(_total("書けない手伝い（回）", old, new, lambda one: one.refused))
    if document.unit != "円" and document.kind != "time-deposit":
        name = f"手わたした数（{document.unit}）"
        rows.append(_total(name, old, new, lambda one: one.due.pieces))
    if _has_yen(found):
        for name, key in (
            ("手伝ってもらった人が払う額（円）", "payer_yen"),
            ("手伝った人が受け取る額（円）", "person_yen"),
            ("うち実費（円）", "costs_yen"),
            ("事務費など、事務局の分（円）", "office_yen"),
            ("事務局への寄付（円）", "donated_yen"),
            ("時間であずける分（円）", "deposited_yen"),
        ):
            total = _total(name, old, new, _yen(key))
            if (total.old, total.new) != ("0", "0"):
                rows.append(total)
    if old.units or new.units:
        name = f"あずける時間（{found.hours_unit}）"
        rows.append(_total(name, old, new, lambda one: one.units))
    return rows


def _yen(key: str) -> Callable[[Sums], int]:
    return lambda one: int(getattr(one.due, key))


def _total(name: str, old: Sums, new: Sums, of: Callable[[Sums], int]) -> Total:
    before, after = of(old), of(new)
    return Total(name, f"{before:,}", f"{after:,}", signed(after - before))


# --- files ----------------------------------------------------------------------------------------


def _people(yen: bool, pieces: str, hours: str, trade: bool) -> tuple[Column, ...]:
    columns = [
        Column("kana", "会員", lambda row: row.person.kana),
        Column("name", "名前", lambda row: row.person.name),
        Column("number", "会員番号", lambda row: row.person.number),
        Column("times_old", "いま（回）", lambda row: row.old.times),
        Column("times_new", "あたらしく（回）", lambda row: row.new.times),
    ]
    kinds: list[tuple[str, Callable[[Mine], int], Callable[[Mine], int]]] = []
    if yen:
        kinds.append(("受け取る円", lambda r: r.old.due.person_yen, lambda r: r.new.due.person_yen))
        kinds.append(("うち実費", lambda r: r.old.due.costs_yen, lambda r: r.new.due.costs_yen))
    if pieces:
        kinds.append(
            (f"受け取る数（{pieces}）", lambda r: r.old.due.pieces, lambda r: r.new.due.pieces)
        )
    if hours:
        kinds.append((f"あずける時間（{hours}）", lambda r: r.old.units, lambda r: r.new.units))
    if trade:
        kinds.append(("買う円", lambda r: r.bought_old_yen, lambda r: r.bought_new_yen))
        kinds.append(("お金にかえる円", lambda r: r.cashed_old_yen, lambda r: r.cashed_new_yen))
    for name, old, new in kinds:
        columns += [
            Column(name, f"{name} いま", old, is_number=True),
            Column(name, f"{name} あたらしく", new, is_number=True),
            Column(name, f"{name} 差", _minus(old, new), is_number=True),
        ]
    return tuple(columns)


def _minus(old: Callable[[Mine], int], new: Callable[[Mine], int]) -> Callable[[Mine], int]:
    return lambda row: new(row) - old(row)


COUNTED_PEOPLE = (
    Column("kana", "会員", lambda row: row.person.kana),
    Column("name", "名前", lambda row: row.person.name),
    Column("number", "会員番号", lambda row: row.person.number),
    Column("old", "いま", lambda row: row.old),
    Column("new", "あたらしく", lambda row: row.new),
    Column("difference", "差", lambda row: row.difference),
    Column("old_yen", "いま（円）", lambda row: row.old_yen),
    Column("new_yen", "あたらしく（円）", lambda row: row.new_yen),
    Column("difference_yen", "差（円）", lambda row: row.difference_yen),
)


def _who(of: Callable[[Line], Person | None], part: str) -> Callable[[Line], str]:
    def said(row: Line) -> str:
        person = of(row)
        return getattr(person, part) if person else GONE if part != "number" else ""

    return said


def _side(name: str, of: Callable[[Line], Tried]) -> list[Column]:
    return [
        Column(name, f"払う円 {name}", lambda row: of(row).due.payer_yen),
        Column(name, f"手伝った人へ {name}", lambda row: of(row).due.person_yen),
        Column(name, f"事務局へ {name}", lambda row: of(row).due.office_yen),
        Column(name, f"寄付 {name}", lambda row: of(row).due.donated_yen),
        Column(name, f"時間預託（円） {name}", lambda row: of(row).due.deposited_yen),
        Column(name, f"あずける時間 {name}", lambda row: of(row).units),
        Column(name, f"枚・個 {name}", lambda row: of(row).due.pieces),
        Column(name, f"書けないわけ {name}", lambda row: of(row).refused),
    ]


LINES = (
    Column("at", "日時", lambda row: row.at),
    Column("minutes", "分", lambda row: row.minutes or None),
    Column("activity", "手伝ったこと", lambda row: row.activity),
    Column("helped", "手伝ってもらった人", _who(lambda row: row.helped, "kana")),
    Column("helped_no", "その会員番号", _who(lambda row: row.helped, "number")),
    Column("helper", "手伝った人", _who(lambda row: row.helper, "kana")),
    Column("helper_no", "その会員番号", _who(lambda row: row.helper, "number")),
    *_side("いま", lambda row: row.old),
    *_side("あたらしく", lambda row: row.new),
    Column("why", "あたらしいきまりのわけ", lambda row: row.why),
    Column("wage", "最低賃金", lambda row: "".join(row.wage)),
)


def file_asked(posted: QueryDict) -> tuple[str, str] | None:
    """(what, format) of the file that a press asks for."""
    what, _, kind = posted.get("do", "").partition("-")
    return (what, kind) if what in FILES and kind in export.FORMATS else None


def file_of(
    request: DeskRequest, asked: tuple[str, str], found: trial.Trial, code: str
) -> HttpResponse | None:
    """The file, or before a Shift-JIS file what it would replace; None: there is nothing to give.

    Taking it away goes on record.
    """
    what, kind = asked
    columns, rows = _table(what, found)
    if not rows:
        return None
    title = f"{FILES[what]} {code}"
    if kind == "sjis" and request.POST.get("go") != "1":
        _, replaced = export.substitutions(export.table_texts(columns, rows))
        if replaced:
            return _substitutions(request, what, title, replaced)
    act_record(
        actor=request.desk.user,
        action="list_taken",
        subject_kind="list",
        subject_id=f"trial-{what}",
        note=f"{kind} {len(rows)}",
    )
    name = f"kyojo-trial-{what}"
    return export.table_file(kind, name=name, title=title, columns=columns, rows=rows)


def _table(what: str, found: trial.Trial) -> tuple[Sequence[Column], Sequence[Any]]:
    if found.help is not None and found.document is not None:
        if what == "lines":
            return LINES, found.help.differing
        context = help_context(found.help, found.document)
        pieces = context["unit"] if context["in_units"] else ""
        hours = found.help.hours_unit
        return _people(context["in_yen"], pieces, hours, context["has_trade"]), found.help.people
    if found.paid is not None and what == "people":
        return COUNTED_PEOPLE, found.paid.people
    return (), ()


def _substitutions(
    request: DeskRequest, what: str, title: str, replaced: Sequence[Any]
) -> HttpResponse:
    left_out = ("csrfmiddlewaretoken", "do", "go")
    return page(
        request,
        "points/trial_substitutions.html",
        "rules",
        {
            "title": title,
            "replaced": replaced,
            "what": what,
            "posted": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in left_out
                for value in values
            ],
        },
    )
