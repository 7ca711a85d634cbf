"""お知らせ."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from kyojo.civic.people.selectors import notices_for
from kyojo.civic.people.services import notice_mark_read, notices_mark_all_read

from ..http import redirect_saying
from .access import members_only, own_path, person_of

NEWS_MAX = 50


@members_only
@require_safe
def news_page(request: HttpRequest) -> HttpResponse:
    notices = notices_for(person_of(request), limit=NEWS_MAX)
    unread = sum(notice.read_at is None for notice in notices)
    context = {"notices": notices, "unread": unread, "most": NEWS_MAX}
    return render(request, "account/news.html", context)


@members_only
@require_safe
def news_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Reading is opening: the news is read, and leads where it leads."""
    notice = notice_mark_read(person=person_of(request), notice_id=pk)
    path = own_path(request, notice.path)
    if path:
        return HttpResponseRedirect(path)
    return render(request, "account/notice.html", {"notice": notice})


@members_only
@require_POST
def news_read(request: HttpRequest) -> HttpResponse:
    notices_mark_all_read(person=person_of(request))
    return redirect_saying(request, "me-news", "すべて読んだことにしました。")
