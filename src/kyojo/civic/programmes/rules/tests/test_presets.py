"""Every figure of the sources, at, below and above each limit (DESIGN §5)."""

from datetime import date, datetime, timedelta

import pytest

from kyojo.civic.programmes.rules import baseline, counting, presets, reading

from .cast import BORN_FIRST, BORN_SECOND, BORN_YOUNG, MORNING, daily, preset, visit, year_of

NAMES = presets.preset_names()


def test_all_presets_of_the_design_are_there_and_keep_the_baseline() -> None:
    wanted = {
        "kyojo-coin",
        "inagi",
        "yokohama",
        "saitama",
        "sanjo",
        "ticket",
        "gratitude",
        "time",
        "exchange",
        "time-deposit",
    }
    assert wanted <= set(NAMES)
    for name in NAMES:
        text = presets.preset(name)
        document, mistakes = reading.check(text)
        assert (mistakes, document is not None) == ([], True)
        assert document is not None and document.code == name
        assert baseline.breaches(document, text) == []


# --- inagi ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "stamps"), [(59, 0), (60, 1), (119, 1), (120, 2), (240, 2)])
def test_inagi_gives_a_stamp_an_hour_and_two_a_day(minutes: int, stamps: int) -> None:
    year = year_of("inagi", [visit(minutes=minutes)])
    assert year.units == stamps
    rule = {0: "earning.minutes", 240: "earning.day_most"}
    assert year.lines[0].rule == rule.get(minutes if minutes == 240 else stamps, "earning.units")


@pytest.mark.parametrize(
    ("stamps", "points"),
    [
        (9, 0),
        (10, 1000),
        (19, 1000),
        (20, 2000),
        (29, 2000),
        (30, 3000),
        (49, 4000),
        (50, 5000),
        (59, 5000),
        (60, 5000),
        (120, 5000),
    ],
)
def test_inagi_turns_ten_stamps_into_a_thousand_points_up_to_five_thousand(
    stamps: int, points: int
) -> None:
    year = year_of("inagi", daily(stamps))
    assert (year.units, year.granted, year.value_yen) == (stamps, points, points)
    assert year.expires_on == (date(2029, 3, 31) if points else None)


def test_inagi_leaves_no_stamp_for_the_next_year() -> None:
    year = timedelta(days=365)
    later = [one._replace(start=one.start + year, end=one.end + year) for one in daily(9)]
    result = counting.count(preset("inagi"), [*daily(19), *later])
    assert result[2026]["hana"].leftover == 9
    assert (result[2027]["hana"].carried, result[2027]["hana"].granted) == (0, 0)


def test_inagi_is_for_the_citys_own_first_class_insured() -> None:
    assert year_of("inagi", [visit()]).units == 1
    for changes, rule in (
        ({"relations": frozenset({"works"})}, "who.relation"),
        ({"insured": "second", "born": BORN_SECOND}, "who.any_of"),
        ({"insured": "none", "born": BORN_YOUNG}, "who.any_of"),
        ({"insured": "first", "born": BORN_SECOND}, "who.any_of"),
        ({"activity": "surfing"}, "activities"),
        ({"host": "nowhere"}, "hosts"),
    ):
        year = year_of("inagi", [visit(**changes)])
        assert [(line.units, line.rule) for line in year.lines] == [(0, rule)]


@pytest.mark.parametrize(("day", "counts"), [(4, False), (5, True), (6, True)])
def test_the_first_class_begins_on_the_day_before_the_birthday(day: int, counts: bool) -> None:
    born = date(1961, 4, 6)  # 65 on 6 April 2026
    start = datetime(2026, 4, day, 9)
    assert year_of("inagi", [visit(start=start, born=born)]).units == counts


# --- yokohama -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visits", "points"), [(1, 200), (39, 7800), (40, 8000), (41, 8000), (60, 8000)]
)
def test_yokohama_gives_two_hundred_a_visit_up_to_eight_thousand(visits: int, points: int) -> None:
    year = year_of("yokohama", daily(visits, minutes=10))
    assert (year.units, year.granted, year.value_yen) == (points, points, points)
    rules = [line.rule for line in year.lines]
    assert rules == ["earning.units"] * min(visits, 40) + ["earning.year_most"] * max(
        0, visits - 40
    )


def test_yokohama_pays_out_or_gives_to_several() -> None:
    uses = {rule.use: rule for rule in preset("yokohama").uses}
    assert set(uses) == {"cash", "donation"}
    assert len(uses["donation"].recipients) > 1


# --- saitama --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "points"), [(29, 0), (30, 1), (31, 1), (300, 1)])
def test_saitama_counts_visits_from_thirty_minutes_on(minutes: int, points: int) -> None:
    assert year_of("saitama", [visit(minutes=minutes)]).units == points


@pytest.mark.parametrize(("a_day", "points"), [(1, 1), (2, 2), (3, 2)])
def test_saitama_counts_two_a_day(a_day: int, points: int) -> None:
    assert year_of("saitama", daily(1, a_day=a_day)).units == points


@pytest.mark.parametrize(
    ("points", "yen"),
    [(9, 0), (10, 1000), (19, 1000), (20, 2000), (49, 4000), (50, 5000), (51, 5000), (90, 5000)],
)
def test_saitama_pays_a_thousand_for_ten_up_to_five_thousand(points: int, yen: int) -> None:
    year = year_of("saitama", daily(points))
    assert (year.units, year.granted, year.value_yen) == (points, yen, yen)
    assert year.instead == (("shop", 6000) if points >= 50 else None)


@pytest.mark.parametrize(
    ("born", "insured", "counts"),
    [
        (date(1966, 4, 7), "second", False),  # 60 tomorrow
        (date(1966, 4, 6), "second", True),
        (date(1966, 4, 5), "second", True),
        (BORN_SECOND, "none", False),
        (BORN_FIRST, "first", True),
    ],
)
def test_saitama_takes_the_second_class_from_sixty(born: date, insured: str, counts: bool) -> None:
    assert year_of("saitama", [visit(born=born, insured=insured)]).units == counts


# --- sanjo ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("relation", ["lives", "works", "studies"])
def test_sanjo_is_for_all_who_live_work_or_study_there(relation: str) -> None:
    one = visit(relations=frozenset({relation}), born=BORN_YOUNG, insured="none")
    assert year_of("sanjo", [one]).units == 1
    nobody = one._replace(relations=frozenset())
    assert year_of("sanjo", [nobody]).lines[0].rule == "who.relation"


def test_sanjo_counts_only_help_without_another_reward() -> None:
    year = year_of("sanjo", [visit(rewarded=True)])
    assert year.lines[0][1:] == (0, "earning.other_reward")


@pytest.mark.parametrize(("stamps", "gifts"), [(9, 0), (10, 1), (19, 1), (20, 2), (365, 36)])
def test_sanjo_gives_a_present_of_a_thousand_yen_for_ten_stamps(stamps: int, gifts: int) -> None:
    year = year_of("sanjo", daily(stamps if stamps < 300 else 360))
    stamps = min(stamps, 360)
    assert (year.units, year.granted, year.value_yen) == (stamps, gifts, gifts * 1000)


def test_sanjo_keeps_the_sources_limit_and_flags_it() -> None:
    most = [visit(n + 2, start=MORNING + timedelta(minutes=80 * n)) for n in range(5001)]
    year = year_of("sanjo", most)
    assert (year.units, year.granted) == (5000, 500)
    assert [line.rule for line in year.lines[-2:]] == ["earning.units", "earning.year_most"]
    assert [flag.key for flag in preset("sanjo").flagged] == ["earning.year_most"]


def test_sanjo_is_paid_by_the_insurance_from_sixty_five_and_by_the_town_below() -> None:
    born = date(1961, 5, 1)
    year = year_of("sanjo", daily(50, born=born, insured="none"))  # 6 April to 25 May
    assert year.funds == {"general_account": 25, "care_insurance": 25}


# --- tickets and local currencies -----------------------------------------------------------------


def test_a_ticket_is_bought_for_800_paid_out_for_650_and_150_stay() -> None:
    for name, at in (("ticket", "cash"), ("ticket-each-use", "use")):
        year = year_of(name, [visit(minutes=179)])
        assert (year.units, year.granted, year.value_yen) == (2, 2, 1300)
        assert year.tickets == {"bought_yen": 1600, "paid_yen": 1300, "office_yen": 300}
        ticket = preset(name).ticket
        assert ticket is not None and ticket.share_at == at


def test_thanks_are_counted_and_worth_nothing() -> None:
    year = year_of("gratitude", daily(3, minutes=5))
    assert (year.units, year.granted, year.value_yen) == (3, 3, 0)


def test_an_hour_is_an_hour_for_everyone() -> None:
    for changes in ({"born": BORN_YOUNG, "insured": "none"}, {"activity": "any"}):
        year = year_of("time", [visit(minutes=61, **changes)])
        assert (year.units, year.granted, year.value_yen) == (61, 61, 0)


def test_hours_given_now_are_kept_with_their_thanks() -> None:
    year = year_of("time-deposit", [visit(minutes=90)])
    assert (year.units, year.granted, year.value_yen) == (90, 90, 975)
    assert year.expires_on is None
    uses = {rule.use for rule in preset("time-deposit").uses}
    assert {"help", "family", "people_in_need", "event", "donation"} <= uses


def test_an_exchange_note_is_worth_money() -> None:
    year = year_of("exchange", [visit(minutes=89)])
    assert (year.units, year.granted, year.value_yen) == (6, 6, 600)


# --- coins ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "coins"), [(29, 0), (30, 10), (59, 10), (60, 20), (120, 40)])
def test_ten_coins_are_thirty_minutes_of_any_help(minutes: int, coins: int) -> None:
    year = year_of("kyojo-coin", [visit(minutes=minutes, activity="garden")])
    assert (year.units, year.granted, year.value_yen) == (minutes // 30 * 30, coins, 0)
    assert year.expires_on == (date(2030, 3, 31) if coins else None)
