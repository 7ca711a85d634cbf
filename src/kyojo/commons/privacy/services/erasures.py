"""Erasing somebody: asked for, waited for, and done room by room, so that a crash loses nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.core.mail import send_mail
from django.db import transaction

from kyojo.civic.earnings.services import leaving_settle, membership_end
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.forgetting import erased_as
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.people.services.acts import proxy_checked
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import derived_id

from ..errors import ErasureOver, ErasureStands, SecondOfficerNeeded, StillOpen
from ..models import Erasure, ErasureStep
from ..rooms import rooms_with
from ..selectors import STANDING, person_stops

log = logging.getLogger(__name__)

State, Origin = Erasure.State, Erasure.Origin
#: Where the document says nothing, or there is none.
WAIT_DAYS = 14

MAIL_SUBJECT = "あなたの記録の消去が終わりました"
MAIL = (
    "共助の記録から、あなたについての内容をすべて消しました。\n"
    "会計の記録は、だれのものか分からない形で、法律の定める間だけ残ります。\n"
    "このメールアドレスにお送りするのは、これが最後です。\n\n"
    "{office}\n{phone}（{hours}）\n"
)


# --- asking -----------------------------------------------------------------------------------


def erasure_ask(*, uid: UUID, person: Person) -> Erasure:
    """A member asks for their own erasure. It is done when the programme's days are over and can
    be taken back until then. The same ``uid`` again: the same erasure.

    Raises ``StillOpen``, ``ErasureStands``.
    """
    with _asked(uid, person) as before:
        if before is not None:
            return before
        _stops_checked(person)
        erasure: Erasure = Erasure.objects.create(
            uid=uid,
            person=person,
            state=State.WAITING,
            origin=Origin.SELF,
            asked_by=person.user,
            asked_at=clock.now(),
            due_at=_due_at(),
        )
        _record(erasure, person.user, "erasure_ask")
        _tell_asked(erasure)
    return erasure


def erasure_propose(*, uid: UUID, person: Person, by: User, basis: str) -> Erasure:
    """The office enters it for somebody; a second officer looks (``erasure_approve``).

    Raises ``BasisMissing``, ``StillOpen``, ``ErasureStands``, ``NotFound``.
    """
    proxy_checked(by=by, basis=basis)
    with _asked(uid, person) as before:
        if before is not None:
            return before
        _stops_checked(person)
        erasure: Erasure = Erasure.objects.create(
            uid=uid,
            person=person,
            state=State.PROPOSED,
            origin=Origin.OFFICE,
            basis=basis,
            asked_by=by,
            asked_at=clock.now(),
        )
        _record(erasure, by, "erasure_propose", basis)
    return erasure


def erasure_approve(*, uid: UUID, by: User) -> Erasure:
    """A second officer has looked: from now the days run. Again: changes nothing.

    Raises ``SecondOfficerNeeded``, ``ErasureOver``, ``NotFound``.
    """
    staff_required(by, "officer")
    with transaction.atomic():
        erasure = _locked(uid)
        if erasure.state in (State.WAITING, State.RUNNING, State.DONE):
            return erasure
        if erasure.state != State.PROPOSED:
            raise ErasureOver()
        if by.pk == erasure.asked_by_id or by.pk == erasure.person.user_id:
            raise SecondOfficerNeeded()
        erasure.state, erasure.approved_by, erasure.approved_at = State.WAITING, by, clock.now()
        erasure.due_at = _due_at()
        erasure.save(update_fields=["state", "approved_by", "approved_at", "due_at"])
        _record(erasure, by, "erasure_approve", erasure.basis)
        _tell_asked(erasure)
    return erasure


def erasure_withdraw(
    *, uid: UUID, person: Person | None = None, by: User | None = None, basis: str = ""
) -> Erasure:
    """Take it back, while it has not begun: the person, or the office for them. Again: changes
    nothing. Raises ``ErasureOver``, ``BasisMissing``, ``NotFound``."""
    proxy_checked(by=by, basis=basis)
    with transaction.atomic():
        erasure = _locked(uid)
        if by is None and (person is None or erasure.person_id != person.pk):
            raise NotFound()
        if erasure.state == State.WITHDRAWN:
            return erasure
        if erasure.state not in (State.PROPOSED, State.WAITING):
            raise ErasureOver()
        erasure.state, erasure.withdrawn_at = State.WITHDRAWN, clock.now()
        erasure.save(update_fields=["state", "withdrawn_at"])
        _record(erasure, by or erasure.person.user, "erasure_withdraw", basis if by else "")
    return erasure


@contextmanager
def _asked(uid: UUID, person: Person) -> Iterator[Erasure | None]:
    """The person locked; the erasure that this order made before, if it did."""
    with transaction.atomic():
        locked = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
        before = Erasure.objects.filter(uid=uid).first()
        if before is not None and before.person_id != person.pk:
            raise NotFound()
        if before is None and locked.erased_at is not None:
            raise NotFound()
        if before is None and Erasure.objects.filter(person=person, state__in=STANDING).exists():
            raise ErasureStands()
        yield before


def _stops_checked(person: Person) -> None:
    found = person_stops(person)
    if found:
        raise StillOpen(what="、".join(found))


def _due_at() -> datetime:
    return clock.now() + timedelta(days=wait_days())


def wait_days() -> int:
    """How many days an erasure can be taken back, as the town's programme says."""
    try:
        return programme_current()[1].erasure_wait_days
    except ProgrammeMissing:
        return WAIT_DAYS


def _locked(uid: UUID) -> Erasure:
    erasure: Erasure | None = (
        Erasure.objects.select_for_update(of=("self",)).select_related("person").filter(uid=uid)
    ).first()
    if erasure is None:
        raise NotFound()
    return erasure


def _record(erasure: Erasure, actor: User | None, action: str, basis: str = "") -> None:
    act_record(
        actor=actor,
        action=action,
        subject_kind="person",
        subject_id=erasure.person.uid,
        basis=basis,
    )


def _tell_asked(erasure: Erasure) -> None:
    assert erasure.due_at is not None
    day = clock.local(erasure.due_at)
    notice_send(
        person=erasure.person,
        kind="erasure_asked",
        key=f"erasure:{erasure.uid}:asked",
        title=f"記録の消去を受け付けました。{day:%-m月%-d日}まで取り下げられます",
        body="心あたりのないときは、すぐに取り下げて、センターにお電話ください。",
        path="/me/data/erase/",
    )


# --- doing ------------------------------------------------------------------------------------


def erasures_run_due(*, municipality_id: int) -> int:
    """Do what is due in a town, and go on with what was interrupted; how many are done.
    One that fails keeps none of the others waiting; it is tried again the next night. Opens the
    municipality by itself."""
    with tenant(municipality_id):
        waiting = Erasure.objects.filter(state=State.WAITING, due_at__lte=clock.now())
        begun = Erasure.objects.filter(state=State.RUNNING)
        uids = [*begun.values_list("uid", flat=True), *waiting.values_list("uid", flat=True)]
    done = 0
    for uid in uids:
        try:
            done += erasure_run(municipality_id=municipality_id, uid=uid) == State.DONE
        except Exception as error:  # noqa: BLE001 (told: the others must not wait for it)
            # Its class only: a message may quote what is being erased.
            log.error("erasure in town %s failed: %s", municipality_id, type(error).__name__)
    return done


def erasure_run(*, municipality_id: int, uid: UUID) -> str:
    """Erase, if it is due and nothing stands open: the membership ends, then every room forgets in
    a transaction of its own, then the row is empty. Interrupted, it goes on where it was. Opens
    the municipality by itself. Returns the state it has now.

    What is still open is noted and told to the person; it is tried again the next night.
    """
    with tenant(municipality_id):
        erasure = _begin(uid)
        user = erasure.person.user
        address = user.email if user is not None else ""
    if erasure.state != State.RUNNING:
        return str(erasure.state)
    for room, module in rooms_with("forgetting").items():
        with tenant(municipality_id):
            erasure = _locked(uid)
            if not ErasureStep.objects.filter(erasure=erasure, room=room).exists():
                module.person_forget(person=erasure.person)
                ErasureStep.objects.create(erasure=erasure, room=room)
    with tenant(municipality_id):
        erasure = _locked(uid)
        if erasure.state == State.RUNNING:
            erasure.state, erasure.done_at = State.DONE, clock.now()
            erasure.save(update_fields=["state", "done_at"])
            _record(erasure, None, "erasure_done", erasure.basis)
            if address:
                transaction.on_commit(lambda: _mail_last(address, municipality_id))
    return str(erasure.state)


def _begin(uid: UUID) -> Erasure:
    """The erasure, running, where it may begin; else as it is."""
    erasure = _locked(uid)
    if erasure.state != State.WAITING or erasure.due_at > clock.now():  # type: ignore[operator]
        return erasure
    person = persons_lock(keys=[(current(), erasure.person_id)])[current(), erasure.person_id]
    stops = person_stops(person)
    try:
        if not stops:
            with transaction.atomic():
                _membership_end(erasure, person)
    except Refusal as refusal:
        stops = [refusal.message()]
    erasure.tried_at, erasure.stopped_by = clock.now(), stops
    if stops:
        _tell_stopped(erasure, stops)
    else:
        erased_as(person)
        erasure.state = State.RUNNING
    erasure.save(update_fields=["tried_at", "stopped_by", "state"])
    return erasure


def _membership_end(erasure: Erasure, person: Person) -> None:
    """What is left lapses as the documents say (anything else was a stop), and they are a member
    no more."""
    if person.left_at is not None:
        return
    by = erasure.asked_by or person.user
    if by is not None:
        leaving_settle(
            uid=derived_id(erasure.uid, "settle"), person=person, event="quitting", by=by
        )
    membership_end(person=person, event="quitting")


def _tell_stopped(erasure: Erasure, stops: list[str]) -> None:
    notice_send(
        person=erasure.person,
        kind="erasure_stopped",
        key=f"erasure:{erasure.uid}:stopped:{'/'.join(stops)}"[:100],
        title="記録の消去は、まだできませんでした",
        body=f"先に終わらせるもの：{'、'.join(stops)}。終わると、その夜に消去します。",
        path="/me/data/erase/",
    )


def _mail_last(address: str, municipality_id: int) -> None:
    """The last mail. Nothing of it is written anywhere; one that cannot be sent is not sent."""
    with tenant(municipality_id):
        town = Municipality.objects.get(pk=municipality_id)
    text = MAIL.format(office=town.office_name, phone=town.office_phone, hours=town.office_hours)
    try:
        send_mail(MAIL_SUBJECT, text, None, [address])
    except OSError as error:
        log.warning("the last mail could not be sent: %s", type(error).__name__)
