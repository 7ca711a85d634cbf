"""Showing a request to everybody, without a name: only where its carer wants it."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.civic.people.services.acts import proxy_checked
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import one_off
from ..errors import PostingNotPossible, PostingTooLate, RequestNotOpen
from ..models import Posting


def posting_open(
    *, request_uid: UUID, carer: Person | None = None, by: User | None = None, basis: str = ""
) -> Posting:
    """Show an open request on its place's public page. The carer wants it: ``carer`` themselves,
    or ``by`` of the desk, with the ``basis`` on which they know. In the carer's town, for the
    desk also in the place's. Shown already: nothing changes.

    Raises ``NotFound``, ``RequestNotOpen``, ``PostingTooLate``, ``PostingNotPossible``,
    ``BasisMissing``.
    """
    with transaction.atomic():
        request = _request(request_uid, carer, by, basis)
        if request.state != HelpRequest.State.OPEN:
            raise RequestNotOpen()
        if request.starts_at <= clock.now() + one_off.LEAD:
            raise PostingTooLate()
        with tenant(request.place_municipality_id):
            if not may_be_posted(request):
                raise PostingNotPossible()
            here = HelpRequest.objects.select_related("area").get(uid=request_uid)
            posting, _ = Posting.objects.update_or_create(
                request_uid=request_uid,
                municipality_id=current(),
                defaults={"closed_at": None},
                create_defaults={
                    "carer_municipality_id": request.carer_municipality_id,
                    "category": request.category,
                    "area_name": here.area.name if here.area else "",
                    "starts_at": request.starts_at,
                    "ends_at": request.ends_at,
                    "price_coins": request.price_coins,
                },
            )
        _on_record(request_uid, by, basis, "posting_open")
    return posting  # type: ignore[no-any-return]


def posting_close(
    *, request_uid: UUID, carer: Person | None = None, by: User | None = None, basis: str = ""
) -> None:
    """Show it no longer. Whoever applied already is still answered. Again: nothing changes."""
    with transaction.atomic():
        request = _request(request_uid, carer, by, basis)
        with tenant(request.place_municipality_id):
            closed = Posting.objects.filter(request_uid=request_uid, closed_at=None).update(
                closed_at=clock.now()
            )
        if closed:
            _on_record(request_uid, by, basis, "posting_close")


def may_be_posted(request: HelpRequest) -> bool:
    """Whether somebody unknown may come for ``request``. In the place's town.

    Who asked for a woman or a man is not served by somebody of whom that is not known.
    """
    rules = programme_current()[1]
    return (
        not request.gender_wish
        and rules.category_allowed(request.category)
        and one_off.may_help_once(
            request.category,
            trust=rules.trust_needed(request.category),
            training=rules.training_needed(request.category),
        )
    )


def _request(uid: UUID, carer: Person | None, by: User | None, basis: str) -> HelpRequest:
    if carer is None and by is None:
        raise NotFound()
    proxy_checked(by=by, basis=basis)
    found = HelpRequest.objects.exclude(state=HelpRequest.State.DRAFT).filter(uid=uid)
    request = (found if carer is None else found.filter(carer=carer)).first()
    if request is None:
        raise NotFound()
    return request  # type: ignore[no-any-return]


def _on_record(uid: UUID, by: User | None, basis: str, action: str) -> None:
    if by is not None:
        act_record(actor=by, action=action, subject_kind="request", subject_id=uid, basis=basis)
