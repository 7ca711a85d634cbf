"""A visit that nobody ends: first the supporter is asked, then the office is told."""

from datetime import timedelta

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Notice
from kyojo.help.safety import selectors, services
from kyojo.help.safety.models import Alert, LateWatch
from kyojo.help.support import services as support
from kyojo.help.support.selectors import visit_for
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
from kyojo.kernel.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def jobs():
    with app.replace_connector(testing.InMemoryConnector()) as replaced:
        yield replaced


def look(at, times=1):
    for _ in range(times):
        for town in (KITA, MIDORI):
            with clock.frozen(at), tenant(town):
                services.late_look()


def minutes(number):
    return timedelta(minutes=number)


def asked(cast):
    with tenant(MIDORI):
        return Notice.objects.filter(person=cast.supporter, kind="visit_late_asked").count()


def watch(**only):
    with tenant(MIDORI):
        return LateWatch.objects.get(**only)


def test_first_the_supporter_then_the_office_then_by_itself(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    look(END + minutes(29))
    assert asked(cast) == 0
    look(END + minutes(30), times=2)
    assert asked(cast) == 1
    with clock.frozen(END + minutes(31)), tenant(MIDORI):
        assert selectors.late_asked(visit_for(cast.supporter, uid)).kind == "end"
    look(END + minutes(44))
    assert watch().state == "asked"
    look(END + minutes(45), times=2)
    with tenant(MIDORI):
        assert Alert.objects.filter(kind="late").values("user").distinct().count() == 2
        assert Alert.objects.count() == 2, "nobody on a list: the whole desk, once"
        assert [visit.uid for _, visit in selectors.lates_open(at_office=True)] == [uid]
        services.late_take(pk=watch().pk, by=cast.officer)
    with pytest.raises(NotFound), tenant(KITA):
        services.late_take(pk=watch().pk, by=cast.kita_officer)
    with tenant(KITA):
        told = Notice.objects.get(person=cast.carer, kind="visit_late_office")
    assert "終わりの連絡" in told.title
    check_out(cast, uid, at=END + minutes(46))
    with tenant(MIDORI):
        assert selectors.lates_open() == [], "before the next round says so"
    look(END + minutes(47))
    assert (watch().state, watch().resolved_how) == ("resolved", "ended")
    assert asked(cast) == 1


def test_all_is_well_asks_again_only_later(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    look(END + minutes(30))
    with clock.frozen(END + minutes(35)), tenant(MIDORI):
        services.late_answer(visit_uid=uid, by=cast.supporter)
        services.late_answer(visit_uid=uid, by=cast.supporter)
        with pytest.raises(NotFound):
            services.late_answer(visit_uid=uid, by=cast.second)
        with pytest.raises(NotFound):
            services.late_answer(visit_uid=uid, by=cast.mother)
    look(END + minutes(64))
    assert (watch().state, asked(cast)) == ("fine", 1)
    look(END + minutes(65))
    assert (watch().state, watch().round, asked(cast)) == ("asked", 2, 2)
    look(END + minutes(80))
    assert watch().state == "office"
    with clock.frozen(END + minutes(81)), tenant(MIDORI):
        services.late_resolve(pk=watch().pk, by=cast.officer)
    look(END + minutes(120))
    assert (watch().resolved_how, asked(cast)) == ("office", 2)


def test_who_set_out_and_did_not_arrive(cast):
    uid = visit_make(cast)
    with clock.frozen(START - minutes(20)), tenant(MIDORI):
        support.visit_heading(visit_uid=uid, supporter=cast.supporter)
    with clock.frozen(START - minutes(5)), tenant(MIDORI):
        support.visit_late_tell(visit_uid=uid, supporter=cast.supporter, minutes=20)
    look(START + minutes(49))
    assert asked(cast) == 0, "what was announced is waited for"
    look(START + minutes(50))
    assert (asked(cast), watch().kind) == (1, "arrival")
    check_in(cast, uid, at=START + minutes(55))
    look(START + minutes(70))
    assert watch().resolved_how == "arrived"


def test_who_never_set_out_and_who_ended_are_not_asked(cast):
    uid = visit_make(cast)
    look(START + minutes(90))
    check_in(cast, uid)
    check_out(cast, uid)
    look(END + minutes(60))
    assert asked(cast) == 0
    with tenant(MIDORI):
        assert not LateWatch.objects.exists()
