"""相談・通報 at the desk: the list and its files, one case, suspensions, messages, groups."""

from datetime import timedelta

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Person, Suspension
from kyojo.civic.people.suspensions import is_suspended
from kyojo.help.community.models import Case, Group, GroupPost, Message
from kyojo.help.community.services import group_found, post_write, report_send
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import KITA, MIDORI, state_of, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

NOTHING = {"kind": "other", "urgency": "usual", "words": "道の電灯が切れている", "basis": "phone"}


def read(client, path: str, status: int = 200) -> str:
    answered = client.get(path)
    assert answered.status_code == status, path
    return answered.content.decode()


def order() -> dict[str, str]:
    return {"order_id": str(new_id())}


def day(name: str, after: int) -> dict[str, str]:
    when = clock.today() + timedelta(days=after)
    parts = {"year": when.year, "month": when.month, "day": when.day}
    return {f"{name}_{part}": str(value) for part, value in parts.items()}


def reported(office, **more) -> Case:
    """A carer of 北ひなた市 has reported the supporter of みどり浜市 after a visit."""
    cast = office.cast
    uid = visit_make(cast)
    with tenant(KITA):
        report_send(
            **{
                "order_id": new_id(),
                "reporter": cast.carer,
                "subject_kind": "visit",
                "subject_uid": uid,
                "about": [(MIDORI, cast.supporter.uid)],
                "reasons": ["rude"],
                "words": "どなられました",
            }
            | more
        )
    with tenant(MIDORI):
        return Case.objects.get(kind="report")


def test_the_list_sorts_filters_marks_what_is_late_and_is_taken_away(office, moment):
    case = reported(office)
    officer = office.client(office.officer)
    there = officer.post("/desk/cases/new/", NOTHING | order())["Location"]
    page = read(officer, "/desk/cases/")
    assert case.number in page and "どなられました" not in page and "春風" not in page
    assert case.number not in read(officer, "/desk/cases/?kind=other")
    assert "すぎています" not in page and "相談・通報" in read(officer, "/desk/")
    officer.post(f"{there}close/", {"outcome": "talked", "words": "市に伝えた"})
    assert "S-1002" not in read(officer, "/desk/cases/?state=waiting_all")
    with moment(case.due_at + timedelta(hours=3)):
        late = office.client(office.officer)
        assert "3時間すぎています" in read(late, "/desk/cases/?due=late&sort=-due")
        assert "queue--late" in read(late, "/desk/")
    taken = officer.get("/desk/cases/?format=csv")
    assert taken["Content-Type"].startswith("text/csv") and "S-1001" in taken.content.decode()
    assert "春風" not in taken.content.decode()
    with tenant(MIDORI):
        assert Act.objects.filter(action="list_taken", subject_id="cases").count() == 1
        entered = Act.objects.get(action="case_entered")
        assert (entered.basis, entered.actor_id) == ("phone", office.officer.pk)
    wrong = officer.post("/desk/cases/new/", NOTHING | order() | {"about": "M-99999"})
    assert wrong.status_code == 422 and "会員の番号" in wrong.content.decode()


def test_a_case_is_read_noted_handed_on_waited_for_closed_and_reopened(office):
    case = reported(office)
    there = f"/desk/cases/{case.uid}/"
    officer = office.client(office.officer)
    page = read(officer, there)
    assert "どなられました" in page and "春風 けん" in page
    assert "青空" not in page, "who reported stays with their own town"
    assert "北ひなた市" in page and "支援を開く" in page
    given = order() | {"step": "called", "words": "電話で聞いた。"}
    for _ in range(2):
        assert officer.post(f"{there}note/", given).status_code == 302
    assert officer.post(f"{there}note/", order() | {"words": ""}).status_code == 422
    assert officer.post(f"{there}owner/", {"owner": str(office.coordinator.pk)}).status_code == 302
    assert officer.post(f"{there}wait/", day("until", 40)).status_code == 422
    assert officer.post(f"{there}wait/", day("until", 4)).status_code == 302
    page = read(officer, there)
    assert "潮目 ひろ" in page and page.count("電話で聞いた。") == 1 and "返事待ち" in page
    assert officer.post(f"{there}close/", {"words": "x"}).status_code == 422
    assert (
        officer.post(f"{there}close/", {"outcome": "talked", "words": "話した"}).status_code == 302
    )
    assert officer.post(f"{there}note/", order() | {"words": "あとで"}).status_code == 422
    assert officer.post(f"{there}reopen/", {"words": "また電話"}).status_code == 302
    with tenant(MIDORI):
        assert Case.objects.get(uid=case.uid).state == "open"
        assert Act.objects.filter(action="case_read", subject_id=str(case.uid)).count() >= 2


def test_nobody_else_s_desk_and_no_party_opens_it(office):
    case = reported(office)
    there = f"/desk/cases/{case.uid}/"
    with tenant(MIDORI):
        Person.objects.filter(pk=office.cast.supporter.pk).update(user=office.second)
    for user in (office.second, office.cast.second.user, None):
        client = office.client(user)
        assert client.get(there).status_code == 404
        for act in ("note", "owner", "wait", "close", "reopen"):
            assert client.post(f"{there}{act}/", {"words": "x"}).status_code == 404
    assert case.number not in read(office.client(office.second), "/desk/cases/")
    with tenant(MIDORI):
        assert Case.objects.get(uid=case.uid).notes.count() == 0


def test_somebody_is_stopped_from_a_case_confirmed_objects_and_is_back(office, moment):
    case = reported(office)
    supporter = office.cast.supporter
    with tenant(MIDORI):
        booked = Visit.objects.get().uid
    path = f"/desk/cases/{case.uid}/suspend/{supporter.uid}/"
    given = order() | {"reason": "確かめるあいだ、お休みにします。", "visits": "cancel"}
    assert office.client(office.office).post(path, given).status_code == 404
    coordinator, officer = office.client(office.coordinator), office.client(office.officer)
    assert coordinator.post(path, given | {"reason": ""}).status_code == 422
    there = coordinator.post(path, given)["Location"]
    assert coordinator.post(path, given)["Location"] == there
    assert state_of(booked) == "cancelled" and is_suspended(MIDORI, supporter.uid)
    page = read(officer, there)
    assert "仮の停止" in page and "確かめて、期限を決める" in page
    assert "確かめて、期限を決める" not in read(coordinator, there)
    assert "停止の確認と異議" in read(officer, "/desk/")
    assert officer.post(f"{there}confirm/", day("until", 400)).status_code == 422
    assert officer.post(f"{there}confirm/", day("until", 30)).status_code == 302
    assert supporter.number in read(officer, "/desk/suspensions/")
    office.client(supporter.user).post("/me/suspension/", {"words": "連絡していました"})
    answer = {"answer": "lift", "words": "確かめました。すみませんでした。"}
    assert officer.post(f"{there}answer/", answer).status_code == 422  # decided it
    assert coordinator.post(f"{there}answer/", answer).status_code == 404
    assert "連絡していました" in read(office.client(office.second), there)
    assert office.client(office.second).post(f"{there}answer/", answer).status_code == 302
    assert not is_suspended(MIDORI, supporter.uid)
    assert "すみませんでした" in read(office.client(supporter.user), "/me/suspension/")
    with tenant(MIDORI):
        assert Suspension.objects.get().state == "lifted"
        assert Case.objects.get(uid=case.uid).notes.filter(code="suspended").count() == 1
    for other in (office.cast.second.uid, office.cast.carer.uid):
        wrong = f"/desk/cases/{case.uid}/suspend/{other}/"
        assert officer.post(wrong, given | day("until", 30)).status_code == 404
    assert office.client(office.cast.kita_officer).get(there).status_code == 404


def test_messages_are_read_on_record_and_written_for_who_telephoned(office):
    uid = visit_make(office.cast)
    with tenant(MIDORI):
        path = f"/desk/talks/{Visit.objects.get(uid=uid).offer_uid}/"
    officer = office.client(office.officer)
    assert path in read(officer, f"/desk/visits/{uid}/")
    assert "青空さん" not in read(officer, path).split("<form")[-1], "another town's member"
    mine = {"author": str(office.cast.supporter.uid), "words": "少しおくれます。"}
    assert officer.post(path, order() | mine).status_code == 422
    assert officer.post(path, order() | mine | {"basis": "phone"}).status_code == 302
    assert (
        officer.post(path, order() | {"author": "office", "words": "センターです"}).status_code
        == 302
    )
    assert "センターです" in read(officer, path)
    other = office.client(office.cast.kita_officer)
    assert "少しおくれます。" in read(other, path)
    for user in (office.cast.second.user, None):
        assert office.client(user).get(path).status_code == 404
    with tenant(MIDORI):
        assert Message.objects.count() == 2
        assert Act.objects.filter(action="talk_opened").count() >= 2


def test_the_office_takes_a_notice_down_and_ends_a_group(office):
    supporter = office.cast.supporter
    with tenant(MIDORI):
        group = group_found(
            order_id=new_id(),
            founder=supporter,
            name="港のお茶会",
            kind="other",
            about="お茶を飲みます。",
            is_open=True,
        )
        post = post_write(order_id=new_id(), uid=group.uid, author=supporter, words="買いませんか")
    officer = office.client(office.officer)
    there = f"/desk/groups/{group.uid}/"
    assert "港のお茶会" in read(officer, "/desk/groups/")
    assert "買いませんか" in read(officer, there)
    assert officer.post(f"{there}posts/{post.uid}/remove/").status_code == 302
    assert "買いませんか" not in read(officer, there)
    assert officer.post(f"{there}close/").status_code == 302
    assert office.client(supporter.user).post(f"{there}close/").status_code == 404
    with tenant(MIDORI):
        assert Group.objects.get().closed_at is not None
        assert GroupPost.objects.get().removed_at is not None
