"""A team, as whoever is asked sees it: what it is for, a yes or a no, then who is in it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.help.matching import project_selectors as selectors
from kyojo.help.matching.models import Project, ProjectMember
from kyojo.help.matching.services import project_answer
from kyojo.help.requests.domain import category
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused, redirect_saying

Member = ProjectMember.State


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def team_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    mine = selectors.membership_of(person, uid)
    answer = request.POST.get("answer")
    if request.method == "POST":
        if answer not in ("yes", "no"):
            raise NotFound()
        try:
            project_answer(uid=uid, person=person, yes=answer == "yes")
        except NotFound:
            raise
        except Refusal as refusal:
            return page_refused(request, refusal, back=request.path)
        said = "参加のお返事を受け取りました" if answer == "yes" else "お返事を受け取りました"
        return redirect_saying(request, request.path, said)
    project = mine.project
    is_settled = project.state in (Project.State.SETTLED, Project.State.DONE)
    team = selectors.members_of(project, states=(Member.YES,))
    return render(
        request,
        "supporter/team.html",
        {
            "mine": mine,
            "project": project,
            "skills": [category(code).name for code in project.skills],
            "my_skills": [category(code).name for code in mine.skills],
            "times": selectors.common_times(
                selectors.members_of(project, states=selectors.IN), project
            ),
            "is_asked": mine.state == Member.ASKED
            and project.state == Project.State.ASKING
            and project.answer_until is not None
            and project.answer_until > clock.now(),
            "may_leave": mine.state == Member.YES
            and project.state in (Project.State.ASKING, Project.State.SETTLED),
            "team": [
                {
                    "name": one.person.given_name,
                    "is_me": one.pk == mine.pk,
                    "skills": "、".join(category(code).name for code in one.skills),
                }
                for one in team
            ]
            if is_settled and mine.state == Member.YES
            else [],
            "municipality": Municipality.objects.get(pk=current()),
        },
    )
