from datetime import date

import pytest

from kyojo.civic.organisations import domain
from kyojo.civic.organisations.errors import EmployeesCountWrong, EmploymentStepWrong, SlugWrong
from kyojo.kernel import clock

YES = clock.at(date(2026, 6, 1), 12)
CONSENT = clock.at(date(2026, 7, 1), 12)


def test_every_step_that_is_not_allowed_is_refused():
    allowed = {(a, b) for a, steps in domain.STEPS.items() for b in steps}
    assert allowed == {
        ("requested", "confirmed"),
        ("requested", "refused"),
        ("requested", "ended"),
        ("confirmed", "ended"),
    }
    for before in domain.STEPS:
        for after in domain.STEPS:
            if (before, after) in allowed:
                domain.step_checked(before, after)
            else:
                with pytest.raises(EmploymentStepWrong):
                    domain.step_checked(before, after)


@pytest.mark.parametrize(
    ("state", "decided_at", "ended_on", "given_at", "period"),
    [
        ("confirmed", YES, None, CONSENT, (CONSENT, None)),
        ("confirmed", CONSENT, None, YES, (CONSENT, None)),
        ("requested", None, None, CONSENT, None),
        ("refused", YES, None, CONSENT, None),
        ("ended", None, date(2026, 8, 1), CONSENT, None),  # taken back before the company's yes
        (
            "ended",
            YES,
            date(2026, 8, 1),
            CONSENT,
            (CONSENT, clock.at(date(2026, 8, 2), 0)),
        ),
        ("ended", YES, date(2026, 6, 30), CONSENT, None),  # consent came after the last day
        ("ended", YES, None, CONSENT, None),
    ],
)
def test_what_counts_is_after_both_the_yes_and_the_consent(
    state, decided_at, ended_on, given_at, period
):
    found = domain.counted_period(
        state=state, decided_at=decided_at, ended_on=ended_on, consent_given_at=given_at
    )
    assert found == period


def test_periods_are_grouped_and_sorted():
    later, sooner = (CONSENT, None), (YES, CONSENT)
    assert domain.periods_by_person([(1, later), (2, None), (1, sooner)]) == {1: [sooner, later]}


@pytest.mark.parametrize("slug", ["", "a", "-a", "みほん", "a_b", "a" * 41])
def test_bad_page_names_are_refused(slug):
    with pytest.raises(SlugWrong):
        domain.slug_checked(slug)
    assert domain.slug_checked(" Ｍｉｈｏｎ-1 ") == "mihon-1"


@pytest.mark.parametrize("count", [0, -1, 10_000_001])
def test_a_company_has_people(count):
    with pytest.raises(EmployeesCountWrong):
        domain.employees_count_checked(count)
