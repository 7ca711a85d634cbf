"""Whatever people press, in whatever order: no coin is made or lost, and every state that is
reached was allowed."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.domain import HOLDING, TRANSITIONS
from kyojo.help.support.models import VisitStep
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.ids import new_id

from .cast import AT_HOUSE, COINS, END, FAR_AWAY, KITA, MIDORI, START, purses, state_of, visit_make

pytestmark = pytest.mark.django_db

MOMENTS = [
    START - timedelta(days=1),
    START - timedelta(minutes=10),
    START + timedelta(minutes=20),
    END,
    END + timedelta(hours=2),
    END + timedelta(days=4),
    END + timedelta(days=13),
]
PRESSES = [
    "yes", "no", "in_near", "in_far", "out_near", "out_bare", "confirm", "carer_cancels",
    "supporter_cancels", "nobody_came", "nobody_opened", "carer_disputes", "pay", "part", "return",
    "carer_agrees", "supporter_agrees", "carer_appeals", "supporter_appeals", "other_pays",
    "other_returns", "time",
]  # fmt: skip


def press(cast, uid, name):
    carer, supporter, mother = cast.carer, cast.supporter, cast.mother
    check_in = {"visit_uid": uid, "supporter": supporter, "nonce": new_id()}
    resolve = {"visit_uid": uid, "by": cast.officer, "words": "うかがいました"}
    calls = {
        "yes": (MIDORI, lambda: services.consent_give(visit_uid=uid, by=mother)),
        "no": (MIDORI, lambda: services.consent_decline(visit_uid=uid, by=mother)),
        "in_near": (MIDORI, lambda: services.visit_check_in(**check_in, position=AT_HOUSE)),
        "in_far": (MIDORI, lambda: services.visit_check_in(**check_in, position=FAR_AWAY)),
        "out_near": (MIDORI, lambda: services.visit_check_out(**check_in, position=AT_HOUSE)),
        "out_bare": (MIDORI, lambda: services.visit_check_out(**check_in)),
        "confirm": (KITA, lambda: services.visit_confirm(visit_uid=uid, carer=carer)),
        "carer_cancels": (KITA, lambda: services.visit_cancel(visit_uid=uid, actor=carer)),
        "supporter_cancels": (
            MIDORI,
            lambda: services.visit_cancel(visit_uid=uid, actor=supporter),
        ),
        "nobody_came": (
            KITA,
            lambda: services.visit_no_show(visit_uid=uid, by=carer, who="supporter"),
        ),
        "nobody_opened": (
            MIDORI,
            lambda: services.visit_no_show(visit_uid=uid, by=supporter, who="carer"),
        ),
        "carer_disputes": (
            KITA,
            lambda: services.visit_dispute(visit_uid=uid, by=carer, words="ちがいました"),
        ),
        "pay": (MIDORI, lambda: services.dispute_resolve(**resolve, resolution="pay")),
        "part": (
            MIDORI,
            lambda: services.dispute_resolve(**resolve, resolution="pay_part", paid_coins=15),
        ),
        "return": (MIDORI, lambda: services.dispute_resolve(**resolve, resolution="return")),
        "time": (KITA, lambda: (services.visits_auto_confirm(), services.rulings_carry_out())),
    }
    for who, town, person in (("carer", KITA, carer), ("supporter", MIDORI, supporter)):
        mine = {"visit_uid": uid, "by": person}
        calls[f"{who}_agrees"] = (town, partial(services.ruling_accept, **mine))
        calls[f"{who}_appeals"] = (town, partial(services.ruling_appeal, **mine, words="ちがう"))
    other = {"visit_uid": uid, "by": cast.kita_officer, "words": "あらためて"}
    for press_name, resolution in (("other_pays", "pay"), ("other_returns", "return")):
        calls[press_name] = (KITA, partial(services.appeal_decide, **other, resolution=resolution))
    town, call = calls[name]
    with tenant(town):
        try:
            call()
        except Refusal as refusal:
            return refusal
    return None


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    presses=st.lists(st.tuples(st.sampled_from(PRESSES), st.integers(0, 2)), max_size=14),
    with_yes=st.booleans(),
)
def test_any_sequence_keeps_the_coins(cast, presses, with_yes):
    allowed = {(before, after) for (before, _), (after, _) in TRANSITIONS.items()}
    with transaction.atomic():
        uid = visit_make(cast, with_yes=with_yes)
        moment = 0
        for name, ahead in presses:
            moment = min(moment + ahead, len(MOMENTS) - 1)
            before = state_of(uid), purses(cast)
            with clock.frozen(MOMENTS[moment]):
                refusal = press(cast, uid, name)
            available, held, earned = purses(cast)
            assert available + held + earned == COINS
            assert held == (40 if state_of(uid) in HOLDING else 0)
            if refusal is not None:
                assert (state_of(uid), purses(cast)) == before
        for code in (KITA, MIDORI):
            with tenant(code):
                for step in VisitStep.objects.filter(visit_uid=uid).exclude(before=""):
                    assert step.before == step.after or (step.before, step.after) in allowed
        transaction.set_rollback(True)
