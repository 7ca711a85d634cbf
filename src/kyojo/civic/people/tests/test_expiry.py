"""Over 31 March: what is held, what goes back to the town, what people hear and read of it."""

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins, coins_again, expiry, services, tasks
from kyojo.civic.people.errors import CoinsShort
from kyojo.civic.people.models import Act, Notice, PersonAccount
from kyojo.civic.people.testing import (
    FUMI,
    OUTSIDER,
    TAE,
    coins_give,
    make_carer,
    make_programme,
    make_supporter,
)
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.types import Flag

pytestmark = pytest.mark.django_db

MARCH = clock.at(date(2027, 3, 25), 10)
LAST_MINUTE = clock.at(date(2027, 3, 31), 23, 59)
APRIL = clock.at(date(2027, 4, 1), 0, 20)


@pytest.fixture
def cast(towns):
    """In March 2027 a carer has 40 coins that end with the month and 60 for another year; a
    supporter in her town and one in the next have none."""
    with clock.frozen(MARCH):
        carer = make_carer(towns.kita.id)
        near = make_supporter(towns.kita.id, TAE)
        far = make_supporter(towns.midori.id)
        make_programme(towns.midori.id)
        coins_give(carer, 40, vintage=2026)
        coins_give(carer, 60, vintage=2027)
        yield SimpleNamespace(carer=carer, near=near, far=far, kita=towns.kita, midori=towns.midori)


def hold(payer, payee, amount, *, timeout_at=None):
    return coins.coins_hold(
        order_id=uuid4(),
        payer_municipality_id=payer.municipality_id,
        payer_person_id=payer.pk,
        payee_municipality_id=payee.municipality_id,
        payee_person_id=payee.pk,
        amount=amount,
        reference=uuid4(),
        timeout_at=timeout_at,
    )


def numbers(person):
    found = coins.purse(person)
    return found.available, found.held


def issued(town):
    """Coins that are out of the issuer's hands."""
    with tenant(town.id):
        account = Programme.objects.get().issuer_account
        return -ledger_selectors.balance(ledger=town.id, account=account).posted


def again(person):
    with tenant(person.municipality_id):
        return list(Notice.objects.filter(person=person, kind="coins_again"))


def told(person):
    return list(Notice.objects.filter(person=person, kind="coins_end").order_by("at", "pk"))


def test_coins_can_be_spent_to_the_last_minute_and_lapse_at_night(cast):
    before = issued(cast.kita)
    with clock.frozen(LAST_MINUTE):
        tasks.coins_lapse()
        assert numbers(cast.carer) == (100, 0)
    with clock.frozen(APRIL):
        assert numbers(cast.carer) == (60, 0), "nobody waits for the sweep"
        for _ in range(2):
            tasks.coins_lapse()
            assert numbers(cast.carer) == (60, 0)
            assert issued(cast.kita) == before - 40
        assert issued(cast.midori) == 10_000
        line, *older = coins.coins_statement(cast.carer)
    assert (line.kind, line.change, line.available_change, line.available) == (
        "other",
        -40,
        -40,
        60,
    )
    assert line.words == "期限がすぎて、北ひなた市に戻りました"
    assert [entry.change for entry in older] == [60, 40]
    with tenant(cast.kita.id):
        (act,) = Act.objects.filter(action="coins_lapsed")
    assert (act.actor, act.subject_kind, act.subject_id, act.note) == (
        None,
        "programme",
        "kyojo-coin",
        "40コイン",
    )


def test_what_was_held_in_march_is_settled_in_april(cast):
    holds = hold(cast.carer, cast.far, 70)
    assert [(h["vintage"], h["amount"]) for h in holds] == [(2026, 40), (2027, 30)]
    with clock.frozen(APRIL):
        tasks.coins_lapse()
        assert numbers(cast.carer) == (30, 70)
        assert coins.coins_settle(order_id=uuid4(), holds=holds) == 70
        tasks.coins_lapse()
        assert (numbers(cast.carer), numbers(cast.far)) == ((30, 0), (70, 0))
        assert issued(cast.kita) == 10_000, "nothing lapsed: every old coin was handed over"


def test_of_a_part_that_is_settled_the_rest_can_be_used_for_a_time(cast):
    holds = hold(cast.carer, cast.near, 70)
    with clock.frozen(APRIL):
        tasks.coins_lapse()
        for _ in range(2):
            assert coins.coins_settle(order_id=uuid4(), holds=holds, amount=30) == 30
            assert numbers(cast.carer) == (70, 0), "the oldest went first, 10 of them had ended"
        tasks.coins_lapse()
        assert (numbers(cast.carer), issued(cast.kita)) == ((70, 0), 10_000)
        lines = coins.coins_statement(cast.carer)[:2]
    assert [(e.words, e.change, e.available) for e in lines] == [
        ("お預かりを戻しました", 0, 70),
        ("支援のお礼にお渡ししました", -30, 40),
    ]
    assert [one.title for one in again(cast.carer)] == [
        "お預かりから戻った10コインは、2028年3月31日まで使えます"
    ]


@pytest.mark.parametrize(
    ("at", "last_day"),
    [
        (APRIL, date(2028, 3, 31)),
        (clock.at(date(2028, 1, 31), 10), date(2028, 3, 31)),
        (clock.at(date(2028, 2, 1), 10), date(2029, 3, 31)),
    ],
)
@pytest.mark.parametrize("payee", ["near", "far"])
def test_what_comes_back_after_its_last_day_can_be_used_for_sixty_days_at_least(
    cast, payee, at, last_day
):
    with clock.frozen(MARCH):
        holds = hold(cast.carer, getattr(cast, payee), 40)
    with clock.frozen(at):
        for _ in range(2):
            tasks.coins_lapse()
            coins.coins_release(order_id=uuid4(), holds=holds)
            assert dict(coins.purse(cast.carer).by_vintage)[last_day] >= 40
            assert coins.purse(cast.carer).held == 0
        (notice,) = again(cast.carer)
        assert f"40コインは、{last_day:%Y年%-m月%-d日}まで使えます" in notice.title
        assert "手続きはいりません" in notice.body
        before = issued(cast.kita)
        firm = hold(cast.carer, cast.near, 40)
        coins.coins_release(order_id=uuid4(), holds=firm)
        assert len(again(cast.carer)) == 1
    with clock.frozen(clock.at(last_day + timedelta(days=1), 1)):
        tasks.coins_lapse()
        assert numbers(cast.carer) == (0, 0)
        assert issued(cast.kita) == before - 100


def test_what_came_back_in_march_is_not_given_again_in_april(cast):
    holds = hold(cast.carer, cast.near, 70)
    with clock.frozen(LAST_MINUTE):
        coins.coins_release(order_id=uuid4(), holds=holds)
    with clock.frozen(APRIL):
        coins.coins_release(order_id=uuid4(), holds=holds)
        assert numbers(cast.carer) == (60, 0)
        tasks.coins_lapse()
        assert issued(cast.kita) == 10_000 - 40
    assert not again(cast.carer)


def test_who_has_left_or_asked_only_or_whose_town_gives_no_time_has_none(cast, monkeypatch):
    asked = hold(cast.carer, cast.near, 40, timeout_at=APRIL + timedelta(hours=9))
    other = make_carer(cast.kita.id, FUMI)
    coins_give(other, 30, vintage=2026)
    booked = hold(other, cast.near, 30)
    with tenant(cast.kita.id):
        services.person_leave(person=other)
    with clock.frozen(APRIL):
        coins.coins_release(order_id=uuid4(), holds=[*asked, *booked])
        assert [numbers(one) for one in (cast.carer, other)] == [(60, 0), (0, 0)]
        tasks.coins_lapse()
        assert issued(cast.kita) == 10_000 - 40 - 30

    third = make_carer(cast.kita.id, OUTSIDER)
    coins_give(third, 20, vintage=2026)
    holds = hold(third, cast.near, 20)
    rules = coins_again.programme_current
    monkeypatch.setattr(
        coins_again,
        "programme_current",
        lambda: (rules()[0], replace(rules()[1], returned_days=0)),
    )
    with clock.frozen(APRIL):
        coins.coins_release(order_id=uuid4(), holds=holds)
        assert numbers(third) == (0, 0)
    assert not again(cast.carer) + again(other) + again(third)


def test_a_question_that_nobody_answered_in_march_gives_nothing_back_to_spend_in_april(cast):
    hold(cast.carer, cast.near, 70, timeout_at=LAST_MINUTE)
    with clock.frozen(APRIL):
        assert numbers(cast.carer) == (60, 0)
        tasks.coins_lapse()
        assert numbers(cast.carer) == (60, 0)
        assert issued(cast.kita) == 10_000 - 40


# --- what one can spend does not wait for the sweep of holds --------------------------------------


def test_coins_of_a_question_whose_time_is_over_can_be_spent_at_once(cast):
    hold(cast.carer, cast.far, 100, timeout_at=MARCH + timedelta(hours=4))
    with clock.frozen(MARCH + timedelta(hours=4)):
        assert numbers(cast.carer) == (100, 0)
        line = coins.coins_statement(cast.carer)[0]
        assert (line.words, line.at) == ("期限がすぎて、お預かりを戻しました", clock.now())
        holds = hold(cast.carer, cast.near, 90)
        assert numbers(cast.carer) == (10, 90)
        assert ledger.holds_expire(ledger=cast.kita.id) == [], "ended together with the new hold"
        assert len(ledger.holds_expire(ledger=cast.midori.id)) == 2
        coins.coins_settle(order_id=uuid4(), holds=holds)
        assert numbers(cast.near) == (90, 0)
        with pytest.raises(CoinsShort):
            hold(cast.carer, cast.near, 11)


# --- told before ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2027, 1, 29), 0),
        (date(2027, 1, 30), 1),
        (date(2027, 3, 16), 1),
        (date(2027, 3, 17), 1),
        (date(2027, 3, 31), 1),
        (date(2027, 4, 1), 0),
    ],
)
def test_who_has_coins_that_end_hears_of_it_in_good_time(cast, day, count):
    with clock.frozen(clock.at(day, 9, 30)):
        for _ in range(2):
            tasks.coins_end_tell()
        with tenant(cast.kita.id):
            notices = told(cast.carer)
            assert len(notices) == count
            assert not told(cast.near)
        for notice in notices:
            assert notice.title == "40コインは、2027年3月31日まで使えます"
            assert "北ひなた市に戻ります" in notice.body
            assert notice.path == "/me/coins/"


def test_the_two_tellings_differ_and_are_mailed_once_each(cast):
    for day in (date(2027, 1, 30), date(2027, 2, 10), date(2027, 3, 17), date(2027, 3, 20)):
        with clock.frozen(clock.at(day, 9, 30)):
            tasks.coins_end_tell()
    with tenant(cast.kita.id):
        early, late = told(cast.carer)
        jobs = ProcrastinateJob.objects.filter(task_name="people.notice_mail")
        mailed = [job.args["notice_id"] for job in jobs]
    assert [one.key for one in (early, late)] == ["coins_end:2026:60", "coins_end:2026:14"]
    assert early.body != late.body
    assert [mailed.count(one.pk) for one in (early, late)] == [1, 1]


def test_who_has_left_spent_or_held_all_of_them_is_not_told(cast):
    other = make_carer(cast.kita.id, FUMI)
    coins_give(other, 30, vintage=2026)
    with tenant(cast.kita.id):
        services.person_leave(person=other)
    hold(cast.carer, cast.near, 40)
    assert expiry.coins_end_tell(municipality_id=cast.kita.id) == 0
    with tenant(cast.kita.id):
        assert not told(other) + told(cast.carer)


def test_words_put_nobody_under_pressure(cast):
    tasks.coins_end_tell()
    with tenant(cast.kita.id):
        (notice,) = told(cast.carer)
    for word in ("消化", "失効", "無駄", "損", "お早め", "必ず"):
        assert word not in notice.title + notice.body


# --- who leaves -----------------------------------------------------------------------------------


def test_accounts_of_who_left_are_closed_when_nothing_is_in_them(cast):
    holds = hold(cast.carer, cast.near, 70)
    with tenant(cast.kita.id):
        services.person_leave(person=cast.carer)
        vintages = dict(
            PersonAccount.objects.filter(person=cast.carer).values_list("vintage", "account")
        )
    assert expiry.accounts_close(municipality_id=cast.kita.id) == 0

    def closed():
        with tenant(cast.kita.id):
            flags = ledger_selectors.accounts_flags(ledger=cast.kita.id, accounts=vintages.values())
        return {vintage for vintage, account in vintages.items() if Flag.CLOSED in flags[account]}

    with clock.frozen(APRIL):
        tasks.coins_lapse()
        assert closed() == set(), "40 are held for a visit, 30 live for another year"
        coins.coins_settle(order_id=uuid4(), holds=holds)
        for _ in range(2):
            tasks.coins_lapse()
            assert closed() == {2026}
        assert numbers(cast.near) == (70, 0)
    with clock.frozen(clock.at(date(2028, 4, 1), 1)):
        tasks.coins_lapse()
        assert closed() == {2026, 2027}
        assert expiry.accounts_close(municipality_id=cast.kita.id) == 0
