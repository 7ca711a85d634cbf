"""What members are asked to agree to, and what they agreed to. Of the current municipality."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max

from kyojo.kernel import clock

from .consent_texts import TEXTS
from .errors import ConsentMissing
from .models import Consent, ConsentText, Person

Kind = ConsentText.Kind


@dataclass(frozen=True)
class ConsentState:
    """One kind, as a member sees it. ``asks``: the current text has to be answered (again)."""

    kind: str
    label: str
    text: ConsentText
    consent: Consent | None

    @property
    def asks(self) -> bool:
        return self.consent is None or not _holds(self.consent, self.text)


def text_current(kind: str) -> ConsentText:
    """The version in force today; the house's own, where the town has written none."""
    today = clock.today()
    found: ConsentText | None = (
        ConsentText.objects.filter(kind=kind, effective_from__lte=today)
        .order_by("-version")
        .first()
    )
    if found is not None:
        return found
    made, _ = ConsentText.objects.get_or_create(
        kind=kind, version=1, defaults={**TEXTS[kind]._asdict(), "effective_from": today}
    )
    return made  # type: ignore[no-any-return]


def texts() -> list[ConsentText]:
    """Every version of this town, by kind, the newest first."""
    for kind in Kind.values:
        text_current(kind)
    return list(ConsentText.objects.all())


def consent_of(person: Person, kind: str) -> Consent | None:
    """The consent that was given and not taken back, whatever its version."""
    found: Consent | None = (
        Consent.objects.select_related("text")
        .filter(person=person, kind=kind, withdrawn_at=None)
        .first()
    )
    return found


def consents_of(person: Person) -> list[ConsentState]:
    """Every kind, with the text of today and what the person said."""
    return [
        ConsentState(kind, str(label), text_current(kind), consent_of(person, kind))
        for kind, label in Kind.choices
    ]


def consent_stands(person: Person, kind: str) -> bool:
    """Whether the person agreed to what holds today."""
    consent = consent_of(person, kind)
    return consent is not None and _holds(consent, text_current(kind))


def agreed_among(uids: Iterable[UUID], kind: str) -> set[UUID]:
    """Those of these members who agreed to what holds today."""
    wanted = set(uids)
    if not wanted:
        return set()
    text = text_current(kind)
    asked = ConsentText.objects.filter(kind=kind, version__lte=text.version, asks_again=True)
    since = asked.aggregate(newest=Max("version"))["newest"] or 0
    found = Consent.objects.filter(
        person__uid__in=wanted, kind=kind, withdrawn_at=None, text__version__gte=since
    )
    return set(found.values_list("person__uid", flat=True))


def consent_required(person: Person, kind: str) -> None:
    """Raises ``ConsentMissing`` where the person has not agreed to what holds today: to be called
    before anything is done that rests on a consent."""
    if not consent_stands(person, kind):
        raise ConsentMissing(what=Kind(kind).label)


def _holds(consent: Consent, text: ConsentText) -> bool:
    """Agreed to this version, or to an older one that none since has asked again about."""
    if consent.text_id == text.pk:
        return True
    newer = ConsentText.objects.filter(
        kind=text.kind,
        version__gt=consent.text.version,
        version__lte=text.version,
        asks_again=True,
    )
    return not newer.exists()
