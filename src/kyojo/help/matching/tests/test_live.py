"""The columns in a process are as fresh as the database, whoever changed it."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import services as people
from kyojo.civic.people.models import Person, Skill
from kyojo.help.matching import live, selectors, services
from kyojo.help.matching.engine.columns import Key
from kyojo.help.matching.models import SupporterChange
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, cast_make, garden_open, supporter
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id


@pytest.fixture
def town(committed_db: None, towns: SimpleNamespace) -> Any:
    """The cast on real commits, its columns read once."""
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            request = garden_open(cast)
            names(request)
        yield SimpleNamespace(cast=cast, request=request)


def names(request: HelpRequest) -> set[str]:
    with tenant(KITA):
        return {one.row.name for one in selectors.candidates(request)}


def held() -> live._Town:
    return live._towns[MIDORI]


ALL = {"春風 けん", "朝露 じゅん", "木漏日 たえ"}
CHANGES: dict[str, Callable[[Person], Any]] = {
    "skill": lambda who: people.skill_set(person=who, skills={"clean": ""}),
    "times": lambda who: people.weekly_times_set(person=who, times=[]),
    "home": lambda who: people.travel_set(person=who, travel="walk", travel_limit_m=300),
    "person": lambda who: Person.objects.filter(pk=who.pk).update(
        resting_until=NOW.date() + timedelta(days=30)
    ),
    "by hand": lambda who: Skill.objects.filter(person=who).delete(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_by_the_next_look_without_reading_all_again(
    town: SimpleNamespace, name: str
) -> None:
    assert names(town.request) == ALL
    before = held()
    with tenant(MIDORI):
        CHANGES[name](town.cast.ken)
    with tenant(MIDORI):
        ranked = live.population().ranked(selectors.need_of(town.request), limit=20)
    assert Key(MIDORI, town.cast.ken.uid) not in ranked.keys
    assert names(town.request) == ALL - {"春風 けん"}
    assert held() is before


def test_whoever_comes_new_is_found(town: SimpleNamespace) -> None:
    with tenant(MIDORI):
        supporter("花野 るい", "ハナノ ルイ", skills={"garden": ""})
    assert names(town.request) == ALL | {"花野 るい"}


def test_every_source_writes_down_who_changed(town: SimpleNamespace) -> None:
    ken = town.cast.ken
    acts: list[Callable[[], Any]] = [
        lambda: people.block_add(person=ken, blocked_uid=new_id()),
        lambda: people.trust_check_record(
            person=ken, kind="training", label="講習", method="窓口", by=None
        ),
        lambda: people.time_exception_add(
            person=ken, day=NOW.date() + timedelta(days=3), is_free=False
        ),
        lambda: services.rating_add(
            supporter_uid=ken.uid, supporter_municipality_id=MIDORI, rating=5
        ),
        lambda: services.tally_add(
            supporter_uid=ken.uid,
            supporter_municipality_id=MIDORI,
            carer_uid=town.cast.minami.uid,
            carer_municipality_id=KITA,
            recipient_uid=None,
            category="garden",
            minutes=30,
        ),
    ]
    for act in acts:
        with tenant(MIDORI):
            last = SupporterChange.objects.order_by("id").last()
            act()
            new = SupporterChange.objects.filter(id__gt=last.id if last else 0)
            assert {one.person_id for one in new} == {ken.pk}
    with tenant(KITA):
        services.offer_ask(
            order_id=new_id(),
            request_uid=town.request.uid,
            carer=town.cast.minami,
            supporter_uid=ken.uid,
            supporter_municipality_id=MIDORI,
        )
    with tenant(MIDORI):
        last = SupporterChange.objects.order_by("id").last()
        assert last is not None and last.person_id == ken.pk


def test_what_is_rolled_back_never_was(town: SimpleNamespace) -> None:
    with pytest.raises(ZeroDivisionError), tenant(MIDORI), transaction.atomic():
        people.skill_set(person=town.cast.ken, skills={"clean": ""})
        assert names(town.request) == ALL - {"春風 けん"}  # the transaction sees what it did
        raise ZeroDivisionError
    assert names(town.request) == ALL


def test_what_is_read_first_within_a_change_is_not_kept(town: SimpleNamespace) -> None:
    live._towns.clear()
    with pytest.raises(ZeroDivisionError), tenant(MIDORI), transaction.atomic():
        people.skill_set(person=town.cast.ken, skills={"clean": ""})
        live.population()
        raise ZeroDivisionError
    assert names(town.request) == ALL


def test_a_transaction_that_commits_late_is_not_missed(
    town: SimpleNamespace,
) -> None:
    """Numbers of transactions are given at their start, and seen at their end."""
    changed, finish = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with clock.frozen(NOW), tenant(MIDORI), transaction.atomic():
                people.skill_set(person=town.cast.ken, skills={"clean": ""})
                changed.set()
                assert finish.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert changed.wait(20)
    with tenant(MIDORI):  # a later number, an earlier end
        people.skill_set(person=town.cast.jun, skills={"clean": ""})
    assert names(town.request) == ALL - {"朝露 じゅん"}
    finish.set()
    thread.join()
    assert names(town.request) == ALL - {"朝露 じゅん", "春風 けん"}


def test_all_is_read_anew_on_another_day(town: SimpleNamespace) -> None:
    before = held()
    with clock.frozen(NOW + timedelta(days=1)):
        names(town.request)
    assert held() is not before


def test_old_notes_are_purged_by_the_databases_clock(town: SimpleNamespace) -> None:
    with tenant(MIDORI):
        assert live.changes_purge() == 0
        count = SupporterChange.objects.count()
        assert count > 0
        SupporterChange.objects.filter(person_id=town.cast.ken.pk).update(
            at=date(2020, 1, 1).isoformat() + "T00:00:00Z"
        )
        purged = live.changes_purge()
        assert 0 < purged < count
        assert SupporterChange.objects.count() == count - purged
