"""Importing Yaizu's published files, and files that are broken in every usual way."""

import json
from pathlib import Path

import pytest

from kyojo.civic.municipalities import selectors, tenancy
from kyojo.civic.municipalities.models import Area, Municipality, Place
from kyojo.doors.ops import imports
from kyojo.doors.ops.errors import Bad
from kyojo.kernel import geometry
from tests.ops.made_files import OLD, OLD_ROWS, box_feature, collection, imported, old_list

YAIZU = Path(__file__).resolve().parents[3] / "shared" / "data" / "yaizu"
CODE = 222127
REGISTER = ["--municipality", "222127", "--register", "焼津市", "--kana", "やいづし"]
REGISTER += ["--prefecture", "静岡県"]
LISTS = (
    "child_rearing_support_center",
    "community_center",
    "facilities_smartmap",
    "facilities_welfare",
)

pytestmark = pytest.mark.django_db

needs_yaizu = pytest.mark.skipif(
    not YAIZU.is_dir(), reason="Yaizu's published files are not here (../shared/data/yaizu)"
)


def yaizu_lists() -> list[str]:
    return [str(YAIZU / f"222127_{name}.csv") for name in LISTS]


@needs_yaizu
def test_yaizus_maps_and_lists_come_in_whole(capsys: pytest.CaptureFixture[str]) -> None:
    districts = imported(capsys, "areas", YAIZU / "junior_high_districts.shp", *REGISTER)
    associations = imported(
        capsys, "areas", YAIZU / "neighbourhood_associations.shp", "--municipality", "222127"
    )
    facilities = imported(capsys, "places", *yaizu_lists())

    assert (districts["kind"], districts["added"], districts["refused"]) == ("living_area", 9, [])
    assert (associations["kind"], associations["added"]) == ("neighbourhood", 35)
    assert associations["refused"] == []
    assert (facilities["rows"], facilities["added"], facilities["merged"]) == (48, 36, 12)
    assert facilities["refused"] == []
    with tenancy.tenant(CODE):
        assert selectors.living_areas().count() == 9
        assert selectors.neighbourhoods().count() == 35
        assert not selectors.neighbourhoods().filter(parent=None).exists()
        assert Place.objects.count() == 36
        assert not Place.objects.filter(area=None).exists()
        for place in Place.objects.select_related("area"):
            point = geometry.Point(place.latitude, place.longitude)
            assert geometry.contains(place.area.geometry, point), place.name


@needs_yaizu
def test_importing_yaizu_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    shp = YAIZU / "neighbourhood_associations.shp"
    imported(capsys, "areas", YAIZU / "junior_high_districts.shp", *REGISTER)
    imported(capsys, "areas", shp, "--municipality", "222127")
    imported(capsys, "places", *yaizu_lists())
    with tenancy.tenant(CODE):
        before = list(Area.objects.values()) + list(Place.objects.values())

    areas = imported(capsys, "areas", shp, "--municipality", "222127")
    places = imported(capsys, "places", *yaizu_lists())

    assert (areas["added"], areas["updated"], areas["unchanged"]) == (0, 0, 35)
    assert (places["added"], places["updated"], places["unchanged"]) == (0, 0, 36)
    with tenancy.tenant(CODE):
        assert list(Area.objects.values()) + list(Place.objects.values()) == before


@needs_yaizu
def test_the_oddities_of_yaizus_files_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    imported(capsys, "areas", YAIZU / "junior_high_districts.shp", *REGISTER)
    associations = imported(
        capsys, "areas", YAIZU / "neighbourhood_associations.shp", "--municipality", "222127"
    )
    notes = {note["code"]: note for note in imported(capsys, "places", *yaizu_lists())["notes"]}

    assert [note["code"] for note in associations["notes"]] == ["ring_repaired"]
    assert "休館日" in notes["duplicate_differs"]["message"] or "こども館" in str(notes)
    assert "91100001" in notes["likely_twin"]["message"]


@needs_yaizu
def test_places_before_areas_get_their_living_area_when_the_areas_come(
    capsys: pytest.CaptureFixture[str],
) -> None:
    imported(capsys, "places", *yaizu_lists(), *REGISTER)
    with tenancy.tenant(CODE):
        assert Place.objects.filter(area=None).count() == 36

    imported(capsys, "areas", YAIZU / "junior_high_districts.shp", "--municipality", "222127")

    with tenancy.tenant(CODE):
        assert Place.objects.filter(area=None).count() == 0
        names = [entry.place.name for entry in selectors.places_near(34.8632, 138.3206, limit=2)]
        assert "焼津地域交流センター" in names
        found = selectors.area_of_point(34.863224, 138.320596)
        assert found is not None and found.name == "焼津中学校"
        assert [place.number for place in selectors.places_search("ターント")] == ["20002"]


@needs_yaizu
def test_a_dry_run_reports_and_stores_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    report = imported(capsys, "areas", YAIZU / "junior_high_districts.shp", *REGISTER, "--dry-run")

    assert report["added"] == 9 and report["stored"] is False
    assert not Municipality.objects.filter(pk=CODE).exists()


# --- lists in every form and encoding -------------------------------------------------------------

NEW = (
    "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,名称_英語,所在地_全国地方公共団体コード,"
    "町字ID,所在地_連結表記,所在地_都道府県,所在地_市区町村,所在地_町字,所在地_番地以下,"
    "建物名等(方書),緯度,経度,電話番号,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,URL,備考"
)
NEW_ROW = (
    "990027,A1,みほん県みどり浜市,港図書館,ﾐﾅﾄﾄｼｮｶﾝ,Library,990027,,みどり浜市港町3,みほん県,みどり浜市,"
    '港町,3,,34.861,138.321,054-000-0000,月火水,9:00,17:00,"年末年始は休み\n（変わることがあります）",'
    "https://example.jp/lib,"
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_a_list_in_any_usual_encoding(
    encoding: str, towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(old_list().encode(encoding))

    report = imported(capsys, "places", path)

    assert (report["added"], report["refused"]) == (2, [])
    with tenancy.tenant(990027):
        assert [p.name for p in Place.objects.order_by("number")] == ["港センター①", "髙台集会所"]
    with tenancy.tenant(990019):
        assert not Place.objects.exists()


def test_the_new_form_with_quoted_line_breaks(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.csv"
    path.write_text(f"{NEW}\n{NEW_ROW}\n,,,,,,,,,,\n\n", encoding="utf-8-sig")

    report = imported(capsys, "places", path)

    assert report["files"][0]["form"] == "新しい形"
    with tenancy.tenant(990027):
        place = Place.objects.get(number="A1")
    assert place.name_kana == "ミナトトショカン"
    assert place.address == "みどり浜市港町3"
    assert place.opening_note == "月火水 9:00～17:00 年末年始は休み\n（変わることがあります）"


def test_look_alike_headers_a_title_line_and_tabs(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = OLD.replace("コード", "ｺｰﾄﾞ").replace("NO", "ＮＯ").replace("名称_カナ", "名称＿ｶﾅ")
    text = "\n".join(["公共施設一覧（令和8年度）", header, *OLD_ROWS]).replace(",", "\t")
    path = tmp_path / "unicode.txt"
    path.write_bytes(text.encode("utf-16"))

    report = imported(capsys, "places", path)

    assert (report["added"], report["rows"]) == (2, 2)
    assert "2行目を見出し" in report["files"][0]["details"][0]


BAD_ROWS = [
    ("990027,3,みほん県,みどり浜市,,ナマエナシ,港町,,34.861,138.321,", "名称が空です"),
    ("990027,3,みほん県,みどり浜市,甲,コウ,港町,,,138.321,", "緯度が空です"),
    (
        "990027,3,みほん県,みどり浜市,甲,コウ,港町,,北緯,138.321,",
        "緯度「北緯」は数字ではありません",
    ),
    ("990027,3,みほん県,みどり浜市,甲,コウ,港町,,nan,138.321,", "数字ではありません"),
    ("990027,3,みほん県,みどり浜市,甲,コウ,港町,,138.321,34.861,", "入れ替わっている"),
    ("990027,3,みほん県,みどり浜市,甲,コウ,港町,,0,0,", "日本の外です"),
    ("990027,3,みほん県,みどり浜市,甲,コウ,港町,,-134090.6,-18890.8,", "メートルのようです"),
    ("131016,3,東京都,千代田区,甲,コウ,港町,,34.861,138.321,", "131016は登録されていません"),
    ("990028,3,みほん県,みどり浜市,甲,コウ,港町,,34.861,138.321,", "正しくありません"),
    (",3,みほん県,みどり浜市,甲,コウ,港町,,34.861,138.321,", "全国地方公共団体コードが空です"),
    (
        "990027,3,みほん県,みどり浜市,甲,コウ,港町,,34.861,138.321,,余り",
        "列の数が見出しと合いません",
    ),
    (f"990027,3,みほん県,みどり浜市,{'甲' * 121},コウ,港町,,34.861,138.321,", "長すぎます"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS)
def test_a_row_that_cannot_be_stored_is_named_and_the_others_are_stored(
    row: str, reason: str, towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(old_list(OLD_ROWS[0], row, OLD_ROWS[1]))

    report = imported(capsys, "places", path)

    assert report["added"] == 2
    assert [(entry["line"], reason in entry["message"]) for entry in report["refused"]] == [
        (3, True)
    ]
    with tenancy.tenant(990027):
        assert sorted(Place.objects.values_list("number", flat=True)) == ["1", "2"]


def test_strict_stores_nothing_when_one_row_is_refused(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(old_list(OLD_ROWS[0], BAD_ROWS[1][0]))

    with pytest.raises(Bad, match="1行あるので、何も取り込みませんでした"):
        imports.places([str(path), "--strict"])

    assert "緯度が空です" in capsys.readouterr().out
    with tenancy.tenant(990027):
        assert not Place.objects.exists()


def test_one_number_with_other_content_is_reported_and_an_empty_cell_is_filled(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = f"{OLD_ROWS[1].replace('髙台集会所', '髙台会館')}集会所"
    path = tmp_path / "list.csv"
    path.write_text(old_list(*OLD_ROWS, other))

    report = imported(capsys, "places", path)

    assert (report["added"], report["merged"]) == (2, 1)
    assert [note["code"] for note in report["notes"]] == ["duplicate_differs"]
    assert "3行目と違います。「髙台集会所」を使い" in report["notes"][0]["message"]
    with tenancy.tenant(990027):
        place = Place.objects.get(number="2")
    assert (place.name, place.remark, place.kind) == ("髙台集会所", "集会所", "集会所")


def test_a_row_without_a_number_keeps_its_identity(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(old_list(OLD_ROWS[0].replace(",1,", ",,", 1)))

    first, second = imported(capsys, "places", path), imported(capsys, "places", path)

    assert (first["added"], second["unchanged"]) == (1, 1)


def test_a_place_far_outside_the_town_is_refused(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    square = tmp_path / "圏域.geojson"
    square.write_text(json.dumps(collection(box_feature("港圏域", 138.31, 34.85))))
    imported(capsys, "areas", square, "--municipality", "990027")
    path = tmp_path / "list.csv"
    far = OLD_ROWS[1].replace("34.862", "35.862")
    path.write_text(old_list(OLD_ROWS[0], far))

    report = imported(capsys, "places", path)

    assert [entry["code"] for entry in report["refused"]] == ["outside_municipality"]
    with tenancy.tenant(990027):
        place = Place.objects.get()
        assert place.area.name == "港圏域"


# --- files that cannot be used --------------------------------------------------------------------

UNUSABLE = {
    "empty.csv": (b"", "ファイルが空です"),
    "header.csv": (OLD.encode(), "データの行がありません"),
    "junk.csv": (bytes(range(128, 256)) * 40, "文字"),
    "zeros.csv": (b"\x00\x01\x02\x03" * 500, "文字ではないファイル"),
    "page.csv": ("<!DOCTYPE html><html><body>見つかりません</body></html>".encode(), "HTML"),
    "book.csv": (b"PK\x03\x04" + b"\x00" * 100, "Excel"),
    "old.csv": (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, ".xls"),
    "columns.csv": ("名前,場所\n甲,乙\n".encode(), "名称・緯度・経度"),
    "quote.csv": (old_list(OLD_ROWS[0], '990027,"2,みほん県').encode(), "3行目から、引用符"),
    "cut.csv": ("\ufeff".encode() + old_list().encode() + b"\xe6\xb8", "4行目"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_list_that_cannot_be_used_changes_nothing(
    name: str, towns: object, tmp_path: Path
) -> None:
    data, reason = UNUSABLE[name]
    (tmp_path / name).write_bytes(data)

    with pytest.raises(Bad, match=reason) as refused:
        imports.places([str(tmp_path / name)])

    assert "\n" not in str(refused.value)
    with tenancy.tenant(990027):
        assert not Place.objects.exists()


def test_one_unusable_file_among_good_ones_stops_everything(towns: object, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(old_list())
    (tmp_path / "bad.csv").write_bytes(b"")

    with pytest.raises(Bad, match=r"bad\.csv：ファイルが空です"):
        imports.places([str(tmp_path / "good.csv"), str(tmp_path / "bad.csv")])

    with tenancy.tenant(990027):
        assert not Place.objects.exists()


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["missing.csv"], "missing.csv"),
        ([], "required"),
        (["missing.csv", "--municipality", "222128"], "正しくありません"),
        (["missing.csv", "--municipality", "131016"], "登録してから取り込みます"),
        (["missing.csv", "--register", "焼津市"], "--kana"),
        (["missing.csv", "--unknown"], "--unknown"),
    ],
)
def test_bad_arguments_get_one_line(argv: list[str], reason: str, towns: object) -> None:
    with pytest.raises(Bad, match=reason) as refused:
        imports.places(argv)
    assert "\n" not in str(refused.value)


def test_an_unregistered_town_in_the_list_is_told_how_to_register(
    towns: object, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(old_list(*(row.replace("990027", "222127") for row in OLD_ROWS)))

    with pytest.raises(Bad, match=r"222127は登録されていません。--municipality 222127 --register"):
        imports.places([str(path)])


def test_the_printed_report_names_every_refused_row(
    towns: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(old_list(OLD_ROWS[0], BAD_ROWS[1][0]))

    assert imports.places([str(path)]) == 0

    printed = capsys.readouterr().out
    assert "みどり浜市（990027） 施設：読んだ行 2、新しい 1、更新 0" in printed
    assert "取り込めない行  list.csv 3行目 甲：緯度が空です。" in printed


def test_the_usage_is_told_for_an_unknown_kind_of_file() -> None:
    with pytest.raises(Bad, match="import what"):
        imports.run(["import", "people"])
