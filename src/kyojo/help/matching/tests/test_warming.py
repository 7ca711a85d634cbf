"""The largest towns are read before anybody looks, beside whatever is served."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.matching import live
from kyojo.help.matching.warming import warm_up
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, cast_make, supporter
from kyojo.kernel import clock


@pytest.fixture
def cast(committed_db: None, towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        cast = cast_make(towns)
        live._towns.clear()
        yield cast
        live._towns.clear()


def test_the_largest_come_first_and_the_empty_never(cast: SimpleNamespace) -> None:
    assert warm_up(3) == [MIDORI]
    with tenant(KITA):
        supporter("花野 るい", "ハナノ ルイ", town=KITA, skills={"garden": ""})
    assert warm_up(3) == [MIDORI, KITA]
    assert warm_up(1) == [MIDORI]
    assert warm_up(0) == []


def test_what_was_read_is_not_read_again_by_the_first_look(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm_up(1)
    held = live._towns[MIDORI]
    with tenant(MIDORI):
        assert len(live.population()) == 3
    assert live._towns[MIDORI] is held


def test_a_town_that_fails_keeps_none_from_being_read(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with tenant(KITA):
        supporter("花野 るい", "ハナノ ルイ", town=KITA, skills={"garden": ""})
    real = live.population

    def broken() -> Any:
        if live.current() == MIDORI:
            raise ValueError("花野 るい")
        return real()

    monkeypatch.setattr(live, "population", broken)
    assert warm_up(3) == [KITA]
    assert f"town {MIDORI} failed: ValueError" in caplog.text
    assert "花野" not in caplog.text
