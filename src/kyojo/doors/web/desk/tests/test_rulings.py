"""What the office rules about held coins, through its forms: the answers, and the second look."""

from datetime import timedelta

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, AppealOfficer, Person, StaffRole, User
from kyojo.civic.people.services import appeal_officer_add
from kyojo.civic.people.staff_selectors import name_of
from kyojo.civic.people.testing import make_carer
from kyojo.doors.web.desk import appeals
from kyojo.help.support import services as support
from kyojo.help.support.models import Dispute
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    check_in,
    check_out,
    purses,
    state_of,
    visit_make,
)
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return answer.content.decode()


def acts(action) -> int:
    with tenant(MIDORI):
        return Act.objects.filter(action=action).count()


def name_in(town, user) -> str:
    with tenant(town):
        return name_of(user.pk)


@pytest.fixture
def disputed(office):
    uid = visit_make(office.cast)
    check_in(office.cast, uid)
    check_out(office.cast, uid)
    with clock.frozen(END + timedelta(hours=1)):
        with tenant(KITA):
            support.visit_dispute(
                visit_uid=uid, by=office.cast.carer, words="奥の草が残っていました。"
            )
        yield uid


@pytest.mark.parametrize(
    ("decision", "carer_left", "supporter_has"),
    [
        ({"resolution": "pay"}, 120, 40),
        ({"resolution": "pay_part", "paid_coins": "３０"}, 130, 30),
        ({"resolution": "return"}, 160, 0),
    ],
)
def test_a_ruling_waits_for_both_and_the_coins_move_with_their_answers(
    office, disputed, decision, carer_left, supporter_has
):
    client = office.client(office.officer)
    path = f"/desk/visits/{disputed}/"
    assert "奥の草が残っていました" in text(client.get(path))
    sent = {**decision, "words": "おふたりにお話をうかがいました。"}
    for _ in range(2):
        assert client.post(f"{path}settle/", sent).status_code == 302
    assert (state_of(disputed), purses(office.cast)) == ("disputed", (120, 40, 0))
    assert "お返事を待っています" in text(client.get(path))
    assert "この見方に合う支援は" in text(client.get("/desk/visits/?due=dispute"))
    nothing = {"role": "carer", "answer": "appeal", "words": " ", "basis": "phone"}
    assert client.post(f"{path}answer/", nothing).status_code == 422
    assert "決めた人とは別の職員が記録します" in text(client.get(path))
    for role in ("carer", "supporter"):
        said = {"role": role, "answer": "accept", "basis": "phone"}
        asked = decision["resolution"] == "pay_part" or (role == "carer") == bool(supporter_has)
        if asked:
            refused = client.post(f"{path}answer/", said)
            assert refused.status_code == 422
            assert "ほかの職員が記録します" in text(refused)
            assert state_of(disputed) == "disputed"
        another = office.client(office.coordinator)
        assert another.post(f"{path}answer/", said).status_code == (302 if asked else 422)
    assert state_of(disputed) == "resolved"
    assert purses(office.cast) == (carer_left, 0, supporter_has)
    with tenant(MIDORI):
        assert Dispute.objects.get().office_words == "おふたりにお話をうかがいました。"
    assert acts("dispute_resolve") == 1


def test_an_objection_waits_for_another_officer_and_says_when_it_is_late(office, disputed, moment):
    path = f"/desk/visits/{disputed}/"
    first, second = office.client(office.officer), office.client(office.second)
    first.post(f"{path}settle/", {"resolution": "return", "words": "うかがいました。"})
    said = {"role": "supporter", "answer": "appeal", "words": "2時間いました。", "basis": "paper"}
    assert office.client(office.coordinator).post(f"{path}answer/", said).status_code == 302
    assert "異議の申し立て" in text(second.get("/desk/"))
    assert str(disputed) in text(second.get("/desk/visits/?due=appeal"))
    page = text(second.get(path))
    assert "2時間いました。" in page and "目標をすぎています" not in page
    assert "別の、自治体の職員が決めます" in text(first.get(path))
    decision = {"resolution": "pay_part", "paid_coins": "30", "words": "あらためて。"}
    for client, status in ((first, 422), (office.client(office.coordinator), 404)):
        assert client.post(f"{path}appeal/", decision).status_code == status
    assert purses(office.cast) == (120, 40, 0)
    with moment(END + timedelta(days=2)):
        assert "目標をすぎています" in text(second.get(path))
    assert second.post(f"{path}appeal/", {**decision, "words": ""}).status_code == 422
    for _ in range(2):
        assert second.post(f"{path}appeal/", decision).status_code == 302
    assert (state_of(disputed), purses(office.cast)) == ("resolved", (130, 0, 30))
    page = text(first.get(path))
    assert "異議の申し立てで、あらためて決めました" in page and "来る人の異議の申し立て" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "お預かりしているコイン"),
        ({"resolution": "pay"}, "おふたりへのことばを入れてください"),
        ({"resolution": "pay_part", "words": "x"}, "お渡しするコインを入れてください"),
        ({"resolution": "pay_part", "paid_coins": "0", "words": "x"}, "1以上の数字で"),
        ({"resolution": "pay_part", "paid_coins": "41", "words": "x"}, "0から40の間で"),
        ({"resolution": "keep", "words": "x"}, "1つ選んでください"),
    ],
)
def test_a_decision_that_is_not_one_changes_nothing(office, disputed, sent, said):
    answer = office.client(office.officer).post(f"/desk/visits/{disputed}/settle/", sent)
    assert answer.status_code == 422
    assert said in text(answer)
    assert state_of(disputed) == "disputed"
    assert purses(office.cast) == (120, 40, 0)


def test_who_decides_from_outside_sees_the_appeal_and_nothing_else(office, disputed):
    path, page = f"/desk/visits/{disputed}/", f"/appeals/{disputed}/"
    for town in (KITA, MIDORI):
        with tenant(town):
            StaffRole.objects.filter(role="officer").exclude(user=office.officer).delete()
    first = office.client(office.officer)
    assert "異議を決められる人が、まだいません" in text(first.get(path))
    first.post(f"{path}settle/", {"resolution": "return", "words": "うかがいました。"})
    said = {"role": "supporter", "answer": "appeal", "words": "2時間いました。", "basis": "paper"}
    office.client(office.coordinator).post(f"{path}answer/", said)
    assert "となりの自治体の職員など、決める人を登録してください" in text(first.get(path))
    assert "自治体の職員がします" in text(office.client(office.coordinator).get(path))
    guest = {
        "title": "となり町 総務課",
        "name": "夜長 みお",
        "name_kana": "よなが みお",
        "email": "guest@example.jp",
    }
    assert office.client(office.coordinator).post("/desk/appeals/", guest).status_code == 404
    wrong = first.post("/desk/appeals/", guest | {"email": office.officer.email})
    assert wrong.status_code == 422
    assert "別のメールアドレスを入れてください" in text(wrong)
    for _ in range(2):
        assert first.post("/desk/appeals/", guest).status_code == 302
    there = text(first.get("/desk/appeals/"))
    for user, leads in ((office.officer, True), (office.coordinator, False)):
        shown = text(office.client(user).get("/desk/visits/?due=appeal"))
        assert ('href="/desk/appeals/"' in shown) == leads
    assert 'href="/desk/appeals/"' not in text(first.get("/desk/visits/"))
    assert "夜長 みお" in there and f"登録：{name_in(MIDORI, office.officer)}" in there
    assert "まだいません" not in text(first.get(path))

    user = User.objects.get(email="guest@example.jp")
    client = office.client(user)
    assert client.get("/").url == "/appeals/"
    for closed in ("/appeals/", page):
        assert office.client(None).get(closed).url == f"/login/?next={closed}"
    keyless = Client()
    keyless.force_login(user, backend="sesame.backends.ModelBackend")
    assert keyless.get("/security/second/").url == "/security/set-up/?next=%2Fappeals%2F"
    assert keyless.post(page).url == "/security/set-up/?next=%2Fappeals%2F"
    keyless.force_login(office.officer, backend="sesame.backends.ModelBackend")
    assert keyless.get("/security/second/").url == "/security/set-up/?next=%2Fdesk%2F"
    listed = text(client.get("/appeals/"))
    assert str(disputed) in listed and "みどり浜市の決定" in listed
    assert 'href="/me/"' in listed
    mine = text(client.get("/me/"))
    assert 'href="/appeals/"' in mine and "となり町 総務課" in mine and "/desk/" not in mine
    shown = text(client.get(page))
    assert "2時間いました。" in shown
    assert "うかがいました。" in shown
    for name in (office.cast.carer.family_name, office.cast.supporter.family_name):
        assert name not in shown
    for closed in ("/desk/", path, "/desk/members/", "/desk/appeals/", "/desk/visits/"):
        assert client.get(closed).status_code == 404
    for stranger in (office.officer, office.coordinator):
        assert office.client(stranger).get(page).status_code == 404
    decision = {"resolution": "pay", "words": "記録がそろっています。"}
    assert client.post(page, decision | {"words": ""}).status_code == 422
    assert client.post(page, decision).status_code == 302
    assert (state_of(disputed), purses(office.cast)) == ("resolved", (120, 0, 40))
    assert client.get(page).status_code == 404
    done = text(first.get(path))
    assert "異議をみる人：となり町 総務課・夜長 みお" in done
    assert f"登録：{name_in(MIDORI, office.officer)}・" in done
    assert done.count("異議をみる人：") == 1
    assert "待っている申し立てはありません" in text(client.get("/appeals/"))
    with tenant(MIDORI):
        pk = AppealOfficer.objects.get().pk
        other = make_carer(MIDORI)
        Person.objects.filter(pk=other.pk).update(user=user)
    assert "異議をみられません" not in there
    assert "職員か会員なので、異議をみられません" in text(first.get("/desk/appeals/"))
    assert client.get("/appeals/").status_code == 404
    with tenant(MIDORI):
        Person.objects.filter(pk=other.pk).update(user=None)
    assert client.get("/appeals/").status_code == 200
    assert first.post(f"/desk/appeals/{pk}/end/").status_code == 302
    assert client.get("/appeals/").status_code == 404


def test_who_was_let_in_by_the_one_who_ruled_sees_no_appeal_against_it(
    office, disputed, monkeypatch
):
    path, page = f"/desk/visits/{disputed}/", f"/appeals/{disputed}/"
    first = office.client(office.officer)
    first.post(f"{path}settle/", {"resolution": "return", "words": "うかがいました。"})
    said = {"role": "supporter", "answer": "appeal", "words": "2時間いました。", "basis": "paper"}
    office.client(office.coordinator).post(f"{path}answer/", said)
    fields = {"title": "となり町", "name": "夜長 みお", "name_kana": "よなが みお"}
    with tenant(MIDORI):
        mine = appeal_officer_add(email="guest@example.jp", by=office.officer, **fields)
        theirs = appeal_officer_add(email="other@example.jp", by=office.second, **fields)
    guest = office.client(mine.user)
    assert "待っている申し立てはありません" in text(guest.get("/appeals/"))
    assert guest.get(page).status_code == 404
    looks, real = [], appeals.programme_current
    monkeypatch.setattr(appeals, "programme_current", lambda: looks.append(1) or real())
    other = office.client(theirs.user)
    assert str(disputed) in text(other.get("/appeals/"))
    assert len(looks) == 1
    assert other.get(page).status_code == 200
