"""異議をみる人: the two pages of who decides objections from outside, and the desk's own page on
which an officer lets them in.

They have no desk. What they see is what stands between two people about one visit's coins: no
names, no addresses, and nothing once it is decided.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from kyojo.civic.people import services as people
from kyojo.civic.people.models import AppealOfficer, User
from kyojo.civic.people.services import act_record
from kyojo.civic.people.staff_selectors import appeal_officer_of, appeal_officers, names_of
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import category
from kyojo.help.support import services
from kyojo.help.support.models import Dispute, Ruling, Visit
from kyojo.help.support.selectors import appeal_due_at, appeals_open, named_by_ruler
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form
from ..http import page_refused, redirect_saying
from ..security.proving import desk_asks
from .access import DeskRequest, page, staff
from .forms import AppealDecideForm
from .ruling_reads import ruling_context
from .rulings import ruled
from .visits import evidence_rows, step_rows

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Appeal:
    """An objection that waits, as the list tells it."""

    visit: Visit
    ruling: Ruling
    due: datetime | None

    @property
    def what(self) -> str:
        return category(self.visit.category).name

    @property
    def is_late(self) -> bool:
        return self.due is not None and clock.now() > self.due


def from_outside(*methods: str) -> Callable[[View], View]:
    """A page for who decides appeals here from outside, with a second factor like a desk's; what
    is sent needs it fresh. Visitors log in first; to everybody else it does not exist."""

    def guard(view: View) -> View:
        @wraps(view)
        @never_cache
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not isinstance(user, User) or getattr(request, "municipality_id", None) is None:
                raise NotFound()
            found = appeal_officer_of(user)
            if found is None:
                raise NotFound()
            asked = desk_asks(request, fresh=request.method == "POST")
            if asked is not None:
                return asked
            if request.method not in {*methods, "HEAD"}:
                raise NotFound()
            return view(request, found, *args, **kwargs)

        return guarded

    return guard


# --- from outside ---------------------------------------------------------------------------------
@from_outside("GET")
def listed(request: HttpRequest, me: AppealOfficer) -> HttpResponse:
    return render(request, "desk/appeals.html", {"me": me, "appeals": _mine(me)})


@from_outside("GET", "POST")
def one(request: HttpRequest, me: AppealOfficer, uid: UUID) -> HttpResponse:
    """One objection: what was ruled, what both said, the records. Opening it goes on record."""
    found = next((one for one in _mine(me) if one.visit.uid == uid), None)
    if found is None:
        raise NotFound()
    visit = found.visit
    form = AppealDecideForm(request.POST or None)
    if request.method == "POST":
        if form.is_valid():
            try:
                services.appeal_decide(visit_uid=uid, by=me.user, **ruled(form.cleaned_data))
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(request, "appeals", "決めました。おふたりにお知らせしました")
    else:
        act_record(actor=me.user, action="visit_opened", subject_kind="visit", subject_id=str(uid))
    return render(
        request,
        "desk/appeal.html",
        {
            "me": me,
            "one": visit,
            "appeal": found,
            "category": category(visit.category),
            "disputes": list(Dispute.objects.filter(visit_uid=uid).order_by("opened_at")),
            "evidence": evidence_rows(visit),
            "steps": step_rows(visit),
            "form": form,
            "appeal_form": form,
            **ruling_context(visit, user_id=me.user_id, is_officer=True),
        },
        status=422 if request.method == "POST" else 200,
    )


def _mine(me: AppealOfficer) -> list[Appeal]:
    """What waits and is theirs to decide."""
    rules = programme_current()[1]
    return [
        Appeal(visit, ruling, appeal_due_at(ruling, rules))
        for ruling, visit in appeals_open()
        if ruling.made_by_id != me.user_id and not named_by_ruler(visit, ruling, me)
    ]


# --- the desk lets them in ------------------------------------------------------------------------
class AppealOfficerForm(Form):
    """Who decides objections from outside."""

    title = forms.CharField(
        label="所属", max_length=60, help_text="例：となりの自治体の名前と課、審査会の委員"
    )
    name = forms.CharField(label="名前", max_length=60)
    name_kana = forms.CharField(label="ふりがな", max_length=80)
    email = forms.EmailField(
        label="メールアドレス",
        help_text="この人だけが読めるアドレス。ログインのリンクが、ここに届きます。",
    )


@staff("GET", "POST", officer=True, fresh=True)
def officers(request: DeskRequest) -> HttpResponse:
    """Who may decide objections from outside, and the form that lets somebody in."""
    form = AppealOfficerForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                people.appeal_officer_add(**form.cleaned_data, by=request.desk.user)
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                said = "登録しました。ログインの画面から入ってもらってください"
                return redirect_saying(request, "desk-appeal-officers", said)
    there = appeal_officers(with_insiders=True)
    names = names_of(one.made_by_id for one in there if one.made_by_id)
    outside = {one.pk for one in appeal_officers()}
    rows = [
        {
            "pk": one.pk,
            "name": one.name,
            "title": one.title,
            "made_at": one.made_at,
            "is_inside": one.pk not in outside,
            "by": names.get(one.made_by_id, ""),
        }
        for one in there
    ]
    context = {"form": form, "officers": rows}
    return page(request, "appeal_officers.html", "acts", context, status=status)


@staff("POST", officer=True, fresh=True)
def officer_end(request: DeskRequest, pk: int) -> HttpResponse:
    try:
        people.appeal_officer_end(pk=pk, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=reverse("desk-appeal-officers"))
    return redirect_saying(request, "desk-appeal-officers", "異議をみる人から外しました")
