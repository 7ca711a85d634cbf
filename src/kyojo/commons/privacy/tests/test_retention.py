"""What is kept no longer is erased by night, and the log says how many and not whose."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from django.db.utils import IntegrityError

import kyojo
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, Person
from kyojo.civic.people.services import act_record, notice_send, person_leave
from kyojo.civic.programmes.papers.coin_clauses import KEPT
from kyojo.civic.programmes.rules.model import KeptKind
from kyojo.civic.programmes.selectors import programme_current
from kyojo.commons.privacy import retention, tasks
from kyojo.commons.privacy.models import Erasure, PurgeLog
from kyojo.commons.privacy.selectors import purges
from kyojo.help.requests.models import HelpRequest
from kyojo.help.safety.services import emergency_raise
from kyojo.help.support.models import Visit
from kyojo.help.support.services import positions_purge, visit_confirm
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id


@pytest.fixture
def over(cast):
    uid = visit_make(cast)
    check_in(cast, uid, at=START)
    check_out(cast, uid, at=END)
    with clock.frozen(END), tenant(KITA):
        visit_confirm(visit_uid=uid, carer=cast.carer)
    cast.extra["visit"] = uid
    return cast


def addresses(uid) -> list[str]:
    found = []
    for code in (KITA, MIDORI):
        with tenant(code):
            visit = Visit.objects.get(uid=uid)
            found.append(visit.address)
            found += HelpRequest.objects.filter(uid=visit.request_uid).values_list(
                "address", flat=True
            )
    return [one for one in found if one]


def night(moment) -> None:
    with clock.frozen(moment):
        tasks.purge_due()


def test_the_places_of_visits_go_after_a_year_and_the_visit_stays(over):
    uid = over.extra["visit"]
    assert len(addresses(uid)) == 3
    night(END + timedelta(days=364))
    assert len(addresses(uid)) == 3
    night(END + timedelta(days=365))
    night(END + timedelta(days=366))
    assert addresses(uid) == []
    with tenant(MIDORI):
        visit = Visit.objects.get(uid=uid)
        assert (visit.state, visit.settled_coins, visit.latitude) == ("settled", 40, None)
        logged = PurgeLog.objects.filter(kind="visit_addresses")
        assert list(logged.values_list("count", flat=True)) == [1]


def test_a_town_may_shorten_and_never_lengthen(over, monkeypatch):
    shorter = {"visit_addresses": 30, "notices": 5000}
    rules = programme_current

    def shortened(*args):
        programme, found = rules(*args)
        return programme, replace(found, kept_days=shorter)

    monkeypatch.setattr("kyojo.civic.programmes.selectors.programme_current", shortened)
    night(END + timedelta(days=30))
    assert addresses(over.extra["visit"]) == []
    night(END + timedelta(days=731))
    with tenant(MIDORI):
        assert Notice.objects.count() == 0


def test_notices_go_and_acts_stay_for_seven_years(over):
    with tenant(MIDORI), clock.frozen(END):
        notice_send(person=over.supporter, kind="t", key="t", title="春風さんへ")
        kept = act_record(actor=None, action="t", subject_kind="t", subject_id="t")
        with pytest.raises(IntegrityError):
            from django.db import transaction

            with transaction.atomic():
                Act.objects.filter(pk=kept.pk).delete()
    night(END + timedelta(days=731))
    with tenant(MIDORI):
        assert not Notice.objects.filter(key="t").exists()
        assert Act.objects.filter(pk=kept.pk).exists()


def test_who_left_three_years_ago_is_erased_by_rule(cast, owner_cursor):
    with tenant(MIDORI):
        person_leave(person=cast.second)
        left_at = Person.objects.values_list("left_at", flat=True).get(pk=cast.second.pk)
    night(left_at + timedelta(days=3 * 365 - 1))
    with tenant(MIDORI):
        assert not Erasure.objects.exists()
    with clock.frozen(left_at + timedelta(days=3 * 365)):
        tasks.nightly()
        tasks.nightly()
    with tenant(MIDORI):
        erasure = Erasure.objects.get()
        assert (erasure.origin, erasure.state) == ("rule", "done")
        assert Person.objects.get(pk=cast.second.pk).phone == ""
        assert [one.count for one in purges(kind="left_members")] == [1]


def test_the_log_shows_positions_too_and_goes_itself_after_five_years(over):
    with clock.frozen(END + timedelta(days=31)):
        positions_purge()
    night(END + timedelta(days=365))
    with tenant(MIDORI):
        found = purges()
        assert {one.kind for one in found} >= {"positions", "visit_addresses"}
        assert found == sorted(found, key=lambda one: one.at, reverse=True)
        assert [one.kind for one in purges(kind="positions")] == ["positions"]
    night(END + timedelta(days=365 + 5 * 365))
    with tenant(MIDORI):
        assert not PurgeLog.objects.filter(kind="visit_addresses").exists()


def test_what_nobody_closed_goes_and_the_log_says_so(cast):
    uid = visit_make(cast)
    with clock.frozen(START), tenant(MIDORI):
        emergency_raise(uid=new_id(), visit_uid=uid, by=cast.supporter)
    over = START + timedelta(days=3 * 365)
    for moment in (over - timedelta(days=1), over, over + timedelta(days=1)):
        night(moment)
    with tenant(MIDORI):
        assert [one.count for one in purges(kind="emergencies_unclosed")] == [1]
        assert purges(kind="worries_unclosed") == []


def test_what_a_town_may_shorten_is_what_its_document_can_name():
    """Each kind that is looked up in the rules can be written there, and has its words in print."""
    asked = {
        kind
        for path in Path(kyojo.__path__[0]).rglob("*.py")
        if "tests" not in path.parts
        for kind in re.findall(r'\bkept_days\("(\w+)"', path.read_text())
    }
    assert len(asked) > 8
    assert asked == set(get_args(KeptKind)) == KEPT.keys()


def test_every_kind_has_its_words_once(cast):
    with tenant(MIDORI):
        found = retention.kinds()
    assert len({one.code for one in found}) == len(found)
    assert found[0].code == "register"
    assert all(one.what and one.how_long and one.ground for one in found)
    purged = {"positions", "notices", "visit_addresses", "left_members"}
    assert purged <= {one.code for one in found}
