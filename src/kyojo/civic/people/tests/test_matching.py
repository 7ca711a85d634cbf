from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import services
from kyojo.civic.people.domain import DayException, WeekTime
from kyojo.civic.people.models import Person, Skill, TrustCheck, WeeklyTime
from kyojo.civic.people.selectors import supporters_for_matching
from kyojo.civic.people.testing import JUN, KEN, NAGI, TAE, make_carer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def test_a_row_holds_everything_that_a_match_needs(towns):
    ken = make_supporter(towns.midori.id)
    day = clock.today() + timedelta(days=3)
    with tenant(towns.midori.id):
        services.weekly_times_set(person=ken, times=[(5, time(9), time(13))])
        services.time_exception_add(person=ken, day=day, is_free=False)
        services.trust_check_record(
            person=ken, kind="training", label="庭木の講習", method="修了証", by=None
        )
        TrustCheck.objects.create(
            person=ken, kind="licence", label="古い資格", method="証", valid_until=date(2020, 1, 1)
        )
        (row,) = supporters_for_matching(category="garden")
    assert (row.person_id, row.uid, row.municipality_id) == (ken.pk, ken.uid, towns.midori.id)
    assert (row.name, row.kana, row.occupation) == ("春風 けん", "ハルカゼ ケン", "元 造園業")
    assert (row.lat, row.lon) == (ken.latitude, ken.longitude)
    assert (row.travel, row.travel_limit_m, row.languages) == ("bicycle", 10_000, ("ja",))
    assert row.skills == {"garden": "庭の手入れ"}
    assert row.weekly == (WeekTime(5, time(9), time(13)),)
    assert row.exceptions == (DayException(day, False, None, None),)
    assert row.trust == {"identity", "training"}
    assert row.trust_labels == ("本人確認ずみ", "庭木の講習")
    assert row.free_windows(day) == []
    assert row.birth_date == KEN.birth_date and row.gender == "male"


def test_only_supporters_with_the_skill_who_are_still_here(towns):
    make_supporter(towns.midori.id)
    make_supporter(towns.midori.id, JUN, skills={"walk": ""})
    gone = make_supporter(towns.midori.id, TAE)
    stopped = make_supporter(towns.midori.id, NAGI)
    make_carer(towns.midori.id)
    make_supporter(towns.kita.id)
    with tenant(towns.midori.id):
        services.person_leave(person=gone)
        services.role_drop(person=stopped, role="supporter")
        assert [row.name for row in supporters_for_matching(category="garden")] == ["春風 けん"]
        assert len(supporters_for_matching()) == 2
        assert supporters_for_matching(category="cook") == []
        (row,) = supporters_for_matching()[1:]
        assert [r.uid for r in supporters_for_matching(uids=[row.uid])] == [row.uid]


def test_blocks_of_either_side_are_on_the_row(towns):
    carer = make_carer(towns.kita.id)
    ken, jun, tae = (make_supporter(towns.midori.id, who) for who in (KEN, JUN, TAE))
    with tenant(towns.kita.id):
        services.block_add(person=carer, blocked_uid=ken.uid)
    with tenant(towns.midori.id):
        services.block_add(person=jun, blocked_uid=carer.uid)
        rows = supporters_for_matching(category="garden", party=[(towns.kita.id, carer.uid)])
        assert {row.uid: carer.uid in row.blocked_uids for row in rows} == {
            ken.uid: True,
            jun.uid: True,
            tae.uid: False,
        }


def fill(count):
    """Supporters by the thousand, past the services: what is measured is the reading."""
    people = Person.objects.bulk_create(
        Person(
            uid=new_id(),
            number=f"M-{50_000 + i}",
            family_name="試し",
            given_name="人",
            family_kana="タメシ",
            given_kana="ヒト",
            latitude=34.86,
            longitude=138.32,
            supporter_since=clock.now(),
        )
        for i in range(count)
    )
    Skill.objects.bulk_create(
        Skill(person=p, category=c) for p in people for c in ("garden", "walk", "shopping")
    )
    WeeklyTime.objects.bulk_create(
        WeeklyTime(person=p, weekday=d, start=time(9), end=time(12))
        for p in people
        for d in range(4)
    )
    TrustCheck.objects.bulk_create(
        TrustCheck(person=p, kind="identity", label="本人確認ずみ", method="窓口") for p in people
    )


def test_five_thousand_supporters_take_as_many_queries_as_five(towns):
    carer = make_carer(towns.kita.id)
    party = [(towns.kita.id, carer.uid)]
    with tenant(towns.midori.id):
        fill(5)
        with CaptureQueriesContext(connection) as few:
            assert len(supporters_for_matching(category="garden", party=party)) == 5
        Person.objects.all().delete()
        fill(5_000)
        with CaptureQueriesContext(connection) as many:
            rows = supporters_for_matching(category="garden", party=party)
    assert len(rows) == 5_000
    assert len(many) == len(few)
