"""制度をはじめる前に, as anybody reads it: every answer, every refusal at its field.
What is about money stands in test_money."""

import re
from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from kyojo.civic.programmes.guidance import chooser, transport
from kyojo.civic.programmes.guidance.data import NOT_ADVICE
from kyojo.civic.programmes.rules.presets import preset_names
from kyojo.doors.web.guide import forms, reads
from kyojo.kernel.wording import jdate_plain

from .visitor import CLOSE, PAID, RIDE, SCHEME, WAGE, YES, banner, error, get

pytestmark = pytest.mark.usefixtures("nothing_stored")

ALL = (
    "/guide/", "/guide/currency/", "/guide/paid/", "/guide/transport/", "/guide/money/",
    "/guide/money/document/", *(f"/guide/samples/{code}/" for code in preset_names()),
)  # fmt: skip
ODD = ("", "x" * 5000, "%00", "-1", "９９９９", "<b>", "令和", "None", "☃", "0x10", "１.5", "[]")


# --- all pages ------------------------------------------------------------------------------------
@pytest.mark.parametrize("address", ALL)
def test_every_page_is_there_for_everybody_and_sets_no_login(address):
    answer = Client().get(address)
    assert answer.status_code == 200
    assert "sessionid" not in answer.cookies
    assert Client().head(address).status_code == 200


@pytest.mark.parametrize("address", [one for one in ALL if "document" not in one])
def test_only_a_document_is_sent(address):
    assert Client().post(address, {"carried": "anyone"}).status_code == 405


def test_the_first_page_says_what_it_is_not_and_as_of_when():
    page = get("")
    assert NOT_ADVICE in page
    for address in ALL[1:5]:
        assert f'href="{address}"' in page
    for day in (
        "2024年3月1日", "2025年2月25日", "2026年9月30日", "2025年4月8日", "2015年",
    ):  # fmt: skip
        assert day in page
    assert transport.law().rule_sets[-1].checked_until == date(2025, 2, 25)


# --- which currency -------------------------------------------------------------------------------
@pytest.mark.parametrize("one", chooser.figures().questions, ids=lambda one: one.code)
def test_the_first_no_decides_whether_a_currency_is_needed(one):
    page = get("currency/", YES | {one.code: "no"} | CLOSE)
    assert banner(page) == ("", one.why)
    assert one.next in page
    assert "合う種類" not in page
    assert ('href="/guide/paid/"' in page) == (one.no == "paid")


@pytest.mark.parametrize(
    "told", [YES | {"someone_runs_it": "open"}, {**YES, "someone_runs_it": ""}]
)
def test_an_open_question_is_asked_and_never_taken_for_a_yes(told):
    page = get("currency/", told | CLOSE)
    assert banner(page) == ("", "まだ答えのない問いがあります。")
    assert 'href="#id_someone_runs_it_0"' in page
    assert "合う種類" not in page


def test_nothing_answered_is_an_open_question():
    assert banner(get("currency/", {"ask": "1"}))[1] == "まだ答えのない問いがあります。"
    assert 'href="#id_ties_not_enough_0"' in get("currency/", {"closeness": "thin", "ask": "1"})


def test_four_times_yes_asks_how_close_neighbours_are():
    page = get("currency/", YES)
    assert banner(page) == ("good", "地域通貨が役に立ちそうです。")
    assert page.count('type="hidden" name="') == len(YES) + 1
    again = get("currency/", YES | {"step": "2"}, 422)
    assert error(again, "closeness") == "1つ選んでください。"


@pytest.mark.parametrize("grade", chooser.figures().closeness, ids=lambda grade: grade.code)
def test_the_kinds_stand_with_mark_reason_source_and_our_reading(grade):
    page = get("currency/", YES | {"closeness": grade.code})
    chosen = chooser.currency_choose(grade.code)
    for said in (chosen.reason, chosen.source, chosen.reading, reads.BOOKS["002"]):
        assert said in page
    kinds = re.findall(r'href="/guide/samples/([\w-]+)/"', page)
    assert kinds == list(chosen.order) and set(kinds) <= set(preset_names())
    own = re.findall(r'badge--solid">(.)</span><span class="sr">', page)
    assert own == [chosen.marks[kind] for kind in chooser.figures().currency.marks]


@pytest.mark.parametrize("name", [*YES, "closeness"])
@pytest.mark.parametrize("value", ["maybe", "x" * 5000, "<b>", "☃"])
def test_an_answer_that_is_none_is_refused_at_its_question(name, value):
    page = get("currency/", YES | CLOSE | {name: value}, 422)
    assert error(page, name) == "1つ選んでください。"
    assert "<b>☃" not in page


# --- paid or not ----------------------------------------------------------------------------------
@pytest.mark.parametrize("grade", chooser.figures().closeness, ids=lambda grade: grade.code)
@pytest.mark.parametrize("weight", chooser.figures().weight, ids=lambda weight: weight.code)
def test_each_cell_of_the_figure(grade, weight):
    page = get("paid/", {"closeness": grade.code, "weight": weight.code})
    chosen = chooser.payment_choose(grade.code, weight.code)
    assert banner(page) == ("good", reads.PAID_TITLES[chosen.payment])
    for said in (chosen.reason, chosen.source, chosen.reading):
        assert said in page
    table = page.partition("<tbody")[2].partition("</tbody>")[0]
    assert table.count("<td") == 12 and table.count("選んだところ") == 1
    row = table.partition(f">{weight.label}</th>")[2].partition("</tr>")[0]
    cell = row.partition(f'data-label="{grade.label}"')[2].partition("</td>")[0]
    assert reads.PAID_WORDS[chosen.payment] in cell and "選んだところ" in cell


def test_the_whole_figure_stands_before_an_answer_too():
    page = get("paid/")
    assert page.count("<td") == 12 and "選んだところ" not in page and "banner" not in page


def test_what_is_missing_is_named_at_its_field():
    page = get("paid/", {"ask": "1"}, 422)
    assert error(page, "closeness") and error(page, "weight")
    page = get("paid/", PAID | {"weight": "feather"}, 422)
    assert error(page, "weight") and not error(page, "closeness")


# --- transport ------------------------------------------------------------------------------------
def ride(*received: str, **told: str | list[str]) -> dict:
    return RIDE | {"received": list(received), "costs": []} | told


@pytest.mark.parametrize(
    ("told", "kind", "title"),
    [
        (RIDE, "good", "A類型（登録は不要）"),
        (ride("local_currency", cashable="no", as_of_year="平成30"), "good", "B類型（登録は不要）"),
        (ride("local_currency", cashable="yes"), "", "運輸支局に確かめること（B類型か）"),
        (ride("same_fee"), "good", "C類型（登録は不要）"),
        (ride("part_of_service"), "good", "D類型（登録は不要）"),
        (ride("same_fee", "costs", costs=["fuel", "toll"]), "good", "E類型（登録は不要）"),
        (ride("part_of_service", "costs", costs="fuel"), "good", "F類型（登録は不要）"),
        (ride("thanks"), "good", "登録は不要"),
        (ride("thanks", ride_subsidised="on"), "", "運輸支局に確かめること"),
        (ride("more"), "warn", "登録がいります：福祉有償運送"),
        (
            ride("more", carried="area"),
            "warn",
            "登録がいります：交通空白地有償運送（公共ライドシェア）",
        ),
        (ride("more", carried="anyone"), "bad", "許可がいります：タクシーなどの事業の許可"),
        (ride("more", operator="company"), "bad", "許可がいります：タクシーなどの事業の許可"),
        (ride("costs", costs="other"), "warn", "登録がいります：福祉有償運送"),
    ],
)
def test_each_verdict_stands_with_reason_next_step_source_and_date(told, kind, title):
    page = get("transport/", told)
    assert banner(page) == (kind, title)
    form = forms.TransportForm(QueryDict(urlencode(told, doseq=True)))
    assert form.is_valid()
    answer = transport.transport_answer(form.facts(), form.cleaned_data["as_of"])
    since = f"{jdate_plain(answer.rule_date)}から"
    for said in (answer.reason, answer.next_step, answer.source, since, *answer.notes):
        assert said in page


def test_without_a_day_it_is_today_and_a_bookmark_keeps_its_own():
    told = {name: value for name, value in RIDE.items() if not name.startswith("as_of")}
    page = get("transport/", told)
    assert "2026年4月20日" in page
    assert "このきまりを確かめたのは2025年2月25日までです" in page
    assert "2025年1月15日" in get("transport/", RIDE)


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        (ride("nothing", "thanks"), "received", "いっしょに選ばれています"),
        (ride("costs"), "costs", "その中身が合いません"),
        (ride("thanks", costs="fuel"), "costs", "その中身が合いません"),
        (ride("local_currency"), "cashable", "お金にかえられるかが合いません"),
        (ride("thanks", cashable="yes"), "cashable", "お金にかえられるかが合いません"),
        (ride(), "received", "選んでください"),
        (ride("gold"), "received", "下にあるものから"),
        (ride("costs", costs="gold"), "costs", "下にあるものから"),
        (ride("thanks", carried="cats"), "carried", "1つ選んでください"),
        (ride("thanks", operator=""), "operator", "1つ選んでください"),
        (ride("thanks", cashable="perhaps"), "cashable", "1つ選んでください"),
    ],
)
def test_facts_that_contradict_come_back_at_their_field(told, field, words):
    page = get("transport/", told, 422)
    assert words in error(page, field)
    assert 'class="banner banner--good"' not in page


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (("2006", "9", "30"), "2006年9月30日のきまりは、ここにはありません"),
        (("2025", "2", "30"), "日を1から28の数字で"),
        (("1868", "1", "1"), "1873年から2199年まで"),
        (("9999", "12", "31"), "1873年から2199年まで"),
        (("令和", "1", "1"), "年は、"),
        (("2025", "", "1"), "月を入れてください"),
    ],
)
def test_a_day_without_a_rule_is_refused_at_its_box(day, words):
    told = dict(zip(("as_of_year", "as_of_month", "as_of_day"), day, strict=True))
    page = get("transport/", RIDE | told, 422)
    assert words in error(page, "as_of")


# --- odd input ------------------------------------------------------------------------------------
FORMS = {
    "currency/": YES | CLOSE,
    "paid/": PAID,
    "transport/": RIDE,
    "money/": WAGE,
    "money/?": SCHEME | {"issuer": "", "unused_yen": "1"},
}


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("address", FORMS)
def test_odd_values_never_break_a_page(address, value):
    for name in FORMS[address]:
        told = FORMS[address] | {name: value}
        query = urlencode(told, errors="replace").replace("%2500", "%00")
        answer = Client().get(f"/guide/{address.rstrip('?')}?{query}")
        assert answer.status_code in (200, 404 if value == "%00" else 422), (name, value)
        twice = Client().get(f"/guide/{address.rstrip('?')}?{name}=a&{name}={value}&other=1")
        assert twice.status_code in (200, 404 if value == "%00" else 422)


def test_what_is_not_ours_in_the_address_is_a_first_visit():
    for address in ("currency/", "paid/", "transport/", "money/"):
        assert 'role="alert"' not in get(address, {"utm_source": "mail", "page": "2"})


# --- samples --------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", preset_names())
def test_a_sample_says_what_it_is_and_where_from(code):
    _, document = reads.sample(code)
    page = get(f"samples/{code}/")
    assert document.name in page and document.summary in page
    for one in document.sources:
        assert one.source in page
    assert f"ask=scheme&amp;sample={code}" in page
    assert get("money/", {"ask": "scheme", "sample": code})


@pytest.mark.parametrize("code", ["gold", "TICKET", "ticket_", "x" * 500])
def test_a_sample_that_nobody_wrote_does_not_exist(code):
    get(f"samples/{code}/", status=404)
