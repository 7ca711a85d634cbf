"""People one does not want to meet again."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from kyojo.civic.people.selectors import blocks_of
from kyojo.civic.people.services import block_remove
from kyojo.help.support.services import booked_between, person_block
from kyojo.kernel.errors import NotFound

from ..community.forms import PartForm
from ..http import redirect_saying
from . import reads
from .access import members_only, person_of


@members_only
@require_safe
def blocks_page(request: HttpRequest) -> HttpResponse:
    blocks = blocks_of(person_of(request))
    names = reads.names_of(block.blocked_uid for block in blocks)
    rows = [
        {"uid": block.blocked_uid, "name": names.get(block.blocked_uid, ""), "at": block.at}
        for block in blocks
    ]
    blocked = {block.blocked_uid for block in blocks}
    met = [row for row in reads.people_met(person_of(request)) if row.uid not in blocked]
    return render(request, "account/blocks.html", {"rows": rows, "met": met})


@members_only
@require_POST
def block_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Only whom one has met: nobody can try out who exists."""
    person = person_of(request)
    met = next((row for row in reads.people_met(person) if row.uid == uid), None)
    if met is None:
        raise NotFound()
    booked = booked_between(person, uid)
    form = PartForm(request.POST if "asked" in request.POST else None)
    if booked and not form.is_valid():
        context = {"met": met, "booked": booked, "form": form}
        return render(
            request, "account/block_ask.html", context, status=422 if form.errors else 200
        )
    cancels = bool(booked) and form.cleaned_data["cancels"] == "yes"
    person_block(person=person, blocked_uid=uid, cancels=cancels)
    return redirect_saying(request, "me-blocks", "加えました。これからは、声がかかりません。")


@members_only
@require_POST
def block_undo(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    if all(block.blocked_uid != uid for block in blocks_of(person)):
        raise NotFound()
    block_remove(person=person, blocked_uid=uid)
    return redirect_saying(request, "me-blocks", "一覧から外しました。")
