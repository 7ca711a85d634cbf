"""Reads of the programmes room."""

from functools import lru_cache
from importlib.resources import files

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock

from .domain import CoinRules, parse
from .errors import ProgrammeMissing
from .models import Programme, ProgrammeVersion

COIN_PROGRAMME = "kyojo-coin"


def preset(code: str = COIN_PROGRAMME) -> str:
    """The text of a preset's document."""
    return files("kyojo.civic.programmes").joinpath(f"presets/{code}.toml").read_text("utf-8")


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
