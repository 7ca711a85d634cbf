"""Parts: what people wrote is escaped, pages stay without inline styles, drawings fit."""

import re
from datetime import date
from typing import Any

import pytest
from django.template import engines

from kyojo.doors.web import drawing
from kyojo.doors.web.icons import symbols
from kyojo.kernel import clock

EVIL = '"><script>alert(1)</script>'
DAY = date(2026, 11, 28)


def drawn(source: str, **context: Any) -> str:
    return str(engines["django"].from_string(source).render(context))


@pytest.mark.parametrize(
    "source",
    [
        "{% avatar evil evil %}",
        "{% person_head name=evil kana=evil note=evil %}",
        "{% badge evil %}",
        "{% badges pairs evil %}",
        "{% banner 'info' evil %}{{ evil }}{% endbanner %}",
        "{% steps 1 evil %}",
        "{% moment 'done' evil %}{{ evil }}{% endmoment %}",
        "{% timeline items %}",
        "{% fact evil evil evil %}",
        "{% facts rows %}",
        "{% figure evil evil evil evil %}",
        "{% reasons pairs.0 evil %}",
        "{% row_link evil evil evil %}",
        "{% flow who who 4 %}",
        "{% table_region evil %}{% endtable_region %}",
        "{% sos contact=evil contact_url=evil note=evil %}",
        "{% back evil evil %}",
        "{{ evil|nowrap }}",
        "{% map_sketch evil points=points %}",
        "{% month_chart months name=evil unit=evil year_label=evil last_label=evil %}",
        "{% qr evil evil %}",
    ],
)
def test_what_people_write_is_escaped(source: str) -> None:
    page = drawn(
        source,
        evil=EVIL,
        pairs=[(EVIL, "good", "shield")],
        items=[{"state": "done", "title": EVIL, "lines": [EVIL], "note": EVIL}],
        rows=[(EVIL, EVIL, EVIL)],
        who={"name": EVIL, "seed": EVIL, "label": EVIL, "town": EVIL},
        points=[{"latitude": 34.8, "longitude": 138.3, "kind": "home", "text": EVIL}],
        months=[{"month": 4, "value": 10, "last": 9}],
    )
    assert "<script" not in page
    assert "alert(1)" in page or "avatar" in page or "flow" in page
    assert '""' not in page.replace('=""', "")


def test_every_icon_of_the_screens_is_there() -> None:
    assert {"mark", "coin", "cat-garden", "cat-child", "bell", "sort", "signal"} <= set(symbols())
    assert len(symbols()) == 56


def test_icon_is_hidden_from_screen_readers_and_keeps_its_colours() -> None:
    icon = drawn("{% icon 'cat-garden' 'cat small' %}")
    assert icon.startswith(
        '<svg class="icon icon--cat icon--small" viewBox="0 0 48 48" aria-hidden'
    )
    assert 'class="f"' in icon


def test_unknown_icon_is_a_bug_that_shows() -> None:
    with pytest.raises(KeyError):
        drawn("{% icon 'nothing' %}")


def test_coin() -> None:
    assert "12,480<small>コイン</small>" in drawn("{% coin 12480 %}")
    assert "coin--figure" in drawn("{% coin 1 'figure' %}")


def test_the_tint_follows_the_person_and_not_the_name() -> None:
    assert drawn("{% avatar '青空 みなみ' 7 %}") == drawn("{% avatar '青空 ふみ' 7 %}")
    assert ">青</span>" in drawn("{% avatar '青空 みなみ' 7 'large' %}")
    tints = {drawn("{% avatar '青' seed %}", seed=seed) for seed in range(40)}
    assert len(tints) == 4


def test_steps_say_how_far_one_is() -> None:
    page = drawn("{% steps 2 'たのむこと' '場所と日時' '確認' %}")
    assert 'aria-label="進みぐあい：3つのうち2番目"' in page
    assert page.count("（すみました）") == 1
    assert page.count('aria-current="step"') == 1


def test_hidden_figures() -> None:
    assert "非公開" in drawn("{{ n|or_hidden }}", n=None)
    assert drawn("{{ n|or_hidden }}", n=0) == "0"
    assert drawn("{{ n|grouped }}", n=12480) == "12,480"
    assert drawn("{{ n|fiscal_year }}", n=2026) == "2026年度（令和8年度）"


def test_banner_and_times() -> None:
    assert "banner--warn" in drawn("{% banner 'warn' '見出し' %}<p>文</p>{% endbanner %}")
    page = drawn("{% jwhen a b %}", a=clock.at(DAY, 10), b=clock.at(DAY, 12))
    assert re.sub("<[^>]+>", "", page) == "11月28日（土）10時〜12時"


def test_free_times_lie_inside_the_track() -> None:
    free = [
        (clock.at(date(2026, 11, 27), 20), clock.at(DAY, 9)),
        (clock.at(DAY, 15), clock.at(date(2026, 11, 29), 3)),
        (clock.at(date(2026, 11, 29), 8), clock.at(date(2026, 11, 29), 9)),
    ]
    bar = drawing.freebar(free, (clock.at(DAY, 10), clock.at(DAY, 12)), from_hour=8, to_hour=18)
    assert bar["free"] == [{"x": "10", "width": "32"}, {"x": "234", "width": "96"}]
    assert bar["asked"] == {"x": "74", "width": "64"}
    assert [tick["text"] for tick in bar["ticks"]] == ["8", "10", "12", "14", "16", "18時"]


def test_the_bar_grows_to_an_early_or_late_asked_time() -> None:
    asked = (clock.at(DAY, 6), clock.at(DAY, 7))
    bar = drawing.freebar([], asked, from_hour=8, to_hour=18)
    assert bar["asked"]["x"] == "10"
    assert bar["ticks"][0]["text"] == "6"


def test_month_chart_keeps_hidden_months_hidden() -> None:
    months = [
        {"month": 4, "value": 1120, "last": None},
        {"month": 5, "value": None, "last": 980},
        {"month": 6, "value": 0, "last": 0},
    ]
    page = drawn(
        "{% month_chart m name='コイン' unit='コイン' year_label='2026年度' last_label='前' %}",
        m=months,
    )
    assert page.count("非公開") == 2
    assert "合計" not in page
    assert "5月" not in re.search("<title.*?</title>", page)[0]  # type: ignore[index]


def test_month_chart_without_anything_yet() -> None:
    page = drawn("{% month_chart m name='コイン' unit='コイン' year_label='2026年度' %}", m=[])
    assert "<svg" not in page
    assert "月ごとに出せる数字が、まだありません" in page


def test_a_house_number_stays_whole() -> None:
    page = drawn("{{ place|address }}", place="みどり浜市<見本町>1-2-3")
    assert page == 'みどり浜市&lt;見本町&gt;<span class="nowrap">1-2-3</span>'
    assert drawn("{{ place|address }}", place="川上8") == "川上8"
    assert drawn("{{ place|address }}", place="") == ""


def test_a_long_title_may_break_before_its_last_word() -> None:
    page = drawn("{{ title|soft }}", title="港・浜辺 生活支援コーディネーター<b>")
    assert page == "港・浜辺 生活支援<wbr>コーディネーター&lt;b&gt;"


SQUARE = {
    "type": "MultiPolygon",
    "coordinates": [[[[138.3, 34.8], [138.4, 34.8], [138.4, 34.9], [138.3, 34.9], [138.3, 34.8]]]],
}


def test_a_map_fits_its_areas() -> None:
    page = drawn("{% map_sketch '地図' areas=a %}", a=[{"geometry": SQUARE, "name": "港"}])
    numbers = [float(n) for n in re.findall(r"[ML]([\d.]+) ", page)]
    assert min(numbers) >= 0
    assert max(numbers) <= drawing.MAP_WIDTH
    assert 'class="area-name area-name--plain"' in page


def test_a_map_of_one_home_and_a_map_of_nothing() -> None:
    home = {"latitude": 34.87, "longitude": 138.32, "kind": "home", "text": "母の家"}
    assert "母の家" in drawn("{% map_sketch '地図' points=p %}", p=[home])
    assert "<svg" in drawn("{% map_sketch '地図' %}")


def test_blurred_homes_are_circles_of_their_radius() -> None:
    points = [
        {"latitude": 34.87, "longitude": 138.30, "kind": "about", "text": "春", "radius_m": 300},
        {"latitude": 34.87, "longitude": 138.32, "kind": "home", "text": "母の家"},
    ]
    sketch = drawing.map_sketch("地図", areas=[], points=points, key="m")
    about, home = sketch["points"]
    metres = (138.32 - 138.30) * drawing.METRES_PER_DEGREE * 0.8205  # cos 34.87°
    per_unit = metres / (float(home["x"]) - float(about["x"]))
    assert float(about["radius"]) * per_unit == pytest.approx(300, rel=0.02)


def test_qr_is_an_image_with_a_name() -> None:
    code = drawn("{% qr 'https://kyojo.example/verify/7Q4K' '確かめるページ' %}")
    assert 'role="img" aria-label="確かめるページ"' in code
    assert "style=" not in code
    assert "stroke" not in code
