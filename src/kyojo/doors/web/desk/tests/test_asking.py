"""How asking goes, and whether the chances come true, for the staff."""

import re
from datetime import timedelta

import pytest
from lxml import html

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.matching.asking.acceptance import PRIOR
from kyojo.help.matching.models import AcceptanceFit, Ask
from kyojo.help.support.tests.cast import MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def text(office, path="/desk/requests/asking/"):
    page = html.fromstring(office.client(office.officer).get(path).content)
    return re.sub(r"\s+", "", page.text_content())


def asked(answer, days=1):
    return Ask(
        municipality_id=MIDORI,
        offer_uid=new_id(),
        request_uid=new_id(),
        supporter_uid=new_id(),
        wave=1,
        asked_at=clock.now() - timedelta(days=days),
        facts=[],
        belief=0.5,
        chance=0.3,
        answers=0.5,
        propensity=1.0,
        model_version="prior-1",
        answer=answer,
    )


def test_a_town_that_starts_is_told_so(office):
    page = text(office)
    assert "「まとめて声をかける」の依頼は、ありませんでした" in page
    assert "はじめの見込みを使っています" in page


def test_the_month_is_counted_and_the_chances_stand_beside_what_came(office):
    with tenant(MIDORI):
        Ask.objects.bulk_create(
            [asked("yes"), asked("yes"), asked("no"), asked(""), asked(""), asked("yes", days=29)]
        )
        figures = {
            "rows": 240,
            "ece": 0.034,
            "brier": 0.18,
            "brier_base": 0.21,
            "told_mean": 0.3,
            "came_mean": 0.31,
            "bins": [
                {"told": 0.1, "came": 0.12, "rows": 120},
                {"told": 0.5, "came": 0.46, "rows": 120},
            ],
        }
        model = PRIOR.as_json() | {"version": "one", "figures": figures}
        AcceptanceFit.objects.create(version="one", model=model, rows=800)
    page = text(office)
    assert "声をかけた数5回5人に" in page
    assert "OK2回、今回は無理1回" in page
    assert "OK1回につき、2.5回声をかけました" in page
    assert "800回の記録から学びなおしました" in page
    assert "240回で確かめると、見込みとじっさいの差は、平均3.4ポイント" in page
    assert "10%12%2120" in page
    assert "50%46%-4120" in page
