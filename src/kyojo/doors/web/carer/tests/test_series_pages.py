"""Series and bundles through HTTP: from a request to a series, its changes; a bundle put together,
asked for and taken back; what the supporter reads and says."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.help.matching.models import Offer
from kyojo.help.requests.models import Bundle, HelpRequest, Series
from kyojo.help.requests.tests.cast import (
    KITA,
    MIDORI,
    NOW,
    cast_make,
    garden_draft,
    garden_open,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .test_pages import body, login, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        yield cast_make(towns)


def series_typed(cast: SimpleNamespace, **changes: object) -> dict[str, object]:
    return {
        "order_id": str(new_id()),
        "every": "week",
        "weekdays": ["5"],
        "nth": "1",
        "from_time": "10:00",
        "minutes": "120",
        "starts_year": "2026",
        "starts_month": "11",
        "starts_day": "28",
        "ends": "8",
        "usual": f"{MIDORI}/{cast.ken.uid}",
        "decide": "first",
    } | changes


def begun(cast: SimpleNamespace, client: Client) -> str:
    """The address of a series that was begun from a draft."""
    with tenant(KITA):
        draft = garden_draft(cast)
    answer = client.post(f"/series/new/{draft.uid}/", series_typed(cast))
    assert answer.status_code == 302, body(answer)
    return str(answer["Location"])


def test_from_a_draft_to_a_series_and_what_is_changed_of_it(cast: SimpleNamespace) -> None:
    minami = login(cast.minami)
    with tenant(KITA):
        draft = garden_draft(cast)
    assert f"/series/new/{draft.uid}/" in body(minami.get(f"/ask/{draft.uid}/"))
    page = body(minami.get(f"/series/new/{draft.uid}/"))
    assert "春風 けん さん" in page
    assert 'value="5" id="id_weekdays_5" checked' in page
    form = series_typed(cast)
    url = minami.post(f"/series/new/{draft.uid}/", form)["Location"]
    assert minami.post(f"/series/new/{draft.uid}/", form)["Location"] == url
    with tenant(KITA):
        assert Series.objects.count() == 1
        assert Offer.objects.filter(is_direct=True).count() == 3
    page = body(minami.get(url))
    for said in ("毎週 土曜 10時から2時間", "8回", "春風 さん", "春風さんの返事を待っています"):
        assert said in page
    assert "毎週 土曜 10時から2時間" in body(minami.get("/"))
    assert minami.post(f"{url}skip/", {"day": "2026-12-05"})["Location"] == url
    assert minami.post(f"{url}skip/", {"day": "2026-12-06"}).status_code == 409
    assert minami.post(f"{url}skip/", {"day": "x"}).status_code == 409
    assert 'value="2026-12-05"' not in body(minami.get(url))
    assert 'value="10:00" selected' in body(minami.get(f"{url}change/"))
    change = series_typed(cast, from_time="09:00")
    assert minami.post(f"{url}change/", change)["Location"] == url
    assert "毎週 土曜 9時から2時間" in body(minami.get(url))
    assert "終わりにしますか" in body(minami.get(f"{url}end/"))
    assert minami.post(f"{url}end/")["Location"] == url
    assert "このくり返しは、終わっています" in body(minami.get(url))
    with tenant(KITA):
        assert coins.purse(cast.minami).held == 0
    other = login(cast.makoto)
    for path in ("", "change/", "end/"):
        assert other.get(f"{url}{path}").status_code == 404
    assert other.post(f"{url}skip/", {"day": "2026-12-12"}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weekdays": []}, "曜日を選んでください"),
        ({"every": "month", "weekdays": ["1", "2"]}, "曜日を1つだけ選んでください"),
        ({"ends": "until", "until_year": "2027", "until_month": "9", "until_day": "1"}, "6か月先"),
        ({"ends": "until"}, "日か回数で入れてください"),
        ({"starts_day": "31"}, "11月は30日までです"),
        ({"from_time": "03:00"}, "1つ選んでください"),
        ({"usual": f"{MIDORI}/{new_id()}"}, "1つ選んでください"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_begins(
    cast: SimpleNamespace, changes: dict[str, object], said: str
) -> None:
    with tenant(KITA):
        draft = garden_draft(cast)
    answer = login(cast.minami).post(f"/series/new/{draft.uid}/", series_typed(cast, **changes))
    assert answer.status_code == 422
    assert said in body(answer)
    with tenant(KITA):
        assert not Series.objects.exists()


def test_the_supporter_reads_that_it_is_every_week_and_says_what_they_cannot(
    cast: SimpleNamespace,
) -> None:
    minami, ken = login(cast.minami), login(cast.ken)
    url = begun(cast, minami)
    uid = url.split("/")[-2]
    home = body(ken.get("/help/"))
    assert "毎週 土曜（8回）" in home
    own = f"/help/series/{KITA}/{uid}/"
    assert own in home
    with tenant(MIDORI):
        offer = Offer.objects.order_by("starts_at")[0]
    page = body(ken.get(f"/offers/{offer.uid}/answer/"))
    assert "毎週 土曜（8回）" in page
    assert own in page
    assert "ほかの2日も、まとめてOK" in page
    assert "お返事をお願いします" in body(ken.get(own))
    assert ken.post(f"{own}away/", {"day": "2026-12-05"})["Location"] == own
    assert ken.post(f"{own}away/", {"day": "2026-12-06"}).status_code == 409
    assert "代わりの人をさがします" in body(ken.get(own))
    answered = ken.post(f"/offers/{offer.uid}/answer/", {"answer": "all"})
    assert answered["Location"] == f"/offers/{offer.uid}/answer/"
    assert "2日分、決まりました" in body(ken.get(answered["Location"]))
    assert "春風さんが来ます" in body(minami.get(url))
    jun = login(cast.jun)
    for path in ("", "leave/"):
        assert jun.get(f"{own}{path}").status_code == 404
    assert jun.post(f"{own}leave/").status_code == 404
    assert "外れますか" in body(ken.get(f"{own}leave/"))
    assert ken.post(f"{own}leave/")["Location"] == "/help/"
    assert ken.get(own).status_code == 404
    page = body(minami.get(url))
    assert "決まっていません" in page
    usual = {"town": str(MIDORI), "supporter": str(cast.ken.uid)}
    assert minami.post(f"{url}usual/", usual)["Location"] == url
    assert "春風 さん" in body(minami.get(url))
    assert minami.post(f"{url}usual/", usual | {"supporter": str(cast.jun.uid)}).status_code == 409


def test_a_bundle_is_put_together_asked_for_and_taken_back(cast: SimpleNamespace) -> None:
    minami = login(cast.minami)
    assert "/bundles/new/" in body(minami.get("/ask/"))
    assert (
        minami.post("/bundles/new/", {"order_id": str(new_id()), "title": " "}).status_code == 422
    )
    url = minami.post("/bundles/new/", {"order_id": str(new_id()), "title": "退院のあとの1週間"})[
        "Location"
    ]
    assert "まだ、何も入っていません" in body(minami.get(url))
    assert f"{url}add/garden/" in body(minami.get(f"{url}add/"))
    assert "2つに分けて" in body(minami.get(f"{url}add/garden/"))
    assert minami.post(f"{url}add/garden/", typed(cast, minutes="60"))["Location"] == url
    assert minami.post(url).status_code == 409, "one is no bundle"
    assert minami.post(f"{url}add/garden/", typed(cast, minutes="45")).status_code == 422
    long_job = typed(cast, minutes="240", from_time="12:00")
    assert minami.post(f"{url}add/garden/", long_job)["Location"] == url
    with tenant(KITA):
        first, *cut = HelpRequest.objects.order_by("starts_at")
        assert len(cut) == 2
    page = body(minami.get(url))
    assert page.count("はずす") == 3
    assert minami.post(f"{url}parts/{cut[1].uid}/remove/")["Location"] == url
    assert minami.post(url)["Location"] == url
    page = body(minami.get(url))
    assert "2つのうち、2つに来られる人がいます" in page
    names = re.findall(r'<select[^>]*name="(part_\w+)"', page)
    assert len(names) == 2
    form = {"order_id": str(new_id())} | dict.fromkeys(names, f"{MIDORI}/{cast.jun.uid}")
    assert minami.post(url, form)["Location"] == url
    assert minami.post(url, form)["Location"] == url
    with tenant(KITA):
        assert Offer.objects.filter(is_direct=True).count() == 2
    assert "朝露さんの返事を待っています" in body(minami.get(url))
    assert "退院のあとの1週間" in body(minami.get("/"))
    jun = login(cast.jun)
    with tenant(MIDORI):
        offer = Offer.objects.get(request_uid=first.uid)
    page = body(jun.get(f"/offers/{offer.uid}/answer/"))
    assert "全部で2つのうちの1つ" in page
    assert "退院" not in page, "what it is for is nobody's business"
    other = login(cast.makoto)
    for path in ("", "add/", "add/garden/", "cancel/"):
        assert other.get(f"{url}{path}").status_code == 404
    assert "全部取り消しますか" in body(minami.get(f"{url}cancel/"))
    assert minami.post(f"{url}cancel/")["Location"] == "/"
    with tenant(KITA):
        assert Bundle.objects.get().cancelled_at is not None
        assert coins.purse(cast.minami).held == 0
        assert set(HelpRequest.objects.values_list("state", flat=True)) == {"cancelled"}
        # As if somebody had been coming, and could not after all.
        HelpRequest.objects.filter(uid=first.uid).update(state=HelpRequest.State.OPEN)
    page = body(minami.get(url))
    assert "まとめてお願いする" not in page, "no button that can only refuse"
    assert f"/requests/{first.uid}/" in page


def test_from_a_request_that_stands_and_for_visitors(cast: SimpleNamespace) -> None:
    minami = login(cast.minami)
    with tenant(KITA):
        asked = garden_open(cast)
    page = body(minami.get(f"/series/new/{asked.uid}/"))
    assert 'name="starts_day" value="5"' in page, "a week after what was asked for already"
    url = begun(cast, minami)
    assert login(cast.minami).get("/series/x/").status_code == 404
    assert Client().get(url).status_code == 302
