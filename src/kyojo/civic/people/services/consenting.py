"""Agreeing to a text, and taking it back. What follows elsewhere from taking it back is
``commons.privacy``'s, which doors call."""

from datetime import date

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalid, Invalids, Refusal

from .. import domain
from ..consent_selectors import consent_of, consent_stands, text_current
from ..errors import ChoiceUnknown, ConsentTextChanged, DayPast, ValueMissing
from ..models import Consent, ConsentText, Person, User
from .acts import act_record, proxy_checked, staff_checked
from .locks import persons_lock

PARTS = {
    "words": ("同意の文", 2000),
    "purpose": ("何のため", 300),
    "recipients": ("だれに伝わるか", 300),
    "kept": ("いつまで残すか", 300),
    "follows": ("やめるとどうなるか", 300),
}


def consent_text_publish(
    *, kind: str, effective_from: date, asks_again: bool, by: User, **parts: str
) -> ConsentText:
    """A new version of a town's text, in force from a day on, today at the earliest. The same
    words as the newest version: that version, unchanged.

    Raises ``Invalids``, ``ChoiceUnknown``, ``NotFound`` for who is no staff here.
    """
    staff_checked(by)
    if kind not in ConsentText.Kind.values:
        raise ChoiceUnknown(field="kind", part="種類")
    kept = _checked(parts, effective_from)
    with transaction.atomic():
        text_current(kind)  # version 1, which everybody agreed to until now
        newest = (
            ConsentText.objects.select_for_update().filter(kind=kind).order_by("-version").first()
        )
        assert newest is not None
        if all(getattr(newest, name) == value for name, value in kept.items()):
            return newest  # type: ignore[no-any-return]
        made: ConsentText = ConsentText.objects.create(
            kind=kind,
            version=newest.version + 1,
            effective_from=effective_from,
            asks_again=asks_again,
            made_by=by,
            **kept,
        )
        act_record(
            actor=by,
            action="consent_text_published",
            subject_kind="consent",
            subject_id=made.pk,
            note=f"{kind} {made.version}",
        )
    return made


def consent_give(
    *,
    person: Person,
    kind: str,
    version: int | None = None,
    by: User | None = None,
    basis: str = "",
) -> Consent:
    """The person agrees to the text of today. ``version`` is the one that was on the screen. Agreed
    already: the standing consent; an older version's makes way.

    Raises ``ConsentTextChanged`` where another version came meanwhile, ``BasisMissing``.
    """
    proxy_checked(by=by, basis=basis)
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        text = text_current(kind)
        if version is not None and version != text.version:
            raise ConsentTextChanged()
        standing = consent_of(person, kind)
        if standing is not None and standing.text_id == text.pk:
            return standing
        if standing is not None:
            _withdraw(standing, by, basis)
        consent: Consent = Consent.objects.create(
            person=person,
            kind=kind,
            text=text,
            given_at=clock.now(),
            given_by=by or person.user,
            basis=basis if by else "",
        )
        _record(person, by, "consent_text_given", basis, kind)
    return consent


def consent_ensure(
    *,
    person: Person,
    kind: str,
    version: int | None = None,
    by: User | None = None,
    basis: str = "",
) -> None:
    """``consent_give``, where what was agreed to does not hold today anyway. Inside the person's
    own town."""
    if not consent_stands(person, kind):
        consent_give(person=person, kind=kind, version=version, by=by, basis=basis)


def consent_take_back(
    *, person: Person, kind: str, by: User | None = None, basis: str = ""
) -> bool:
    """The person agrees no more. True if they did until now; again: nothing changes."""
    proxy_checked(by=by, basis=basis)
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        standing = consent_of(person, kind)
        if standing is None:
            return False
        _withdraw(standing, by, basis)
        _record(person, by, "consent_text_withdrawn", basis, kind)
    return True


def _withdraw(consent: Consent, by: User | None, basis: str) -> None:
    consent.withdrawn_at = clock.now()
    consent.withdrawn_by = by or consent.person.user
    consent.withdrawn_basis = basis if by else ""
    consent.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_basis"])


def _record(person: Person, by: User | None, action: str, basis: str, kind: str) -> None:
    act_record(
        actor=by or person.user,
        action=action,
        subject_kind="person",
        subject_id=person.uid,
        basis=basis if by else "",
        note=kind,
    )


def _checked(parts: dict[str, str], effective_from: date) -> dict[str, str]:
    refusals: list[Refusal] = []
    kept: dict[str, str] = {}
    for name, (label, limit) in PARTS.items():
        try:
            words = domain.words(parts.get(name, ""), part=label, field=name, limit=limit)
        except Invalid as refusal:
            refusals.append(refusal)
            continue
        if not words:
            refusals.append(ValueMissing(field=name, part=label))
        kept[name] = words
    if effective_from < clock.today():
        refusals.append(DayPast(field="effective_from"))
    if refusals:
        raise Invalids(refusals)
    return kept
