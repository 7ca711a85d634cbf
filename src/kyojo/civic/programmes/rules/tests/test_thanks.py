"""Thank-you money: its parts always add up, and nobody gets less for more."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kyojo.civic.programmes.errors import ThanksUnfit
from kyojo.civic.programmes.rules import consistency, counting, model, thanks, wording
from kyojo.civic.programmes.rules.model import Document

from .cast import preset, visit

PAID = ("paid-invoice", "paid-cash", "paid-passbook")
PIECES = ("ticket", "ticket-each-use", "paid-stamp-card")


def changed(code: str, **tables: dict[str, Any]) -> Document:
    """A preset with keys of its tables changed; the document must be one that can take effect."""
    content = preset(code).model_dump(by_alias=True)
    for table, keys in tables.items():
        content[table] = {**(content[table] or {}), **keys}
    document = model.Document.model_validate(content)
    assert list(consistency.breaches(document)) == []
    return document


SHARES = st.one_of(
    st.just({"share": "person"}),
    st.just({"share": "office"}),
    st.integers(1, 99).map(lambda n: {"share": "part_donated", "share_percent": n}),
    st.integers(1, 99).map(
        lambda n: {"share": "part_deposited", "share_percent": n, "deposit_in": "time-deposit"}
    ),
)
NO_SHARE = {"share": "person", "share_percent": None, "deposit_in": None}


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Paid help in yen of every amount and share, by the hour or by the visit."""
    office, kept = draw(st.integers(0, 300)), draw(st.integers(1, 900))
    low, high = sorted((draw(st.integers(office, 1500)), draw(st.integers(office, 1500))))
    usual = office + kept
    code = draw(st.sampled_from(PAID))
    table: dict[str, Any] = NO_SHARE | draw(SHARES)
    if code == "paid-passbook":
        table["costs_most_yen"] = draw(st.integers(0, 2000))
    elif code == "paid-cash":
        table |= {"least_yen": min(low, usual), "most_yen": max(high, usual)}
    else:
        table["by_activity"] = {"errand": low, "clean": high, "garden": usual, "outing": usual}
    earning: dict[str, Any] = {"at_least_minutes": draw(st.sampled_from([0, 20, 90]))}
    if draw(st.booleans()):
        earning |= {"per": "visit", "minutes": None}
    else:
        earning["minutes"] = draw(st.sampled_from([1, 15, 60]))
    prices = {"bought_yen": usual, "paid_yen": kept, "office_yen": office}
    return changed(code, thanks=table, earning=earning, ticket=prices)


@st.composite
def helps(draw: st.DrawFn) -> tuple[Document, dict[str, Any]]:
    document = draw(documents())
    rule = document.thanks
    assert rule is not None
    said: dict[str, Any] = {
        "activity": draw(st.sampled_from([*document.activities] or [""])),
        "minutes": draw(st.integers(1, 480)),
        "costs_yen": draw(st.integers(0, rule.costs_most_yen or 0)),
    }
    if rule.most_yen is not None:
        said["chosen_yen"] = draw(st.integers(rule.least_yen or 0, rule.most_yen))
    return document, said


def parts(one: thanks.Due) -> tuple[int, ...]:
    return one.person_yen, one.donated_yen, one.deposited_yen, one.office_yen


@settings(max_examples=300, deadline=None)
@given(one=helps(), longer=st.integers(0, 200))
def test_what_holds_of_all_thanks(one: tuple[Document, dict[str, Any]], longer: int) -> None:
    document, said = one
    assume(thanks.steps_of(document, said["minutes"]))
    found = thanks.due(document, **said)
    assert sum(parts(found)) == found.payer_yen
    assert min(parts(found)) >= 0
    assert max(parts(found)) <= found.payer_yen
    assert found.person_yen >= found.costs_yen == said["costs_yen"]
    assert found.pieces == 0
    rule = document.thanks
    assert rule is not None
    if rule.share == "office":
        assert (found.person_yen, found.donated_yen, found.deposited_yen) == (found.costs_yen, 0, 0)
    if rule.share == "person":
        assert (found.donated_yen, found.deposited_yen) == (0, 0)
    # Costs change nothing but themselves.
    bare = thanks.due(document, **said | {"costs_yen": 0})
    costs = found.costs_yen
    assert found == replace(
        bare,
        payer_yen=bare.payer_yen + costs,
        person_yen=bare.person_yen + costs,
        costs_yen=costs,
    )
    more = thanks.due(document, **said | {"minutes": said["minutes"] + longer})
    assert all(after >= before for before, after in zip(parts(found), parts(more), strict=True))
    hourly = thanks.hourly_most_yen(document)
    if hourly is not None:
        got = bare.person_yen + bare.deposited_yen
        # Rounding leaves the helper less than a yen for each time.
        assert Fraction(got * 60, said["minutes"]) <= hourly + Fraction(60, said["minutes"])


@settings(max_examples=100, deadline=None)
@given(one=helps())
def test_the_evaluator_says_the_same_and_in_a_sentence(
    one: tuple[Document, dict[str, Any]],
) -> None:
    """A log knows neither costs nor choices: the least is what it says."""
    document, said = one
    minutes = said["minutes"]
    year = counting.count(document, [visit(minutes=minutes, activity=said["activity"] or "any")])
    [line] = year[2026]["hana"].lines
    if thanks.steps_of(document, minutes):
        rule = document.thanks
        assert rule is not None
        least = thanks.due(document, **said | {"costs_yen": 0, "chosen_yen": rule.least_yen})
        assert line.units == least.person_yen
        assert line.rule in (least.rule, "thanks.share")
    else:
        assert line.units == 0
        assert line.rule in ("earning.minutes", "earning.at_least_minutes")
    sentence = wording.line_sentence(document, line)
    assert sentence.count("。") == 1 and sentence.endswith("。")
    assert "None" not in sentence


@pytest.mark.parametrize("code", PIECES)
@pytest.mark.parametrize(("minutes", "steps"), [(60, 1), (119, 1), (180, 3)])
@pytest.mark.parametrize("units", [1, 2])
def test_tickets_go_from_hand_to_hand(code: str, minutes: int, steps: int, units: int) -> None:
    """An hour may be more than one ticket; each costs its price."""
    document = changed(code, earning={"units": units})
    found = thanks.due(document, activity="", minutes=minutes)
    pieces = steps * units
    office = 0 if code == "ticket" else 150 * pieces
    assert (found.steps, found.pieces) == (steps, pieces)
    assert (found.payer_yen, found.office_yen) == (800 * pieces, office)
    assert found.person_yen == 800 * pieces - office
    year = counting.count(document, [visit(minutes=minutes)])[2026]["hana"]
    assert (year.units, year.tickets["bought_yen"]) == (pieces, found.payer_yen)


@given(minutes=st.lists(st.integers(1, 300), min_size=1, max_size=20))
def test_what_is_kept_for_hours_is_never_less_than_they_are_worth(minutes: list[int]) -> None:
    document = preset("time-deposit")
    assert document.worth is not None
    found = [thanks.due(document, activity="", minutes=one) for one in minutes]
    for one in found:
        assert sum(parts(one)) == one.payer_yen
        assert (one.person_yen, one.donated_yen, one.pieces) == (0, 0, 0)
    kept = sum(one.deposited_yen for one in found)
    worth = sum(minutes) * document.worth.yen // document.worth.of
    assert worth <= kept < worth + len(found) + 1


def test_an_hour_of_a_deposit_costs_its_price() -> None:
    found = thanks.due(preset("time-deposit"), activity="", minutes=90)
    assert (found.payer_yen, found.deposited_yen, found.office_yen) == (1200, 975, 225)


@pytest.mark.parametrize(
    ("code", "said", "field", "words"),
    [
        ("paid-invoice", {"activity": "errand", "minutes": 59}, "end", "60分に足りない"),
        ("paid-invoice", {"activity": "surfing"}, "activity", "活動から選んで"),
        ("paid-invoice", {"activity": ""}, "activity", "活動から選んで"),
        ("paid-invoice", {"activity": "errand", "chosen_yen": 900}, "chosen_yen", "決められて"),
        ("paid-invoice", {"activity": "errand", "costs_yen": 1}, "costs_yen", "実費を足せません"),
        ("paid-passbook", {"costs_yen": 1001}, "costs_yen", "1,000円まで"),
        ("paid-passbook", {"costs_yen": -1}, "costs_yen", "0円から"),
        ("paid-passbook", {"chosen_yen": 800}, "chosen_yen", "決められて"),
        ("paid-cash", {}, "chosen_yen", "1時間につき500円から1,000円まで"),
        ("paid-cash", {"chosen_yen": 499}, "chosen_yen", "選んでください"),
        ("paid-cash", {"chosen_yen": 1001}, "chosen_yen", "選んでください"),
        ("ticket", {"minutes": 0}, "end", "60分に足りない"),
        ("ticket", {"minutes": -60}, "end", "60分に足りない"),
    ],
)
def test_what_a_document_does_not_know_is_refused(
    code: str, said: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ThanksUnfit) as refused:
        thanks.due(preset(code), **{"activity": "", "minutes": 60} | said)
    assert refused.value.field == field
    assert words in refused.value.message()
    assert refused.value.message().count("。") == 1


def test_a_visit_too_short_is_told_the_longer_of_both_limits() -> None:
    document = changed("paid-passbook", earning={"at_least_minutes": 90})
    with pytest.raises(ThanksUnfit) as refused:
        thanks.due(document, activity="", minutes=60)
    assert "90分に足りない" in refused.value.message()


@pytest.mark.parametrize("code", [*PAID, *PIECES])
def test_every_rule_of_a_line_has_its_sentence(code: str) -> None:
    """Whatever key decides a line, one sentence says so."""
    document = preset(code)
    skipped = {"earning.day_most", "earning.year_most", "who.any_of"}
    for rule in set(wording._LINE) - skipped:
        for units in (0, 5):
            said = wording.line_sentence(document, counting.Line(2, units, rule))
            assert said.count("。") == 1 and said.endswith("。"), said


def test_a_line_says_what_the_office_keeps() -> None:
    said = {
        "paid-passbook": "お礼が1時間ごとに800円、そのうち150円が事務費、"
        "残りの30%を時間であずける決まりなので、455円になりました。",
        "paid-cash": "お礼が1時間ごとに手伝ってもらった人の決めた額、そのうち150円が事務費、"
        "残りの20%を寄付する決まりなので、280円になりました。",
        "paid-invoice": "お礼が1時間ごとに活動で決めた額、そのうち150円が事務費の決まりなので、"
        "450円になりました。",
    }
    for code, sentence in said.items():
        document = preset(code)
        [line] = counting.count(document, [visit()])[2026]["hana"].lines
        assert wording.line_sentence(document, line) == sentence


def test_where_all_is_the_offices_a_line_says_so() -> None:
    document = changed("paid-invoice", thanks=NO_SHARE | {"share": "office"})
    [line] = counting.count(document, [visit(activity="garden")])[2026]["hana"].lines
    assert (line.units, line.rule) == (0, "thanks.share")
    assert wording.line_sentence(document, line) == (
        "お礼をすべて事務局が受け取る決まりなので、数えませんでした。"
    )
