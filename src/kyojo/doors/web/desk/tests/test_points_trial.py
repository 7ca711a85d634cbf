"""New rules of paid help and of currencies, tried over the real year before they are published."""

import csv
import io
from datetime import date, timedelta

import pytest

from kyojo.civic.earnings.models import Movement, PaidHelp
from kyojo.civic.earnings.testing import install
from kyojo.civic.earnings.tests.paid_cast import fill, write_down
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.presets import preset
from kyojo.help.support.tests.cast import MIDORI
from kyojo.kernel import clock

from .points_cast import CODE, acts, elder, everything, helped, text
from .test_points_rules import VERSION, checked, sent

pytestmark = pytest.mark.django_db
INVOICE = "/desk/points/rules/paid-invoice/version/"
#: More for gardening, no errands any more.
OTHER = (
    preset("paid-invoice")
    .replace("garden = 1000", "garden = 1200")
    .replace('errand = "買い物や用足し"\n', "")
    .replace("errand = 600\n", "")
)


def members(office, *codes):
    for code in codes:
        install(MIDORI, code)
    return office.cast.supporter, office.cast.second


def billed(office, day=None):
    """An hour's errand and two hours of gardening."""
    helper, person = members(office, "paid-invoice")
    day = day or clock.today() - timedelta(days=1)
    write_down(helper, person, "paid-invoice", activity="garden", day=day)
    write_down(helper, person, "paid-invoice", activity="errand", day=day, hour=14, minutes=60)
    return helper, person


def rows():
    with tenant(MIDORI):
        return [list(one.objects.order_by("pk").values()) for one in (PaidHelp, Movement)]


def lines_of(answer, encoding):
    return list(csv.DictReader(io.StringIO(answer.content.decode(encoding))))


def test_paid_help_is_tried_with_totals_people_and_lines(office):
    helper, _ = billed(office)
    before = rows(), everything()
    answer, _ = checked(office.client(office.officer), INVOICE, sent(OTHER))
    page = text(answer)
    assert "2026年度（令和8年度）の本当の手伝いで試すと" in page
    totals = {
        one.name: (one.old, one.new, one.difference) for one in answer.context["help"]["totals"]
    }
    assert totals == {
        "数えた手伝い（回）": ("2", "1", "－1"),
        "書けない手伝い（回）": ("0", "1", "＋1"),
        "手伝ってもらった人が払う額（円）": ("2,600", "2,400", "－200"),
        "手伝った人が受け取る額（円）": ("2,150", "2,100", "－50"),
        "事務費など、事務局の分（円）": ("450", "300", "－150"),
    }
    assert "増える人 0人・減る人 1人" in page and helper.kana in page
    assert "変わる手伝い（2回）" in page and "1回は、新しいきまりでは書けません" in page
    assert "この制度で決めた活動から選んでください" in page
    assert "お礼は1時間ごとに1,200円の決まりなので" in page
    assert (rows(), everything()) == before, "only tried"


@pytest.mark.parametrize(("kind", "encoding"), [("csv", "utf-8-sig"), ("sjis", "cp932")])
def test_people_and_lines_are_taken_away_on_record(office, kind, encoding):
    helper, _ = billed(office)
    client = office.client(office.officer)
    answer = client.post(INVOICE, sent(OTHER, do=f"people-{kind}"))
    assert "attachment" in answer["Content-Disposition"]
    (row,) = lines_of(answer, encoding)
    assert (row["会員番号"], row["受け取る円 いま"], row["受け取る円 差"]) == (
        helper.number,
        "2150",
        "-50",
    )
    lines = lines_of(client.post(INVOICE, sent(OTHER, do=f"lines-{kind}")), encoding)
    assert [(one["手伝ったこと"], one["手伝った人へ いま"]) for one in lines] == [
        ("庭の手入れ", "1700"),
        ("買い物や用足し", "450"),
    ]
    assert (
        lines[0]["手伝った人へ あたらしく"] == "2100" and lines[0]["書けないわけ あたらしく"] == ""
    )
    assert "活動から選んで" in lines[1]["書けないわけ あたらしく"]
    assert [(one.subject_id, one.note) for one in acts("list_taken")] == [
        ("trial-people", f"{kind} 1"),
        ("trial-lines", f"{kind} 2"),
    ]


def test_what_shift_jis_lacks_is_seen_before_the_file_is_given(office):
    helper, _ = billed(office)
    with tenant(MIDORI):
        Person.objects.filter(pk=helper.pk).update(family_name="𠮷田")
    client = office.client(office.officer)
    asked = sent(OTHER, do="people-sjis", year="2026")
    answer = client.post(INVOICE, asked)
    assert "シフトJISにない文字があります" in text(answer) and not acts("list_taken")
    posted = dict(answer.context["posted"]) | {"go": "1", "do": "people-sjis"}
    assert lines_of(client.post(INVOICE, posted), "cp932")[0]["会員番号"] == helper.number
    back = client.post(INVOICE, dict(answer.context["posted"]) | {"do": "check"})
    assert "本当の手伝いで試すと" in text(back), "nothing typed is lost"


def test_the_year_is_chosen(office):
    billed(office, day=date(2025, 12, 3))
    client = office.client(office.officer)
    assert "2025年度（令和7年度）の本当の手伝い" in text(client.post(INVOICE, sent(OTHER)))
    page = text(client.post(INVOICE, sent(OTHER, year="2026")))
    assert "この年度の記録がないので" in page and "本当の手伝い" not in page
    assert client.post(INVOICE, sent(OTHER, year="1999")).status_code == 422


def test_a_trial_is_an_officers(office):
    billed(office)
    client = office.client(office.coordinator)
    assert client.post(INVOICE, sent(OTHER, do="people-csv")).status_code in (403, 404)
    assert not acts("list_taken")


def test_a_bad_document_gives_no_file(office):
    billed(office)
    answer = office.client(office.officer).post(INVOICE, sent("schema = 2", do="people-csv"))
    assert answer.status_code == 422 and not acts("list_taken")


def test_tickets_that_were_only_sold_have_an_answer(office):
    _, person = members(office, "ticket")
    fill(person, "ticket", 10)
    other = preset("ticket").replace("800", "900").replace("150", "250")
    path = "/desk/points/rules/ticket/version/"
    answer, _ = checked(office.client(office.officer), path, sent(other))
    page = text(answer)
    assert "事務局が売った分" in page and "8,000円" in page and "＋1,000円" in page
    assert person.kana in page
    file = office.client(office.officer).post(path, sent(other, do="people-csv"))
    assert lines_of(file, "utf-8-sig")[0]["買う円 差"] == "1000"


def test_nothing_to_try_is_said(office):
    members(office, "ticket", "exchange")
    for code in ("ticket", "exchange"):
        path = f"/desk/points/rules/{code}/version/"
        page = text(office.client(office.officer).post(path, sent(preset(code))))
        assert "この年度の記録がないので" in page


def test_points_are_said_person_by_person(office):
    person = elder(office)
    helped(person, 3)
    client = office.client(office.officer)
    other = preset(CODE).replace("units = 200", "units = 300")
    answer, _ = checked(client, VERSION, sent(other))
    assert [(one.person.pk, one.difference) for one in answer.context["mine"]] == [(person.pk, 300)]
    assert "＋300" in text(answer)
    (row,) = lines_of(client.post(VERSION, sent(other, do="people-csv")), "utf-8-sig")
    assert (row["会員番号"], row["いま"], row["あたらしく"], row["差"]) == (
        person.number,
        "600",
        "900",
        "300",
    )
