"""What each preset is asked under the Payment Services Act, and the edges of its figures."""

from datetime import date
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from kyojo.civic.programmes.guidance import payments_law
from kyojo.civic.programmes.guidance.data import NOT_ADVICE
from kyojo.civic.programmes.guidance.errors import RulesUnknown
from kyojo.civic.programmes.guidance.payments_law import QuestionCode
from kyojo.civic.programmes.rules import presets, reading
from kyojo.civic.programmes.rules.model import Circulation, Document, UseRule

ON = date(2026, 11, 28)
PREPAID = ("own_or_third_party", "balance", "six_months")


def document(code: str, **changes: Any) -> Document:
    return reading.read(presets.preset(code)).model_copy(update=changes)


def codes(code: str, **known: Any) -> tuple[str, ...]:
    return payments_law.payments_questions(document(code), ON, **known).codes()


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("kyojo-coin", ()),
        ("gratitude", ()),
        ("time", ("lending",)),
        ("inagi", ()),
        ("sanjo", ()),
        ("yokohama", ("points_cash",)),
        ("saitama", ("points_cash",)),
        ("ticket", ("public_issuer", "prepaid", *PREPAID, "refund", "funds_transfer")),
        ("ticket-each-use", ("public_issuer", "prepaid", *PREPAID, "refund", "funds_transfer")),
        ("exchange", ("public_issuer", "prepaid_unknown", *PREPAID, "refund", "funds_transfer")),
        (
            "time-deposit",
            ("public_issuer", "prepaid", *PREPAID, "refund", "funds_transfer", "deposit"),
        ),
        ("paid-invoice", ("collection",)),
        ("paid-cash", ()),
        (
            "paid-passbook",
            (
                *("public_issuer", "prepaid", *PREPAID, "refund"),
                *("funds_transfer", "deposit", "passbook"),
            ),
        ),
        ("paid-stamp-card", ("public_issuer", "prepaid", *PREPAID, "refund", "funds_transfer")),
    ],
)
def test_what_each_preset_is_asked(code: str, asked: tuple[str, ...]) -> None:
    assert codes(code) == asked


def test_every_preset_is_spoken_of() -> None:
    for code in presets.preset_names():
        found = payments_law.payments_questions(document(code), ON)
        assert found.notes[-1] == NOT_ADVICE
        assert found.questions or "見つかりませんでした" in found.notes[0]


def test_a_question_says_why_and_what_next_and_whence() -> None:
    for one in payments_law.payments_questions(document("time-deposit"), ON).questions:
        assert one.ask.endswith("か。")
        assert one.why and one.next_step.endswith("。")
        assert "法" in one.source and one.as_of == ON
        assert "{" not in one.ask + one.why + one.next_step


def test_a_municipality_is_outside_the_duties_and_others_are_not() -> None:
    assert codes("ticket", issuer="municipality") == (
        "public_issuer",
        "prepaid",
        "funds_transfer",
    )
    assert "public_issuer" not in codes("ticket", issuer="other")
    assert "balance" in codes("ticket", issuer="other")


@pytest.mark.parametrize(
    ("yen", "asked"),
    [
        (None, "balance"),
        (0, "balance"),
        (10_000_000, "balance"),
        (10_000_001, "over_threshold"),
    ],
)
def test_the_threshold_must_be_exceeded(yen: int | None, asked: str) -> None:
    found = codes("ticket", issuer="other", unused_yen=yen)
    assert [one for one in ("balance", "over_threshold") if one in found] == [asked]
    if yen is not None:
        assert payments_law.over_threshold(yen) == (asked == "over_threshold")


def test_figures_of_the_law_are_said() -> None:
    found = payments_law.payments_questions(document("ticket"), ON, unused_yen=10_000_001)
    over = next(one for one in found.questions if one.code == "over_threshold")
    assert "10,000,000円" in over.ask and "2か月" in over.next_step
    months = next(one for one in found.questions if one.code == "six_months")
    assert "6か月" in months.ask


@pytest.mark.parametrize(
    ("on", "base"),
    [
        (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 9, 30)),
        (date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2027, 3, 31)),
        (date(2026, 12, 31), date(2027, 3, 31)),
    ],
)
def test_base_dates(on: date, base: date) -> None:
    assert payments_law.next_base_date(on) == base
    notes = payments_law.payments_questions(document("ticket"), on).notes
    assert f"次の基準日は{base.year}年{base.month}月{base.day}日です。" in notes


def test_no_base_date_is_named_where_no_balance_is_asked() -> None:
    for code in ("kyojo-coin", "saitama"):
        notes = payments_law.payments_questions(document(code), ON).notes
        assert not any("基準日は" in one for one in notes)


def test_the_six_months_are_asked_even_of_the_shortest_expiry() -> None:
    one = document("ticket")
    short = one.model_copy(update={"expiry": one.expiry.model_copy(update={"earned_years": 0})})
    assert "six_months" in payments_law.payments_questions(short, ON).codes()


def test_cash_alone_is_asked_of_coins_that_go_from_hand_to_hand() -> None:
    uses = [UseRule(use="help"), UseRule(use="cash")]
    one = document("time", uses=uses, circulation=None)
    assert payments_law.payments_questions(one, ON).codes() == ("funds_transfer",)


def test_what_is_paid_after_the_help_is_not_prepaid() -> None:
    for code in ("paid-invoice", "paid-cash"):
        assert payments_law.bought(document(code)) is False
    for code in ("paid-passbook", "paid-stamp-card", "ticket"):
        assert payments_law.bought(document(code)) is True


def test_a_part_that_is_deposited_is_kept_however_it_is_settled() -> None:
    for code, others in (("paid-invoice", ("collection",)), ("paid-cash", ())):
        one = document(code)
        assert one.thanks is not None
        kept = one.thanks.model_copy(update={"share": "part_deposited"})
        other = one.model_copy(update={"thanks": kept})
        assert payments_law.payments_questions(other, ON).codes() == (*others, "deposit")


@pytest.mark.parametrize(
    ("code", "circulation", "asked"),
    [
        ("time", Circulation(start_units=60), ()),
        ("time", Circulation(lent_most=60), ("lending",)),
        ("gratitude", Circulation(start_units=3, lent_most=3), ("lending",)),
        ("exchange", Circulation(start_units=5), ("start_units",)),
        ("exchange", None, ()),
    ],
)
def test_what_members_begin_with_is_asked_about(
    code: str, circulation: Circulation | None, asked: tuple[str, ...]
) -> None:
    found = payments_law.payments_questions(document(code, circulation=circulation), ON).codes()
    assert tuple(one for one in found if one in ("start_units", "lending")) == asked


def test_paying_out_who_leaves_is_paying_out() -> None:
    one = document("ticket", uses=[UseRule(use="help")])
    assert {"refund", "funds_transfer"} <= set(payments_law.payments_questions(one, ON).codes())
    kept = one.model_copy(update={"expiry": one.expiry.model_copy(update={"on_leaving": "lapse"})})
    found = payments_law.payments_questions(kept, ON).codes()
    assert "refund" not in found and "funds_transfer" not in found and "prepaid" in found


def test_a_ticket_that_costs_nothing_is_not_prepaid() -> None:
    one = document("ticket")
    assert one.ticket is not None
    free = one.model_copy(update={"ticket": one.ticket.model_copy(update={"bought_yen": 0})})
    assert payments_law.bought(free) is False
    assert "prepaid" not in payments_law.payments_questions(free, ON).codes()


def test_it_says_until_when_it_was_checked() -> None:
    checked = payments_law.law().checked_until
    before = payments_law.payments_questions(document("time"), checked).notes
    assert not any("財務局に確かめて" in one for one in before)
    after = payments_law.payments_questions(document("time"), ON).notes
    assert any("2025年4月8日までです" in one and "財務局" in one for one in after)


def test_before_the_act_there_is_no_answer() -> None:
    assert payments_law.payments_questions(document("gratitude"), date(2010, 4, 1)).questions == ()
    with pytest.raises(RulesUnknown) as refused:
        payments_law.payments_questions(document("time"), date(2010, 3, 31))
    assert "財務局" in refused.value.message()


def test_a_negative_balance_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        payments_law.payments_questions(document("ticket"), ON, unused_yen=-1)


def test_every_question_has_its_text() -> None:
    known = payments_law.law().model_dump()
    assert set(known["questions"]) == set(get_args(QuestionCode))
    del known["questions"]["refund"]
    with pytest.raises(ValidationError):
        payments_law.Law.model_validate(known)
