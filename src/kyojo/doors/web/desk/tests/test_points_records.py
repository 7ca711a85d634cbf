"""活動の記録 at the desk: from a stamp book to points, and why something did not count."""

import csv
import io
from datetime import date, timedelta

import pytest

from kyojo.civic.earnings.models import Record, Standing
from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.services import person_register
from kyojo.help.support.tests.cast import MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .points_cast import (
    APRIL,
    BASE,
    acts,
    asked,
    available,
    closings_run,
    elder,
    everything,
    helped,
    text,
)

pytestmark = pytest.mark.django_db
NEW = f"{BASE}/records/new/"


def sent(person, **fields):
    return {
        "order_id": str(new_id()),
        "member": person.number,
        "activity": "facility",
        "host": "facility-1",
        "day_year": "令和8",
        "day_month": "4",
        "day_day": "６",
        "start": "9時半",
        "end": "11:00",
        "basis": "paper",
    } | fields


def test_from_a_stamp_book_to_points(office):
    person = elder(office)
    client = office.client(office.office)
    page = client.get(NEW)
    assert "活動を書き入れる" in text(page)
    order = page.context["form"]["order_id"].value()
    data = sent(person, order_id=str(order))
    answer = client.post(NEW, data, follow=True)
    assert answer.redirect_chain[-1][0] == f"{BASE}/records/{order}/"
    page = text(answer)
    assert "活動を記録しました" in page and "200ポイントになりました" in page
    assert "9時30分〜11時" in page and "特別養護老人ホーム ひだまり" in page
    assert available(person) == 200
    with tenant(MIDORI):
        row = Record.objects.get()
        assert (str(row.uid), row.recorded_by) == (str(order), office.office)
    (act,) = acts("activity_record")
    assert (act.basis, act.actor) == ("paper", office.office)
    # the same page pressed again: one record; with other content: refused
    client.post(NEW, data)
    again = client.post(NEW, data | {"end": "12:00"})
    assert (again.status_code, "はじめの内容で記録ずみです" in text(again)) == (422, True)
    assert available(person) == 200 and len(acts("activity_record")) == 1


def test_every_role_may_write_down(office):
    person = elder(office)
    for hour, user in ((8, office.officer), (11, office.coordinator), (14, office.office)):
        data = sent(person, start=f"{hour}:00", end=f"{hour + 1}:00")
        assert office.client(user).post(NEW, data).status_code == 302
    assert available(person) == 600


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"member": ""}, "会員を入れてください"),
        ({"member": "M-99999999"}, "見つかりません"),
        ({"activity": "surfing"}, "活動を1つ選んでください"),
        ({"host": ""}, "受け入れ先を1つ選んでください"),
        ({"day_month": "13"}, "月を1から12の数字で入れてください"),
        ({"day_year": "2027"}, "まだ来ていません"),
        ({"day_year": "2026", "day_month": "11", "day_day": "21"}, "まだ終わっていない活動"),
        ({"start": "25:00"}, "9:30 か 9時30分"),
        ({"end": "9:00"}, "始まりより後にしてください"),
        ({"basis": ""}, "1つ選んでください"),
        ({"start": "8:30", "end": "9:30"}, "もう同じ人の活動"),
        ({"order_id": ""}, "ページが古くなりました"),
        ({"day_year": "2024", "day_month": "3"}, ""),
    ],
)
def test_what_cannot_be_written_is_said_and_changes_nothing(office, fields, words):
    person = elder(office)
    record(person, "yokohama", APRIL)
    before = everything()
    answer = office.client(office.office).post(NEW, sent(person, start="10:00") | fields)
    assert answer.status_code in ({422} if words else {409, 422})
    assert words in text(answer)
    assert everything() == before


def test_times_as_people_write_them(office):
    person = elder(office)
    client = office.client(office.office)
    for day, start, end, minutes in (
        (6, "９：３０", "10時", 30),
        (7, "930", "1045", 75),
        (8, "18時15分", "19", 45),
        (9, "23:00", "24:00", 60),
    ):
        data = sent(person, day_day=str(day), start=start, end=end)
        assert client.post(NEW, data).status_code == 302, start
        with tenant(MIDORI):
            row = Record.objects.latest("start")
        assert row.end - row.start == timedelta(minutes=minutes), start
    for nonsense in ("9:60", "24:30", "朝", "12345", "9:30:00"):
        assert client.post(NEW, sent(person, start=nonsense)).status_code == 422, nonsense


def test_whoever_is_found_by_a_name_is_chosen(office):
    person = elder(office)
    with tenant(MIDORI):
        other = person_register(
            family_name="朝露",
            given_name="じゅんこ",
            family_kana="アサツユ",
            given_kana="ジュンコ",
            roles=["supporter"],
            birth_date=date(1950, 1, 1),
        )
    client = office.client(office.office)
    data = sent(person, member="あさつゆ じゅん")
    answer = client.post(NEW, data)
    assert answer.status_code == 422
    assert "この人でよいか確かめて" in text(answer) and other.number in text(answer)
    alone = client.post(NEW, data | {"member": "じゅんこ"})
    assert (alone.status_code, other.number in text(alone)) == (422, True), "also one alone"
    assert client.post(NEW, data | {"person": str(new_id())}).status_code == 422
    with tenant(MIDORI):
        assert not Record.objects.exists()
    assert client.post(NEW, data | {"person": str(person.uid)}).status_code == 302
    assert available(person) == 200
    short = sent(person, member=f"ｍ-{person.number[2:]}", start="13:00", end="14:00")
    assert client.post(NEW, short).status_code == 302
    assert available(person) == 400


def test_what_does_not_count_says_why(office):
    person = elder(office)
    stand(person, "none", since=APRIL + timedelta(days=10))
    row = record(person, "yokohama", APRIL + timedelta(days=11))
    page = text(office.client(office.coordinator).get(f"{BASE}/records/{row.uid}/"))
    assert "数えませんでした" in page and "対象（第1号被保険者）に入らない" in page
    assert len(acts("activity_opened")) == 1


def test_a_record_is_struck_out_with_its_reason(office):
    person = elder(office)
    first, _ = helped(person, 2)
    client = office.client(office.office)
    path = f"{BASE}/records/{first.uid}/"
    before = everything()
    assert client.post(f"{path}void/", {"reason": " "}).status_code == 422
    assert everything() == before
    for _ in range(2):
        answer = client.post(f"{path}void/", {"reason": "日をまちがえた"}, follow=True)
        assert "日をまちがえた" in text(answer) and "係 一郎" not in text(answer)
    assert available(person) == 200
    assert len(acts("activity_void")) == 1
    assert "/void/" not in text(client.get(path))


def test_what_is_used_already_is_not_struck_out(office):
    person = elder(office)
    (row,) = helped(person, 1)
    asked(person)
    before = everything()
    answer = office.client(office.office).post(
        f"{BASE}/records/{row.uid}/void/", {"reason": "まちがい"}
    )
    assert (answer.status_code, "もう使われています" in text(answer)) == (422, True)
    assert everything() == before


def test_the_list_is_sorted_narrowed_and_taken_away(office):
    person = elder(office)
    helped(person, 3)
    late = record(person, "yokohama", APRIL + timedelta(days=9), activity="meal", host="meal-1")
    client = office.client(office.coordinator)
    page = text(client.get(f"{BASE}/records/"))
    assert "4件・800ポイント" in page and "新しい順" in page
    assert page.index("4/15（水）") < page.index("4/6（月）")
    for query, count in (
        ("activity=meal", 1),
        ("host=facility-1", 3),
        ("state=zero", 0),
        ("state=void", 0),
        ("state=counted", 4),
        ("words=あさつゆ", 4),
        (f"words={person.number}", 4),
        ("words=だれもいない", 0),
        ("year=2025", 0),
        ("year=x&activity=x&host=x&state=x&sort=x", 4),
    ):
        assert len(client.get(f"{BASE}/records/?{query}").context["rows"]) == count, query
    for kind in ("xlsx", "csv", "sjis"):
        answer = client.get(f"{BASE}/records/?format={kind}")
        assert answer["Content-Disposition"].startswith("attachment"), kind
        assert "no-store" in answer["Cache-Control"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("cp932"))))
    assert rows[0][:4] == ["日時", "終わり", "分", "会員"]
    assert rows[1][0] == "2026-04-15 09:00" and rows[1][8] == "200"
    assert "1回の手伝いごとに200ポイントの決まり" in rows[1][9]
    assert len(acts("list_taken")) == 3
    assert str(late.uid) in text(client.get(f"{BASE}/records/?sort=start"))


def test_a_change_of_class_is_written_down_and_counts_from_its_day(office):
    install(MIDORI, "yokohama")
    person = office.cast.second
    helped(person, 4)
    assert available(person) == 0
    client = office.client(office.office)
    path = f"/desk/points/members/{person.uid}/"
    assert "まだ、ありません" in text(client.get(path))
    data = {
        "since_year": "R8",
        "since_month": "4",
        "since_day": "8",
        "insured": "first",
        "ties": ["lives", "works"],
    }
    for _ in range(2):
        answer = client.post(path, data, follow=True)
    page = text(answer)
    assert "第1号被保険者" in page and "住んでいる・働いている" in page
    assert "2026年4月8日から" in page
    assert available(person) == 400
    with tenant(MIDORI):
        assert Standing.objects.get().recorded_by == office.office
    before = everything()
    for wrong in ({"insured": "third"}, {"since_day": "31"}, {"ties": ["owns"]}):
        assert client.post(path, data | wrong).status_code == 422, wrong
    assert everything() == before
    asked(person, 400)
    gone = data | {"insured": "none"}
    page = text(client.post(path, gone, follow=True))
    assert "どちらでもない" in page and "数えなおしで、もどせない分" in page, (
        "it is true all the same"
    )
    assert available(person) == 0


def test_a_closed_year_takes_nothing_more(office):
    person = elder(office)
    (row,) = helped(person, 1)
    with clock.frozen(clock.at(date(2027, 4, 5), 10)):
        client = office.client(office.officer)
        page = client.get(f"{BASE}/closing/2026/")
        shown = page.context["form"]["shown"].value()
        client.post(f"{BASE}/closing/2026/", {"shown": shown, "confirm": "on"})
        closings_run()
        before = everything()
        answer = client.post(NEW, sent(person, day_day="7"))
        assert (answer.status_code, "もう締めました" in text(answer)) == (422, True)
        answer = client.post(f"{BASE}/records/{row.uid}/void/", {"reason": "まちがい"})
        assert (answer.status_code, "もう締めました" in text(answer)) == (422, True)
        assert everything() == before
