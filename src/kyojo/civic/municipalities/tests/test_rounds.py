"""A job over all towns: whoever fails keeps nobody waiting, and is told of without any data."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.rounds import TownsFailed, each_in_towns, towns_each, within
from kyojo.civic.municipalities.tenancy import current, tenant

pytestmark = pytest.mark.django_db
KITA, MIDORI = 990019, 990027


def test_every_town_in_order(towns: SimpleNamespace) -> None:
    seen: list[int] = []
    towns_each(within(lambda: seen.append(current())), job="seen")
    assert seen == [KITA, MIDORI]


def test_what_fails_is_told_after_the_last(
    towns: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []

    def act(code: int) -> None:
        seen.append(code)
        if code == KITA:
            raise KeyError("青空 みなみ")

    with pytest.raises(TownsFailed, match=r"^job: 990019 \(KeyError\)$"):
        towns_each(act, job="job")
    assert seen == [KITA, MIDORI]
    assert "job: town 990019 failed: KeyError at test_rounds.py:" in caplog.text
    assert "青空" not in caplog.text


def test_a_towns_share_is_done_as_a_whole_or_not_at_all(towns: SimpleNamespace) -> None:
    def make() -> None:
        Area.objects.create(
            kind="living_area", code="a", name="港", geometry={}, west=0, south=0, east=1, north=1
        )

    def fail() -> None:
        if current() == KITA:
            raise ValueError

    with pytest.raises(TownsFailed):
        towns_each(within(make, fail), job="job")
    for code, count in ((KITA, 0), (MIDORI, 1)):
        with tenant(code):
            assert Area.objects.count() == count


def test_what_fails_in_a_town_keeps_neither_its_others_nor_other_towns_waiting(
    towns: SimpleNamespace,
) -> None:
    done: list[tuple[int, int]] = []

    def due() -> list[UUID]:
        return [UUID(int=1), UUID(int=2), UUID(int=3)]

    def act(uid: UUID) -> None:
        if current() == KITA and uid.int == 2:
            raise KeyError
        done.append((current(), uid.int))

    with pytest.raises(TownsFailed, match=r"^job: 990019 \(KeyError\)$"):
        each_in_towns(due, act, job="job")
    assert done == [(KITA, 1), (KITA, 3), (MIDORI, 1), (MIDORI, 2), (MIDORI, 3)]

    def unreadable() -> list[UUID]:
        if current() == KITA:
            raise ValueError
        return due()

    done.clear()
    with pytest.raises(TownsFailed, match="ValueError"):
        each_in_towns(unreadable, act, job="job")
    assert done == [(MIDORI, 1), (MIDORI, 2), (MIDORI, 3)]
