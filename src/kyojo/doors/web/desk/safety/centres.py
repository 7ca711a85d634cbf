"""Support centres: which areas each is for, and who there reads what is told."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.models import Area
from kyojo.civic.people import staff_selectors
from kyojo.help.safety import selectors, services
from kyojo.help.safety.models import SupportCentre
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from ...forms import OrderForm, PhoneField
from ...http import redirect_saying
from ..access import DeskRequest, page, staff
from ..forms import radio


class CentreForm(OrderForm):
    kind = radio(
        label="どの人のセンターですか",
        choices=list(SupportCentre.Kind.choices),
        initial=SupportCentre.Kind.ELDER,
    )
    name = forms.CharField(label="名前", max_length=80)
    phone = PhoneField(label="電話番号", required=False)
    area_codes = forms.MultipleChoiceField(
        label="受けもつ圏域",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="1つも選ばないと、町の全部を受けもちます。",
    )
    members = forms.TypedMultipleChoiceField(
        label="読む人",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="気になることの内容と、伝えた人の名前を読めるのは、選んだ人だけです。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        areas = Area.objects.filter(kind=Area.Kind.LIVING_AREA)
        self.fields["area_codes"].choices = [  # type: ignore[attr-defined]
            (area.code, area.name) for area in areas
        ]
        self.fields["members"].choices = list(staff_selectors.everybody().items())  # type: ignore[attr-defined]


@staff("GET", "POST")
def listed(request: DeskRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, CentreForm(initial={"order_id": new_id()}))
    form = CentreForm(request.POST)
    if form.is_valid() and _saved(request, form, form.order):
        return redirect_saying(request, reverse("desk-centres"), "登録しました")
    return _page(request, form, status=422)


@staff("GET", "POST", officer=True)
def change(request: DeskRequest, uid: UUID) -> HttpResponse:
    centre = _centre(uid)
    if request.method != "POST":
        given = {
            "order_id": uid,
            "kind": centre.kind,
            "name": centre.name,
            "phone": centre.phone,
            "area_codes": centre.area_codes,
            "members": selectors.centre_members(centre),
        }
        return _page(request, CentreForm(initial=given), changed=centre)
    form = CentreForm(request.POST)
    if form.is_valid() and _saved(request, form, uid):
        return redirect_saying(request, reverse("desk-centres"), "直しました")
    return _page(request, form, changed=centre, status=422)


def _centre(uid: UUID) -> SupportCentre:
    found = next((one for one in selectors.centres() if one.uid == uid), None)
    if found is None:
        raise NotFound()
    return found


def _saved(request: DeskRequest, form: CentreForm, uid: UUID) -> bool:
    data = {name: form.cleaned_data[name] for name in ("kind", "name", "phone")}
    try:
        services.centre_save(
            uid=uid,
            area_codes=form.cleaned_data["area_codes"],
            members=form.cleaned_data["members"],
            by=request.desk.user,
            **data,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _page(
    request: DeskRequest,
    form: CentreForm,
    *,
    changed: SupportCentre | None = None,
    status: int = 200,
) -> HttpResponse:
    areas = dict(Area.objects.filter(kind=Area.Kind.LIVING_AREA).values_list("code", "name"))
    context = {
        "rows": [
            {
                "one": one,
                "areas": "・".join(areas.get(code, code) for code in one.area_codes) or "町の全部",
                "members": len(selectors.centre_members(one)),
            }
            for one in selectors.centres()
        ],
        "form": form,
        "changed": changed,
    }
    return page(request, "safety/centres.html", "safety", context, status=status)


@staff("POST", officer=True)
def end(request: DeskRequest, uid: UUID) -> HttpResponse:
    services.centre_end(uid=uid, by=request.desk.user)
    return redirect_saying(request, reverse("desk-centres"), "終わりにしました")
