"""The band 「つぎにすること」 of the carer's home, with visits that really took place."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import services as people
from kyojo.civic.people.models import Person
from kyojo.help.support.tests import cast as stage
from kyojo.help.support.tests.cast import END, KITA, START, WEEK_BEFORE, Cast
from kyojo.kernel import clock

from .test_pages import body, login

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(towns: SimpleNamespace) -> Iterator[Cast]:
    with clock.frozen(WEEK_BEFORE):
        made = stage.cast_make()
        if made.carer.user is None:
            with tenant(KITA):
                user = people.user_create(email="carer@example.jp", municipality_id=KITA)
                Person.objects.filter(pk=made.carer.pk).update(user=user)
                made.carer.refresh_from_db()
        yield made


@pytest.fixture
def carer(cast: Cast) -> Client:
    return login(cast.carer)


def test_with_nothing_to_do_it_says_so(carer: Client) -> None:
    page = body(carer.get("/"))
    assert "いまは、することはありません" in page
    assert "決まっている支援は、いまありません" in page
    assert page.count('class="btn btn--large') == 1


def test_a_reserved_visit_shows_the_code_and_who_says_it(cast: Cast, carer: Client) -> None:
    uid = stage.visit_make(cast)
    page = body(carer.get("/"))
    assert stage.spoken_code(uid) in page
    assert "お母さまから声で伝えてもらってください" in page
    assert "来る人が決まりました" in page
    assert f"/visits/{uid}/" in page
    assert "1件が、終わるのを待っています" in page


def test_more_to_come_does_not_cost_more_queries(cast: Cast, carer: Client) -> None:
    carer.get("/")
    stage.visit_make(cast)
    with CaptureQueriesContext(connection) as one:
        carer.get("/")
    stage.visit_make(cast, starts_at=START + timedelta(days=7))
    with CaptureQueriesContext(connection) as two:
        page = body(carer.get("/"))
    assert page.count("当日の合言葉は") == 2
    assert len(two) == len(one)


def test_before_the_mothers_yes_the_badge_waits(cast: Cast, carer: Client) -> None:
    stage.visit_make(cast, with_yes=False)
    assert "お母さまのお返事待ち" in body(carer.get("/"))


def test_an_ended_visit_asks_for_the_confirmation_first(cast: Cast, carer: Client) -> None:
    uid = stage.visit_make(cast)
    stage.check_in(cast, uid)
    stage.check_out(cast, uid)
    with clock.frozen(END + timedelta(minutes=10)):
        page = body(carer.get("/"))
    assert "つぎにすること" in page
    assert "庭の手入れが終わりました。確認をお願いします" in page
    assert "正午まで" in page
    assert "庭の手入れ 2時間" in page  # もう一度たのむ
    assert page.count('class="btn btn--large') == 1
