"""What the two say of a visit and of each other. Words of thanks and a line back are read at once;
ratings open together; trouble goes to the office alone."""

from datetime import datetime, timedelta
from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people.models import Person
from kyojo.civic.people.suspensions import suspended_refuse
from kyojo.help.matching import services as matching
from kyojo.kernel import clock
from kyojo.kernel.contacts import NAMES, contacts_in

from ..domain import RATINGS, THANKABLE, TROUBLE, Role, tags_of
from ..errors import (
    ContactsFound,
    RatingUnknown,
    ReviewAlready,
    ReviewClosed,
    ReviewNotYet,
    WordsMissing,
)
from ..models import Review, Visit
from .reviews_opening import OTHER, opened_locked
from .steps import Case, place_rules, step_of, tell


def review_write(
    *,
    order_id: UUID,
    visit_uid: UUID,
    writer: Person,
    rating: int | None = None,
    tags: list[str] | None = None,
    message: str = "",
    is_public: bool = False,
) -> Review:
    """What ``writer``, the carer or the supporter of the visit, says of it: ``rating`` one of
    ``domain.RATINGS``, ``tags`` of ``domain.tags_of``. Without a rating a supporter's ``message``
    is a line back (``Review.Kind.ANSWER``). The same ``order_id`` again: the same review.

    The carer's message is thanks and is read at once. Everything else opens when both have
    written, at the latest ``reveal_days`` after the visit; then nobody writes any more. "There was
    trouble" stays in the writer's and the place's town, for the office; the other is not told.

    Raises ``NotFound``, ``RatingUnknown``, ``WordsMissing``, ``ContactsFound``, ``ReviewNotYet``,
    ``ReviewAlready``, ``ReviewClosed``; ``Suspended``, though trouble may always be told.
    """
    allowed = {Role.CARER, Role.SUPPORTER}
    with step_of(visit_uid=visit_uid, name="review", by=writer, allowed=allowed) as case:
        is_answer = case.role is Role.SUPPORTER and rating is None
        kind = Review.Kind.ANSWER if is_answer else Review.Kind.REVIEW
        mine = _written(case.visit, case.role, kind)
        if mine is not None:
            if mine.uid == order_id:
                return mine
            raise ReviewAlready()
        if case.visit.state not in THANKABLE:
            raise ReviewNotYet()
        words_checked(message, field="message")
        if rating != TROUBLE:
            suspended_refuse(writer)
        if is_answer:
            return _line_back(case, order_id, message)
        if rating is None or rating not in RATINGS:
            raise RatingUnknown(field="rating")
        return _judged(case, order_id, rating, tags or [], message, is_public)


def words_checked(words: str, *, field: str) -> None:
    """Raises ``ContactsFound``: free words are no way around the centre."""
    found = contacts_in(words)
    if found:
        raise ContactsFound(
            field=field, found="、".join(f"{NAMES[one.kind]}（{one.words[:40]}）" for one in found)
        )


def reveals_at(visit: Visit) -> datetime:
    """When the reviews of a visit open at the latest: by the rules of the place's town."""
    days = timedelta(days=place_rules(visit).reveal_days)
    return (visit.ended_at or visit.ends_at) + days


def _written(visit: Visit, role: Role, kind: Review.Kind) -> Review | None:
    found: Review | None = Review.objects.filter(
        visit_uid=visit.uid, writer_role=role, kind=kind
    ).first()
    return found


def _judged(
    case: Case, order_id: UUID, rating: int, tags: list[str], message: str, is_public: bool
) -> Review:
    visit, opens_at = case.visit, reveals_at(case.visit)
    theirs = _theirs(case)
    if theirs is not None and (theirs.revealed_at or clock.now() >= opens_at):
        raise ReviewClosed()
    chosen = [tag for tag in tags_of(case.role) if tag in tags]
    is_trouble = rating == TROUBLE
    own, others = (
        (visit.carer_municipality_id, visit.supporter_municipality_id)
        if case.role is Role.CARER
        else (visit.supporter_municipality_id, visit.carer_municipality_id)
    )
    review = _store(
        case,
        [own, visit.place_municipality_id if is_trouble else others],
        uid=order_id,
        about_uid=visit.supporter_uid if case.role is Role.CARER else visit.carer_uid,
        rating=rating,
        tags=[] if is_trouble else chosen,
        message=message.strip()[:1000],
        is_public=is_public and case.role is Role.CARER and not is_trouble and bool(chosen),
        reveals_at=opens_at,
    )
    if case.role is Role.CARER:
        matching.pair_rate(
            supporter_uid=visit.supporter_uid,
            carer_uid=visit.carer_uid,
            carer_municipality_id=visit.carer_municipality_id,
            recipient_uid=visit.recipient_uid,
            category=visit.category,
            rating=rating,
        )
        if review.message and not is_trouble:
            tell(
                case,
                Role.SUPPORTER,
                kind="review_written",
                title=f"{visit.carer_card['family_name']}さんから、お礼が届きました",
                path=f"/visits/{visit.uid}/",
            )
    if theirs is not None or clock.now() >= opens_at or _trouble_written(case):
        opened_locked(case)
    review.refresh_from_db(fields=["revealed_at"])
    return review


def _theirs(case: Case) -> Review | None:
    """What the other wrote and this one may come to read."""
    visit, other = case.visit, OTHER[case.role]
    found: Review | None = (
        Review.objects.filter(visit_uid=visit.uid, writer_role=other, kind=Review.Kind.REVIEW)
        .exclude(rating=TROUBLE)
        .first()
    )
    return found


def _trouble_written(case: Case) -> bool:
    """Whether the other wrote of trouble: they have written, so that this one's opens to them."""
    visit, other = case.visit, OTHER[case.role]
    for code in sides_of(visit.carer_municipality_id, visit.supporter_municipality_id):
        with tenant(code):
            if Review.objects.filter(
                visit_uid=visit.uid, writer_role=other, rating=TROUBLE
            ).exists():
                return True
    return False


def _line_back(case: Case, order_id: UUID, message: str) -> Review:
    visit = case.visit
    if not message.strip():
        raise WordsMissing(field="message")
    review = _store(
        case,
        [visit.carer_municipality_id, visit.supporter_municipality_id],
        uid=order_id,
        kind=Review.Kind.ANSWER,
        about_uid=visit.carer_uid,
        rating=None,
        message=message.strip()[:1000],
    )
    tell(
        case,
        Role.CARER,
        kind="review_answered",
        title=f"{visit.supporter_card['family_name']}さんから、お返事が届きました",
    )
    return review


def _store(case: Case, towns: list[int], **fields: object) -> Review:
    rows: dict[int, Review] = {}
    for code in sides_of(*towns):
        with tenant(code):
            rows[code] = Review.objects.create(
                visit_uid=case.visit.uid,
                writer_uid=case.actor_uid,
                writer_role=case.role,
                category=case.visit.category,
                at=clock.now(),
                **fields,
            )
    return rows[case.start]
