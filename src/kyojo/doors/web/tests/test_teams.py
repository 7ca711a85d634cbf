"""A team, from the desk's plan to the phones of those who are asked, and how the pages look."""

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.testing import make_coordinator, make_programme
from kyojo.doors.web.testing import looked_at, sign_in, signed_in
from kyojo.help.matching.models import Project, ProjectMember
from kyojo.help.matching.tests.test_projects import GIVEN, NOW, someone
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

TYPED = {
    **{name: str(GIVEN[name]) for name in ("title", "purpose", "meetings", "weeks")},
    "skills": GIVEN["skills"], "times": GIVEN["times"], "smallest": "3", "largest": "4",
    "starts_on_year": "2026", "starts_on_month": "12", "starts_on_day": "1", "area": "",
}  # fmt: skip
UNTIL = {"answer_until_year": "2026", "answer_until_month": "11", "answer_until_day": "25"}


def town_make(towns):
    code = towns.midori.id
    make_programme(code)
    people = {
        key: someone(code, key, skills, east=east)
        for key, skills, east in (
            ("紙", {"paper"}, 100),
            ("機", {"tech"}, 200),
            ("話", {"talk"}, 300),
            ("予", {"talk", "tech"}, 4000),
        )
    }
    return code, make_coordinator(code), people


def client_of(user) -> Client:
    return sign_in(Client(), user)


def test_a_team_is_planned_asked_refilled_and_settled(towns):
    with clock.frozen(NOW):
        code, coordinator, people = town_make(towns)
        desk = client_of(coordinator)
        order = {"order_id": str(new_id())}
        wrong = desk.post("/desk/teams/new/", TYPED | order | {"skills": [], "weeks": "20"})
        assert wrong.status_code == 422 and "いることを選んで" in wrong.content.decode()
        there = desk.post("/desk/teams/new/", TYPED | order)["Location"]
        assert desk.post("/desk/teams/new/", TYPED | order)["Location"] == there
        page = desk.get(there).content.decode()
        assert "3人で、手続き、スマホ・家電、話し相手がそろいます" in page
        assert "予 花" in page and "土曜の午前" in page
        assert desk.post(f"{there}invite/", {}).status_code == 422
        desk.post(f"{there}invite/", UNTIL)
        paths = {}
        with tenant(code):
            for one in ProjectMember.objects.select_related("person"):
                paths[one.person.family_name] = f"/help/teams/{one.uid}/"
        assert sorted(paths) == sorted(["紙", "機", "話"])
        phones = {key: client_of(person.user) for key, person in people.items()}
        assert GIVEN["title"] in phones["紙"].get("/help/").content.decode()
        assert phones["予"].get(paths["紙"]).status_code == 404
        assert "参加する" in phones["紙"].get(paths["紙"]).content.decode()
        for key, answer in (("紙", "yes"), ("機", "yes"), ("話", "no")):
            assert phones[key].post(paths[key], {"answer": answer}).status_code == 302
        waiting = phones["紙"].get(paths["紙"]).content.decode()
        assert "ほかの人の返事を待っています" in waiting and "いっしょに活動" not in waiting
        assert "人の足りないチーム" in desk.get("/desk/").content.decode()
        joining = {"act": "replace", "person": str(people["予"].uid)}
        assert "足すなら" in desk.get(there).content.decode()
        assert desk.post(f"{there}act/", joining).status_code == 302
        desk.post(f"{there}invite/", UNTIL)
        with tenant(code):
            last = f"/help/teams/{ProjectMember.objects.get(person=people['予']).uid}/"
        phones["予"].post(last, {"answer": "yes"})
        page = phones["紙"].get(paths["紙"]).content.decode()
        assert "いっしょに活動する人" in page and "花 さん" in page and "若草 みち" in page
        assert "予 花" not in page
        assert desk.post(f"{there}act/", {"act": "done"}).status_code == 302
        with tenant(code):
            assert Project.objects.get().state == "done"
        assert desk.post(f"{there}act/", {"act": "cancel"}).status_code == 409


def test_whoever_is_told_of_the_end_can_read_it_and_every_look_is_on_record(towns):
    with clock.frozen(NOW):
        code, coordinator, people = town_make(towns)
        desk = client_of(coordinator)
        there = desk.post("/desk/teams/new/", TYPED | {"order_id": str(new_id())})["Location"]
        with tenant(code):
            before = Act.objects.filter(action="project_opened").count()
        assert desk.post(f"{there}invite/", {}).status_code == 422
        with tenant(code):
            assert Act.objects.filter(action="project_opened").count() == before + 1
        desk.post(f"{there}invite/", UNTIL)
        desk.post(f"{there}act/", {"act": "cancel"})
        phone = client_of(people["紙"].user)
        with tenant(code):
            path = Notice.objects.get(person=people["紙"], kind="team_cancelled").path
        page = phone.get(path).content.decode()
        assert "取りやめになりました" in page and "参加する" not in page
        assert phone.post(path, {"answer": "yes"}).status_code == 404


def test_only_staff_of_the_town_sees_teams(towns):
    with clock.frozen(NOW):
        code, coordinator, people = town_make(towns)
        there = client_of(coordinator).post(
            "/desk/teams/new/", TYPED | {"order_id": str(new_id())}
        )["Location"]
        kita = make_coordinator(towns.kita.id)
        for user in (people["紙"].user, kita):
            assert client_of(user).get(there).status_code == 404
            assert client_of(user).post(f"{there}act/", {"act": "cancel"}).status_code == 404
        assert Client().get(there).status_code == 404
        with tenant(code):
            assert Project.objects.get().state == "planned"


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(180)
def test_the_pages_are_for_everybody(live_site, towns, chromium, monkeypatch):
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    _, coordinator, people = town_make(towns)
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)

        def seen(width: int, user):
            context = browser.new_context(
                base_url=live_site.url, locale="ja-JP", viewport={"width": width, "height": 844}
            )
            page = signed_in(context, live_site.url, user)
            page.on("console", lambda told: "status of 422" in told.text or found.append(told.text))
            page.on("pageerror", lambda error: found.append(str(error)))
            return page

        desk = seen(1280, coordinator)
        desk.goto("/desk/teams/new/")
        with desk.expect_navigation():
            desk.get_by_role("button", name="チームの案を見る").click()
        found += looked_at(desk, "team-new", 1280)
        answer = client_of(coordinator).post(
            "/desk/teams/new/", TYPED | {"order_id": str(new_id())}
        )
        desk.goto(answer["Location"])
        found += looked_at(desk, "team-planned", 1280)
        day = date(2026, 11, 25)
        for part in ("year", "month", "day"):
            desk.fill(f"[name=answer_until_{part}]", str(getattr(day, part)))
        with desk.expect_navigation():
            desk.get_by_role("button", name="この人たちに声をかける").click()
        found += looked_at(desk, "team-asking", 1280)
        desk.goto("/desk/teams/")
        found += looked_at(desk, "teams", 1280)
        phone = seen(390, people["紙"].user)
        phone.goto("/help/")
        found += looked_at(phone, "team-home", 390)
        with phone.expect_navigation():
            phone.get_by_role("link", name=re.compile(str(GIVEN["title"]))).click()
        found += looked_at(phone, "team-asked", 390)
        browser.close()
    assert found == []
