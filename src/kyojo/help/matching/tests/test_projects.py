"""Teams for projects: proposed, changed, asked, settled; and what each membership means."""

from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.services import (
    block_add,
    rest_set,
    skill_set,
    trust_check_record,
    user_create,
    weekly_times_set,
)
from kyojo.civic.people.testing import Who as Someone
from kyojo.civic.people.testing import make_coordinator, make_programme, make_supporter
from kyojo.help.matching import live, services
from kyojo.help.matching.engine.teams import NoTeam, Team
from kyojo.help.matching.models import Project, ProjectMember
from kyojo.help.matching.project_selectors import (
    crowd_of,
    members_of,
    memberships_of,
    places_empty,
    project_by_uid,
    replacements_for,
)
from kyojo.help.matching.team_projects import MEMBER_STEPS, STEPS, TIMES, free_codes
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, NotFound, Refusal
from kyojo.kernel.ids import new_id

NOW = clock.at(date(2026, 11, 20), 10)
UNTIL = NOW + timedelta(days=4)
GIVEN = {
    "title": "集会所の会計の引きつぎ",
    "purpose": "来年の総会までに、帳面を分かりやすくします。",
    "skills": ["paper", "tech", "talk"],
    "times": ["5-am", "5-pm", "6-am"],
    "meetings": 1,
    "starts_on": date(2026, 12, 1),
    "weeks": 4,
    "smallest": 3,
    "largest": 4,
}
SATURDAY = ((5, time(8), time(18)),)


def someone(town: int, key: str, skills: set[str], *, east: float = 0, **other):
    who = Someone(f"u{ord(key)}", f"{key} 花", "ハナ ハナ", date(1970, 1, 1), east=east)
    given = {"weekly": SATURDAY} | other
    return make_supporter(town, who, skills=dict.fromkeys(skills, ""), **given)


@pytest.fixture
def town(towns):
    """Four who could be the team, the dearest of whom is not needed."""
    with clock.frozen(NOW):
        code = towns.midori.id
        make_programme(code)
        found = SimpleNamespace(
            code=code,
            other=towns.kita.id,
            by=make_coordinator(code),
            paper=someone(code, "紙", {"paper"}, east=100),
            tech=someone(code, "機", {"tech"}, east=200),
            talk=someone(code, "話", {"talk"}, east=300),
            spare=someone(code, "予", {"talk", "tech"}, east=4000),
        )
        with tenant(code):
            yield found


def planned(town, **other) -> Project:
    return services.project_create(order_id=new_id(), by=town.by, **GIVEN | other)


def people(project: Project, *states: str) -> set[str]:
    return {one.person.family_name for one in members_of(project, states=states)}


def invited(town) -> Project:
    project = planned(town)
    services.project_propose(uid=project.uid, by=town.by)
    services.project_invite(uid=project.uid, by=town.by, answer_until=UNTIL)
    return project


def answer(project: Project, person, yes: bool = True) -> None:
    mine = ProjectMember.objects.get(project=project, person=person)
    services.project_answer(uid=mine.uid, person=person, yes=yes)


def state(project: Project) -> str:
    return project_by_uid(project.uid).state


def test_the_engine_proposes_who_is_near_and_says_why(town):
    project = planned(town)
    found = services.project_propose(uid=project.uid, by=town.by)
    assert isinstance(found, Team)
    assert any("そろいます" in reason.sentence for reason in found.reasons)
    assert people(project) == {"紙", "機", "話"}
    services.project_propose(uid=project.uid, by=town.by)
    assert people(project) == {"紙", "機", "話"}
    assert Notice.objects.count() == 0
    assert [r.person.uid for r in replacements_for(project, members_of(project)[0])] in (
        [],
        [town.spare.uid],
    )


def test_nobody_is_with_somebody_they_blocked(town):
    block_add(person=town.talk, blocked_uid=town.paper.uid)
    project = planned(town)
    services.project_propose(uid=project.uid, by=town.by)
    assert people(project) == {"紙", "機", "予"}
    leaving = next(one for one in members_of(project) if one.person == town.spare)
    assert replacements_for(project, leaving) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda who: weekly_times_set(person=who, times=[(2, time(8), time(20))]),
        lambda who: skill_set(person=who, skills={"garden": ""}),
        lambda who: rest_set(person=who, until=date(2026, 12, 1)),
    ],
)
def test_who_cannot_is_not_proposed_and_it_is_said_why_there_is_none(town, change):
    change(town.paper)
    project = planned(town)
    found = services.project_propose(uid=project.uid, by=town.by)
    assert isinstance(found, NoTeam)
    assert found.reasons
    assert people(project) == set()
    with pytest.raises(Refusal, match="team_not_whole"):
        services.project_invite(uid=project.uid, by=town.by, answer_until=UNTIL)


def test_a_skill_counts_only_with_the_trust_it_needs(town):
    child = someone(town.code, "子", {"child"}, east=50)
    project = planned(town, skills=["paper", "tech", "child"])
    assert isinstance(services.project_propose(uid=project.uid, by=town.by), NoTeam)
    for kind, label in (("background", ""), ("training", "子どもの見守り講習")):
        trust_check_record(person=child, kind=kind, label=label, method="窓口", by=None)
    assert isinstance(services.project_propose(uid=project.uid, by=town.by), Team)
    unknown = someone(town.code, "無", {"paper"}, identity=False)
    assert unknown.pk not in {one.person_id for one in crowd_of(project).people}


def test_when_all_say_yes_the_team_is_settled_and_each_counts(town):
    before = {h.uid: h.lately for _, h in live.supporters()}
    project = invited(town)
    assert (state(project), people(project, "asked")) == ("asking", {"紙", "機", "話"})
    assert Notice.objects.filter(kind="team_asked").count() == 3
    answer(project, town.paper)
    answer(project, town.paper)
    answer(project, town.tech)
    assert state(project) == "asking"
    answer(project, town.talk)
    assert state(project) == "settled"
    assert Notice.objects.filter(kind="team_settled").count() == 3
    after = {h.uid: h.lately for _, h in live.supporters()}
    assert after[town.paper.uid] == before[town.paper.uid] + 1
    assert after[town.spare.uid] == before[town.spare.uid]
    services.project_close(uid=project.uid, by=town.by, is_done=True)
    services.project_close(uid=project.uid, by=town.by, is_done=True)
    assert state(project) == "done"
    assert memberships_of(town.paper) == []
    with pytest.raises(Refusal, match="project_step_not_possible"):
        services.project_close(uid=project.uid, by=town.by, is_done=False)
    with clock.frozen(NOW + timedelta(days=29)):
        assert {h.uid: h.lately for _, h in live.supporters()}[town.paper.uid] == 0


def test_a_no_is_replaced_by_the_best_who_is_left_and_asked_anew(town):
    project = invited(town)
    answer(project, town.paper)
    answer(project, town.tech)
    answer(project, town.talk, yes=False)
    (empty,) = places_empty()
    assert empty.person == town.talk
    (runner_up,) = replacements_for(project, None)
    assert runner_up.person.uid == town.spare.uid
    for _ in range(2):
        services.project_replace(
            uid=project.uid, by=town.by, person_uid=town.spare.uid, leaving_uid=empty.uid
        )
    assert places_empty() == []
    assert Notice.objects.filter(person=town.spare).count() == 0
    services.project_invite(uid=project.uid, by=town.by, answer_until=UNTIL)
    assert Notice.objects.filter(person=town.spare).count() == 1
    answer(project, town.spare)
    assert state(project) == "settled"
    answer(project, town.spare, yes=False)
    assert state(project) == "asking"


def test_silence_ends_with_the_day_and_a_late_yes_is_told(town):
    project = invited(town)
    assert services.projects_lapse_due(municipality_id=town.code) == 0
    with clock.frozen(UNTIL):
        with pytest.raises(Refusal, match="project_step_not_possible"):
            answer(project, town.paper)
        assert services.projects_lapse_due(municipality_id=town.code) == 3
        assert services.projects_lapse_due(municipality_id=town.code) == 0
    assert people(project, "lapsed") == {"紙", "機", "話"}


def test_whoever_is_left_is_enough_when_time_is_over(town):
    project = planned(town)
    services.project_propose(uid=project.uid, by=town.by)
    services.project_replace(uid=project.uid, by=town.by, person_uid=town.spare.uid)
    services.project_invite(uid=project.uid, by=town.by, answer_until=UNTIL)
    for who in (town.paper, town.tech, town.talk):
        answer(project, who)
    assert state(project) == "asking"
    with clock.frozen(UNTIL):
        assert services.projects_lapse_due(municipality_id=town.code) == 1
    assert (state(project), people(project, "yes")) == ("settled", {"紙", "機", "話"})
    assert Notice.objects.filter(kind="team_settled").count() == 3


def test_a_place_that_is_taken_takes_nobody_more_and_nobody_loses_time(town):
    project = invited(town)
    talk = next(one for one in members_of(project) if one.person == town.talk)
    late = someone(town.code, "遅", {"talk", "tech"}, east=5000)
    taken = {"uid": project.uid, "by": town.by, "leaving_uid": talk.uid}
    services.project_replace(person_uid=town.spare.uid, **taken)
    with pytest.raises(Refusal, match="member_not_possible"):
        services.project_replace(person_uid=late.uid, **taken)
    assert people(project, "proposed") == {"予"}
    earlier = UNTIL - timedelta(days=2)
    assert services.project_invite(uid=project.uid, by=town.by, answer_until=earlier) == 1
    assert services.project_invite(uid=project.uid, by=town.by, answer_until=earlier) == 0
    assert project_by_uid(project.uid).answer_until == UNTIL


def test_a_team_that_has_begun_is_refilled_or_ends_as_it_is(town):
    project = invited(town)
    with pytest.raises(Refusal, match="project_step_not_possible"):
        services.project_close(uid=project.uid, by=town.by, is_done=True)
    for who in (town.paper, town.tech, town.talk):
        answer(project, who)
    begun = clock.at(date(2026, 12, 8), 10)
    with clock.frozen(begun):
        answer(project, town.talk, yes=False)
        services.project_replace(uid=project.uid, by=town.by, person_uid=town.spare.uid)
        with pytest.raises(Refusal, match="answer_until_wrong"):
            services.project_invite(
                uid=project.uid, by=town.by, answer_until=begun + timedelta(days=30)
            )
        services.project_invite(uid=project.uid, by=town.by, answer_until=begun + timedelta(days=2))
        services.project_close(uid=project.uid, by=town.by, is_done=True)
    assert (state(project), people(project, "yes")) == ("done", {"紙", "機"})
    told = set(Notice.objects.filter(person=town.spare).values_list("kind", flat=True))
    assert told == {"team_asked", "team_out"}


def test_who_is_swapped_before_the_asking_never_hears_of_it(town):
    project = planned(town)
    services.project_propose(uid=project.uid, by=town.by)
    talk = next(one for one in members_of(project) if one.person == town.talk)
    services.project_replace(
        uid=project.uid, by=town.by, person_uid=town.spare.uid, leaving_uid=talk.uid
    )
    assert people(project) == {"紙", "機", "予"}
    with pytest.raises(Refusal, match="member_not_possible"):
        paper = next(one for one in members_of(project) if one.person == town.paper)
        services.project_replace(
            uid=project.uid, by=town.by, person_uid=town.talk.uid, leaving_uid=paper.uid
        )
    assert people(project) == {"紙", "機", "予"}
    assert Notice.objects.count() == 0


def test_calling_it_off_frees_everybody(town):
    project = invited(town)
    answer(project, town.paper)
    with pytest.raises(Refusal, match="still_promised"):
        services.person_forget(person=town.paper)
    services.project_close(uid=project.uid, by=town.by, is_done=False)
    assert people(project, "out") == {"紙", "機", "話"}
    assert Notice.objects.filter(kind="team_cancelled").count() == 3
    with pytest.raises(NotFound):
        answer(project, town.tech)
    services.person_forget(person=town.paper)
    assert people(project) == {"機", "話"}


def test_only_the_towns_desk_and_only_who_was_asked(town):
    stranger = user_create(email="x@example.jp", municipality_id=town.code)
    with pytest.raises(NotFound):
        services.project_create(order_id=new_id(), by=stranger, **GIVEN)
    project = planned(town)
    services.project_propose(uid=project.uid, by=town.by)
    mine = members_of(project)[0]
    with pytest.raises(NotFound):
        services.project_answer(uid=mine.uid, person=mine.person, yes=True)
    services.project_invite(uid=project.uid, by=town.by, answer_until=UNTIL)
    with pytest.raises(NotFound):
        services.project_answer(uid=mine.uid, person=town.spare, yes=True)
    with tenant(town.other), pytest.raises(NotFound):
        project_by_uid(project.uid)
    assert people(project, "asked") == {"紙", "機", "話"}


def test_the_same_order_is_the_same_project_and_what_is_wrong_is_said_at_once(town):
    order = new_id()
    first = services.project_create(order_id=order, by=town.by, **GIVEN)
    assert services.project_create(order_id=order, by=town.by, **GIVEN).pk == first.pk
    with pytest.raises(Refusal, match="order_taken"):
        services.project_create(order_id=order, by=town.by, **GIVEN | {"weeks": 5})
    with pytest.raises(Invalids) as refused:
        planned(
            town, title=" ", skills=[], times=[], weeks=9, smallest=2, starts_on=date(2026, 11, 20)
        )
    assert [one.field for one in refused.value.refusals] == [
        "title", "skills", "times", "weeks", "smallest", "starts_on",
    ]  # fmt: skip
    assert Project.objects.count() == 1
    assert Act.objects.filter(action="project_create").count() == 1


def test_times_and_steps_are_known():
    assert free_codes([]) == frozenset()
    assert len(TIMES) == 21
    assert {*STEPS} == {*Project.State.values}
    assert {*MEMBER_STEPS} == {*ProjectMember.State.values}
