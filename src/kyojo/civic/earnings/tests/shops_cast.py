"""What the tests of coupons share: a town whose notes are used at shops, one who has some."""

from datetime import date
from typing import Any

from kyojo.civic.earnings import services
from kyojo.civic.earnings.models import Coupon, Redemption, Shop
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.testing import make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .paid_cast import fill

NOW = clock.at(date(2026, 11, 20), 18)
ANY = "お礼券を取り扱う、まちの店"
SHOP = "まるい商店"


def buyer(town: int, key: Any, *, items: str = f'["{ANY}"]', years: int = 1) -> Person:
    """A member with 40 notes of the programme exchange, each worth 100 yen."""
    document = preset("exchange").replace(f'items = ["{ANY}"]', f"items = {items}")
    install(
        town, "exchange", document=document.replace("earned_years = 1", f"earned_years = {years}")
    )
    person: Person = make_supporter(town, key)
    fill(person, "exchange", 40)
    return person


def open_shop(town: int, name: str = SHOP, email: str = "marui@example.jp") -> Shop:
    """A participating shop; made once."""
    with tenant(town):
        found = Shop.objects.filter(name=name).select_related("user").first()
        return found or services.shop_register(
            uid=new_id(),
            programme_code="exchange",
            name=name,
            kana="まるいしょうてん" if name == SHOP else "かどや",
            email=email,
            by=make_officer(town),
        )


def approved(person: Person, amount: int, *, detail: str = ANY, decided: bool = True) -> Redemption:
    """An application for coupons; approved unless told."""
    town = person.municipality_id
    with tenant(town):
        one = services.redemption_ask(
            uid=new_id(),
            programme_code="exchange",
            person=person,
            use="shop",
            amount=amount,
            detail=detail,
        )
        if decided:
            services.redemption_approve(uid=one.uid, by=make_officer(town))
    return one


def made(one: Redemption, by: User | None = None) -> list[Coupon]:
    with tenant(one.municipality_id):
        return services.coupons_make(uid=one.uid, by=by or make_officer(one.municipality_id))


def take(one: Coupon, *, token: str = "", by: User | None = None, uid: Any = None) -> Coupon:
    """まるい商店 takes it in, unless told."""
    town = one.municipality_id
    user = by or open_shop(town).user
    with tenant(town):
        return services.coupon_take_in(uid=uid or new_id(), token=token or one.token, by=user)
