"""Teams: the cheapest of all that can be, and in words why."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..nightly import STEPS
from ..teams import Member, NoTeam, Project, Team, form, form_each, replacements

SKILLS = {"accounts": "会計", "design": "デザイン", "web": "ホームページ", "talk": "聞き取り"}
TIMES = {"sat_am": "土曜の午前", "sat_pm": "土曜の午後", "sun_am": "日曜の午前", "wed": "水曜の夜"}


def crowd(seed, count):
    rng = np.random.default_rng(seed)

    def some(codes, most):
        return frozenset(rng.choice(list(codes), int(rng.integers(0, most + 1)), replace=False))

    return [
        Member(f"{n}", some(SKILLS, 2), some(TIMES, 3), int(rng.integers(0, 30)) * 100,
               int(rng.integers(0, 4)))
        for n in range(count)
    ]  # fmt: skip


def cost(people, members):
    return sum(people[row].metres + STEPS[min(people[row].lately, 2)] for row in members)


def fits(project, people, members):
    ours = [people[row] for row in members]
    common = frozenset.intersection(*(one.free for one in ours)) & project.times.keys()
    return (
        all(one.skills & project.skills.keys() and one.metres <= project.reach for one in ours)
        and project.skills.keys() <= frozenset.union(*(one.skills for one in ours))
        and len(common) >= project.meetings
    )


def by_trying(project, people):
    return min(
        (
            cost(people, members)
            for size in range(project.smallest, project.largest + 1)
            for members in combinations(range(len(people)), size)
            if fits(project, people, members)
        ),
        default=None,
    )


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 100_000),
    count=st.integers(0, 13),
    meetings=st.integers(1, 3),
    sizes=st.sampled_from([(3, 5), (3, 3), (1, 2), (4, 5)]),
    skills=st.integers(1, 4),
    reach=st.sampled_from([1_500, 20_000]),
)
def test_no_team_that_can_be_costs_less(seed, count, meetings, sizes, skills, reach):
    people = crowd(seed, count)
    wanted = dict(list(SKILLS.items())[:skills])
    project = Project(wanted, TIMES, meetings, *sizes, reach)
    found = form(project, people)
    least = by_trying(project, people)
    if least is None:
        assert isinstance(found, NoTeam)
        assert len(found.reasons) == 1
    else:
        assert fits(project, people, found.members)
        assert sizes[0] <= len(found.members) <= sizes[1]
        assert found.cost == cost(people, found.members) == least


@pytest.mark.parametrize("seed", range(12))
def test_who_is_kept_apart_is_in_no_team_together(seed):
    people = crowd(seed, 14)
    project = Project({k: SKILLS[k] for k in ("accounts", "design", "web")}, TIMES)
    rng = np.random.default_rng(seed)
    apart = {frozenset(map(int, rng.choice(14, 2, replace=False))) for _ in range(12)}
    found = form(project, people, apart=apart)
    costs = [
        cost(people, members)
        for size in range(3, 6)
        for members in combinations(range(14), size)
        if fits(project, people, members) and not any(pair <= set(members) for pair in apart)
    ]
    assert (found.cost if isinstance(found, Team) else None) == min(costs, default=None)
    if isinstance(found, Team):
        assert not any(pair <= set(found.members) for pair in apart)
        staying = found.members[1:]
        expected = {
            row
            for row in set(range(14)) - set(staying)
            if fits(project, people, (*staying, row))
            and not any(pair <= {*staying, row} for pair in apart)
        }
        offered = replacements(project, people, staying, apart=apart)
        assert set(offered) == expected
        assert offered == sorted(offered, key=lambda row: (cost(people, (row,)), row))


def test_a_few_thousand_people_are_looked_through_exactly():
    """Whoever is not among the cheapest of their kind changes nothing, and is not left out."""
    people = crowd(1, 3_000)
    project = Project(SKILLS, TIMES, meetings=2)
    found = form(project, people)
    assert fits(project, people, found.members)
    near = sorted(range(len(people)), key=lambda row: cost(people, [row]))[:90]
    few = [people[row] for row in near if people[row].skills and len(people[row].free) > 1]
    assert found.cost == by_trying(Project(SKILLS, TIMES, 2, 3, 4), few)


def person(skills, *, free=("sat_am",), metres=800, lately=0):
    return Member("x", frozenset(skills.split()), frozenset(free), metres, lately)


def test_why_this_team():
    people = [
        person("accounts", free=("sat_am", "wed")),
        person("design web", metres=2_400),
        person("talk web", lately=1),
        person("talk", free=("wed",), metres=10),
    ]
    found = form(Project(SKILLS, TIMES), people)
    assert isinstance(found, Team)
    assert (found.members, found.times) == ((0, 1, 2), ("sat_am",))
    assert [reason.sentence for reason in found.reasons] == [
        "3人で、会計、デザイン、ホームページ、聞き取りがそろいます",
        "会計、デザイン、聞き取りができるのは、それぞれ1人だけです",
        "全員が集まれるのは、土曜の午前です",
        "いちばん遠い人で2.4\N{NO-BREAK SPACE}kmです",
        "最近お願いしていない人が2人います",
    ]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([person("design web talk")] * 4, "会計ができる人が、近くにいません"),
        ([person("accounts design"), person("web talk")], "できる人が2人です"),
        (
            [person("accounts"), person("design web talk"), *[person("talk", free=("wed",))] * 3],
            "必要なことがそろいません",
        ),
        ([person("accounts design web talk", free=())] * 3, "3人が集まれる時間が足りません"),
        ([person("accounts design web talk", metres=30_000)] * 3, "ができる人が、近くにいません"),
    ],
)
def test_why_there_is_none(people, words):
    found = form(Project(SKILLS, TIMES), people)
    assert isinstance(found, NoTeam)
    assert words in found.reasons[0].sentence


def test_nobody_is_in_two_teams():
    people = [person("accounts design web talk", metres=n) for n in range(7)]
    project = Project(SKILLS, TIMES)
    first, second, third = form_each([project] * 3, people)
    assert (first.members, second.members) == ((0, 1, 2), (3, 4, 5))
    assert isinstance(third, NoTeam)


@pytest.mark.parametrize(
    "change",
    [{"skills": {}}, {"skills": {f"{n}": "" for n in range(11)}}, {"meetings": 5}, {"smallest": 6}],
)
def test_projects_that_cannot_be_are_refused(change):
    with pytest.raises(ValueError, match=r"a (project|team)"):
        Project(**({"skills": SKILLS, "times": TIMES} | change))
