"""The patterns that come with the product."""

from ..patterns import Pattern
from .circles import CapRush, CompanyCircle, NewAccounts, TradingRing
from .records import HandEdits, OneDevice
from .tracks import CopiedPositions, NoJitter, Teleporting
from .whereabouts import ImpossibleTravel, OverlappingVisits


def built_in() -> list[Pattern]:
    """An object of each."""
    return [
        TradingRing(), OneDevice(), CopiedPositions(), Teleporting(), NoJitter(),
        OverlappingVisits(), ImpossibleTravel(), CapRush(), NewAccounts(), CompanyCircle(),
        HandEdits(),
    ]  # fmt: skip
