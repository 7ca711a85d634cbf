"""The ground of the demo: nobody who asks for help there is without somebody on call."""

from datetime import date, timedelta

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.ops.demo_town_ground import TOWNS, ground_lay
from kyojo.help.safety import selectors
from kyojo.help.safety.domain import on_duty
from kyojo.help.safety.models import CentreMember, SupportCentre
from kyojo.help.safety.services.alarming import duties
from kyojo.kernel import clock


def test_somebody_is_on_call_at_every_hour_and_each_worry_has_a_centre(db):
    ground_lay(date(2026, 4, 1))
    monday = clock.at(date(2026, 4, 6), 0)
    for town in TOWNS:
        with tenant(town):
            listed = duties()
            for hour in range(7 * 24):
                at = clock.local(monday + timedelta(hours=hour))
                assert any(on_duty(one, at) for one in listed), (town, at)
            assert len(selectors.centres()) == 2
            for centre in SupportCentre.objects.all():
                assert CentreMember.objects.filter(centre=centre).exists()
