"""One visit judged while its carer waits: as in the whole town, and without reading it."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services, tasks
from kyojo.help.support.fraud import file
from kyojo.help.support.fraud.watch import watch
from kyojo.help.support.fraud_facts import town_facts
from kyojo.help.support.fraud_near import near_facts
from kyojo.help.support.models import Visit, VisitLook, VisitScore
from kyojo.help.support.services import fraud_watch
from kyojo.kernel import clock

from .cast import MIDORI, START, Cast, state_of
from .lived import LATER, ONE_PHONE, confirm, town_lived, visit_faked, visit_honest

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(cast, monkeypatch) -> Cast:
    """A town where people have helped for ten weeks, too large to be scored while somebody waits;
    what is older than a month is scored."""
    monkeypatch.setattr(fraud_watch, "AT_ONCE", 20)
    with tenant(MIDORI):
        town_lived(START)
    with clock.frozen(START - timedelta(days=2)), tenant(MIDORI):
        services.visits_score()
        VisitLook.objects.all().delete()
    return cast


def test_a_visit_alone_is_judged_as_in_the_whole_town(lived):
    honest, faked = visit_honest(lived), visit_faked(lived, START + timedelta(days=1))
    with clock.frozen(START + timedelta(days=2)), tenant(MIDORI):
        _, detector = file.shipped()
        whole = watch(town_facts()[0], detector)
        assert whole is not None
        table = whole.scored.seen.table
        latest = Visit.objects.order_by("-ends_at").values_list("uid", flat=True)[:40]
        off: Counter[str] = Counter()
        for uid in {honest, faked, *latest}:
            facts = near_facts(Visit.objects.get(uid=uid))
            assert len(facts.visits) < len(table)
            alone = watch(facts, detector)
            assert alone is not None
            assert alone.scored.threshold == whole.scored.threshold
            here, there = alone.row_of(str(uid)), whole.row_of(str(uid))
            own = alone.scored.seen.table.values[here]
            same = np.isclose(own, table.values[there], rtol=0, atol=1e-6, equal_nan=True)
            off.update(name for name, is_same in zip(table.names, same, strict=True) if not is_same)
            assert alone.scored.flagged[here] == whole.scored.flagged[there]
            assert alone.scored.scores[here] == pytest.approx(whole.scored.scores[there], abs=0.3)
        assert whole.scored.flagged[whole.row_of(str(faked))]
    assert not off


def test_the_gate_and_the_job_decide_alike_and_the_gate_leaves_the_town_alone(lived, monkeypatch):
    faked = visit_faked(lived)
    with monkeypatch.context() as patched:
        patched.setattr(fraud_watch, "town_facts", lambda: pytest.fail("the whole town was read"))
        confirm(lived, faked, ONE_PHONE)
    assert state_of(faked) == "disputed"
    with tenant(MIDORI):
        gate = VisitLook.objects.get(visit_uid=faked)
        assert not VisitScore.objects.filter(visit_uid=faked).exists()
        VisitLook.objects.all().delete()
    with clock.frozen(LATER + timedelta(minutes=5)):
        services.visits_look()
    with tenant(MIDORI):
        job = VisitLook.objects.get(visit_uid=faked)
        score = VisitScore.objects.get(visit_uid=faked)
    assert (job.reasons, job.score, job.margin) == (gate.reasons, gate.score, gate.margin)
    assert score.score == job.score
    assert score.numbers and score.prints


def test_an_honest_one_is_paid_at_once_and_scored_by_the_job(lived):
    honest = visit_honest(lived)
    confirm(lived, honest)
    assert state_of(honest) == "settled"
    with tenant(MIDORI):
        assert not VisitScore.objects.filter(visit_uid=honest).exists()
        tasks.town_look(municipality_id=MIDORI)
        assert VisitScore.objects.filter(visit_uid=honest).exists()
        assert not VisitLook.objects.filter(visit_uid=honest, by_lot=False).exists()


def test_one_phone_for_both_sides_is_seen_at_the_confirmation_though_it_was_scored(lived):
    honest = visit_honest(lived)
    with clock.frozen(LATER):
        tasks.town_look(municipality_id=MIDORI)
    with tenant(MIDORI):
        before = VisitScore.objects.get(visit_uid=honest).score
    confirm(lived, honest, "phone-of-the-supporter", at=LATER + timedelta(minutes=1))
    with tenant(MIDORI):
        assert VisitScore.objects.get(visit_uid=honest).score > before


# --- the job --------------------------------------------------------------------------------------
def jobs(town=MIDORI) -> list[ProcrastinateJob]:
    return list(
        ProcrastinateJob.objects.filter(
            task_name="support.town_look", args={"municipality_id": town}
        )
    )


def test_many_who_end_make_one_run_once_it_is_committed(cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        for hours in (0, 4):
            visit_honest(cast, START + timedelta(hours=hours))
    assert not jobs()
    assert len(callbacks) >= 2
    for call in callbacks:
        call()
    (job,) = jobs()
    assert job.queueing_lock == f"support.town_look/{MIDORI}"
    assert job.status == "todo"
    with clock.frozen(START + timedelta(hours=8)):
        for _ in range(2):
            tasks.town_look(municipality_id=MIDORI)
    with tenant(MIDORI):
        assert VisitScore.objects.count() == 2
