"""What the tests of ポイントとスタンプ share: a town that gives points, an elder who helps."""

import re
from datetime import date, timedelta
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Grant, Record, Redemption, Standing, YearClosing
from kyojo.civic.earnings.tasks import year_close
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Person
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.help.support.tests.cast import KITA, MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

CODE = "yokohama"
APRIL = date(2026, 4, 6)
IN_APRIL = clock.at(date(2027, 4, 5), 10)
BASE = f"/desk/points/{CODE}"


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def elder(office: Any) -> Person:
    """A supporter of 66, first-class insured, in a town that gives points."""
    install(MIDORI, CODE)
    person: Person = office.cast.second
    stand(person)
    return person


def helped(person: Person, times: int, *, since: date = APRIL) -> list[Record]:
    return [record(person, CODE, since + timedelta(days=n)) for n in range(times)]


def asked(person: Person, amount: int = 200, use: str = "cash", **fields: Any) -> Redemption:
    payee = {"payee": PAYEE} if use == "cash" else {}
    with tenant(MIDORI):
        return services.redemption_ask(
            uid=new_id(),
            programme_code=CODE,
            person=person,
            use=use,
            amount=amount,
            **(payee | fields),
        )


def available(person: Person) -> int:
    with tenant(MIDORI):
        return selectors.wallet(selectors.ruled(CODE).programme, person).available


#: What a press on these pages may change.
TABLES = (Record, Grant, Redemption, Standing, YearClosing, Programme, ProgrammeVersion)


def everything() -> list[object]:
    """All rows of ``TABLES`` in both towns, and how much is on record but for what was opened."""
    seen: list[object] = []
    for town in (KITA, MIDORI):
        with tenant(town):
            seen += [list(table.objects.order_by("pk").values()) for table in TABLES]
            seen.append(Act.objects.exclude(action__endswith="_opened").count())
    return seen


def acts(action: str) -> list[Act]:
    with tenant(MIDORI):
        return list(Act.objects.filter(action=action).order_by("id"))


def closings_run() -> int:
    """What the worker does with the years it was told to close. Returns how many it was told."""
    jobs = ProcrastinateJob.objects.filter(task_name="earnings.year_close")
    orders = list(jobs.values_list("args", flat=True))
    for order in orders:
        year_close(**order)
    return len(orders)
