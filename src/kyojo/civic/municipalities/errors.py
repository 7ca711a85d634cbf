"""Refusals and programming errors of the municipalities room."""

from kyojo.kernel.errors import Invalid, Refusal


class UnscopedQuery(RuntimeError):
    """A query on a municipality's rows was made outside ``tenancy.tenant``. Always a bug."""


class UnknownMunicipality(Refusal):
    code = "unknown_municipality"
    sentence = "自治体コード{code}は登録されていません。コードを確かめてください。"


class MunicipalityCodeWrong(Invalid):
    code = "municipality_code_wrong"
    sentence = (
        "自治体コード「{text}」が正しくありません。検査数字まで6桁（例 222127）で入れてください。"
    )


class MunicipalityTaken(Refusal):
    code = "municipality_taken"
    sentence = "自治体コード{code}は、すでに「{name}」として登録されています。"


class KanaWrong(Invalid):
    code = "kana_wrong"
    sentence = "ふりがなは、ひらがなかカタカナで入れてください。"


class ValueMissing(Invalid):
    code = "value_missing"
    sentence = "{name}が空です。"


class ValueTooLong(Invalid):
    code = "value_too_long"
    sentence = "{name}が長すぎます（{length}文字。{limit}文字まで）。"


# --- files that cannot be used --------------------------------------------------------------------


class FileMissing(Invalid):
    code = "file_missing"
    sentence = "ファイル「{name}」が見つかりません。場所と名前を確かめてください。"


class NotAnAreaFile(Invalid):
    code = "not_an_area_file"
    sentence = (
        "「{name}」は区域のファイルではありません。シェープファイル（.shp。.dbfと.prjも同じ場所に）、"
        "そのzip、GeoJSONのどれかを指定してください。"
    )


class AreaFileBroken(Invalid):
    code = "area_file_broken"
    sentence = "「{name}」を読み取れません。{reason}"


class ShapefilePartMissing(Invalid):
    code = "shapefile_part_missing"
    sentence = "「{name}」が見つかりません。.shpと同じ場所に、同じ名前で置いてください。"


class CoordinateSystemMissing(Invalid):
    code = "coordinate_system_missing"
    sentence = (
        "「{name}」に座標系の情報（.prj）がありません。"
        "--crs EPSG:6676 か --crs 8（平面直角座標系の番号）のように指定してください。"
    )


class NoAreas(Invalid):
    code = "no_areas"
    sentence = "「{name}」に区域がひとつもありません。"


class KindUnclear(Invalid):
    code = "kind_unclear"
    sentence = (
        "「{name}」が何の区域か分かりません。--kind living_area（日常生活圏域）、"
        "neighbourhood（自治会・町内会）、municipality（自治体）のどれかを付けてください。"
    )


class NameFieldUnclear(Invalid):
    code = "name_field_unclear"
    sentence = "区域の名前の列が分かりません。--name-field で選んでください（列：{fields}）。"


class FieldUnknown(Invalid):
    code = "field_unknown"
    sentence = "「{field_name}」という列はありません（列：{fields}）。"


class MunicipalityUnclear(Invalid):
    code = "municipality_unclear"
    sentence = "どの自治体の区域か分かりません。--municipality 222127 のように指定してください。"


class MunicipalityNotRegistered(Invalid):
    code = "municipality_not_registered"
    sentence = (
        "自治体コード{code}は登録されていません。--municipality {code} --register 名前 "
        "--kana ふりがな --prefecture 都道府県 を付けると、登録してから取り込みます。"
    )


class ColumnsMissing(Invalid):
    code = "columns_missing"
    sentence = (
        "「{name}」に{columns}の列がありません。"
        "自治体標準オープンデータセットの公共施設一覧の見出しか確かめてください。"
    )


class StrictRefused(Invalid):
    code = "strict_refused"
    sentence = "取り込めない行が{count}行あるので、何も取り込みませんでした（--strict）。"


# --- rows that cannot be stored -------------------------------------------------------------------


class NotANumber(Invalid):
    code = "not_a_number"
    sentence = "{name}「{text}」は数字ではありません。"


class OtherMunicipality(Invalid):
    code = "other_municipality"
    sentence = "自治体コード{code}は、指定した自治体（{expected}）と違います。"


class OutsideMunicipality(Invalid):
    code = "outside_municipality"
    sentence = "{municipality}の区域から{metres}m離れています。緯度と経度を確かめてください。"


class RowRagged(Invalid):
    code = "row_ragged"
    sentence = "列の数が見出しと合いません（見出し{expected}列、この行{found}列）。"


class GeometryMissing(Invalid):
    code = "geometry_missing"
    sentence = "図形がありません。"


class GeometryNotAnArea(Invalid):
    code = "geometry_not_an_area"
    sentence = "図形が面ではありません（{kind}）。"


class GeometryBroken(Invalid):
    code = "geometry_broken"
    sentence = "図形が壊れていて直せません。"
