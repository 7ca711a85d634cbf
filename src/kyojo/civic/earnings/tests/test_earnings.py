"""From stamps to points, to money, premiums and gifts; the ledger says the same at every step."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from kyojo.civic.earnings import selectors, services, tasks
from kyojo.civic.earnings.errors import (
    ActivityUnknown,
    AlreadyUsed,
    AlternativeNotReached,
    DetailNeeded,
    ExcludedByOther,
    HostUnknown,
    NotEnough,
    OwnRedemption,
    PayeeNeeded,
    RecordDiffers,
    RecordInFuture,
    RecordOverlaps,
    RedemptionNotWaiting,
    UseUnknown,
    YearClosed,
    YearMostReached,
    YearNotOver,
)
from kyojo.civic.earnings.models import Grant, Record, Redemption, YearClosing
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import expiry
from kyojo.civic.people.models import Notice
from kyojo.civic.people.testing import FUMI, KEN, OUTSIDER, make_officer, make_supporter
from kyojo.civic.programmes.errors import DocumentInvalid, VersionAmidYear
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors as ledger

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 18)
APRIL = date(2026, 4, 6)


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def fumi(towns):
    """78, first-class insured, in みどり浜市, where points of the yokohama kind are given."""
    install(towns.midori.id, "yokohama")
    person = make_supporter(towns.midori.id, FUMI)
    stand(person)
    return person


def days(count, first=APRIL):
    return [first + timedelta(days=n) for n in range(count)]


def wallet(person, code):
    with tenant(person.municipality_id):
        return selectors.wallet(selectors.ruled(code).programme, person)


def year(person, code, number=2026):
    with tenant(person.municipality_id):
        return selectors.year_of(selectors.ruled(code).programme, person, number)


def ask(person, code, use, amount, **fields):
    with tenant(person.municipality_id):
        return services.redemption_ask(
            uid=fields.pop("uid", None) or new_id(),
            programme_code=code,
            person=person,
            use=use,
            amount=amount,
            **fields,
        )


def issued(person, code):
    """What the issuer gave and did not get back."""
    with tenant(person.municipality_id):
        account = selectors.ruled(code).programme.issuer_account
        return -ledger.balance(ledger=person.municipality_id, account=account).posted


# --- records --------------------------------------------------------------------------------------


def test_a_record_brings_points_at_once(fumi):
    record(fumi, "yokohama", APRIL)
    assert wallet(fumi, "yokohama").parts == ((date(2028, 3, 31), 200),)
    record(fumi, "yokohama", APRIL, hour=11)
    assert wallet(fumi, "yokohama").available == 400 == issued(fumi, "yokohama")


def test_the_same_record_again_changes_nothing_and_another_under_its_id_is_refused(fumi):
    uid = uuid4()
    record(fumi, "yokohama", APRIL, uid=uid)
    record(fumi, "yokohama", APRIL, uid=uid)
    with pytest.raises(RecordDiffers):
        record(fumi, "yokohama", APRIL, uid=uid, hours=2)
    assert wallet(fumi, "yokohama").available == 200


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"activity": "surfing"}, ActivityUnknown),
        ({"host": "nowhere"}, HostUnknown),
        ({"day": date(2026, 11, 21)}, RecordInFuture),
        ({"hour": 8, "hours": 2}, RecordOverlaps),
    ],
)
def test_what_cannot_be_recorded_changes_nothing(fumi, fields, error):
    record(fumi, "yokohama", APRIL)
    day = fields.pop("day", APRIL)
    with pytest.raises(error):
        record(fumi, "yokohama", day, **fields)
    with tenant(fumi.municipality_id):
        assert Record.objects.count() == 1
    assert wallet(fumi, "yokohama").available == 200


def test_what_does_not_count_is_recorded_and_says_why(towns, fumi):
    young = make_supporter(towns.midori.id, OUTSIDER)
    record(young, "yokohama", APRIL)
    assert wallet(young, "yokohama").available == 0
    assert [line.rule for line in year(young, "yokohama").lines] == ["who.any_of"]


def test_a_record_struck_out_takes_back_what_it_brought(fumi):
    rows = [record(fumi, "yokohama", day) for day in days(3)]
    officer = make_officer(fumi.municipality_id)
    with tenant(fumi.municipality_id):
        services.record_void(uid=rows[1].uid, reason="日をまちがえた", by=officer)
        services.record_void(uid=rows[1].uid, reason="日をまちがえた", by=officer)
    assert wallet(fumi, "yokohama").available == 400 == issued(fumi, "yokohama")
    with tenant(fumi.municipality_id):
        assert [grant.amount for grant in Grant.objects.all()] == [200, 200, 200, -200]


def test_what_is_used_already_cannot_be_taken_back(fumi):
    row = record(fumi, "yokohama", APRIL)
    ask(fumi, "yokohama", "cash", 200, payee=PAYEE)
    with tenant(fumi.municipality_id), pytest.raises(AlreadyUsed):
        services.record_void(uid=row.uid, reason="日をまちがえた")
    with tenant(fumi.municipality_id):
        assert Record.objects.get(pk=row.pk).void_at is None


def test_a_change_of_class_in_mid_year_counts_from_its_day(towns):
    install(towns.midori.id, "saitama")
    ken = make_supporter(towns.midori.id, KEN)  # born on 8 September 1960: 65, then 66
    stand(ken, "none", since=date(2020, 4, 1))
    for day in days(4):
        record(ken, "saitama", day)
    assert year(ken, "saitama").units == 0
    stand(ken, "first", since=APRIL + timedelta(days=2))
    assert [line.units for line in year(ken, "saitama").lines] == [0, 0, 1, 1]


def test_who_moves_away_earns_no_more_and_keeps_what_was_earned(fumi):
    record(fumi, "yokohama", APRIL)
    stand(fumi, "first", since=APRIL + timedelta(days=1), lives=False)
    record(fumi, "yokohama", APRIL + timedelta(days=1))
    assert wallet(fumi, "yokohama").available == 200


def test_programmes_that_exclude_each_other_do(towns, fumi):
    document = preset("saitama").replace(
        'kind = "points"', 'kind = "points"\nexcludes = ["yokohama"]'
    )
    install(towns.midori.id, "saitama", document=document)
    record(fumi, "yokohama", APRIL)
    with pytest.raises(ExcludedByOther):
        record(fumi, "saitama", APRIL + timedelta(days=1))
    # and the other way round
    ken = make_supporter(towns.midori.id, KEN)
    record(ken, "saitama", APRIL)
    with pytest.raises(ExcludedByOther):
        record(ken, "yokohama", APRIL + timedelta(days=1))


def test_another_town_sees_nothing(towns, fumi):
    row = record(fumi, "yokohama", APRIL)
    with tenant(towns.kita.id):
        assert selectors.programmes_now() == []
        with pytest.raises(NotFound):
            selectors.ruled("yokohama")
        with pytest.raises(NotFound):
            services.record_void(uid=row.uid, reason="まちがい")
    assert wallet(fumi, "yokohama").available == 200


# --- uses -----------------------------------------------------------------------------------------


def test_from_stamps_to_money_paid_out(fumi):
    for day in days(6):
        record(fumi, "yokohama", day)
    redemption = ask(fumi, "yokohama", "cash", 1000, payee=PAYEE)
    assert (redemption.value_yen, redemption.state) == (1000, "asked")
    assert (wallet(fumi, "yokohama").available, wallet(fumi, "yokohama").held) == (200, 1000)
    officer = make_officer(fumi.municipality_id)
    with tenant(fumi.municipality_id):
        services.redemption_approve(uid=redemption.uid, by=officer)
        services.redemption_approve(uid=redemption.uid, by=officer)
        done = services.redemption_done(uid=redemption.uid, reference="総振 1201-3", by=officer)
        assert services.payee_of(done) == PAYEE
        assert b"1234567" not in bytes(done.payee_encrypted)
    assert (wallet(fumi, "yokohama").available, wallet(fumi, "yokohama").held) == (200, 0)


def test_the_same_order_again_answers_with_the_first_and_other_content_is_refused(fumi):
    record(fumi, "yokohama", APRIL)
    uid = new_id()
    first = ask(fumi, "yokohama", "cash", 200, payee=PAYEE, uid=uid)
    assert ask(fumi, "yokohama", "cash", 200, payee=PAYEE, uid=uid) == first
    for use, amount, fields in (
        ("cash", 100, {"payee": PAYEE}),
        ("cash", 200, {"payee": replace(PAYEE, number="7654321")}),
        ("donation", 200, {"detail": "子どもの居場所"}),
    ):
        with pytest.raises(RecordDiffers):
            ask(fumi, "yokohama", use, amount, uid=uid, **fields)
    assert wallet(fumi, "yokohama").held == 200


def test_a_gift_needs_one_of_the_recipients(fumi):
    record(fumi, "yokohama", APRIL)
    with pytest.raises(DetailNeeded):
        ask(fumi, "yokohama", "donation", 200)
    gift = ask(fumi, "yokohama", "donation", 200, detail="子どもの居場所")
    with tenant(fumi.municipality_id):
        services.redemption_approve(uid=gift.uid, by=make_officer(fumi.municipality_id))
    assert wallet(fumi, "yokohama").available == 0


def test_what_cannot_be_asked_for_holds_nothing(fumi):
    record(fumi, "yokohama", APRIL)
    for use, amount, fields, error in (
        ("cash", 201, {"payee": PAYEE}, NotEnough),
        ("cash", 200, {}, PayeeNeeded),
        ("premium", 100, {}, UseUnknown),
        ("help", 100, {}, UseUnknown),
    ):
        with pytest.raises(error):
            ask(fumi, "yokohama", use, amount, **fields)
    assert wallet(fumi, "yokohama").held == 0
    with tenant(fumi.municipality_id):
        assert not Redemption.objects.exists()


def test_what_is_refused_or_taken_back_is_the_persons_again(fumi):
    record(fumi, "yokohama", APRIL)
    officer = make_officer(fumi.municipality_id)
    first = ask(fumi, "yokohama", "cash", 200, payee=PAYEE)
    with tenant(fumi.municipality_id):
        services.redemption_refuse(uid=first.uid, note="口座名義がちがいます", by=officer)
        with pytest.raises(RedemptionNotWaiting):
            services.redemption_approve(uid=first.uid, by=officer)
    second = ask(fumi, "yokohama", "cash", 200, payee=PAYEE)
    with tenant(fumi.municipality_id):
        services.redemption_cancel(uid=second.uid, person=fumi)
    assert (wallet(fumi, "yokohama").available, wallet(fumi, "yokohama").held) == (200, 0)


def test_who_asked_does_not_approve(fumi):
    record(fumi, "yokohama", APRIL)
    officer = make_officer(fumi.municipality_id)
    redemption = ask(fumi, "yokohama", "cash", 200, payee=PAYEE, by=officer)
    with tenant(fumi.municipality_id), pytest.raises(OwnRedemption):
        services.redemption_approve(uid=redemption.uid, by=officer)
    assert wallet(fumi, "yokohama").held == 200


def test_the_premium_takes_five_thousand_yen_a_year(towns):
    install(towns.midori.id, "inagi")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    for first in (date(2025, 4, 7), date(2026, 4, 6)):
        for day in days(25, first):
            record(fumi, "inagi", day, hours=2, host="facility-1")
    assert wallet(fumi, "inagi").parts == ((date(2028, 3, 31), 5000), (date(2029, 3, 31), 5000))
    ask(fumi, "inagi", "premium", 4000)
    with pytest.raises(YearMostReached) as refused:
        ask(fumi, "inagi", "premium", 2000)
    assert refused.value.data["left"] == "1,000"
    # what expires first goes first
    assert wallet(fumi, "inagi").parts[0] == (date(2028, 3, 31), 1000)


def test_at_the_limit_there_is_a_voucher_instead(towns):
    install(towns.midori.id, "saitama")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    shop = "シルバー元気応援ショップの応援券を取り扱う店"
    for day in days(49):
        record(fumi, "saitama", day)
    with pytest.raises(AlternativeNotReached):
        ask(fumi, "saitama", "shop", 4000, detail=shop)
    record(fumi, "saitama", APRIL + timedelta(days=60))
    assert ask(fumi, "saitama", "shop", 5000, detail=shop).value_yen == 6000
    assert wallet(fumi, "saitama").available == 0


# --- the year's end -------------------------------------------------------------------------------


def test_a_year_is_closed_once_it_is_over(towns):
    install(towns.midori.id, "inagi")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    for day in days(13):
        record(fumi, "inagi", day)
    officer = make_officer(fumi.municipality_id)

    def close(**fields):
        with tenant(fumi.municipality_id):
            return services.year_close(
                programme_code="inagi", fiscal_year=2026, by=officer, **fields
            )

    with pytest.raises(YearNotOver):
        close()
    with clock.frozen(clock.at(date(2027, 4, 2), 9)):
        tried = close(dry_run=True)
        with tenant(fumi.municipality_id):
            assert not YearClosing.objects.exists()
        assert tried.sums == {
            "people": 1,
            "units": 13,
            "granted": 1000,
            "value_yen": 1000,
            "leftover": 3,
        }
        assert close().sums == tried.sums
        with pytest.raises(YearClosed):
            close()
        with pytest.raises(YearClosed):
            record(fumi, "inagi", APRIL + timedelta(days=100))
        record(fumi, "inagi", date(2027, 4, 1))
        assert year(fumi, "inagi", 2027).units == 1
        assert wallet(fumi, "inagi").available == 1000


def test_what_is_not_used_returns_when_its_time_is_over(fumi):
    record(fumi, "yokohama", APRIL)
    town = fumi.municipality_id
    with clock.frozen(clock.at(date(2028, 3, 31), 23)):
        assert wallet(fumi, "yokohama").available == 200
    with clock.frozen(clock.at(date(2028, 4, 1), 1)):
        assert wallet(fumi, "yokohama").available == 0
        assert expiry.coins_lapse(municipality_id=town) == 200
    assert issued(fumi, "yokohama") == 0


def test_rules_of_points_change_on_the_first_of_april_only(towns, fumi):
    dearer = preset("yokohama").replace("units = 200", "units = 100")
    with pytest.raises(VersionAmidYear):
        install(towns.midori.id, "yokohama", since=date(2026, 12, 1), document=dearer)
    record(fumi, "yokohama", APRIL)
    install(towns.midori.id, "yokohama", since=date(2027, 4, 1), document=dearer)
    with clock.frozen(clock.at(date(2027, 4, 20), 9)):
        record(fumi, "yokohama", date(2027, 4, 6))
        assert (year(fumi, "yokohama").granted, year(fumi, "yokohama", 2027).granted) == (200, 100)


def test_a_document_that_breaks_a_bound_never_takes_effect(towns):
    document = preset("inagi").replace("year_most = 5000", "year_most = 90000")
    with pytest.raises(DocumentInvalid) as refused:
        install(towns.midori.id, "inagi", document=document)
    assert "全国基準" in str(refused.value.data["allowed"])
    with tenant(towns.midori.id):
        assert selectors.programmes_now() == []


def test_what_another_rule_would_have_paid(towns, fumi):
    for day in days(3):
        record(fumi, "yokohama", day)
    with tenant(towns.midori.id):
        programme = selectors.ruled("yokohama").programme
        dearer = selectors.document_of(preset("yokohama").replace("units = 200", "units = 300"))
        found = selectors.would_pay(dearer, programme, 2026)[2026]
    assert selectors.sums(found)["granted"] == 900
    assert wallet(fumi, "yokohama").available == 600


def test_the_worker_closes_a_year_once(towns):
    install(towns.midori.id, "inagi")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    for day in days(10):
        record(fumi, "inagi", day)
    order = {"municipality_id": towns.midori.id, "programme_code": "inagi", "fiscal_year": 2026}
    with clock.frozen(clock.at(date(2027, 4, 2), 9)):
        tasks.year_close(**order)
        tasks.year_close(**order)
    with tenant(towns.midori.id):
        assert [one.granted for one in YearClosing.objects.all()] == [1000]
        assert Notice.objects.filter(person=fumi, kind="year_closed").count() == 1


def test_bank_accounts_are_forgotten_when_they_are_of_no_use(fumi):
    record(fumi, "yokohama", APRIL)
    record(fumi, "yokohama", APRIL, hour=13)
    officer = make_officer(fumi.municipality_id)
    paid = ask(fumi, "yokohama", "cash", 200, payee=PAYEE)
    refused = ask(fumi, "yokohama", "cash", 200, payee=PAYEE)
    with tenant(fumi.municipality_id):
        services.redemption_approve(uid=paid.uid, by=officer)
        services.redemption_done(uid=paid.uid, reference="1", by=officer)
        services.redemption_refuse(uid=refused.uid, note="口座がちがいます", by=officer)

    def known():
        with tenant(fumi.municipality_id):
            rows = Redemption.objects.filter(payee_encrypted__isnull=False)
            return set(rows.values_list("uid", flat=True))

    tasks.payees_purge()
    assert known() == {paid.uid}
    with clock.frozen(NOW + timedelta(days=366)):
        tasks.payees_purge()
    assert known() == set()
