"""メッセージ: the list, and what two people write to each other about one visit."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.help.community import selectors, services
from kyojo.help.community.domain import phrases_for
from kyojo.help.community.errors import OrderDiffers
from kyojo.help.support.models import Visit
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from ..account.access import members_only, person_of
from ..http import page_refused
from .forms import MessageForm
from .talks import talk_for, talks_for


@require_safe
@members_only
def list_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    threads = selectors.threads_of(person)
    talks = talks_for(person, [row.about_uid for row in threads])
    rows = []
    for row in threads:
        talk = talks.get(row.about_uid)
        if talk is not None:
            others = "・".join(part.called for part in talk.others(person.uid))
            rows.append({"talk": talk, "others": others, "row": row})
    return render(request, "community/messages.html", {"rows": rows, "tab": "plan"})


@require_safe
@members_only
def visit_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """From a visit to its messages."""
    visit = Visit.objects.filter(uid=uid).first()
    if visit is None:
        raise NotFound()
    talk_for(person_of(request), visit.offer_uid)
    return redirect("messages-thread", visit.offer_uid)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def thread_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    talk = talk_for(person, uid)
    own = talk.part_of(person.uid)
    assert own is not None
    form = MessageForm(request.POST if request.method == "POST" else None, role=own.role)
    warning = ""
    if request.method == "POST" and form.is_valid():
        warning = form.warning if talk.is_firm else ""
        if not warning:
            try:
                services.message_send(
                    order_id=form.order, talk=talk, author=person, words=form.text
                )
            except NotFound:
                raise
            except OrderDiffers as refusal:
                # The browser's old page: what was typed stays, under an order of its own.
                again = request.POST.copy()
                again["order_id"] = str(new_id())
                form = MessageForm(again, role=own.role)
                form.is_valid()
                form.refuse(refusal)
            except Refusal as refusal:
                if not refusal.field:
                    return page_refused(request, refusal, back=request.path)
                form.refuse(refusal)
            else:
                return redirect(f"{request.path}#last")
    services.thread_read(talk=talk, reader=person)
    return render(
        request,
        "community/thread.html",
        {
            "talk": talk,
            "me": person,
            "others": talk.others(person.uid),
            "names": {part.uid: part.called for part in talk.parts},
            "lines": selectors.messages_of(talk),
            "may_write": selectors.may_write(talk),
            "phrases": phrases_for(own.role),
            "form": form,
            "warning": warning,
            "tab": "plan",
        },
        status=422 if form.errors or warning else 200,
    )
