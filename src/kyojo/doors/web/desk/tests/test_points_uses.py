"""Stock, leaving, the office's account and what was paid, at the desk."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Movement, OfficeAccount, Redemption, Stock
from kyojo.civic.earnings.testing import install, stand
from kyojo.civic.earnings.tests.uses_cast import MEAL, PRODUCT, gifts
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.papers import zengin
from kyojo.help.support.tests.cast import KITA, MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .points_cast import BASE, acts, asked, available, elder, helped, text
from .test_points_applications import BANK, LIST, SENDER

pytestmark = pytest.mark.django_db
STOCK = "/desk/points/sanjo/stock/"
ACCOUNT = f"{BASE}/account/"
PAID = f"{LIST}paid/"
OUR_ACCOUNT = {name: value for name, value in SENDER.items() if not name.startswith("pay_on")}
PAYEE = {
    "bank": "0001",
    "bank_kana": "ミホン",
    "branch": "001",
    "branch_kana": "ホンテン",
    "kind": "1",
    "number": "7777777",
    "holder_kana": "クモイ アキラ",
}
DAY = {"day_year": "2026", "day_month": "11", "day_day": "10"}


def rows(table):
    with tenant(MIDORI):
        return list(table.objects.order_by("pk").values())


# --- stock ----------------------------------------------------------------------------------------


def test_the_office_counts_its_gifts(office):
    gifts(MIDORI)
    client = office.client(office.coordinator)
    assert 'href="/desk/points/sanjo/stock/"' in client.get("/desk/points/").content.decode()
    assert "いまは、限りなし" in text(client.get(STOCK))
    for _ in range(2):
        answer = client.post(STOCK, {"item": "0", "seen": "", "left": "１２"}, follow=True)
    page = text(answer)
    assert "いまの残り 12" in page and f"{PRODUCT} 限りなし→12" in page
    assert len(acts("stock_set")) == 1 and "品物の残りを記録した" in text(client.get("/desk/acts/"))
    stale = client.post(STOCK, {"item": "0", "seen": "", "left": "5"})
    assert (stale.status_code, "12に変わりました" in text(stale)) == (422, True)
    for fields, status in (
        ({"item": "0", "seen": "12", "left": "多い"}, 422),
        ({"item": "9", "seen": "", "left": "1"}, 404),
        ({"item": "x", "left": "1"}, 422),
    ):
        assert client.post(STOCK, fields).status_code == status
    assert [(row["name"], row["left"]) for row in rows(Stock)] == [(PRODUCT, 12)]
    client.post(STOCK, {"item": "2", "seen": "", "left": "0"})
    assert "いまは、品切れ" in text(client.get(STOCK)) and rows(Stock)[1]["name"] == MEAL
    client.post(STOCK, {"item": "0", "seen": "12", "left": ""})
    assert len(rows(Stock)) == 1


def test_a_programme_without_items_has_no_stock_and_no_other_town_sees_one(office):
    elder(office)
    gifts(MIDORI)
    assert office.client(office.officer).get(f"{BASE}/stock/").status_code == 404
    for user in (office.cast.kita_officer, office.cast.mother.user, None):
        client = office.client(user)
        for answer in (client.get(STOCK), client.post(STOCK, {"item": "0", "left": "1"})):
            assert answer.status_code == 404
    assert not rows(Stock)


# --- the office's account -------------------------------------------------------------------------


def test_the_account_is_typed_once(office):
    person = elder(office)
    helped(person, 2)
    for one in (asked(person), asked(person)):
        with tenant(MIDORI):
            services.redemption_approve(uid=one.uid, by=office.officer)
    client = office.client(office.officer)
    assert "委託者コード" in text(client.get(BANK))
    assert client.post(BANK, SENDER).status_code == 200 and not rows(OfficeAccount)
    answer = client.post(BANK, SENDER | {"keep": "on"})
    assert answer["Content-Disposition"].startswith("attachment")
    assert [act.actor for act in acts("office_account_set")] == [office.officer]
    page = text(client.get(BANK))
    assert "振り込む側の口座" in page and "下2けた 21" in page and "7654321" not in page
    when = {name: value for name, value in SENDER.items() if name.startswith("pay_on")}
    said = zengin.read(client.post(BANK, when).content)
    assert (said.sender.code, said.sender.account_number, said.total_yen) == (
        "0000012345",
        "7654321",
        400,
    )


def test_an_officer_keeps_and_changes_the_account(office):
    elder(office)
    client = office.client(office.officer)
    assert "振込元の口座" in text(client.get(LIST))
    wrong = client.post(ACCOUNT, OUR_ACCOUNT | {"bank": "12", "sender_name": "山田"})
    assert wrong.status_code == 422 and set(wrong.context["form"].errors) == {"bank", "sender_name"}
    assert not rows(OfficeAccount)
    for _ in range(2):
        assert client.post(ACCOUNT, OUR_ACCOUNT).status_code == 302
    assert len(acts("office_account_set")) == 1
    assert not acts("office_account_opened")
    second = office.client(office.second).get(ACCOUNT)
    assert 'value="7654321"' in second.content.decode()
    assert [act.actor for act in acts("office_account_opened")] == [office.second]
    before = rows(OfficeAccount)
    for user in (office.coordinator, office.office, office.cast.kita_officer, None):
        other = office.client(user)
        for answer in (other.get(ACCOUNT), other.post(ACCOUNT, OUR_ACCOUNT | {"account": "1"})):
            assert answer.status_code == 404
    assert rows(OfficeAccount) == before


# --- many done at once ----------------------------------------------------------------------------


def states():
    return [row["state"] for row in rows(Redemption)]


def approved(office, person, count, use="cash", **fields):
    ones = [asked(person, 200, use, **fields) for _ in range(count)]
    with tenant(MIDORI):
        for one in ones:
            services.redemption_approve(uid=one.uid, by=office.officer)
    return ones


def test_the_ticked_ones_are_done_together(office):
    person = elder(office)
    helped(person, 4)
    ones = approved(office, person, 3, "donation", detail="子どもの居場所")
    client = office.client(office.officer)
    assert f'href="{PAID}"' in client.get(LIST).content.decode()
    for fields in ({"reference": "1"}, {"chosen": [str(ones[0].uid)], "reference": " "}):
        assert client.post(PAID, fields).status_code == 422
    waiting = asked(person)
    unknown = client.post(PAID, {"chosen": [str(ones[0].uid), str(waiting.uid)], "reference": "1"})
    assert (unknown.status_code, "変わりました" in text(unknown)) == (422, True)
    assert states() == ["approved"] * 3 + ["asked"]
    fields = {"chosen": [str(one.uid) for one in ones[:2]], "reference": "寄付 12"}
    assert "2件の完了を記録しました" in text(client.post(PAID, fields, follow=True))
    assert "もう記録してあります" in text(client.post(PAID, fields, follow=True))
    assert states() == ["done", "done", "approved", "asked"]
    assert len(acts("redemption_done")) == 2


def test_all_of_the_banks_file_are_done_together(office):
    person = elder(office)
    helped(person, 4)
    approved(office, person, 2)
    client = office.client(office.officer)
    assert "振込ファイルの全部" not in text(client.get(PAID))
    client.post(BANK, SENDER)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        approved(office, person, 1)  # after the file
        page = client.get(PAID)
        assert "振込ファイルの全部（2件・400円）" in text(page)
        value = page.context["form"].fields["which"].choices[0][0]
        fields = {"which": value, "reference": "総振 7"}
        stale = client.post(PAID, fields | {"which": "file-1-9-9"})
        assert (stale.status_code, states()) == (422, ["approved"] * 3)
        for said in ("2件の完了を記録しました", "もう記録してあります"):
            assert said in text(client.post(PAID, fields, follow=True))
    assert states() == ["done", "done", "approved"]
    assert {row["reference"] for row in rows(Redemption)} == {"総振 7", ""}


def test_only_officers_of_the_town_say_what_was_paid(office):
    person = elder(office)
    helped(person, 1)
    (one,) = approved(office, person, 1)
    fields = {"chosen": [str(one.uid)], "reference": "1"}
    for user in (office.coordinator, office.office, office.cast.kita_officer, person.user, None):
        client = office.client(user)
        for answer in (client.get(PAID), client.post(PAID, fields)):
            assert answer.status_code == 404
    assert states() == ["approved"]


# --- leaving --------------------------------------------------------------------------------------


def leaving(person):
    return f"/desk/points/members/{person.uid}/leaving/"


def with_tickets(office):
    person = elder(office)
    install(MIDORI, "ticket")
    helped(person, 1)
    with tenant(MIDORI):
        services.units_buy(
            uid=new_id(),
            programme_code="ticket",
            person=person,
            amount=2,
            reference="領収 1",
            by=office.officer,
        )
    return person


def order_of(answer):
    return str(answer.context["form"]["order_id"].value())


def test_who_leaves_is_settled_after_a_look(office):
    person = with_tickets(office)
    client = office.client(office.officer)
    path = leaving(person)
    assert f'href="{path}"' in client.get(f"/desk/points/members/{person.uid}/").content.decode()
    assert "どちらですか" in text(client.get(path))
    page = client.get(f"{path}?event=leaving")
    said = text(page)
    for words in ("消えて、町にもどります", "本人にお金で払います", "1,300円", "転出のきまり"):
        assert words in said
    assert not rows(Redemption) and available(person) == 200
    fields = {"event": "leaving", "order_id": order_of(page), "ties": ["works"], **DAY}
    for missing in (fields | PAYEE, fields | {"confirm": "on"}):
        assert client.post(path, missing).status_code == 422
    assert not rows(Redemption) and available(person) == 200
    for _ in range(2):
        answer = client.post(path, fields | PAYEE | {"confirm": "on"}, follow=True)
        said = text(answer)
        assert answer.status_code == 200 and "ほかの職員の承認を待っています" in said, said
        assert "本人にお金で払います" in said and "申請 P-" in said
    (one,) = rows(Redemption)
    assert (one["state"], one["value_yen"], available(person)) == ("asked", 1300, 0)
    assert len(acts("points_leaving")) == 1 and len(rows(Movement)) == 2
    with tenant(MIDORI):
        row = selectors.standings([person.pk])[person.pk][-1]
    assert (row.since, row.lives, row.works) == (date(2026, 11, 10), False, True)
    own = client.post(f"/desk/points/ticket/applications/{one['uid']}/approve/")
    assert own.status_code == 409
    with tenant(MIDORI):
        services.redemption_approve(uid=one["uid"], by=office.second)
    assert states() == ["approved"]


def test_after_a_death_nobody_is_tied_to_the_town(office):
    person = elder(office)
    helped(person, 1)
    client = office.client(office.officer)
    page = client.get(f"{leaving(person)}?event=death")
    assert "口座番号" not in text(page) and "亡くなった日" in text(page)
    fields = {
        "event": "death",
        "order_id": order_of(page),
        "confirm": "on",
        "ties": ["works"],
        **DAY,
    }
    answer = client.post(leaving(person), fields, follow=True)
    assert "消えて、町にもどります" in text(answer) and available(person) == 0
    with tenant(MIDORI):
        row = selectors.standings([person.pk])[person.pk][-1]
    assert not (row.lives or row.works or row.studies)


def test_what_waits_is_decided_first(office):
    person = elder(office)
    helped(person, 1)
    one = asked(person)
    page = text(office.client(office.officer).get(f"{leaving(person)}?event=leaving"))
    assert "先に、承認するか、見送りにしてください" in page and str(one.uid) in page
    assert "使える分は、どの制度にもありません" in page


def test_leaving_is_for_officers_of_the_town(office):
    person = elder(office)
    helped(person, 1)
    fields = {"event": "leaving", "order_id": str(new_id()), "confirm": "on", **DAY}
    left = f"/desk/points/members/{person.uid}/left/?event=leaving&order={new_id()}"
    for user in (office.coordinator, office.office, office.cast.kita_officer, person.user, None):
        client = office.client(user)
        for answer in (
            client.get(leaving(person)),
            client.post(leaving(person), fields),
            client.get(left),
        ):
            assert answer.status_code == 404
    officer = office.client(office.officer)
    assert officer.post(leaving(person), fields | {"event": "x"}).status_code == 404
    for query in ("", "?event=leaving", "?event=leaving&order=x", "?event=x"):
        path = f"/desk/points/members/{person.uid}/left/{query}"
        assert officer.get(path).status_code == 404
    assert available(person) == 200 and not acts("points_leaving")
    with tenant(KITA):
        assert not Movement.objects.exists()


def test_changed_insurance_in_mid_year_is_not_leaving(office):
    person = elder(office)
    helped(person, 1)
    stand(person, "none", since=date(2026, 11, 1))
    assert available(person) == 200
