"""The demo's clock: moved forward for everybody, and what is due is done on the way."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import make_care_place, make_carer, make_supporter
from kyojo.doors.ops.models import DemoClock
from kyojo.doors.web.demo import clock as demo_clock
from kyojo.doors.web.demo import jobs
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock_put_back() -> Iterator[None]:
    yield
    clock.set_offset(timedelta(0))


def test_the_clock_moves_forward_and_never_back() -> None:
    before = clock.now()
    demo_clock.advance(timedelta(hours=3))
    assert timedelta(hours=3) <= clock.now() - before < timedelta(hours=3, minutes=1)
    demo_clock.advance(timedelta(hours=-2))
    assert DemoClock.objects.get().offset_seconds == 3 * 3600


def test_every_request_reads_the_same_clock() -> None:
    demo_clock.advance(timedelta(days=2))
    clock.set_offset(timedelta(0))
    demo_clock.apply(None)  # type: ignore[arg-type]
    assert demo_clock.offset() == timedelta(days=2)


def test_what_is_due_runs_in_every_town(towns: SimpleNamespace) -> None:
    carer = make_carer(towns.kita.pk)
    make_care_place(carer, towns.midori.pk)
    make_supporter(towns.midori.pk)
    jobs.due_run()
    with tenant(towns.kita.pk):
        assert carer.notices.count() == 0
