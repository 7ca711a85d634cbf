"""Everybody presses at once, with real commits: one ticket is taken once, nothing is lent beyond
the limit, everybody begins once, and the books are true."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from kyojo.civic.earnings import services
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, JUN, KEN, make_officer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.ledger.check import check

from . import test_lending as hours
from . import test_papers as papers
from .test_papers import NOW

CODES = ("ticket", "time")


@pytest.fixture
def three(towns):
    with clock.frozen(NOW):
        for code in CODES:
            install(towns.midori.id, code)
        make_officer(towns.midori.id)
        yield tuple(make_supporter(towns.midori.id, who) for who in (FUMI, KEN, JUN))


def together(act: Callable[[Any], Any], args: list[Any]) -> list[Any]:
    """What ``act`` gave for each argument, all at once; the code of what was refused."""

    def one(arg: Any) -> Any:
        try:
            with clock.frozen(NOW):
                return act(arg)
        except Refusal as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(args)) as pool:
        return list(pool.map(one, args))


def test_four_desks_take_the_same_ticket_in_and_two_print(three, as_owner):
    fumi, ken, jun = three
    papers.buy(fumi, 5)
    [paper] = papers.printed(fumi, 1)
    taken = together(lambda person: papers.bring(person, paper.token), [ken, jun, ken, jun])
    assert taken.count("paper_used") == 3
    assert papers.has(ken) + papers.has(jun) == 1
    papers.buy(ken, 5)
    numbers = together(
        lambda person: [one.number for one in papers.printed(person, 2)], [fumi, ken]
    )
    assert sorted(number for one in numbers for number in one) == [2, 3, 4, 5]
    with as_owner():
        assert check(ledgers=[fumi.municipality_id]) == []


def test_nothing_is_lent_beyond_the_limit_and_everybody_begins_once(three, as_owner):
    fumi, ken, jun = three
    town = fumi.municipality_id

    def begin(person):
        with tenant(town):
            return services.circulation_start(programme_code="time", person=person).pk

    assert len(set(together(begin, [fumi] * 4))) == 1
    assert hours.stands(fumi) == (60, 0)
    given = together(lambda to: hours.hand(fumi, to, 100), [ken, jun, ken, jun])
    assert given.count("movement_lent_most") == 3  # 60 of her own and 120 lent: 100 once
    assert hours.stands(fumi) == (0, 40)
    back = together(lambda by: hours.hand(by, fumi, 30), [ken, jun])
    assert "movement_lent_most" not in back
    assert hours.stands(fumi) == (20, 0)
    assert hours.issued(town) == 60 + sum(hours.stands(one)[1] for one in three)
    with as_owner():
        assert check(ledgers=[town]) == []
