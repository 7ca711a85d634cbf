"""The questions about a person's own last visits, as this session is asked them.

The session, which stays on the server, holds hashes of the true answers and nothing else; the form
holds the numbers of choices. A round is answered once.
"""

import secrets
from datetime import timedelta
from typing import NamedTuple, cast

from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from kyojo.civic.people import stepping_domain as domain
from kyojo.civic.people.errors import QuestionsTooOften
from kyojo.civic.people.models import Person, SecurityTry, User
from kyojo.civic.people.services import tries_locked, try_checked, try_record
from kyojo.help.requests.domain import CATEGORIES, category
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal

from ..http import said
from . import strength

METHOD = "questions"
SESSION = "step_questions"
NAMES = tuple(f"_answer{number}" for number in range(domain.QUESTIONS))
FIRST = NAMES[0]
DONE = (Visit.State.CONFIRMED, Visit.State.SETTLED, Visit.State.RESOLVED)
KIND = SecurityTry.Kind.QUESTION
WRONG = "こたえがちがうようです。もう1回だけ、別の質問におこたえいただけます。"


class Choice(NamedTuple):
    value: str
    text: str


class Asked(NamedTuple):
    """A question as the page draws it."""

    name: str
    text: str
    choices: list[Choice]


def history(person: Person) -> list[domain.Met]:
    """The last visits that the person remembers, the latest first."""
    since = clock.now() - timedelta(days=domain.HISTORY_DAYS)
    own = Q(carer=person) | Q(supporter=person) | Q(recipient=person)
    rows = Visit.objects.filter(own, state__in=DONE, starts_at__gte=since)
    found = []
    for visit in rows.order_by("-starts_at", "uid")[: domain.QUESTIONS]:
        came = visit.supporter_uid != person.uid
        card = visit.supporter_card if came else visit.recipient_card or visit.carer_card
        name = str(card.get("name", "")).split(" ")[0]
        if name:
            found.append(
                domain.Met(
                    other=name,
                    category=category(visit.category).name,
                    at=clock.local(visit.starts_at),
                    came=came,
                )
            )
    return found


def asked_now(request: HttpRequest) -> list[Asked]:
    """The questions of this moment; none with too little history, or when they are locked. Drawing
    them again shows the same ones until they are answered."""
    person = cast(Person, request.person)  # type: ignore[attr-defined]
    user = cast(User, request.user)
    visits = history(person)
    if not domain.has_history(visits) or is_locked(user):
        request.session.pop(SESSION, None)
        return []
    turn = SecurityTry.objects.filter(user=user, kind=KIND, passed=False).count()
    seed = salted_hmac(
        "kyojo.questions", f"{user.pk}/{visits[0].at.isoformat()}", algorithm="sha256"
    ).digest()
    asked = domain.questions(
        visits, categories=[one.name for one in CATEGORIES], seed=seed, turn=turn
    )
    key = secrets.token_bytes(16)
    request.session[SESSION] = {"key": key.hex(), "hashes": domain.hashes_of(asked, key)}
    return [
        Asked(
            name,
            one.text,
            [Choice(str(place), text) for place, text in enumerate(one.choices)],
        )
        for name, one in zip(NAMES, asked, strict=True)
    ]


def answered(request: HttpRequest) -> str:
    """Take the answers of the round: "" when all are true, else what to do. A round that was not
    drawn for this session, or was answered before, is wrong."""
    user = cast(User, request.user)
    kept = request.session.pop(SESSION, None)
    given = [request.POST.get(name, "") for name in NAMES]
    if not all(given):
        request.session[SESSION] = kept
        return "3つの質問に、1つずつこたえを選んでください。"
    try:
        try_checked(user=user, kind=KIND)
    except Refusal as refused:
        return said(refused)
    right = kept is not None and domain.all_right(kept["hashes"], given, bytes.fromhex(kept["key"]))
    try_record(user=user, kind=KIND, passed=right)
    if right:
        return ""
    return said(QuestionsTooOften()) if is_locked(user) else WRONG


def is_locked(user: User) -> bool:
    return tries_locked(user=user, kind=KIND)


def link_could_be_enough(request: HttpRequest, act: str) -> bool:
    """Whether a mailed link pressed now would do: with too little history to ask about; and, for
    what can be taken back, when the questions are locked."""
    user = cast(User, request.user)
    if "webauthn" in strength.kinds_of(user):
        return False
    person = cast(Person, request.person)  # type: ignore[attr-defined]
    if not domain.has_history(history(person)):
        return True
    return act not in domain.FINAL_ACTS and is_locked(user)


def link_is_enough(request: HttpRequest, act: str) -> bool:
    """Whether the link that was pressed in this session does: after a lock, only a later one."""
    if not link_could_be_enough(request, act):
        return False
    user = cast(User, request.user)
    last = SecurityTry.objects.filter(user=user, kind=KIND, passed=False).order_by("-at").first()
    age = strength.link_age(request)
    return last is None or (age is not None and clock.now() - age > last.at)
