"""The demo town: two invented municipalities, loaded through the services, with a fixed seed.

北ひなた市 and みどり浜市 get their areas, places, staff and rules at the beginning of the fiscal
year, their people and companies, coins, and everything that happened since, each step at its own
past moment. Ids follow from ``demo_town_ground.ROOT``; days are relative to the day of loading.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection

from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.help.matching.services import proposals_renew
from kyojo.help.support.tasks import positions_purge_due
from kyojo.kernel import clock
from kyojo.ledger.clearing_domain import month_after

from .demo_town_clearing import clearing_add
from .demo_town_ground import ground_lay
from .demo_town_history import Agenda, visit_add
from .demo_town_now import now_add, roles_write
from .demo_town_paid import paid_add
from .demo_town_people import People, coins_distribute, people_come
from .demo_town_plans import history_plan, unfilled_add
from .demo_town_points import points_add
from .demo_town_troubles import looks_add
from .errors import Failed
from .postgres import OWNER
from .progress import Report

SEED = 20261120
VISITS = {"full": 158, "small": 26}
STEPS_OF_VISIT = 7
#: A fiscal year that has just begun has no history worth showing: then it reaches back as far.
DAYS_AT_LEAST = 150


class Progress:
    """Counts steps towards a total that becomes known on the way."""

    def __init__(self, report: Report | None, total: int) -> None:
        self.report = report
        self.total = total
        self.done = 0

    def step(self, text: str) -> None:
        self.done += 1
        self.total = max(self.total, self.done)
        if self.report is not None:
            self.report(self.done, self.total, text)


def load(progress: Report | None = None, size: str = "full") -> None:
    """Load the two towns into an empty, migrated database.

    ``size`` "small" has a few people and visits: enough for every page of the stories. Raises
    ``Failed`` when the ledger's books do not balance afterwards.
    """
    now = clock.now()
    today = clock.local(now).date()
    start = _start(today)
    bar = Progress(progress, total=60 + VISITS[size] * STEPS_OF_VISIT)
    _quick_commits()
    with _no_mail():
        with clock.frozen(clock.at(start, 9)):
            ground = ground_lay(start)
            town = people_come(ground, Random(SEED), small=size == "small", report=bar.step)
        agenda = _agenda(town, start, today, VISITS[size])
        now_add(agenda, town, now)
        looks_add(agenda, town, start, now)
        clearing_add(agenda, town, start, settled=size == "full")
        points_add(agenda, town, start)
        paid_add(agenda, town, start, now)
        bar.total = bar.done + len(agenda.steps)
        agenda.run(bar.step, "visits")
        roles_write(town)
        towns_each(within(proposals_renew), job="town_plan")
    _check()


def _start(today: date) -> date:
    return min(date(clock.fiscal_year(today), 4, 1), today - timedelta(days=DAYS_AT_LEAST))


def _agenda(town: People, start: date, today: date, visits: int) -> Agenda:
    agenda = Agenda()
    first, last = start + timedelta(days=6), today - timedelta(days=4)
    for plan in history_plan(town, first, last, visits):
        visit_add(agenda, town, plan)
    if visits > 100:
        unfilled_add(agenda, town, today)
    night = clock.at(month_after(start.replace(day=1)), 3, 20)
    while night < clock.now():
        # Every night in a real town; the demo has a few of them.
        agenda.add(night, positions_purge_due)
        night = clock.at(month_after(clock.local(night).date()), 3, 20)
    half = start + (last - start) * 2 / 3
    agenda.add(
        clock.at(half, 10),
        lambda: coins_distribute(town, share=0.2, key="second", reason="秋の追加の配布"),
    )
    return agenda


def _no_mail() -> Any:
    """Nobody is mailed about what happened months ago: jobs of the loading are forgotten."""
    from procrastinate.contrib.django import app
    from procrastinate.testing import InMemoryConnector

    return app.replace_connector(InMemoryConnector())


def _quick_commits() -> None:
    # A load that is cut off is thrown away whole, so single commits need not wait for the disk.
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside the block Django's connection is the tables' owner, past row-level security: only
    for looking at the books, on the demo's own server, which asks for no password."""
    keep = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = OWNER
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = keep


def _check() -> None:
    from kyojo.ledger.check import check

    with as_owner():
        # Nobody keeps the logs while the town is made: its worker will log all of it.
        problems = [each for each in check() if each.rule != "transfer_is_logged"]
    if problems:
        raise Failed(f"the demo town's books do not balance: {problems[0]}")
