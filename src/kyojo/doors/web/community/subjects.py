"""What a report may be about, and about whom: only what the reporter has seen themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from kyojo.civic.people.models import Person
from kyojo.help.community import selectors as community
from kyojo.help.matching import selectors as matching
from kyojo.help.requests.selectors import request_for_carer
from kyojo.help.support.models import Visit
from kyojo.help.support.selectors import visit_for
from kyojo.kernel.errors import NotFound

from .talks import talk_for


@dataclass(frozen=True)
class Someone:
    """Somebody whom a report may be about."""

    uid: UUID
    municipality_id: int
    name: str

    @property
    def called(self) -> str:
        """「春風 さん」; who is not named yet: 「たのんだ方」."""
        return self.name if self.name.endswith("方") else f"{self.name} さん"


@dataclass(frozen=True)
class Subject:
    """``kind`` and ``uid`` as the case keeps them; ``back``: where the reporter came from."""

    kind: str
    uid: UUID
    what: str
    people: list[Someone]
    back: str


def subject_of(person: Person, kind: str, uid: UUID) -> Subject:
    """Raises ``NotFound`` for what ``person`` has not seen, or what is about nobody else."""
    found = KINDS.get(kind)
    if found is None:
        raise NotFound()
    subject = found(person, uid)
    if not subject.people:
        raise NotFound()
    return subject


def _visit(person: Person, uid: UUID) -> Subject:
    view = visit_for(person, uid)
    people = _people_of(person, uid)
    return Subject(
        "visit", uid, f"{view.category.name}の支援", people, reverse("visit", args=[uid])
    )


def _review(person: Person, uid: UUID) -> Subject:
    """The words that the other one wrote about a visit, named by the visit."""
    view = visit_for(person, uid)
    if view.role == "recipient":
        raise NotFound()
    return Subject(
        "review", uid, "届いたことば", _people_of(person, uid)[:1], reverse("visit", args=[uid])
    )


def _people_of(person: Person, uid: UUID) -> list[Someone]:
    """The others of a visit, as far as ``person`` knows them."""
    view = visit_for(person, uid)
    visit = Visit.objects.get(uid=uid)
    rows = [
        (visit.supporter_uid, view.supporter_municipality_id, view.supporter),
        (visit.carer_uid, view.carer_municipality_id, view.carer),
        (visit.recipient_uid, view.place_municipality_id, view.recipient),
    ]
    if view.role != "supporter":
        rows = rows[:1]  # the carer and the person cared for belong together
    return [
        Someone(other, town, str(card.get("name", "")))
        for other, town, card in rows
        if other is not None and other != person.uid and card.get("name")
    ]


def _message(person: Person, uid: UUID) -> Subject:
    message, thread = community.message_by(person, uid)
    if message.author_uid is None or message.author_uid == person.uid:
        raise NotFound()
    talk = talk_for(person, thread.about_uid)
    author = talk.part_of(message.author_uid)
    if author is None:
        raise NotFound()
    one = Someone(author.uid, author.municipality_id, author.name)
    return Subject("message", uid, "メッセージ", [one], talk.path)


def _post(person: Person, uid: UUID) -> Subject:
    post = community.post_by(person, uid)
    if post.author is None or post.author_id == person.pk:
        raise NotFound()
    one = Someone(post.author.uid, post.author.municipality_id, post.author.name)
    back = reverse("group", args=[post.group.uid])
    return Subject("group_post", uid, "グループのお知らせ", [one], back)


def card_subject(person: Person, request_uid: UUID, town: int, supporter_uid: UUID) -> Subject:
    """The card of somebody who was proposed for one's own request. Raises ``NotFound``."""
    asked = request_for_carer(carer=person, uid=request_uid)
    candidate, _ = matching.candidate_checked(
        asked, supporter_uid=supporter_uid, supporter_municipality_id=town
    )
    if candidate is None:
        raise NotFound()
    one = Someone(supporter_uid, town, candidate.row.name)
    back = reverse("carer-request-people", args=[request_uid])
    return Subject("person", supporter_uid, "紹介の内容", [one], back)


KINDS: dict[str, Callable[[Person, UUID], Subject]] = {
    "visit": _visit,
    "review": _review,
    "message": _message,
    "post": _post,
}
