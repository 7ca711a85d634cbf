"""Lists: sorted by links, narrowed by a form, taken away as files that open as they should."""

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.civic.people.services import person_register, staff_role_end
from kyojo.doors.web.testing import sign_in
from kyojo.help.support.tests.cast import MIDORI, START, WEEK_BEFORE, request_make, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .. import access, export, queues, today
from ..listing import Column
from ..queues import Queue

pytestmark = pytest.mark.django_db
#: At most so many questions to the database for one page; elsewhere the menu remembers its count.
QUERIES_MOST = {"/desk/": 65}
QUERIES_ELSEWHERE = 20


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def two_requests(office):
    """One that waits for 26 hours and one that waits for three."""
    with clock.frozen(WEEK_BEFORE - timedelta(hours=26)):
        old = request_make(office.cast)
    with clock.frozen(WEEK_BEFORE - timedelta(hours=3)):
        new = request_make(office.cast, starts_at=START - timedelta(days=2), minutes=60)
    return old, new


def order(page: str, *words: str) -> bool:
    """Whether ``words`` stand in the page's table in this order."""
    table = page[page.index("<tbody") :]
    places = [table.index(word) for word in words]
    return places == sorted(places)


def test_the_longest_waiting_request_is_first_and_named_as_the_next_thing(office, two_requests):
    old, new = two_requests
    page = text(office.client(office.coordinator).get("/desk/"))
    assert order(page, old.number, new.number)
    assert "26時間待っています" in page
    assert "目標をすぎています" in page
    assert f'href="/desk/requests/{old.uid}/find/"' in page
    assert page.count('class="btn"') == 1  # one solid button


def test_a_heading_sorts_by_a_link_and_then_the_other_way(office, two_requests):
    old, new = two_requests
    client = office.client(office.coordinator)
    page = client.get("/desk/requests/?sort=starts")
    assert order(text(page), new.number, old.number)
    assert 'aria-sort="ascending"' in text(page)
    assert "?sort=-starts" in text(page)
    page = client.get("/desk/requests/?sort=-starts")
    assert order(text(page), old.number, new.number)
    for nonsense in ("?sort=carer", "?sort=--starts", "?area=x&waited=y&category=z&sort="):
        assert client.get(f"/desk/requests/{nonsense}").status_code == 200


@pytest.mark.parametrize("path", ["/desk/", "/desk/requests/", "/desk/visits/", "/desk/members/"])
def test_a_page_asks_as_often_for_many_as_for_few(office, path, django_assert_num_queries):
    def come(*days: int) -> None:
        for day in days:
            starts = START - timedelta(days=day)
            request_make(office.cast, starts_at=starts, minutes=60)
            visit_make(office.cast, starts_at=starts + timedelta(hours=2))

    client = office.client(office.officer)
    come(1)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    come(2, 3)
    with django_assert_num_queries(len(few)):
        assert client.get(path).status_code == 200
    assert len(few) <= QUERIES_MOST.get(path, QUERIES_ELSEWHERE)


def test_the_menu_counts_afresh_on_todays_page_after_an_act_and_twice_a_minute(office, monkeypatch):
    def shown(path):
        return count(text(client.get(path)))

    def count(page):
        found = re.search(r'side__count">(\d+)<', page)
        return int(found[1]) if found else 0

    client = office.client(office.officer)
    before = shown("/desk/members/")
    request_make(office.cast)
    assert shown("/desk/members/") == before, "nobody acted here, and it is the same half minute"
    assert shown("/desk/") == before + 1
    assert shown("/desk/members/") == before + 1
    request_make(office.cast, starts_at=START + timedelta(days=1))
    with CaptureQueriesContext(connection) as remembered:
        assert shown("/desk/members/") == before + 1
    refused = client.post("/desk/logins/", {})
    assert refused.status_code == 422 and count(text(refused)) == before + 1, "nothing was done"
    guest = {
        "email": "guest@example.jp",
        "title": "となり町",
        "name": "夜長",
        "name_kana": "よなが",
    }
    assert client.post("/desk/appeals/", guest).status_code == 302
    assert shown("/desk/members/") == before + 2
    with CaptureQueriesContext(connection) as counted:
        cache.clear()
        assert shown("/desk/members/") == before + 2
    assert len(remembered) < len(counted) / 2
    other = sign_in(Client(), office.officer)
    request_make(office.cast, starts_at=START + timedelta(days=2))
    monkeypatch.setattr(access, "COUNT_SECONDS", 0)
    cache.clear()
    for days in (3, 4):
        request_make(office.cast, starts_at=START + timedelta(days=days))
        assert count(text(other.get("/desk/members/"))) == before + days + 1, "none is kept"


def test_a_role_that_no_desk_gave_is_said_to_come_from_who_runs_the_site(office):
    with tenant(MIDORI):
        staff_role_end(user=office.second, role="officer")
    page = text(office.client(office.officer).get("/desk/acts/?action=staff_role_end"))
    assert "職員の役割を外した" in page and "システムの運用者" in page and "自動" not in page


def test_filters_narrow_the_list(office, two_requests):
    old, new = two_requests
    with tenant(MIDORI):
        area = Area.objects.get(code="minato").pk
    client = office.client(office.coordinator)
    for query, has_old, has_new in (
        ("waited=24", True, False),
        ("waited=12", True, False),
        (f"area={area}", True, True),
        ("category=garden", True, True),
        ("category=ride", False, False),
        ("in_charge=me", True, True),
        ("in_charge=none", False, False),
    ):
        page = text(client.get(f"/desk/requests/?{query}"))
        assert ((old.number in page), (new.number in page)) == (has_old, has_new), query


def test_visits_and_members_are_narrowed_and_sorted_too(office):
    visit_make(office.cast)
    client = office.client(office.officer)
    assert "R-" in text(client.get("/desk/visits/?state=scheduled&consent=given"))
    assert "この見方に合う支援は" in text(client.get("/desk/visits/?state=disputed"))
    page = text(client.get("/desk/members/"))
    assert order(page, "アオゾラ フミ", "アサツユ ジュン", "ハルカゼ ケン")
    page = text(client.get("/desk/members/?sort=-kana"))
    assert order(page, "ハルカゼ ケン", "アサツユ ジュン", "アオゾラ フミ")
    assert "ハルカゼ" in text(client.get("/desk/members/?words=はるかぜ"))
    assert "ハルカゼ" not in text(client.get("/desk/members/?role=recipient"))


@pytest.mark.parametrize(
    "path", ["/desk/", "/desk/requests/", "/desk/visits/", "/desk/members/", "/desk/acts/"]
)
def test_every_list_gives_the_files_that_its_page_links_to(office, path):
    request_make(office.cast)
    visit_make(office.cast)
    client = office.client(office.officer)
    links = client.get(path).context["listing"].files
    kinds = [client.get(url)["Content-Type"].split(";")[0] for _, url in links]
    assert kinds == [
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/csv",
        "text/csv",
    ]


def test_utf8_has_its_mark_and_taking_a_list_goes_on_record(office, two_requests):
    old, _ = two_requests
    answer = office.client(office.officer).get("/desk/requests/?format=csv&waited=24")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:3] == ["受付番号", "たのむこと", "圏域"]
    assert [row[0] for row in rows[1:]] == [old.number]
    assert "no-store" in answer["Cache-Control"]
    with tenant(MIDORI):
        act = Act.objects.get(action="list_taken")
        assert (act.subject_id, act.note) == ("requests", "csv 1")


def test_shift_jis_shows_what_it_would_replace_before_it_gives_the_file(office):
    client = office.client(office.officer)
    assert client.get("/desk/members/?format=sjis").content.decode("cp932").startswith("カナ,名前")
    with tenant(MIDORI):
        person_register(
            family_name="𠮷岡",
            given_name="みち",
            family_kana="ヨシオカ",
            given_kana="ミチ",
            birth_date=date(1950, 1, 1),
            roles=["carer"],
        )
    page = text(client.get("/desk/members/?format=sjis&role=carer"))
    assert "U+20BB7" in page
    assert "2行目" in page
    answer = client.get("/desk/members/?format=sjis&role=carer&go=1")
    assert "〓岡 みち" in answer.content.decode("cp932")


def test_excel_holds_real_numbers_and_dates(office):
    visit_make(office.cast)
    answer = office.client(office.officer).get("/desk/visits/?format=xlsx")
    sheet = zipfile.ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<v>40</v>" in sheet  # the coins
    assert "46354.41" in sheet  # 2026-11-28 10:00
    assert "autoFilter" in sheet


def test_a_cell_that_begins_like_a_formula_stays_text():
    columns = [Column("value", "値", lambda row: row)]
    lines = export.table_texts(columns, ["=1+1", "@x", "+81", "-5", "ふつう", None])
    assert [line[0] for line in lines] == ["値", "'=1+1", "'@x", "'+81", "-5", "ふつう", ""]
    tried = ["-1+cmd|'/c calc'!A1", "－1+1", "＝1+1", "＋1", "＠SUM(1)", "\n=1", "-5.5"]
    lines = export.table_texts(columns, tried)
    assert [line[0] for line in lines[1:]] == [*(f"'{cell}" for cell in tried[:-1]), "-5.5"]


def test_lookalikes_that_shift_jis_has_are_not_called_replacements():
    lines, found = export.substitutions([["名前"], ["髙橋〜−—"], ["か\u3099"], ["🙂"]])
    assert lines[1] == ["髙橋～－―"]
    assert lines[2] == ["が"]
    assert lines[3] == ["〓"]
    assert [(one.line, one.character, one.code_point) for one in found] == [(4, "🙂", "U+1F642")]


def test_an_unknown_format_is_the_page_itself(office):
    answer = office.client(office.officer).get("/desk/requests/?format=exe")
    assert answer["Content-Type"].startswith("text/html")


def test_every_queue_says_what_to_do_or_presses_nobody():
    source = Path(queues.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'\b(?:_waiting|Queue)\(\s*"([a-z-]+)"', source))
    assert len(codes) > 20
    assert codes == today.ACTIONS.keys() | today.PRESS_NOBODY


def test_somebody_who_may_lie_somewhere_comes_before_a_request_and_nothing_hides_what_waits():
    row = SimpleNamespace(is_late=True)
    late = Queue("lates", "連絡のない支援", 1, "", "/desk/lates/", is_late=True)
    assert today.next_thing([row], [late])["url"] == "/desk/lates/"
    agreement = Queue("agreements", "おとなの同意待ち", 1, "", "/desk/agreements/")
    assert today.next_thing([], [agreement])["url"] == "/desk/agreements/"


def test_a_request_in_time_waits_for_late_work_that_presses_and_for_nothing_else():
    row = SimpleNamespace(
        is_late=False, starts_at=clock.at(date(2026, 12, 1), 10), what="買い物", number="R-1",
        area="港", waited_words="2時間", asked=0, declined=0, uid=new_id(),
    )  # fmt: skip
    for code in ("emergencies-going", "worries-going"):
        going = Queue(code, "まもなく記録が消えるもの", 1, "", "/desk/safety/", is_late=True)
        found = today.next_thing([row], [going])
        assert (found["url"], found["title"]) == ("/desk/safety/", today.ACTIONS[code][0])
    for code in today.PRESS_NOBODY:
        quiet = Queue(code, "急がないもの", 1, "", "/desk/lates/", is_late=True)
        assert today.next_thing([row], [quiet])["label"] == "人をさがす"
