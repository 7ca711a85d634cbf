"""What a few ratings are worth, and that no single one can be read from a card."""

from datetime import date

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import make_supporter
from kyojo.help.matching import live
from kyojo.help.matching.models import RatingPrior, SupporterRating
from kyojo.help.matching.ratings import (
    NONE,
    Prior,
    Sum,
    believed,
    lower_bound,
    mean_shown,
    prior_of,
    shown_next,
)
from kyojo.help.matching.services import rating_add, rating_prior_renew
from kyojo.kernel import clock

MIDORI = 990027


def test_one_lucky_five_does_not_pass_thirty_good_ones() -> None:
    assert lower_bound(5, 1) < lower_bound(30 * 4.6, 30)
    assert lower_bound(0, 0) < lower_bound(5, 1) < lower_bound(50, 10) < 5
    assert 4 < believed(5, 1) < believed(50, 10) < 5


def test_a_town_s_prior_is_its_own_within_bounds() -> None:
    assert prior_of(total=0, count=0, people=0) == Prior(4.0, 5.0)
    few, many = prior_of(total=15, count=3, people=3), prior_of(total=5_000, count=1_000, people=10)
    assert 4 < few.mean < 4.2 < 4.9 < many.mean < 5
    assert (few.weight, many.weight) == (5.0, 20.0)


def test_what_a_card_shows_moves_by_three_at_once() -> None:
    shown, seen = NONE, []
    for n in range(1, 10):
        shown = shown_next(shown, Sum(5 * n, n))
        seen.append(shown.count)
    assert seen == [0, 0, 3, 3, 3, 6, 6, 6, 9]
    assert shown_next(Sum(15, 3), Sum(10, 2)) == NONE
    assert mean_shown(Sum(10, 2)) == ""
    assert mean_shown(Sum(15, 3)) == "4.4"


@pytest.mark.django_db
def test_a_night_s_prior_holds_from_the_next_day_on(towns) -> None:
    with clock.frozen(clock.at(date(2026, 11, 20), 3)):
        ken = make_supporter(MIDORI)
        for rating in (5, 5, 5, 4):
            rating_add(supporter_uid=ken.uid, supporter_municipality_id=MIDORI, rating=rating)
        with tenant(MIDORI):
            rating_prior_renew()
            rating_prior_renew()
            assert live.prior_today() == Prior()
    with clock.frozen(clock.at(date(2026, 11, 21), 3)), tenant(MIDORI):
        assert live.prior_today() == prior_of(total=19, count=4, people=1)
        [(_, helper)] = live.supporters(person_ids=[ken.pk])
        assert helper.prior == live.prior_today()
        rating_prior_renew()
        assert list(RatingPrior.objects.order_by("day").values_list("day", flat=True)) == [
            date(2026, 11, 21),
            date(2026, 11, 22),
        ]


@pytest.mark.django_db
def test_a_rating_can_be_taken_away_again(towns) -> None:
    ken = make_supporter(MIDORI)
    for times in (1, 1, 1, -1):
        rating_add(
            supporter_uid=ken.uid,
            supporter_municipality_id=MIDORI,
            rating=5,
            tags=["ていねい"],
            times=times,
        )
    with tenant(MIDORI):
        row = SupporterRating.objects.get()
        assert (row.rating_sum, row.rating_count, row.tags) == (10, 2, {"ていねい": 2})
        assert (row.shown_sum, row.shown_count) == (0, 0)
