"""Nobody came, or nobody opened: what is said of it, and whose word is still waited for."""

from uuid import UUID

from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate, jhour

from .. import domain, evidence
from ..domain import Resolution, Role, State, Step
from ..errors import NoShowTooEarly
from ..models import Visit
from .closing import dispute_open
from .proving import marks_of
from .rulings import appeal_days, last_day, ruling_make, ruling_open
from .steps import Case, advance, place_rules, step_of, tell


def visit_no_show(*, visit_uid: UUID, by: Person | User, who: str, words: str = "") -> Visit:
    """Somebody was not there. ``who`` "supporter": the carer or the office says nobody came; the
    coins return once the supporter has agreed or their days to object are over
    (docs/decisions/0020). Where they were seen near, the office looks into what a carer says.
    ``who`` "carer": the supporter says nobody opened; the coins stay held, the office decides.

    Raises ``NotFound``, ``NoShowTooEarly``, ``StepNotAllowed``.
    """
    allowed = {Role.SUPPORTER} if who == "carer" else {Role.CARER, Role.OFFICE}
    with step_of(visit_uid=visit_uid, name="no_show", by=by, allowed=allowed) as case:
        visit = case.visit
        if who != "carer" and _is_said(case):
            return case.mine
        opens = visit.starts_at + domain.NO_SHOW_AFTER
        if visit.state == State.SCHEDULED and clock.now() < opens:
            raise NoShowTooEarly(opens=jhour(opens))
        name = visit.supporter_card["family_name"]
        if who == "carer":
            dispute_open(case, words or "行きましたが、どなたもいらっしゃいませんでした。")
        elif case.role is Role.CARER and visit.state == State.SCHEDULED and _was_near(case):
            dispute_open(case, words or f"{name}さんは来ませんでした。")
        else:
            _absence_say(case, by, words)
        return case.mine


def _is_said(case: Case) -> bool:
    """Whether it is known already that the supporter did not come."""
    waiting = ruling_open(case)
    return case.visit.state == State.NO_SHOW or (waiting is not None and waiting.is_absence)


def _was_near(case: Case) -> bool:
    rule = place_rules(case.visit).evidence
    return any(mark.in_window and evidence.near(mark, rule) for mark in marks_of(case.visit))


def _absence_say(case: Case, by: Person | User, words: str) -> None:
    visit, days = case.visit, appeal_days(case.visit)
    advance(case, Step.NO_SHOW, reason="absent_said")
    if isinstance(by, User):
        act_record(actor=by, action="visit_no_show", subject_kind="visit", subject_id=visit.uid)
    what = f"{jdate(visit.starts_at)}の{category_of(visit.category).name}"
    last = last_day(days)
    tell(
        case,
        Role.SUPPORTER,
        kind="visit_no_show",
        title=f"{what}は「来られなかった」と伝えられました",
        body=f"ちがうときは、{last}までにお知らせください。いっしょに確かめます。"
        "そのとおりのときは「わかりました」を押してください。"
        if days
        else "ちがうときは、センターにお電話ください。いっしょに確かめます。",
    )
    if case.role is Role.OFFICE:
        tell(
            case,
            Role.CARER,
            kind="visit_no_show",
            title=f"{what}は、来られなかったと記録しました",
            body=f"来る人のお返事があるか、{last}がすぎると、コインは全部もどります。"
            if days
            else "コインは全部もどっています。",
        )
    ruling_make(
        case,
        resolution=Resolution.RETURN,
        amount=0,
        words=words,
        asks=frozenset({Role.SUPPORTER}),
        by=by if isinstance(by, User) else None,
        is_absence=True,
    )
