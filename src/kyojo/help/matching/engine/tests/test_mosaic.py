"""Mosaic: as good as trying everything, never worse than before, and good at once."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..edges import BadArrays, Helpers
from ..mosaic import Columns, Free, Job, Mosaic, Slice, answers, proposed, solve

HERE = (35.0, 139.0)


def people(reach, skills):
    n = len(reach)
    return Helpers(
        np.full(n, HERE[0]) + np.arange(n) * 0.001,
        np.full(n, HERE[1]),
        np.array(reach, float),
        np.array(skills, np.uint64),
        np.zeros(n, np.uint64),
    )


def small(seed, *, jobs=3, persons=3):
    """A random one that can be tried out."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(jobs):
        start = int(rng.integers(0, 3)) * 60
        slices = []
        for _ in range(int(rng.integers(1, 4))):
            slices.append(Slice(start, start + 60, int(rng.integers(0, 2))))
            start += 60 if rng.random() < 0.85 else 0  # two tasks at a time, now and then
        worth = int(rng.integers(100, 2_000))
        most = int(rng.integers(1, 4)) if rng.random() < 0.5 else None
        place = (HERE[0] + float(rng.normal(0, 0.002)), HERE[1])
        made.append(Job(*place, tuple(slices), worth, most))
    start = rng.integers(0, 3, persons) * 60
    return Mosaic(
        jobs=made,
        people=people(rng.choice([200, 500, 5_000], persons), rng.integers(1, 4, persons)),
        free=Free(np.arange(persons), start, start + rng.integers(1, 6, persons) * 60),
        most_minutes=rng.choice([60, 120, 1_000], persons),
        cost=rng.integers(0, 200, persons),
        hand_over=int(rng.choice([0, 50, 300])),
        gap=int(rng.choice([0, 0, 30])),
    )


def check(mosaic, parts):
    """What a set of parts gains, None where it breaks a rule; written from the rules."""
    times = {}
    gain = 0
    for number, job in enumerate(mosaic.jobs):
        ours = [part for part in parts if part.job == number]
        if not ours:
            continue
        covered = sorted(n for part in ours for n in range(part.first, part.last + 1))
        if covered != list(range(len(job.slices))):
            return None
        if job.most_people is not None and len(ours) > job.most_people:
            return None
        gain += job.worth - sum(part.cost for part in ours) + mosaic.hand_over
    for part in parts:
        slices = mosaic.jobs[part.job].slices[part.first : part.last + 1]
        times.setdefault(part.person, []).append((slices[0].start, slices[-1].end))
        if any(a.end > b.start for a, b in pairwise(slices)):
            return None
    for person, spans in times.items():
        spans.sort()
        if any(a[1] + mosaic.gap > b[0] for a, b in pairwise(spans)):
            return None
        minutes = sum(
            s.end - s.start
            for part in parts
            if part.person == person
            for s in mosaic.jobs[part.job].slices[part.first : part.last + 1]
        )
        if minutes > mosaic.most_minutes[person]:
            return None
    return gain


def by_trying(mosaic):
    """The best of every choice of at most one way to do each job."""
    columns = Columns.of(mosaic)
    parts = [columns.part(row) for row in range(len(columns))]
    ways = []
    for number, job in enumerate(mosaic.jobs):
        ours = [part for part in parts if part.job == number]
        ways.append(
            [()]
            + [
                chosen
                for count in range(1, len(job.slices) + 1)
                for chosen in combinations(ours, count)
                if check(mosaic, chosen) is not None
            ]
        )

    def best(number, chosen):
        if number == len(ways):
            return check(mosaic, chosen)
        found = [best(number + 1, (*chosen, *way)) for way in ways[number]]
        return max((gain for gain in found if gain is not None), default=None)

    return best(0, ())


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 100_000), jobs=st.integers(1, 3), persons=st.integers(1, 3))
def test_the_last_answer_is_the_best_of_all(seed, jobs, persons):
    mosaic = small(seed, jobs=jobs, persons=persons)
    told = list(answers(mosaic))
    for one in told:
        assert check(mosaic, one.parts) == one.gain <= one.bound
    assert [one.gain for one in told] == sorted(one.gain for one in told)
    assert [one.bound for one in told] == sorted((one.bound for one in told), reverse=True)
    assert told[-1].gain == by_trying(mosaic)
    assert told[-1].is_optimal


def town(jobs=60, persons=120, seed=1):
    rng = np.random.default_rng(seed)
    made = []
    for place in rng.uniform(-0.03, 0.03, (jobs, 2)):
        start = int(rng.integers(0, 7)) * 1_440 + int(rng.integers(9, 14)) * 60
        slices = proposed(start, start + int(rng.integers(2, 6)) * 60, int(rng.integers(0, 4)))
        made.append(Job(HERE[0] + place[0], HERE[1] + place[1], slices, 10_000))
    day = np.tile(np.arange(7) * 1_440, persons)
    start = day + rng.integers(8, 14, 7 * persons) * 60
    spots = rng.uniform(-0.03, 0.03, (persons, 2))
    return Mosaic(
        jobs=made,
        people=Helpers(
            HERE[0] + spots[:, 0],
            HERE[1] + spots[:, 1],
            rng.choice([1_000.0, 2_000.0, 4_000.0], persons),
            rng.integers(1, 16, persons),
            np.zeros(persons, int),
        ),
        free=Free(np.repeat(np.arange(persons), 7), start, start + 180),
        most_minutes=rng.choice([120, 240], persons),
    )


def test_a_town_is_planned_to_the_end_and_well_before_it():
    mosaic = town()
    told = list(answers(mosaic))
    assert told[-1].is_optimal
    assert told[0].gain > 0
    assert len(told[-1].jobs_done) > 30
    best_before_integers = told[2].gain
    assert best_before_integers >= 0.9 * told[-1].gain
    for one in told:
        assert check(mosaic, one.parts) == one.gain
    assert solve(mosaic).parts == told[-1].parts  # the same again


def test_when_time_is_up_the_first_answer_is_still_there():
    mosaic = town()
    first = solve(mosaic, deadline=0.0)
    assert first.gain == next(answers(mosaic)).gain > 0
    assert first.gain <= solve(mosaic).gain <= first.bound
    assert not first.is_optimal


def test_nobody_and_nothing_are_answers_too():
    nobody = replace(
        town(),
        people=people([], []),
        free=Free(*[np.empty(0, int)] * 3),
        most_minutes=np.empty(0, int),
        cost=None,
    )
    for mosaic in (nobody, replace(town(), jobs=())):
        answer = solve(mosaic)
        assert (answer.parts, answer.gain, answer.bound) == ((), 0, 0)


# --- the rules, one by one ------------------------------------------------------------------------


def two_hours(**more):
    """One job of two hours for two people who live at the place and some way off."""
    slices = (Slice(600, 660, 0), Slice(660, 720, 0))
    given = {
        "jobs": [Job(*HERE, slices, 5_000)],
        "people": people([5_000, 5_000], [1, 1]),
        "free": Free(np.array([0, 1]), np.array([600, 600]), np.array([720, 720])),
        "most_minutes": np.array([600, 600]),
    }
    return Mosaic(**(given | more))


def who(mosaic):
    return [(p.person, p.first, p.last) for p in sorted(solve(mosaic).parts, key=lambda p: p.first)]


def test_one_person_does_it_all_who_can():
    assert who(two_hours()) == [(0, 0, 1)]
    assert solve(two_hours()).gain == 5_000  # no way, no hand-over


def test_two_share_what_none_of_them_can_do_alone():
    free = Free(np.array([0, 1]), np.array([600, 660]), np.array([660, 720]))
    assert who(two_hours(free=free)) == [(0, 0, 0), (1, 1, 1)]
    assert who(two_hours(most_minutes=np.array([60, 60]))) in (
        [(0, 0, 0), (1, 1, 1)],
        [(1, 0, 0), (0, 1, 1)],
    )
    gain = solve(two_hours(free=free, hand_over=0)).gain
    assert solve(two_hours(free=free, hand_over=700)).gain == gain - 700


def test_a_job_is_done_as_a_whole_or_not_at_all():
    only_first = Free(np.array([0]), np.array([600]), np.array([660]))
    assert who(two_hours(free=only_first)) == []


def test_a_job_that_bears_one_person_only_is_not_shared():
    free = Free(np.array([0, 1]), np.array([600, 660]), np.array([660, 720]))
    slices = (Slice(600, 660, 0), Slice(660, 720, 0))
    assert who(two_hours(free=free, jobs=[Job(*HERE, slices, 5_000, 1)])) == []
    assert len(who(two_hours(free=free, jobs=[Job(*HERE, slices, 5_000, 2)]))) == 2


def test_tasks_at_the_same_time_take_two_people():
    slices = (Slice(600, 660, 0), Slice(600, 660, 1))
    both = people([5_000, 5_000], [3, 3])
    one = two_hours(jobs=[Job(*HERE, slices, 5_000)], people=both)
    assert len({person for person, _, _ in who(one)}) == 2


def test_between_two_jobs_somebody_needs_a_while():
    jobs = [Job(*HERE, (Slice(a, a + 60, 0),), 5_000) for a in (600, 660)]
    alone = {
        "jobs": jobs,
        "people": people([5_000], [1]),
        "free": Free(np.array([0]), np.array([600]), np.array([720])),
        "most_minutes": np.array([600]),
    }
    assert len(who(Mosaic(**alone))) == 2
    assert len(who(Mosaic(**alone, gap=15))) == 1


def test_whoever_is_asked_little_comes_first():
    assert who(two_hours(cost=np.array([1_000, 0]))) == [(1, 0, 1)]


# --- cutting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "cuts"),
    [
        (600, 780, [600, 660, 720, 780]),
        (600, 690, [600, 660, 690]),
        (600, 640, [600, 640]),
        (615, 735, [615, 675, 735]),
        (600, 620, [600, 620]),
        (610, 765, [610, 660, 720, 765]),
    ],
)
def test_long_jobs_are_cut_at_half_hours_where_those_fit(start, end, cuts):
    found = proposed(start, end, 4)
    assert [one.start for one in found] + [found[-1].end] == cuts
    assert {one.category for one in found} == {4}


@given(
    start=st.integers(0, 1_000),
    minutes=st.integers(1, 600),
    shortest=st.integers(10, 45),
    more=st.integers(0, 60),
)
def test_slices_follow_each_other_and_are_neither_too_short_nor_too_long(
    start, minutes, shortest, more
):
    longest = 2 * shortest + more  # with less than twice, some lengths cannot be cut at all
    found = proposed(start, start + minutes, 0, longest=longest, shortest=shortest)
    assert (found[0].start, found[-1].end) == (start, start + minutes)
    assert all(a.end == b.start for a, b in pairwise(found))
    if minutes >= shortest:
        assert all(shortest <= one.end - one.start <= longest for one in found)
    else:
        assert len(found) == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Job(*HERE, (), 5), "one at least"),
        (lambda: Job(*HERE, (Slice(60, 90, 0), Slice(0, 30, 0)), 5), "order of their starts"),
        (lambda: Job(*HERE, (Slice(60, 60, 0),), 5), "ends before it starts"),
        (lambda: Job(*HERE, (Slice(0, 60, 0),), 0), "worth more than 0"),
        (lambda: two_hours(most_minutes=np.array([1])), "most_minutes has the shape"),
        (lambda: two_hours(cost=np.array([-1, 0])), "cost goes from -1"),
        (lambda: two_hours(gap=-1), "gap"),
        (lambda: two_hours(free=Free(*[np.array([0])] * 3)), "free time ends before"),
        (lambda: proposed(60, 60, 0), "a start, an end"),
    ],
)
def test_what_makes_no_sense_is_refused(make, words):
    with pytest.raises(BadArrays, match=words):
        make()
