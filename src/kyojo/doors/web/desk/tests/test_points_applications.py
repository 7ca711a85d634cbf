"""申請 at the desk: approved by another than who asked, paid, and given to the bank as a file."""

import csv
import io
from dataclasses import asdict, replace
from datetime import date

import pytest

from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.services import redemption_approve
from kyojo.civic.earnings.testing import PAYEE
from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Notice
from kyojo.civic.programmes.papers import zengin
from kyojo.help.support.tests.cast import MIDORI
from kyojo.kernel import clock

from .points_cast import BASE, acts, asked, available, elder, everything, helped, text

pytestmark = pytest.mark.django_db
LIST = f"{BASE}/applications/"
BANK = f"{LIST}bank/"
SENDER = {
    "pay_on_year": "2026",
    "pay_on_month": "12",
    "pay_on_day": "10",
    "sender_code": "0000012345",
    "sender_name": "ミドリハマシ カイケイカンリシャ",
    "bank": "０００１",
    "bank_kana": "ミホン",
    "branch": "001",
    "branch_kana": "ミナト",
    "kind": "1",
    "account": "7654321",
}


def path(one, step=""):
    return f"{LIST}{one.uid}/{step}"


def state(one):
    with tenant(MIDORI):
        return Redemption.objects.get(pk=one.pk).state


def test_from_the_queue_to_paid(office):
    person = elder(office)
    helped(person, 3)
    first, second = asked(person), asked(person, 400, "donation", detail="子どもの居場所")
    client = office.client(office.officer)
    assert "ポイントの申請" in text(client.get("/desk/"))
    assert "申請が2件、確認を待っています" in text(client.get("/desk/points/"))
    page = text(client.get(LIST))
    assert page.index(str(first.uid)) < page.index(str(second.uid))
    assert "1234567" not in page
    page = text(client.get(path(first)))
    assert "1234567" in page and "ｸﾓｲ ｱｷﾗ" in page and "承認する" in page
    assert len(acts("redemption_opened")) == 1
    for _ in range(2):
        answer = client.post(path(first, "approve/"), follow=True)
        assert "承認しました" in text(answer) and state(first) == "approved"
    assert len(acts("redemption_approved")) == 1
    before = everything()
    assert client.post(path(first, "done/"), {"reference": ""}).status_code == 422
    assert everything() == before
    for _ in range(2):
        answer = client.post(path(first, "done/"), {"reference": "総振 1201-3"}, follow=True)
        assert "総振 1201-3" in text(answer) and state(first) == "done"
    assert len(acts("redemption_done")) == 1
    assert (available(person), state(second)) == (0, "asked")
    assert "確認を待っています" in text(client.get("/desk/points/"))


def test_a_refusal_needs_its_reason_and_gives_back(office):
    person = elder(office)
    helped(person, 1)
    one = asked(person)
    client = office.client(office.officer)
    before = everything()
    answer = client.post(path(one, "refuse/"), {"note": " "})
    assert (answer.status_code, "見送る理由" in text(answer)) == (422, True)
    early = client.post(path(one, "done/"), {"reference": "1"})
    assert (early.status_code, "「確認待ち」" in text(early)) == (409, True)
    assert everything() == before
    for _ in range(2):
        answer = client.post(path(one, "refuse/"), {"note": "口座名義がちがいます"}, follow=True)
        assert "口座名義がちがいます" in text(answer)
    assert (state(one), available(person)) == ("refused", 200)
    with tenant(MIDORI):
        assert Notice.objects.filter(person=person, kind="redemption").count() == 1
    late = client.post(path(one, "approve/"))
    assert (late.status_code, "「見送り」" in text(late)) == (409, True)
    assert state(one) == "refused"


def test_who_wrote_it_down_does_not_approve(office):
    person = elder(office)
    helped(person, 1)
    one = asked(person, by=office.officer)
    own = office.client(office.officer)
    assert "ほかの職員に承認をたのんで" in text(own.get(path(one)))
    before = everything()
    answer = own.post(path(one, "approve/"))
    assert (answer.status_code, "自分の申請は" in text(answer)) == (409, True)
    assert everything() == before
    assert office.client(office.second).post(path(one, "approve/")).status_code == 302
    assert state(one) == "approved"


def test_the_list_for_accounting_has_no_bank_number(office):
    person = elder(office)
    helped(person, 2)
    one, _ = asked(person), asked(person)
    with tenant(MIDORI):
        redemption_approve(uid=one.uid, by=office.officer)
    client = office.client(office.officer)
    assert "1件・200円" in text(client.get(LIST))
    for kind in ("xlsx", "csv", "sjis"):
        answer = client.get(f"{LIST}?state=approved&format={kind}")
        assert answer["Content-Disposition"].startswith("attachment"), kind
        assert b"1234567" not in answer.content
    rows = list(csv.reader(io.StringIO(answer.content.decode("cp932"))))
    assert rows[0][0] == "受付番号" and len(rows) == 2
    assert rows[1][0].startswith("P-") and "200" in rows[1] and "承認ずみ" in rows[1]
    assert len(client.get(f"{LIST}?use=cash&state=asked").context["rows"]) == 1
    assert len(client.get(f"{LIST}?use=x&state=x&sort=yen").context["rows"]) == 2


def test_the_bank_file(office):
    person = elder(office)
    helped(person, 3)
    ones = [asked(person), asked(person), asked(person, 200, "donation", detail="子どもの居場所")]
    client = office.client(office.officer)
    assert "ありません" in text(client.get(BANK))
    with tenant(MIDORI):
        for one in ones:
            redemption_approve(uid=one.uid, by=office.officer)
    assert "2件・400円" in text(client.get(BANK))
    answer = client.post(BANK, SENDER)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    said = zengin.read(answer.content)
    assert (said.total_yen, len(said.payees), said.on) == (400, 2, (12, 10))
    assert {one.account_number for one in said.payees} == {"1234567"}
    assert said.sender.bank_code == "0001"
    (act,) = acts("bank_file_taken")
    assert act.note == "2件 400円" and act.actor == office.officer
    assert [state(one) for one in ones] == ["approved"] * 3
    assert "振込のファイルを受け取った" in text(client.get("/desk/acts/"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"bank": "12"}, "4けたの数字で入れてください"),
        ({"sender_name": "市長 山田"}, "銀行で使えない文字"),
        ({"account": ""}, "口座番号を入れてください"),
        ({"pay_on_year": "2025"}, "もう過ぎています"),
        ({"kind": "7"}, "1つ選んでください"),
    ],
)
def test_a_bank_file_that_would_be_wrong_is_not_given(office, fields, words):
    person = elder(office)
    helped(person, 1)
    one = asked(person)
    with tenant(MIDORI):
        redemption_approve(uid=one.uid, by=office.officer)
    answer = office.client(office.officer).post(BANK, SENDER | fields)
    assert (answer.status_code, words in text(answer)) == (422, True), text(answer)
    assert not acts("bank_file_taken")


def test_a_payee_whom_the_bank_cannot_read_is_named(office):
    person = elder(office)
    helped(person, 1)
    one = asked(person)
    with tenant(MIDORI):  # as it was written down before it was asked for in kana
        one.payee_encrypted = seal(asdict(replace(PAYEE, holder_kana="雲居 晶")))
        one.save()
        redemption_approve(uid=one.uid, by=office.officer)
    answer = office.client(office.officer).post(BANK, SENDER)
    page = text(answer)
    assert answer.status_code == 422 and "銀行で使えない文字" in page
    assert f'href="{path(one)}"' in page and "1234567" not in page
    assert not acts("bank_file_taken")


def test_an_erased_account_says_so(office):
    person = elder(office)
    helped(person, 1)
    one = asked(person)
    with tenant(MIDORI):
        redemption_approve(uid=one.uid, by=office.officer)
        Redemption.objects.update(payee_encrypted=None)
    client = office.client(office.officer)
    assert "もうありません" in text(client.get(path(one)))
    assert "まだ払っていない現金の申請は、ありません" in text(client.get(BANK))
    with clock.frozen(clock.at(date(2026, 11, 22), 10)):
        assert client.post(BANK, SENDER).status_code == 422
