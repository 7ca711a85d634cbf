"""What changed is shown and underlined, what stays is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.civic.programmes.papers.differences import (
    ADDED,
    REMOVED,
    SAME,
    Line,
    Row,
    differences,
    marked,
)
from kyojo.civic.programmes.papers.outline import outline

from .cast import NAMES, OLD_DAY, preset, versions


def rows(*changes: tuple[str, str]) -> dict[str, Row]:
    return {row.title: row for row in differences(*versions(*changes)).rows}


def shown(lines: tuple[Line, ...]) -> list[str]:
    """Lines with the underlined parts in brackets."""
    return [
        "".join(f"[{one.text}]" if one.changed else one.text for one in line.spans)
        for line in lines
    ]


def test_the_same_outline_has_no_difference() -> None:
    one = outline(preset("inagi"), effective_from=OLD_DAY, names=NAMES)
    assert differences(one, one).rows == ()


def test_one_figure_is_one_underlined_number() -> None:
    found = rows(("grants = 1000", "grants = 2000"), ("year_most = 5000", "year_most = 6000"))
    assert shown(found["換算"].old) == [
        "（換算）",
        "第8条　10スタンプごとに、[1,000]ポイントに換算するものとする。"
        "10スタンプに満たない端数は、換算しないものとする。",
        "2　（略）",
        "3　換算により付与する数は、1年度につき[5,000]ポイントを限度とする。",
        "4　（略）",
    ]
    assert "[2,000]" in shown(found["換算"].new)[1]
    assert "[6,000]" in shown(found["換算"].new)[3]
    assert shown(found["第1条から第7条まで"].old) == [f"第1条から第7条まで　{SAME}"]
    assert shown(found["附則"].new)[1] == "この要綱は、令和[9]年4月1日から施行する。"


def test_a_new_article_moves_the_numbers_of_those_behind_it() -> None:
    found = rows(("day_most = 2\n", ""))
    assert shown(found["上限"].new) == [f"[{REMOVED}]"]
    assert shown(found["上限"].old)[0] == "[（上限）]"
    assert shown(found["換算"].old) == ["（換算）", f"[第8条]　{SAME}"]
    assert shown(found["換算"].new) == ["（換算）", f"[第7条]　{SAME}"]
    back = differences(*reversed(versions(("day_most = 2\n", "")))).rows
    added = next(row for row in back if row.title == "上限")
    assert shown(added.old) == [f"[{ADDED}]"]
    assert all(span.changed for line in added.new for span in line.spans)


def test_items_are_matched_by_likeness() -> None:
    found = rows(
        (
            'meal = "高齢者の会食会の手伝い"',
            'meal = "高齢者の会食会や配食の手伝い"\nsnow = "雪かき"',
        ),
    )["対象となる活動"]
    assert shown(found.new) == [
        "（対象となる活動）",
        "第4条　（略）",
        "(1)から(3)まで　（略）",
        "(4)　高齢者の会食会[や配食]の手伝い",
        "[(5)　雪かき]",
        "2　（略）",
    ]
    assert shown(found.old)[3:] == ["(4)　高齢者の会食会の手伝い", "2　（略）"]


def test_an_item_that_goes_moves_the_ones_behind_it() -> None:
    found = rows(('prevention = "介護予防の会の手伝い"\n', ""))["対象となる活動"]
    assert shown(found.old)[2:5] == [
        "(1)　（略）", "[(2)　介護予防の会の手伝い]", "[(3)及び(4)]　（略）",
    ]  # fmt: skip
    assert shown(found.new)[2:4] == ["(1)　（略）", "[(2)及び(3)]　（略）"]


def test_another_name_is_a_row_of_its_own() -> None:
    found = rows(('name = "介護支援ボランティア（稲城市の型）"', 'name = "介護支援ボランティア"'))
    assert shown(found["題名"].old) == ["北ひなた市介護支援ボランティア[（稲城市の型）]実施要綱"]
    assert found["題名"].new[0].text == "北ひなた市介護支援ボランティア実施要綱"


def test_two_programmes_that_share_little_can_be_compared() -> None:
    coin = outline(preset("kyojo-coin"), effective_from=OLD_DAY, names=NAMES)
    inagi = outline(preset("inagi"), effective_from=OLD_DAY, names=NAMES)
    found = {row.title: row for row in differences(inagi, coin).rows}
    assert shown(found["受け入れ先"].new) == [f"[{REMOVED}]"]
    assert shown(found["手伝いの価格"].old) == [f"[{ADDED}]"]


@pytest.mark.parametrize(
    ("name", "old", "new", "title", "shows"),
    [
        (
            "paid-invoice",
            "errand = 600",
            "errand = 700",
            "謝礼の定め方及び配分",
            "(1)　買い物や用足し　[700]円",
        ),
        (
            "paid-invoice",
            "yen = 1000\neach",
            "yen = 1200\neach",
            "会費",
            "(1)　年会費　1年度につき[1,200]円",
        ),
        (
            "paid-cash",
            "share_percent = 20",
            "share_percent = 10",
            "謝礼の定め方及び配分",
            "100分の[10]",
        ),
        (
            "paid-cash",
            "most_yen = 1000",
            "most_yen = 1200",
            "謝礼の定め方及び配分",
            "500円以上[1,200]円以下",
        ),
        (
            "paid-passbook",
            "costs_most_yen = 1000",
            "costs_most_yen = 500",
            "謝礼の定め方及び配分",
            "[500]円",
        ),
        (
            "paid-passbook",
            'deposit_in = "time-deposit"',
            'deposit_in = "hours"',
            "謝礼の定め方及び配分",
            "hours",
        ),
        ("time", "start_units = 60", "start_units = 30", "はじめの付与及び前貸し", "[30]分を付与"),
        ("time", "lent_most = 120", "lent_most = 60", "はじめの付与及び前貸し", "[60]分を"),
        (
            "time",
            "[earning]",
            '[spenders]\nrelation = ["lives"]\n\n[earning]',
            "使用することができる者",
            "住所を有する者とする",
        ),
        (
            "sanjo",
            "items = ",
            'prices = { "地元の製品" = 2 }\nitems = ',
            "使いみち",
            "1点につき2引換券",
        ),
    ],
)
def test_a_change_of_the_newer_tables_shows(
    name: str, old: str, new: str, title: str, shows: str
) -> None:
    found = {row.title: row for row in differences(*versions((old, new), name=name)).rows}
    assert any(shows in line for line in shown(found[title].new)), shown(found[title].new)
    back = differences(*reversed(versions((old, new), name=name))).rows
    assert title in {row.title for row in back}


def test_another_share_is_another_paragraph() -> None:
    found = {
        row.title: row
        for row in differences(
            *versions(
                ('share = "part_donated"\nshare_percent = 20', 'share = "office"'), name="paid-cash"
            )
        ).rows
    }["謝礼の定め方及び配分"]
    assert any("寄附するものとし" in line for line in shown(found.old))
    assert any("本制度の運営にあてる" in line for line in shown(found.new))


@given(
    st.text("1,0年度につきポイント。アX ", max_size=40),
    st.text("1,0年度ごとにポイント。", max_size=40),
)
def test_marking_loses_nothing(old: str, new: str) -> None:
    left, right = marked(old, new)
    assert "".join(one.text for one in left) == old
    assert "".join(one.text for one in right) == new
    kept = ["".join(one.text for one in side if not one.changed) for side in (left, right)]
    assert kept[0] == kept[1]
