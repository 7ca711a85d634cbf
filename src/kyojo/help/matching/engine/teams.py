"""Teams of three to five who complement each other, for a project of about a month. Pure.

A team has every skill that the project takes, each member brings one at least, and all of them are
free together as often as the project meets. Of all such teams the one is proposed that costs
least: short ways, and people who did little lately. It is found exactly: for a set of meeting
times by dynamic programming over the skills covered (set cover with a limit on people), and over
sets of times by branch and bound, since fewer people are free more often. Of people with the same
skills only the cheapest few can be in the best team: thousands come down to a hundred.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from kyojo.kernel.wording import distance

from ..domain import Reason
from .nightly import STEPS

#: Skills of one project: the tables double with each.
SKILLS_MAX = 10
#: More than any team costs.
ENDLESS = np.int64(1) << 50


@dataclass(frozen=True)
class Member:
    """Somebody who could be in a team.

    Attributes:
        name: whatever names them to the caller; teams of equal cost are told apart by the order
            of people, not by it.
        skills, free: codes of skills and of weekly times.
        metres: to where the project meets; ``lately``: tasks of the last weeks.
    """

    name: str
    skills: frozenset[str]
    free: frozenset[str]
    metres: int
    lately: int = 0


@dataclass(frozen=True)
class Project:
    """What a team is for.

    Attributes:
        skills: code → what it is called, all needed.
        times: code → what it is called, the weekly times at which it may meet, in order.
        meetings: how many of them the whole team must have.
        smallest, largest: people of a team.
        reach: nobody comes farther, metres.
    Raises:
        ValueError: no skill, too many, or sizes and meetings that cannot be.
    """

    skills: Mapping[str, str]
    times: Mapping[str, str]
    meetings: int = 1
    smallest: int = 3
    largest: int = 5
    reach: int = 20_000

    def __post_init__(self) -> None:
        if not 1 <= len(self.skills) <= SKILLS_MAX:
            raise ValueError(f"a project takes one to {SKILLS_MAX} skills")
        if not 1 <= self.smallest <= self.largest:
            raise ValueError("a team has a smallest and a largest size")
        if not 1 <= self.meetings <= len(self.times):
            raise ValueError("a project meets at one of its times at least")


@dataclass(frozen=True)
class Team:
    """Rows of people, the times at which all of them are free, what it costs in metres of way,
    and why it is proposed."""

    members: tuple[int, ...]
    times: tuple[str, ...]
    cost: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class NoTeam:
    """There is none, and why."""

    reasons: tuple[Reason, ...]


def form(
    project: Project,
    people: Sequence[Member],
    *,
    steps: Sequence[int] = STEPS,
    apart: Collection[frozenset[int]] = (),
) -> Team | NoTeam:
    """The team that costs least, or why there is none.

    Arguments:
        steps: cost of somebody's first, second … task of these weeks, in metres of way.
        apart: pairs of rows that are in no team together.
    """
    able = [
        row
        for row, one in enumerate(people)
        if one.metres <= project.reach and one.skills & project.skills.keys()
    ]
    found = _apart_kept(project, people, able, steps, apart)
    if found is None:
        return NoTeam(tuple(_why_none(project, people, able)))
    cost, members = found
    times = tuple(
        time for time in project.times if all(time in people[row].free for row in members)
    )
    reasons = tuple(_reasons(project, [people[row] for row in members], times))
    return Team(members, times, cost, reasons)


def form_each(
    projects: Iterable[Project], people: Sequence[Member], *, steps: Sequence[int] = STEPS
) -> list[Team | NoTeam]:
    """A team for each project in turn, the urgent first; nobody is in two of them."""
    left = list(range(len(people)))
    answers: list[Team | NoTeam] = []
    for project in projects:
        found = form(project, [people[row] for row in left], steps=steps)
        if isinstance(found, Team):
            members = tuple(left[row] for row in found.members)
            found = Team(members, found.times, found.cost, found.reasons)
            left = [row for row in left if row not in members]
        answers.append(found)
    return answers


def replacements(
    project: Project,
    people: Sequence[Member],
    staying: Collection[int],
    *,
    steps: Sequence[int] = STEPS,
    apart: Collection[frozenset[int]] = (),
) -> list[int]:
    """Who could join ``staying`` so that the team has every skill and meets often enough, the one
    who costs least first."""
    ours = [people[row] for row in staying]
    had = frozenset[str]().union(*(one.skills for one in ours))
    free = frozenset(project.times).intersection(*(one.free for one in ours))
    found = [
        (one.metres + steps[min(one.lately, len(steps) - 1)], row)
        for row, one in enumerate(people)
        if row not in staying
        and one.metres <= project.reach
        and one.skills & project.skills.keys()
        and project.skills.keys() <= had | one.skills
        and len(free & one.free) >= project.meetings
        and not any(frozenset((row, other)) in apart for other in staying)
    ]
    return [row for _, row in sorted(found)]


def _apart_kept(
    project: Project,
    people: Sequence[Member],
    able: list[int],
    steps: Sequence[int],
    apart: Collection[frozenset[int]],
) -> tuple[int, tuple[int, ...]] | None:
    """The cheapest team without two who are kept apart: of such two, one is left out in each of
    two branches, and the cheapest branch is looked at first."""
    ahead: list[tuple[int, tuple[int, ...], frozenset[int]]] = []
    seen: set[frozenset[int]] = set()

    def look(without: frozenset[int]) -> None:
        if without in seen:
            return
        seen.add(without)
        rows = [row for row in able if row not in without]
        found = _Search(project, people, rows, steps).best()
        if found is not None:
            heappush(ahead, (*found, without))

    look(frozenset())
    while ahead:
        cost, members, without = heappop(ahead)
        pair = next((one for one in apart if one <= set(members)), None)
        if pair is None:
            return cost, members
        for row in sorted(pair):
            look(without | {row})
    return None


class _Search:
    """The cheapest team, over sets of times."""

    def __init__(
        self, project: Project, people: Sequence[Member], able: list[int], steps: Sequence[int]
    ) -> None:
        self._project = project
        bits = {code: 1 << number for number, code in enumerate(project.skills)}
        self._mask = {row: sum(bits.get(s, 0) for s in people[row].skills) for row in able}
        self._cost = {
            row: people[row].metres + steps[min(people[row].lately, len(steps) - 1)] for row in able
        }
        self._rows = sorted(able, key=lambda row: (self._cost[row], row))
        self._free = {
            time: {row for row in able if time in people[row].free} for time in project.times
        }
        self._found: tuple[int, tuple[int, ...]] | None = None

    def best(self) -> tuple[int, tuple[int, ...]] | None:
        self._look(tuple(self._project.times), set(self._rows), self._project.meetings)
        return self._found

    def _look(self, times: tuple[str, ...], free: set[int], meetings: int) -> None:
        """Teams of those ``free`` that have ``meetings`` of ``times`` as well."""
        if meetings == 0:
            team = self._cheapest(free)
            if team is not None and (self._found is None or team < self._found):
                self._found = team
            return
        ahead = []
        for number, time in enumerate(times[: len(times) - meetings + 1]):
            fewer = free & self._free[time]
            bound = self._cheapest(fewer)
            if bound is not None:
                ahead.append((bound, number, fewer))
        # Whoever costs more before the other times are asked for costs no less afterwards.
        for bound, number, fewer in sorted(ahead, key=lambda one: one[:2]):
            if self._found is not None and bound[0] > self._found[0]:
                break
            self._look(times[number + 1 :], fewer, meetings - 1)

    def _cheapest(self, free: set[int]) -> tuple[int, tuple[int, ...]] | None:
        """The cheapest team of these people, whenever they meet."""
        project = self._project
        same: Counter[int] = Counter()
        rows = []
        for row in self._rows:
            if row in free and same[self._mask[row]] < project.largest:
                same[self._mask[row]] += 1
                rows.append(row)
        full = (1 << len(project.skills)) - 1
        masks = np.arange(full + 1)
        # least[people, skills]: the cheapest so many people who have these skills at least.
        least = np.full((project.largest + 1, full + 1), ENDLESS)
        least[0, 0] = 0
        taken: list[NDArray[np.bool_]] = []
        for row in rows:
            with_them = least[:-1, masks & ~self._mask[row]] + self._cost[row]
            better = with_them < least[1:]
            least[1:] = np.where(better, with_them, least[1:])
            taken.append(better)
        sizes = least[project.smallest :, full]
        size = project.smallest + int(np.argmin(sizes))
        cost = int(sizes.min())
        if cost >= ENDLESS:
            return None
        members = []
        count, mask = size, full
        for row, better in zip(reversed(rows), reversed(taken), strict=True):
            if count and better[count - 1, mask]:
                members.append(row)
                count, mask = count - 1, mask & ~self._mask[row]
        return cost, tuple(sorted(members))


# --- in words -------------------------------------------------------------------------------------


def _reasons(project: Project, team: list[Member], times: tuple[str, ...]) -> Iterable[Reason]:
    skills = "、".join(project.skills.values())
    yield Reason(
        "skills", f"{len(team)}人で、{skills}がそろいます", {"people": len(team), "skills": skills}
    )
    alone = [
        name for code, name in project.skills.items() if sum(code in m.skills for m in team) == 1
    ]
    if alone:
        names, each = "、".join(alone), "それぞれ" if len(alone) > 1 else ""
        yield Reason("alone", f"{names}ができるのは、{each}1人だけです", {"skills": names})
    names = "、".join(project.times[time] for time in times)
    yield Reason("times", f"全員が集まれるのは、{names}です", {"times": names})
    farthest = max(one.metres for one in team)
    yield Reason("way", f"いちばん遠い人で{distance(farthest)}です", {"metres": farthest})
    rested = sum(not one.lately for one in team)
    if rested:
        yield Reason("rested", f"最近お願いしていない人が{rested}人います", {"people": rested})


def _why_none(project: Project, people: Sequence[Member], able: list[int]) -> Iterable[Reason]:
    """The first thing that stands in the way of every team."""
    missing = [
        name
        for code, name in project.skills.items()
        if not any(code in people[row].skills for row in able)
    ]
    if missing:
        names = "、".join(missing)
        yield Reason("nobody", f"{names}ができる人が、近くにいません", {"skills": names})
        return
    if len(able) < project.smallest:
        yield Reason(
            "few",
            f"できる人が{len(able)}人です。チームには{project.smallest}人いります",
            {"people": len(able), "needed": project.smallest},
        )
        return
    together: dict[str, int] = defaultdict(int)
    for row in able:
        for time in people[row].free & project.times.keys():
            together[time] += 1
    if sum(count >= project.smallest for count in together.values()) >= project.meetings:
        yield Reason(
            "no_common_time",
            "同じ時間に集まれる人だけでは、必要なことがそろいません",
            {"meetings": project.meetings},
        )
    else:
        yield Reason(
            "no_time",
            f"{project.smallest}人が集まれる時間が足りません",
            {"people": project.smallest, "meetings": project.meetings},
        )
