"""Checks of trust: by the system, at the counter by one or two members of staff, withdrawn again.

What is kept of a paper is its kind, who gave it, until when it counts and which items agreed; never
its number, a copy or a picture.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import domain, sentences, trust
from ..consent_selectors import consent_required
from ..errors import (
    CheckWithdrawn,
    ChoiceUnknown,
    ItemsMissing,
    LookOver,
    LookWaits,
    OrderDiffers,
    OwnCheck,
    PaperEnded,
    RegisterChanged,
    SameStaff,
    TwoStaffNeeded,
    ValueMissing,
)
from ..models import CounterLook, IdentityMark, Person, TrustCheck, TrustClaim, User
from ..trust_selectors import check_by_id, look_by_uid, trust_rules
from .acts import act_record, staff_checked
from .consenting import consent_ensure
from .locks import persons_lock
from .notices import notice_send

State = CounterLook.State


def trust_check_record(
    *,
    person: Person,
    kind: str,
    label: str,
    method: str,
    by: User | None,
    valid_until: date | None = None,
    issuer: str = "",
    shown: str = "",
) -> TrustCheck:
    """Record that something was checked about a person (経歴, 講習 …); again: renewed.

    ``by`` is the member of staff who looked, None a check made by the system. ``valid_until`` is
    what the paper says; the programme may end it earlier. Raises ``NotFound`` for who is no staff
    here, ``OwnCheck``, ``ChoiceUnknown``, ``ValueMissing``, ``PaperEnded``, ``TwoStaffNeeded`` for
    kinds that one alone cannot check.
    """
    _kind_checked(kind)
    if by is not None:
        looker_checked(person, by)
        if trust_rules()[kind].two_staff:
            raise TwoStaffNeeded(field="kind")
    method = domain.words(method, part="確かめ方", field="method", limit=60)
    if not method:
        raise ValueMissing(field="method", part="確かめ方")
    return check_write(
        person=person,
        kind=kind,
        label=label,
        valid_until=valid_until,
        by=by,
        method=method,
        issuer=domain.words(issuer, part="発行したところ", field="issuer", limit=60),
        shown=domain.words(shown, part="見た書類", field="shown", limit=60),
    )


def identity_seen_once(*, person: Person, day: date, method: str, by: User) -> TrustCheck:
    """One member of staff has seen who somebody is who comes once, on ``day``: it counts up to that
    day. Whoever is identified for longer stays so.

    Raises ``NotFound``, ``OwnCheck``, ``ValueMissing``.
    """
    looker_checked(person, by)
    method = domain.words(method, part="確かめ方", field="method", limit=60)
    if not method:
        raise ValueMissing(field="method", part="確かめ方")
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        for check in TrustCheck.objects.filter(
            TrustCheck.standing(), person=person, kind=trust.IDENTITY
        ):
            if check.valid_until is None or check.valid_until >= day:
                return check  # type: ignore[no-any-return]
        consent_ensure(person=person, kind=trust.IDENTITY, by=by, basis="counter")
        return check_write(
            person=person, kind=trust.IDENTITY, label="", valid_until=day, by=by, method=method
        )


def identity_forget(*, person: Person, reason: str) -> bool:
    """What was seen of somebody's papers counts no more, and the mark of their card is erased.
    They are told. Whether a check stood."""
    now = clock.now()
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        IdentityMark.objects.filter(person=person).delete()
        ended = TrustCheck.objects.filter(
            person=person, kind=trust.IDENTITY, withdrawn_at=None
        ).update(withdrawn_at=now, withdrawn_reason=reason)
        if ended:
            act_record(
                actor=person.user,
                action="trust_check_withdraw",
                subject_kind="person",
                subject_id=person.uid,
                note=trust.IDENTITY,
            )
            notice_send(
                person=person,
                kind="trust_withdrawn",
                key=f"trust_withdrawn:own:{now.timestamp():.0f}",
                title=sentences.CHECK_WITHDRAWN.format(what=trust.NAMES[trust.IDENTITY]),
                body=sentences.CHECK_WITHDRAWN_BODY.format(reason=reason),
                path=sentences.TRUST_PATH,
            )
    return bool(ended)


def check_write(
    *,
    person: Person,
    kind: str,
    label: str,
    valid_until: date | None,
    by: User | None,
    method: str,
    issuer: str = "",
    shown: str = "",
    confirmed_by: User | None = None,
) -> TrustCheck:
    """The row that matching reads, and the act on record. For services that have looked already
    whether ``by`` may. Raises ``PaperEnded``, ``TextTooLong``."""
    today = clock.today()
    if valid_until is not None and valid_until < today:
        raise PaperEnded(field="valid_until")
    label = label_of(kind, label)
    with transaction.atomic():
        check, _ = TrustCheck.objects.update_or_create(
            person=person,
            kind=kind,
            label=label,
            defaults={
                "method": method,
                "issuer": issuer,
                "shown": shown,
                "checked_by": by,
                "confirmed_by": confirmed_by,
                "checked_at": clock.now(),
                "valid_until": trust_rules()[kind].valid_until(today, valid_until),
                "withdrawn_at": None,
                "withdrawn_by": None,
                "withdrawn_reason": "",
            },
        )
        TrustClaim.objects.filter(person=person, kind=kind, label=label).delete()
        act_record(
            actor=confirmed_by or by,
            action="trust_check_record",
            subject_kind="person",
            subject_id=person.uid,
            note=kind,
        )
    return check  # type: ignore[no-any-return]


def trust_check_withdraw(*, check_id: int, by: User, reason: str) -> TrustCheck:
    """A check counts no more: it was a mistake, or what it said is not so any more. The member is
    told why. Raises ``NotFound``, ``OwnCheck``, ``ValueMissing``, ``CheckWithdrawn``."""
    seen = check_by_id(check_id)
    looker_checked(seen.person, by)
    reason = _reason(reason)
    with transaction.atomic():
        persons_lock(keys=[(current(), seen.person_id)])
        changed = TrustCheck.objects.filter(pk=check_id, withdrawn_at=None).update(
            withdrawn_at=clock.now(), withdrawn_by=by, withdrawn_reason=reason
        )
        if not changed:
            raise CheckWithdrawn()
        act_record(
            actor=by,
            action="trust_check_withdraw",
            subject_kind="person",
            subject_id=seen.person.uid,
            note=seen.kind,
        )
        notice_send(
            person=seen.person,
            kind="trust_withdrawn",
            key=f"trust_withdrawn:{check_id}:{clock.now().timestamp():.0f}",
            title=sentences.CHECK_WITHDRAWN.format(what=trust.what_of(seen.kind, seen.label)),
            body=sentences.CHECK_WITHDRAWN_BODY.format(reason=reason),
            path=sentences.TRUST_PATH,
        )
    return check_by_id(check_id)


# --- two members of staff -------------------------------------------------------------------------


def check_look(
    *,
    uid: UUID,
    person: Person,
    kind: str,
    document: str,
    items: Iterable[str],
    by: User,
    label: str = "",
    issuer: str = "",
    valid_until: date | None = None,
) -> CounterLook:
    """``by`` has looked at somebody's paper at the counter; it counts once another confirms it.

    The same order again: the same look. Raises ``NotFound``, ``OwnCheck``, ``ChoiceUnknown``,
    ``ItemsMissing``, ``PaperEnded``, ``LookWaits``, ``OrderDiffers``.
    """
    _kind_checked(kind)
    looker_checked(person, by)
    if document not in trust.DOCUMENTS[kind]:
        raise ChoiceUnknown(field="document", part="見た書類")
    seen = _items(kind, set(items))
    if valid_until is not None and valid_until < clock.today():
        raise PaperEnded(field="valid_until")
    label = label_of(kind, label)
    issuer = domain.words(issuer, part="発行したところ", field="issuer", limit=60)
    with transaction.atomic():
        locked = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
        before = CounterLook.objects.filter(uid=uid).first()
        if before is not None:
            if (before.person_id, before.kind, before.label) != (person.pk, kind, label):
                raise OrderDiffers()
            return before  # type: ignore[no-any-return]
        looks_lapse()
        if CounterLook.objects.filter(
            person=person, kind=kind, label=label, state=State.WAITING
        ).exists():
            raise LookWaits()
        look: CounterLook = CounterLook.objects.create(
            uid=uid,
            person=person,
            kind=kind,
            label=label,
            issuer=issuer,
            document=document,
            items=seen,
            valid_until=valid_until,
            register_hash=register_hash(locked),
            looked_by=by,
            looked_at=clock.now(),
            ends_at=clock.now() + trust.CONFIRM_WITHIN,
        )
        if kind == trust.IDENTITY:
            consent_ensure(person=person, kind=kind, by=by, basis="counter")
        _look_act(look, by, "check_look")
    return look


def check_confirm(*, uid: UUID, by: User) -> TrustCheck:
    """A second member of staff confirms what the first has seen. Confirmed already by the same:
    the same check.

    Raises ``NotFound``, ``OwnCheck``, ``SameStaff``, ``LookOver``, ``RegisterChanged``,
    ``ConsentMissing`` (taken back since).
    """
    seen = look_by_uid(uid)
    looker_checked(seen.person, by)
    with transaction.atomic():
        locked = persons_lock(keys=[(current(), seen.person_id)])[current(), seen.person_id]
        look = CounterLook.objects.select_for_update().get(pk=seen.pk)
        if look.state == State.CONFIRMED and look.decided_by_id == by.pk:
            return TrustCheck.objects.get(  # type: ignore[no-any-return]
                person=locked, kind=look.kind, label=look.label
            )
        _stands(look)
        if look.looked_by_id in (None, by.pk):
            raise SameStaff()
        if register_hash(locked) != look.register_hash:
            raise RegisterChanged()
        if look.kind == trust.IDENTITY:
            consent_required(locked, look.kind)
        _decide(look, by, State.CONFIRMED)
        check = check_write(
            person=locked,
            kind=look.kind,
            label=look.label,
            valid_until=look.valid_until,
            by=look.looked_by,
            confirmed_by=by,
            method=sentences.BY_TWO_STAFF,
            issuer=look.issuer,
            shown=trust.DOCUMENTS[look.kind].get(look.document, ""),
        )
        notice_send(
            person=locked,
            kind="trust_checked",
            key=f"trust_checked:{look.uid}",
            title=sentences.CHECKED.format(what=trust.what_of(look.kind, look.label)),
            body=sentences.CHECKED_BODY,
            path=sentences.TRUST_PATH,
        )
    return check


def check_look_refuse(*, uid: UUID, by: User, reason: str) -> CounterLook:
    """It is not confirmed: the second one sees it otherwise, or the first takes it back. Again:
    nothing changes. Raises ``NotFound``, ``OwnCheck``, ``ValueMissing``, ``LookOver``."""
    seen = look_by_uid(uid)
    looker_checked(seen.person, by)
    reason = _reason(reason)
    with transaction.atomic():
        persons_lock(keys=[(current(), seen.person_id)])
        look: CounterLook = CounterLook.objects.select_for_update().get(pk=seen.pk)
        if look.state == State.REFUSED and look.decided_by_id == by.pk:
            return look
        _stands(look)
        _decide(look, by, State.REFUSED, reason)
        _look_act(look, by, "check_look_refuse")
    return look


def looks_lapse() -> int:
    """End what nobody confirmed in time. Returns how many."""
    return int(
        CounterLook.objects.filter(state=State.WAITING, ends_at__lte=clock.now()).update(
            state=State.LAPSED, decided_at=clock.now()
        )
    )


def _stands(look: CounterLook) -> None:
    lapsed = look.state == State.WAITING and look.ends_at <= clock.now()
    state = State.LAPSED if lapsed else State(look.state)
    if state != State.WAITING:
        raise LookOver(state=state.label)


def _decide(look: CounterLook, by: User, state: str, reason: str = "") -> None:
    look.state, look.decided_by, look.decided_at, look.reason = state, by, clock.now(), reason
    look.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _look_act(look: CounterLook, by: User, action: str) -> None:
    act_record(
        actor=by,
        action=action,
        subject_kind="person",
        subject_id=look.person.uid,
        basis="counter",
        note=look.kind,
    )


# --- what people say of themselves ----------------------------------------------------------------


def trust_claim_set(
    *,
    person: Person,
    kind: str,
    label: str,
    issuer: str = "",
    valid_until: date | None = None,
) -> TrustClaim:
    """A licence or a training that ``person`` says they have. It counts nowhere until the office
    has seen the paper. The same label again: written anew. Raises ``ChoiceUnknown``,
    ``ValueMissing``, ``TextTooLong``, ``PaperEnded``."""
    if kind not in (trust.TRAINING, trust.LICENCE):
        raise ChoiceUnknown(field="kind", part="種類")
    label = domain.words(label, part="資格や講習の名前", field="label", limit=60)
    if not label:
        raise ValueMissing(field="label", part="資格や講習の名前")
    if valid_until is not None and valid_until < clock.today():
        raise PaperEnded(field="valid_until")
    claim, _ = TrustClaim.objects.update_or_create(
        person=person,
        kind=kind,
        label=label,
        defaults={
            "issuer": domain.words(issuer, part="発行したところ", field="issuer", limit=60),
            "valid_until": valid_until,
            "said_at": clock.now(),
        },
    )
    return claim  # type: ignore[no-any-return]


def trust_claim_remove(*, person: Person, claim_id: int) -> None:
    """Raises ``NotFound`` where it is not this person's."""
    deleted, _ = TrustClaim.objects.filter(person=person, pk=claim_id).delete()
    if not deleted:
        raise NotFound()


# --- small parts ----------------------------------------------------------------------------------


def looker_checked(person: Person, by: User) -> None:
    """Whether ``by`` may check ``person``. Raises ``NotFound``, ``OwnCheck``."""
    staff_checked(by)
    if person.user_id == by.pk:
        raise OwnCheck()


def register_hash(person: Person) -> str:
    """What the register says of who somebody is, as a keyed hash."""
    parts: list[Any] = [person.name, person.kana, person.birth_date, person.address]
    told = "\n".join("" if part is None else str(part) for part in parts)
    return salted_hmac("kyojo.register", told, algorithm="sha256").hexdigest()


def label_of(kind: str, label: str) -> str:
    label = domain.words(label, part="表示名", field="label", limit=60)
    return label or str(TrustCheck.Kind(kind).label)


def _kind_checked(kind: str) -> None:
    if kind not in TrustCheck.Kind.values:
        raise ChoiceUnknown(field="kind", part="確かめたこと")


def _items(kind: str, items: Collection[str]) -> list[str]:
    if not set(items) <= trust.ITEMS.keys():
        raise ChoiceUnknown(field="items", part="合っていたこと")
    lacking = trust.ITEMS_NEEDED.get(kind, frozenset({"name"})) - set(items)
    if lacking:
        names = "と".join(trust.ITEMS[code] for code in trust.ITEMS if code in lacking)
        raise ItemsMissing(field="items", items=names)
    return [code for code in trust.ITEMS if code in items]


def _reason(reason: str) -> str:
    reason = domain.words(reason, part="理由", field="reason", limit=200)
    if not reason:
        raise ValueMissing(field="reason", part="理由")
    return reason
