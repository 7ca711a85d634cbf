"""The town's page for everyone."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client

from kyojo.civic.municipalities.models import Area, Place
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.commons.insight.tests.test_selectors import everybody_helps, works
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
__all__ = ["works"]

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[138.3, 34.8], [138.4, 34.8], [138.4, 34.9], [138.3, 34.9], [138.3, 34.8]]],
}


@pytest.fixture
def harbour(works: SimpleNamespace) -> Area:
    with tenant(990027):
        return Area.objects.create(
            kind=Area.Kind.LIVING_AREA,
            code="1",
            name="港",
            name_kana="みなと",
            geometry=SQUARE,
            west=138.3,
            south=34.8,
            east=138.4,
            north=34.9,
        )


def asked(area: Area, count: int, state: str, *, hours: int = 2, month: int = 10) -> None:
    """``count`` requests of as many carers in the area."""
    with tenant(990027):
        for index in range(count):
            HelpRequest.objects.create(
                uid=new_id(),
                sides=[990027],
                number=f"R-{index}",
                carer_uid=new_id(),
                carer_municipality_id=990027,
                place_municipality_id=990027,
                programme_code="kyojo-coin",
                category="ride",
                starts_at=clock.at(date(2026, month, 5), 9),
                ends_at=clock.at(date(2026, month, 5), 9 + hours),
                area=area,
                state=state,
            )


def test_a_town_shows_what_was_asked_done_and_missing(harbour: Area, client: Client) -> None:
    asked(harbour, 6, HelpRequest.State.DONE)
    asked(harbour, 2, HelpRequest.State.UNFILLED)
    asked(harbour, 1, HelpRequest.State.CANCELLED)
    asked(harbour, 3, HelpRequest.State.DONE, month=9)
    response = client.get("/town/midorihama/")
    page = response.content.decode()
    assert "75<small> %</small>" in page and "8件のうち6件" in page
    [row] = response.context["rows"]
    assert (row["name"], row["asked"], row["done"], row["missing"]) == ("港", 16, 12, 4)


def test_few_carers_are_hidden(harbour: Area, client: Client) -> None:
    asked(harbour, 4, HelpRequest.State.UNFILLED, hours=3)
    page = client.get("/town/midorihama/").content.decode()
    assert "非公開" in page and "まだ、出せる数字がありません" in page
    csv = client.get("/town/midorihama/figures.csv").content.decode("utf-8-sig")
    assert csv.splitlines()[1] == "2026-10,港,非公開,非公開,非公開"


def test_coins_of_the_year_and_no_names(
    works: SimpleNamespace, harbour: Area, client: Client
) -> None:
    everybody_helps(works)
    page = client.get("/town/midorihama/").content.decode()
    for private in ("春風", "青空", "みほん町1丁目"):
        assert private not in page


def test_places_can_be_searched(harbour: Area, client: Client) -> None:
    with tenant(990027):
        for number, name in (("1", "みなと茶の間"), ("2", "はまべ食堂")):
            Place.objects.create(
                number=number, name=name, kind="居場所", latitude=34.85, longitude=138.35
            )
    everything = client.get("/town/midorihama/places/").content.decode()
    found = client.get("/town/midorihama/places/", {"q": "みなと"}).content.decode()
    assert "はまべ食堂" in everything
    assert "みなと茶の間" in found and "はまべ食堂" not in found
    nothing = client.get("/town/midorihama/places/", {"q": "<b>"}).content.decode()
    assert "見つかりませんでした" in nothing and '<b>"' not in nothing


def test_unknown_towns_are_not_found(works: SimpleNamespace, client: Client) -> None:
    assert client.get("/town/nowhere/").status_code == 404
    assert "みどり浜市" in client.get("/towns/").content.decode()


def test_whoever_plans_a_scheme_finds_the_guide(works: SimpleNamespace, client: Client) -> None:
    for address in ("/towns/", "/town/midorihama/"):
        assert 'href="/guide/"' in client.get(address).content.decode()


def test_a_search_for_what_cannot_be_written_finds_nothing(harbour: Area, client: Client) -> None:
    """PostgreSQL knows no NUL: it must be a page, not a fault of ours."""
    for address in ("/town/midorihama/places/?q=%00", "/town/midorihama/?%00=x", "/company/%00/"):
        assert client.get(address).status_code == 404
