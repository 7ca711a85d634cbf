"""Paid help: what moves in each way of settling, what is refused, and what goes back."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import paid_selectors, selectors, services
from kyojo.civic.earnings.errors import (
    ActivityUnknown,
    DepositMissing,
    HelpMemberGone,
    HelpOfTwo,
    HelpWordsInvalid,
    NotEnough,
    ReasonNeeded,
    RecordDiffers,
    RecordInFuture,
    RecordOverlaps,
    RecordTimesInvalid,
    ThanksUsed,
)
from kyojo.civic.earnings.models import Movement, PaidHelp
from kyojo.civic.earnings.paid_words import why
from kyojo.civic.earnings.testing import PAYEE, install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.services import person_leave
from kyojo.civic.people.testing import JUN, TAE, make_officer, make_supporter
from kyojo.civic.programmes.errors import ProgrammeMissing, ThanksUnfit
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from .paid_cast import (
    DAY,
    NOW,
    fill,
    office_has,
    pair,
    seen,
    shares,
    void,
    wallet,
    write_down,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


def sentence(one: PaidHelp) -> str:
    with tenant(one.municipality_id):
        return why(paid_selectors.Documents(one.programme).on(one.start), one)


@pytest.mark.parametrize(
    ("code", "yen"),
    [
        ("ticket", (1600, 1600, 0, 0, 0, 0)),
        ("ticket-each-use", (1600, 1300, 0, 0, 0, 300)),
        ("paid-stamp-card", (1600, 1300, 0, 0, 0, 300)),
    ],
)
def test_tickets_and_stamps_go_from_hand_to_hand(towns, code, yen):
    fumi, ken = pair(towns.midori.id, code)
    fill(fumi, code, 3)
    one = write_down(ken, fumi, code)
    assert (one.state, one.pieces, shares(one)) == ("settled", 2, yen)
    assert (wallet(fumi, code), wallet(ken, code)) == (1, 2)
    assert "ごとに1" in sentence(one) and "手伝った人にわたります" in sentence(one)


def test_a_passbook_pays_the_helper_the_office_and_the_hours(towns):
    fumi, ken = pair(towns.midori.id, "paid-passbook", "time-deposit")
    fill(fumi, "paid-passbook", 3_000)
    one = write_down(ken, fumi, "paid-passbook", costs_yen=300)
    # 2 × 800, of which 2 × 150 are the office's and 30 % of the rest, 390 yen, are 36 minutes.
    assert shares(one) == (1_900, 1_210, 300, 0, 390, 300)
    assert (wallet(fumi, "paid-passbook"), wallet(ken, "paid-passbook")) == (1_100, 1_210)
    assert wallet(ken, "time-deposit") == 36
    town = towns.midori.id
    assert office_has(town, "paid-passbook", "office") == 300
    assert office_has(town, "paid-passbook", "deposit") == 390
    with tenant(town):
        moved = Movement.objects.get(kind=Movement.Kind.DEPOSITED)
    assert (moved.receiver_id, moved.amount, moved.yen) == (ken.pk, 36, 390)
    assert sentence(one) == (
        "お礼は1時間ごとに800円の決まりなので、2時間分の手伝いで1,600円、"
        "実費の300円を足して1,900円になり、手伝った人に1,210円、事務費に300円、"
        "手伝った人の時間預託に390円がわたります。"
    )


def test_what_is_no_whole_minute_stays_the_helpers(towns):
    hours = preset("time-deposit").replace("650", "610").replace("800", "760")
    install(towns.midori.id, "time-deposit", document=hours)
    fumi, ken = pair(towns.midori.id, "paid-passbook")
    fill(fumi, "paid-passbook", 1_000)
    one = write_down(ken, fumi, "paid-passbook", minutes=60)
    # 195 yen would be 19.18 minutes: 19 minutes are worth 193.17 yen, so 194 are kept for them.
    assert (one.deposited_yen, one.person_yen, wallet(ken, "time-deposit")) == (194, 456, 19)


def test_cash_moves_nothing_and_is_written_down(towns):
    fumi, ken = pair(towns.midori.id, "paid-cash")
    one = write_down(ken, fumi, "paid-cash", chosen_yen=700)
    assert (one.state, shares(one)) == ("settled", (1_400, 880, 0, 220, 0, 300))
    assert (wallet(fumi, "paid-cash"), wallet(ken, "paid-cash")) == (0, 0)
    assert "手伝ってもらった人がお礼を1時間ごとに700円と決めたので" in sentence(one)
    assert "事務局への寄付に220円" in sentence(one)


def test_what_is_invoiced_waits(towns):
    fumi, ken = pair(towns.midori.id, "paid-invoice")
    one = write_down(ken, fumi, "paid-invoice", activity="garden")
    assert (one.state, shares(one)) == ("open", (2_000, 1_700, 0, 0, 0, 300))
    assert (one.settled_at, wallet(ken, "paid-invoice")) == (None, 0)
    assert sentence(one).startswith("「庭の手入れ」のお礼は1時間ごとに1,000円の決まりなので")


def test_the_same_order_again_changes_nothing(towns):
    fumi, ken = pair(towns.midori.id, "ticket", "paid-cash")
    fill(fumi, "ticket", 4)
    uid = new_id()
    first = write_down(ken, fumi, "ticket", uid=uid)
    assert write_down(ken, fumi, "ticket", uid=uid).pk == first.pk
    jun = make_supporter(towns.midori.id, JUN)
    for change in (
        {"minutes": 60},
        {"hour": 13},
        {"activity": "庭の草とり"},
        {"day": DAY - timedelta(days=1)},
    ):
        with pytest.raises(RecordDiffers):
            write_down(ken, fumi, "ticket", uid=uid, **change)
    for helper, helped, code, more in (
        (jun, fumi, "ticket", {}),
        (ken, jun, "ticket", {}),
        (ken, fumi, "paid-cash", {"chosen_yen": 800}),
    ):
        with pytest.raises(RecordDiffers):
            write_down(helper, helped, code, uid=uid, **more)
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (2, 2)
    with tenant(towns.midori.id):
        assert PaidHelp.objects.count() == 1
        assert Act.objects.filter(action="paid_help_record").count() == 1


def test_both_are_told_once(towns):
    fumi, ken = pair(towns.midori.id, "ticket")
    fill(fumi, "ticket", 4)
    uid = new_id()
    for _ in range(2):
        write_down(ken, fumi, "ticket", uid=uid)
    own = write_down(ken, fumi, "ticket", hour=14, by=fumi.user)
    with tenant(towns.midori.id):
        told = Notice.objects.filter(kind="paid_help")
        assert [one.title for one in told.filter(person=ken, key__endswith=str(uid))] == [
            "青空 ふみさんの11月18日の手伝いのお礼2枚が届きました"
        ]
        assert told.filter(person=fumi, key__endswith=str(uid)).count() == 1
        assert not told.filter(person=fumi, key__endswith=str(own.uid)).exists()


def test_who_gets_nothing_of_it_is_told_of_no_thanks(towns):
    town = towns.midori.id
    part = 'share = "part_deposited"\nshare_percent = 30\ndeposit_in = "time-deposit"'
    assert part in preset("paid-passbook")
    install(
        town, "paid-passbook", document=preset("paid-passbook").replace(part, 'share = "office"')
    )
    fumi, ken = pair(town)
    fill(fumi, "paid-passbook", 1_600)
    one = write_down(ken, fumi, "paid-passbook")
    assert shares(one) == (1_600, 0, 0, 0, 0, 1_600)
    with tenant(town):
        told = Notice.objects.get(kind="paid_help", person=ken)
    assert told.title == "青空 ふみさんの11月18日の手伝いが記録されました"


def test_what_cannot_be_written_down_moves_nothing(towns):
    town = towns.midori.id
    fumi, ken = pair(town, "ticket", "paid-cash", "paid-invoice", "paid-passbook", "yokohama")
    fill(fumi, "ticket", 2)
    fill(fumi, "paid-passbook", 5_000)
    stranger = make_supporter(towns.kita.id, TAE)
    gone = make_supporter(town, JUN)
    with tenant(town):
        person_leave(person=gone, by=make_officer(town), basis="phone")
    write_down(ken, fumi, "paid-cash", chosen_yen=800, hour=6, minutes=60)
    for number, (error, call) in enumerate(
        (
            (HelpOfTwo, lambda: write_down(fumi, fumi, "ticket")),
            (NotFound, lambda: write_down(stranger, fumi, "ticket")),
            (NotFound, lambda: write_down(ken, fumi, "nothing")),
            (NotFound, lambda: write_down(ken, fumi, "yokohama")),
            (HelpMemberGone, lambda: write_down(gone, fumi, "ticket")),
            (HelpMemberGone, lambda: write_down(ken, gone, "ticket")),
            (NotEnough, lambda: write_down(ken, fumi, "ticket", minutes=180)),
            (RecordTimesInvalid, lambda: write_down(ken, fumi, "ticket", end=clock.at(DAY, 10))),
            (
                RecordTimesInvalid,
                lambda: write_down(
                    ken,
                    fumi,
                    "ticket",
                    start=clock.at(DAY, 10),
                    end=clock.at(DAY + timedelta(days=1), 10, 1),
                ),
            ),
            (RecordInFuture, lambda: write_down(ken, fumi, "ticket", day=NOW.date(), hour=17)),
            (RecordOverlaps, lambda: write_down(ken, fumi, "ticket", hour=6, minutes=90)),
            (ActivityUnknown, lambda: write_down(ken, fumi, "paid-invoice", activity="x")),
            (HelpWordsInvalid, lambda: write_down(ken, fumi, "ticket", activity="あ" * 41)),
            (ThanksUnfit, lambda: write_down(ken, fumi, "ticket", minutes=59)),
            (ThanksUnfit, lambda: write_down(ken, fumi, "ticket", costs_yen=1)),
            (ThanksUnfit, lambda: write_down(ken, fumi, "paid-cash", hour=8)),
            (ThanksUnfit, lambda: write_down(ken, fumi, "paid-cash", hour=8, chosen_yen=1_001)),
            (ThanksUnfit, lambda: write_down(ken, fumi, "paid-passbook", costs_yen=1_001)),
            (DepositMissing, lambda: write_down(ken, fumi, "paid-passbook")),
            (
                ProgrammeMissing,
                lambda: write_down(ken, fumi, "ticket", day=date(2024, 3, 30)),
            ),
        )
    ):
        with pytest.raises(error):
            call()
            pytest.fail(f"call {number} was not refused")
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (2, 0)
    assert wallet(fumi, "paid-passbook") == 5_000
    with tenant(town):
        assert PaidHelp.objects.count() == 1
        assert not Movement.objects.exclude(kind=Movement.Kind.BOUGHT).exists()


def test_the_rules_of_the_day_hold(towns):
    town = towns.midori.id
    dearer = (
        preset("paid-cash")
        .replace("least_yen = 500", "least_yen = 600")
        .replace("most_yen = 1000", "most_yen = 1200")
    )
    with clock.frozen(clock.at(date(2025, 9, 1), 9)):
        fumi, ken = pair(town, "paid-cash")
        install(town, "paid-cash", since=date(2026, 4, 1), document=dearer)
    assert write_down(ken, fumi, "paid-cash", day=date(2026, 3, 31), chosen_yen=500).payer_yen
    with pytest.raises(ThanksUnfit):
        write_down(ken, fumi, "paid-cash", day=date(2026, 4, 1), chosen_yen=500)


# --- struck out -----------------------------------------------------------------------------------


def test_what_is_struck_out_goes_back(towns):
    town = towns.midori.id
    fumi, ken = pair(town, "ticket", "paid-passbook", "time-deposit")
    fill(fumi, "ticket", 2)
    fill(fumi, "paid-passbook", 3_000)
    tickets = write_down(ken, fumi, "ticket")
    yen = write_down(ken, fumi, "paid-passbook", hour=13, costs_yen=300)
    for one in (tickets, yen):
        for _ in range(2):
            assert void(one).state == "void"
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (2, 0)
    assert (wallet(fumi, "paid-passbook"), wallet(ken, "paid-passbook")) == (3_000, 0)
    assert wallet(ken, "time-deposit") == 0
    assert office_has(town, "paid-passbook", "office") == 0
    assert office_has(town, "paid-passbook", "deposit") == 0
    with tenant(town):
        given, back = Movement.objects.filter(kind=Movement.Kind.DEPOSITED).order_by("id")
        assert (given.receiver_id, back.giver_id) == (ken.pk, ken.pk)
        assert Act.objects.filter(action="paid_help_void").count() == 2
    # The hour is free again.
    assert write_down(ken, fumi, "ticket").state == "settled"


def test_what_the_helper_has_used_stays(towns):
    town = towns.midori.id
    fumi, ken = pair(town, "ticket", "paid-passbook", "time-deposit")
    fill(fumi, "ticket", 2)
    fill(fumi, "paid-passbook", 3_000)
    tickets = write_down(ken, fumi, "ticket")
    yen = write_down(ken, fumi, "paid-passbook", hour=13)
    with tenant(town):
        for code, amount in (("ticket", 1), ("time-deposit", 30)):
            services.redemption_ask(
                uid=new_id(),
                programme_code=code,
                person=ken,
                use="cash",
                amount=amount,
                payee=PAYEE,
            )
    before = wallet(fumi, "paid-passbook"), wallet(ken, "paid-passbook")
    for one in (tickets, yen):
        with pytest.raises(ThanksUsed):
            void(one)
        assert seen(one).state == "settled"
    # The yen were all there, and only the hours were not: neither moved.
    assert (wallet(fumi, "paid-passbook"), wallet(ken, "paid-passbook")) == before
    assert (wallet(fumi, "ticket"), wallet(ken, "ticket")) == (0, 1)
    with tenant(town):
        assert Movement.objects.filter(giver=ken).count() == 0


def test_striking_out_needs_a_reason_and_a_row(towns):
    fumi, ken = pair(towns.midori.id, "paid-cash")
    one = write_down(ken, fumi, "paid-cash", chosen_yen=800)
    for reason in ("", "  ", "あ" * 201):
        with pytest.raises(ReasonNeeded):
            void(one, reason)
    officer = make_officer(towns.kita.id)
    with tenant(towns.kita.id), pytest.raises(NotFound):
        services.help_void(uid=one.uid, reason="よその町", by=officer)
    assert seen(one).state == "settled"
    assert void(one).void_reason == "日をまちがえた"


def test_what_expires_first_goes_first_and_keeps_its_day(towns):
    town = towns.midori.id
    document = preset("ticket").replace("[expiry]", "[expiry]\nearned_years = 1")
    with clock.frozen(clock.at(date(2025, 6, 1), 9)):
        install(town, "ticket", document=document)
        fumi, ken = pair(town)
        fill(fumi, "ticket", 1)
    fill(fumi, "ticket", 2)
    one = write_down(ken, fumi, "ticket")
    with tenant(town):
        programme = selectors.ruled("ticket").programme
        assert selectors.wallet(programme, ken).parts == (
            (date(2027, 3, 31), 1),
            (date(2028, 3, 31), 1),
        )
    void(one)
    with tenant(town):
        assert selectors.wallet(programme, fumi).parts == (
            (date(2027, 3, 31), 1),
            (date(2028, 3, 31), 2),
        )


def test_a_month_adds_up_for_the_accounts(towns):
    town = towns.midori.id
    fumi, ken = pair(town, "paid-cash")
    write_down(ken, fumi, "paid-cash", chosen_yen=700)
    write_down(ken, fumi, "paid-cash", chosen_yen=800, day=date(2026, 10, 31), hour=22)
    void(write_down(ken, fumi, "paid-cash", chosen_yen=900, hour=15))
    with tenant(town):
        programme = paid_selectors.paid("paid-cash").programme
        months = paid_selectors.month_sums(paid_selectors.helps(programme, fiscal_year=2026))
    assert [(one.month, one.helps, one.minutes, one.payer_yen) for one in months] == [
        (date(2026, 10, 1), 1, 120, 1_600),
        (date(2026, 11, 1), 1, 120, 1_400),
    ]
    assert (months[1].office_yen, months[1].donated_yen, months[1].person_yen) == (300, 220, 880)
