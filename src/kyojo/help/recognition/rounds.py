"""What the worker does for each town. Inside ``tenancy.tenant``."""

from datetime import timedelta

from kyojo.civic.people.models import Person, TrustCheck
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.help.support.models import Visit
from kyojo.kernel import clock

from .counting import paid_visits
from .models import Badge
from .services import badges_award, badges_recount, sign_due

#: How far back the round looks: more than the time between two, so that none is missed.
LATELY = timedelta(days=3)


def recognise_lately() -> None:
    """Give and take back badges for what lately changed, and sign; where nobody has one yet, for
    everything that was ever done."""
    if not Badge.objects.exists():
        recognise_all()
        return
    since = clock.now() - LATELY
    helped = paid_visits().filter(settled_at__gte=since).values("supporter_id")
    taught = TrustCheck.objects.filter(kind=TrustCheck.Kind.TRAINING, checked_at__gte=since).values(
        "person_id"
    )
    _award(helped, taught)
    unpaid = Visit.objects.filter(
        state=Visit.State.RESOLVED, settled_coins=0, settled_at__gte=since
    )
    holders = Badge.objects.filter(revoked_at=None).values("person_id")
    for person in Person.objects.filter(
        pk__in=unpaid.filter(supporter__in=holders).values("supporter_id")
    ):
        badges_recount(person=person)
    sign_due()


def recognise_all() -> None:
    """The same, for everything that was ever done: also what a changed rule now gives."""
    _award(
        paid_visits().values("supporter_id"),
        TrustCheck.objects.filter(kind=TrustCheck.Kind.TRAINING).values("person_id"),
    )
    sign_due()


def _award(helped: object, taught: object) -> None:
    people = Person.objects.filter(left_at=None)
    found = people.filter(pk__in=helped) | people.filter(pk__in=taught)
    try:
        badges_award(people=found.order_by("pk"))
    except ProgrammeMissing:
        return  # a town without a coin programme gives none
