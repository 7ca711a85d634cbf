"""Several presses at the same moment, on real commits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import connections

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.models import Person
from kyojo.help.matching import services
from kyojo.help.matching.errors import BroadcastStands, DirectAskStands
from kyojo.help.matching.models import Offer
from kyojo.help.matching.services import lapsing
from kyojo.help.matching.tasks import offers_lapse_due
from kyojo.help.requests.tests.cast import (
    KITA,
    MIDORI,
    NOW,
    cast_make,
    garden_open,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.ids import new_id


def test_of_many_presses_one_asks(committed_db: None, towns: SimpleNamespace) -> None:
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            request = garden_open(cast)

    def press(who: Person) -> str:
        try:
            with clock.frozen(NOW), tenant(KITA):
                services.offer_ask(
                    order_id=new_id(),
                    request_uid=request.uid,
                    carer=cast.minami,
                    supporter_uid=who.uid,
                    supporter_municipality_id=MIDORI,
                )
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()
        return "asked"

    pressed = [cast.ken, cast.jun, cast.tae] * 2
    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(press, pressed))
    assert answers.count("asked") == 1
    assert set(answers) <= {"asked", DirectAskStands.code, BroadcastStands.code}
    with clock.frozen(NOW), tenant(KITA):
        assert Offer.objects.count() == 1
        assert coins.purse(cast.minami).held == 40


@pytest.mark.parametrize("rounds", [3])
def test_a_no_and_taking_back_at_once_return_the_coins_once(
    committed_db: None, towns: SimpleNamespace, rounds: int
) -> None:
    with clock.frozen(NOW):
        cast = cast_make(towns)
    for _ in range(rounds):
        with clock.frozen(NOW), tenant(KITA):
            request = garden_open(cast)
            offer = services.offer_ask(
                order_id=new_id(),
                request_uid=request.uid,
                carer=cast.minami,
                supporter_uid=cast.ken.uid,
                supporter_municipality_id=MIDORI,
            )

        def act(side: str, uid: object = offer.uid) -> str:
            try:
                with clock.frozen(NOW):
                    if side == "carer":
                        with tenant(KITA):
                            services.offer_withdraw(offer_uid=uid, carer=cast.minami)  # type: ignore[arg-type]
                    else:
                        with tenant(MIDORI):
                            services.offer_decline(offer_uid=uid, supporter=cast.ken)  # type: ignore[arg-type]
            except Refusal as refusal:
                return refusal.code
            finally:
                connections.close_all()
            return "done"

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(act, ["carer", "supporter", "carer", "supporter"]))
        assert "done" in answers
        assert set(answers) <= {"done", "matching_offer_over"}
        with clock.frozen(NOW), tenant(KITA):
            purse = coins.purse(cast.minami)
            assert (purse.available, purse.held) == (160, 0)


def test_the_job_holds_no_lock_from_one_question_to_the_next(
    committed_db: None, towns: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locks kept over two questions would meet those of somebody who answers the second."""
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            offers = [
                services.offer_ask(
                    order_id=new_id(),
                    request_uid=garden_open(cast).uid,
                    carer=cast.minami,
                    supporter_uid=who.uid,
                    supporter_municipality_id=MIDORI,
                )
                for who in (cast.ken, cast.jun)
            ]
    meant = lapsing._lapse
    seen = []

    def lapse(uid: UUID) -> int:
        if seen:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(is_free, seen[-1]).result()
        seen.append(uid)
        return meant(uid)

    def is_free(uid: UUID) -> None:
        try:
            with tenant(KITA):
                assert Offer.objects.select_for_update(nowait=True).get(uid=uid).state == "lapsed"
        finally:
            connections.close_all()

    monkeypatch.setattr(lapsing, "_lapse", lapse)
    with clock.frozen(NOW + timedelta(hours=25)):
        offers_lapse_due(0)
    assert set(seen) == {offer.uid for offer in offers}
    with clock.frozen(NOW), tenant(KITA):
        assert coins.purse(cast.minami).held == 0


def test_a_question_in_trouble_does_not_hold_up_the_others(
    committed_db: None, towns: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            offers = [
                services.offer_ask(
                    order_id=new_id(),
                    request_uid=garden_open(cast).uid,
                    carer=cast.minami,
                    supporter_uid=who.uid,
                    supporter_municipality_id=MIDORI,
                )
                for who in (cast.ken, cast.jun)
            ]
    meant = lapsing._lapse
    bad = min(offer.uid for offer in offers)

    def lapse(uid: UUID) -> int:
        if uid == bad:
            raise RuntimeError("in trouble")
        return meant(uid)

    monkeypatch.setattr(lapsing, "_lapse", lapse)
    with clock.frozen(NOW + timedelta(hours=25)), pytest.raises(RuntimeError):
        offers_lapse_due(0)
    with tenant(KITA):
        states = {offer.uid: offer.state for offer in Offer.objects.all()}
    assert sorted(states.values()) == ["lapsed", "notified"]
    assert states[bad] == "notified"
