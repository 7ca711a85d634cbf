"""What pages say of an alarm: that it was a mistake, that nobody took it, that its record goes."""

from datetime import time, timedelta

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.help.safety import services
from kyojo.help.safety.models import Emergency, LateWatch
from kyojo.help.support.tests.cast import END, KITA, MIDORI, START, check_in, check_out, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
DURING = START + timedelta(minutes=30)


@pytest.fixture(autouse=True)
def jobs():
    with app.replace_connector(testing.InMemoryConnector()) as replaced:
        yield replaced


def text(response):
    return response.content.decode()


def pressed(cast, visit_uid):
    with clock.frozen(DURING), tenant(MIDORI):
        return services.emergency_raise(uid=new_id(), visit_uid=visit_uid, by=cast.supporter)


def test_a_mistake_stays_before_the_office_until_it_has_called_back(cast, browser):
    visit_uid = visit_make(cast)
    check_in(cast, visit_uid)
    row = pressed(cast, visit_uid)
    here, one = f"/visits/{visit_uid}/sos/", f"/desk/safety/emergencies/{row.uid}/"
    with clock.frozen(DURING + timedelta(minutes=1)):
        phone, desk = browser(cast.supporter), browser(cast.officer)
        assert "取り消せます" not in text(phone.get(f"/visits/{visit_uid}/"))
        for _ in range(2):
            assert phone.post(f"{here}withdraw/").status_code == 302
        said = text(phone.get(here))
        assert "確かめのお電話をします" in said and "センターに、いま助けを求める" in said
        banner = text(desk.get("/desk/"))
        assert "まちがえて押したとの連絡" in banner and "開いて、受ける" in banner
        opened = text(desk.get(one))
        assert "だれかに言わされているかもしれません" in opened
        assert "つぎの人へ知らせます" in opened and "受けます" in opened
        assert desk.post(f"{one}take/").status_code == 302
        taken = text(desk.get(one))
        assert "本人の声を聞いてから終えてください" in taken and "つぎの人へ" not in taken
        assert "開いて、受ける" not in text(desk.get("/desk/"))
        closed = {"outcome": "false_alarm", "words": "電話で確かめた"}
        assert desk.post(f"{one}close/", closed).status_code == 302
    with tenant(MIDORI):
        assert Emergency.objects.get().state == "closed"


def test_the_desk_sees_whom_an_overdue_visit_reached_and_who_is_next(cast, browser):
    visit_uid = visit_make(cast)
    check_in(cast, visit_uid)
    with tenant(MIDORI):
        services.duty_save(
            uid=new_id(), user_id=cast.officer.pk, phone="09000000000", days=range(7),
            start=time(0), end=time(0), by=cast.officer,
        )  # fmt: skip
    for minutes in (30, 45):
        with clock.frozen(END + timedelta(minutes=minutes)), tenant(MIDORI):
            services.late_look()
    with clock.frozen(END + timedelta(minutes=46)):
        asked = text(browser(cast.supporter).get(f"/visits/{visit_uid}/"))
        assert "センターが、お電話で確かめています" in asked
        desk = browser(cast.officer)
        page = text(desk.get("/desk/safety/late/"))
        assert "1人に知らせました" in page and "つぎは12時55分" in page
        with tenant(MIDORI):
            pk = LateWatch.objects.get().pk
        assert browser(cast.kita_officer).post(f"/desk/safety/late/{pk}/take/").status_code == 404
        assert desk.post(f"/desk/safety/late/{pk}/take/").status_code == 302
        page = text(desk.get("/desk/safety/late/"))
        assert "係 一郎" in page and "人に知らせました" not in page


def test_records_that_go_soon_are_put_before_the_office(cast, browser):
    visit_uid = visit_make(cast)
    check_in(cast, visit_uid)
    row = pressed(cast, visit_uid)
    with clock.frozen(DURING), tenant(MIDORI):
        worry = services.worry_tell(
            uid=new_id(), visit_uid=visit_uid, by=cast.supporter, signs=["low"], words="元気がない",
            ground="consent",
        )  # fmt: skip
        reader = user_create(email="centre@example.jp", municipality_id=MIDORI)
        staff_role_add(
            user=reader,
            number="S-9001",
            role="coordinator",
            title="包括",
            name="相談 花子",
            name_kana="ソウダン ハナコ",
        )
    for years, page, there, day in (
        (3, "/desk/safety/", f"/desk/safety/emergencies/{row.uid}/", "2029年11月27日に消えます"),
        (
            5,
            "/desk/safety/worries/",
            f"/desk/safety/worries/{worry.uid}/",
            "2031年11月27日に消えます",
        ),
    ):
        over = DURING + timedelta(days=365 * years)
        with clock.frozen(over - timedelta(weeks=6, days=1)):
            assert "消えます" not in text(browser(cast.officer).get(page))
        with clock.frozen(over - timedelta(weeks=6)):
            desk = browser(cast.officer)
            said = text(desk.get(page))
            assert day in said and there in said
            assert "まもなく記録が消える" in text(desk.get("/desk/"))
            other = text(browser(reader).get(page))
            assert day in other
            assert (there in other) == (years == 3), "what a worry says is for its readers alone"
            assert "消えます" not in text(browser(cast.kita_officer).get(page))


def test_the_points_of_a_map_are_gone_from_the_supporter_s_page_and_the_words_stay(cast, browser):
    visit_uid = visit_make(cast)
    check_in(cast, visit_uid)
    check_out(cast, visit_uid)
    page = f"/visits/{visit_uid}/"
    words = "あなたの位置がお宅のそばでした（ずれは18\u00a0mほど）"
    for days in (0, 1):
        with clock.frozen(END + timedelta(days=days)):
            said = text(browser(cast.supporter).get(page))
            assert said.count(words) == 2
            assert "34.86" not in said and "138.32" not in said
            assert "位置を地図で見る" in text(browser(cast.carer).get(page))
    with tenant(KITA):
        assert browser(cast.stranger).get(page).status_code == 404
