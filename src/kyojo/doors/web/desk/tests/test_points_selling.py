"""チケットを売る at the desk: a last look, once, and a list that the accounts can add up."""

import csv
import io
import re
from datetime import date

import pypdf
import pytest

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import FeePayment, Movement, PaperTicket
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.rules.presets import preset
from kyojo.help.support.tests.cast import KITA, MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from ..words import ACTIONS
from .points_cast import acts, text

pytestmark = pytest.mark.django_db
FEES = """
[[fees]]
name = "年会費"
yen = 1200
each = "year"

[[fees]]
name = "入会金"
yen = 500
each = "joining"
"""
TICKET = "/desk/points/ticket"
SALES, PAPERS, FEE = f"{TICKET}/sales/", f"{TICKET}/papers/", f"{TICKET}/fees/"


@pytest.fixture
def person(office):
    """A member of a town with tickets and fees, notes, passbooks, invoices, hours."""
    install(MIDORI, "ticket", document=preset("ticket") + FEES)
    for code in ("exchange", "paid-passbook", "paid-invoice", "time", "yokohama"):
        install(MIDORI, code)
    return office.cast.second


def pdf_text(content: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def rows():
    with tenant(MIDORI):
        return [
            list(table.objects.order_by("pk").values())
            for table in (Movement, PaperTicket, FeePayment)
        ]


def available(person, code="ticket"):
    with tenant(MIDORI):
        return selectors.wallet(selectors.ruled(code).programme, person).available


def sale(person, **fields):
    return {
        "order_id": str(new_id()),
        "member": person.number,
        "amount": "１０枚",
        "reference": "領収 31",
        "step": "send",
    } | fields


def sold(person, amount=5, code="ticket"):
    with tenant(MIDORI):
        return services.units_buy(
            uid=new_id(),
            programme_code=code,
            person=person,
            amount=amount,
            reference="領収 7",
            by=make_officer(MIDORI),
        )


# --- sales ----------------------------------------------------------------------------------------


def test_a_sale_is_looked_at_and_then_done_once(office, person):
    client = office.client(office.office)
    form = client.get(f"{SALES}new/?member={person.number}")
    assert f'value="{person.number}"' in text(form)
    assert "1枚800円です" in text(form)
    data = sale(person)
    check = client.post(f"{SALES}new/", data | {"step": "check"})
    for said in (person.name, "10枚", "8,000円", "領収 31", "8,000円の受け取りを記録する"):
        assert said in text(check)
    assert available(person) == 0 and rows()[0] == []
    changed = client.post(f"{SALES}new/", data | {"step": "change"})
    assert (changed.status_code, 'value="領収 31"' in text(changed)) == (200, True)
    for _ in range(2):
        answer = client.post(f"{SALES}new/", data, follow=True)
        assert answer.redirect_chain[-1][0] == f"{SALES}{data['order_id']}/"
    page = text(answer)
    assert "前に記録ずみです" in page and "8,000円" in page and person.kana in page
    assert f"{PAPERS}new/?member={person.number}&amp;amount=10" in page
    again = client.post(f"{SALES}new/", data | {"amount": "9"})
    assert (again.status_code, "ちがう内容がもう一度送られました" in text(again)) == (422, True)
    assert available(person) == 10
    [act] = acts("units_sold")
    assert (act.actor, act.note) == (office.office, "ticket 10 領収 31")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"member": ""}, "会員を入れてください"),
        ({"member": "M-99999999"}, "見つかりません"),
        ({"member": "10\0012"}, "会員"),  # PostgreSQL knows no NUL
        ({"amount": ""}, "枚数を入れてください"),
        ({"amount": "0"}, "1から1,000の数字で"),
        ({"amount": "1001"}, "1から1,000の数字で"),
        ({"amount": "1.5"}, "1から1,000の数字で"),
        ({"reference": " "}, "領収の番号を入れてください"),
        ({"reference": "x" * 61}, "60文字までにしてください"),
        ({"order_id": "x"}, "ページが古くなりました"),
    ],
)
@pytest.mark.parametrize("step", ["check", "send"])
def test_what_cannot_be_sold_is_said_and_sells_nothing(office, person, fields, said, step):
    answer = office.client(office.office).post(f"{SALES}new/", sale(person, step=step) | fields)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert rows()[0] == []


def test_whoever_is_found_by_a_name_is_chosen_before_the_look(office, person):
    client = office.client(office.office)
    data = sale(person, member=person.family_name, step="check")
    asked = client.post(f"{SALES}new/", data)
    assert (asked.status_code, "この人でよいか確かめて" in text(asked)) == (422, True)
    check = client.post(f"{SALES}new/", data | {"person": str(person.uid)})
    page = check.content.decode()
    assert f'name="person" value="{person.uid}"' in page
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    client.post(f"{SALES}new/", hidden | {"step": "send"})
    assert available(person) == 10


def test_money_goes_into_a_passbook_yen_by_yen(office, person):
    client = office.client(office.office)
    path = "/desk/points/paid-passbook/sales/"
    assert "通帳に入金する" in text(client.get(path))
    form = text(client.get(f"{path}new/"))
    assert "受け取った金額（円）" in form and "1回に100,000円までです" in form
    assert client.post(f"{path}new/", sale(person, amount="100001")).status_code == 422
    answer = client.post(f"{path}new/", sale(person, amount="12,000円"), follow=True)
    assert "12,000円" in text(answer) and "紙の券にする" not in text(answer)
    assert available(person, "paid-passbook") == 12_000


def test_what_is_not_sold_has_no_page(office, person):
    client = office.client(office.officer)
    for code in ("paid-invoice", "time", "yokohama", "nothing"):
        for path in ("sales/", "sales/new/", f"sales/{new_id()}/", "papers/", "papers/take/"):
            answer = client.get(f"/desk/points/{code}/{path}")
            assert (code, path, answer.status_code) == (code, path, 404)
    for path in ("papers/", "papers/new/", "fees/", "fees/new/"):
        assert client.get(f"/desk/points/paid-passbook/{path}").status_code == 404
    sold_here = sold(person)
    assert client.get(f"/desk/points/exchange/sales/{sold_here.uid}/").status_code == 404


def test_the_list_adds_up_by_month(office, person):
    with clock.frozen(clock.at(date(2026, 9, 30), 23)):
        sold(person, 2)
    with clock.frozen(clock.at(date(2026, 10, 1), 0)):
        sold(person, 3)
        sold(person, 4)
    with clock.frozen(clock.at(date(2026, 3, 31), 12)):
        sold(person, 9)
    client = office.client(office.office)
    page = text(client.get(SALES))
    assert "月ごとの合計・2026年度（令和8年度）・7,200円" in page
    assert ">5,600<" in page and ">1,600<" in page
    october = text(client.get(f"{SALES}?month=2026-10"))
    assert "2件・5,600円" in october
    assert "1件・7,200円" in text(client.get(f"{SALES}?year=2025"))
    for kind in ("xlsx", "csv", "sjis"):
        answer = client.get(f"{SALES}?month=2026-10&format={kind}")
        assert answer["Content-Disposition"].startswith("attachment"), kind
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("cp932"))))
    assert {(line["月"], line["会員番号"], line["領収の番号"]) for line in lines} == {
        ("2026-10", person.number, "領収 7")
    }
    assert sum(int(line["円"]) for line in lines) == 5600


def test_a_slip_is_taken_back_with_its_reason_and_a_minus(office, person):
    with clock.frozen(clock.at(date(2026, 10, 1), 12)):
        one, used = sold(person, 3), sold(person, 2)
    client = office.client(office.office)
    path = f"{SALES}{one.uid}/"
    assert client.get(f"{path}void/").status_code == 404
    assert client.post(f"{path}void/", {"reason": " "}).status_code == 422
    assert available(person) == 5
    for _ in range(2):
        answer = client.post(f"{path}void/", {"reason": "枚数をまちがえた"}, follow=True)
        assert "この記録は、取り消しました" in text(answer)
        assert "この記録を取り消す" not in text(answer)
    assert available(person) == 2
    page = text(client.get(SALES))
    assert "3件・1,600円" in page and ">-2,400<" in page and ">4,000<" in page
    lines = client.get(f"{SALES}?format=csv").content.decode("utf-8-sig")
    assert ",-3,-2400,領収 7,取り消し," in lines
    assert [act.note for act in acts("sale_voided")] == ["ticket 領収 7 枚数をまちがえた"]
    with tenant(MIDORI):
        services.papers_print(
            uid=new_id(), programme_code="ticket", person=person, amount=1, by=office.office
        )
    before = rows()
    refused = client.post(f"{SALES}{used.uid}/void/", {"reason": "x"})
    assert (refused.status_code, "紙の券にしています" in text(refused)) == (422, True)
    assert client.post(f"{SALES}{new_id()}/void/", {"reason": "x"}).status_code == 404
    assert rows() == before


# --- papers ---------------------------------------------------------------------------------------


def test_tickets_are_printed_taken_in_and_made_void(office, person):
    sold(person, 4)
    client, order = office.client(office.office), str(new_id())
    data = {"order_id": order, "member": person.number, "amount": "3"}
    for _ in range(2):
        answer = client.post(f"{PAPERS}new/", data, follow=True)
    assert answer.redirect_chain[-1][0] == f"{PAPERS}printed/{order}/"
    assert "1番から3番" in text(answer)
    sheet = client.get(f"{PAPERS}printed/{order}/0.pdf")
    words = pdf_text(sheet.content)
    assert sheet["Content-Type"] == "application/pdf" and sheet["Cache-Control"] == "no-store"
    assert all(f"No. {n}" in words for n in (1, 2, 3)) and "期限はありません" in words
    assert person.family_name not in words
    with tenant(MIDORI):
        token = PaperTicket.objects.get(number=2).token
    take = {"order_id": str(new_id()), "member": office.cast.supporter.number, "paper": token}
    for _ in range(2):
        answer = client.post(f"{PAPERS}take/", take, follow=True)
        assert "2番の券を" in text(answer)
        assert f'value="{office.cast.supporter.number}"' in text(answer)
    used = client.post(f"{PAPERS}take/", take | {"order_id": str(new_id())})
    assert (used.status_code, "受け取りずみです" in text(used)) == (422, True)
    assert (available(person), available(office.cast.supporter)) == (1, 1)
    for reason, status in (("", 422), ("落とした", 302)):
        assert client.post(f"{PAPERS}3/", {"reason": reason}).status_code == status
    voided = client.post(f"{PAPERS}take/", take | {"order_id": str(new_id()), "paper": "3"})
    assert "無効にしてあります" in text(voided)
    listed = text(client.get(PAPERS))
    assert "出ている券は、ぜんぶで1枚" in listed and "もどった" in listed and "無効" in listed
    assert "3番" in text(client.get(f"{PAPERS}?state=void"))
    assert "1枚・" in text(client.get(f"{PAPERS}?words=2"))
    assert "No. 2" not in pdf_text(client.get(f"{PAPERS}printed/{order}/0.pdf").content)
    assert client.get(f"{PAPERS}9/").status_code == 404
    lines = client.get(f"{PAPERS}?format=csv").content.decode("utf-8-sig")
    assert token not in lines and lines.count("\r\n") == 4
    with tenant(MIDORI):
        assert not Act.objects.filter(note__contains=token).exists()


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("new/", {"amount": "5"}, "いま使えるのは4枚です"),
        ("new/", {"amount": "101"}, "1から100の数字で"),
        ("new/", {"amount": ""}, "印刷する枚数を入れてください"),
        ("take/", {"paper": "7"}, "見つかりません"),
        ("take/", {"paper": ""}, "券の番号か、QRコードを入れてください"),
        ("take/", {"paper": "1", "member": "x"}, "見つかりません"),
    ],
)
def test_what_cannot_be_printed_or_taken_is_said(office, person, path, fields, said):
    sold(person, 4)
    before = rows()
    data = {"order_id": str(new_id()), "member": person.number} | fields
    answer = office.client(office.office).post(PAPERS + path, data)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert rows() == before


def test_tickets_that_end_on_other_days_are_on_papers_of_their_own(office, person):
    with clock.frozen(clock.at(date(2026, 3, 1), 9)):
        sold(person, 1, "exchange")
    sold(person, 1, "exchange")
    client, order = office.client(office.office), str(new_id())
    path = "/desk/points/exchange/papers/"
    data = {"order_id": order, "member": person.number, "amount": "2"}
    page = text(client.post(f"{path}new/", data, follow=True))
    for vintage, number, until in ((2026, 1, "2027年3月31日まで"), (2027, 2, "2028年3月31日まで")):
        address = f"{path}printed/{order}/{vintage}.pdf"
        assert address in page and until in page
        words = pdf_text(client.get(address).content)
        assert f"No. {number}" in words and until in words
        assert f"No. {3 - number}" not in words
    assert client.get(f"{path}printed/{order}/0.pdf").status_code == 404


# --- fees and the beginning -----------------------------------------------------------------------


def test_who_has_not_paid_is_seen_and_a_payment_is_written_down(office, person):
    sold(person)
    client = office.client(office.office)
    page = text(client.get(FEE))
    assert "受け取りずみ0件（0円）・まだ2件" in page
    link = f"{FEE}new/?year=2026&amp;member={person.number}&amp;name="
    assert link in page
    assert text(client.get(f"{FEE}new/?member={person.number}&name=入会金")).count(" checked") == 1
    data = {
        "order_id": str(new_id()),
        "member": person.number,
        "name": "年会費",
        "year": "2026",
        "reference": "領収 40",
    }
    for _ in range(2):
        answer = client.post(f"{FEE}new/", data, follow=True)
    assert "年会費 1,200円の受け取りを記録しました" in text(answer)
    assert "受け取りずみ1件（1,200円）・まだ1件" in text(answer)
    twice = client.post(f"{FEE}new/", data | {"order_id": str(new_id())})
    assert (twice.status_code, "番号 領収 40" in text(twice)) == (422, True)
    for fields in ({"name": "寄付"}, {"year": "1999"}, {"reference": ""}, {"member": ""}):
        wrong = client.post(f"{FEE}new/", data | {"order_id": str(new_id())} | fields)
        assert (fields, wrong.status_code) == (fields, 422)
    assert "まだ1件" in text(client.get(f"{FEE}?state=unpaid"))
    lines = client.get(f"{FEE}?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3 and "領収 40" in lines[1] + lines[2]
    assert len(acts("fee_paid")) == 1


def test_the_office_begins_for_a_member(office, person):
    client = office.client(office.coordinator)
    path = f"/desk/points/time/members/{person.uid}/start/"
    member = f"/desk/points/members/{person.uid}/"
    assert path in text(client.get(member))
    assert "60分" in text(client.get(path))
    assert client.post(path, {}).status_code == 422
    assert available(person, "time") == 0
    for _ in range(2):
        assert client.post(path, {"basis": "phone"})["Location"] == member
    assert available(person, "time") == 60
    assert path not in text(client.get(member))
    assert "もうはじめています" in text(client.get(path))
    assert [act.basis for act in acts("circulation_started")] == ["phone"]
    for code in ("ticket", "nothing"):
        answer = client.get(f"/desk/points/{code}/members/{person.uid}/start/")
        assert answer.status_code == 404


# --- who may stand where --------------------------------------------------------------------------


def test_only_the_staff_of_the_town_find_these_pages(office, person):
    one = sold(person, 4)
    with tenant(MIDORI):
        order = services.papers_print(
            uid=new_id(),
            programme_code="ticket",
            person=person,
            amount=1,
            by=make_officer(MIDORI),
        ).uid
    paths = [
        *(SALES, f"{SALES}new/", f"{SALES}{one.uid}/", FEE, f"{FEE}new/"),
        *(PAPERS, f"{PAPERS}new/", f"{PAPERS}take/", f"{PAPERS}1/", f"{PAPERS}printed/{order}/"),
        f"{PAPERS}printed/{order}/0.pdf",
        f"/desk/points/time/members/{person.uid}/start/",
    ]
    for user in (office.officer, office.coordinator, office.office):
        for path in paths:
            assert (path, office.client(user).get(path).status_code) == (path, 200)
    before = rows()
    pressed = f"{SALES}{one.uid}/void/"
    sent = sale(person) | {"paper": "1", "reason": "x", "basis": "phone", "name": "年会費"}
    strangers = (None, person.user, office.cast.carer.user, make_officer(KITA))
    for user in strangers:
        client = office.client(user)
        unknown = client.get("/desk/nothing/here/").content
        for path in paths:
            for answer in (client.get(path), client.post(path, sent)):
                found = (path, answer.status_code, answer.content == unknown)
                assert found == (path, 404, True)
        assert client.post(pressed, sent).status_code == 404
    assert rows() == before


def test_everything_on_record_has_words(office, person):
    names = {
        *("units_sold", "sale_opened", "papers_printed", "paper_taken_in", "paper_voided"),
        *("sale_voided", "fee_paid", "circulation_started", "handing_mismatched"),
    }
    assert names <= ACTIONS.keys()
    page = text(office.client(office.office).get("/desk/points/"))
    for path in (SALES, PAPERS, FEE, "/desk/points/paid-passbook/sales/"):
        assert f'href="{path}"' in page
