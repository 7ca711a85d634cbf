"""Somebody without a profile comes once: the office has telephoned and seen who they are."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.models import Area, Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.municipalities.twins import twins_locked
from kyojo.civic.people.domain import SUPPORTER
from kyojo.civic.people.errors import ValueMissing
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import (
    home_set,
    identity_seen_once,
    person_register,
    role_add,
)
from kyojo.help.matching import services as matching
from kyojo.help.matching.applicants import Applicant, applicant_of
from kyojo.help.matching.errors import ApplicantKnown, ApplicantOther, ApplicationOver
from kyojo.help.matching.models import Application
from kyojo.help.matching.posting_selectors import members_like
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import derived_id

from ..domain import Role
from ..models import Visit
from .reservations import office_assign, visit_uid_of
from .steps import basis_checked, refused_store, staff_checked

State = Application.State


def application_decide(
    *,
    uid: UUID,
    by: User,
    basis: str,
    method: str,
    address: str = "",
    area: Area | None = None,
    member_uid: UUID | None = None,
    others: Collection[UUID] = (),
) -> Visit:
    """Let an applicant come: they become a supporter of this town with what is known of them (or
    are ``member_uid``, who is a member already), their identity is on record, and they are settled
    as the office settles anybody. Decided already: the same visit, whoever pressed.

    Arguments:
        method: how their identity was seen. It counts for this one day (people's
            ``identity_seen_once``).
        address, area: where they live, for whoever is new; the distance counts from the middle of
            ``area``, or of the town where there is none.
        others: members with the same reading and birth date whom the office saw and found to be
            somebody else; they are looked at where ``member_uid`` is None.

    Raises ``ApplicationOver``, ``ApplicantOther``, ``ApplicantKnown``, ``BasisMissing``,
    ``ValueMissing``, ``OwnCheck``, and as ``office_assign``. Whatever is refused, nobody
    is registered.
    """
    staff_checked(by)
    basis_checked(basis)
    order_id = derived_id(uid, "assign")
    try:
        with transaction.atomic():
            application = matching.application_locked(uid=uid)
            request_uid = application.posting.request_uid
            if application.state == State.DECIDED:
                return Visit.objects.get(uid=application.visit_uid)
            who = applicant_of(application)
            if who is None or application.answered_at is not None:
                raise ApplicationOver(state=State(application.state).label)
            # The request before the person, as everywhere.
            with twins_locked(HelpRequest, uid=request_uid, start=current()):
                person = (
                    _member(who, member_uid, by, basis)
                    if member_uid is not None
                    else _registered(uid, who, others, by, basis)
                )
                if person.latitude is None:
                    _home(person, address, area, by, basis)
                identity_seen_once(
                    person=person,
                    day=clock.local(application.posting.starts_at).date(),
                    method=method,
                    by=by,
                )
                visit = office_assign(
                    order_id=order_id,
                    request_uid=request_uid,
                    supporter_uid=person.uid,
                    supporter_municipality_id=current(),
                    by=by,
                    basis=basis,
                )
            matching.application_decided_mark(
                application=application, person_uid=person.uid, visit_uid=visit.uid
            )
    except NotFound:
        raise
    except Refusal as refusal:
        refused_store(
            visit_uid=visit_uid_of(order_id),
            name="reserve",
            role=Role.OFFICE,
            actor_uid=None,
            code=refusal.code,
        )
        raise
    return visit


def _member(who: Applicant, uid: UUID, by: User, basis: str) -> Person:
    for person in members_like(who):
        if person.uid == uid:
            return role_add(person=person, role=SUPPORTER, by=by, basis=basis)
    raise ApplicantOther(field="member")


def _registered(
    uid: UUID, who: Applicant, others: Collection[UUID], by: User, basis: str
) -> Person:
    """A new member. Whoever is registered at the same moment waits for the member number, so those
    who came before are seen afterwards: somebody with two applications gets one number."""
    person = person_register(
        uid=derived_id(uid, "person"),
        family_name=who.family_name,
        given_name=who.given_name,
        family_kana=who.family_kana,
        given_kana=who.given_kana,
        birth_date=who.birth_date,
        phone=who.phone,
        roles=[SUPPORTER],
        by=by,
        basis=basis,
    )
    if {one.uid for one in members_like(who)} - {person.uid, *others}:
        raise ApplicantKnown(field="member")
    return person


def _home(person: Person, address: str, area: Area | None, by: User, basis: str) -> None:
    if area is not None:
        middle = ((area.south + area.north) / 2, (area.west + area.east) / 2)
    else:
        town = Municipality.objects.get(pk=current())
        if town.latitude is None or town.longitude is None:
            raise ValueMissing(field="area", part="住んでいる地区")
        middle = (town.latitude, town.longitude)
    home_set(
        person=person,
        address=address,
        latitude=middle[0],
        longitude=middle[1],
        by=by,
        basis=basis,
    )
