"""Lists and maps that the import tests make, and the call that imports them."""

import json
from pathlib import Path
from typing import Any

import pytest

from kyojo.doors.ops import imports

OLD = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,住所,方書,緯度,経度,"
    "備考"
)
OLD_ROWS = (
    "990027,1,みほん県,みどり浜市,港センター①,ミナトセンター,みどり浜市港町1,,34.861,138.321,公民館",
    "990027,2,みほん県,みどり浜市,髙台集会所,タカダイシュウカイジョ,みどり浜市高台2,2階,34.862,138.322,",
)


def imported(capsys: pytest.CaptureFixture[str], what: str, *argv: str) -> dict[str, Any]:
    """The report of an import that succeeds."""
    code = getattr(imports, what)([*map(str, argv), "--json"])
    assert code == 0
    return json.loads(capsys.readouterr().out)


def old_list(*rows: str) -> str:
    return "\r\n".join([OLD, *(rows or OLD_ROWS), ""])


def box_feature(
    name: str, west: float, south: float, size: float = 0.03, **extra: object
) -> dict[str, Any]:
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size]]
    geometry_of = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"type": "Feature", "properties": {"名称": name, **extra}, "geometry": geometry_of}


def collection(*features: dict[str, Any], **extra: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **extra}


def written(tmp_path: Path, name: str, document: object) -> str:
    path = tmp_path / name
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return str(path)
