"""Members: who somebody is, which roles they have, where they live."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kyojo.civic.municipalities.selectors import area_of_point
from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock, geometry
from kyojo.kernel.errors import Invalid, Invalids, Refusal
from kyojo.kernel.ids import new_id

from .. import domain, sentences
from ..errors import (
    AlreadyRegistered,
    BirthDateByOffice,
    BirthDateMissing,
    ChoiceUnknown,
    GuardianNeeded,
    OrderDiffers,
    RoleMissing,
    ValueMissing,
)
from ..minors_domain import PREPARES_FROM_YEARS, is_minor
from ..models import Person, PersonCounter, User
from .acts import act_record, proxy_checked
from .checks import identity_forget
from .minors import contact_ensure

#: Languages people can name; the code is BCP 47.
LANGUAGES = {
    "ja": "日本語",
    "en": "英語",
    "zh": "中国語",
    "ko": "韓国語",
    "pt": "ポルトガル語",
    "vi": "ベトナム語",
    "tl": "タガログ語",
    "ne": "ネパール語",
    "id": "インドネシア語",
    "es": "スペイン語",
    "jsl": "手話",
}
_UNSET: Any = object()


def person_register(
    *,
    family_name: str,
    given_name: str,
    family_kana: str,
    given_kana: str,
    roles: Iterable[str],
    user: User | None = None,
    birth_date: date | None = None,
    gender: str = "",
    phone: str = "",
    languages: Iterable[str] = ("ja",),
    introduction: str = "",
    occupation: str = "",
    uid: UUID | None = None,
    by: User | None = None,
    basis: str = "",
) -> Person:
    """A new member of the current municipality, with the next member number (``M-10012``).

    Arguments:
        roles: any of "carer", "supporter", "recipient", at least one.
        user: the person's own login; None for people without a smartphone.
        uid: the form's order id; the same uid again returns the person, unchanged.
        by: the member of staff who enters it for the person, with ``basis`` ("phone", "paper",
            "counter"); None when people register themselves.

    Carers and supporters give their birth date (the activity insurance asks for it); whoever is
    younger than ``PREPARES_FROM_YEARS`` is registered by staff. From there to 18 they look and
    prepare, and meet nobody before an adult has agreed (``agreement_record``).

    Raises ``Invalids`` (all refusals of the form), ``GuardianNeeded``, ``AlreadyRegistered``,
    ``OrderDiffers``, ``BasisMissing``.
    """
    fields = _checked(
        family_name=family_name,
        given_name=given_name,
        family_kana=family_kana,
        given_kana=given_kana,
        birth_date=birth_date,
        gender=gender,
        phone=phone,
        languages=languages,
        introduction=introduction,
        occupation=occupation,
        roles=roles,
    )
    wanted: set[str] = fields.pop("roles")
    proxy_checked(by=by, basis=basis)
    if (
        by is None
        and birth_date is not None
        and wanted != {domain.RECIPIENT}
        and clock.age_on(birth_date, clock.today()) < PREPARES_FROM_YEARS
    ):
        raise GuardianNeeded(field="birth_date", years=PREPARES_FROM_YEARS)
    uid = uid or new_id()
    now = clock.now()
    try:
        with transaction.atomic():
            before = _registered_before(uid, user, fields)
            if before is not None:
                return before
            person: Person = Person.objects.create(
                uid=uid,
                user=user,
                number=_number_next(),
                joined_at=now,
                **fields,
                **{f"{role}_since": now for role in wanted},
            )
            contact_ensure(person=person)
            if user is not None and user.municipality_id is None:
                User.objects.filter(pk=user.pk).update(municipality_id=current())
                user.municipality_id = current()
            act_record(
                actor=by or user,
                action="person_register",
                subject_kind="person",
                subject_id=person.uid,
                basis=basis if by is not None else "",
            )
    except IntegrityError:
        # Taken a moment ago: by a second press, which is answered like any replay, or by another
        # form of the same login, here or in another municipality.
        before = _registered_before(uid, user, fields)
        if before is None:
            raise AlreadyRegistered() from None
        return before
    return person


def person_update(
    *,
    person: Person,
    family_name: str = _UNSET,
    given_name: str = _UNSET,
    family_kana: str = _UNSET,
    given_kana: str = _UNSET,
    birth_date: date | None = _UNSET,
    gender: str = _UNSET,
    phone: str = _UNSET,
    languages: Iterable[str] = _UNSET,
    introduction: str = _UNSET,
    occupation: str = _UNSET,
    by: User | None = None,
    basis: str = "",
) -> Person:
    """Change what is given and leave the rest. Staff name themselves and the basis.

    Whoever changes their own name or birth date is to be identified again; whoever is under 18
    changes no birth date without the office.

    Raises ``Invalids``, ``BasisMissing``, ``BirthDateByOffice``.
    """
    given = {k: v for k, v in locals().items() if k not in ("person", "by", "basis")}
    given = {k: v for k, v in given.items() if v is not _UNSET}
    proxy_checked(by=by, basis=basis)
    fields = _checked(**given)
    with transaction.atomic():
        row = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        changed = {name for name, value in fields.items() if getattr(row, name) != value}
        if by is None and "birth_date" in changed and is_minor(row.birth_date, clock.today()):
            raise BirthDateByOffice(field="birth_date")
        if by is None and changed & {"family_name", "given_name", "birth_date"}:
            identity_forget(person=row, reason=sentences.REGISTER_CHANGED)
        for name, value in fields.items():
            setattr(row, name, value)
            setattr(person, name, value)
        row.save(update_fields=list(fields))
        act_record(
            actor=by or person.user,
            action="person_update",
            subject_kind="person",
            subject_id=person.uid,
            basis=basis if by is not None else "",
            note=",".join(sorted(fields)),
        )
    return person


def role_add(*, person: Person, role: str, by: User | None = None, basis: str = "") -> Person:
    """One role more; one that the person has already stays as it is. Raises ``ChoiceUnknown``."""
    _role_checked(role)
    proxy_checked(by=by, basis=basis)
    if role != domain.RECIPIENT and person.birth_date is None:
        raise BirthDateMissing(field="birth_date")
    return _role_set(person, role, on=True, by=by, basis=basis)


def role_drop(*, person: Person, role: str, by: User | None = None, basis: str = "") -> Person:
    """One role less. What was promised before stays promised; a visit is cancelled as a visit."""
    _role_checked(role)
    proxy_checked(by=by, basis=basis)
    return _role_set(person, role, on=False, by=by, basis=basis)


def person_leave(*, person: Person, by: User | None = None, basis: str = "") -> Person:
    """End a membership: no roles, no login, nothing more to find. The number is not reused.

    Doors call ``earnings.services.membership_end``, which looks first whether anything is open.
    """
    proxy_checked(by=by, basis=basis)
    with transaction.atomic():
        Person.objects.filter(pk=person.pk, left_at=None).update(
            left_at=clock.now(), carer_since=None, supporter_since=None, recipient_since=None
        )
        if person.user_id is not None:
            User.objects.filter(pk=person.user_id).update(is_active=False)
        act_record(
            actor=by or person.user,
            action="person_leave",
            subject_kind="person",
            subject_id=person.uid,
            basis=basis if by is not None else "",
        )
    person.refresh_from_db(fields=["left_at", "carer_since", "supporter_since", "recipient_since"])
    return person


def home_set(
    *,
    person: Person,
    address: str,
    latitude: float,
    longitude: float,
    by: User | None = None,
    basis: str = "",
) -> Person:
    """Where the person lives: address and point (degrees); the living area follows from it.

    The point may lie outside the municipality (people work or study here, too); then there is no
    area. Raises ``ValueMissing``, ``TextTooLong``, ``OutsideJapan``.
    """
    proxy_checked(by=by, basis=basis)
    point = geometry.check_in_japan(latitude, longitude)
    kept = domain.words(address, part="住所", field="address", limit=200)
    if not kept:
        raise ValueMissing(field="address", part="住所")
    fields: dict[str, Any] = {
        "address": kept,
        "latitude": point.latitude,
        "longitude": point.longitude,
        "area": area_of_point(point.latitude, point.longitude),
    }
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(**fields)
        if by is not None:
            act_record(
                actor=by,
                action="home_set",
                subject_kind="person",
                subject_id=person.uid,
                basis=basis,
            )
    for name, value in fields.items():
        setattr(person, name, value)
    return person


# --- inside -------------------------------------------------------------------------------------


def _checked(**given: Any) -> dict[str, Any]:
    """``given`` as stored; every refusal of the form at once, as ``Invalids``."""
    refusals: list[Refusal] = []
    fields: dict[str, Any] = {}
    for name, value in given.items():
        try:
            fields[name] = _CHECKS[name](value)
        except Invalid as refusal:
            refusals.append(refusal)
    roles = fields.get("roles", set())
    if roles - {domain.RECIPIENT} and "birth_date" in fields and fields["birth_date"] is None:
        refusals.append(BirthDateMissing(field="birth_date"))
    if refusals:
        raise Invalids(refusals)
    return fields


def _birth_date(value: date | None) -> date | None:
    return None if value is None else domain.birth_date_checked(value, today=clock.today())


def _gender(value: str) -> str:
    if value not in Person.Gender.values:
        raise ChoiceUnknown(field="gender", part="性別")
    return value


def _languages(value: Iterable[str]) -> list[str]:
    codes = list(dict.fromkeys(value))
    if any(code not in LANGUAGES for code in codes):
        raise ChoiceUnknown(field="languages", part="話せることば")
    return codes


def _roles(value: Iterable[str]) -> set[str]:
    roles = set(value)
    if not roles:
        raise RoleMissing(field="roles")
    for role in roles:
        _role_checked(role)
    return roles


_CHECKS: dict[str, Any] = {
    "family_name": lambda v: domain.name_part(v, part="姓", field="family_name"),
    "given_name": lambda v: domain.name_part(v, part="名", field="given_name"),
    "family_kana": lambda v: domain.kana_part(v, part="姓のふりがな", field="family_kana"),
    "given_kana": lambda v: domain.kana_part(v, part="名のふりがな", field="given_kana"),
    "birth_date": _birth_date,
    "gender": _gender,
    "phone": domain.phone,
    "languages": _languages,
    "introduction": lambda v: domain.words(v, part="紹介", field="introduction", limit=600),
    "occupation": lambda v: domain.words(v, part="仕事など", field="occupation", limit=60),
    "roles": _roles,
}


def _role_checked(role: str) -> None:
    if role not in domain.ROLES:
        raise ChoiceUnknown(field="roles", part="使い方")


def _registered_before(uid: UUID, user: User | None, fields: dict[str, Any]) -> Person | None:
    """The person of a replayed form. Raises ``OrderDiffers``, ``AlreadyRegistered``."""
    before: Person | None = Person.objects.filter(uid=uid).first()
    if before is not None:
        same_user = before.user_id == (user.pk if user else None)
        if not same_user or any(
            getattr(before, part) != fields[part]
            for part in ("family_kana", "given_kana", "birth_date")
        ):
            raise OrderDiffers()
        return before
    if user is not None and Person.objects.filter(user=user).exists():
        raise AlreadyRegistered()
    if user is not None and user.municipality_id not in (None, current()):
        raise AlreadyRegistered()
    return None


def _number_next() -> str:
    """The next member number of the current municipality; whoever asks next waits for us.

    A transaction that fails gives its number back with the counter, so no number is skipped
    by a failure, and none is given twice: the counter never goes down otherwise.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_personcounter AS c (municipality_id, last) VALUES (%s, 10001)"
            " ON CONFLICT ON CONSTRAINT person_counter_once DO UPDATE SET last = c.last + 1"
            " RETURNING last",
            [current()],
        )
        row = cursor.fetchone()
    assert row is not None
    return f"M-{row[0]}"


def _role_set(person: Person, role: str, *, on: bool, by: User | None, basis: str) -> Person:
    column = f"{role}_since"
    with transaction.atomic():
        changed = Person.objects.filter(
            pk=person.pk, left_at=None, **{f"{column}__isnull": on}
        ).update(**{column: clock.now() if on else None})
        if changed:
            act_record(
                actor=by or person.user,
                action="role_add" if on else "role_drop",
                subject_kind="person",
                subject_id=person.uid,
                basis=basis if by is not None else "",
                note=role,
            )
    person.refresh_from_db(fields=[column])
    contact_ensure(person=person)
    return person


assert PersonCounter._meta.db_table == "people_personcounter"
