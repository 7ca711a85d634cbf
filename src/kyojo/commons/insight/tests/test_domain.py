"""Nobody can be seen in a published figure, not even by subtraction."""

from hypothesis import given
from hypothesis import strategies as st

from kyojo.commons.insight.domain import PEOPLE_MIN, Contribution, figures, ranking

APRIL, MAY, JUNE = (2026, 4), (2026, 5), (2026, 6)


def helped(person: int, month=APRIL, category="garden", coins=20, minutes=60):
    return Contribution((990019, person), month, category, coins, minutes)


def test_five_people_are_shown_and_four_are_not():
    five = figures(helped(person) for person in range(5))
    four = figures(helped(person) for person in range(4))
    assert (five.total.coins, five.total.people) == (100, 5)
    assert four.is_hidden and four.months[0].coins is None and four.categories[0].people is None


def test_one_person_with_many_visits_is_still_one_person():
    assert figures([helped(1)] * 50).is_hidden


def test_a_single_small_month_takes_a_second_one_with_it():
    items = [helped(p) for p in range(9)]
    items += [helped(p, MAY) for p in range(6)]
    items += [helped(p, JUNE) for p in range(2)]
    result = figures(items)
    hidden = [cell.key for cell in result.months if cell.is_hidden]
    assert hidden == [MAY, JUNE], "the smallest shown month is hidden with the small one"
    assert result.total.coins == 17 * 20


def test_two_small_months_of_the_same_two_people_take_a_third():
    items = [helped(p) for p in range(9)]
    items += [helped(p, MAY) for p in range(2)] + [helped(p, JUNE) for p in range(2)]
    assert all(cell.is_hidden for cell in figures(items).months)


def test_months_ascend_and_categories_descend_by_coins():
    items = [helped(p, JUNE, "talk", coins=10) for p in range(6)]
    items += [helped(p, APRIL, "garden", coins=40) for p in range(6)]
    result = figures(items)
    assert [cell.key for cell in result.months] == [APRIL, JUNE]
    assert [cell.key for cell in result.categories] == ["garden", "talk"]


@given(
    st.lists(
        st.builds(
            helped,
            st.integers(0, 12),
            st.sampled_from([APRIL, MAY, JUNE, (2026, 7)]),
            st.sampled_from(["garden", "talk", "shopping"]),
            st.integers(1, 60),
        ),
        max_size=60,
    )
)
def test_what_is_hidden_never_points_at_fewer_than_five_people(items):
    result = figures(items)
    for cells, key in ((result.months, "month"), (result.categories, "category")):
        shown = [cell for cell in cells if not cell.is_hidden]
        hidden = [cell.key for cell in cells if cell.is_hidden]
        assert all(cell.people >= PEOPLE_MIN for cell in shown)
        if hidden and not result.is_hidden:
            behind = {item.person for item in items if getattr(item, key) in hidden}
            # What an outsider can subtract is the sum of the hidden cells.
            assert (len(hidden) >= 2 and len(behind) >= PEOPLE_MIN) or not shown


def test_ranking_is_per_thousand_employees_with_ties_and_without_hidden_companies():
    def company(people, coins):
        return figures(helped(p, coins=coins) for p in range(people))

    ranks = ranking(
        [
            ("big", 10_000, company(10, 100)),
            ("small", 100, company(5, 20)),
            ("same", 1_000, company(10, 100)),
            ("tiny", 10, company(4, 500)),
        ]
    )
    assert [(r.place, r.slug, r.per_thousand) for r in ranks] == [
        (1, "same", 1000),
        (1, "small", 1000),
        (3, "big", 100),
    ]
