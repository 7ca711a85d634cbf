"""A birth date or a class that was wrong: open years are counted anew, what is used is said."""

from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.errors import AlreadyUsed
from kyojo.civic.earnings.models import Grant
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.errors import BirthDateInFuture
from kyojo.civic.people.models import Act, Notice, Person
from kyojo.civic.people.testing import FUMI, make_officer, make_supporter
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
CODE = "yokohama"
APRIL = date(2026, 4, 6)
OLD, YOUNG = date(1950, 5, 1), date(1980, 5, 1)


@pytest.fixture(autouse=True)
def _may():
    with clock.frozen(clock.at(date(2026, 5, 20), 10)):
        yield


@pytest.fixture
def fumi(towns) -> Person:
    """First-class insured, of 76, with two visits in the year: 400 points."""
    install(towns.midori.id, CODE)
    person = make_supporter(towns.midori.id, FUMI)
    born(person, OLD)
    stand(person)
    for n in range(2):
        record(person, CODE, APRIL + timedelta(days=n))
    return person


def born(person: Person, day: date | None, **fields) -> list[services.Recounted]:
    given = {"by": make_officer(person.municipality_id), "basis": "paper"} | fields
    with tenant(person.municipality_id):
        return services.birth_date_correct(person=person, birth_date=day, **given)


def has(person: Person) -> tuple[int, dict[int, int]]:
    """What can be used, and what is owed."""
    with tenant(person.municipality_id):
        programme = selectors.ruled(CODE).programme
        return selectors.wallet(programme, person).available, selectors.owed(programme, person)


def amounts(person: Person) -> list[int]:
    with tenant(person.municipality_id):
        return list(Grant.objects.order_by("id").values_list("amount", flat=True))


def spend(person: Person, amount: int):
    with tenant(person.municipality_id):
        return services.redemption_ask(
            uid=new_id(),
            programme_code=CODE,
            person=person,
            use="cash",
            amount=amount,
            payee=PAYEE,
        )


def acts(person: Person, action: str) -> list[Act]:
    with tenant(person.municipality_id):
        return list(Act.objects.filter(action=action).order_by("id"))


def test_too_young_after_all_takes_everything_back_and_back_again(fumi):
    (one,) = born(fumi, YOUNG)
    assert (one.fiscal_year, one.moved, one.owed) == (2026, -400, 0)
    assert has(fumi) == (0, {})
    born(fumi, OLD)
    assert has(fumi) == (400, {})
    assert amounts(fumi) == [200, 200, -400, 400]
    assert [act.note for act in acts(fumi, "grants_recounted")] == [
        "yokohama 2026年度 -400",
        "yokohama 2026年度 +400",
    ]
    with tenant(fumi.municipality_id):
        titles = list(
            Notice.objects.filter(kind="grants_recounted").values_list("title", flat=True)
        )
    assert len(titles) == 2 and any("400ポイントへりました" in one for one in titles)


def test_the_same_date_twice_changes_nothing(fumi):
    born(fumi, YOUNG)
    updates = len(acts(fumi, "person_update"))
    assert born(fumi, YOUNG) == []
    assert len(acts(fumi, "person_update")) == updates and amounts(fumi) == [200, 200, -400]


def test_another_date_that_changes_nothing_counted_moves_nothing(fumi):
    assert born(fumi, OLD + timedelta(days=1)) == []
    assert amounts(fumi) == [200, 200] and not acts(fumi, "grants_recounted")


def test_what_is_used_stays_used_and_is_owed(fumi):
    spend(fumi, 200)
    (one,) = born(fumi, YOUNG)
    assert (one.moved, one.owed) == (-200, 200)
    assert has(fumi) == (0, {2026: 200})
    assert "もどせない200" in acts(fumi, "grants_recounted")[0].note
    with tenant(fumi.municipality_id):
        assert Person.objects.get(pk=fumi.pk).birth_date == YOUNG, "what is true is written down"


def test_what_comes_next_pays_what_is_owed_first(fumi):
    spend(fumi, 400)
    born(fumi, YOUNG)
    assert has(fumi) == (0, {2026: 400})
    record(fumi, CODE, date(2026, 5, 11))
    assert has(fumi) == (0, {2026: 400}), "it counts for nothing, and is no refusal"
    born(fumi, OLD)
    assert has(fumi) == (200, {}), "600 in all, 400 used"


@pytest.mark.parametrize("way", ["cancelled", "refused"])
def test_an_application_that_comes_to_nothing_gives_back_what_was_owed(fumi, way):
    asked = spend(fumi, 200)
    born(fumi, YOUNG)
    assert has(fumi) == (0, {2026: 200})
    with tenant(fumi.municipality_id):
        if way == "cancelled":
            services.redemption_cancel(uid=asked.uid, person=fumi)
        else:
            officer = make_officer(fumi.municipality_id)
            services.redemption_refuse(uid=asked.uid, note="口座がちがいます", by=officer)
    assert has(fumi) == (0, {}) and sum(amounts(fumi)) == 0


def test_a_class_that_was_wrong_is_put_right_in_the_same_way(fumi):
    spend(fumi, 200)
    stand(fumi, "none")
    assert has(fumi) == (0, {2026: 200})
    assert len(acts(fumi, "grants_recounted")) == 1
    stand(fumi, "first")
    assert has(fumi) == (200, {})


def test_striking_out_is_still_refused_where_it_makes_owed_more(fumi):
    row = record(fumi, CODE, date(2026, 5, 11))
    spend(fumi, 600)
    with tenant(fumi.municipality_id), pytest.raises(AlreadyUsed):
        services.record_void(uid=row.uid, reason="日をまちがえた")
    born(fumi, YOUNG)
    with tenant(fumi.municipality_id):
        services.record_void(uid=row.uid, reason="日をまちがえた")
    assert has(fumi) == (0, {2026: 600}), "the row was worth nothing any more"


def test_a_closed_year_stays_and_a_year_with_something_owed_can_be_closed(fumi):
    spend(fumi, 400)
    born(fumi, YOUNG)
    with clock.frozen(clock.at(date(2027, 4, 5), 10)), tenant(fumi.municipality_id):
        closed = services.year_close(programme_code=CODE, fiscal_year=2026)
        assert closed.sums["granted"] == 0
        assert services.birth_date_correct(person=fumi, birth_date=OLD) == []
    assert amounts(fumi) == [200, 200] and has(fumi)[1] == {}


def test_a_date_that_cannot_be_changes_nothing(fumi):
    with pytest.raises(Exception) as refused:
        born(fumi, date(2027, 1, 1))
    assert any(isinstance(one, BirthDateInFuture) for one in refused.value.refusals)
    assert has(fumi) == (400, {}) and not acts(fumi, "grants_recounted")


def test_only_staff_of_the_town_put_it_right(towns, fumi):
    with pytest.raises(NotFound):
        born(fumi, YOUNG, by=make_officer(towns.kita.id))
    with tenant(towns.kita.id), pytest.raises(NotFound):
        services.birth_date_correct(
            person=fumi, birth_date=YOUNG, by=make_officer(towns.kita.id), basis="paper"
        )
    assert has(fumi) == (400, {}) and amounts(fumi) == [200, 200]


def test_members_who_mend_their_own_page_are_counted_anew(fumi):
    with tenant(fumi.municipality_id):
        services.member_update(person=fumi, birth_date=YOUNG, phone="03-1234-5678")
    assert has(fumi) == (0, {})
    with tenant(fumi.municipality_id):
        assert services.member_update(person=fumi, phone="03-1234-5679") == []
