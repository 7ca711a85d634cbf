"""Thanks: from the carer to the supporter, and a line back. Trouble goes to the office alone."""

from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import sides_of
from kyojo.civic.people.models import Person
from kyojo.help.matching import services as matching
from kyojo.kernel import clock

from ..domain import RATINGS, TAGS, TROUBLE, Role, State
from ..errors import RatingUnknown, ReviewAlready, ReviewNotYet, WordsMissing
from ..models import Review
from .steps import Case, step_of, tell

THANKABLE = (State.ENDED, State.CONFIRMED, State.SETTLED, State.DISPUTED, State.RESOLVED)


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
    """The carer's thanks (``rating`` one of ``domain.RATINGS``), or the supporter's line back
    (``message`` only). The same ``order_id`` again: the same review.

    "There was trouble" stays in the carer's and the place's town, for the office; the supporter
    is not told. Raises ``NotFound``, ``RatingUnknown``, ``WordsMissing``, ``ReviewNotYet``,
    ``ReviewAlready``.
    """
    allowed = {Role.CARER, Role.SUPPORTER}
    with step_of(visit_uid=visit_uid, name="review", by=writer, allowed=allowed) as case:
        visit = case.visit
        mine = Review.objects.filter(visit_uid=visit.uid, writer_role=case.role).first()
        if mine is not None:
            if mine.uid == order_id:
                return mine
            raise ReviewAlready()
        if visit.state not in THANKABLE:
            raise ReviewNotYet()
        if case.role is Role.SUPPORTER:
            return _line_back(case, order_id, message)
        if rating is None or rating not in RATINGS:
            raise RatingUnknown(field="rating")
        chosen = [tag for tag in TAGS if tag in (tags or [])]
        trouble = rating == TROUBLE
        towns = [visit.carer_municipality_id]
        towns.append(visit.place_municipality_id if trouble else visit.supporter_municipality_id)
        review = _store(
            case,
            towns,
            uid=order_id,
            about_uid=visit.supporter_uid,
            rating=rating,
            tags=[] if trouble else chosen,
            message=message.strip()[:1000],
            is_public=is_public and not trouble and bool(chosen),
        )
        matching.pair_rate(
            supporter_uid=visit.supporter_uid,
            carer_uid=visit.carer_uid,
            carer_municipality_id=visit.carer_municipality_id,
            recipient_uid=visit.recipient_uid,
            category=visit.category,
            rating=rating,
        )
        if not trouble:
            matching.rating_add(
                supporter_uid=visit.supporter_uid,
                supporter_municipality_id=visit.supporter_municipality_id,
                rating=rating,
                tags=[TAGS[tag] for tag in chosen] if review.is_public else [],
            )
            tell(
                case,
                Role.SUPPORTER,
                kind="review_written",
                title=f"{visit.carer_card['family_name']}さんから、お礼が届きました",
                path=f"/visits/{visit.uid}/",
            )
        return review


def _line_back(case: Case, order_id: UUID, message: str) -> Review:
    visit = case.visit
    if not message.strip():
        raise WordsMissing(field="message")
    review = _store(
        case,
        [visit.carer_municipality_id, visit.supporter_municipality_id],
        uid=order_id,
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
