"""Coupons for participating shops: made, taken in once, refused, taken back, paid by the month."""

from datetime import date

import pytest

from kyojo.civic.earnings import selectors, services, shop_selectors
from kyojo.civic.earnings.errors import RecordDiffers, RedemptionNotWaiting
from kyojo.civic.earnings.models import Coupon, Redemption, Shop, ShopPayment
from kyojo.civic.earnings.services.coupons import pieces
from kyojo.civic.earnings.shop_errors import (
    CouponElsewhere,
    CouponExpired,
    CouponNotTaken,
    CouponOfOfficer,
    CouponOwn,
    CouponPaid,
    CouponUnknown,
    CouponUsed,
    CouponVoided,
    HandedOtherwise,
    MonthChanged,
    MonthNotOver,
    MonthPaid,
    NoShops,
    ShopEnded,
    ShopLoginUnfit,
    ShopOfOfficer,
    ShopTaken,
)
from kyojo.civic.earnings.testing import PAYEE
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Notice, User
from kyojo.civic.people.services import mail_change_ask, mail_change_confirm, staff_role_add
from kyojo.civic.people.testing import FUMI, JUN, make_login, make_officer
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .shops_cast import NOW, approved, buyer, made, open_shop, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def fumi(towns):
    """ふみ, who has 40 notes of 100 yen each, in a town with one shop."""
    person = buyer(towns.midori.id, FUMI)
    open_shop(towns.midori.id)
    return person


def staff(user: User) -> None:
    """A login that is given the office's work later."""
    with tenant(user.municipality_id):
        staff_role_add(
            user=user,
            number=f"S-{user.pk}",
            role="officer",
            title="主事",
            name="凪 みお",
            name_kana="ナギ ミオ",
        )


def state_of(one: Coupon) -> str:
    with tenant(one.municipality_id):
        return shop_selectors.coupon_by_token(one.token).state


@pytest.mark.parametrize(
    ("yen", "quantity", "worth"),
    [
        (2500, 0, [1000, 1000, 500]),
        (1000, 0, [1000]),
        (0, 0, [0]),
        (1000, 3, [334, 333, 333]),
        (150_000, 0, [2000] * 75),
        (200_000, 200, [2000] * 100),
    ],
)
def test_a_sum_becomes_pieces(yen, quantity, worth):
    assert pieces(yen, quantity) == worth


# --- made -----------------------------------------------------------------------------------------


def test_an_approved_application_becomes_coupons_once(fumi):
    one = approved(fumi, 25)
    first = made(one, fumi.user)
    assert [(row.place, row.yen, row.face) for row in first] == [
        (1, 1000, "1,000円分"),
        (2, 1000, "1,000円分"),
        (3, 500, "500円分"),
    ]
    assert {row.last_day for row in first} == {date(2028, 3, 31)}
    assert [row.token for row in made(one)] == [row.token for row in first]
    with tenant(fumi.municipality_id):
        seen = selectors.redemption_by_uid(one.uid)
        assert (seen.state, seen.reference) == (Redemption.State.DONE, "券 3枚")
        assert Notice.objects.filter(person=fumi, title__contains="券になりました").count() == 1


def test_coupons_of_late_march_have_three_months(towns):
    with clock.frozen(clock.at(date(2027, 3, 30), 9)):
        person = buyer(towns.midori.id, FUMI, years=0)
        open_shop(towns.midori.id)
        (one,) = made(approved(person, 10))
    assert one.last_day == date(2027, 6, 28)


def test_a_coupon_without_a_price_in_yen_says_its_own_part(fumi):
    """Three of an item for 30 notes are ten notes each, not thirty each."""
    one = approved(fumi, 30)
    with tenant(fumi.municipality_id):
        Redemption.objects.filter(pk=one.pk).update(value_yen=0, quantity=3)
    assert [row.face for row in made(one)] == ["10枚分"] * 3


def test_what_waits_or_was_handed_out_makes_no_coupons(fumi):
    waiting = approved(fumi, 5, decided=False)
    with pytest.raises(RedemptionNotWaiting):
        made(waiting)
    by_hand = approved(fumi, 5)
    with tenant(fumi.municipality_id):
        services.redemption_done(
            uid=by_hand.uid, reference="商品券 12", by=make_officer(fumi.municipality_id)
        )
    with pytest.raises(HandedOtherwise):
        made(by_hand)
    with tenant(fumi.municipality_id):
        assert not Coupon.objects.exists()


def test_without_a_shop_there_are_no_coupons(towns):
    person = buyer(towns.midori.id, FUMI)
    one = approved(person, 10)
    with pytest.raises(NoShops):
        made(one)
    with tenant(person.municipality_id):
        assert selectors.redemption_by_uid(one.uid).state == Redemption.State.APPROVED


# --- taken in -------------------------------------------------------------------------------------


def test_a_shop_takes_a_coupon_in_once(fumi):
    (one,) = made(approved(fumi, 10))
    order = new_id()
    typed = f" {shop_selectors.shown_token(one.token).lower()} "
    taken = take(one, token=typed, uid=order)
    assert (taken.state, taken.shop.name) == ("in", "まるい商店")
    assert take(one, uid=order).taken_at == taken.taken_at
    with pytest.raises(CouponUsed, match="2026年11月20日"):
        take(one)
    with tenant(fumi.municipality_id):
        assert Notice.objects.filter(person=fumi, title__contains="まるい商店").count() == 1


def test_what_a_shop_may_not_take_in(fumi, towns):
    first, second, third = made(approved(fumi, 25))
    town = fumi.municipality_id
    with tenant(town):
        services.coupon_void(token=first.token, reason="落とした", by=make_officer(town))
    with pytest.raises(CouponVoided):
        take(first)
    with clock.frozen(clock.at(date(2028, 4, 1), 0)), pytest.raises(CouponExpired):
        take(second)
    stranger = make_login("stranger", town)
    with tenant(town):
        for user, token in ((stranger, third.token), (make_officer(town), third.token)):
            with pytest.raises(CouponUnknown):
                services.coupon_take_in(uid=new_id(), token=token, by=user)
        with pytest.raises(CouponUnknown):
            services.coupon_take_in(uid=new_id(), token="AAAA-AAAA", by=open_shop(town).user)
    # a shop of the other town sees nothing of it
    buyer(towns.kita.id, JUN)
    abroad = open_shop(towns.kita.id, email="kita-shop@example.jp")
    with tenant(towns.kita.id), pytest.raises(CouponUnknown):
        services.coupon_take_in(uid=new_id(), token=third.token, by=abroad.user)
    with tenant(town):
        services.shop_end(uid=open_shop(town).uid, by=make_officer(town))
    with pytest.raises(ShopEnded):
        take(third)
    assert [state_of(one) for one in (first, second, third)] == ["void", "out", "out"]


def test_a_coupon_for_one_shop_is_taken_in_there_only(towns):
    town = towns.midori.id
    person = buyer(town, FUMI, items='["まるい商店", "かど屋"]')
    round_one, corner = open_shop(town), open_shop(town, "かど屋", "corner@example.jp")
    (one,) = made(approved(person, 10, detail="かど屋"))
    assert one.only_at == "かど屋"
    with pytest.raises(CouponElsewhere):
        take(one, by=round_one.user)
    assert take(one, by=corner.user).shop == corner


def test_nobody_takes_in_what_they_were_given(towns):
    town = towns.midori.id
    person = buyer(town, FUMI)
    shop = open_shop(town, email=person.user.email)
    (one,) = made(approved(person, 10))
    with pytest.raises(CouponOwn):
        take(one, by=shop.user)


# --- put right ------------------------------------------------------------------------------------


def test_a_lost_coupon_is_replaced_with_its_last_day(fumi):
    one = approved(fumi, 20)
    lost, kept = made(one)
    town = fumi.municipality_id
    with tenant(town):
        for _ in range(2):
            services.coupon_void(token=lost.token, reason="落とした", by=make_officer(town))
        with clock.frozen(clock.at(date(2027, 5, 1), 9)):
            again = services.coupons_make(uid=one.uid, by=make_officer(town))
    assert again[1].token == kept.token and again[0].token != lost.token
    assert (again[0].yen, again[0].last_day) == (lost.yen, lost.last_day)
    take(again[0])
    with tenant(town), pytest.raises(CouponUsed):
        services.coupon_void(token=again[0].token, reason="落とした", by=make_officer(town))


def test_a_member_makes_no_new_coupon_for_one_that_the_office_made_void(fumi):
    one = approved(fumi, 20)
    first, second = made(one)
    town = fumi.municipality_id
    with tenant(town):
        services.coupon_void(token=first.token, reason="落とした", by=make_officer(town))
    assert [row.token for row in made(one, fumi.user)] == [second.token]
    take(second)
    assert [row.token for row in made(one, fumi.user)] == [second.token]
    assert len(made(one)) == 2


def test_a_coupon_for_a_shop_that_ended_is_replaced_by_one_for_every_shop(towns):
    town = towns.midori.id
    person = buyer(town, FUMI, items='["まるい商店", "かど屋"]')
    open_shop(town)
    corner = open_shop(town, "かど屋", "corner@example.jp")
    one = approved(person, 10, detail="かど屋")
    (first,) = made(one)
    with tenant(town):
        services.shop_end(uid=corner.uid, by=make_officer(town))
    with pytest.raises(CouponElsewhere):
        take(first)
    with tenant(town):
        services.coupon_void(token=first.token, reason="店がやめた", by=make_officer(town))
    (again,) = made(one)
    assert (again.only_at, take(again).state) == ("", "in")


def test_an_officer_takes_back_no_taking_in_of_their_own_coupon(fumi):
    """They have what the shop gave for it: it would be good once more."""
    (one,) = made(approved(fumi, 10))
    take(one)
    staff(fumi.user)
    with tenant(fumi.municipality_id), pytest.raises(CouponOfOfficer):
        services.coupon_untake(token=one.token, reason="ちがう券", by=fumi.user)
    assert state_of(one) == "in"


def test_a_taking_in_is_taken_back_before_it_is_paid(fumi):
    (one,) = made(approved(fumi, 10))
    town, by = fumi.municipality_id, make_officer(fumi.municipality_id)
    with tenant(town), pytest.raises(CouponNotTaken):
        services.coupon_untake(token=one.token, reason="ちがう券", by=by)
    take(one)
    with tenant(town):
        services.coupon_untake(token=one.token, reason="ちがう券", by=by)
    take(one)
    with tenant(town), clock.frozen(clock.at(date(2026, 12, 3), 9)):
        pay(town, 1000)
        with pytest.raises(CouponPaid):
            services.coupon_untake(token=one.token, reason="ちがう券", by=by)
    assert state_of(one) == "in"


# --- paid -----------------------------------------------------------------------------------------


def pay(town: int, yen: int, month=date(2026, 11, 1), reference="振込 8") -> list[ShopPayment]:
    with tenant(town):
        shop = Shop.objects.get(name="まるい商店")
        return services.shops_paid(
            programme_code="exchange",
            month=month,
            shown={shop.uid: yen},
            reference=reference,
            by=make_officer(town),
        )


def test_a_month_is_paid_once_when_it_is_over(fumi):
    town = fumi.municipality_id
    first, second, _ = made(approved(fumi, 25))
    take(first)
    take(second)
    with pytest.raises(MonthNotOver):
        pay(town, 2000)
    with clock.frozen(clock.at(date(2026, 12, 3), 9)):
        with pytest.raises(MonthChanged):
            pay(town, 1000)
        (payment,) = pay(town, 2000)
        assert (payment.coupons, payment.yen) == (2, 2000)
        assert pay(town, 2000) == [payment]
        with pytest.raises(MonthPaid):
            pay(town, 2000, reference="振込 9")
        with pytest.raises(MonthChanged):
            pay(town, 0, month=date(2026, 10, 1))
    with tenant(town):
        (row,) = shop_selectors.shop_months(payment.programme)
        assert (row.yen, row.payment) == (2000, payment)
        assert ShopPayment.objects.count() == 1


def test_nobody_pays_their_own_shop(fumi):
    town = fumi.municipality_id
    (one,) = made(approved(fumi, 10))
    take(one)
    with tenant(town):
        shop = shop_selectors.shops(one.programme)[0]
    staff(shop.user)
    with tenant(town), clock.frozen(clock.at(date(2026, 12, 3), 9)):
        with pytest.raises(ShopOfOfficer):
            services.shops_paid(
                programme_code="exchange",
                month=date(2026, 11, 1),
                shown={shop.uid: 1000},
                reference="振込 8",
                by=shop.user,
            )
        with pytest.raises(ShopOfOfficer):
            services.shop_account_set(uid=shop.uid, payee=PAYEE, by=shop.user)
        assert not ShopPayment.objects.exists()
        assert services.shop_payee(shop_selectors.shop_by_uid(shop.uid)) is None


# --- shops ----------------------------------------------------------------------------------------


def test_a_shop_is_registered_once_with_a_login_of_its_own(fumi):
    town, by = fumi.municipality_id, make_officer(fumi.municipality_id)
    fields = {"programme_code": "exchange", "name": "みなと屋", "kana": "みなとや", "by": by}
    with tenant(town):
        order = new_id()
        shop = services.shop_register(uid=order, email="Minato@example.jp", **fields)
        assert shop.user.email == "minato@example.jp" and shop.user.municipality_id == town
        assert services.shop_register(uid=order, email="minato@example.jp", **fields) == shop
        with pytest.raises(RecordDiffers):
            services.shop_register(uid=order, email="other@example.jp", **fields)
        with pytest.raises(ShopTaken):
            services.shop_register(uid=new_id(), email="other@example.jp", **fields)
        fields["name"] = "みなと屋2号店"
        with pytest.raises(ShopTaken):
            services.shop_register(uid=new_id(), email="minato@example.jp", **fields)
        abroad = make_login("abroad", None)
        moved = make_login("moved", town)
        change = mail_change_ask(uid=new_id(), user=moved, email="moved-new@example.jp")
        mail_change_confirm(uid=change.uid, user=moved, code=change.code)
        for email in (by.email, abroad.email, "moved@example.jp"):
            with pytest.raises(ShopLoginUnfit):
                services.shop_register(uid=new_id(), email=email, **fields)
        services.shop_account_set(uid=shop.uid, payee=PAYEE, by=by)
        assert services.shop_payee(shop_selectors.shop_by_uid(shop.uid)) == PAYEE
        assert Shop.objects.count() == 2


def test_a_forgotten_members_coupon_stays_good(fumi):
    (one,) = made(approved(fumi, 10))
    with tenant(fumi.municipality_id):
        Redemption.objects.all().delete()
    assert take(one).state == "in"
