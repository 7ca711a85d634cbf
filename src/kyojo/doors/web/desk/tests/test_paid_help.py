"""有償の手伝い and 請求書 at the desk: written down after a look, billed, paid, struck out."""

import csv
import io
from datetime import timedelta

import pytest

from kyojo.civic.earnings import services
from kyojo.civic.earnings.models import Invoice, PaidHelp
from kyojo.civic.earnings.testing import install
from kyojo.civic.earnings.tests.paid_cast import fill, wallet, write_down
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.rules.presets import preset
from kyojo.help.support.tests.cast import KITA, MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from ..words import ACTIONS, SUBJECTS
from .points_cast import acts, text

pytestmark = pytest.mark.django_db
CODE = "paid-invoice"
#: More thanks than the minimum wage.
DEAR = (
    preset("paid-cash")
    .replace('code = "paid-cash"', 'code = "paid-dear"')
    .replace('currency = "paid-cash"', 'currency = "paid-dear"')
    .replace("most_yen = 1000", "most_yen = 1500")
)
HELP, INVOICES = f"/desk/points/{CODE}/help/", f"/desk/points/{CODE}/invoices/"


def yesterday():
    return clock.today() - timedelta(days=1)


def members(office, *codes):
    """Two members of みどり浜市, one of whom helps the other."""
    for code in codes or (CODE,):
        install(MIDORI, code)
    return office.cast.supporter, office.cast.second


def typed(helped, helper, **fields):
    day = yesterday()
    return {
        "order_id": str(new_id()),
        "helped": helped.number,
        "helper": helper.number,
        "activity": "garden",
        "day_year": str(day.year),
        "day_month": str(day.month),
        "day_day": str(day.day),
        "start": "10:00",
        "end": "12:00",
        "basis": "paper",
        **fields,
    }


def rows() -> list[object]:
    seen: list[object] = []
    for town in (KITA, MIDORI):
        with tenant(town):
            seen += [list(model.objects.order_by("pk").values()) for model in (PaidHelp, Invoice)]
    return seen


def test_help_is_written_down_after_a_last_look(office):
    helper, helped = members(office)
    client = office.client(office.officer)
    assert f'href="{HELP}"' in client.get("/desk/points/").content.decode()
    assert "この見方に合う手伝いは、ありません" in text(client.get(HELP))
    assert "庭の手入れ（1時間ごとに1,000円）" in text(client.get(f"{HELP}new/"))
    sent = typed(helped, helper)
    look = text(client.post(f"{HELP}new/", sent | {"step": "check"}))
    assert helper.name in look and helped.name in look
    assert "「庭の手入れ」のお礼は1時間ごとに1,000円の決まりなので" in look
    assert "手伝った人に1,700円、事務費に300円がわたります" in look
    assert rows() == [[], [], [], []]
    for _ in range(2):
        answer = client.post(f"{HELP}new/", sent | {"step": "send"}, follow=True)
        assert "手伝いを記録しました" in text(answer)
    with tenant(MIDORI):
        one = PaidHelp.objects.get()
    assert (one.payer_yen, one.recorded_by, one.state) == (2_000, office.officer, "open")
    assert [act.basis for act in acts("paid_help_record")] == ["paper"]
    assert len(acts("paid_help_opened")) == 2
    differs = client.post(f"{HELP}new/", sent | {"step": "send", "end": "13:00"})
    assert (differs.status_code, "ちがう内容がもう一度" in text(differs)) == (422, True)
    listed = text(client.get(f"{HELP}?words={helper.family_name}"))
    assert "払う額 2,000円" in listed and "請求の前" in listed
    assert "ありません" in text(client.get(f"{HELP}?words={helper.family_name}&state=void"))


def test_what_is_wrong_is_said_beside_its_box(office):
    helper, helped = members(office)
    client = office.client(office.officer)
    for change, said in (
        ({"helped": "19999"}, "見つかりません"),
        ({"helper": helped.number}, "別の会員にしてください"),
        ({"activity": ""}, "手伝ったことを選んで"),
        ({"activity": "x"}, "手伝ったことを選んで"),
        ({"end": "10:59"}, "60分に足りない"),
        ({"basis": ""}, "1つ選んでください"),
        ({"order_id": ""}, "ページが古くなりました"),
    ):
        answer = client.post(f"{HELP}new/", typed(helped, helper) | change)
        assert (answer.status_code, said in text(answer)) == (422, True), change
    assert rows() == [[], [], [], []]


def test_thanks_that_reach_the_minimum_wage_are_cautioned(office):
    helper, helped = members(office, "paid-cash")
    Municipality.objects.filter(pk=MIDORI).update(prefecture="沖縄県")
    client, address = office.client(office.officer), "/desk/points/paid-cash/help/new/"
    # The table of wages ends in September.
    september = {"day_month": "9", "day_day": "15", "step": "check"}
    sent = typed(helped, helper, activity="") | september
    quiet = text(client.post(address, sent | {"chosen_yen": "600"}))
    assert "最低賃金" not in quiet and "手伝った人に" in quiet
    install(MIDORI, "paid-dear", document=DEAR)
    loud = text(
        client.post(
            address.replace("paid-cash", "paid-dear"),
            sent | {"chosen_yen": "1500", "order_id": str(new_id())},
        )
    )
    assert "最低賃金をこえています" in loud and "この内容で記録する" in loud


def test_a_month_is_billed_paid_and_told_to_the_accounts(office):
    helper, helped = members(office)
    day = yesterday()
    write_down(helper, helped, CODE, activity="garden", day=day)
    write_down(helped, helper, CODE, activity="errand", day=day, hour=14)
    client = office.client(office.officer)
    month = f"{INVOICES}{day.year}/{day.month}/"
    assert "2人・2件・3,200円" in text(client.get(INVOICES))
    look = client.get(month)
    assert "2通の請求書を出す" in text(look)
    form = look.context["form"]
    due = clock.today() + timedelta(days=20)
    sent = {
        "shown": form["shown"].value(),
        "due_on_year": str(due.year),
        "due_on_month": str(due.month),
        "due_on_day": str(due.day),
    }
    stale = client.post(month, sent | {"shown": "1/1/1"})
    assert (stale.status_code, "記録が変わりました" in text(stale)) == (422, True)
    early = client.post(month, sent | {"due_on_year": "2020"})
    assert (early.status_code, "もう過ぎています" in text(early)) == (422, True)
    assert "2通の請求書を出しました" in text(client.post(month, sent, follow=True))
    assert "もう出してあります" in text(client.post(month, sent, follow=True))
    for no_month in ("2026/11/", "2026/13/", "99999999999/11/"):
        assert client.get(INVOICES + no_month).status_code == 404
    with tenant(MIDORI):
        first, second = Invoice.objects.order_by("number")
    page = f"{INVOICES}{second.uid}/"
    assert "入金を記録する" in text(client.get(page))
    paper = client.get(f"{INVOICES}{second.uid}.pdf")
    assert paper.content.startswith(b"%PDF") and "invoice-" in paper["Content-Disposition"]
    today = clock.today()
    money = {
        "paid_on_year": str(today.year),
        "paid_on_month": str(today.month),
        "paid_on_day": str(today.day),
        "reference": "入金 3",
    }
    empty = client.post(f"{page}paid/", money | {"reference": ""})
    assert (empty.status_code, "入金の番号を入れてください" in text(empty)) == (422, True)
    for _ in range(2):
        assert "入金を記録しました" in text(client.post(f"{page}paid/", money, follow=True))
    other = client.post(f"{page}paid/", money | {"reference": "入金 4"})
    assert other.status_code == 409
    gone = client.post(f"{page}void/", {"reason": "まちがい"})
    assert (gone.status_code, "変えられません" in text(gone)) == (409, True)
    page = f"{INVOICES}{first.uid}/"
    assert "請求書を取り消しました" in text(
        client.post(f"{page}void/", {"reason": "時間がちがいました"}, follow=True)
    )
    assert client.get(f"{INVOICES}{first.uid}.pdf").status_code == 404
    assert {wallet(helper, CODE), wallet(helped, CODE)} == {
        0,
        1_700 if second.person_id == helped.pk else 900,
    }
    months = list(
        csv.reader(io.StringIO(client.get(f"{HELP}months/?format=sjis").content.decode("cp932")))
    )
    head, line = months
    assert line[head.index("払う額")] == "3200" and line[head.index("事務費")] == "600"
    assert line[head.index("入金待ち")] == "0"
    bills = client.get(f"{INVOICES}?format=csv").content.decode("utf-8-sig")
    assert "取り消し" in bills and "入金 3" in bills


def test_struck_out_help_goes_back_and_says_why(office):
    helper, helped = members(office, "ticket")
    fill(helped, "ticket", 2)
    one = write_down(helper, helped, "ticket", day=yesterday())
    client = office.client(office.officer)
    page = f"/desk/points/ticket/help/{one.uid}/"
    assert "お礼は1時間ごとに1枚の決まり" in text(client.get(page))
    empty = client.post(f"{page}void/", {"reason": " "})
    assert (empty.status_code, "取り消す理由を入れてください" in text(empty)) == (422, True)
    for _ in range(2):
        answer = client.post(f"{page}void/", {"reason": "日のまちがい"}, follow=True)
        assert "2人にお知らせしました" in text(answer)
    assert (wallet(helped, "ticket"), wallet(helper, "ticket")) == (2, 0)
    assert "日のまちがい" in text(answer) and "この手伝いを取り消す" not in text(answer)
    again = write_down(helper, helped, "ticket", day=yesterday())
    with tenant(MIDORI):
        services.units_hand(
            uid=new_id(), programme_code="ticket", giver=helper, receiver_number=helped.number,
            amount=1, use="help",
        )  # fmt: skip
    used = client.post(f"/desk/points/ticket/help/{again.uid}/void/", {"reason": "まちがい"})
    assert (used.status_code, "もう使ったか" in text(used)) == (409, True)


def test_billed_help_is_freed_first(office):
    helper, helped = members(office)
    one = write_down(helper, helped, CODE, activity="garden", day=yesterday())
    with tenant(MIDORI):
        services.invoices_issue(
            programme_code=CODE,
            month=yesterday(),
            due_on=clock.today() + timedelta(days=9),
            by=office.officer,
        )
    client = office.client(office.officer)
    answer = client.post(f"{HELP}{one.uid}/void/", {"reason": "まちがい"})
    assert (answer.status_code, "先に請求書を取り消してください" in text(answer)) == (409, True)


def test_the_list_is_taken_away_with_all_its_parts(office):
    helper, helped = members(office)
    write_down(helper, helped, CODE, activity="garden", day=yesterday())
    client = office.client(office.officer)
    for kind in ("xlsx", "csv"):
        answer = client.get(f"{HELP}?format={kind}")
        assert answer["Content-Disposition"].startswith("attachment"), kind
    head, line = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert line[head.index("払う額（円）")] == "2000"
    assert line[head.index("手伝った人へ（円）")] == "1700"
    assert "1時間ごとに1,000円" in line[head.index("わけ")]
    assert len(acts("list_taken")) == 2


def test_only_officers_of_the_town_stand_here(office):
    helper, helped = members(office, CODE, "yokohama")
    one = write_down(helper, helped, CODE, activity="garden", day=yesterday())
    day = yesterday()
    with tenant(MIDORI):
        [invoice] = services.invoices_issue(
            programme_code=CODE,
            month=day,
            due_on=clock.today() + timedelta(days=9),
            by=office.officer,
        )
    write_down(helper, helped, CODE, activity="errand", day=day, hour=15)
    pages = (
        HELP,
        f"{HELP}months/",
        f"{HELP}new/",
        f"{HELP}{one.uid}/",
        INVOICES,
        f"{INVOICES}{day.year}/{day.month}/",
        f"{INVOICES}{invoice.uid}/",
        f"{INVOICES}{invoice.uid}.pdf",
    )
    posts = (
        f"{HELP}new/",
        f"{HELP}{one.uid}/void/",
        f"{INVOICES}{day.year}/{day.month}/",
        f"{INVOICES}{invoice.uid}/paid/",
        f"{INVOICES}{invoice.uid}/void/",
    )
    before = rows()
    with tenant(KITA):
        far = office.cast.carer.user
    outsiders = (office.coordinator, office.office, helper.user, far, None)
    for user in outsiders:
        client = office.client(user)
        for path in pages:
            assert client.get(path).status_code == 404, (user, path)
        for path in posts:
            assert client.post(path, {"reason": "x"}).status_code == 404, (user, path)
    officer = office.client(office.officer)
    for path in pages:
        assert officer.get(path).status_code == 200, path
        other = path.replace(CODE, "yokohama")
        assert officer.get(other).status_code == 404, other
    for path in (f"{HELP}{new_id()}/", f"{INVOICES}{new_id()}/", f"{INVOICES}2026/13/"):
        assert officer.get(path).status_code == 404, path
    for path in posts[1:]:
        if not path.endswith(f"{day.month}/"):
            assert officer.get(path).status_code == 404, path
    assert rows() == before


def test_every_act_has_its_word():
    for action in (
        "paid_help_record",
        "paid_help_void",
        "paid_help_opened",
        "invoices_issued",
        "invoice_paid",
        "invoice_void",
        "invoice_opened",
    ):
        assert action in ACTIONS
    assert {"paid_help", "invoice"} <= set(SUBJECTS)
