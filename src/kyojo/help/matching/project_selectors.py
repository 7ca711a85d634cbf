"""Reads of teams for projects: who could be in one, who is, and who could take whose place. All
need ``tenancy.tenant``."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from kyojo.civic.people.models import Person, Skill
from kyojo.civic.people.selectors import SupporterRow
from kyojo.civic.people.trust import IDENTITY, missing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import category
from kyojo.kernel import clock
from kyojo.kernel.clock import age_on
from kyojo.kernel.errors import NotFound
from kyojo.kernel.geometry import Point, distance_metres

from . import live
from .domain import ADULT_YEARS, Helper, held_by
from .engine import teams
from .engine.teams import NoTeam, Team
from .models import Project, ProjectMember
from .team_projects import IN, TIMES, free_codes

State = Project.State
#: So many are proposed in somebody's place.
RUNNERS_UP = 3


@dataclass(frozen=True)
class Crowd:
    """Who could be in a team, as the engine takes them; ``people`` beside ``members``."""

    members: list[teams.Member]
    people: list[SupporterRow]
    apart: frozenset[frozenset[int]]

    def row_of(self, person_id: int) -> int | None:
        return next((n for n, one in enumerate(self.people) if one.person_id == person_id), None)


def crowd_of(project: Project) -> Crowd:
    """Supporters of the town who could be in ``project``: grown up, identified, not resting; a
    skill counts where whoever does it alone would be trusted with it."""
    rules = programme_current()[1]
    needed = {
        code: (rules.trust_needed(code), rules.training_needed(code))
        for code in project.skills
        if rules.category_allowed(code)
    }
    able = Skill.objects.filter(category__in=list(needed), person__supporter_since__isnull=False)
    ids = set(able.values_list("person_id", flat=True))
    place = Point(project.latitude, project.longitude)
    members, people, helpers = [], [], []
    for row, helper in live.supporters(person_ids=sorted(ids)):
        if not _may_join(project, helper) or helper.home is None:
            continue
        held = tuple(held_by(helper))
        skills = frozenset(
            code
            for code, (trust, training) in needed.items()
            if code in helper.skills
            and not missing(needed=trust, course=training, held=held, day=project.starts_on)
        )
        members.append(
            teams.Member(
                name=str(row.uid),
                skills=skills,
                free=free_codes(helper.weekly),
                metres=round(distance_metres(helper.home, place)),
                lately=helper.lately,
            )
        )
        people.append(row)
        helpers.append(helper)
    number = {helper.uid: n for n, helper in enumerate(helpers)}
    apart = frozenset(
        frozenset((n, number[uid]))
        for n, helper in enumerate(helpers)
        for uid in helper.blocked & number.keys()
    )
    return Crowd(members, people, apart)


def _may_join(project: Project, helper: Helper) -> bool:
    return (
        helper.birth_date is not None
        and age_on(helper.birth_date, project.starts_on) >= ADULT_YEARS
        and not missing(needed={IDENTITY}, held=held_by(helper), day=project.starts_on)
        and (helper.resting_until is None or helper.resting_until < project.starts_on)
    )


def wanted(project: Project) -> teams.Project:
    return teams.Project(
        skills={code: category(code).name for code in project.skills},
        times={code: TIMES[code].name for code in project.times},
        meetings=project.meetings,
        smallest=project.smallest,
        largest=project.largest,
    )


def team_for(project: Project, *, crowd: Crowd | None = None) -> tuple[Crowd, Team | NoTeam]:
    """The team that the engine proposes, or why there is none. ``crowd``: read already."""
    crowd = crowd or crowd_of(project)
    return crowd, teams.form(wanted(project), crowd.members, apart=crowd.apart)


@dataclass(frozen=True)
class RunnerUp:
    """Somebody who could take another's place: the rest of the team and they have all skills."""

    person: SupporterRow
    skills: list[str]
    metres: int


def replacements_for(
    project: Project, leaving: ProjectMember | None, *, crowd: Crowd | None = None
) -> list[RunnerUp]:
    """Who could take the place of ``leaving`` (None: join), the best first. Nobody who was in the
    project before, or said no to it. ``crowd``: all of ``crowd_of``, read already."""
    rows = list(ProjectMember.objects.filter(project=project))
    stay = [one for one in rows if one.state in IN and one != leaving]
    gone = {one.person_id for one in rows} - {one.person_id for one in stay}
    crowd = crowd or crowd_of(project)
    staying = [crowd.row_of(one.person_id) for one in stay]
    if None in staying:
        return []  # somebody who stays has changed their times or skills: proposed anew
    found = teams.replacements(
        wanted(project),
        crowd.members,
        [row for row in staying if row is not None],
        apart=crowd.apart,
    )
    return [
        RunnerUp(
            crowd.people[row],
            [code for code in project.skills if code in crowd.members[row].skills],
            crowd.members[row].metres,
        )
        for row in found
        if crowd.people[row].person_id not in gone
    ]


def missing_of(project: Project, members: Collection[ProjectMember]) -> list[str]:
    """The skills that nobody of ``members`` brings."""
    had = {code for one in members for code in one.skills}
    return [code for code in project.skills if code not in had]


def is_whole(project: Project, members: Collection[ProjectMember]) -> bool:
    return project.smallest <= len(members) <= project.largest and not missing_of(project, members)


def is_begun(project: Project, members: Collection[ProjectMember]) -> bool:
    """Whether the team is settled, or somebody does it with a place left empty."""
    if project.state == State.ASKING:
        return project.starts_on <= clock.today() and any(one.state == "yes" for one in members)
    return project.state == State.SETTLED  # type: ignore[no-any-return]


def common_times(members: Collection[ProjectMember], project: Project) -> list[str]:
    """What the project's times are called at which all ``members`` are usually free."""
    codes = set(project.times)
    for row, helper in live.supporters(person_ids=[one.person_id for one in members]):
        codes &= free_codes(helper.weekly)
        assert row.person_id == helper.person_id
    return [TIMES[code].name for code in project.times if code in codes]


# --- projects -------------------------------------------------------------------------------------
def projects_all() -> QuerySet[Project]:
    return Project.objects.all()


def project_by_uid(uid: UUID) -> Project:
    """Raises ``NotFound``."""
    found: Project | None = Project.objects.filter(uid=uid).first()
    if found is None:
        raise NotFound()
    return found


def members_of(project: Project, *, states: Collection[str] = ()) -> list[ProjectMember]:
    found = ProjectMember.objects.filter(project=project).select_related("person")
    return list(found.filter(state__in=states) if states else found)


def memberships_of(person: Person) -> list[ProjectMember]:
    """What ``person`` is asked to join, and the teams they are in, until these are over."""
    return list(
        ProjectMember.objects.filter(
            person=person,
            state__in=("asked", "yes"),
            project__state__in=(State.ASKING, State.SETTLED),
        ).select_related("project")
    )


def membership_of(person: Person, uid: UUID) -> ProjectMember:
    """Raises ``NotFound``: somebody else's, or never asked."""
    found: ProjectMember | None = (
        ProjectMember.objects.filter(person=person, uid=uid, asked_at__isnull=False)
        .select_related("project")
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def places_empty() -> list[ProjectMember]:
    """Who said no or nothing in teams that are being asked and are not whole: the desk looks."""
    found = ProjectMember.objects.filter(
        project__state=State.ASKING, state__in=("no", "lapsed")
    ).select_related("project")
    return [one for one in found if not is_whole(one.project, members_of(one.project, states=IN))]
