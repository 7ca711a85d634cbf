"""Demo towns only: pick a person to be, and move the clock. Elsewhere these pages do not exist."""

from datetime import timedelta
from itertools import groupby

from django import forms
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kyojo.doors.ops.models import DemoRole
from kyojo.kernel import clock as kernel_clock
from kyojo.kernel.errors import NotFound

from .. import http
from ..forms import DateBoxesField, Form
from ..security.strength import strengthen_demo
from . import clock
from .jobs import due_run

STEPS = {
    "quarter": timedelta(minutes=15),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
AHEAD_DAYS_MAX = 120
BACKEND = "django.contrib.auth.backends.ModelBackend"


class MomentForm(Form):
    """A moment ahead of the demo's clock."""

    day = DateBoxesField(label="日にち")
    time = forms.ChoiceField(
        label="時刻",
        choices=[
            (f"{hour:02d}:{minute:02d}", f"{hour}時{minute:02d}分")
            for hour in range(24)
            for minute in range(0, 60, 5)
        ],
    )

    def clean(self) -> None:
        super().clean()
        day, time = self.cleaned_data.get("day"), self.cleaned_data.get("time")
        if not day or not time:
            return
        hour, minute = map(int, time.split(":"))
        moment = kernel_clock.at(day, hour, minute)
        ahead = moment - kernel_clock.now()
        if ahead < timedelta(0):
            self.add_error("day", "見本の時計は、もどせません。いまより後の日時を入れてください。")
        elif ahead > timedelta(days=AHEAD_DAYS_MAX):
            self.add_error("day", f"{AHEAD_DAYS_MAX}日先までの日時を入れてください。")
        else:
            self.cleaned_data["ahead"] = ahead


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """``/demo/``: everyone one can be, by group, and the clock."""
    return _page(request, MomentForm(initial=_initial()))


def _initial() -> dict[str, object]:
    here = kernel_clock.local()
    return {"day": here.date(), "time": f"{here.hour:02d}:{here.minute // 5 * 5:02d}"}


def _page(request: HttpRequest, form: MomentForm, status: int = 200) -> HttpResponse:
    groups = [
        (name, list(roles))
        for name, roles in groupby(DemoRole.objects.all(), key=lambda role: role.group)
    ]
    context = {
        "groups": groups,
        "form": form,
        "me": request.user.pk,
        "leaving": request.user.is_authenticated,
    }
    return render(request, "demo/people.html", context, status=status)


@require_POST
def be(request: HttpRequest) -> HttpResponse:
    """Log in as the person with this key."""
    role = DemoRole.objects.select_related("user").filter(key=request.POST.get("key", "")).first()
    if role is None:
        raise NotFound
    login(request, role.user, backend=BACKEND)
    strengthen_demo(request, role.user)  # nobody has a key of their own here; the page says so
    request.session["demo_role"] = role.name  # staff have no person whose name could be shown
    return HttpResponseRedirect("/")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Be nobody again."""
    logout(request)
    return HttpResponseRedirect("/demo/")


@require_http_methods(["GET", "POST"])
def move_clock(request: HttpRequest) -> HttpResponse:
    """Move the clock on by a step or to a moment, and do what became due on the way."""
    if request.method == "GET":
        return HttpResponseRedirect("/demo/")
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        form = MomentForm(request.POST)
        if not form.is_valid():
            return _page(request, form, status=422)
        step = form.cleaned_data["ahead"]
    clock.advance(step)
    # After this request's own transaction: the jobs open and close theirs, town by town.
    transaction.on_commit(due_run)
    return http.redirect_saying(request, "demo", "見本の時計を進めました。")
