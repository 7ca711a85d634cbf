"""What help that was really given would come to under another document. Pure.

A record says what was done and what its payer gave; a document that leaves the payer less room
takes the nearest that it allows, and the line says so (``taken``). Help that a document would not
have let anybody write down comes to nothing (``refused``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..errors import ThanksUnfit
from .consistency_paid import is_in_yen
from .model import Document, Worth
from .thanks import Due, due, per_words, steps_of

NOTHING = Due(0, 0, 0, 0, 0, 0, 0, 0, "")


@dataclass(frozen=True, slots=True)
class Given:
    """One time of help as it was. ``each_yen``: what its payer gave for one unit of the document
    that held then, ``unit_minutes`` long; None: a visit of any length."""

    activity: str
    minutes: int
    costs_yen: int
    each_yen: int
    unit_minutes: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What it comes to. ``units`` are hours deposited of another programme (in its own unit)."""

    due: Due = NOTHING
    units: int = 0
    refused: str = ""
    taken: tuple[str, ...] = ()

    @property
    def person_yen(self) -> int:
        return self.due.person_yen


def tried(document: Document, given: Given, hours: Worth | None) -> Tried:
    """``given`` under ``document``. ``hours``: what the units of ``thanks.deposit_in`` are worth;
    None: the town has no such programme."""
    taken: list[str] = []
    costs_yen = _costs(document, given.costs_yen, taken)
    steps = steps_of(document, given.minutes)
    try:
        found = due(
            document,
            activity=given.activity,
            minutes=given.minutes,
            costs_yen=costs_yen,
            chosen_yen=_chosen(document, given, steps, taken),
        )
    except ThanksUnfit as refused:
        return Tried(refused=refused.message())
    units = 0
    if document.thanks and document.thanks.deposit_in:
        if hours is None:
            return Tried(refused="お礼の一部をあずける時間預託の制度が、この町にありません。")
        units, kept_yen = kept(found.deposited_yen, hours)
        rest = found.deposited_yen - kept_yen
        found = replace(found, person_yen=found.person_yen + rest, deposited_yen=kept_yen)
    return Tried(cashed(document, found), units, taken=tuple(taken))


def handed(document: Document, units: int, then: Document) -> Due:
    """``units`` that somebody gave for help of a length nobody wrote down, under ``document``:
    the help was as long as they were due for ``then``."""
    pieces = units * _rate(document) // _rate(then) if _same_measure(document, then) else units
    ticket = document.ticket
    if ticket is not None:
        of = document.worth.of if document.worth and document.kind == "time-deposit" else 1
        person, office = pieces * ticket.paid_yen // of, pieces * ticket.office_yen // of
    else:
        person, office = document.worth.yen_of(pieces) if document.worth else 0, 0
    return replace(
        NOTHING,
        pieces=pieces,
        payer_yen=person + office,
        person_yen=person,
        office_yen=office,
        rule="earning.units",
    )


def deposited(document: Document, units: int) -> Due:
    """Hours that somebody earned in a time deposit: what who was helped pays, and is kept."""
    ticket, of = document.ticket, document.worth.of if document.worth else 1
    kept_yen = -(-units * ticket.paid_yen // of) if ticket else 0
    office = units * ticket.office_yen // of if ticket else 0
    return replace(
        NOTHING,
        payer_yen=kept_yen + office,
        deposited_yen=kept_yen,
        office_yen=office,
        rule="earning.units",
    )


def kept(yen: int, hours: Worth) -> tuple[int, int]:
    """(units, yen): the whole units of hours that ``yen`` become, and what these are worth."""
    if not hours.yen:
        return 0, 0
    units = yen * hours.of // hours.yen
    return units, -(-units * hours.yen // hours.of)


def cashed(document: Document, found: Due) -> Due:
    """Tickets and stamps as if all were cashed: the office takes its share then."""
    ticket = document.ticket
    if not found.pieces or ticket is None or ticket.share_at != "cash":
        return found
    office = min(found.person_yen, ticket.office_yen * found.pieces)
    return replace(
        found, person_yen=found.person_yen - office, office_yen=found.office_yen + office
    )


def hourly_yen(found: Due, minutes: int) -> Fraction:
    """What an hour of this help brings the helper, with what is deposited for them and without
    costs, which are no thanks."""
    return Fraction((found.person_yen + found.deposited_yen - found.costs_yen) * 60, minutes)


def comparable(old: Document, new: Document) -> bool:
    """Whether what one document counts can be set beside what the other does."""
    return (old.kind, old.unit) == (new.kind, new.unit)


def added(dues: Sequence[Due]) -> Due:
    """The sum of many."""
    names = [name for name in Due.__slots__ if name != "rule"]  # type: ignore[attr-defined]
    return Due(rule="", **{name: sum(getattr(one, name) for one in dues) for name in names})


def _costs(document: Document, costs_yen: int, taken: list[str]) -> int:
    most = (document.thanks.costs_most_yen if document.thanks else None) or 0
    if costs_yen <= most:
        return costs_yen
    taken.append(
        f"実費は{costs_yen:,}円でしたが、上限の{most:,}円で試しました。"
        if most
        else f"実費の{costs_yen:,}円は、この決まりでは足せないので、除いて試しました。"
    )
    return most


def _chosen(document: Document, given: Given, steps: int, taken: list[str]) -> int | None:
    """What the payer would give for each unit, where the document leaves it to them."""
    thanks = document.thanks
    if thanks is None or thanks.amount != "payer_choice" or not steps:
        return None
    least, most = thanks.least_yen, thanks.most_yen
    assert least is not None
    assert most is not None
    each, minutes = given.each_yen, document.earning.minutes
    if minutes is not None and given.unit_minutes is not None and minutes != given.unit_minutes:
        each = each * minutes // given.unit_minutes
    nearest = min(max(each, least), most)
    if nearest != each:
        taken.append(
            f"{per_words(document)}につき{each:,}円でしたが、"
            f"選べる額にいちばん近い{nearest:,}円で試しました。"
        )
    return nearest


def _rate(document: Document) -> Fraction:
    return Fraction(document.earning.units, document.earning.minutes or 1)


def _same_measure(one: Document, other: Document) -> bool:
    return not is_in_yen(one) and one.earning.per == other.earning.per
