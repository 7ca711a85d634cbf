"""What the database says of a year is what the evaluator says."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import figures, selectors, services
from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 6)
FIELDS = {
    "yokohama": {},
    "inagi": {},
    "sanjo": {"activity": "talk", "host": "host-1"},
}


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(clock.at(date(2026, 11, 20), 18)):
        yield


@pytest.mark.parametrize("worth", ["", "yen = 10\nof = 3"])
@pytest.mark.parametrize("code", FIELDS)
def test_sums_and_single_years_agree_with_the_evaluator(towns, code, worth):
    document = preset(code)
    if worth and code == "yokohama":
        document = document.replace("[worth]\nyen = 1", f"[worth]\n{worth}")
        assert worth in document
    programme = install(towns.midori.id, code, document=document)
    people = [make_supporter(towns.midori.id, who) for who in (FUMI, KEN)]
    struck = None
    for person, count in zip(people, (23, 11), strict=True):
        stand(person)
        for number in range(count):
            day = APRIL + timedelta(days=number)
            struck = record(person, code, day, **FIELDS[code])
    stand(people[1], "none", since=APRIL + timedelta(days=5))
    with tenant(towns.midori.id):
        services.record_void(uid=struck.uid, reason="まちがい", by=make_officer(towns.midori.id))
        ruled = selectors.ruled(code)
        counted = selectors.everybody(programme, 2026)
        sums = selectors.sums({str(key): year for key, year in counted.items()})
        found = figures.figures(programme, ruled.document, 2026)
        assert (found.people, found.granted, found.value_yen) == (
            sums["people"],
            sums["granted"],
            sums["value_yen"],
        )
        assert found.times == sum(len(year.lines) for year in counted.values()) == 33
        keys = [person.pk for person in people]
        assert figures.years_of_people(programme, keys, 2026) == counted
        assert figures.years_of_people(programme, keys[:1], 2026) == {keys[0]: counted[keys[0]]}
        nothing = figures.figures(programme, ruled.document, 2025)
        assert nothing == figures.Figures(0, 0, 0, 0)
        assert figures.has_records(programme, 2026) and not figures.has_records(programme, 2025)
