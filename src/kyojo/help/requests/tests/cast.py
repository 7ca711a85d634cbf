"""The standing cast of the tests of requests, matching and the carer's pages.

北ひなた市: 青空 みなみ (carer), 霧島 まこと (another carer).
みどり浜市, 港地区: 青空 ふみ (mother),
春風 けん, 朝露 じゅん, 木漏日 たえ (supporters), 星野 なぎ (coordinator). Friday, 20 November 2026,
10 o'clock; the garden is asked for on Saturday the 28th from 10 to 12.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any

from kyojo.civic.municipalities.models import Area, Municipality, Operator
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people import services as people
from kyojo.civic.people.models import CarePlace, Person
from kyojo.civic.programmes.selectors import preset, programme_current
from kyojo.civic.programmes.services import (
    coins_distribute,
    issuance_request,
    programme_install,
)
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import draft_save, request_open
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 10 o'clock in Japan
SATURDAY = date(2026, 11, 28)
HOUSE = (34.8600, 138.3200)  # the mother's
KITA, MIDORI = 990019, 990027


def town_ready(municipality: Municipality, *, coins_issued: int = 5000) -> None:
    """The coin programme runs and the treasury is filled. Inside the town's tenant."""
    operator = Operator.objects.create(
        kind="municipality", name=municipality.name, name_kana=municipality.name_kana
    )
    officer = people.user_create(
        email=f"officer@{municipality.slug}.example.jp", municipality_id=municipality.id
    )
    programme_install(
        operator=operator,
        code="kyojo-coin",
        document=preset(),
        effective_from=date(2026, 4, 1),
    )
    issuance_request(
        uid=new_id(),
        programme_code="kyojo-coin",
        amount=coins_issued,
        reason="年度のはじめ",
        by=officer,
    )


def coins_give(person: Person, amount: int) -> None:
    programme, rules = programme_current()
    account = coins.account_ensure(
        person_id=person.pk, vintage=rules.vintage_distributed(clock.fiscal_year())
    )
    coins_distribute(
        distribution_uid=new_id(), programme=programme, entries=[(account, amount, new_id())]
    )


def member(
    name: str,
    kana: str,
    *,
    roles: tuple[str, ...],
    town: int,
    birth: date = date(1980, 5, 5),
    **more: Any,
) -> Person:
    """A member with a login. Inside the town's tenant."""
    family, given = name.split(" ")
    family_kana, given_kana = kana.split(" ")
    user = people.user_create(email=f"{new_id().hex}@example.jp", municipality_id=town)
    return people.person_register(
        user=user,
        family_name=family,
        given_name=given,
        family_kana=family_kana,
        given_kana=given_kana,
        birth_date=birth,
        roles=roles,
        **more,
    )


def supporter(
    name: str,
    kana: str,
    *,
    town: int = MIDORI,
    skills: Mapping[str, str],
    hours: tuple[int, int] = (8, 17),
    away: tuple[float, float] = (0.0, 0.0),
    travel: str = "walk",
    limit_m: int = 3000,
    checks: tuple[tuple[str, str], ...] = (("identity", "本人確認ずみ"),),
    centre: tuple[float, float] = HOUSE,
    **more: Any,
) -> Person:
    """A supporter, free every day in ``hours``, ``away`` degrees from ``centre``."""
    person = member(name, kana, roles=("supporter",), town=town, **more)
    people.skill_set(person=person, skills=skills)
    people.weekly_times_set(
        person=person, times=[(day, time(hours[0]), time(hours[1])) for day in range(7)]
    )
    people.home_set(
        person=person,
        address="みどり浜市港1-1",
        latitude=centre[0] + away[0],
        longitude=centre[1] + away[1],
    )
    people.travel_set(person=person, travel=travel, travel_limit_m=limit_m)
    for kind, label in checks:
        people.trust_check_record(person=person, kind=kind, label=label, method="窓口", by=None)
    person.refresh_from_db()
    return person


def square(latitude: float, longitude: float, reach: float = 0.05) -> dict[str, Any]:
    west, east = longitude - reach, longitude + reach
    south, north = latitude - reach, latitude + reach
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def area_make(name: str, latitude: float, longitude: float) -> Area:
    return Area.objects.create(
        kind="living_area",
        code=name,
        name=name,
        geometry=square(latitude, longitude),
        west=longitude - 0.05,
        south=latitude - 0.05,
        east=longitude + 0.05,
        north=latitude + 0.05,
    )


def cast_make(towns: SimpleNamespace, *, coins_of_carer: int = 160) -> SimpleNamespace:
    """Everybody. Call it inside ``clock.frozen(NOW)``."""
    cast = SimpleNamespace(towns=towns)
    with tenant(KITA):
        town_ready(towns.kita)
        area_make("丘の上", 36.60, 138.20)
        cast.minami = member("青空 みなみ", "あおぞら みなみ", roles=("carer",), town=KITA)
        cast.makoto = member("霧島 まこと", "きりしま まこと", roles=("carer",), town=KITA)
        if coins_of_carer:
            coins_give(cast.minami, coins_of_carer)
    with tenant(MIDORI):
        town_ready(towns.midori)
        port = area_make("港地区", *HOUSE)
        cast.ken = supporter(
            "春風 けん",
            "はるかぜ けん",
            skills={"garden": ""},
            hours=(9, 13),
            away=(0.0108, 0.0),
            birth=date(1960, 4, 1),
            occupation="元 造園業",
            checks=(("identity", "本人確認ずみ"), ("training", "庭木の講習")),
        )
        cast.jun = supporter(
            "朝露 じゅん",
            "あさつゆ じゅん",
            skills={"garden": "草取り"},
            away=(0.0, 0.0066),
            birth=date(2004, 4, 1),
            occupation="大学生",
        )
        cast.tae = supporter(
            "木漏日 たえ",
            "こもれび たえ",
            skills={"garden": "", "talk": ""},
            hours=(10, 12),
            away=(-0.0216, 0.0),
            travel="bicycle",
            limit_m=5000,
            birth=date(1950, 4, 1),
        )
        desk = people.user_create(email="nagi@midorihama.example.jp", municipality_id=MIDORI)
        people.staff_role_add(
            user=desk,
            number=f"S-{desk.pk}",
            role="coordinator",
            title="港地区の生活支援コーディネーター",
            name="星野 なぎ",
            name_kana="ほしの なぎ",
            area=port,
        )
    with tenant(KITA):
        cast.house = mother_house(cast.minami)
        cast.mother_uid = cast.house.recipient_uid
    with tenant(MIDORI):
        cast.fumi = Person.objects.get(uid=cast.mother_uid)
    return cast


def mother_house(carer: Person) -> CarePlace:
    return people.care_place_add(
        carer=carer,
        uid=new_id(),
        kind="other_home",
        label="母の家",
        address="みどり浜市港2-3-4",
        latitude=HOUSE[0],
        longitude=HOUSE[1],
        place_municipality_id=MIDORI,
        recipient=people.Recipient(
            family_name="青空",
            given_name="ふみ",
            family_kana="あおぞら",
            given_kana="ふみ",
            birth_date=date(1944, 3, 3),
            relation="母",
        ),
        visitor_note="耳が少し遠いです",
    )


def garden_draft(cast: SimpleNamespace, **changes: Any) -> HelpRequest:
    asked: dict[str, Any] = {
        "order_id": new_id(),
        "carer": cast.minami,
        "category": "garden",
        "place_uid": cast.house.uid,
        "starts_at": clock.at(SATURDAY, 10),
        "minutes": 120,
        "memo": "草取りと、ミカンの枝を少し切ってほしいです。",
    }
    return draft_save(**(asked | changes))


def garden_open(cast: SimpleNamespace, **changes: Any) -> HelpRequest:
    draft = garden_draft(cast, **changes)
    return request_open(uid=draft.uid, carer=cast.minami)
