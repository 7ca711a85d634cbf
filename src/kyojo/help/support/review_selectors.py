"""What the two of a visit said of it, as each may read it: see ``domain.review_shown``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from kyojo.civic.people.selectors import blocked_either_way
from kyojo.civic.people.suspensions import is_suspended
from kyojo.kernel import clock

from . import domain
from .domain import THANKABLE, Role
from .models import Review, Visit


@dataclass(frozen=True)
class Said:
    """A review as one may read it: ``rating`` None and no tags while it is closed, when only words
    of thanks are read. ``hidden_reason``: told to its writer alone."""

    uid: UUID
    rating: int | None
    tag_words: list[str]
    message: str
    hidden_reason: str = ""

    @property
    def rating_words(self) -> str:
        return domain.RATINGS.get(self.rating or 0, "")


def said_of(visit: Visit, role: Role, reveal_days: int, reviews: list[Review]) -> dict[str, Any]:
    """The fields of a ``VisitView`` about reviews, as ``role`` may read them. Whoever is visited
    reads nothing of it."""
    if role not in (Role.CARER, Role.SUPPORTER):
        return {}
    opens = (visit.ended_at or visit.ends_at) + timedelta(days=reveal_days)
    silent = any(row.writer_role != role for row in reviews) and _silent(visit, role)
    mine = theirs = answer = None
    for row in reviews:
        if row.writer_role == role and row.kind == Review.Kind.REVIEW:
            mine = Said(row.uid, row.rating, _words(row), row.message, row.hidden_reason)
        elif row.writer_role == role:
            answer = row
        elif silent:
            continue
        elif row.kind == Review.Kind.REVIEW:
            theirs = _theirs(row, opens)
        elif row.hidden_at is None:
            answer = row
    by_carer, by_supporter = (mine, theirs) if role is Role.CARER else (theirs, mine)
    is_open = theirs is not None and theirs.rating is not None
    return {
        "review": by_carer,
        "review_back": by_supporter,
        "answer": answer,
        "reveals_at": opens,
        "can_review": mine is None and visit.state in THANKABLE and not is_open,
    }


def _theirs(row: Review, opens: datetime) -> Said | None:
    """What the other wrote: all of it once it is open, before that a carer's words of thanks."""
    is_shown = domain.review_shown(
        is_trouble=row.rating == domain.TROUBLE,
        is_hidden=row.hidden_at is not None,
        is_revealed=row.revealed_at is not None,
        reveals_at=row.reveals_at or opens,
        now=clock.now(),
    )
    if is_shown:
        return Said(row.uid, row.rating, _words(row), row.message)
    is_thanks = row.writer_role == Role.CARER and row.rating != domain.TROUBLE
    if is_thanks and row.message and row.hidden_at is None:
        return Said(row.uid, None, [], row.message)
    return None


def _words(row: Review) -> list[str]:
    """What was good, in the words of its writer's side."""
    words = domain.tags_of(row.writer_role)
    return [words[tag] for tag in row.tags if tag in words]


def _silent(visit: Visit, reader: Role) -> bool:
    """Whether the other is read no more: carer and supporter have nothing to do with each other any
    longer, or the other is suspended."""
    carer = (visit.carer_municipality_id, visit.carer_uid)
    supporter = (visit.supporter_municipality_id, visit.supporter_uid)
    other = supporter if reader is Role.CARER else carer
    return blocked_either_way(carer, supporter) or is_suspended(*other)


# --- about a person -------------------------------------------------------------------------------
def reviews_about(uid: UUID) -> list[Review]:
    """What is open about a person of this town, the newest first; never a word about trouble, and
    nothing the office hid."""
    found = Review.objects.filter(about_uid=uid, hidden_at=None).exclude(rating=domain.TROUBLE)
    return list(found.filter(Q(revealed_at__isnull=False) | Q(reveals_at__lte=clock.now())))


def thanks_about(uid: UUID) -> list[Review]:
    """The same and words of thanks that arrived already; their tags count once they are open."""
    found = Review.objects.filter(about_uid=uid, hidden_at=None).exclude(rating=domain.TROUBLE)
    now = clock.now()
    return [
        one
        for one in found
        if one.message
        or one.revealed_at is not None
        or (one.reveals_at is not None and one.reveals_at <= now)
    ]


def tags_public(uid: UUID) -> dict[str, int]:
    """How often each good point was said about a person and may be shown, by its words."""
    counts: dict[str, int] = {}
    for review in reviews_about(uid):
        for tag in review.tags if review.is_public else ():
            if tag in domain.TAGS:
                counts[domain.TAGS[tag]] = counts.get(domain.TAGS[tag], 0) + 1
    return dict(sorted(counts.items(), key=lambda entry: -entry[1]))


def reviews_trouble() -> QuerySet[Review]:
    """What troubled carers and supporters, for the office, the newest first."""
    return Review.objects.filter(rating=domain.TROUBLE)


def reviews_of_visit(uid: UUID) -> list[Review]:
    """Everything said of a visit, for the desk: also what is closed or hidden, the oldest first."""
    return list(Review.objects.filter(visit_uid=uid).order_by("at", "id"))
