"""A town's long lists: the database sorts and cuts them, and they say what the short ones say."""

import pytest

from kyojo.civic.earnings import services
from kyojo.civic.earnings.testing import record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import KEN, make_supporter
from kyojo.help.support.tests.cast import MIDORI
from kyojo.kernel import clock

from ..points import closing, records
from .points_cast import APRIL, BASE, CODE, IN_APRIL, closings_run, elder, helped, text

pytestmark = pytest.mark.django_db
LIST = f"{BASE}/records/"
CLOSING = f"{BASE}/closing/2026/"


@pytest.fixture
def two(office):
    """Two who helped; one record was struck out, one counts nothing."""
    first, second = elder(office), make_supporter(MIDORI, KEN)
    stand(second)
    rows = helped(first, 3)
    record(second, CODE, APRIL, hour=14, activity="meal", host="meal-1")
    stand(second, "none", since=APRIL.replace(day=10))
    record(second, CODE, APRIL.replace(day=11))
    with tenant(MIDORI):
        services.record_void(uid=rows[0].uid, reason="まちがい", by=office.officer)
    return office.client(office.officer)


def lines(page):
    return [(row.record.pk, row.units, row.host, row.why) for row in page.context["rows"]]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?sort=start",
        "?sort=kana",
        "?sort=-kana",
        "?sort=activity",
        "?sort=-host",
        "?activity=meal",
        "?host=facility-1",
        "?state=void",
        "?state=zero",
        "?state=counted",
        "?words=だれもいない",
    ],
)
def test_a_long_list_is_the_short_one(two, monkeypatch, query):
    short = two.get(f"{LIST}{query}")
    monkeypatch.setattr(records, "COUNTED_AT_ONCE", 0)
    long = two.get(f"{LIST}{query}")
    assert lines(long) == lines(short) and long.status_code == 200
    count = f"{len(lines(short))}件"
    assert not lines(short) or count in text(long)


def test_what_it_came_to_is_no_longer_a_heading_to_press(two, monkeypatch):
    assert "sort=units" in two.get(LIST).content.decode()
    monkeypatch.setattr(records, "COUNTED_AT_ONCE", 0)
    page = two.get(LIST).content.decode()
    assert "sort=units" not in page and "600" not in page
    assert lines(two.get(f"{LIST}?sort=units")) == lines(two.get(LIST))
    assert len(two.get(f"{LIST}?format=csv").content.splitlines()) == 6


def test_a_long_year_is_looked_at_and_closed(two, monkeypatch):
    short = two.get(CLOSING)
    monkeypatch.setattr(closing, "COUNTED_AT_ONCE", 0)
    long = two.get(CLOSING)
    assert list(long.context["rows"]) == list(short.context["rows"])
    assert "sort=units" not in long.content.decode()
    with clock.frozen(IN_APRIL):
        page = two.get(CLOSING)
        assert "全員をもう一度数えなおします" in text(page)
        shown = page.context["form"]["shown"].value()
        stale = two.post(CLOSING, {"shown": "9/9/9/9", "confirm": "on"})
        assert (stale.status_code, "数が変わりました" in text(stale)) == (422, True)
        answer = two.post(CLOSING, {"shown": shown, "confirm": "on"}, follow=True)
        assert "締めはじめました" in text(answer) and closings_run() == 1
        assert "この年度は締めました" in text(two.get(CLOSING))
