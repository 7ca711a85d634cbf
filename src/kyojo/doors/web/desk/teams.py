"""チーム: projects of about a month, the team that is proposed, who takes whose place, who is
asked."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.models import Area
from kyojo.civic.people.services import act_record
from kyojo.help.matching import project_selectors as selectors
from kyojo.help.matching import services as matching
from kyojo.help.matching.engine.teams import NoTeam
from kyojo.help.matching.models import Project, ProjectMember
from kyojo.help.matching.team_projects import IN, LARGEST, MEETINGS_MAX, SMALLEST, TIMES, WEEKS
from kyojo.help.requests.domain import CATEGORIES, category
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.wording import distance

from ..forms import DateBoxesField, Form, OrderForm, WholeNumberField
from ..http import page_refused, redirect_saying
from .access import DeskRequest, page, staff

State, Member = Project.State, ProjectMember.State


class ProjectForm(OrderForm):
    title = forms.CharField(label="名前", max_length=60, help_text="例：集会所の会計の引きつぎ")
    purpose = forms.CharField(
        label="何のため",
        max_length=600,
        help_text="声をかけた人が読みます。",
        widget=forms.Textarea,
    )
    skills = forms.MultipleChoiceField(
        label="いること",
        help_text="1人が全部できなくても、チームでそろえばだいじょうぶです。",
        choices=[(one.code, one.name) for one in CATEGORIES],
        widget=forms.CheckboxSelectMultiple,
    )
    times = forms.MultipleChoiceField(
        label="集まれる時間",
        help_text="多く選ぶほど、人が見つかります。",
        choices=[(one.code, one.name) for one in TIMES.values()],
        widget=forms.CheckboxSelectMultiple,
    )
    meetings = WholeNumberField(
        label="週に集まる回数", minimum=1, maximum=MEETINGS_MAX, unit="回", initial=1
    )
    starts_on = DateBoxesField(label="始める日", example="2026、令和8", future_only=True)
    weeks = WholeNumberField(
        label="続ける週の数", minimum=WEEKS[0], maximum=WEEKS[1], unit="週", initial=4
    )
    smallest = WholeNumberField(
        label="何人から", minimum=SMALLEST, maximum=LARGEST, unit="人", initial=3
    )
    largest = WholeNumberField(
        label="何人まで", minimum=SMALLEST, maximum=LARGEST, unit="人", initial=5
    )
    area = forms.ChoiceField(label="集まる地区", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area = cast(forms.ChoiceField, self.fields["area"])
        areas = Area.objects.filter(kind=Area.Kind.LIVING_AREA)
        area.choices = [("", "まちのまん中"), *((str(one.pk), one.name) for one in areas)]

    def given(self) -> dict[str, Any]:
        """What ``project_create`` takes."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "area"}
        area = self.cleaned_data["area"]
        return given | {
            "order_id": self.order,
            "area": Area.objects.get(pk=area) if area else None,
        }


class InviteForm(Form):
    context: ClassVar[str] = "invite_form"
    answer_until = DateBoxesField(label="返事の期限", example="2026、令和8", future_only=True)


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    rows = [
        {"project": one, "members": len(selectors.members_of(one, states=IN))}
        for one in selectors.projects_all()[:200]
    ]
    return page(request, "teams.html", "members", {"rows": rows})


@staff("GET", "POST")
def new(request: DeskRequest) -> HttpResponse:
    """A project; the team is proposed at once."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            project = matching.project_create(by=request.desk.user, **form.given())
            if project.state == State.PLANNED and not selectors.members_of(project):
                matching.project_propose(uid=project.uid, by=request.desk.user)
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, _there(project.uid), "つくりました")
    return page(
        request, "team_new.html", "members", {"form": form}, status=422 if form.is_bound else 200
    )


def _there(uid: UUID) -> str:
    return reverse("desk-team", kwargs={"uid": uid})


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    return _one(request, selectors.project_by_uid(uid), InviteForm())


def _one(
    request: DeskRequest, project: Project, form: InviteForm, status: int = 200
) -> HttpResponse:
    """One project. That it is shown goes on record, since names and telephones show."""
    act_record(
        actor=request.desk.user,
        action="project_opened",
        subject_kind="project",
        subject_id=project.uid,
    )
    members = selectors.members_of(project)
    standing = [one for one in members if one.state in IN]
    may_change = project.state in (State.PLANNED, State.ASKING, State.SETTLED)
    why: list[str] = []
    # Read once for all the lists: in a large town it is many thousands of people.
    crowd = selectors.crowd_of(project) if may_change else None
    if project.state == State.PLANNED and crowd is not None:
        _, found = selectors.team_for(project, crowd=crowd)
        proposed = (
            set()
            if isinstance(found, NoTeam)
            else {crowd.people[row].person_id for row in found.members}
        )
        # Of another team than the one proposed nothing is said: the coordinator has changed it.
        if proposed == {one.person_id for one in standing}:
            why = [reason.sentence for reason in found.reasons]
    whole = selectors.is_whole(project, standing)
    return page(
        request,
        "team.html",
        "members",
        {
            "project": project,
            "skills": [category(code).name for code in project.skills],
            "times": selectors.common_times(standing, project) if standing else [],
            "why": why,
            "is_whole": whole,
            "missing": [category(code).name for code in selectors.missing_of(project, standing)],
            "members": [_member(project, one, crowd) for one in members],
            "joining": _named(selectors.replacements_for(project, None, crowd=crowd))
            if may_change and standing and not whole and len(standing) < project.largest
            else [],
            "may_invite": whole and any(one.state == Member.PROPOSED for one in standing),
            "may_change": may_change,
            "may_end": selectors.is_begun(project, standing),
            "form": form,
        },
        status=status,
    )


def _member(project: Project, one: ProjectMember, crowd: selectors.Crowd | None) -> dict[str, Any]:
    return {
        "one": one,
        "person": one.person,
        "skills": [category(code).name for code in one.skills],
        "distance": distance(one.metres),
        "others": _named(selectors.replacements_for(project, one, crowd=crowd))
        if crowd is not None and one.state in IN
        else [],
    }


def _named(found: list[selectors.RunnerUp]) -> list[dict[str, Any]]:
    return [
        {
            "uid": one.person.uid,
            "name": one.person.name,
            "skills": "、".join(category(code).name for code in one.skills),
            "distance": distance(one.metres),
        }
        for one in found[: selectors.RUNNERS_UP]
    ]


@staff("POST")
def act(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One press on a project's page: propose anew, put somebody in, end it."""
    by, how = request.desk.user, request.POST.get("act", "")
    try:
        if how == "propose":
            matching.project_propose(uid=uid, by=by)
            said = "もう一度、選びなおしました"
        elif how == "replace":
            matching.project_replace(
                uid=uid,
                by=by,
                person_uid=_uuid(request.POST.get("person")),
                leaving_uid=_uuid(request.POST["leaving"]) if request.POST.get("leaving") else None,
            )
            said = "チームの人を替えました"
        elif how in ("done", "cancel"):
            matching.project_close(uid=uid, by=by, is_done=how == "done")
            said = "終わりました" if how == "done" else "取りやめました。声をかけた人に伝えました"
        else:
            raise NotFound()
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=_there(uid))
    return redirect_saying(request, _there(uid), said)


def _uuid(value: str | None) -> UUID:
    try:
        return UUID(value or "")
    except ValueError:
        raise NotFound() from None


@staff("POST")
def invite(request: DeskRequest, uid: UUID) -> HttpResponse:
    project = selectors.project_by_uid(uid)
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            asked = matching.project_invite(
                uid=uid,
                by=request.desk.user,
                answer_until=clock.at(form.cleaned_data["answer_until"], 20),
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, _there(uid), f"{asked}人に声をかけました")
    return _one(request, project, form, status=422)
