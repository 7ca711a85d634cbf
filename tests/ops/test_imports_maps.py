"""Importing maps in every usual system and encoding, and maps that are broken."""

import warnings
import zipfile
from pathlib import Path

import pytest
import shapefile
from pyproj import Transformer

from kyojo.civic.municipalities import selectors, tenancy
from kyojo.civic.municipalities.models import Area
from kyojo.doors.ops import imports
from kyojo.doors.ops.errors import Bad
from kyojo.kernel import geometry
from tests.ops.made_files import box_feature, collection, imported, old_list, written

pytestmark = pytest.mark.django_db

TOWN = ["--municipality", "990027"]


def test_geojson_of_neighbourhoods_gets_parents_and_readings(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    living = collection(
        box_feature("港中学校", 138.30, 34.84), box_feature("東中学校", 138.34, 34.84)
    )
    imported(capsys, "areas", written(tmp_path, "圏域.geojson", living), *TOWN)
    named = {"ふりがな": "みなといっちょうめ", "コード": 7}
    inner = collection(box_feature("港一丁目自治会", 138.305, 34.845, 0.01, **named))

    report = imported(capsys, "areas", written(tmp_path, "自治会.json", inner), *TOWN)

    assert report["kind"] == "neighbourhood"
    with tenancy.tenant(990027):
        area = selectors.neighbourhoods().get()
        assert (area.code, area.name_kana) == ("7", "ミナトイッチョウメ")
        assert area.parent.name == "港中学校"
        assert (area.west, area.north) == (138.305, 34.855)
        assert area.geometry["coordinates"][0][0] == pytest.approx([138.305, 34.845])
        outline = selectors.areas_outline("living_area")
        assert {f["properties"]["name"] for f in outline["features"]} == {"港中学校", "東中学校"}


def test_pieces_of_one_name_become_one_area(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = collection(
        box_feature("みどり浜市", 138.30, 34.84, N03_007="99002"),
        box_feature("みどり浜市", 138.40, 34.84, N03_007="99002"),
        box_feature("北ひなた市", 138.20, 36.60, N03_007="99001"),
    )
    path = written(tmp_path, "N03.geojson", parts)

    report = imported(capsys, "areas", path, *TOWN)

    assert (report["kind"], report["added"], report["merged"]) == ("municipality", 1, 1)
    assert {note["code"] for note in report["notes"]} == {"pieces_joined", "left_out"}
    with tenancy.tenant(990027):
        assert Area.objects.get().geometry["type"] == "MultiPolygon"
    with tenancy.tenant(990019):
        assert not Area.objects.exists()


def test_a_changed_area_is_updated_and_one_that_vanished_stays(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = collection(
        box_feature("甲自治会", 138.30, 34.84, ID=1), box_feature("乙自治会", 138.34, 34.84, ID=2)
    )
    imported(capsys, "areas", written(tmp_path, "a.geojson", both), *TOWN)
    moved = collection(box_feature("甲新自治会", 138.31, 34.84, ID=1))

    report = imported(capsys, "areas", written(tmp_path, "b.geojson", moved), *TOWN)

    assert (report["added"], report["updated"]) == (0, 1)
    assert [note["code"] for note in report["notes"]] == ["not_in_file"]
    with tenancy.tenant(990027):
        names = set(Area.objects.values_list("name", flat=True))
    assert names == {"甲新自治会", "乙自治会"}


def test_features_that_are_no_areas_are_refused_and_the_others_stored(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    point = {"type": "Point", "coordinates": [138.3, 34.8]}
    bow_tie = [[138.3, 34.8], [138.33, 34.83], [138.33, 34.8], [138.3, 34.83], [138.3, 34.8]]
    document = collection(
        box_feature("甲自治会", 138.30, 34.84),
        {"type": "Feature", "properties": {"名称": "乙自治会"}, "geometry": None},
        {"type": "Feature", "properties": {"名称": "丙自治会"}, "geometry": point},
        box_feature("", 138.30, 34.84),
        {
            "type": "Feature",
            "properties": {"名称": "丁自治会"},
            "geometry": {"type": "Polygon", "coordinates": [bow_tie]},
        },
        box_feature("戊自治会", 34.84, 138.30),
        {"type": "Feature", "properties": {"名称": "己自治会"}, "geometry": {"type": "Polygon"}},
    )

    report = imported(capsys, "areas", written(tmp_path, "a.geojson", document), *TOWN)

    assert report["added"] == 2
    assert [(entry["line"], entry["code"]) for entry in report["refused"]] == [
        (2, "geometry_missing"),
        (3, "geometry_not_an_area"),
        (4, "value_missing"),
        (6, "coordinates_swapped"),
        (7, "geometry_broken"),
    ]
    assert [note["label"] for note in report["notes"]] == ["丁自治会"]


def shapefile_made(
    folder: Path,
    stem: str,
    *,
    crs: str,
    names: list[str],
    cpg: str = "Shift_JIS",
    text: str = "cp932",
    width_bytes: int = 40,
) -> Path:
    """A shapefile of squares round (138.30, 34.84) and eastward, in ``crs``."""
    source = geometry.coordinate_system("EPSG:6668")
    target = geometry.coordinate_system(crs)
    move = Transformer.from_crs(source, target, always_xy=True)
    path = folder / f"{stem}.shp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it shortens 自治会名 to ten bytes of UTF-8
        _write_shapes(path, names, text, width_bytes, move)
    path.with_suffix(".prj").write_text(target.to_wkt("WKT1_ESRI"))
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    else:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    return path


def _write_shapes(
    path: Path, names: list[str], text: str, width_bytes: int, move: Transformer
) -> None:
    with shapefile.Writer(str(path), shapeType=shapefile.POLYGON, encoding=text) as writer:
        writer.field("番号", "N", 4)
        writer.field("自治会名", "C", width_bytes)
        for index, name in enumerate(names):
            west, south = 138.30 + 0.04 * index, 34.84
            ring = [(west, south), (west, south + 0.03), (west + 0.03, south + 0.03)]
            ring += [(west + 0.03, south), (west, south)]
            writer.poly([[move.transform(*corner) for corner in ring]])
            writer.record(index + 1, name)


@pytest.mark.parametrize(
    ("crs", "cpg", "text", "encoding"),
    [
        ("EPSG:6668", "Shift_JIS", "cp932", "cp932"),
        ("EPSG:4612", "", "cp932", "cp932"),
        ("EPSG:6676", "UTF-8", "utf-8", "utf-8"),
        ("EPSG:2450", "932", "cp932", "cp932"),
        ("EPSG:6676", "UTF-8", "cp932", "cp932"),  # a .cpg that is wrong
        ("EPSG:4301", "SJIS", "cp932", "cp932"),
        ("EPSG:30168", "SJIS", "cp932", "cp932"),
    ],
)
def test_a_shapefile_in_any_usual_system_and_encoding(
    crs: str,
    cpg: str,
    text: str,
    encoding: str,
    towns: object,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = shapefile_made(
        tmp_path, "s", crs=crs, names=["髙台①自治会", "港自治会"], cpg=cpg, text=text
    )

    report = imported(capsys, "areas", path, *TOWN)

    assert (report["added"], report["files"][0]["encoding"]) == (2, encoding)
    with tenancy.tenant(990027):
        area = Area.objects.get(code="1")
    assert area.name == "髙台①自治会"
    # The old datum is shifted by three parameters, good to some 10 m; the others are exact.
    within = 1.5e-4 if crs in {"EPSG:4301", "EPSG:30168"} else 2e-7
    assert (area.west, area.north) == pytest.approx((138.30, 34.87), abs=within)


def test_a_name_cut_in_the_middle_of_a_character_still_comes_in(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = "1みどり浜港町自"  # 15 bytes; of 治, the next character, only the first byte fits
    names = [whole, "東自治会"]
    path = shapefile_made(tmp_path, "s", crs="EPSG:6668", names=names, width_bytes=16)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(
        dbf.read_bytes().replace(
            whole.encode("cp932") + b" ", "1みどり浜港町自治".encode("cp932")[:16]
        )
    )

    report = imported(capsys, "areas", path, *TOWN, "--kind", "neighbourhood")

    assert report["added"] == 2
    with tenancy.tenant(990027):
        assert Area.objects.get(code="1").name == whole


def zipped(folder: Path, path: Path, *, without: str = "") -> str:
    target = folder / "map.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in path.parent.glob(f"{path.stem}.*"):
            if part.suffix != without:
                archive.write(part, f"地図/{part.name}")
    return str(target)


def test_a_zip_of_a_shapefile(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shapefile_made(tmp_path, "s", crs="EPSG:6676", names=["甲自治会", "乙自治会"])

    report = imported(capsys, "areas", zipped(tmp_path, path), *TOWN)

    assert (report["added"], report["kind"]) == (2, "neighbourhood")


def test_a_missing_prj_is_fine_in_degrees_and_asked_for_in_metres(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    degrees = shapefile_made(tmp_path, "d", crs="EPSG:6668", names=["甲自治会", "乙自治会"])
    metres = shapefile_made(tmp_path, "m", crs="EPSG:6676", names=["甲自治会", "乙自治会"])
    degrees.with_suffix(".prj").unlink()
    metres.with_suffix(".prj").unlink()

    with pytest.raises(Bad, match=r"座標系の情報（\.prj）がありません。--crs"):
        imports.areas([str(metres), *TOWN])
    assert imported(capsys, "areas", metres, *TOWN, "--crs", "8")["added"] == 2
    assert imported(capsys, "areas", degrees, *TOWN)["unchanged"] == 2


def test_maps_that_cannot_be_used_change_nothing(towns: object, tmp_path: Path) -> None:
    good = shapefile_made(tmp_path, "good", crs="EPSG:6668", names=["甲自治会", "乙自治会"])
    no_dbf = shapefile_made(tmp_path, "no_dbf", crs="EPSG:6668", names=["甲自治会"])
    no_dbf.with_suffix(".dbf").unlink()
    cut = shapefile_made(tmp_path, "cut", crs="EPSG:6668", names=["甲自治会", "乙自治会"])
    cut.write_bytes(cut.read_bytes()[:150])
    junk = tmp_path / "junk.shp"
    junk.write_bytes(b"\x00\x01junk" * 30)
    junk.with_suffix(".dbf").write_bytes(b"\xff" * 200)
    empty_zip = tmp_path / "empty.zip"
    with zipfile.ZipFile(empty_zip, "w"):
        pass
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 not a zip")
    (tmp_path / "list.csv").write_text(old_list())
    (tmp_path / "page.geojson").write_text("<!DOCTYPE html><html></html>")
    (tmp_path / "half.geojson").write_text('{"type": "FeatureCollection", "features": [')
    (tmp_path / "folder.shp").mkdir()
    outside = collection(box_feature("甲自治会", 2.3, 48.8))
    nameless = collection({**box_feature("", 138.3, 34.8), "properties": {"x": 1}})
    plain = collection(box_feature("甲", 138.3, 34.8), box_feature("乙", 138.4, 34.8))
    cases = {
        str(tmp_path / "missing.shp"): "見つかりません",
        str(tmp_path / "folder.shp"): "見つかりません",
        str(no_dbf): "no_dbf.dbf」が見つかりません",
        str(cut): "壊れている|合いません",
        str(junk): "壊れている",
        str(empty_zip): "区域のファイルではありません",
        str(tmp_path / "broken.zip"): "zipが壊れている",
        str(tmp_path / "list.csv"): "区域のファイルではありません",
        str(tmp_path / "page.geojson"): "HTML",
        str(tmp_path / "half.geojson"): "1行目がJSONとして正しくありません",
        written(tmp_path, "list.json", [1, 2]): "GeoJSON（FeatureCollection）ではありません",
        written(tmp_path, "none.geojson", collection()): "区域がひとつもありません",
        written(tmp_path, "paris.geojson", outside): "日本の外です",
        written(tmp_path, "x.geojson", nameless): "--name-field で選んでください",
        written(tmp_path, "plain.geojson", plain): "--kind living_area",
    }
    for path, reason in cases.items():
        with pytest.raises(Bad, match=reason) as refused:
            imports.areas([path, *TOWN])
        assert "\n" not in str(refused.value), path
    with pytest.raises(Bad, match="どの自治体の区域か"):
        imports.areas([str(good)])
    with pytest.raises(Bad, match="「町名」という列はありません（列：番号、自治会名）"):
        imports.areas([str(good), *TOWN, "--name-field", "町名"])
    with pytest.raises(Bad, match="座標系「EPSG:99」が分かりません"):
        imports.areas([str(good), *TOWN, "--crs", "EPSG:99"])
    with pytest.raises(Bad, match="区域のファイルではありません"):
        imports.areas([zipped(tmp_path, good, without=".shp"), *TOWN])
    with tenancy.tenant(990027):
        assert not Area.objects.exists()
