"""Two readers in one house at once, and a flood in the name of one of them, with real commits."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.models import Evidence, TagSignal, TagTally
from kyojo.help.support.services import Signal
from kyojo.help.support.signed import Said
from kyojo.help.support.tests.cast import (
    END,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    state_of,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .together import at_once

READERS, BEACON = ("a" * 16, "b" * 16), "ac233fa00001"
REPORTS = 10


@pytest.fixture
def visit(committed_db, towns):
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        with tenant(MIDORI):
            at_home = {"kind": "reader", "recipient_uid": cast.mother.uid}
            carried = {"kind": "beacon", "carrier_uid": cast.supporter.uid}
            for number, what in ((READERS[0], at_home), (READERS[1], at_home), (BEACON, carried)):
                services.tag_enrol(
                    uid=new_id(), label="居間", by=cast.officer, hardware_id=number, **what
                )
        return visit_make(cast)


def came_of(*acts):
    """How often each answer came, of acts that begin together."""

    def run(act):
        with clock.frozen(START), tenant(MIDORI):
            return act()

    return Counter(at_once([partial(run, act) for act in acts], threads=8))


def heard(reader, counter, at=START, numbers=(BEACON,)):
    signal = Signal(new_id(), counter, at, pressed=False, beacons=numbers)
    return lambda: services.button_heard(hardware_id=reader, signal=signal)


def forged(counter):
    said = Said(MIDORI, READERS[0], counter, "press", "", "", "0" * 32)
    signal = Signal(new_id(), counter, START)
    return lambda: services.button_heard_signed(said=said, sign="0" * 64, signal=signal)


def test_a_visit_begins_and_ends_once_and_the_flood_is_counted(visit):
    reports = [heard(reader, number) for number in range(REPORTS) for reader in READERS]
    found = came_of(*[act for n in range(20) for act in (reports[n], forged(n), forged(n + 99))])
    assert found["started"] == 1 and found["key_wrong"] == 40
    assert set(found) <= {"started", "present", "tag_replayed", "key_wrong"}
    assert state_of(visit) == "started"
    with tenant(MIDORI):
        assert TagSignal.objects.filter(outcome="key_wrong").count() == 20
        assert TagTally.objects.get(outcome="key_wrong").count == 40
        for number, before in enumerate((20, 10, 0)):
            at = END - timedelta(minutes=before)
            with clock.frozen(at):
                numbers = (BEACON,) if before == 20 else ()
                heard(READERS[0], 99 + number, at, numbers)()

    def end():
        with clock.frozen(END + timedelta(minutes=15)):
            return services.beacons_end_due()

    assert came_of(end, end, end)[1] == 1
    assert state_of(visit) == "ended"
    with tenant(MIDORI):
        moments = Evidence.objects.filter(visit_uid=visit).values_list("moment", flat=True)
        assert sorted(moments) == ["end", "start"]
