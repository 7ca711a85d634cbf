from types import SimpleNamespace

import pytest

from kyojo.civic.municipalities import selectors, tenancy
from kyojo.civic.municipalities.domain import AreaRecord, PlaceRecord
from kyojo.civic.municipalities.services import areas_store, places_store

pytestmark = pytest.mark.django_db
TOWN = 990027


def area(code: str, name: str, west: float, size: float = 0.03) -> AreaRecord:
    ring = [[west, 34.84], [west + size, 34.84], [west + size, 34.84 + size], [west, 34.84 + size]]
    return AreaRecord(code, name, "", {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}, 1)


def place(number: str, name: str, longitude: float, **more: str) -> PlaceRecord:
    return PlaceRecord(TOWN, number, name, 34.85, longitude, **more)


@pytest.fixture
def midori(towns: SimpleNamespace) -> None:
    areas = [area("1", "港地区", 138.30), area("2", "山地区", 138.33)]
    areas_store(municipality_id=TOWN, kind="living_area", areas=areas, source="test")
    places = [
        place("1", "港センター", 138.301, name_kana="ミナトセンター", kind="公民館"),
        place("2", "山の家", 138.340, name_kana="ヤマノイエ", address="みどり浜市山町"),
        place("3", "堤防の灯台", 138.2995),  # 46 m outside the edge
    ]
    stored = places_store(municipality_id=TOWN, places=places)
    assert [note.code for note in stored.notes] == ["at_the_edge"]


def test_the_living_area_of_a_point(midori: None) -> None:
    with tenancy.tenant(TOWN):
        found = selectors.area_of_point(34.85, 138.34)
        assert found is not None and found.name == "山地区"
        assert selectors.area_of_point(34.85, 138.50) is None
    with tenancy.tenant(990019):
        assert selectors.area_of_point(34.85, 138.34) is None


def test_the_nearest_places_first(midori: None) -> None:
    with tenancy.tenant(TOWN):
        near = selectors.places_near(34.85, 138.301)
        assert [entry.place.number for entry in near] == ["1", "3"]
        assert near[1].distance_metres == pytest.approx(137, abs=2)
        assert near[1].walking_minutes == 3
        assert near[1].place.area.name == "港地区"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("みなと", ["1"]),
        ("ﾐﾅﾄ 公民館", ["1"]),
        ("山町", ["2"]),
        ("港 山", []),
        ("  ", []),
        ("%", []),
    ],
)
def test_search_finds_names_and_readings(midori: None, text: str, numbers: list[str]) -> None:
    with tenancy.tenant(TOWN):
        assert [found.number for found in selectors.places_search(text)] == numbers
    with tenancy.tenant(990019):
        assert selectors.places_search(text) == []
