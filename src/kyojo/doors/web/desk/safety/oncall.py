"""Who is alarmed first, and who next: the list of who is on call."""

from datetime import time
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import staff_selectors
from kyojo.help.safety import selectors, services
from kyojo.help.safety.models import OnCall
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id
from kyojo.kernel.wording import WEEKDAYS, jhour

from ...forms import OrderForm, PhoneField
from ...http import redirect_saying
from ..access import DeskRequest, page, staff

HOURS = [(f"{hour:02}:00", f"{hour}時") for hour in range(24)]


class DutyForm(OrderForm):
    user_id = forms.TypedChoiceField(label="だれが", coerce=int)
    phone = PhoneField(label="つながる電話番号")
    days = forms.TypedMultipleChoiceField(
        label="何曜日に",
        coerce=int,
        choices=[(number, day) for number, day in enumerate(WEEKDAYS)],
        widget=forms.CheckboxSelectMultiple,
    )
    start = forms.ChoiceField(label="何時から", choices=HOURS)
    end = forms.ChoiceField(
        label="何時まで",
        choices=HOURS,
        help_text="夜をまたぐときは、朝の時刻を。1日中のときは、同じ時刻を選んでください。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user_id"].choices = list(staff_selectors.everybody().items())  # type: ignore[attr-defined]


def _fresh() -> DutyForm:
    usual = {"days": list(range(5)), "start": "08:00", "end": "18:00"}
    return DutyForm(initial={"order_id": new_id(), **usual})


def words_of(duty: OnCall) -> str:
    """``月火水木金 8時〜18時``"""
    days = "毎日" if len(duty.days) == 7 else "".join(WEEKDAYS[day] for day in duty.days)
    if duty.start == duty.end:
        return f"{days} 1日中"
    over = "翌" if duty.end < duty.start else ""
    return f"{days} {jhour(duty.start)}〜{over}{jhour(duty.end)}"


@staff("GET", "POST")
def listed(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, _fresh())
    form = DutyForm(request.POST)
    if form.is_valid() and _saved(request, form, form.order):
        return redirect_saying(request, reverse("desk-oncall"), "当番に足しました")
    return _page(request, form, status=422)


@staff("GET", "POST")
def change(request: DeskRequest, uid: UUID) -> HttpResponse:
    duty = next((one for one in selectors.duties_listed() if one.uid == uid), None)
    if duty is None:
        raise NotFound()
    if request.method != "POST":
        given = {"order_id": uid, "user_id": duty.user_id, "phone": duty.phone, "days": duty.days}
        hours = {"start": f"{duty.start:%H:%M}", "end": f"{duty.end:%H:%M}"}
        return _page(request, DutyForm(initial=given | hours), changed=duty)
    form = DutyForm(request.POST)
    if form.is_valid() and _saved(request, form, uid):
        return redirect_saying(request, reverse("desk-oncall"), "当番を直しました")
    return _page(request, form, changed=duty, status=422)


def _saved(request: DeskRequest, form: DutyForm, uid: UUID) -> bool:
    data = form.cleaned_data
    try:
        services.duty_save(
            uid=uid,
            user_id=data["user_id"],
            phone=data["phone"],
            days=data["days"],
            start=time.fromisoformat(data["start"]),
            end=time.fromisoformat(data["end"]),
            by=request.desk.user,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _page(
    request: DeskRequest, form: DutyForm, *, changed: OnCall | None = None, status: int = 200
) -> HttpResponse:
    duties = selectors.duties_listed()
    names = staff_selectors.names_of([one.user_id for one in duties])
    now = selectors.on_call_now(clock.local())
    context = {
        "rows": [
            {
                "uid": one.uid,
                "number": number,
                "name": names.get(one.user_id, ""),
                "phone": one.phone,
                "words": words_of(one),
                "is_now": one.pk in now,
            }
            for number, one in enumerate(duties, start=1)
        ],
        "form": form,
        "changed": changed,
    }
    return page(request, "safety/oncall.html", "safety", context, status=status)


@staff("POST")
def move(request: DeskRequest, uid: UUID) -> HttpResponse:
    services.duty_move(uid=uid, up=request.POST.get("to") == "up", by=request.desk.user)
    return redirect_saying(request, reverse("desk-oncall"), "順番を変えました")


@staff("POST")
def remove(request: DeskRequest, uid: UUID) -> HttpResponse:
    services.duty_remove(uid=uid, by=request.desk.user)
    return redirect_saying(request, reverse("desk-oncall"), "当番から外しました")
