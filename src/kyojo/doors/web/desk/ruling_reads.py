"""What the desk's page of a visit says of rulings about its coins."""

from datetime import date, timedelta
from typing import Any

from kyojo.civic.people.staff_selectors import appeal_officer_then, name_of
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.support.models import Ruling, Visit
from kyojo.help.support.selectors import appeal_due_at, decider_there, rulings_of
from kyojo.kernel import clock

from .words import BASES, ROLES

RESOLUTIONS = {"pay": "全部お渡しする", "pay_part": "一部をお渡しする", "return": "お返しする"}


def ruling_context(visit: Visit, *, user_id: int, is_officer: bool) -> dict[str, Any]:
    """As the login ``user_id`` sees it. ``ruling`` waits, None where none does; ``rulings`` are
    over. ``may_decide_appeal``: they decide as an officer does, and are not the one who ruled;
    ``decider_there``: somebody else may. ``may_note_yes``: they may note that whoever loses
    agrees."""
    found = rulings_of(visit.uid)
    waiting = next((one for one in found if one.ended_at is None), None)
    due = appeal_due_at(waiting, programme_current()[1])
    return {
        "ruling": _said(waiting) if waiting else None,
        "rulings": [_said(one) for one in found if one.ended_at is not None],
        "appeal_due": due,
        "appeal_last": _last_day(waiting),
        "appeal_is_late": due is not None and clock.now() > due,
        "may_decide_appeal": waiting is not None and is_officer and waiting.made_by_id != user_id,
        "may_note_yes": waiting is not None and waiting.made_by_id != user_id,
        "decider_there": decider_there(visit, but=waiting.made_by_id if waiting else user_id),
        "is_disputed": visit.state == Visit.State.DISPUTED and waiting is None,
    }


def _said(one: Ruling) -> dict[str, Any]:
    return {
        "by": ROLES.get(one.made_by_role, ""),
        "outsider": _outsider(one),
        "at": one.made_at,
        "is_absence": one.is_absence,
        "what": RESOLUTIONS.get(one.resolution, one.resolution),
        "coins": one.paid_coins,
        "words": one.words,
        "until": one.appeal_until,
        "answers": [
            {"who": ROLES[role], "at": at}
            for role, asks, at in (
                ("carer", one.asks_carer, one.carer_agreed_at),
                ("supporter", one.asks_supporter, one.supporter_agreed_at),
            )
            if asks
        ],
        "appealed_at": one.appealed_at,
        "appealed_by": ROLES.get(one.appealed_by_role, ""),
        "appeal_words": one.appeal_words,
        "appeal_basis": BASES.get(one.appeal_basis, ""),
        "ended_at": one.ended_at,
        "outcome": one.get_outcome_display(),
    }


def _outsider(one: Ruling) -> dict[str, Any] | None:
    """Who made it from outside, and who let them in and when; None for a desk's own."""
    found = appeal_officer_then(one.made_by_id, one.made_at) if one.made_by_id else None
    if found is None:
        return None
    return {
        "name": f"{found.title}・{found.name}",
        "by": name_of(found.made_by_id),
        "at": found.made_at,
    }


def _last_day(one: Ruling | None) -> date | None:
    """The last day on which somebody may object."""
    if one is None or one.appeal_until is None:
        return None
    return clock.local(one.appeal_until - timedelta(minutes=1)).date()
