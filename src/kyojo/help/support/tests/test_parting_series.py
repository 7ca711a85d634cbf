"""Parting from whoever usually comes, and a block at the very moment of a question."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.matching.models import Offer
from kyojo.help.matching.services import offer_ask, parting
from kyojo.help.requests.models import HelpRequest, Series
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, cast_make, garden_open
from kyojo.help.support.services import person_block
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.ids import new_id

from .test_series import begin, held, made, offers, run, titles


def until(condition: Callable[[], bool], *, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


@pytest.mark.parametrize("blocker", ["minami", "ken"])
def test_neither_usually_comes_for_the_other_any_more(
    db: None, towns: SimpleNamespace, blocker: str
) -> None:
    with clock.frozen(NOW):
        cast = cast_make(towns)
        series = begin(cast)
        days = made(series)
        person = getattr(cast, blocker)
        other = cast.ken if blocker == "minami" else cast.minami
        with tenant(person.municipality_id):
            person_block(person=person, blocked_uid=other.uid, cancels=False)
        with tenant(KITA):
            row = Series.objects.get(uid=series.uid)
        assert (row.state, row.supporter_uid) == ("active", None)
        for request in days.values():
            assert offers(request)[cast.ken.uid].state in ("declined", "withdrawn")
        assert held(cast) == 0
        if blocker == "minami":
            assert any("終わり" in title for title in titles(cast.ken))
    run()
    asked = {
        uid
        for request in made(series).values()
        for uid, one in offers(request).items()
        if one.state == "notified"
    }
    assert asked and cast.ken.uid not in asked


def test_a_block_that_looks_again_lets_go_of_whom_it_locked(
    committed_db: None, towns: SimpleNamespace, owner_cursor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One question comes between its first look and the lock; who asks the next holds the carer's
    row and waits for the supporter's."""
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            requests: list[HelpRequest] = [garden_open(cast) for _ in range(2)]
    look, looks = parting._between, 0
    asked: list[Future[None]] = []

    def ask(request: HelpRequest) -> None:
        try:
            with clock.frozen(NOW), tenant(KITA), suppress(Refusal):
                offer_ask(
                    order_id=new_id(),
                    request_uid=request.uid,
                    carer=cast.minami,
                    supporter_uid=cast.ken.uid,
                    supporter_municipality_id=MIDORI,
                )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:

        def between(*people: Any) -> Any:
            nonlocal looks
            found, looks = look(*people), looks + 1
            if looks == 2:
                pool.submit(ask, requests[0]).result()
            if looks == 3:
                asked.append(pool.submit(ask, requests[1]))
                waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
                until(lambda: owner_cursor.execute(waits).fetchone()[0])
            return found

        monkeypatch.setattr(parting, "_between", between)
        with clock.frozen(NOW), tenant(MIDORI):
            person_block(person=cast.ken, blocked_uid=cast.minami.uid, cancels=False)
        asked[0].result()
    assert looks > 3
    with tenant(MIDORI):
        assert not Offer.objects.filter(supporter=cast.ken, state="notified").exists()
    with clock.frozen(NOW):
        assert held(cast) == 0


def test_whoever_asks_at_the_moment_of_a_block_leaves_nothing_standing(
    committed_db: None, towns: SimpleNamespace
) -> None:
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            requests: list[HelpRequest] = [garden_open(cast) for _ in range(3)]

    def ask(request: HelpRequest) -> None:
        try:
            with clock.frozen(NOW), tenant(KITA):
                offer_ask(
                    order_id=new_id(),
                    request_uid=request.uid,
                    carer=cast.minami,
                    supporter_uid=cast.ken.uid,
                    supporter_municipality_id=MIDORI,
                )
        except Refusal:
            pass
        finally:
            connections.close_all()

    def block(_: object) -> None:
        try:
            with clock.frozen(NOW), tenant(MIDORI):
                person_block(person=cast.ken, blocked_uid=cast.minami.uid, cancels=False)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(ask, one) for one in requests[:2]]
        done.append(pool.submit(block, None))
        done.append(pool.submit(ask, requests[2]))
        for one in done:
            one.result()
    with tenant(MIDORI):
        assert not Offer.objects.filter(supporter=cast.ken, state="notified").exists()
    with clock.frozen(NOW):
        assert held(cast) == 0
