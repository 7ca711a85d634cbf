"""How asking goes in the current town, as counts: for the staff."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q

from kyojo.kernel import clock

from .models import AcceptanceFit, Ask


@dataclass(frozen=True)
class AskingMonth:
    """What was asked in waves in the last 28 days, as counts."""

    asks: int
    people: int
    requests: int
    yes: int
    no: int

    @property
    def per_yes(self) -> str:
        """Questions for each yes, to one place; "" where there was none."""
        return f"{self.asks / self.yes:.1f}" if self.yes else ""


def asking_month() -> AskingMonth:
    """Of the current town's requests."""
    rows = Ask.objects.filter(asked_at__gt=clock.now() - timedelta(days=28))
    found = rows.aggregate(
        asks=Count("id"),
        people=Count("supporter_uid", distinct=True),
        requests=Count("request_uid", distinct=True),
        yes=Count("id", filter=Q(answer="yes")),
        no=Count("id", filter=Q(answer="no")),
    )
    return AskingMonth(**found)


def acceptance_fit() -> AcceptanceFit | None:
    """The newest model of who says yes; None while the prior is used."""
    return AcceptanceFit.objects.first()
