"""グループ at the desk: what there is, and the end of one."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people.services import act_record
from kyojo.help.community import selectors, services
from kyojo.help.community.models import GroupPost

from ..http import redirect_saying
from .access import DeskRequest, page, staff


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    return page(request, "groups.html", "cases", {"rows": selectors.groups_all()})


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """A group with its members and its board. Opening it goes on record."""
    group = selectors.group_by_uid(uid)
    act_record(actor=request.desk.user, action="group_opened", subject_kind="group", subject_id=uid)
    return page(
        request,
        "group.html",
        "cases",
        {
            "one": group,
            "members": selectors.members_of(group),
            "posts": selectors.posts_at_desk(group),
        },
    )


@staff("POST")
def close(request: DeskRequest, uid: UUID) -> HttpResponse:
    services.group_close(uid=uid, by=request.desk.user)
    there = reverse("desk-group", kwargs={"uid": uid})
    return redirect_saying(request, there, "グループを終え、みなさんにお知らせしました")


@staff("POST")
def post_remove(request: DeskRequest, uid: UUID, post: UUID) -> HttpResponse:
    group = selectors.group_by_uid(uid)
    there = reverse("desk-group", kwargs={"uid": uid})
    if GroupPost.objects.filter(uid=post, group=group).exists():
        services.post_remove(uid=post, by=request.desk.user)
    return redirect_saying(request, there, "お知らせを消しました")
