"""The cast of the tests of points and stamps: a programme, and people who do something for it."""

from datetime import date
from typing import Any
from uuid import UUID

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.services import operator_register
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import make_officer
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.presets import preset
from kyojo.civic.programmes.services import programme_install
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from . import services
from .models import Record

#: A bank account that is nobody's.
PAYEE = services.Payee("0001", "ﾐﾎﾝ", "001", "ﾎﾝﾃﾝ", "1", "1234567", "ｸﾓｲ ｱｷﾗ")


def install(
    municipality_id: int, code: str, *, since: date = date(2024, 4, 1), document: str = ""
) -> Programme:
    """A preset (or ``document``) as the town's rules; made once a day of beginning."""
    town = Municipality.objects.get(pk=municipality_id)
    operator = operator_register(
        municipality_id=municipality_id,
        kind="municipality",
        name=town.name,
        name_kana=town.name_kana,
    )
    with tenant(municipality_id):
        version = programme_install(
            operator=operator,
            code=code,
            document=document or preset(code),
            effective_from=since,
        )
        programme: Programme = version.programme
    return programme


def stand(
    person: Person, insured: str = "first", *, since: date = date(2020, 4, 1), **ties: bool
) -> None:
    """What programmes ask of a person: first-class insured and living here, unless told."""
    given = {"lives": True, "works": False, "studies": False} | ties
    with tenant(person.municipality_id):
        services.standing_set(person=person, since=since, insured=insured, **given)


def record(
    person: Person,
    code: str,
    day: date,
    *,
    hour: int = 9,
    hours: int = 1,
    activity: str = "facility",
    host: str = "facility-1",
    uid: UUID | None = None,
    **fields: Any,
) -> Record:
    """An activity of ``hours`` from ``hour`` on; the officer writes it down."""
    by = make_officer(person.municipality_id)
    with tenant(person.municipality_id):
        return services.record_add(
            uid=uid or new_id(),
            programme_code=code,
            person_id=person.pk,
            activity=activity,
            host=host,
            start=clock.at(day, hour),
            end=clock.at(day, hour + hours),
            by=by,
            **fields,
        )
