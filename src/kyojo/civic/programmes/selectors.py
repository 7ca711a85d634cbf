"""Reads of the programmes room."""

from functools import lru_cache
from uuid import UUID

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger import selectors as ledger
from kyojo.ledger.types import Balance

from .document import parse
from .domain import CoinRules
from .errors import ProgrammeMissing
from .models import Issuance, Programme, ProgrammeVersion
from .rules import presets

COIN_PROGRAMME = "kyojo-coin"


def preset(code: str = COIN_PROGRAMME) -> str:
    """The text of a preset's document."""
    return presets.preset(code)


@lru_cache(maxsize=64)
def rules_of(document: str) -> CoinRules:
    """Documents are never changed, so each is parsed once in a process."""
    return parse(document)


def programme_current(code: str = COIN_PROGRAMME) -> tuple[Programme, CoinRules]:
    """The programme of the current municipality and its rules as of today.

    Raises ``ProgrammeMissing`` where there is none, or none that has begun.
    """
    version = version_current(code)
    return version.programme, rules_of(version.document)


def version_current(code: str = COIN_PROGRAMME) -> ProgrammeVersion:
    """The version in force today. Raises ``ProgrammeMissing``."""
    version = (
        ProgrammeVersion.objects.select_related("programme")
        .filter(programme__code=code, effective_from__lte=clock.today())
        .order_by("-effective_from", "-version")
        .first()
    )
    if version is None:
        raise ProgrammeMissing(municipality=current())
    return version


def treasury_balance(code: str = COIN_PROGRAMME) -> Balance:
    """The treasury of the current municipality: ``credits_posted`` was issued, ``debits_posted``
    distributed, ``available`` remains. Raises ``ProgrammeMissing``."""
    programme, _ = programme_current(code)
    return ledger.balance(ledger=current(), account=programme.treasury_account)


def issuances(*, limit: int = 50) -> list[Issuance]:
    """The newest first."""
    return list(Issuance.objects.select_related("programme")[:limit])


def issuances_waiting() -> list[Issuance]:
    """What waits for a second officer, the oldest first."""
    return list(
        Issuance.objects.select_related("programme")
        .filter(state=Issuance.State.WAITING)
        .order_by("created_at")
    )


def issuance_by_uid(uid: UUID) -> Issuance:
    """Raises ``NotFound``."""
    issuance = Issuance.objects.select_related("programme").filter(uid=uid).first()
    if issuance is None:
        raise NotFound()
    return issuance


def kept_days(kind: str, usual: int) -> int:
    """For how many days a kind of record is kept: as the town's programme says, but never longer
    than ``usual``, which is the house's."""
    try:
        own = programme_current()[1].kept_days.get(kind, usual)
    except ProgrammeMissing:
        return usual
    return min(own, usual)
