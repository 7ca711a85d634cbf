"""What the guide says about money: the minimum wage, the law on payments, pasted documents."""

from datetime import date

import pytest
from django.test import Client

from kyojo.civic.programmes.guidance import payments_law, wages
from kyojo.civic.programmes.guidance.data import NOT_ADVICE
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.doors.web.guide import forms, reads

from .visitor import SCHEME, WAGE, banner, error, get

pytestmark = pytest.mark.usefixtures("nothing_stored")


def post(told: dict, status: int = 200) -> str:
    answer = Client().post("/guide/money/document/", told)
    assert answer.status_code == status
    return answer.content.decode()


# --- money: the minimum wage ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("told", "status", "kind"),
    [
        ({}, "below", "good"),
        ({"hourly_yen": "1,226円"}, "equal", "warn"),
        ({"hourly_yen": "２０００"}, "above", "warn"),
        ({"on_month": "10"}, "out_of_date", "warn"),
        ({"on_year": "令和2"}, "before_table", "warn"),
    ],
)
def test_thanks_beside_the_minimum_wage(told, status, kind):
    page = get("money/", WAGE | told)
    yen = forms.WageForm(WAGE | told)
    assert yen.is_valid()
    check = wages.hourly_check(
        yen.cleaned_data["hourly_yen"], yen.cleaned_data["prefecture"], yen.cleaned_data["on"]
    )
    assert check.status == status
    assert banner(page) == (kind, check.sentences[0])
    for sentence in check.sentences:
        assert sentence in page


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"hourly_yen": "-1"}, "wage_hourly_yen"),
        ({"hourly_yen": "たくさん"}, "wage_hourly_yen"),
        ({"hourly_yen": ""}, "wage_hourly_yen"),
        ({"hourly_yen": "9" * 300}, "wage_hourly_yen"),
        ({"prefecture": "東京"}, "wage_prefecture"),
        ({"prefecture": ""}, "wage_prefecture"),
        ({"on_year": "9999"}, "wage_on"),
        ({"on_day": "31"}, "wage_on"),
    ],
)
def test_what_cannot_be_compared_is_named(told, field):
    assert error(get("money/", WAGE | told, 422), field)


# --- money: the law on payments -------------------------------------------------------------------
@pytest.mark.parametrize("code", preset_names())
@pytest.mark.parametrize("issuer", ["", "municipality", "other"])
def test_each_sample_has_its_questions(code, issuer):
    page = get("money/", SCHEME | {"sample": code, "issuer": issuer})
    _, document = reads.sample(code)
    found = payments_law.payments_questions(document, date(2025, 4, 1), issuer=issuer or None)
    for one in found.questions:
        for said in (one.ask, one.why, one.next_step, one.source):
            assert said in page
    for note in found.notes:
        assert note in page
    check = wages.document_check(document, "東京都", date(2025, 4, 1))
    for sentence in check.sentences:
        assert sentence in page


def test_all_statuses_of_the_wage_are_said_for_some_sample():
    said = {
        wages.document_check(reads.sample(code)[1], "東京都", date(2025, 4, 1)).status
        for code in preset_names()
    }
    assert {"below", "no_hourly_figure", "no_money"} <= said


def test_a_balance_over_the_threshold_asks_for_the_notice():
    page = get("money/", SCHEME | {"unused_yen": "10,000,001円"})
    assert "未使用残高が10,000,000円をこえています" in page
    assert (
        "未使用残高が"
        not in get("money/", SCHEME | {"unused_yen": "10000000"}).partition(
            "届出と供託はすみましたか"
        )[1]
    )


def test_after_the_day_until_which_the_law_was_checked_it_says_so():
    told = {name: value for name, value in SCHEME.items() if not name.startswith("as_of")}
    assert "このきまりを確かめたのは2025年4月8日までです" in get("money/", told)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"sample": "gold"}, "sample"),
        ({"sample": "", "ask": "scheme"}, "sample"),
        ({"issuer": "nobody"}, "issuer"),
        ({"unused_yen": "-5"}, "unused_yen"),
        ({"prefecture": "江戸"}, "prefecture"),
        ({"as_of_year": "2009"}, "as_of"),
        ({"as_of_year": "9999"}, "as_of"),
    ],
)
def test_what_cannot_be_asked_of_a_sample_is_named(told, field):
    assert error(get("money/", SCHEME | told, 422), f"scheme_{field}")


# --- money: a pasted document ---------------------------------------------------------------------
@pytest.mark.parametrize("code", preset_names())
def test_a_pasted_document_is_asked_the_same(code):
    text = preset(code).replace("\n", "\r\n")
    told = {"document": text, "as_of_year": "2025", "as_of_month": "4", "as_of_day": "1"}
    page = post(told)
    found = payments_law.payments_questions(reads.sample(code)[1], date(2025, 4, 1))
    for one in found.questions:
        assert one.ask in page
    assert NOT_ADVICE in page


def test_a_mistake_is_named_with_its_line_and_what_was_typed_is_kept():
    lines = preset("ticket").split("\n")
    number = next(i for i, line in enumerate(lines) if line.startswith("kind"))
    lines[number] = 'kind = "<b>gold</b>"'
    page = post({"document": "\n\n" + "\n".join(lines), "issuer": "other"}, 422)
    assert error(page, "document").startswith("直すところが")
    assert f"{number + 3}行目" in page
    assert "<b>gold" not in page and page.count("&lt;b&gt;gold&lt;/b&gt;") == 2
    assert 'value="other" id="id_issuer_2" checked' in page


def test_what_is_not_toml_is_named_with_its_line():
    page = post({"document": 'code = "a"\nname = \n'}, 422)
    assert "TOMLとして読めませんでした" in error(page, "document")
    assert "2行目" in page and "<code>name =</code>" in page


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "= 1", "a = [", "a = " + "[" * 400, "a = " + "[\n" * 9000,
        "a = " + "[" * 400 + "]" * 400, "a = " + "9" * 900, "a = " + "9\n" * 900, "\0", "a = '\0'",
        ".".join("a" * 400) + " = 1", ".".join("a" * 30_000) + " = 1", "\ufeffa = 1", "\ud83d",
        "a = 2026-13-45", "schema = 1", "schema = 1\nprice = 3", "schema = 2\nuses = 3",
        "[[uses]]\n" * 6000, "\n".join(f"k{n} = 1" for n in range(5000)), "あ" * 22_000,
        "a = 1\n" * 11_000, '"" = 1', "kind = nan", "[kind]\nkind = inf", "a = {b = {c = [{}]}}",
    ],
    ids=lambda text: f"{text[:12]!r}…{len(text)}",
)  # fmt: skip
def test_odd_documents_are_answered_in_a_sentence(text):
    page = post({"document": text.encode("utf-8", "replace").decode()}, 422)
    assert error(page, "document")
    assert len(page) < 400_000


def test_a_document_is_at_most_64_kb_and_is_not_kept():
    text = preset("ticket")
    fill = "# あ\n" * ((forms.DOCUMENT_MAX_BYTES - len(text.encode())) // 6)
    post({"document": text + fill})
    assert "64 KBまで" in error(post({"document": text + fill + "#" * 8}, 422), "document")
    assert "助け合いチケット」への問い" not in get("money/document/")


def test_a_number_of_5000_digits_over_lines_is_refused():
    digits = "\n".join(["a = [", *("9" * 900 + "," for _ in range(3)), "]"])
    assert error(post({"document": digits}, 422), "document")


def test_a_document_is_refused_from_another_site():
    answer = Client(enforce_csrf_checks=True).post(
        "/guide/money/document/", {"document": preset("ticket")}
    )
    assert answer.status_code == 403
