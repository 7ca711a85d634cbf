"""Messages between those who meet (やりとり): written, told of, read, erased.

Who takes part and until when it may be written is handed in as a ``Talk``. Words are sealed and
stand in the town of each; nobody's mail and no log contains them.
"""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import sides_of, twins_create, twins_locked, twins_save
from kyojo.civic.people import domain as people
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.models import Notice, Person, User
from kyojo.civic.people.selectors import blocked_either_way, staff_required
from kyojo.civic.people.services import act_record, notice_send_to
from kyojo.civic.people.suspensions import is_suspended
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id

from .. import domain, sentences
from ..domain import Part, Talk
from ..errors import (
    BasisMissing,
    ContactTooEarly,
    OrderDiffers,
    ThreadClosed,
    TooMany,
    WordsMissing,
    WordsTooLong,
)
from ..models import Message, Thread, ThreadRead

OFFICE = "office"


def message_send(*, order_id: UUID, talk: Talk, author: Person, words: str) -> Message:
    """What a member who takes part writes to the others. The same order again: the message.

    Raises ``NotFound`` for who takes no part, ``Suspended``, ``ThreadClosed`` (over, not yet open,
    or somebody does not want to hear: which of them is not said), ``WordsMissing``,
    ``WordsTooLong``, ``ContactTooEarly`` (before the visit is booked), ``TooMany``,
    ``OrderDiffers`` (other words under the same order).
    """
    part = _part(talk, author.uid)
    return _written(order_id, talk, part, words)


def message_send_for(
    *, order_id: UUID, talk: Talk, author_uid: UUID, words: str, by: User, basis: str
) -> Message:
    """Staff write down what a member said, who has telephoned; ``basis`` is a code of
    ``people.domain.BASES``. Of this town's members only. Raises ``BasisMissing``, and as
    ``message_send``."""
    staff_required(by)
    if basis not in people.BASES:
        raise BasisMissing(field="basis")
    part = _part(talk, author_uid)
    if part.municipality_id != current():
        raise NotFound()
    return _written(order_id, talk, part, words, by=by, basis=basis)


def message_send_office(*, order_id: UUID, talk: Talk, words: str, by: User) -> Message:
    """The office writes to all who take part. Also where the members cannot write any more, until
    it is erased. Raises ``NotFound``, ``WordsMissing``, ``WordsTooLong``."""
    staff_required(by)
    if current() not in {one.municipality_id for one in talk.parts}:
        raise NotFound()
    part = Part(derived_id(talk.uid, OFFICE), current(), OFFICE)
    return _written(order_id, talk, part, words, by=by)


def _part(talk: Talk, uid: UUID) -> Part:
    part = talk.part_of(uid)
    if part is None:
        raise NotFound()
    return part


def _written(
    order_id: UUID, talk: Talk, part: Part, words: str, *, by: User | None = None, basis: str = ""
) -> Message:
    kept = _words_checked(words)
    is_office = part.role == OFFICE
    with transaction.atomic():
        _thread_ensure(talk)
        # One after the other: the order in which they stand, and how many there were.
        with twins_locked(Thread, uid=talk.uid, start=current()) as threads:
            if talk.purge_at > next(iter(threads.values())).purge_at:
                twins_save(threads, purge_at=talk.purge_at)
            before = Message.objects.filter(uid=order_id).first()
            if before is not None:
                is_same = before.thread_uid == talk.uid and before.author_role == part.role
                # The page that the browser kept, written on once more: the words are not dropped.
                if not is_same or unseal(before.sealed) != kept:
                    raise OrderDiffers()
                return before  # type: ignore[no-any-return]
            if not is_office:
                _may_write(talk, part, kept, is_proxy=by is not None)
            rows = twins_create(
                Message,
                uid=order_id,
                sides=list(threads),
                common={
                    "thread_uid": talk.uid,
                    "author_uid": None if is_office else part.uid,
                    "author_role": part.role,
                    "author_municipality_id": part.municipality_id,
                    "basis": basis,
                    "sealed": seal(kept),
                    "at": clock.now(),
                },
                only={current(): {"written_by": by}} if by is not None else None,
            )
            if by is not None:
                act_record(
                    actor=by,
                    action="message_written",
                    subject_kind="request",
                    subject_id=talk.about_uid,
                    basis=basis,
                )
            for other in talk.others(None if is_office else part.uid):
                _tell(talk, other, part)
            if not is_office and by is None:
                _read_set(talk, part.uid, list(threads))
    message: Message = rows[current()]
    return message


def _words_checked(words: str) -> str:
    kept = people.words(words, part="メッセージ", field="words", limit=100_000)
    if not kept:
        raise WordsMissing(field="words")
    if len(kept) > domain.MESSAGE_MAX:
        raise WordsTooLong(field="words", limit=domain.MESSAGE_MAX, length=len(kept))
    return kept


def _may_write(talk: Talk, part: Part, words: str, *, is_proxy: bool) -> None:
    if is_suspended(*part.side):
        raise Suspended()
    if not domain.is_open(talk, clock.now()) or blocked_either_way(*talk.sides):
        raise ThreadClosed()
    if not talk.is_firm and domain.contacts_words(words):
        raise ContactTooEarly(field="words")
    if is_proxy:
        return
    own = Message.objects.filter(thread_uid=talk.uid, author_uid=part.uid)
    now = clock.now()
    if (
        own.filter(at__gt=now - domain.MANY_WITHIN).count() >= domain.MANY
        or own.filter(at__gt=now - domain.DAY).count() >= domain.DAY_MANY
    ):
        raise TooMany()


def _thread_ensure(talk: Talk) -> None:
    """The thread in each town of those who take part; whoever makes it at the same moment waits
    for the other and finds it."""
    sides = sides_of(*(part.municipality_id for part in talk.parts))
    for code in sides:
        with tenant(code):
            Thread.objects.get_or_create(
                uid=talk.uid,
                municipality_id=code,
                defaults={
                    "sides": sides,
                    "about_uid": talk.about_uid,
                    "people": [
                        {"uid": str(one.uid), "town": one.municipality_id, "role": one.role}
                        for one in talk.parts
                    ],
                    "opened_at": clock.now(),
                    "purge_at": talk.purge_at,
                },
            )


def _tell(talk: Talk, to: Part, author: Part) -> None:
    """News without the words, once until they have looked."""
    with tenant(to.municipality_id):
        read = ThreadRead.objects.filter(thread_uid=talk.uid, person_uid=to.uid).first()
    seen = read.read_at.isoformat() if read is not None else "never"
    try:
        notice_send_to(
            municipality_id=to.municipality_id,
            person_uid=to.uid,
            kind="message",
            key=f"message:{derived_id(talk.uid, to.uid, seen)}",
            title=sentences.MESSAGE.format(name=author.called),
            body=sentences.MESSAGE_BODY,
            path=talk.path,
        )
    except NotFound:
        return  # gone meanwhile


# --- reading --------------------------------------------------------------------------------------
def thread_read(*, talk: Talk, reader: Person) -> None:
    """``reader`` has seen everything up to now; the others see that. Raises ``NotFound``."""
    _part(talk, reader.uid)
    thread = Thread.objects.filter(uid=talk.uid).first()
    if thread is None:
        return
    last = Message.objects.filter(thread_uid=talk.uid).order_by("-at").first()
    read = ThreadRead.objects.filter(thread_uid=talk.uid, person_uid=reader.uid).first()
    if last is None or (read is not None and read.read_at >= last.at):
        return
    with transaction.atomic():
        _read_set(talk, reader.uid, thread.sides)
        told = Notice.objects.filter(person=reader, kind="message", path=talk.path, read_at=None)
        told.update(read_at=clock.now())


def _read_set(talk: Talk, uid: UUID, sides: list[int]) -> None:
    for code in sorted(sides):
        with tenant(code):
            ThreadRead.objects.update_or_create(
                municipality_id=code,
                thread_uid=talk.uid,
                person_uid=uid,
                defaults={"read_at": clock.now()},
            )


# --- erasing --------------------------------------------------------------------------------------
def threads_purge() -> dict[str, int]:
    """Erase what the programme does not keep any longer, in the current town: each erases its own
    twin. Returns how many rows of each kind there were. Safe to repeat."""
    due = list(Thread.objects.filter(purge_at__lte=clock.now()).values_list("uid", flat=True))
    return threads_erase(due)


def threads_erase(uids: list[UUID]) -> dict[str, int]:
    """Erase threads whole, in the current town."""
    with transaction.atomic():
        messages, _ = Message.objects.filter(thread_uid__in=uids).delete()
        ThreadRead.objects.filter(thread_uid__in=uids).delete()
        threads, _ = Thread.objects.filter(uid__in=uids).delete()
    return {"messages": messages, "threads": threads}
