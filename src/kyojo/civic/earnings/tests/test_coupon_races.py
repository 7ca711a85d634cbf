"""Everybody presses at once, with real commits: a coupon is made once, taken in once, and counted
in one month; who leaves is given nothing any more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import OperationalError, connection, connections, transaction

from kyojo.civic.earnings import services, shop_selectors
from kyojo.civic.earnings.models import Coupon
from kyojo.civic.earnings.shop_errors import MonthChanged
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .paid_cast import wallet
from .shops_cast import NOW, approved, buyer, made, open_shop, take
from .test_circulating_races import together


@pytest.fixture
def fumi(towns):
    with clock.frozen(NOW):
        person = buyer(towns.midori.id, FUMI)
        open_shop(towns.midori.id)
        make_officer(towns.midori.id)
        yield person


def test_an_application_is_made_coupons_once_and_each_is_taken_in_once(fumi):
    one, town = approved(fumi, 20), fumi.municipality_id
    by = make_officer(town)

    def hand_out(number):
        with tenant(town):
            if number == 3:
                return services.redemption_done(uid=one.uid, reference="商品券 1", by=by).reference
            makes = services.coupons_make(uid=one.uid, by=by if number else fumi.user)
            return [row.token for row in makes]

    found = together(hand_out, [0, 1, 2, 3])
    with tenant(town):
        coupons = list(Coupon.objects.order_by("place"))
    tokens = [row.token for row in coupons]
    by_hand = ["coupon_handed_otherwise"] * 3 + ["商品券 1"]
    assert found == (by_hand if not coupons else [tokens] * 3 + ["券 2枚"])
    if not coupons:
        coupons = made(approved(fumi, 20))
    user = open_shop(town).user
    taken = together(lambda _: take(coupons[0], by=user).state, range(4))
    assert sorted(taken) == ["coupon_used"] * 3 + ["in"]


def test_a_coupon_taken_in_at_midnight_is_in_the_sum_of_its_month(fumi):
    """Who pays waits for the till that was first, and then sees its coupon."""
    town = fumi.municipality_id
    shop = open_shop(town)
    first, second = made(approved(fumi, 20))
    take(first)
    by = make_officer(town)

    def paid_in_december():
        try:
            with clock.frozen(clock.at(date(2026, 12, 1), 0)), tenant(town), transaction.atomic():
                connection.cursor().execute("SET LOCAL lock_timeout = '300ms'")
                return services.shops_paid(
                    programme_code="exchange",
                    month=date(2026, 11, 1),
                    shown={shop.uid: 1000},
                    reference="振込 8",
                    by=by,
                )
        except OperationalError:
            return "waits"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with clock.frozen(clock.at(date(2026, 11, 30), 23, 59)), transaction.atomic():
            take(second, by=shop.user)
            assert pool.submit(paid_in_december).result() == "waits"
        with pytest.raises(MonthChanged):
            pool.submit(paid_in_december).result()
    with tenant(town), clock.frozen(clock.at(date(2026, 12, 1), 0)):
        [row] = shop_selectors.shop_months(first.programme)
        assert (row.yen, row.payment) == (2000, None)


def test_who_leaves_at_the_same_moment_is_handed_nothing(fumi):
    """Either what was handed holds them back, or they left first and it stays where it was."""
    town = fumi.municipality_id
    ken, by = make_supporter(town, KEN), make_officer(town)

    def press(number):
        with tenant(town):
            if number:
                return services.units_hand(
                    uid=new_id(),
                    programme_code="exchange",
                    giver=fumi,
                    receiver_number=ken.number,
                    amount=5,
                    use="help",
                ).kind
            services.membership_end(person=ken, event="quitting", basis="counter", by=by)
            return "left"

    found = together(press, range(2))
    assert (found, wallet(ken, "exchange")) in (
        (["left", "movement_receiver_unknown"], 0),
        (["leaving_still_open", "handed"], 5),
    )
