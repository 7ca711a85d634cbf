"""グループ: the groups of a town, one with its board, and what its leaders may do."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kyojo.help.community import selectors, services
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..forms import Form
from ..http import page_refused, redirect_saying
from .forms import GroupForm, InviteForm, LeadForm, PostForm


@require_safe
@members_only
def list_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    return render(
        request,
        "community/groups.html",
        {
            "mine": selectors.groups_of(person),
            "others": selectors.groups_open(but=person),
            "tab": "me",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def new_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = GroupForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            group = services.group_found(
                order_id=form.order,
                founder=person,
                name=data["name"],
                kind=data["kind"],
                about=data["about"],
                is_open=data["joining"] == "open",
                area=person.area,
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            there = reverse("group", args=[group.uid])
            return redirect_saying(request, there, "グループをつくりました")
    return render(
        request, "community/group_new.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
@members_only
def group_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _group(request, uid)


def _group(request: HttpRequest, uid: UUID, *sent: Form, status: int = 200) -> HttpResponse:
    """``sent``: a form that could not be followed, shown again as typed."""
    person = person_of(request)
    group, mine = selectors.group_for(person, uid)
    is_in = mine is not None and mine.joined_at is not None
    members = selectors.members_of(group) if is_in else []
    others = [(str(one.person.uid), one.person.name) for one in members if one != mine]
    made: dict[str, Form] = {
        "post_form": PostForm(),
        "invite_form": InviteForm(),
        "lead_form": LeadForm(people=others),
    }
    for form in sent:
        name = {PostForm: "post_form", InviteForm: "invite_form"}.get(type(form), "lead_form")
        made[name] = form
    return render(
        request,
        "community/group.html",
        {
            "group": group,
            "read_until": selectors.board_until(group),
            "mine": mine,
            "is_in": is_in,
            "is_leader": is_in and mine is not None and mine.is_leader,
            "members": members,
            "others": others,
            "posts": selectors.posts_of(group, reader=person) if is_in else [],
            "me": person,
            "form": sent[0] if sent else None,
            "tab": "me",
            **made,
        },
        status=status,
    )


def _done(request: HttpRequest, uid: UUID, call: Any, sentence: str, to: str = "") -> HttpResponse:
    back = reverse("group", args=[uid])
    try:
        call()
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=back)
    return redirect_saying(request, to or back, sentence)


@require_POST
@members_only
def join(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    selectors.group_for(person, uid)
    return _done(
        request, uid, lambda: services.group_join(uid=uid, person=person), "グループに入りました"
    )


@require_POST
@members_only
def leave(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    selectors.group_for(person, uid)
    return _done(
        request,
        uid,
        lambda: services.group_leave(uid=uid, person=person),
        "グループから抜けました",
        to=reverse("groups"),
    )


@require_POST
@members_only
def close(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    selectors.group_for(person, uid)
    return _done(
        request,
        uid,
        lambda: services.group_close(uid=uid, leader=person),
        "グループを終えました",
        to=reverse("groups"),
    )


def _sent(request: HttpRequest, uid: UUID, form: Form, call: Any, sentence: str) -> HttpResponse:
    person = person_of(request)
    selectors.group_for(person, uid)
    if form.is_valid():
        try:
            call(form)
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, reverse("group", args=[uid]), sentence)
    return _group(request, uid, form, status=422)


@require_POST
@members_only
def post(request: HttpRequest, uid: UUID) -> HttpResponse:
    def call(form: PostForm) -> None:
        services.post_write(
            order_id=form.order,
            uid=uid,
            author=person_of(request),
            words=form.cleaned_data["words"],
        )

    return _sent(request, uid, PostForm(request.POST), call, "お知らせを書きました")


@require_POST
@members_only
def invite(request: HttpRequest, uid: UUID) -> HttpResponse:
    def call(form: InviteForm) -> None:
        services.group_invite(
            uid=uid, leader=person_of(request), number=form.cleaned_data["number"]
        )

    return _sent(request, uid, InviteForm(request.POST), call, "招待を送りました")


@require_POST
@members_only
def lead(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    group, mine = selectors.group_for(person, uid)
    if mine is None or mine.joined_at is None:
        raise NotFound()
    others = [
        (str(one.person.uid), one.person.name)
        for one in selectors.members_of(group)
        if one.pk != mine.pk
    ]

    def call(form: LeadForm) -> None:
        services.group_lead(
            uid=uid,
            leader=person,
            person_uid=UUID(form.cleaned_data["person"]),
            stays=form.cleaned_data["stays"] == "yes",
        )

    form = LeadForm(request.POST, people=others)
    return _sent(request, uid, form, call, "世話役を変えました")


@require_POST
@members_only
def post_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    group_uid = selectors.post_by(person, uid).group.uid
    return _done(
        request,
        group_uid,
        lambda: services.post_remove(uid=uid, person=person),
        "お知らせを消しました",
    )
