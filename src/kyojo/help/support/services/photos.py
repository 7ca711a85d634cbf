"""Photos of the work: with a yes of the house, of no person, for the two sides and the office.

A photo says little by itself (``evidence.WORTH``); it helps where people remember differently.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from kyojo.civic.municipalities.sealing import seal_bytes
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import twins_save
from kyojo.civic.people.consent_selectors import consent_stands
from kyojo.civic.people.models import ConsentText, Person, User
from kyojo.civic.people.services import act_record, consent_ensure
from kyojo.kernel import clock
from kyojo.kernel.pictures import picture_cleaned
from kyojo.kernel.wording import jhour

from .. import evidence
from ..domain import HOLDING, Role, State
from ..errors import PhotosEnough, PhotosNotAllowed, PhotosNotYours, StepNotAllowed, TimeOver
from ..evidence import Kind
from ..models import Photo, PurgeLog, Visit
from .proving import SOON, Proof, evidence_store, pressed_at
from .steps import Case, basis_checked, history, house_office_checked, place_rules, step_of

PHOTOS_MAX = 3
MOMENTS = ("start", "end")
HOUSE = {Role.CARER, Role.RECIPIENT, Role.OFFICE}


def photos_allow(
    *,
    visit_uid: UUID,
    by: Person | User,
    allowed: bool,
    basis: str = "",
    version: int | None = None,
) -> Visit:
    """Whether the supporter may take photos: said by whoever says whether they may come, which is
    the person whose home it is, or the carer where nobody else is asked. Staff notes it with its
    ``basis``. A yes is also that person's consent to the town's text about photos (``version``
    was on the screen); a no erases what was taken. Said already: nothing changes.

    Raises ``NotFound``, ``PhotosNotYours``, ``BasisMissing``, ``StepNotAllowed`` (it is over),
    ``ConsentTextChanged``.
    """
    with step_of(visit_uid=visit_uid, name="photos_allow", by=by, allowed=HOUSE) as case:
        visit = case.visit
        house_office_checked(case)
        if case.role is Role.CARER and visit.consent != Visit.Consent.NOT_NEEDED:
            raise PhotosNotYours()
        if isinstance(by, User):
            basis_checked(basis)
        if allowed and visit.state in HOLDING:
            _consent_keep(case, by, basis, version)
        if visit.photos_allowed == allowed:
            return case.mine
        if allowed and visit.state not in HOLDING:
            raise StepNotAllowed(state=str(Visit.State(visit.state).label))
        twins_save(case.rows, photos_allowed=allowed)
        history(
            case,
            before=visit.state,
            after=visit.state,
            reason="photos_allowed" if allowed else "photos_refused",
        )
        if isinstance(by, User):
            act_record(
                actor=by,
                action="photos_allow",
                subject_kind="visit",
                subject_id=visit.uid,
                note="yes" if allowed else "no",
                basis=basis,
            )
        if not allowed:
            with tenant(visit.place_municipality_id):
                _erase(Q(visit_uid=visit.uid))
        return case.mine


def _house(case: Case) -> tuple[int, Person]:
    """Whose consent photos need, and their town: as for whether the supporter may come."""
    asked = case.visit.consent != Visit.Consent.NOT_NEEDED
    row = case.places_row if asked else case.carers_row
    with tenant(row.municipality_id):
        return row.municipality_id, Person.objects.get(
            pk=row.recipient_id if asked else row.carer_id
        )


def _consent_keep(case: Case, by: Person | User, basis: str, version: int | None) -> None:
    town, person = _house(case)
    with tenant(town):
        consent_ensure(
            person=person,
            kind=ConsentText.Kind.PHOTO,
            version=version,
            by=by if isinstance(by, User) else None,
            basis=basis,
        )


def _consent_holds(case: Case) -> bool:
    town, person = _house(case)
    with tenant(town):
        return consent_stands(person, ConsentText.Kind.PHOTO)


def photo_add(
    *,
    visit_uid: UUID,
    supporter: Person,
    nonce: UUID,
    moment: str,
    picture: bytes,
    device_at: datetime | None = None,
    was_kept: bool = False,
) -> Visit:
    """A photo of how it looked at the ``moment`` ("start", "end"), while the visit runs. The same
    ``nonce`` again is the one that stands. Nothing of the file but the picture is kept.

    Raises ``NotFound``, ``PhotosNotAllowed``, ``PhotosEnough``, ``TimeOver``, ``NonceReused``,
    ``StepNotAllowed``, ``pictures.PictureWrong``.
    """
    # Before the locks, since it takes a while; and only for who comes.
    theirs = Visit.objects.filter(uid=visit_uid, supporter=supporter)
    clean = picture_cleaned(picture, field="picture") if theirs.exists() else b""
    with step_of(visit_uid=visit_uid, name="photo", by=supporter, allowed={Role.SUPPORTER}) as case:
        visit = case.visit
        moment = moment if moment in MOMENTS else "end"
        with tenant(visit.place_municipality_id):
            taken = list(Photo.objects.filter(visit_uid=visit.uid).values_list("uid", flat=True))
        if nonce in taken:
            return case.mine
        if visit.state != State.STARTED:
            raise StepNotAllowed(state=str(Visit.State(visit.state).label))
        if not visit.photos_allowed or not _consent_holds(case):
            raise PhotosNotAllowed()
        if len(taken) >= PHOTOS_MAX:
            raise PhotosEnough(most=PHOTOS_MAX)
        rules = place_rules(visit)
        proof = Proof(nonce, device_at=device_at, was_kept=was_kept)
        at = pressed_at(visit, proof, rules)
        _, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
        if at > closes:
            raise TimeOver(ends=jhour(visit.ends_at))
        evidence_store(
            case,
            nonce,
            Kind.PHOTO,
            moment,
            in_window=True,
            device_at=device_at,
            is_late=clock.now() - at > SOON,
        )
        _keep(case, nonce, moment, at, clean, timedelta(days=rules.evidence.positions_kept_days))
        return case.mine


def _keep(
    case: Case, uid: UUID, moment: str, at: datetime, picture: bytes, kept: timedelta
) -> None:
    visit = case.visit
    with tenant(visit.place_municipality_id):
        Photo.objects.create(
            uid=uid,
            visit_uid=visit.uid,
            moment=moment,
            taken_by_uid=visit.supporter_uid,
            at=at,
            picture_encrypted=seal_bytes(picture),
            purge_at=visit.ends_at + kept,
        )


# --- erased ---------------------------------------------------------------------------------------
def photos_purge() -> int:
    """Erase the pictures of this town whose day has come, and log how many."""
    return _erase(Q(purge_at__lte=clock.now()))


def photos_forget(*, person_uid: UUID) -> int:
    """Erase this town's pictures of every visit that ``person_uid`` had a part in. Returns how
    many; again: none. Inside the town's tenant."""
    theirs = Visit.objects.filter(
        Q(carer_uid=person_uid) | Q(supporter_uid=person_uid) | Q(recipient_uid=person_uid)
    )
    return _erase(Q(visit_uid__in=theirs.values("uid")) | Q(taken_by_uid=person_uid))


def photos_stop(*, person_uid: UUID) -> None:
    """No photo may be taken any more where ``person_uid`` had said that they may. Inside the
    tenant of one of the towns, each time."""
    not_needed = Visit.Consent.NOT_NEEDED
    theirs = Q(carer_uid=person_uid, consent=not_needed) | (
        Q(recipient_uid=person_uid) & ~Q(consent=not_needed)
    )
    Visit.objects.filter(theirs, photos_allowed=True).update(photos_allowed=False)


def _erase(which: Q) -> int:
    now = clock.now()
    erased = Photo.objects.filter(which, picture_encrypted__isnull=False).update(
        picture_encrypted=None, purged_at=now
    )
    if erased:
        PurgeLog.objects.create(at=now, erased_count=erased, due_before=now)
    return int(erased)
