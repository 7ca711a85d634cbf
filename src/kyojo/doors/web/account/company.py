"""Where one works, and whether one's coins are counted in the company's sum."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.organisations import domain
from kyojo.civic.organisations.models import Employment
from kyojo.civic.organisations.selectors import (
    companies_all,
    consent_of,
    employment_by_uid,
    employment_of,
)
from kyojo.civic.organisations.services import (
    consent_give,
    consent_withdraw,
    employment_end,
    employment_request,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import DateBoxesField, Form, OrderForm
from ..http import page_refused, redirect_saying
from .access import members_only, person_of


class EmploymentForm(OrderForm):
    company = forms.ChoiceField(label="会社")
    employee_number = forms.CharField(
        label="社員番号",
        help_text="会社が確かめるときに使います。会社にだけ見えます。",
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        company = self.fields["company"]
        assert isinstance(company, forms.ChoiceField)
        company.choices = [
            ("", "えらんでください"),
            *((one.slug, one.name) for one in companies_all()),
        ]


class EndForm(Form):
    ended_on = DateBoxesField(label="さいごの日", example="2026、令和8", past_only=True)


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def company_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, EmploymentForm())
    form = EmploymentForm(request.POST)
    if form.is_valid():
        try:
            employment_request(
                uid=form.order,
                person=person_of(request),
                company_slug=form.cleaned_data["company"],
                employee_number=form.cleaned_data["employee_number"],
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "me-company", "会社に確認をお願いしました。")
    return _page(request, form, status=422)


def _page(request: HttpRequest, form: EmploymentForm, status: int = 200) -> HttpResponse:
    employment = employment_of(person_of(request))
    running = employment is not None and employment.state in domain.RUNNING
    consent = consent_of(employment) if employment is not None else None
    context = {
        "form": form,
        "employment": employment,
        "is_running": running,
        "consent": consent,
        "consent_text": domain.CONSENT_TEXT,
    }
    return render(request, "account/company.html", context, status=status)


@members_only
@require_POST
def consent(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give the consent (``answer=yes``) or withdraw it (``answer=no``)."""
    employment = employment_by_uid(person_of(request), uid)
    answer = request.POST.get("answer")
    try:
        if answer == "yes":
            consent_give(employment=employment)
            return redirect_saying(request, "me-company", "同意しました。これからの分を足します。")
        if answer == "no":
            consent_withdraw(employment=employment)
            return redirect_saying(request, "me-company", "同意をやめました。合計から外しました。")
    except Refusal as refusal:
        return page_refused(request, refusal, back="/me/company/")
    raise NotFound()


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def end_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Left the company, or: take the question to the company back."""
    employment = employment_by_uid(person_of(request), uid)
    if request.method != "POST":
        form = EndForm(initial={"ended_on": clock.today()})
        return _end_page(request, form, employment)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            employment_end(person=person_of(request), uid=uid, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "me-company", "登録を終えました。")
    return _end_page(request, form, employment, status=422)


def _end_page(
    request: HttpRequest, form: EndForm, employment: Employment, status: int = 200
) -> HttpResponse:
    context = {"form": form, "employment": employment}
    return render(request, "account/company_end.html", context, status=status)
