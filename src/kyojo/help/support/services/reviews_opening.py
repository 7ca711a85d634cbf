"""When reviews open, and what the office keeps from being seen."""

from contextlib import suppress
from uuid import UUID

from kyojo.civic.municipalities.rounds import each_in_towns
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record, notice_send_to
from kyojo.help.matching import services as matching
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..domain import TAGS, TROUBLE, Role
from ..errors import HideReasonMissing
from ..models import Review, Visit
from .steps import Case, step_of, tell

#: Who reads what a side wrote.
OTHER = {Role.CARER: Role.SUPPORTER, Role.SUPPORTER: Role.CARER}
REASON_MAX = 200


def opened_locked(case: Case) -> None:
    """Open what both may read of a locked visit, count it and tell the readers. What is open
    already is not counted again."""
    visit, opened = case.visit, {}
    for code in _towns(visit):
        with tenant(code):
            rows = Review.objects.filter(
                visit_uid=visit.uid, kind=Review.Kind.REVIEW, revealed_at=None
            ).exclude(rating=TROUBLE)
            opened |= {row.uid: row for row in rows}
            rows.update(revealed_at=clock.now())
    for review in opened.values():
        if review.hidden_at is None:
            _counted(visit, review, times=1)
            writer = visit.carer_card if review.writer_role == Role.CARER else visit.supporter_card
            with suppress(NotFound):
                tell(
                    case,
                    OTHER[Role(review.writer_role)],
                    kind="review_opened",
                    title=f"{writer['family_name']}さんの評価が開きました",
                )


def reviews_reveal_due() -> int:
    """Open what has waited long enough, in every town, each visit in a transaction of its own.
    Returns how many visits' reviews were opened."""

    def act(uid: UUID) -> UUID:
        with step_of(visit_uid=uid, name="reveal", by=None, allowed=set()) as case:
            opened_locked(case)
        return uid

    return len(set(each_in_towns(_reveal_due, act, job="reviews_reveal")))


def _reveal_due() -> list[UUID]:
    waiting = Review.objects.filter(revealed_at=None, reveals_at__lte=clock.now())
    found = waiting.exclude(rating=TROUBLE).order_by().values_list("visit_uid", flat=True)
    return list(found.distinct())


def review_hide(*, visit_uid: UUID, review_uid: UUID, by: User, reason: str) -> Review:
    """The office shows a review, a thanks or a line back to nobody any more and tells its writer
    why; it stays at the desk. Hidden already: nothing changes.

    ``by`` is staff of a town that has the review. Raises ``NotFound``, ``HideReasonMissing``,
    ``OwnMatter``.
    """
    words = reason.strip()
    if not words or len(words) > REASON_MAX:
        raise HideReasonMissing(field="reason", most=REASON_MAX)
    with step_of(visit_uid=visit_uid, name="hide", by=by, allowed={Role.OFFICE}) as case:
        review = _review(review_uid, visit_uid)
        if review.hidden_at is not None:
            return review
        _set(case.visit, review_uid, hidden_at=clock.now(), hidden_reason=words)
        if review.revealed_at is not None:
            _counted(case.visit, review, times=-1)
        act_record(
            actor=by, action="review_hide", subject_kind="review", subject_id=review_uid, note=words
        )
        _writer_told(
            case.visit,
            review,
            kind="review_hidden",
            title="書いていただいた評価を、見えないようにしました",
            body=f"わけ：{words} ちがうと思うときは、センターにお電話ください。",
        )
        review.refresh_from_db()
        return review


def review_show(*, visit_uid: UUID, review_uid: UUID, by: User) -> Review:
    """What was hidden is seen again. Raises ``NotFound``, ``OwnMatter``."""
    with step_of(visit_uid=visit_uid, name="hide", by=by, allowed={Role.OFFICE}) as case:
        review = _review(review_uid, visit_uid)
        if review.hidden_at is None:
            return review
        _set(case.visit, review_uid, hidden_at=None, hidden_reason="")
        if review.revealed_at is not None:
            _counted(case.visit, review, times=1)
        act_record(actor=by, action="review_show", subject_kind="review", subject_id=review_uid)
        _writer_told(
            case.visit,
            review,
            kind="review_shown",
            title="書いていただいた評価が、また見えるようになりました",
        )
        review.refresh_from_db()
        return review


def _review(uid: UUID, visit_uid: UUID) -> Review:
    found: Review | None = Review.objects.filter(uid=uid, visit_uid=visit_uid).first()
    if found is None:
        raise NotFound()
    return found


def _set(visit: Visit, review_uid: UUID, **changes: object) -> None:
    for code in _towns(visit):
        with tenant(code):
            Review.objects.filter(uid=review_uid).update(**changes)


def _counted(visit: Visit, review: Review, *, times: int) -> None:
    """Add a carer's rating to what is known of the supporter, or take it away again."""
    if review.writer_role != Role.CARER or not review.rating or review.rating == TROUBLE:
        return
    with suppress(NotFound):  # somebody who is forgotten has no sum
        matching.rating_add(
            supporter_uid=visit.supporter_uid,
            supporter_municipality_id=visit.supporter_municipality_id,
            rating=review.rating,
            tags=[TAGS[tag] for tag in review.tags if tag in TAGS] if review.is_public else [],
            times=times,
        )


def _writer_told(visit: Visit, review: Review, *, kind: str, title: str, body: str = "") -> None:
    is_carer = review.writer_role == Role.CARER
    town = visit.carer_municipality_id if is_carer else visit.supporter_municipality_id
    with suppress(NotFound):
        notice_send_to(
            municipality_id=town,
            person_uid=review.writer_uid,
            kind=kind,
            key=f"{kind}/{review.uid}/{clock.now():%Y%m%d%H%M%S}",
            title=title,
            body=body,
            path=f"/visits/{visit.uid}/",
        )


def _towns(visit: Visit) -> list[int]:
    return sides_of(
        visit.carer_municipality_id, visit.place_municipality_id, visit.supporter_municipality_id
    )
