"""Forms answer in sentences and lose nothing that was typed."""

from datetime import date
from typing import Any, ClassVar

import pytest
from django import forms
from django.template import engines

from kyojo.doors.web.forms import (
    Choice,
    CodeField,
    DateBoxesField,
    Form,
    KanaField,
    OrderForm,
    PhoneField,
    WholeNumberField,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, Refusal

NOW = clock.at(date(2026, 11, 20), 9)
EVIL = '"><script>alert(1)</script>'


class Ask(Form):
    day = DateBoxesField(label="日にち", example="2026、令和8", future_only=True)
    length = forms.ChoiceField(
        label="長さ",
        choices=[("60", Choice("1時間", "20コイン")), ("120", Choice("2時間", "40コイン"))],
        widget=forms.RadioSelect,
    )
    memo = forms.CharField(
        label="伝えておきたいこと",
        help_text="来る人にだけ見えます。",
        required=False,
        max_length=10,
        widget=forms.Textarea,
    )


def drawn(source: str, form: forms.Form) -> str:
    return str(engines["django"].from_string(source).render({"form": form}))


def typed(**changes: str) -> dict[str, str]:
    right = {"day_year": "令和8", "day_month": "11", "day_day": "28", "length": "60", "memo": ""}
    return right | changes


def test_right_input() -> None:
    with clock.frozen(NOW):
        form = Ask(typed())
        assert form.is_valid(), form.errors
        assert form.cleaned_data["day"] == date(2026, 11, 28)
        assert drawn("{% errors form %}", form) == ""
        assert "2026年（令和8年）11月28日 土曜日" in drawn("{% field form.day %}", form)


@pytest.mark.parametrize("year", ["2026", "２０２６", "R8", "令和８年", "８", "8"])
def test_years_people_type(year: str) -> None:
    with clock.frozen(NOW):
        form = Ask(typed(day_year=year))
        assert form.is_valid(), form.errors
        assert form.cleaned_data["day"] == date(2026, 11, 28)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day_day": "31"}, "11月は30日までです。日を1から30の数字で入れてください。"),
        ({"day_month": "13"}, "月を1から12の数字で入れてください。"),
        ({"day_year": "来年"}, "年は、2026か令和8のように入れてください。"),
        ({"day_year": "", "day_month": "", "day_day": ""}, "日にちを入れてください。"),
        ({"day_month": ""}, "月を入れてください。"),
        (
            {"day_day": "19"},
            "2026年（令和8年）11月19日 木曜日は、もう過ぎています。"
            "きょうからあとの日にしてください。",
        ),
    ],
)
def test_wrong_dates(changes: dict[str, str], sentence: str) -> None:
    with clock.frozen(NOW):
        form = Ask(typed(**changes))
        assert not form.is_valid()
        assert form.errors["day"] == [sentence]


def test_the_wrong_box_is_marked_and_what_was_typed_stays() -> None:
    with clock.frozen(NOW):
        form = Ask(typed(day_day="31", length=""))
        field = drawn("{% field form.day %}", form)
        assert 'value="令和8"' in field
        assert 'value="31"' in field
        assert field.count('aria-invalid="true"') == 1
        day_box = next(line for line in field.splitlines() if 'id="id_day_day"' in line)
        assert 'aria-invalid="true"' in day_box
        assert 'aria-describedby="id_day-help id_day-error"' in day_box
        assert 'id="id_day-error"' in field
        order = [field.index(mark) for mark in ("<legend>", "id_day-help", "field-error", "boxes")]
        assert order == sorted(order)


def test_the_summary_counts_links_and_takes_the_focus() -> None:
    with clock.frozen(NOW):
        form = Ask(typed(day_day="31", length=""))
        summary = drawn("{% errors form %}", form)
    assert "2か所、直してください" in summary
    assert 'role="alert" tabindex="-1" autofocus' in summary
    assert '<a href="#id_day_day">日にち：11月は30日までです</a>' in summary
    assert '<a href="#id_length_0">長さ：1つ選んでください</a>' in summary
    assert 'id="id_length_0"' in drawn("{% choices form.length %}", form)


def test_choices_have_a_second_line_and_keep_what_was_taken() -> None:
    page = drawn("{% choices form.length layout='2' %}", Ask(typed(length="120")))
    assert '<b>2時間</b><span class="note">40コイン</span>' in page
    assert page.count(" checked") == 1
    assert "choices--2" in page


def test_the_memo_says_how_much_too_long_it_is() -> None:
    with clock.frozen(NOW):
        form = Ask(typed(memo="あ" * 12))
        assert form.errors["memo"] == [
            "伝えておきたいことは、10文字までにしてください。いまは12文字です。"
        ]
        page = drawn("{% field form.memo %}", form)
    assert "あ" * 12 in page
    assert "maxlength" not in page or "あ" * 12 in page


def test_what_people_type_is_escaped() -> None:
    with clock.frozen(NOW):
        form = Ask(typed(day_year=EVIL, memo=EVIL, length=EVIL))
        page = drawn(
            "{% errors form %}{% field form.day %}{% choices form.length %}{% field form.memo %}",
            form,
        )
    assert "<script" not in page


class Refused(Refusal):
    code = "person_busy"
    sentence = "{name}は、同じ時間に別の予定が入りました。"


def test_a_refusal_of_a_service_stands_beside_its_field_or_on_top() -> None:
    with clock.frozen(NOW):
        form = Ask(typed())
        form.refuse(Invalids([Refused(field="length", name="A"), Refused(field="?", name="B")]))
        assert form.errors["length"] == ["Aは、同じ時間に別の予定が入りました。"]
        assert form.non_field_errors() == ["Bは、同じ時間に別の予定が入りました。"]
        summary = drawn("{% errors form %}", form)
    assert "1か所、直してください" in summary
    assert "Bは、同じ時間に別の予定が入りました。" in summary


class Sign(Form):
    kana = KanaField()
    phone = PhoneField(required=False)
    born = DateBoxesField(label="生年月日", past_only=True)
    code = CodeField(label="合言葉", required=False)
    coins = WholeNumberField(label="コイン", minimum=1, maximum=10_000, required=False)
    mail = forms.EmailField(label="メールアドレス", required=False)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"kana": "青空"}, "kana", "名前のふりがなは、ひらがなかカタカナだけで"),
        ({"kana": ""}, "kana", "名前のふりがなを入れてください。"),
        ({"phone": "123"}, "phone", "電話番号は、0から始まる10けたか11けたの数字で"),
        ({"born_year": "48"}, "born", "年は、1948か昭和23のように入れてください。"),
        ({"born_year": "2030"}, "born", "2030年（令和12年）5月3日 金曜日は、まだ来ていません。"),
        ({"code": "12"}, "code", "合言葉は、4けたの数字です。"),
        ({"coins": "０"}, "coins", "コインは、1から10,000の数字で入れてください。"),
        ({"coins": "-5"}, "coins", "コインは、1から10,000の数字で入れてください。"),
        ({"coins": "1.5"}, "coins", "コインは、1から10,000の数字で入れてください。"),
        ({"mail": "みなみ"}, "mail", "メールアドレスを確かめてください。"),
    ],
)
def test_other_fields_say_what_to_do(changes: dict[str, str], field: str, sentence: str) -> None:
    data = {"kana": "あおぞら ふみ", "born_year": "昭和23", "born_month": "5", "born_day": "3"}
    with clock.frozen(NOW):
        form = Sign(data | changes)
        assert not form.is_valid()
        assert form.errors[field][0].startswith(sentence)
        assert len(form.errors) == 1


def test_other_fields_clean_to_what_is_stored() -> None:
    data: dict[str, Any] = {
        "kana": "ｱｵｿﾞﾗ　ふみ",
        "phone": "０９０-0000-1234",
        "born_year": "S23",
        "born_month": "５",
        "born_day": "3日",
        "code": "４８２７",
        "coins": "１，２００",
        "mail": "fumi@example.jp",
    }
    with clock.frozen(NOW):
        form = Sign(data)
        assert form.is_valid(), form.errors
    assert form.cleaned_data == {
        "kana": "アオゾラ フミ",
        "phone": "09000001234",
        "born": date(1948, 5, 3),
        "code": "4827",
        "coins": 1200,
        "mail": "fumi@example.jp",
    }


class Order(OrderForm):
    said: ClassVar[str] = ""


def test_an_order_id_is_made_once_and_kept() -> None:
    first, second = Order(), Order()
    assert first["order_id"].value() != second["order_id"].value()
    order_id = str(first["order_id"].value())
    sent = Order({"order_id": order_id})
    assert sent.is_valid()
    assert str(sent.order) == order_id
    assert order_id in drawn("{% hidden_fields form %}", sent)


def test_a_form_without_its_order_id_is_old() -> None:
    for data in ({}, {"order_id": "1"}):
        form = Order(data)
        assert not form.is_valid()
        assert "ページが古くなりました" in drawn("{% errors form %}", form)
