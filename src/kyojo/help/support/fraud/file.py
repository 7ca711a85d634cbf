"""The detector that comes with the product: ``weights.json``, written by ``./kyojo simulate town
--fraud --write-model`` and read here. Plain numbers: opening it runs nothing."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .compact import (
    Compact,
    PlainTrees,
    baseline_as_json,
    baseline_of_json,
)
from .detector import Detector, Usual

PATH = Path(__file__).with_name("weights.json")
#: Of the file's form. Another form is another number.
FORM = 1


class WeightsUnreadable(Exception):
    """A file that is no detector of this form."""


def as_json(detector: Detector, made: Mapping[str, Any]) -> dict[str, Any]:
    """A detector made with ``is_compact``. ``made``: from what, for whoever reads the file."""
    parts: dict[str, list[Any]] = {}
    for name, references in detector.parts.items():
        parts[name] = [one.as_json() for one in references if isinstance(one, Compact)]
    return {
        "form": FORM,
        "version": made["version"],
        "made": dict(made),
        "threshold": detector.threshold,
        "own": baseline_as_json(detector.usual.own),
        "near": baseline_as_json(detector.usual.near),
        "trees": detector.trees.as_json(),
        "parts": parts,
    }


def of_json(given: Mapping[str, Any]) -> Detector:
    """Raises ``WeightsUnreadable``."""
    if given.get("form") != FORM:
        raise WeightsUnreadable(f"form {given.get('form')!r} where {FORM} was expected")
    return Detector(
        Usual(baseline_of_json(given["own"]), baseline_of_json(given["near"])),
        PlainTrees.of_json(given["trees"]),
        {
            name: tuple(Compact.of_json(one) for one in references)
            for name, references in given["parts"].items()
        },
        float(given["threshold"]),
    )


def written(path: Path, detector: Detector, made: Mapping[str, Any]) -> None:
    """Write the file: a line for each part, so that a change of one is seen as one."""
    whole = as_json(detector, made)
    lines = [
        f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'))}"
        for name, value in whole.items()
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


@cache
def shipped() -> tuple[str, Detector]:
    """(version, detector) of the file that comes with the product."""
    given = json.loads(PATH.read_text("utf-8"))
    return str(given["version"]), of_json(given)
