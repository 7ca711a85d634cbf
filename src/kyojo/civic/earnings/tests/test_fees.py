"""Fees: once on joining, or every year, each paid once."""

from datetime import date

import pytest

from kyojo.civic.earnings import circulation_selectors, selectors, services
from kyojo.civic.earnings.errors import (
    FeePaid,
    FeeUnknown,
    FeeYearUnknown,
    PaidReferenceMissing,
    RecordDiffers,
)
from kyojo.civic.earnings.models import FeePayment
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, JUN, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
FEES = """
[[fees]]
name = "入会金"
yen = 500
each = "joining"

[[fees]]
name = "年会費"
yen = 1200
each = "year"
"""


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(clock.at(date(2026, 11, 20), 18)):
        yield


@pytest.fixture
def fumi(towns):
    install(towns.midori.id, "ticket", document=preset("ticket") + FEES)
    dearer = preset("ticket") + FEES.replace("1200", "1500")
    with clock.frozen(clock.at(date(2026, 2, 1), 9)):
        install(towns.midori.id, "ticket", since=date(2026, 4, 1), document=dearer)
    return make_supporter(towns.midori.id, FUMI)


def pay(person, name="年会費", year=2026, uid=None, code="ticket", reference="領収 8"):
    with tenant(person.municipality_id):
        return services.fee_pay(
            uid=uid or new_id(),
            programme_code=code,
            person=person,
            name=name,
            fiscal_year=year,
            reference=reference,
            by=make_officer(person.municipality_id),
        )


def due(person, year=2026):
    with tenant(person.municipality_id):
        rows = circulation_selectors.fees_due(selectors.ruled("ticket", year), [person], year)
        return {row.fee.name: row.payment is not None for row in rows}


def test_a_fee_is_paid_once_a_year_or_once(fumi):
    assert due(fumi) == {"入会金": False, "年会費": False}
    assert (pay(fumi).yen, pay(fumi, year=2025).yen) == (1500, 1200)
    joined = pay(fumi, "入会金", 2025)
    assert (joined.fiscal_year, joined.yen) == (0, 500)
    assert due(fumi) == due(fumi, 2025) == {"入会金": True, "年会費": True}
    assert due(fumi, 2024) == {"入会金": True, "年会費": False}
    for name, year in (("年会費", 2026), ("入会金", 2026), ("入会金", 2024)):
        with pytest.raises(FeePaid) as refused:
            pay(fumi, name, year)
        assert "領収 8" in refused.value.message()


def test_a_double_press_pays_once_and_another_order_is_refused(fumi):
    uid = new_id()
    assert pay(fumi, uid=uid) == pay(fumi, uid=uid)
    for changed in ({"name": "入会金"}, {"year": 2025}, {"reference": "領収 9"}):
        with pytest.raises(RecordDiffers):
            pay(fumi, uid=uid, **changed)
    with tenant(fumi.municipality_id):
        assert FeePayment.objects.count() == 1


def test_what_is_no_fee_is_not_paid(fumi, towns):
    install(towns.midori.id, "exchange")
    for error, fields in (
        (FeeUnknown, {"name": "寄付"}),
        (FeeUnknown, {"code": "exchange"}),
        (FeeYearUnknown, {"year": 2023}),
        (FeeYearUnknown, {"year": 2027}),
        (PaidReferenceMissing, {"reference": " "}),
        (PaidReferenceMissing, {"reference": "x" * 61}),
        (NotFound, {"code": "nothing"}),
    ):
        with pytest.raises(error):
            pay(fumi, **fields)
    with tenant(fumi.municipality_id):
        assert not FeePayment.objects.exists()


def test_members_of_a_programme_are_those_who_did_something_in_it(fumi, towns):
    ken, jun = (make_supporter(towns.midori.id, who) for who in (KEN, JUN))
    install(towns.midori.id, "exchange")

    def active(code="ticket"):
        with tenant(towns.midori.id):
            return circulation_selectors.people_active(selectors.ruled(code).programme)

    assert active() == []
    pay(fumi)
    with tenant(towns.midori.id):
        services.units_buy(
            uid=new_id(),
            programme_code="ticket",
            person=ken,
            amount=2,
            reference="31",
            by=make_officer(towns.midori.id),
        )
    assert {one.pk for one in active()} == {fumi.pk, ken.pk}
    with tenant(towns.midori.id):
        services.units_hand(
            uid=new_id(),
            programme_code="ticket",
            giver=ken,
            receiver_number=jun.number,
            amount=1,
            use="help",
        )
        type(ken).objects.filter(pk=ken.pk).update(left_at=clock.now())
    assert {one.pk for one in active()} == {fumi.pk, jun.pk}
    assert active("exchange") == []
