"""Thank-you money of one time of paid help: what is due, and who gets which part of it. Pure.

Amounts are whole yen; parts of a percentage are rounded down in the office's disfavour, so that
what is left over is the helper's.
"""

from dataclasses import dataclass
from fractions import Fraction

from kyojo.kernel.wording import duration

from ..errors import ThanksUnfit
from .consistency_paid import is_in_yen
from .model import Document


@dataclass(frozen=True, slots=True)
class Due:
    """What one time of help comes to.

    ``steps`` are full units of time (or visits). ``payer_yen`` is what who was helped pays in all:
    always ``person_yen + donated_yen + deposited_yen + office_yen``. ``person_yen`` holds
    ``costs_yen``. ``pieces`` are tickets or stamps that go from hand to hand instead; then the yen
    say what they are worth, and ``office_yen`` is 0 where the office takes its share on cashing.
    ``rule`` is the key that set the amount.
    """

    steps: int
    pieces: int
    payer_yen: int
    person_yen: int
    costs_yen: int
    donated_yen: int
    deposited_yen: int
    office_yen: int
    rule: str


def settlement_of(document: Document) -> str:
    """How paid help is settled (``ticket.settlement``); "" for programmes of other kinds."""
    return document.ticket.settlement if document.kind == "ticket" and document.ticket else ""


def per_words(document: Document) -> str:
    """For what one unit of thanks is due: ``1時間``, or ``1回`` where visits are counted."""
    minutes = document.earning.minutes
    return "1回" if minutes is None else duration(minutes)


def steps_of(document: Document, minutes: int) -> int:
    """Full units of thanks in ``minutes`` of help; a visit is one."""
    earning = document.earning
    if minutes < earning.at_least_minutes or minutes < 0:
        return 0
    if earning.per == "visit":
        return 1
    assert earning.minutes is not None
    return minutes // earning.minutes


def due(
    document: Document,
    *,
    activity: str,
    minutes: int,
    costs_yen: int = 0,
    chosen_yen: int | None = None,
) -> Due:
    """What ``minutes`` of ``activity`` come to. ``chosen_yen``: what the payer wishes to give for
    each unit, where the document leaves it to them.

    Of a time deposit, all but the office's part is kept for the hours (``deposited_yen``); prices
    are those of ``worth.of`` units, and parts of a yen are kept as well, so that what lies there
    is never less than what the hours are worth.

    Raises ``ThanksUnfit`` for costs, a choice or an activity that the document does not have, and
    for help that is shorter than one unit.
    """
    ticket, thanks = document.ticket, document.thanks
    assert ticket is not None, "paid help has prices (consistency.tickets_have_prices)"
    steps = steps_of(document, minutes)
    if not steps:
        least = max(document.earning.minutes or 0, document.earning.at_least_minutes)
        raise ThanksUnfit(
            field="end", why=f"{least}分に足りない手伝いには、お礼が決められていません"
        )
    if document.activities and activity not in document.activities:
        raise ThanksUnfit(field="activity", why="この制度で決めた活動から選んでください")
    most = thanks.costs_most_yen if thanks else None
    if not 0 <= costs_yen <= (most or 0):
        why = f"実費は0円から{most:,}円までです" if most else "この制度では、実費を足せません"
        raise ThanksUnfit(field="costs_yen", why=why)
    each, rule = _each(document, activity, chosen_yen)
    if document.kind == "time-deposit":
        return _kept(document, steps, rule)
    pieces = 0 if is_in_yen(document) else steps * document.earning.units
    times = pieces or steps
    payer = each * times
    office = 0 if pieces and ticket.share_at == "cash" else ticket.office_yen * times
    rest = payer - office
    donated = deposited = 0
    if thanks and thanks.share == "office":
        office, rest = payer, 0
    elif thanks and thanks.share_percent is not None:
        part = rest * thanks.share_percent // 100
        donated, deposited = (part, 0) if thanks.share == "part_donated" else (0, part)
    return Due(
        steps=steps,
        pieces=pieces,
        payer_yen=payer + costs_yen,
        person_yen=rest - donated - deposited + costs_yen,
        costs_yen=costs_yen,
        donated_yen=donated,
        deposited_yen=deposited,
        office_yen=office,
        rule=rule,
    )


def hourly_most_yen(document: Document) -> Fraction | None:
    """The most that an hour can bring the helper, costs left out: the dearest activity or choice,
    with what is deposited for them. None: a visit of any length."""
    earning, thanks = document.earning, document.thanks
    step_minutes = earning.minutes if earning.per == "minutes" else earning.at_least_minutes
    if not step_minutes:
        return None
    prices = thanks.by_activity if thanks and thanks.by_activity else {}
    dearest = max(prices or document.activities, key=lambda code: prices.get(code, 0), default="")
    found = due(
        document,
        activity=dearest,
        minutes=max(step_minutes, earning.at_least_minutes),
        chosen_yen=thanks.most_yen if thanks else None,
    )
    return Fraction((found.person_yen + found.deposited_yen) * 60, found.steps * step_minutes)


def _kept(document: Document, steps: int, rule: str) -> Due:
    """What a time deposit keeps for the hours of one time of help."""
    ticket, of = document.ticket, document.worth.of if document.worth else 1
    assert ticket is not None
    units = steps * document.earning.units
    kept, office = -(-units * ticket.paid_yen // of), units * ticket.office_yen // of
    return Due(
        steps=steps,
        pieces=0,
        payer_yen=kept + office,
        person_yen=0,
        costs_yen=0,
        donated_yen=0,
        deposited_yen=kept,
        office_yen=office,
        rule=rule,
    )


def _each(document: Document, activity: str, chosen_yen: int | None) -> tuple[int, str]:
    """What one unit costs who was helped, and the key that says so."""
    ticket, thanks = document.ticket, document.thanks
    assert ticket is not None
    if thanks is not None and thanks.amount == "payer_choice":
        least, most = thanks.least_yen, thanks.most_yen
        assert least is not None
        assert most is not None
        if chosen_yen is None or not least <= chosen_yen <= most:
            raise ThanksUnfit(
                field="chosen_yen",
                why=f"お礼は、{per_words(document)}につき{least:,}円から{most:,}円までで選んでください",
            )
        return chosen_yen, "thanks.most_yen"
    if chosen_yen is not None:
        raise ThanksUnfit(field="chosen_yen", why="お礼の額は、この制度で決められています")
    if thanks is not None and thanks.amount == "by_kind":
        return thanks.by_activity[activity], "thanks.by_activity"
    return ticket.bought_yen, "ticket.bought_yen"
