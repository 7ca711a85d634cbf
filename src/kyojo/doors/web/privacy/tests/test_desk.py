"""The office: a member's data at the counter, an erasure by two officers, the log of purges."""

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Consent, User
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.commons.privacy.models import Erasure, PurgeLog
from kyojo.help.support.tests.cast import KITA, MIDORI, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def sent(client: Client, path: str, **fields):
    return client.post(path, {"order_id": str(new_id()), **fields})


@pytest.fixture
def second(cast) -> User:
    return User.objects.get(email=f"second@{MIDORI}.example.jp")


def test_a_member_without_a_smartphone_gets_their_data_on_paper(cast, browser):
    client, path = browser(cast.officer), f"/desk/members/{cast.mother.uid}/data/"
    assert "記録を本人に渡す" in client.get(path).content.decode()
    assert sent(client, f"{path}give/").status_code == 422
    page = sent(client, f"{path}give/", basis="counter")
    assert page.status_code == 200 and "青空 ふみ" in page.content.decode()
    with tenant(MIDORI):
        act = Act.objects.get(action="own_data_taken")
        assert (act.basis, act.actor_id) == ("counter", cast.officer.pk)


def test_two_officers_erase_and_either_takes_it_back(cast, browser, second):
    base = f"/desk/members/{cast.mother.uid}"
    one, other = browser(cast.officer), browser(second)
    assert sent(one, f"{base}/erasure/propose/", basis="paper").status_code == 422
    order = {"order_id": str(new_id()), "basis": "paper", "confirm": "on"}
    for _ in range(2):
        assert one.post(f"{base}/erasure/propose/", order).status_code == 302
    assert "別の職員が、確かめます" in one.get(f"{base}/data/").content.decode()
    assert one.post(f"{base}/erasure/approve/").status_code == 409
    assert "記録の消去の確認待ち" in other.get("/desk/").content.decode()
    assert "もう一人の職員の確認待ち" in other.get("/desk/erasures/").content.decode()
    assert other.post(f"{base}/erasure/approve/").status_code == 302
    with tenant(MIDORI):
        erasure = Erasure.objects.get()
        assert (erasure.state, erasure.approved_by_id) == ("waiting", second.pk)
    assert sent(other, f"{base}/erasure/withdraw/").status_code == 422
    assert sent(other, f"{base}/erasure/withdraw/", basis="phone").status_code == 302
    with tenant(MIDORI):
        assert Erasure.objects.get().state == "withdrawn"


def test_what_is_open_is_said_at_the_counter(cast, browser):
    visit_make(cast)
    page = browser(cast.officer).get(f"/desk/members/{cast.supporter.uid}/data/")
    assert "これからの支援か、精算の終わっていない支援" in page.content.decode()
    assert "消去を申し出る" not in page.content.decode()


def test_the_log_of_what_was_erased_is_a_list_to_take_away(cast, browser):
    with tenant(MIDORI):
        PurgeLog.objects.create(kind="notices", count=1234, due_before=clock.now())
    client = browser(cast.officer)
    page = client.get("/desk/purges/").content.decode()
    assert "お知らせ" in page and "1,234" in page and "保存期間の表" in page
    file = client.get("/desk/purges/?format=csv")
    assert "お知らせ,1234" in file.content.decode("utf-8-sig")
    assert client.get("/desk/purges/?kind=positions").content.decode().count("1,234") == 0
    assert client.get("/desk/erasures/?format=xlsx").status_code == 200


def test_nobody_else_sees_or_does_anything(cast, browser):
    with tenant(MIDORI):
        helper = user_create(email="office@example.jp", municipality_id=MIDORI)
        staff_role_add(
            user=helper,
            number=f"S-{helper.pk}",
            role="office",
            title="事務局",
            name="係 二郎",
            name_kana="カカリ ジロウ",
        )
    base = f"/desk/members/{cast.mother.uid}"
    for who in (cast.kita_officer, helper, cast.supporter):
        client = browser(who)
        assert client.get(f"{base}/data/").status_code == 404
        for path in ("data/give", "erasure/propose", "erasure/approve", "erasure/withdraw"):
            answer = sent(client, f"{base}/{path}/", basis="phone", confirm="on")
            assert answer.status_code == 404
    assert browser(helper).get("/desk/purges/").status_code == 200
    for code in (KITA, MIDORI):
        with tenant(code):
            assert not Erasure.objects.exists()
            assert not Act.objects.filter(action="own_data_taken").exists()


def test_the_keeping_times_are_public(cast, browser):
    page = Client().get("/town/midorihama/kept/").content.decode()
    for words in ("記録を残す間", "支援のときの位置と写真", "操作の記録", "法人税法施行規則"):
        assert words in page
    assert Client().get("/town/nowhere/kept/").status_code == 404
    answer = browser(cast.supporter).get("/me/data/kept/")
    assert answer["Location"] == "/town/midorihama/kept/"


def test_staff_note_a_consent_and_its_end_with_how_it_is_known(cast, browser):
    client, path = browser(cast.officer), f"/desk/members/{cast.mother.uid}/data/"
    assert "同意のお返事を記録する" in client.get(path).content.decode()
    here = f"{path}consents/photo/"
    yes = {"answer": "yes", "version": "1"}
    assert sent(client, here, **yes).status_code == 422
    assert sent(client, here, **(yes | {"version": "8"}), basis="phone").status_code == 409
    for other in ("registration", "company_sum", "nothing"):
        wrong = sent(client, f"{path}consents/{other}/", **yes, basis="phone")
        assert wrong.status_code == 404
    assert sent(browser(cast.supporter), here, **yes, basis="phone").status_code == 404
    assert sent(client, here, **yes, basis="phone").status_code == 302
    with tenant(MIDORI):
        consent = Consent.objects.get(person=cast.mother)
        assert (consent.basis, consent.given_by_id) == ("phone", cast.officer.pk)
    for _ in range(2):
        said = sent(client, here, answer="no", version="1", basis="paper")
        assert said.status_code == 302
    with tenant(MIDORI):
        consent.refresh_from_db()
        assert consent.withdrawn_basis == "paper"
