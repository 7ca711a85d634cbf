"""What a supporter offers, and the first time: what, when, where."""

from datetime import date, time, timedelta

import pytest

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import selectors
from kyojo.civic.people.models import Person, TimeException
from kyojo.civic.people.testing import JUN, NAGI, make_person, make_supporter
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db
SQUARE = [[138.30, 34.85], [138.34, 34.85], [138.34, 34.87], [138.30, 34.87], [138.30, 34.85]]


@pytest.fixture
def nagi(towns):
    with tenant(towns.midori.id):
        Area.objects.create(
            kind="living_area",
            code="minato",
            name="港地区",
            geometry={"type": "Polygon", "coordinates": [SQUARE]},
            west=138.30,
            south=34.85,
            east=138.34,
            north=34.87,
        )
    return make_person(towns.midori.id, NAGI, roles=["supporter"], home=False)


def again(person):
    with tenant(person.municipality_id):
        return Person.objects.select_related("area").get(pk=person.pk)


def skills(person):
    with tenant(person.municipality_id):
        return {skill.category: skill.note for skill in selectors.skills_of(person)}


def week(person):
    with tenant(person.municipality_id):
        return [(t.weekday, t.start, t.end) for t in selectors.weekly_times_of(person)]


def area_choice():
    return f"area-{Area._base_manager.values_list('pk', flat=True).get()}"


def home_form(**changed):
    return {
        "address": "港地区みほん町1-2",
        "near": "",
        "latitude": "",
        "longitude": "",
        "travel": "bicycle",
        "travel_limit_m": "3000",
    } | changed


def test_the_first_time_leads_through_three_pages(browser_of, nagi):
    browser = browser_of(nagi)
    assert "つづきを入れる" in browser.get("/help/").content.decode()
    form = {"first": "1", "can_stroll": "on", "note_stroll": "動物が好き", "note_cook": "未使用"}
    assert browser.post("/me/skills/", form)["Location"] == "/me/times/?first=1"
    assert skills(nagi) == {"stroll": "動物が好き"}
    assert "つぎへ" not in browser.get("/me/times/?first=1").content.decode()
    assert browser.post("/me/times/", {"first": "1"}).status_code == 422
    form = {"first": "1", "weekdays": ["5", "6"], "start": "08:00", "end": "12:00"}
    assert browser.post("/me/times/add/", form)["Location"] == "/me/times/?first=1"
    assert "つぎへ" in browser.get("/me/times/?first=1").content.decode()
    assert browser.post("/me/times/", {"first": "1"})["Location"] == "/me/home/?first=1"
    with tenant(nagi.municipality_id):
        near = area_choice()
    done = browser.post("/me/home/", home_form(first="1", near=near))
    assert done["Location"] == "/help/"
    person = again(nagi)
    assert person.area.name == "港地区"
    assert (person.travel, person.travel_limit_m) == ("bicycle", 3000)
    assert "準備ができました" in browser.get("/help/").content.decode()


def test_the_first_time_wants_one_skill(browser_of, nagi):
    answer = browser_of(nagi).post("/me/skills/", {"first": "1", "note_talk": "聞くのが好き"})
    assert answer.status_code == 422
    assert "聞くのが好き" in answer.content.decode()


def test_skills_are_exactly_those_ticked(browser_of, towns):
    jun = make_supporter(towns.midori.id, JUN)
    browser = browser_of(jun)
    assert browser.post("/me/skills/", {"can_talk": "on", "note_talk": ""})["Location"] == "/me/"
    assert skills(jun) == {"talk": ""}
    long = browser.post("/me/skills/", {"can_cook": "on", "note_cook": "あ" * 121})
    assert long.status_code == 422
    assert "120文字まで" in long.content.decode()
    assert skills(jun) == {"talk": ""}


def test_times_join_and_leave_the_week(browser_of, nagi):
    browser = browser_of(nagi)
    form = {"weekdays": ["6"], "start": "08:00", "end": "10:00"}
    for _ in range(2):  # a replay adds nothing
        browser.post("/me/times/add/", form)
    assert week(nagi) == [(6, time(8), time(10))]
    browser.post("/me/times/add/", form | {"start": "10:00", "end": "12:00"})
    assert week(nagi) == [(6, time(8), time(12))]
    for _ in range(2):
        browser.post("/me/times/remove/", {"key": "6-080000-120000"})
    assert week(nagi) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"weekdays": []},
        {"weekdays": ["7"]},
        {"start": "12:00", "end": "08:00"},
        {"start": "08:00", "end": "08:00"},
        {"start": "25:00"},
    ],
)
def test_a_wrong_time_changes_nothing(browser_of, nagi, changed):
    form = {"weekdays": ["6"], "start": "08:00", "end": "10:00"} | changed
    answer = browser_of(nagi).post("/me/times/add/", form)
    assert answer.status_code == 422
    assert "直してください" in answer.content.decode()
    assert week(nagi) == []


def day_form(day: date, **changed):
    return {
        "day_year": str(day.year),
        "day_month": str(day.month),
        "day_day": str(day.day),
        "is_free": "no",
        "from_time": "",
        "to_time": "",
    } | changed


def exceptions(person):
    with tenant(person.municipality_id):
        return list(TimeException.objects.filter(person=person))


def test_other_days_come_and_go(browser_of, nagi):
    browser = browser_of(nagi)
    day = clock.today() + timedelta(days=3)
    form = day_form(day, is_free="yes", from_time="10:00", to_time="12:00")
    for _ in range(2):
        assert browser.post("/me/times/day/", form).status_code == 302
    (one,) = exceptions(nagi)
    assert (one.day, one.is_free, one.start) == (day, True, time(10))
    assert browser.post(f"/me/times/day/{one.pk}/remove/").status_code == 302
    assert exceptions(nagi) == []


def test_a_wrong_day_changes_nothing(browser_of, nagi):
    browser = browser_of(nagi)
    day = clock.today() + timedelta(days=3)
    for form in (
        day_form(clock.today() - timedelta(days=1)),
        day_form(day, day_day="32"),
        day_form(day, from_time="10:00"),
        day_form(day, from_time="12:00", to_time="10:00"),
        day_form(day, is_free="maybe"),
    ):
        assert browser.post("/me/times/day/", form).status_code == 422
    assert exceptions(nagi) == []


def test_anothers_day_does_not_exist(browser_of, nagi, towns):
    jun = make_supporter(towns.midori.id, JUN)
    browser_of(jun).post("/me/times/day/", day_form(clock.today()))
    (one,) = exceptions(jun)
    browser = browser_of(nagi)
    answer = browser.post(f"/me/times/day/{one.pk}/remove/")
    assert answer.status_code == 404
    assert answer.content == browser.get("/me/nothing/").content
    assert exceptions(jun) == [one]


def test_the_phones_position_serves_as_well(browser_of, nagi):
    form = home_form(latitude="34.861", longitude="138.321")
    assert browser_of(nagi).post("/me/home/", form)["Location"] == "/me/"
    assert (again(nagi).latitude, again(nagi).longitude) == (34.861, 138.321)
    # Later the address alone may change: the point stays.
    assert browser_of(nagi).post("/me/home/", home_form(address="ちがう町")).status_code == 302
    assert (again(nagi).address, again(nagi).latitude) == ("ちがう町", 34.861)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "家に近いところを1つ選んでください"),
        ({"near": "area-0"}, "家に近いところ"),
        ({"address": "", "latitude": "34.86", "longitude": "138.3"}, "住所を入れてください"),
        ({"latitude": "0", "longitude": "0"}, "日本"),
        ({"latitude": "34.86", "longitude": "138.3", "travel": "rocket"}, "行き方"),
        (
            {
                "latitude": "34.86",
                "longitude": "138.3",
                "travel": "walk",
                "travel_limit_m": "10000",
            },
            "行ける距離は",
        ),
    ],
)
def test_a_wrong_home_changes_nothing(browser_of, nagi, changed, said):
    answer = browser_of(nagi).post("/me/home/", home_form(**changed))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    person = again(nagi)
    assert (person.address, person.latitude, person.travel) == ("", None, "walk")


def test_how_often_and_resting(browser_of, nagi):
    browser = browser_of(nagi)
    assert browser.post("/me/asks/", {"asks_per_week_max": "5"}).status_code == 302
    for wrong in ("0", "99", "x", ""):
        assert browser.post("/me/asks/", {"asks_per_week_max": wrong}).status_code == 422
    assert again(nagi).asks_per_week_max == 5
    until = clock.today() + timedelta(days=10)
    form = {f"resting_until_{part}": str(getattr(until, part)) for part in ("year", "month", "day")}
    assert browser.post("/me/asks/rest/", form).status_code == 302
    assert "いまは休みです" in browser.get("/me/asks/").content.decode()
    past = browser.post("/me/asks/rest/", form | {"resting_until_year": "2001"})
    assert past.status_code == 422
    assert again(nagi).resting_until == until
    browser.post("/me/asks/rest/", {"again": "1"})
    assert again(nagi).resting_until is None
