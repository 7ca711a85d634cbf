"""What the tests of uses share: a town with gifts that have prices, and one who has stamps."""

from datetime import date, timedelta

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Stock
from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel.ids import new_id

APRIL = date(2026, 4, 6)
PRODUCT, CROP, MEAL = "地元の製品", "地元の農産物", "地産地消の店での食事"


def gifts(town: int, prices: str = f'"{PRODUCT}" = 2, "{CROP}" = 1') -> None:
    """The programme sanjo, in which two of the three gifts have a price."""
    items = f'items = ["{PRODUCT}", "{CROP}", "{MEAL}"]'
    assert items in preset("sanjo")
    install(
        town, "sanjo", document=preset("sanjo").replace(items, f"{items}\nprices = {{ {prices} }}")
    )


def stamped(person: Person, gifts_worth: int) -> None:
    """``gifts_worth`` of what can be had for ten stamps each."""
    stand(person)
    for number in range(10 * gifts_worth):
        day = APRIL + timedelta(days=number)
        record(person, "sanjo", day, activity="talk", host="host-1")


def stock_set(person: Person, name: str, left: int | None, **fields) -> None:
    with tenant(person.municipality_id):
        services.stock_set(
            programme_code="sanjo",
            use="goods",
            name=name,
            left=left,
            by=make_officer(person.municipality_id),
            **fields,
        )


def left(person: Person, name: str) -> int | None:
    with tenant(person.municipality_id):
        row = Stock.objects.filter(name=name).first()
        return row.left if row else None


def ask(person: Person, amount: int, name: str, **fields):
    with tenant(person.municipality_id):
        return services.redemption_ask(
            uid=fields.pop("uid", None) or new_id(),
            programme_code="sanjo",
            person=person,
            use="goods",
            amount=amount,
            detail=name,
            **fields,
        )


def available(person: Person, code: str = "sanjo") -> int:
    with tenant(person.municipality_id):
        return selectors.wallet(selectors.ruled(code).programme, person).available
