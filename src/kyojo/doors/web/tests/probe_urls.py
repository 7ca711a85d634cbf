"""Views that do what views must not, to see what the house answers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.csrf import csrf_protect

from kyojo.civic.municipalities import tenancy
from kyojo.civic.municipalities.models import Operator
from kyojo.doors.web import http, views
from kyojo.kernel.errors import Invalid, NotFound, Refusal

handler404 = "kyojo.doors.web.http.page_not_found"
handler500 = "kyojo.doors.web.http.page_broken"


class Busy(Refusal):
    code = "busy"
    sentence = "{hour}時には別の予定があります。ほかの時間を選んでください。"


def write() -> None:
    Operator.objects.create(kind="npo", name="みほん会", name_kana="ミホンカイ")


def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(tenancy.current_or_none()))


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/csrf.html")


def written(request: HttpRequest) -> HttpResponse:
    write()
    return HttpResponse("ok")


def forbidden(request: HttpRequest, number: int = 0) -> HttpResponse:
    write()
    raise NotFound


def refused(request: HttpRequest) -> HttpResponse:
    write()
    raise Busy(hour=10)


def invalid(request: HttpRequest) -> HttpResponse:
    raise Invalid


def handled(request: HttpRequest) -> HttpResponse:
    write()
    try:
        raise Busy(hour=10)
    except Busy as refusal:
        return http.page_refused(request, refusal, back="/ask/")


def broken(request: HttpRequest) -> HttpResponse:
    write()
    raise RuntimeError


@csrf_protect
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sent")


urlpatterns = [
    path("", include("kyojo.doors.web.urls")),
    path("style/", views.style),
    path("probe/who/", who),
    path("probe/page/", page),
    path("probe/written/", written),
    path("probe/forbidden/", forbidden),
    path("requests/<int:number>/probe/", forbidden),
    path("probe/refused/", refused),
    path("probe/invalid/", invalid),
    path("probe/handled/", handled),
    path("probe/broken/", broken),
    path("probe/form/", form),
]
