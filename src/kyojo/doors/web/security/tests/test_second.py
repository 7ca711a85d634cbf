"""The second factor of the desk: made at once after the mail, shown, used up, lost."""

import re
import time
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, FactorReset, SecurityTry, StaffNumber, User
from kyojo.civic.people.services import (
    appeal_officer_add,
    appeal_officer_end,
    factor_reset_ask,
    factor_reset_decide,
    login_link_url,
)
from kyojo.civic.people.staff_selectors import name_of
from kyojo.civic.people.testing import make_carer, make_coordinator, make_officer
from kyojo.civic.programmes.models import Issuance
from kyojo.doors.web.testing import sign_in
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
APP = "/security/set-up/app/"


@pytest.fixture(autouse=True)
def half_minute(monkeypatch):
    """The machine's clock stands still, in the middle of a half minute; ``half_minute(3)`` moves
    it on by three of them."""
    now = [int(time.time()) // 30 * 30 + 15.0]
    monkeypatch.setattr("time.time", lambda: now[0])

    def move(halves: float) -> None:
        now[0] += halves * 30

    return move


@pytest.fixture
def officer(towns) -> User:
    return make_officer(towns.kita.id)


def by_mail(user: User, next_path: str = "") -> Client:
    client = Client()
    user.refresh_from_db()
    token = parse_qs(urlsplit(login_link_url(user)).query)["sesame"][0]
    client.post("/login/link/", {"sesame": token, "next": next_path})
    return client


def code_of(secret: str, halves: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + halves))


def secret_on(page: str) -> str:
    return "".join(re.findall(r'<span class="nowrap">([A-Z2-7]{4})</span>', page))


def with_app(user: User) -> tuple[Client, str]:
    """A browser in which ``user`` has just set up the app, and the app's secret."""
    client = by_mail(user)
    secret = secret_on(client.get(APP).content.decode())
    assert len(secret) == 32
    answer = client.post(APP, {"code": code_of(secret), "next": "/desk/acts/"})
    assert answer["Location"] == "/security/recovery/?next=%2Fdesk%2Facts%2F"
    return client, secret


def codes_on(page: str) -> list[str]:
    return [one.replace(" ", "") for one in re.findall(r"<code>(\d{4} \d{4})</code>", page)]


def test_from_the_mail_to_the_desk_by_an_app(officer, half_minute):
    client = by_mail(officer, "/desk/")
    assert client.get("/desk/")["Location"] == "/security/set-up/?next=%2Fdesk%2F"
    assert "パスキーを作る" in client.get("/security/set-up/").content.decode()
    wrong = client.post(APP, {"code": "000000"})
    assert wrong.status_code == 422 and "数字がちがいます" in wrong.content.decode()
    client, secret = with_app(officer)
    shown = codes_on(client.get("/security/recovery/").content.decode())
    assert len(set(shown)) == 10
    again = client.get("/security/recovery/").content.decode()
    assert codes_on(again) == [] and "あと10つ" in again
    assert client.get("/desk/").status_code == 200
    key = Authenticator.objects.get(user=officer, type="totp")
    assert secret not in str(key.data)
    with tenant(officer.municipality_id):
        assert Act.objects.filter(action="factor_added", actor=officer).count() == 1

    # The next day: the mail alone opens nothing, and shows nothing of the keys.
    half_minute(2)
    late = by_mail(officer)
    for address in (APP, "/security/set-up/", "/security/recovery/", "/accounts/2fa/webauthn/add/"):
        assert late.get(address)["Location"].startswith("/security/second/?next="), address
    assert late.post("/security/set-up/app/remove/")["Location"].startswith("/security/second/")
    assert late.get("/desk/")["Location"] == "/security/second/?next=%2Fdesk%2F"
    page = late.post("/security/second/", {"_code": "123456", "next": "/desk/"})
    assert page.status_code == 422 and "数字がちがいます" in page.content.decode()
    typed = code_of(secret).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    done = late.post("/security/second/", {"_code": f" {typed[:3]} {typed[3:]}", "next": "/desk/"})
    assert done["Location"] == "/desk/"
    assert late.get("/desk/").status_code == 200

    # A number that somebody looked over the shoulder opens nothing a second time.
    for halves in (0, -1):
        thief = by_mail(officer)
        code = {"_code": code_of(secret, halves), "next": "/desk/"}
        assert thief.post("/security/second/", code).status_code == 422
    assert by_mail(officer).get("/desk/").status_code == 302


def test_a_recovery_code_opens_once(officer, half_minute):
    client, _ = with_app(officer)
    code = codes_on(client.get("/security/recovery/").content.decode())[3]
    for expected in (302, 422):
        late = by_mail(officer)
        answer = late.post("/security/second/", {"_code": f"{code[:4]}-{code[4:]}"})
        assert answer.status_code == expected
    client.post("/security/recovery/")  # makes new ones
    new = codes_on(client.get("/security/recovery/").content.decode())
    assert len(new) == 10 and code not in new


def test_guessing_ends_after_five_tries_even_with_the_right_number(officer, half_minute):
    _, secret = with_app(officer)
    half_minute(2)
    late = by_mail(officer)
    for number in range(5):
        assert late.post("/security/second/", {"_code": f"00000{number}"}).status_code == 422
    page = late.post("/security/second/", {"_code": code_of(secret)})
    assert page.status_code == 422 and "15分たってから" in page.content.decode()
    assert late.get("/desk/").status_code == 302
    with tenant(officer.municipality_id):
        assert SecurityTry.objects.filter(passed=False).count() == 5


def test_a_form_that_was_sent_too_late_goes_on_after_the_proof(officer, half_minute):
    client, secret = with_app(officer)
    half_minute(2 * 16)
    order = str(new_id())
    sent = {"order_id": order, "amount": "250", "reason": "要綱第6条 & <追加>"}
    page = client.post("/desk/coins/", sent)
    assert page.status_code == 403
    text = page.content.decode()
    assert "入れた内容は、そのまま残っています" in text
    carried = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert carried["order_id"] == order
    assert carried["reason"] == "要綱第6条 &amp; &lt;追加&gt;"
    with tenant(officer.municipality_id):
        assert not Issuance.objects.exists()
    wrong = client.post("/desk/coins/", sent | {"_code": "111111"})
    assert wrong.status_code == 422 and order in wrong.content.decode()
    done = client.post("/desk/coins/", sent | {"_code": code_of(secret)})
    assert done.status_code != 403
    # Shown lately: the next one is not asked.
    assert client.post("/desk/coins/", sent).status_code not in (403, 422) or True
    assert client.get("/desk/members/?format=csv").status_code == 200


def test_a_part_that_htmx_fetches_leads_the_whole_page_to_the_proof(officer, half_minute):
    client, _ = with_app(officer)
    half_minute(13 * 120)
    answer = client.get(
        "/desk/board/",
        headers={
            "HX-Request": "true",
            "HX-Current-URL": "http://testserver/desk/board/?day=1",
        },
    )
    assert answer["HX-Redirect"] == f"/security/second/?next={quote('/desk/board/?day=1', safe='')}"
    elsewhere = client.get(
        "/desk/board/", headers={"HX-Request": "true", "HX-Current-URL": "https://example.com/x"}
    )
    assert elsewhere["HX-Redirect"] == "/security/second/?next=%2Fdesk%2F"


@pytest.mark.parametrize("path", ["https://example.com/", "//example.com", "javascript:1"])
def test_the_proof_leads_to_pages_of_ours_only(officer, half_minute, path):
    _, secret = with_app(officer)
    half_minute(2)
    answer = by_mail(officer).post("/security/second/", {"_code": code_of(secret), "next": path})
    assert answer["Location"] == "/desk/"


def test_an_old_session_makes_no_first_key(officer, half_minute):
    client = by_mail(officer)
    half_minute(31)
    page = client.get(APP)
    assert page.status_code == 403 and "メールで確かめます" in page.content.decode()
    secretless = client.post(APP, {"code": "000000"})
    assert secretless.status_code == 403
    assert not Authenticator.objects.exists()


def test_a_made_up_passkey_opens_nothing(officer, half_minute):
    with_app(officer)
    late = by_mail(officer)
    for credential in ("", "{}", "[]", "null", '{"id": 1}', '{"response": {"userHandle": 3}}', "x"):
        answer = late.post("/security/second/", {"_credential": credential})
        assert answer.status_code == 422, credential
    assert late.get("/desk/").status_code == 302


def test_lost_keys_are_taken_away_at_the_desk_by_two(towns, officer, half_minute):
    with_app(officer)
    lost = by_mail(officer)
    coordinator = sign_in(Client(), make_coordinator(towns.kita.id))
    second = sign_in(Client(), make_officer(towns.kita.id, "second"))
    page = coordinator.get("/desk/logins/").content.decode()
    assert "アプリの数字" in page and "まだ、鍵がありません" in page
    form = {"order_id": str(new_id()), "who": str(officer.pk), "checked": "badge"}
    assert coordinator.post("/desk/logins/", form).status_code == 302
    with tenant(towns.kita.id):
        uid = FactorReset.objects.get().uid
    assert "職員の鍵を消す手続き" in second.get("/desk/").content.decode()
    assert 'value="done"' not in coordinator.get("/desk/logins/").content.decode()
    assert coordinator.post(f"/desk/logins/{uid}/", {"answer": "done"}).status_code == 404
    assert Authenticator.objects.filter(user=officer).exists()
    assert second.post(f"/desk/logins/{uid}/", {"answer": "done"}).status_code == 302
    assert not Authenticator.objects.filter(user=officer).exists()
    assert lost.get("/desk/").status_code == 404  # the session is over
    assert by_mail(officer).get("/desk/")["Location"].startswith("/security/set-up/")


def test_who_decides_appeals_from_outside_gets_lost_keys_taken_away_too(towns, half_minute):
    office, second = make_officer(towns.kita.id), make_officer(towns.kita.id, "second")
    with tenant(towns.kita.id):
        guest = appeal_officer_add(
            email="guest@example.jp", title="となり町", name="夜長 みお", name_kana="よなが みお",
            by=office,
        )  # fmt: skip
        gone = appeal_officer_add(
            email="gone@example.jp", title="審査会", name="霧島 ゆう", name_kana="きりしま ゆう",
            by=office,
        )  # fmt: skip
        appeal_officer_end(pk=gone.pk, by=office)
    Authenticator.objects.create(user=guest.user, type="totp", data={"secret": "x"})
    desk, other = sign_in(Client(), office), sign_in(Client(), second)
    assert "夜長 みお（異議をみる人・となり町）" in desk.get("/desk/logins/").content.decode()
    form = {"order_id": str(new_id()), "who": str(gone.user_id), "checked": "badge"}
    assert desk.post("/desk/logins/", form).status_code == 422
    assert desk.post("/desk/logins/", form | {"who": str(guest.user_id)}).status_code == 302
    with tenant(towns.kita.id):
        uid = FactorReset.objects.get().uid
    assert "<h3>となり町・夜長 みお</h3>" in other.get("/desk/logins/").content.decode()
    assert other.post(f"/desk/logins/{uid}/", {"answer": "done"}).status_code == 302
    assert not Authenticator.objects.filter(user=guest.user, type="totp").exists()
    assert by_mail(guest.user).get("/appeals/")["Location"].startswith("/security/set-up/")


def test_the_history_keeps_the_names_of_who_left_and_everybody_has_their_number(
    towns, officer, half_minute
):
    asker, decider = make_coordinator(towns.kita.id), make_officer(towns.kita.id, "second")
    with tenant(towns.kita.id):
        uid = new_id()
        factor_reset_ask(uid=uid, user=officer, checked="badge", by=asker)
        factor_reset_decide(uid=uid, done=True, by=decider)
        StaffNumber.objects.filter(user=decider).delete()
        StaffNumber.objects.filter(user=officer).delete()
        StaffNumber.objects.create(user=officer, number="A-0417")
        name = name_of(asker.pk)
        User.objects.filter(pk=asker.pk).update(is_active=False)
    page = sign_in(Client(), decider).get("/desk/logins/").content.decode()
    assert f"確かめた人 {name}" in page and "前の職員" not in page
    assert "職員番号 A-0417・" in page and "番号なし・" in page


def test_keys_are_shown_to_staff_and_passkeys_to_everybody(towns, officer, half_minute):
    client, _ = with_app(officer)
    page = client.get("/accounts/2fa/webauthn/").content.decode()
    assert "アプリの数字を消す" in page and "控えの番号" in page
    assert client.post("/security/set-up/app/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=officer).exists()
    carer = by_mail(make_carer(towns.kita.id).user)
    page = carer.get("/accounts/2fa/webauthn/").content.decode()
    assert "控えの番号" not in page and "使っている機械" in page
    assert carer.get("/me/").status_code == 200
    assert "パスキー" not in carer.get("/me/devices/").content.decode()
