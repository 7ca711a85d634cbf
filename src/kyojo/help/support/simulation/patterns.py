"""What a pattern of fakes is, and how one from outside is read (``--patterns FILE.py``)."""

import importlib.util
import math
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from ..fraud.facts import DeviceFacts, PersonFacts, VisitFacts
from .town import Town

STRENGTHS = ("weak", "medium", "strong")


class PatternUnusable(Exception):
    """A pattern from outside that cannot be played; the message is one line."""


@dataclass(frozen=True)
class Injection:
    """What a pattern puts into a town.

    ``visits``: every one of them is a fake; one with the identifier of a visit of the town takes
    its place. ``cover``: honest visits that belong to the pattern. ``persons``, ``devices``: new.
    """

    visits: tuple[VisitFacts, ...]
    cover: tuple[VisitFacts, ...] = ()
    persons: tuple[PersonFacts, ...] = ()
    devices: tuple[DeviceFacts, ...] = ()


@runtime_checkable
class Pattern(Protocol):
    """A kind of fake. Made without arguments; all chance comes from ``rng``."""

    @property
    def name(self) -> str: ...

    @property
    def strengths(self) -> Sequence[str]: ...

    def inject(self, town: Town, rng: np.random.Generator, strength: str) -> Injection:
        """The fakes of one group of people, as bold as ``strength`` says."""
        ...


def played(town: Town, pattern: Pattern, seed: int) -> Town:
    """The town with the pattern in it, once at each strength. Raises ``PatternUnusable``."""
    for n, strength in enumerate(pattern.strengths):
        rng = np.random.default_rng((seed, 29, n, *pattern.name.encode()))
        try:
            found = pattern.inject(town, rng, strength)
        except Exception as error:
            raise PatternUnusable(_said(pattern.name, strength, error)) from error
        _check(town, pattern.name, strength, found)
        facts = town.facts.with_visits(
            (*found.visits, *found.cover), tuple(found.persons), tuple(found.devices)
        )
        fakes = {visit.uid: strength for visit in found.visits}
        town = replace(town, facts=facts, fakes={**town.fakes, **fakes})
    return town


def _said(name: str, strength: str, error: Exception) -> str:
    words = " ".join(str(error).split()) or "no message"
    return f"pattern '{name}' failed at strength '{strength}': {type(error).__name__}: {words}"


def _check(town: Town, name: str, strength: str, found: object) -> None:
    """Refuse what no detector could be measured with."""
    where = f"pattern '{name}' at strength '{strength}'"
    if not isinstance(found, Injection) or not found.visits:
        raise PatternUnusable(f"{where} returned no Injection with visits")
    persons = town.facts.persons.keys() | {one.uid for one in found.persons}
    for visit in (*found.visits, *found.cover):
        if not isinstance(visit, VisitFacts):
            raise PatternUnusable(f"{where} returned a visit that is no VisitFacts")
        if not {visit.carer, visit.supporter} <= persons:
            raise PatternUnusable(f"{where}: visit '{visit.uid}' has a person nobody knows")
        moments = [visit.reserved_at, visit.starts_at, visit.ends_at, visit.started_at]
        moments += [visit.ended_at, *(mark.device_at for mark in visit.marks)]
        places = [visit.place, *(fix.position for fix in visit.fixes if fix.position)]
        if not all(map(math.isfinite, (*moments, *(metre for one in places for metre in one)))):
            raise PatternUnusable(f"{where}: visit '{visit.uid}' has a value that is no number")
        if visit.ends_at <= visit.starts_at or visit.ended_at < visit.started_at:
            raise PatternUnusable(f"{where}: visit '{visit.uid}' ends before it begins")
        if visit.uid in town.fakes:
            raise PatternUnusable(f"{where}: visit '{visit.uid}' is another strength's already")
    uids = [visit.uid for visit in (*found.visits, *found.cover)]
    if len(uids) != len(set(uids)):
        raise PatternUnusable(f"{where} gave two visits the same identifier")


# --- from outside ---------------------------------------------------------------------------------
def patterns_read(path: Path, taken: Sequence[str] = ()) -> list[Pattern]:
    """An object of each pattern class that ``path`` defines, by name.

    It runs the file: give only a file that you trust. Raises ``PatternUnusable``.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise PatternUnusable(f"cannot read {path}: {said}") from None
    module_name = f"kyojo_patterns_{zlib.crc32(str(path.resolve()).encode()):08x}"
    spec = importlib.util.spec_from_loader(module_name, loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    sys.modules[module_name] = module  # dataclasses look their module up
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - that is the point
        classes = [
            one
            for one in vars(module).values()
            if isinstance(one, type) and one.__module__ == module_name and hasattr(one, "inject")
        ]
        found = [one() for one in classes]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is somebody else's code
        words = " ".join(str(error).split()) or "no message"
        raise PatternUnusable(f"{path}: {type(error).__name__}: {words}") from None
    found = [one for one in found if getattr(one, "name", "")]
    if not found:
        raise PatternUnusable(f"{path} has no class with name, strengths and inject")
    names = list(taken)
    for one in found:
        strengths = getattr(one, "strengths", None)
        fits = isinstance(one.name, str) and isinstance(strengths, Sequence)
        if not fits or isinstance(strengths, str) or not strengths:
            raise PatternUnusable(f"{path}: '{one.name}' needs strengths, such as {STRENGTHS}")
        if not all(isinstance(strength, str) for strength in strengths):
            raise PatternUnusable(f"{path}: the strengths of '{one.name}' are not all words")
        if one.name in names:
            raise PatternUnusable(f"{path}: there is a pattern '{one.name}' already")
        names.append(one.name)
    return found
