"""Members of the demo's towns: carers with their places, supporters, companies, coins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from random import Random
from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations import services as organisations
from kyojo.civic.organisations.models import Employment
from kyojo.civic.people import distribution
from kyojo.civic.people import services as people
from kyojo.civic.people.models import CarePlace, Person, User
from kyojo.civic.programmes.selectors import COIN_PROGRAMME
from kyojo.kernel import clock
from kyojo.kernel.geometry import Point, moved
from kyojo.kernel.ids import derived_id

from .demo_town_cast import (
    ASKERS,
    COMPANIES,
    HELPERS,
    KITA,
    MIDORI,
    MOTHER,
    SMALL_ASKERS,
    SMALL_HELPERS,
    Asker,
    Helper,
    Home,
)
from .demo_town_ground import ROOT, TOWNS, Ground

#: Where 青空 ふみ lives; the supporters of the screens live around it.
HOUSE = Point(34.8600, 138.3200)


@dataclass
class People:
    """Everybody by key, and what belongs to them."""

    ground: Ground
    random: Random
    small: bool
    helpers: dict[str, tuple[Helper, Person]] = field(default_factory=dict)
    askers: dict[str, tuple[Asker, Person]] = field(default_factory=dict)
    places: dict[tuple[str, str], CarePlace] = field(default_factory=dict)
    mother: Person | None = None
    company_officers: dict[str, User] = field(default_factory=dict)
    emails: set[str] = field(default_factory=set)

    @property
    def cast_askers(self) -> list[Asker]:
        return [one for one in ASKERS if not self.small or one.key in SMALL_ASKERS]

    @property
    def cast_helpers(self) -> list[Helper]:
        return [one for one in HELPERS if not self.small or one.key in SMALL_HELPERS]


def uid_of(*parts: object) -> UUID:
    return derived_id(ROOT, *parts)


def people_come(
    ground: Ground, random: Random, *, small: bool, report: Callable[[str], None]
) -> People:
    """Register everybody, as of the frozen clock."""
    town = People(ground=ground, random=random, small=small)
    _companies_come(town)
    town.mother = _mother_come(town)
    for asker in town.cast_askers:
        _asker_come(town, asker)
        report("carers")
    for helper in town.cast_helpers:
        _helper_come(town, helper)
        report("supporters")
    coins_distribute(town, share=1.0, key="first", reason="年度のはじめの配布")
    return town


def member_come(
    town: int, key: str, name: str, kana: str, born: str, roles: tuple[str, ...], **more: object
) -> Person:
    """Somebody with a login, who has agreed to what registering means."""
    user = people.user_create(email=f"{key}@{TOWNS[town][0]}.example.jp", municipality_id=town)
    person = _person(town, key, name, kana, born, roles, user=user, **more)
    people.consent_give(person=person, kind="registration")
    return person


def _person(
    town: int, key: str, name: str, kana: str, born: str, roles: tuple[str, ...], **more: object
) -> Person:
    family_name, given_name = name.split(" ")
    family_kana, given_kana = kana.split(" ")
    return people.person_register(
        uid=uid_of("person", town, key),
        family_name=family_name,
        given_name=given_name,
        family_kana=family_kana,
        given_kana=given_kana,
        birth_date=date.fromisoformat(born),
        roles=roles,
        **more,  # type: ignore[arg-type]
    )


def _mother_come(town: People) -> Person:
    """青空 ふみ has a login of her own, so she is there before her daughter names her."""
    name, kana, born, _ = MOTHER
    with tenant(MIDORI):
        mother = member_come(MIDORI, "fumi", name, kana, born, ("recipient",), gender="female")
        return people.home_set(
            person=mother,
            address="みどり浜市港地区見本町1-2-3",
            latitude=HOUSE.latitude,
            longitude=HOUSE.longitude,
        )


def _asker_come(town: People, asker: Asker) -> None:
    with tenant(asker.town):
        person = member_come(
            asker.town, f"carer-{asker.key}", asker.name, asker.kana, asker.born, asker.roles,
            gender=asker.gender, occupation=asker.occupation,
            phone=f"090-0000-{1000 + len(town.askers):04d}",
        )  # fmt: skip
        point = town.ground.point_in(
            asker.town, asker.area, town.random.random(), town.random.random()
        )
        people.home_set(
            person=person,
            address=_address(asker.town, asker.area, len(town.askers)),
            latitude=point.latitude,
            longitude=point.longitude,
        )
        town.askers[asker.key] = (asker, person)
        for home in asker.homes:
            town.places[asker.key, home.key] = _place_come(town, asker, person, home, point)


def _address(town: int, area: str, number: int) -> str:
    street = {"minato": "見本町", "hamabe": "例示町", "yamate": "見本台"}.get(area, "ためし町")
    return f"{TOWNS[town][1]}{street}{number % 6 + 1}-{number % 9 + 1}-{number % 14 + 1}"


def _place_come(town: People, asker: Asker, person: Person, home: Home, own: Point) -> CarePlace:
    spot, address = own, person.address
    if home.kind != "own_home":
        spot = town.ground.point_in(
            home.town, home.area, town.random.random(), town.random.random()
        )
        address = _address(home.town, home.area, len(town.places))
    if home.of == MOTHER:
        spot, address = HOUSE, "みどり浜市港地区見本町1-2-3"
    recipient = None
    if home.of is not None:
        name, kana, born, relation = home.of
        family_name, given_name = name.split(" ")
        family_kana, given_kana = kana.split(" ")
        recipient = people.Recipient(
            family_name=family_name,
            given_name=given_name,
            family_kana=family_kana,
            given_kana=given_kana,
            birth_date=date.fromisoformat(born),
            relation=relation,
            phone=f"099-000-{len(town.places):04d}" if home.of != MOTHER else "",
        )
    return people.care_place_add(
        carer=person,
        uid=uid_of("place", asker.key, home.key),
        kind=home.kind,
        label=home.label,
        address=address,
        latitude=spot.latitude,
        longitude=spot.longitude,
        place_municipality_id=home.town,
        recipient=recipient,
        visitor_note=home.note,
    )


# --- supporters -----------------------------------------------------------------------------------


def _helper_come(town: People, helper: Helper) -> None:
    with tenant(helper.town):
        person = member_come(
            helper.town, helper.key, helper.name, helper.kana, helper.born, ("supporter",),
            gender=helper.gender, occupation=helper.occupation, introduction=helper.introduction,
            phone=f"070-0000-{2000 + len(town.helpers):04d}",
        )  # fmt: skip
        people.skill_set(person=person, skills=helper.skills)
        people.weekly_times_set(
            person=person, times=[(day, time(start), time(end)) for day, start, end in helper.times]
        )
        spot = _home_of(town, helper)
        people.home_set(
            person=person,
            address=_address(helper.town, helper.area, len(town.helpers)),
            latitude=spot.latitude,
            longitude=spot.longitude,
        )
        people.travel_set(person=person, travel=helper.travel, travel_limit_m=helper.limit_m)
        people.asks_limit_set(person=person, asks_per_week_max=helper.asks)
        by = town.ground.staff[helper.town, "officer"]
        people.consent_give(person=person, kind="identity", by=by, basis="counter")
        for kind, label in (("identity", ""), *helper.checks):
            people.trust_check_record(
                person=person,
                kind=kind,
                label=label,
                method=_METHODS[kind],
                # Two members of staff looked at the card, before this story begins.
                by=None if kind == "identity" else by,
            )
        town.helpers[helper.key] = (helper, person)
        if helper.company:
            _employ(town, helper, person)


_METHODS = {
    "identity": "窓口でマイナンバーカード",
    "background": "窓口で書類",
    "training": "修了証",
    "licence": "窓口で書類",
}


def _home_of(town: People, helper: Helper) -> Point:
    if helper.north_m is not None and helper.east_m is not None:
        return moved(HOUSE, north_metres=helper.north_m, east_metres=helper.east_m)
    return town.ground.point_in(
        helper.town, helper.area, town.random.random(), town.random.random()
    )


# --- companies ------------------------------------------------------------------------------------


def _companies_come(town: People) -> None:
    for slug, name, kana, employees in COMPANIES:
        company = organisations.company_register(
            slug=slug, name=name, name_kana=kana, employees_count=employees
        )
        user = people.user_create(email=f"kyojo@{slug}.example.jp")
        organisations.company_officer_add(company=company, user=user)
        town.company_officers[slug] = user


def employment_ask(person: Person, helper: Helper) -> Employment:
    return organisations.employment_request(
        uid=uid_of("employment", helper.key),
        person=person,
        company_slug=helper.company,
        employee_number=f"E-{person.pk % 9000 + 1000}",
    )


def _employ(town: People, helper: Helper, person: Person) -> None:
    """Confirmed by the company, and the person agrees to be counted."""
    employment = employment_ask(person, helper)
    organisations.employment_decide(
        company_officer=town.company_officers[helper.company],
        municipality_id=helper.town,
        uid=employment.uid,
        confirm=True,
    )
    organisations.consent_give(employment=employment)


# --- coins ----------------------------------------------------------------------------------------


def coins_distribute(town: People, *, share: float, key: str, reason: str) -> None:
    """By the office's list, as a file: two officers where it is large."""
    for code in (KITA, MIDORI):
        rows = [
            (asker, person)
            for asker, person in town.askers.values()
            if asker.town == code
        ]  # fmt: skip
        lines = ["会員番号,カナ,区分,コイン"]
        lines += [
            f"{person.number},{person.kana},{asker.group},{round(asker.coins * share)}"
            for asker, person in rows
        ]
        uid = uid_of("distribution", code, key)
        with tenant(code):
            officer, chief = town.ground.staff[code, "officer"], town.ground.staff[code, "chief"]
            distribution.distribution_check(
                uid=uid,
                by=officer,
                programme_code=COIN_PROGRAMME,
                file_name=f"{clock.local():%Y年%-m月}の配布.csv",
                data="\r\n".join(lines).encode("cp932"),
            )
            made = distribution.distribution_submit(
                uid=uid, by=officer, reason=reason, only_good=False
            )
            if made.state == made.State.WAITING:
                distribution.distribution_approve(uid=uid, by=chief)


def newcomer(town: People, moment: datetime) -> Person:
    """Somebody who registered by themselves and waits for the identity check."""
    with tenant(MIDORI):
        person = member_come(
            MIDORI, "newcomer", "白露 ゆい", "しらつゆ ゆい", "1999-09-07", ("supporter",),
            gender="female", occupation="会社員",
        )  # fmt: skip
        people.skill_set(person=person, skills={"shopping": "", "talk": "", "tech": ""})
        people.weekly_times_set(person=person, times=[(5, time(9), time(17))])
        spot = town.ground.point_in(MIDORI, "minato", 0.4, 0.4)
        people.home_set(
            person=person,
            address=_address(MIDORI, "minato", 5),
            latitude=spot.latitude,
            longitude=spot.longitude,
        )
        people.travel_set(person=person, travel="bicycle", travel_limit_m=4_000)
        return person
