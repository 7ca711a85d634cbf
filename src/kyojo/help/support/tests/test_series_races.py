"""Series, two at once: jobs, and presses of one button."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from types import SimpleNamespace

from django.db import connections

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.matching import services
from kyojo.help.requests import services as requests_services
from kyojo.help.requests.repeating import Rhythm
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, SATURDAY, cast_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .test_series import begin, held, made, offers


def test_two_jobs_at_once_make_each_day_once(committed_db: None, towns: SimpleNamespace) -> None:
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            series = requests_services.series_save(
                order_id=new_id(),
                carer=cast.minami,
                category="garden",
                place_uid=cast.house.uid,
                starts_on=SATURDAY,
                from_time=time(10),
                minutes=120,
                memo="",
                rhythm=Rhythm("week", (5,), times=10),
                supporter_uid=cast.ken.uid,
                supporter_municipality_id=MIDORI,
                supporter_name="春風",
            )

    def job(_: int) -> int:
        try:
            with clock.frozen(NOW):
                return services.series_make_due(municipality_id=KITA)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(job, range(4))) == 3
    with clock.frozen(NOW):
        assert [len(offers(one)) for one in made(series).values()] == [1, 1, 1]
        assert held(cast) == 120


def test_two_presses_at_once_begin_one_series(committed_db: None, towns: SimpleNamespace) -> None:
    order = new_id()
    with clock.frozen(NOW):
        cast = cast_make(towns)

    def press(_: int) -> int:
        try:
            with clock.frozen(NOW):
                return begin(cast, order_id=order).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(press, range(4)))) == 1
    with clock.frozen(NOW):
        assert held(cast) == 120
