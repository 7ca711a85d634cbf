"""The yes of the person whose home it is: by press, or noted by the office from a call."""

from uuid import UUID

from kyojo.civic.municipalities.twins import twins_save
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate

from ..domain import Role
from ..errors import ConsentAlready, ConsentNotAsked
from ..models import Visit
from .closing import cancel_locked
from .steps import Case, basis_checked, history, house_office_checked, step_of, tell

MAY_ANSWER = {Role.RECIPIENT, Role.OFFICE}


def consent_give(*, visit_uid: UUID, by: Person | User, basis: str = "") -> Visit:
    """The visit is welcome. ``by`` the person who lives there, or staff with a ``basis``
    (``phone``, ``paper``, ``counter``). Given already: nothing changes.

    Raises ``NotFound``, ``ConsentNotAsked``, ``ConsentAlready`` (declined), ``BasisMissing``.
    """
    with step_of(visit_uid=visit_uid, name="consent_give", by=by, allowed=MAY_ANSWER) as case:
        if case.visit.consent == Visit.Consent.GIVEN:
            return case.mine
        _answer(case, by, basis, Visit.Consent.GIVEN)
        family = _recipient_name(case)
        what = category_of(case.visit.category).name
        for role in (Role.SUPPORTER, Role.CARER):
            tell(
                case,
                role,
                kind="visit_consent_given",
                title=f"{family}から「来てください」のお返事がありました",
                body=f"{jdate(case.visit.starts_at)}の{what}です。"
                + (
                    "行き先と、会う人が見られるようになりました。" if role is Role.SUPPORTER else ""
                ),
            )
        return case.mine


def consent_decline(*, visit_uid: UUID, by: Person | User, basis: str = "") -> Visit:
    """The visit is not welcome this time: it is cancelled, every coin returns, both are told.

    Raises ``NotFound``, ``ConsentNotAsked``, ``ConsentAlready``, ``BasisMissing``,
    ``StepNotAllowed`` (it has begun).
    """
    with step_of(visit_uid=visit_uid, name="consent_decline", by=by, allowed=MAY_ANSWER) as case:
        if case.visit.consent == Visit.Consent.DECLINED:
            return case.mine
        _answer(case, by, basis, Visit.Consent.DECLINED)
        cancel_locked(case, reason="consent_declined")
        for role in (Role.SUPPORTER, Role.CARER):
            # The supporter does not learn whose house it would have been.
            family = "お宅の方" if role is Role.SUPPORTER else _recipient_name(case)
            tell(
                case,
                role,
                kind="visit_consent_declined",
                title=f"{family}から「今回はやめておく」のお返事がありました",
                body=f"{jdate(case.visit.starts_at)}の予定は取り消しました。"
                "コインは全部もどっています。",
            )
        return case.mine


def _answer(case: Case, by: Person | User, basis: str, answer: str) -> None:
    house_office_checked(case)
    if isinstance(by, User):
        basis_checked(basis)
    if case.visit.consent == Visit.Consent.NOT_NEEDED:
        raise ConsentNotAsked()
    if case.visit.consent != Visit.Consent.ASKED or case.visit.state != "scheduled":
        raise ConsentAlready()
    twins_save(
        case.rows,
        consent=answer,
        consent_basis=basis if isinstance(by, User) else "press",
        consent_at=clock.now(),
    )
    state = case.visit.state
    history(case, before=state, after=state, reason=f"consent_{answer}")
    if isinstance(by, User):
        act_record(
            actor=by,
            action=f"consent_{answer}",
            subject_kind="visit",
            subject_id=case.visit.uid,
            basis=basis,
        )


def _recipient_name(case: Case) -> str:
    name = case.visit.recipient_card.get("name")
    return f"{name}さん" if name else "お宅の方"
