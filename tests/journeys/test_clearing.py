"""Two officers of two towns settle a month with each other, in real Chromium."""

import pytest

from kyojo.doors.ops.demo_check_people import date_fill

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
OFFICER, KITA_OFFICER = "霧島 はる", "峰 かずみ"
CLOSED = r"(\d{4}年\d+月分) [^分]*こちらの合意待ち"


def to_month(officer, town: str, month: str):
    return officer.follow("きょうの仕事").follow("自治体間清算").follow(town).follow(month)


@pytest.mark.slow
def test_a_month_is_agreed_by_both_settled_once_and_paid(site, phones) -> None:
    stage = phones(site)
    midori = stage.be(OFFICER).follow("自治体間清算").follow("北ひなた市")
    month = midori.reads(CLOSED)
    midori.follow(month)
    mark = midori.reads(r"照合番号\s*([0-9a-f]{64})")
    midori.form("この明細に合意する").fill("1コインあたりの円", "ただ").press()
    midori.must_see("1か所、直してください")
    midori.form("この明細に合意する").fill("1コインあたりの円", "５").press()
    midori.must_see("北ひなた市の合意を待っています", "ちがう円で出しなおす")

    kita = stage.be(KITA_OFFICER).follow("自治体間清算").follow("みどり浜市").follow(month)
    kita.must_see("みどり浜市は、1コイン5円で合意しました")
    assert kita.reads(r"照合番号\s*([0-9a-f]{64})") == mark
    kita.press("この明細に合意する")
    to_month(midori, "北ひなた市", month).press("精算する")  # both press
    kita.press("精算する")
    kita.must_see("両方の自治体の台帳で精算しました", "円の振込を記録してください")
    form = kita.form("振込を記録する").fill("振込の番号", "伝票 7")
    date_fill(form, stage.now().date(), group="振り込んだ日")
    form.press()
    kita.must_see("振込ずみ", "番号 伝票 7")
    to_month(midori, "北ひなた市", month).must_see("振込ずみ", "番号 伝票 7")
    midori.follow("操作の記録").must_see("清算の振込を記録した", "相手の自治体")
    kita.follow("自治体間清算").must_not_see(f"{month} みどり浜市")
