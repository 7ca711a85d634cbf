"""The standing cast: a carer far away, her mother, supporters of the mother's town, the office.

Everything is made through the services, so it may be committed as well as rolled back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from kyojo.civic.municipalities.models import Area, Operator
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people import coins
from kyojo.civic.people.models import CarePlace, Person, User
from kyojo.civic.people.services import (
    Recipient,
    care_place_add,
    home_set,
    person_register,
    skill_set,
    staff_role_add,
    travel_set,
    trust_check_record,
    user_create,
    weekly_times_set,
)
from kyojo.civic.programmes.selectors import preset, programme_current
from kyojo.civic.programmes.services import (
    coins_distribute,
    issuance_approve,
    issuance_request,
    programme_install,
)
from kyojo.help.matching.models import Offer
from kyojo.help.matching.services import offer_ask, offers_broadcast
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import draft_save, request_open
from kyojo.help.support import services
from kyojo.help.support.evidence import Position
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.ids import new_id

KITA, MIDORI = 990019, 990027
WEEK_BEFORE = clock.at(date(2026, 11, 21), 10)
START = clock.at(date(2026, 11, 28), 10)
END = clock.at(date(2026, 11, 28), 12)
#: The mother's house, a spot beside it, and the station.
HOUSE = (34.8600, 138.3200)
AT_HOUSE = Position(34.8601, 138.3201, 18)
FAR_AWAY = Position(34.8800, 138.3500, 20)
COINS = 160


@dataclass
class Cast:
    """Who is there. Staff are logins, members are people."""

    carer: Person
    mother: Person
    place: CarePlace
    supporter: Person
    second: Person
    stranger: Person
    officer: User
    kita_officer: User
    extra: dict[str, Any] = field(default_factory=dict)


def cast_make() -> Cast:
    """Needs the fixture ``towns``; runs at ``WEEK_BEFORE``."""
    officers = {}
    for code in (KITA, MIDORI):
        with tenant(code):
            officers[code] = town_set_up(code)
    with tenant(KITA):
        carer = _person("青空", "みなみ", "アオゾラ", "ミナミ", "carer", date(1981, 5, 3))
        stranger = _person("通行", "ひと", "ツウコウ", "ヒト", "carer", date(1970, 1, 1))
        coins_give(carer, COINS)
        place = care_place_add(
            carer=carer,
            uid=new_id(),
            kind="other_home",
            label="母の家",
            address="みどり浜市 港地区 見本町 1-2-3",
            latitude=HOUSE[0],
            longitude=HOUSE[1],
            place_municipality_id=MIDORI,
            recipient=Recipient(
                family_name="青空",
                given_name="ふみ",
                family_kana="アオゾラ",
                given_kana="フミ",
                birth_date=date(1944, 4, 1),
                relation="母",
            ),
            visitor_note="耳が少し遠いので、ゆっくり話してください",
        )
    with tenant(MIDORI):
        mother = Person.objects.get(uid=place.recipient_uid)
        mother.user = user_create(email="fumi@example.jp", municipality_id=MIDORI)
        mother.save(update_fields=["user"])
    return Cast(
        carer=carer,
        mother=mother,
        place=place,
        supporter=supporter_make("春風", "けん", "ハルカゼ", "ケン"),
        second=supporter_make("朝露", "じゅん", "アサツユ", "ジュン"),
        stranger=stranger,
        officer=officers[MIDORI],
        kita_officer=officers[KITA],
    )


def town_set_up(code: int) -> User:
    operator = Operator.objects.create(kind="municipality", name="市", name_kana="シ")
    programme_install(
        operator=operator,
        code="kyojo-coin",
        document=preset(),
        effective_from=date(2026, 11, 1),
    )
    officer = user_create(email=f"officer@{code}.example.jp", municipality_id=code)
    second = user_create(email=f"second@{code}.example.jp", municipality_id=code)
    for user in (officer, second):
        staff_role_add(
            user=user,
            number=f"S-{user.pk}",
            role="officer",
            title="長寿福祉課",
            name="係 一郎",
            name_kana="カカリ イチロウ",
        )
    uid = new_id()
    issuance_request(uid=uid, programme_code="kyojo-coin", amount=50_000, reason="試験", by=officer)
    issuance_approve(uid=uid, by=second)
    west, south, east, north = (138.25, 34.80, 138.40, 34.95)
    if code == MIDORI:
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        Area.objects.create(
            kind="living_area",
            code="minato",
            name="港地区",
            geometry={"type": "Polygon", "coordinates": [ring]},
            west=west,
            south=south,
            east=east,
            north=north,
        )
    return officer


def _person(
    family: str, given: str, family_kana: str, given_kana: str, role: str, born: date
) -> Person:
    user = user_create(email=f"{new_id()}@example.jp", municipality_id=current())
    return person_register(
        family_name=family,
        given_name=given,
        family_kana=family_kana,
        given_kana=given_kana,
        roles=[role],
        user=user,
        birth_date=born,
        phone="0900000000" + str(user.pk % 10),
    )


def supporter_make(
    family: str, given: str, family_kana: str, given_kana: str, *, town: int = MIDORI
) -> Person:
    """A supporter beside the mother's house, free every day, checked."""
    with tenant(town):
        person = _person(family, given, family_kana, given_kana, "supporter", date(1960, 2, 2))
        home_set(
            person=person,
            address="見本町 9",
            latitude=HOUSE[0] + 0.004,
            longitude=HOUSE[1] + 0.002,
        )
        travel_set(person=person, travel="bicycle", travel_limit_m=5000)
        skill_set(person=person, skills={"garden": "草取り", "talk": "", "shopping": ""})
        weekly_times_set(person=person, times=[(day, time(6), time(21)) for day in range(7)])
        trust_check_record(person=person, kind="identity", label="", method="窓口", by=None)
        return person


def coins_give(person: Person, amount: int) -> None:
    """Distribute coins of this fiscal year to a person of the current town."""
    programme, rules = programme_current()
    account = coins.account_ensure(
        person_id=person.pk, vintage=rules.vintage_distributed(clock.fiscal_year())
    )
    coins_distribute(
        distribution_uid=new_id(), programme=programme, entries=[(account, amount, new_id())]
    )


def request_make(cast: Cast, *, starts_at: datetime = START, minutes: int = 120) -> HelpRequest:
    with tenant(KITA):
        draft = draft_save(
            order_id=new_id(),
            carer=cast.carer,
            category="garden",
            place_uid=cast.place.uid,
            starts_at=starts_at,
            minutes=minutes,
            memo="草取りと、ミカンの枝を少し切ってほしいです。",
        )
        return request_open(uid=draft.uid, carer=cast.carer)


def ask_directly(cast: Cast, request: HelpRequest, supporter: Person) -> Offer:
    with tenant(KITA):
        return offer_ask(
            order_id=new_id(),
            request_uid=request.uid,
            carer=cast.carer,
            supporter_uid=supporter.uid,
            supporter_municipality_id=supporter.municipality_id,
        )


def broadcast(cast: Cast, request: HelpRequest, decide: str = "self") -> list[Offer]:
    with tenant(KITA):
        offers_broadcast(
            order_id=new_id(),
            request_uid=request.uid,
            carer=cast.carer,
            decide=decide,
            wait_until=clock.now() + timedelta(hours=24),
        )
        return list(Offer.objects.filter(request_uid=request.uid).order_by("rank"))


def answer(offer: Offer, supporter: Person, *, yes: bool = True) -> Visit | None:
    with tenant(supporter.municipality_id):
        return services.offer_answer(offer_uid=offer.uid, supporter=supporter, yes=yes)


def visit_make(cast: Cast, *, with_yes: bool = True, starts_at: datetime = START) -> UUID:
    """A reserved visit by the first supporter, welcomed by the mother."""
    request = request_make(cast, starts_at=starts_at)
    visit = answer(ask_directly(cast, request, cast.supporter), cast.supporter)
    assert visit is not None
    if with_yes:
        with tenant(MIDORI):
            services.consent_give(visit_uid=visit.uid, by=cast.mother)
    return visit.uid


def as_door(municipality_id: int, call: Callable[[], Any]) -> Any:
    """Like a view: the refusal is caught inside the town's transaction, which keeps what the
    service stored about it, and is raised again outside."""
    refused = None
    with tenant(municipality_id):
        try:
            return call()
        except Refusal as refusal:
            refused = refusal
    raise refused


def check_in(cast: Cast, uid: UUID, *, at: datetime = START, **proof: Any) -> Visit:
    with clock.frozen(at):
        return as_door(
            MIDORI,
            lambda: services.visit_check_in(
                visit_uid=uid,
                supporter=cast.supporter,
                **({"nonce": new_id()} | (proof or _here())),
            ),
        )


def check_out(cast: Cast, uid: UUID, *, at: datetime = END, **proof: Any) -> Visit:
    with clock.frozen(at):
        return as_door(
            MIDORI,
            lambda: services.visit_check_out(
                visit_uid=uid,
                supporter=cast.supporter,
                **({"nonce": new_id()} | (proof or _here())),
            ),
        )


def _here() -> dict[str, Any]:
    return {"position": AT_HOUSE}


def spoken_code(uid: UUID) -> str:
    with tenant(MIDORI):
        return str(Visit.objects.get(uid=uid).spoken_code)


def state_of(uid: UUID) -> str:
    """The state, the same in every town."""
    states = set()
    for code in (KITA, MIDORI):
        with tenant(code):
            states |= set(Visit.objects.filter(uid=uid).values_list("state", flat=True))
    assert len(states) == 1
    return str(states.pop())


def purses(cast: Cast) -> tuple[int, int, int]:
    """(available and held of the carer, available of the supporter)."""
    carer, supporter = coins.purse(cast.carer), coins.purse(cast.supporter)
    return carer.available, carer.held, supporter.available
