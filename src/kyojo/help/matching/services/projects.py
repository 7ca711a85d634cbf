"""Teams for projects: planned by the desk, proposed by the engine, settled by who is asked."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.models import Area, Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people import domain as people
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record, notice_send
from kyojo.civic.people.suspensions import suspended_refuse
from kyojo.help.requests.domain import category
from kyojo.help.requests.errors import OrderTaken
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalid, Invalids, NotFound
from kyojo.kernel.wording import jdate, jmoment

from .. import team_projects, words
from ..engine.teams import NoTeam, Team
from ..errors import (
    AnswerUntilWrong,
    MemberNotPossible,
    ProjectNumberWrong,
    ProjectStepNotPossible,
    ProjectTextMissing,
    SkillsMissing,
    StartsTooEarly,
    TeamNotWhole,
    TimesMissing,
)
from ..models import Project, ProjectMember
from ..project_selectors import is_begun, is_whole, members_of, replacements_for, team_for

State, Member = Project.State, ProjectMember.State
IN = team_projects.IN
SKILLS_MAX = 6


def project_create(
    *,
    order_id: UUID,
    by: User,
    title: str,
    purpose: str,
    skills: Iterable[str],
    times: Iterable[str],
    meetings: int,
    starts_on: date,
    weeks: int,
    smallest: int,
    largest: int,
    area: Area | None = None,
) -> Project:
    """A project of the current town, planned by the desk. The same order again: the same.

    Raises ``NotFound`` for who is no staff here, ``Invalids``, ``OrderTaken``.
    """
    role = staff_required(by)
    fields = _checked(
        title=title,
        purpose=purpose,
        skills=list(dict.fromkeys(skills)),
        times=[code for code in team_projects.TIMES if code in set(times)],
        meetings=meetings,
        starts_on=starts_on,
        weeks=weeks,
        smallest=smallest,
        largest=largest,
    )
    before = Project.objects.filter(uid=order_id).first()
    if before is None:
        latitude, longitude = _middle(area)
        try:
            with transaction.atomic():
                made: Project = Project.objects.create(
                    uid=order_id,
                    area_name=area.name if area is not None else "",
                    latitude=latitude,
                    longitude=longitude,
                    contact_name=role.name,
                    contact_title=role.title,
                    **fields,
                )
                _on_record(made, by, "project_create")
                return made
        except IntegrityError:
            before = Project.objects.filter(uid=order_id).first()
    if before is None or any(getattr(before, name) != value for name, value in fields.items()):
        raise OrderTaken()
    return before  # type: ignore[no-any-return]


def project_propose(*, uid: UUID, by: User) -> Team | NoTeam:
    """Let the engine propose a team for a project of which nobody was asked yet; again: anew."""
    staff_required(by)
    with transaction.atomic():
        project = _locked(uid, State.PLANNED)
        ProjectMember.objects.filter(project=project).delete()
        crowd, found = team_for(project)
        if isinstance(found, Team):
            for row in found.members:
                _member_add(
                    project,
                    crowd.people[row].person_id,
                    crowd.members[row].skills,
                    crowd.members[row].metres,
                )
        _on_record(project, by, "project_propose")
    return found


def project_replace(
    *, uid: UUID, by: User, person_uid: UUID, leaving_uid: UUID | None = None
) -> None:
    """Somebody takes the place of ``leaving_uid`` (None: of one who said no). They are not asked
    before ``project_invite``. Done already: nothing changes.

    Raises ``NotFound``, ``MemberNotPossible`` for who does not complete the team.
    """
    staff_required(by)
    with transaction.atomic():
        project = _locked(uid, State.PLANNED, State.ASKING, State.SETTLED)
        rows = members_of(project)
        if any(one.person.uid == person_uid and one.state in IN for one in rows):
            return
        leaving = next((one for one in rows if one.uid == leaving_uid), None)
        # Somebody else has taken that place meanwhile: one more would be one too many.
        if leaving_uid is not None and (leaving is None or leaving.state == Member.OUT):
            raise MemberNotPossible()
        leaves = leaving if leaving is not None and leaving.state in IN else None
        standing = sum(one.state in IN for one in rows) - (leaves is not None)
        found = next(
            (r for r in replacements_for(project, leaves) if r.person.uid == person_uid), None
        )
        if found is None or standing >= project.largest:
            raise MemberNotPossible()
        if leaves is not None:
            _member_out(project, leaves)
        _member_add(project, found.person.person_id, found.skills, found.metres)
        if project.state == State.SETTLED:
            _advance(project, State.ASKING)
        _on_record(project, by, "project_replace")


def project_invite(*, uid: UUID, by: User, answer_until: datetime) -> int:
    """Ask everybody who is proposed and was not asked yet, until ``answer_until``; how many. Who
    was asked before keeps the time they were told. Again: nothing changes.

    Raises ``NotFound``, ``TeamNotWhole``, ``AnswerUntilWrong``, ``ProjectStepNotPossible``.
    """
    staff_required(by)
    with transaction.atomic():
        project = _locked(uid, State.PLANNED, State.ASKING)
        standing = members_of(project, states=IN)
        asked = [one for one in standing if one.state == Member.PROPOSED]
        if standing and not asked:
            return 0
        last = _answers_last(project)
        if not clock.now() < answer_until <= clock.at(last, 23, 59):
            raise AnswerUntilWrong(field="answer_until", last=jdate(last))
        if not is_whole(project, standing):
            raise TeamNotWhole()
        if any(one.state == Member.ASKED for one in standing):
            answer_until = max(answer_until, project.answer_until)
        if project.state == State.PLANNED:
            _advance(project, State.ASKING)
        project.answer_until = answer_until
        project.save(update_fields=["answer_until"])
        for one in asked:
            _member_advance(one, Member.ASKED, asked_at=clock.now())
            _tell(
                one,
                "asked",
                words.TEAM_ASKED,
                words.TEAM_ASKED_BODY.format(until=jmoment(answer_until)),
            )
        _on_record(project, by, "project_invite")
    return len(asked)


def project_answer(*, uid: UUID, person: Person, yes: bool) -> ProjectMember:
    """What somebody who was asked says. The same again: nothing changes. Who has said yes may say
    no as long as the project goes on. When all have said yes, the team is settled.

    Raises ``NotFound``, ``ProjectStepNotPossible``.
    """
    mine = ProjectMember.objects.filter(uid=uid, person=person).first()
    if mine is None or mine.state in (Member.PROPOSED, Member.OUT):
        raise NotFound()
    if yes:
        suspended_refuse(person)
    with transaction.atomic():
        project = _locked(mine.project.uid, State.ASKING, State.SETTLED)
        mine = ProjectMember.objects.select_related("person").get(pk=mine.pk)
        after = Member.YES if yes else Member.NO
        if mine.state == after:
            return mine
        if yes and project.answer_until <= clock.now():
            raise ProjectStepNotPossible(state=str(Member.LAPSED.label))
        _member_advance(mine, after, answered_at=clock.now())
        standing = members_of(project, states=IN)
        if not yes and project.state == State.SETTLED:
            _advance(project, State.ASKING)
        else:
            _settle(project, standing)
    return mine


def project_close(*, uid: UUID, by: User, is_done: bool) -> Project:
    """The project is over, or called off. Again: nothing changes. One that somebody has begun may
    end with a place left empty. Raises ``ProjectStepNotPossible``."""
    staff_required(by)
    after = State.DONE if is_done else State.CANCELLED
    with transaction.atomic():
        project = _locked(uid)
        if project.state == after:
            return project
        standing = members_of(project, states=IN)
        if is_done and not is_begun(project, standing):
            raise ProjectStepNotPossible(state=str(State(project.state).label))
        _advance(project, after, closed_at=clock.now())
        for one in standing:
            if is_done and one.state == Member.YES:
                _tell(one, after, words.TEAM_DONE, words.TEAM_OVER_BODY)
            elif is_done:
                _member_out(project, one)
            else:
                was_told = one.state != Member.PROPOSED
                _member_advance(one, Member.OUT)
                if was_told:
                    _tell(one, after, words.TEAM_CANCELLED, words.TEAM_OVER_BODY)
        _on_record(project, by, f"project_{after}")
    return project


def projects_lapse_due(*, municipality_id: int) -> int:
    """Who was asked and has not answered in time is asked no longer; how many. Where the others
    are enough, the team is settled. Safe to repeat."""
    lapsed = 0
    with tenant(municipality_id):
        due = Project.objects.filter(state=State.ASKING, answer_until__lte=clock.now())
        for uid in due.values_list("uid", flat=True):
            with transaction.atomic():
                project = Project.objects.select_for_update().get(uid=uid)
                if project.state != State.ASKING or project.answer_until > clock.now():
                    continue
                silent = members_of(project, states=(Member.ASKED,))
                for one in silent:
                    _member_advance(one, Member.LAPSED)
                if silent:
                    _settle(project, members_of(project, states=IN))
                lapsed += len(silent)
    return lapsed


# --- inside ---------------------------------------------------------------------------------------
def _checked(**given: Any) -> dict[str, Any]:
    refusals: list[Invalid] = []
    for name, part, limit in (("title", "名前", 60), ("purpose", "何のため", 600)):
        try:
            given[name] = people.words(given[name], part=part, field=name, limit=limit)
            if not given[name]:
                refusals.append(ProjectTextMissing(field=name, part=part))
        except Invalid as refusal:
            refusals.append(refusal)
    for code in given["skills"]:
        category(code)
    if not 1 <= len(given["skills"]) <= SKILLS_MAX:
        refusals.append(SkillsMissing(field="skills", most=SKILLS_MAX))
    if not 1 <= given["meetings"] <= team_projects.MEETINGS_MAX:
        refusals.append(
            ProjectNumberWrong(
                field="meetings", part="週に集まる回数", least=1, most=team_projects.MEETINGS_MAX
            )
        )
    elif len(given["times"]) < given["meetings"]:
        refusals.append(TimesMissing(field="times", meetings=given["meetings"]))
    least, most = team_projects.WEEKS
    if not least <= given["weeks"] <= most:
        refusals.append(
            ProjectNumberWrong(field="weeks", part="続ける週の数", least=least, most=most)
        )
    small, large = team_projects.SMALLEST, team_projects.LARGEST
    if not small <= given["smallest"] <= given["largest"] <= large:
        refusals.append(ProjectNumberWrong(field="smallest", part="人数", least=small, most=large))
    if given["starts_on"] <= clock.today():
        refusals.append(StartsTooEarly(field="starts_on"))
    if refusals:
        raise refusals[0] if len(refusals) == 1 else Invalids(list(refusals))
    return given


def _middle(area: Area | None) -> tuple[float, float]:
    if area is not None:
        return (area.south + area.north) / 2, (area.west + area.east) / 2
    town = Municipality.objects.get(pk=current())
    if town.latitude is None or town.longitude is None:
        raise ProjectTextMissing(field="area", part="集まる地区")
    return town.latitude, town.longitude


def _locked(uid: UUID, *states: str) -> Project:
    project: Project | None = Project.objects.select_for_update().filter(uid=uid).first()
    if project is None:
        raise NotFound()
    if states and project.state not in states:
        raise ProjectStepNotPossible(state=str(State(project.state).label))
    return project


def _answers_last(project: Project) -> date:
    """The last day for answers: that of the beginning; where it has begun, that of the end."""
    if project.state == State.PLANNED or clock.today() < project.starts_on:
        return project.starts_on  # type: ignore[no-any-return]
    return project.starts_on + timedelta(weeks=project.weeks)  # type: ignore[no-any-return]


def _settle(project: Project, standing: list[ProjectMember]) -> None:
    """The team is settled where all who stand have said yes and they are enough."""
    if is_whole(project, standing) and all(one.state == Member.YES for one in standing):
        _advance(project, State.SETTLED)
        for one in standing:
            _tell(one, "settled", words.TEAM_SETTLED, words.TEAM_SETTLED_BODY)


def _advance(project: Project, after: str, **changes: Any) -> None:
    if after not in team_projects.STEPS[project.state]:
        raise ProjectStepNotPossible(state=str(State(project.state).label))
    project.state = after
    for name, value in changes.items():
        setattr(project, name, value)
    project.save(update_fields=["state", *changes])


def _member_add(project: Project, person_id: int, skills: Iterable[str], metres: int) -> None:
    ProjectMember.objects.create(
        project=project,
        person_id=person_id,
        skills=[code for code in project.skills if code in set(skills)],
        metres=metres,
    )


def _member_out(project: Project, member: ProjectMember) -> None:
    """Who was only proposed never hears of it; who was asked is told."""
    if member.state == Member.PROPOSED:
        member.delete()
        return
    _member_advance(member, Member.OUT)
    _tell(member, "out", words.TEAM_OUT, words.TEAM_OVER_BODY)


def _member_advance(member: ProjectMember, after: str, **changes: Any) -> None:
    if after not in team_projects.MEMBER_STEPS[member.state]:
        raise ProjectStepNotPossible(state=str(Member(member.state).label))
    member.state = after
    for name, value in changes.items():
        setattr(member, name, value)
    member.save(update_fields=["state", *changes])


def _tell(member: ProjectMember, event: str, title: str, body: str) -> None:
    notice_send(
        person=member.person,
        kind=f"team_{event}",
        key=f"team:{member.uid}:{event}",
        title=title.format(what=member.project.title),
        body=body,
        path=f"/help/teams/{member.uid}/",
    )


def _on_record(project: Project, by: User, action: str) -> None:
    act_record(actor=by, action=action, subject_kind="project", subject_id=project.uid)
