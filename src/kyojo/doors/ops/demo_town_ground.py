"""The ground of the demo's two towns: areas, places, who runs what, the programme, the staff."""

import re
from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID

from shapely.geometry import Polygon, box, mapping, shape
from shapely.ops import unary_union

from kyojo.civic.municipalities.domain import AreaRecord, PlaceRecord
from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.services import (
    areas_store,
    municipality_register,
    operator_register,
    places_store,
)
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import User
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.civic.programmes.selectors import COIN_PROGRAMME, preset
from kyojo.civic.programmes.services import (
    issuance_approve,
    issuance_request,
    programme_install,
)
from kyojo.help.safety.services import centre_save, duty_save
from kyojo.kernel import clock
from kyojo.kernel.geometry import Point, inner_point
from kyojo.kernel.ids import derived_id

from .demo_town_cast import KITA, MIDORI, STAFF

#: Every id of the demo follows from this one.
ROOT = UUID("0d0d0d0d-990e-5000-8000-000000000019")
SOURCE = "見本の町"

TOWNS = {
    KITA: ("kita-hinata", "北ひなた市", "きたひなたし", "ひながた県", "0120-000-019", 37.08, 138.45),
    MIDORI: ("midorihama", "みどり浜市", "みどりはまし", "みほん県", "0120-000-027", 34.86, 138.32),
}  # fmt: skip

#: The eight living areas as the town page draws them (x to the east, y to the south).
_DRAWN = {
    ("yamate", "山手地区", "やまてちく"): "16,26 37,25 58,20 79,13 100,12 102,35 95,58 99,81 98,104 77,112 54,113 32,109 10,112 11,90 15,69 20,48",
    ("midori", "緑が丘地区", "みどりがおかちく"): "100,12 122,14 144,13 164,22 186,24 180,40 177,57 173,75 174,92 155,95 136,97 117,103 98,104 99,81 95,58 102,35",
    ("matsubara", "松原地区", "まつばらちく"): "186,24 205,19 223,13 243,14 262,8 266,30 275,50 284,71 290,92 276,94 263,100 248,103 236,110 220,109 204,105 189,99 174,92 173,75 177,57 180,40",
    ("kawakita", "川北地区", "かわきたちく"): "10,112 32,109 54,113 77,112 98,104 98,125 95,145 93,166 86,186 69,188 51,185 35,191 18,196 19,175 16,154 13,133",
    ("chuo", "中央地区", "ちゅうおうちく"): "98,104 117,103 136,97 155,95 174,92 165,114 161,137 158,160 160,184 142,188 123,189 105,186 86,186 93,166 95,145 98,125",
    ("minato", "港地区", "みなとちく"): "174,92 189,99 204,105 220,109 236,110 248,103 263,100 276,94 290,92 292,116 288,140 288,164 284,188 268,189 253,193 238,193 222,192 206,193 191,189 176,184 160,184 158,160 161,137 165,114",
    ("kawaminami", "川南地区", "かわみなみちく"): "18,196 35,191 51,185 69,188 86,186 105,186 123,189 142,188 160,184 167,207 172,231 171,256 178,280 160,291 139,297 117,299 96,300 80,295 62,296 46,293 30,286 25,264 25,241 23,218",
    ("hamabe", "浜辺地区", "はまべちく"): "160,184 176,184 191,189 206,193 222,192 238,193 253,193 268,189 284,188 277,209 276,231 269,251 262,272 240,273 221,282 199,277 178,280 171,256 172,231 167,207",
}  # fmt: skip
#: Where (34.86, 138.32) lies in the drawing, and degrees for one unit (35.5 m).
_X0, _Y0, _LON, _LAT = 226, 142, 0.000389, 0.000319

_KITA_AREAS = {
    ("ekimae", "駅前地区", "えきまえちく"): (-0.030, -0.022, 0.028, 0.020),
    ("kogen", "高原地区", "こうげんちく"): (-0.030, 0.020, 0.028, 0.070),
    ("kawakami", "川上地区", "かわかみちく"): (0.028, -0.022, 0.090, 0.070),
    ("satoyama", "里山地区", "さとやまちく"): (-0.090, -0.060, -0.030, 0.070),
}
_NEIGHBOURHOODS = (
    ("1001", "港一丁目自治会", "みなといっちょうめじちかい", "minato", 0.0, 0.34),
    ("1002", "港二丁目自治会", "みなとにちょうめじちかい", "minato", 0.34, 0.67),
    ("1003", "港三丁目自治会", "みなとさんちょうめじちかい", "minato", 0.67, 1.0),
    ("2001", "浜辺東町内会", "はまべひがしちょうないかい", "hamabe", 0.5, 1.0),
    ("2002", "浜辺西町内会", "はまべにしちょうないかい", "hamabe", 0.0, 0.5),
    ("3001", "山手町内会", "やまてちょうないかい", "yamate", 0.0, 1.0),
)

#: town, number, name, reading, kind, area, address, days and hours, what it is.
PLACES = (
    (MIDORI, "0001", "みなと茶の間", "みなとちゃのま", "居場所", "minato", "見本町4-1 見本公民館", "火・木 10時〜15時", "だれでも"),
    (MIDORI, "0002", "はまべ食堂", "はまべしょくどう", "居場所", "hamabe", "例示町2-8 ためし会館", "第2・第4土曜 11時30分から", "子どもと家族"),
    (MIDORI, "0003", "山手あるこう会", "やまてあるこうかい", "居場所", "yamate", "見本台1 例示公園", "月曜 9時", "60歳から"),
    (MIDORI, "0004", "見本公民館", "みほんこうみんかん", "公民館", "minato", "見本町4-1", "9時〜21時", ""),
    (MIDORI, "0005", "ためし会館", "ためしかいかん", "集会所", "hamabe", "例示町2-8", "9時〜17時", ""),
    (MIDORI, "0006", "例示公園", "れいじこうえん", "公園", "yamate", "見本台1", "", ""),
    (MIDORI, "0007", "みどり浜市役所", "みどりはましやくしょ", "市役所", "chuo", "中央一丁目1-1", "月〜金 8時30分〜17時15分", ""),
    (MIDORI, "0008", "川北の縁側", "かわきたのえんがわ", "居場所", "kawakita", "川北二丁目3-5", "水曜 13時〜16時", "だれでも"),
    (MIDORI, "0009", "松原図書館", "まつばらとしょかん", "図書館", "matsubara", "松原三丁目6", "9時30分〜18時", ""),
    (MIDORI, "0010", "緑が丘体操クラブ", "みどりがおかたいそうくらぶ", "居場所", "midori", "緑が丘五丁目2", "金曜 10時", "だれでも"),
    (KITA, "0001", "ひなたの居間", "ひなたのいま", "居場所", "ekimae", "駅前二丁目3", "月・水 10時〜14時", "だれでも"),
    (KITA, "0002", "北ひなた市役所", "きたひなたしやくしょ", "市役所", "ekimae", "駅前一丁目1-1", "月〜金 8時30分〜17時15分", ""),
    (KITA, "0003", "川上集会所", "かわかみしゅうかいじょ", "集会所", "kawakami", "川上8", "9時〜17時", ""),
)  # fmt: skip


@dataclass
class Ground:
    """What later chapters of the loading need: areas' outlines, logins of the staff."""

    shapes: dict[tuple[int, str], Polygon] = field(default_factory=dict)
    staff: dict[tuple[int, str], User] = field(default_factory=dict)

    def point_in(self, town: int, area: str, east: float, north: float) -> Point:
        """A point of an area: ``east`` and ``north`` between 0 and 1, in the middle of its box,
        drawn to its inner point where it would fall outside."""
        outline = self.shapes[town, area]
        west, south, right, top = outline.bounds
        inner = inner_point(mapping(outline))
        x = west + (right - west) * (0.15 + 0.7 * east)
        y = south + (top - south) * (0.15 + 0.7 * north)
        for _ in range(6):
            found = Point(y, x)
            if outline.contains(shape({"type": "Point", "coordinates": [x, y]})):
                return found
            x, y = (x + inner.longitude) / 2, (y + inner.latitude) / 2
        return inner


def ground_lay(start: date) -> Ground:
    """Towns, areas, places, operators, programme and staff, as of ``start``."""
    ground = Ground(shapes=_shapes())
    for code, (slug, name, kana, prefecture, phone, latitude, longitude) in TOWNS.items():
        municipality_register(
            code=code,
            name=name,
            name_kana=kana,
            prefecture=prefecture,
            slug=slug,
            office_name=f"{name} 共助センター",
            office_phone=phone,
            office_hours="月〜金 8時30分〜17時15分",
            latitude=latitude,
            longitude=longitude,
        )
        _areas_lay(ground, code)
        _places_lay(ground, code)
        _staff_lay(ground, code)
        _programme_lay(ground, code, start)
        _safety_lay(ground, code)
    return ground


def _shapes() -> dict[tuple[int, str], Polygon]:
    shapes = {}
    for (code, _, _), drawn in _DRAWN.items():
        pairs = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+),([\d.]+)", drawn)]
        shapes[MIDORI, code] = Polygon(
            [(138.32 + (x - _X0) * _LON, 34.86 - (y - _Y0) * _LAT) for x, y in pairs]
        )
    *_, latitude, longitude = TOWNS[KITA]
    for (code, _, _), (west, south, east, north) in _KITA_AREAS.items():
        shapes[KITA, code] = box(
            longitude + west, latitude + south, longitude + east, latitude + north
        )
    return shapes


def _areas_lay(ground: Ground, town: int) -> None:
    drawn = _DRAWN if town == MIDORI else _KITA_AREAS
    records = [
        AreaRecord(code, name, kana, mapping(ground.shapes[town, code]), row)
        for row, (code, name, kana) in enumerate(drawn, start=1)
    ]
    _, name, kana, *_ = TOWNS[town]
    whole = unary_union([ground.shapes[town, code] for code, _, _ in drawn])
    layers = [
        ("municipality", [AreaRecord(f"{town:06d}", name, kana, mapping(whole), 1)]),
        ("living_area", records),
    ]
    if town == MIDORI:
        layers.append(("neighbourhood", list(_neighbourhoods(ground))))
    for kind, areas in layers:
        areas_store(municipality_id=town, kind=kind, areas=areas, source=SOURCE)


def _neighbourhoods(ground: Ground) -> list[AreaRecord]:
    found = []
    for row, (code, name, kana, area, start, end) in enumerate(_NEIGHBOURHOODS, start=1):
        outline = ground.shapes[MIDORI, area]
        west, south, east, north = outline.bounds
        wide = east - west
        part = outline.intersection(box(west + wide * start, south, west + wide * end, north))
        found.append(AreaRecord(code, name, kana, mapping(part), row))
    return found


def _places_lay(ground: Ground, town: int) -> None:
    places = []
    for row, (code, number, name, kana, kind, area, address, opens, what) in enumerate(PLACES):
        if code != town:
            continue
        point = ground.point_in(town, area, (row * 0.37) % 1, (row * 0.61) % 1)
        places.append(
            PlaceRecord(
                municipality_id=town,
                number=number,
                name=name,
                name_kana=kana,
                kind=kind,
                address=f"{TOWNS[town][1]}{address}",
                latitude=point.latitude,
                longitude=point.longitude,
                opening_note=opens,
                description=what,
                source=SOURCE,
            )
        )
    places_store(municipality_id=town, places=places)


def _staff_lay(ground: Ground, town: int) -> None:
    slug = TOWNS[town][0]
    for code, key, role, title, name, kana, area in STAFF:
        if code != town:
            continue
        user = user_create(email=f"{key}@{slug}.example.jp", municipality_id=town)
        ground.staff[town, key] = user
        with tenant(town):
            found = Area.objects.filter(kind="living_area", code=area).first() if area else None
            staff_role_add(
                user=user,
                number=f"S-{user.pk}",
                role=role,
                title=title,
                name=name,
                name_kana=kana,
                area=found,
            )


#: town, who is on call, days (0 is Monday), from, to: the desk by day, at night and on weekends
#: whoever has the telephone.
_DUTIES = (
    (MIDORI, "coordinator", range(5), 8, 18),
    (MIDORI, "coordinator-2", range(5), 8, 18),
    (MIDORI, "office", range(7), 18, 8),
    (MIDORI, "officer", (5, 6), 8, 18),
    (KITA, "coordinator", range(5), 8, 18),
    (KITA, "office", range(7), 18, 8),
    (KITA, "officer", (5, 6), 8, 18),
)
#: town, kind, name, who of the desk reads what reaches it.
_CENTRES = (
    (MIDORI, "elder", "みどり浜市地域包括支援センター", ("coordinator", "coordinator-2")),
    (MIDORI, "child", "みどり浜市こども家庭センター", ("coordinator-3", "officer")),
    (KITA, "elder", "北ひなた市地域包括支援センター", ("coordinator",)),
    (KITA, "child", "北ひなた市こども家庭センター", ("officer",)),
)


def _safety_lay(ground: Ground, town: int) -> None:
    """Who is on call, and the centres that what visitors noticed goes to."""
    phone = TOWNS[town][4]
    by = ground.staff[town, "officer"]
    with tenant(town):
        for row, (code, key, days, start, end) in enumerate(_DUTIES, start=1):
            if code == town:
                duty_save(
                    uid=derived_id(ROOT, "duty", town, row),
                    user_id=ground.staff[town, key].pk,
                    phone=f"090-0000-{row:04}",
                    days=days,
                    start=time(start),
                    end=time(end),
                    by=by,
                )
        for code, kind, name, readers in _CENTRES:
            if code == town:
                centre_save(
                    uid=derived_id(ROOT, "centre", town, kind),
                    kind=kind,
                    name=name,
                    phone=phone,
                    area_codes=(),
                    members=[ground.staff[town, key].pk for key in readers],
                    by=by,
                )


def _programme_lay(ground: Ground, town: int, start: date) -> None:
    """Run by the municipality; coins issued by one officer, approved by the other."""
    _, name, kana, _, phone, *_ = TOWNS[town]
    operator = operator_register(
        municipality_id=town, kind="municipality", name=name, name_kana=kana, phone=phone
    )
    operator_register(
        municipality_id=town,
        kind="welfare_council",
        name=f"{name}社会福祉協議会",
        name_kana=f"{kana}しゃかいふくしきょうぎかい",
        phone=phone,
    )
    officer, chief = ground.staff[town, "officer"], ground.staff[town, "chief"]
    uid = derived_id(ROOT, "issuance", town, clock.fiscal_year())
    with tenant(town):
        programme_install(
            operator=operator,
            code=COIN_PROGRAMME,
            document=preset(),
            effective_from=start,
        )
        issuance_request(
            uid=uid,
            programme_code=COIN_PROGRAMME,
            amount=480_000,
            reason=f"{clock.fiscal_year()}年度の発行（議会で決まった予算）",
            by=officer,
        )
        issuance_approve(uid=uid, by=chief)
