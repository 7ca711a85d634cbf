"""Coins for a list of carers: what a file may say wrongly, four eyes, all or nothing, once."""

import io
from datetime import UTC, date, datetime
from types import SimpleNamespace

import openpyxl
import pytest

from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import distribution as service
from kyojo.civic.people.coin_accounts import account_ensure, accounts_ensure
from kyojo.civic.people.coins import purse
from kyojo.civic.people.distribution_file import (
    ColumnsMissing,
    ColumnTwice,
    FileEmpty,
    FileIsWorkbook,
    FileTooLarge,
)
from kyojo.civic.people.distribution_workbook import WorkbookUnreadable
from kyojo.civic.people.models import Act, Distribution, Notice, StaffRole
from kyojo.civic.people.services import (
    person_leave,
    person_register,
    staff_role_add,
    user_create,
)
from kyojo.civic.programmes import services as programmes
from kyojo.civic.programmes.errors import (
    NotWaiting,
    OrderDiffers,
    ReasonMissing,
    SecondOfficerNeeded,
    TreasuryShort,
)
from kyojo.civic.programmes.selectors import preset, treasury_balance
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.files import FileUndecodable
from kyojo.kernel.ids import new_id
from kyojo.ledger import services as ledger

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 0, 5, tzinfo=UTC)
HEAD = "会員番号,カナ,生年月日,区分,コイン"
State = Distribution.State


@pytest.fixture
def town(towns):
    """北ひなた市 with 480,000 coins in its treasury, three carers, a supporter and its staff."""
    with clock.frozen(FRIDAY), tenant(towns.kita.id):
        operator = Operator.objects.create(
            kind="municipality", name="北ひなた市", name_kana="キタヒナタシ"
        )
        programmes.programme_install(
            operator=operator,
            code="kyojo-coin",
            document=preset(),
            effective_from=date(2026, 4, 1),
        )
        made = SimpleNamespace(
            id=towns.kita.id,
            officer=_staff("officer", "一郎"),
            second=_staff("officer", "二郎"),
            coordinator=_staff("coordinator", "三郎"),
            nami=_carer("潮騒", "なみ", "シオサイ", "ナミ", date(1986, 2, 28)),
            yu=_carer("花曇", "ゆう", "ハナグモリ", "ユウ", date(1990, 7, 1)),
            sato=_carer("小春日", "さと", "コハルビ", "サト", date(1975, 1, 15)),
            ken=_person("supporter", "春風", "けん", "ハルカゼ", "ケン", date(1960, 2, 2)),
        )
        issue(made, 480_000)
        yield made


def _staff(role, name):
    user = user_create(email=f"{new_id()}@example.jp", municipality_id=_here())
    staff_role_add(
        user=user, number=f"S-{user.pk}", role=role, title="福祉課", name=name, name_kana="カナ"
    )
    return user


def _here():
    from kyojo.civic.municipalities.tenancy import current

    return current()


def _carer(*parts):
    return _person("carer", *parts)


def _person(role, family, given, family_kana, given_kana, born):
    return person_register(
        family_name=family,
        given_name=given,
        family_kana=family_kana,
        given_kana=given_kana,
        birth_date=born,
        roles=[role],
    )


def issue(town, amount):
    uid = new_id()
    programmes.issuance_request(
        uid=uid, programme_code="kyojo-coin", amount=amount, reason="試験", by=town.officer
    )
    programmes.issuance_approve(uid=uid, by=town.second)


def line(person, coins="40", *, number=None, kana=None, born="", group="介護"):
    return ",".join([number or person.number, kana or person.kana, born, group, f'"{coins}"'])


def check(town, *lines, head=HEAD, encoding="utf-8", uid=None, by=None, data=None):
    text = "\r\n".join([head, *lines])
    return service.distribution_check(
        uid=uid or new_id(),
        by=by or town.officer,
        programme_code="kyojo-coin",
        file_name="12月分の配布.csv",
        data=text.encode(encoding) if data is None else data,
    )


def submit(town, one, *, by=None, reason="令和8年12月分（要綱第6条）", only_good=False):
    return service.distribution_submit(
        uid=one.uid, by=by or town.officer, reason=reason, only_good=only_good
    )


def problem_of(town, row):
    rows = list(check(town, row).rows.all())
    assert len(rows) == 1
    assert rows[0].person is None
    assert rows[0].amount is None
    assert rows[0].problem is not None
    return rows[0].problem


def nothing_moved():
    return treasury_balance().debits_posted == 0 and not Notice.objects.exists()


# --- reading --------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_files_are_read_in_every_encoding_offices_use(town, encoding):
    one = check(town, line(town.nami), line(town.yu, "1,200"), encoding=encoding)
    assert [row.amount for row in one.rows.all()] == [40, 1200]
    assert one.total == 1240
    assert one.state == State.CHECKED
    assert nothing_moved()


def test_headings_and_values_may_be_in_any_order_width_and_script(town):
    one = check(
        town,
        f"４０枚,しおさい なみ,{town.nami.number.replace('M', 'ｍ')},S61.2.28",
        head="枚数,フリガナ,会員 番号,生年月日",
    )
    row = one.rows.get()
    assert (row.person, row.amount) == (town.nami, 40)


def test_tabs_from_excel_and_blank_lines_are_taken_and_lines_keep_their_numbers(town):
    one = check(town, "", line(town.nami).replace(",", "\t"), head=HEAD.replace(",", "\t"))
    assert [row.line for row in one.rows.all()] == [3]


def test_an_unknown_number_names_the_member_with_the_same_reading(town):
    problem = problem_of(town, line(town.nami, number="M-99999"))
    assert problem == {
        "column": "会員番号",
        "value": "M-99999",
        "reason": "登録が見つかりません",
        "remedy": f"番号を確かめてください。{town.nami.number}（同じカナ）は登録があります",
    }


def test_an_unknown_number_names_the_one_that_is_nearly_the_same(town):
    typed = town.nami.number[:-2] + "X" + town.nami.number[-1]
    problem = problem_of(town, line(town.nami, number=typed, kana="ダレカ"))
    assert "（1字ちがい）は登録があります" in problem["remedy"]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("０", "0コインは配れません"),
        ("", "コインの数がありません"),
        ("-5", "0より小さい数は配れません"),
        ("1.5", "整数ではありません"),
        ("たくさん", "整数ではありません"),
        ("4,0", "整数ではありません"),
        ("2001", "1人に配れるのは2,000コインまでです"),
    ],
)
def test_an_impossible_amount_is_named(town, typed, reason):
    problem = problem_of(town, line(town.nami, typed))
    assert (problem["column"], problem["value"], problem["reason"]) == ("コイン", typed, reason)
    assert problem["remedy"]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("S61.2.30", "昭和61年2月は28日までです"),
        ("昭和61年2月30日", "昭和61年2月は28日までです"),
        ("1986/2/30", "1986年2月は28日までです"),
        ("19860230", "1986年2月は28日までです"),
        ("1986/13/1", "月を1から12の数字で入れてください"),
        ("平成40.1.1", "平成は31年までです"),
        ("きのう", "日付として読めません"),
        ("1986/3/1", "登録の生年月日とちがいます"),
    ],
)
def test_an_impossible_birth_date_is_named_as_it_was_typed(town, typed, reason):
    problem = problem_of(town, line(town.nami, born=typed))
    assert (problem["column"], problem["value"], problem["reason"]) == ("生年月日", typed, reason)


def test_a_reading_that_is_another_persons_is_named(town):
    problem = problem_of(town, line(town.nami, kana="コハルビ サト"))
    assert problem["column"] == "カナ"
    assert "シオサイ ナミ" in problem["remedy"]


def test_the_same_person_twice_is_named_with_the_first_line(town):
    one = check(town, line(town.nami), line(town.yu), line(town.nami, "60"))
    problem = one.rows.get(line=4).problem
    assert (problem["column"], problem["reason"]) == ("会員番号", "2行目と同じ人です")
    assert one.total == 80


def test_somebody_who_is_no_carer_or_has_left_receives_nothing(town):
    assert "ケアする人" in problem_of(town, line(town.ken))["reason"]
    person_leave(person=town.sato)
    assert problem_of(town, line(town.sato))["reason"] == "退会した人です"


def test_a_member_of_another_town_is_not_found_here(town, towns):
    with tenant(towns.midori.id):
        other = _carer("青空", "ふみ", "アオゾラ", "フミ", date(1944, 4, 1))
        for _ in range(9):
            other = _carer("夕凪", "とも", "ユウナギ", "トモ", date(1950, 1, 1))
    assert problem_of(town, line(other))["reason"] == "登録が見つかりません"


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", FileEmpty),
        (HEAD.encode(), FileEmpty),
        (b"\r\n\r\n", FileEmpty),
        ("会員番号,カナ\r\nM-1,ア".encode(), ColumnsMissing),
        ("なまえ,すうじ\r\nあ,1".encode(), ColumnsMissing),
        ("会員番号,カナ,コイン,枚数\r\nM-1,ア,1,1".encode(), ColumnTwice),
        (b"PK\x03\x04rest of a workbook", WorkbookUnreadable),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an .xls, or with a password", FileIsWorkbook),
        (b"\x81 \xfd\xff", FileUndecodable),
        (b"a" * (5 * 1024 * 1024 + 1), FileTooLarge),
    ],
)
def test_a_file_that_cannot_be_used_at_all_stores_nothing(town, data, refusal):
    with pytest.raises(refusal) as refused:
        check(town, data=data)
    assert refused.value.field == "file"
    assert not Distribution.objects.exists()


def test_an_excel_workbook_is_read_like_its_csv(town):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["会員番号", "カナ", "生年月日", "区分", "コイン"],
        [town.nami.number, "シオサイ ナミ", date(1986, 2, 28), "介護", 40],
        [],
        [town.yu.number, "ハナグモリ　ユウ", "H2.7.1", None, "60枚"],
        [town.sato.number, "コハルビ サト", None, None, "=E2*2"],
    ):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    uid = new_id()
    one = check(town, data=data.getvalue(), uid=uid)
    assert one.file_encoding == "xlsx"
    rows = list(one.rows.all())
    assert [(row.line, row.person, row.amount) for row in rows] == [
        (2, town.nami, 40),
        (4, town.yu, 60),
        (5, None, None),
    ]
    assert rows[2].problem["column"] == "コイン"
    assert rows[2].problem["reason"] == "数式が入っています"
    assert check(town, data=data.getvalue(), uid=uid) == one
    submit(town, one, only_good=True)
    assert purse(town.yu).available == 60


# --- deciding -------------------------------------------------------------------------------------
def test_up_to_ten_thousand_coins_arrive_at_once_and_everybody_is_told(town):
    one = submit(town, check(town, line(town.nami, "40"), line(town.yu, "60")))
    assert one.state == State.DONE
    assert purse(town.nami).by_vintage == ((date(2028, 3, 31), 40),)
    assert purse(town.yu).available == 60
    assert treasury_balance().available == 480_000 - 100
    notice = Notice.objects.get(person=town.nami)
    assert notice.title == "北ひなた市から40コインが届きました"
    assert "2028年3月31日まで" in notice.body
    done = Act.objects.get(action="distribution_done")
    assert (done.actor, done.subject_id) == (town.officer, str(one.uid))


def large(town):
    """More than 10,000 coins in one file: six carers with 2,000 each."""
    people = [
        _carer("見本", "ひと", "ミホン", kana, date(1980, 1, 1))
        for kana in ("ア", "イ", "ウ", "エ", "オ", "カ")
    ]
    return people, check(town, *[line(person, "2000") for person in people])


def test_above_that_a_second_officer_approves_and_then_everything_arrives(town):
    people, one = large(town)
    assert submit(town, one).state == State.WAITING
    assert nothing_moved()
    service.distribution_approve(uid=one.uid, by=town.second)
    assert {purse(person).available for person in people} == {2000}


def test_nobody_approves_their_own_distribution(town):
    _, one = large(town)
    submit(town, one)
    with pytest.raises(SecondOfficerNeeded):
        service.distribution_approve(uid=one.uid, by=town.officer)
    one.refresh_from_db()
    assert one.state == State.WAITING
    assert nothing_moved()


def test_nobody_distributes_to_themselves_or_approves_what_they_receive(town):
    mine = person_register(
        family_name="役所",
        given_name="ひと",
        family_kana="ヤクショ",
        given_kana="ヒト",
        birth_date=date(1980, 1, 1),
        roles=["carer"],
        user=town.second,
    )
    row = check(town, line(mine), by=town.second).rows.get()
    assert row.problem["reason"] == "自分に配ることはできません"
    people, _ = large(town)
    one = check(town, line(mine), *[line(person, "2000") for person in people])
    submit(town, one)
    with pytest.raises(service.OwnCoins):
        service.distribution_approve(uid=one.uid, by=town.second)
    assert nothing_moved()
    third = _staff("officer", "六郎")
    assert service.distribution_approve(uid=one.uid, by=third).state == State.DONE


def test_replays_of_every_step_change_nothing(town):
    uid, row = new_id(), line(town.nami)
    one = check(town, row, uid=uid)
    assert check(town, row, uid=uid).pk == one.pk
    for _ in range(3):
        submit(town, one)
    assert check(town, row, uid=uid).state == State.DONE
    service.distribution_approve(uid=uid, by=town.second)
    assert purse(town.nami).available == 40
    assert Notice.objects.count() == 1
    assert Distribution.objects.count() == 1


def test_another_file_under_the_same_id_is_refused(town):
    uid = new_id()
    check(town, line(town.nami), uid=uid)
    with pytest.raises(OrderDiffers):
        check(town, line(town.nami, "41"), uid=uid)
    with pytest.raises(OrderDiffers):
        check(town, line(town.nami), uid=uid, by=town.second)
    assert Distribution.objects.get().total == 40


def test_lines_to_mend_hold_the_rest_back_unless_the_rest_goes_first(town):
    one = check(town, line(town.nami), line(town.yu, "0"))
    with pytest.raises(service.LinesToMend):
        submit(town, one)
    assert nothing_moved()
    submit(town, one, only_good=True)
    assert purse(town.nami).available == 40
    assert purse(town.yu).available == 0


def test_a_file_without_a_good_line_distributes_nothing(town):
    with pytest.raises(service.NobodyToReceive):
        submit(town, check(town, line(town.nami, "0")), only_good=True)


def test_a_reason_is_needed(town):
    with pytest.raises(ReasonMissing):
        submit(town, check(town, line(town.nami)), reason="　")
    assert nothing_moved()


def test_a_short_treasury_distributes_to_nobody_and_leaves_the_distribution_as_it_was(town, towns):
    with tenant(towns.midori.id):
        operator = Operator.objects.create(kind="municipality", name="市", name_kana="シ")
        programmes.programme_install(
            operator=operator,
            code="kyojo-coin",
            document=preset(),
            effective_from=date(2026, 4, 1),
        )
        here = SimpleNamespace(officer=_staff("officer", "四郎"), second=_staff("officer", "五郎"))
        one_carer = _carer("朝霧", "いち", "アサギリ", "イチ", date(1970, 1, 1))
        other = _carer("夜風", "に", "ヨカゼ", "ニ", date(1970, 1, 1))
        issue(here, 50)
        one = check(here, line(one_carer, "40"), line(other, "40"))
        with pytest.raises(TreasuryShort) as refused:
            submit(here, one)
        assert refused.value.data["missing"] == "30"
        one.refresh_from_db()
        assert one.state == State.CHECKED
        assert purse(one_carer).available == purse(other).available == 0
        assert treasury_balance().available == 50
        issue(here, 30)
        assert submit(here, one).state == State.DONE


def test_who_left_after_the_check_stops_the_whole_distribution(town):
    one = check(town, line(town.nami), line(town.yu))
    person_leave(person=town.yu)
    with pytest.raises(service.PeopleChanged):
        submit(town, one)
    assert nothing_moved()


def test_what_was_cancelled_is_not_distributed_and_the_reverse(town):
    one = check(town, line(town.nami))
    service.distribution_cancel(uid=one.uid, by=town.officer)
    with pytest.raises(NotWaiting):
        submit(town, one)
    with pytest.raises(NotWaiting):
        service.distribution_approve(uid=one.uid, by=town.second)
    assert nothing_moved()
    done = submit(town, check(town, line(town.nami)))
    with pytest.raises(NotWaiting):
        service.distribution_cancel(uid=done.uid, by=town.officer)


def test_to_everybody_but_officers_there_is_nothing_here(town):
    _, one = large(town)
    submit(town, one)
    outsider = user_create(email="outsider@example.jp", municipality_id=town.id)
    for who in (town.coordinator, outsider):
        for act in (
            lambda who=who: check(town, line(town.nami), by=who),
            lambda who=who: submit(town, one, by=who),
            lambda who=who: service.distribution_approve(uid=one.uid, by=who),
            lambda who=who: service.distribution_cancel(uid=one.uid, by=who),
        ):
            with pytest.raises(NotFound):
                act()
    one.refresh_from_db()
    assert one.state == State.WAITING
    assert nothing_moved()
    assert StaffRole.objects.count() == 3


def test_many_lines_take_as_many_statements_as_few(town, django_assert_max_num_queries):
    """One call to the ledger, accounts, links, notices and mails in bulk."""
    counts = []
    for count in (2, 30):
        people = [_carer("青空", "み", "アオゾラ", "ミ", date(1980, 1, 1)) for _ in range(count)]
        one = check(town, *[line(person, "10") for person in people])
        with django_assert_max_num_queries(60) as asked:
            assert submit(town, one).state == State.DONE
        counts.append(len(asked))
        assert {purse(person).available for person in people} == {10}
    assert counts[0] == counts[1]


def test_a_line_that_the_ledger_refuses_is_named_and_stops_all(town):
    account = accounts_ensure(person_ids=[town.yu.pk], vintage=2027)[town.yu.pk]
    ledger.account_close(ledger=town.id, id=account)
    one = check(town, line(town.nami), line(town.yu), line(town.sato))
    with pytest.raises(service.LineRefused) as refused:
        submit(town, one)
    assert refused.value.data["line"] == 3
    assert refused.value.data["reason"] == "credit_account_closed"
    assert "3行目" in refused.value.message()
    one.refresh_from_db()
    assert one.state == State.CHECKED
    assert nothing_moved()


def test_people_who_had_an_account_keep_it(town):
    people = [town.nami.pk, town.yu.pk, town.sato.pk]
    kept = account_ensure(person_id=town.yu.pk, vintage=2027)
    found = accounts_ensure(person_ids=people, vintage=2027)
    assert found[town.yu.pk] == kept
    assert accounts_ensure(person_ids=people, vintage=2027) == found
    assert len(set(found.values())) == 3
    assert not set(accounts_ensure(person_ids=people, vintage=2028).values()) & set(found.values())
