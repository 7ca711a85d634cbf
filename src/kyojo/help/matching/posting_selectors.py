"""Reads of what is shown to everybody, and of who applied. All need ``tenancy.tenant``, of the
place's town."""

from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.domain import kana_key
from kyojo.civic.people.models import Person
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from . import one_off
from .applicants import Applicant, code_hash
from .models import Application, Posting


def postings_open() -> list[Posting]:
    """What somebody without a profile may apply for now, the soonest first."""
    postings = list(
        Posting.objects.filter(closed_at=None, starts_at__gt=clock.now() + one_off.LEAD)
    )
    open_ones = set(
        HelpRequest.objects.filter(
            uid__in=[one.request_uid for one in postings], state=HelpRequest.State.OPEN
        ).values_list("uid", flat=True)
    )
    return [one for one in postings if one.request_uid in open_ones]


def posting_of(uid: UUID) -> Posting:
    """Raises ``NotFound``: unknown, or of another town."""
    found: Posting | None = Posting.objects.filter(uid=uid).first()
    if found is None:
        raise NotFound()
    return found


def is_open(posting: Posting) -> bool:
    """Whether somebody is still looked for, and there is time to telephone."""
    return (
        posting.starts_at > clock.now()
        and HelpRequest.objects.filter(
            uid=posting.request_uid, state=HelpRequest.State.OPEN
        ).exists()
    )


def may_be_applied_for(posting: Posting) -> bool:
    return (
        posting.closed_at is None
        and posting.starts_at > clock.now() + one_off.LEAD
        and is_open(posting)
    )


def posting_standing(request: HelpRequest) -> Posting | None:
    """The posting of a request while it is shown, whichever town looks."""
    with tenant(request.place_municipality_id):
        found: Posting | None = Posting.objects.filter(
            request_uid=request.uid, closed_at=None
        ).first()
    return found


def application_by_code(code: str) -> Application:
    """Raises ``NotFound``."""
    found: Application | None = (
        Application.objects.select_related("posting").filter(code_hash=code_hash(code)).first()
    )
    if found is None:
        raise NotFound()
    return found


def application_by_uid(uid: UUID) -> Application:
    """For the desk. Raises ``NotFound``."""
    found: Application | None = (
        Application.objects.select_related("posting").filter(uid=uid).first()
    )
    if found is None:
        raise NotFound()
    return found


def applications_waiting() -> list[Application]:
    """Those that the office has not answered, the longest waiting first."""
    return list(Application.objects.filter(state__in=one_off.WAITING).select_related("posting"))


def applications_answered(*, limit: int = 50) -> list[Application]:
    """Those that are answered and not erased yet, the newest first."""
    found = Application.objects.exclude(state__in=one_off.WAITING).select_related("posting")
    return list(found.order_by("-answered_at", "-id")[:limit])


def members_like(who: Applicant) -> list[Person]:
    """Members who may be this applicant: born on the same day, with the same reading."""
    key = kana_key(who.family_kana, who.given_kana)
    born = Person.objects.filter(birth_date=who.birth_date, left_at=None)
    return [
        one
        for one in born.select_related("area")
        if kana_key(one.family_kana, one.given_kana) == key
    ]
