"""通報: what happened, whom to call first, and parting at once; what one reported oneself."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.people.models import Person
from kyojo.help.community import selectors, services
from kyojo.help.community.domain import NUMBERS, REASONS, URGENT, calls_of
from kyojo.help.support.services import booked_between, person_block
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..forms import Choice
from ..http import redirect_saying
from .forms import ReportForm
from .subjects import Subject, card_subject, subject_of

RECEIVED = "受け取りました。事務局が確かめます"


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def report_page(request: HttpRequest, kind: str, uid: UUID) -> HttpResponse:
    return _report(request, subject_of(person_of(request), kind, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def card_page(request: HttpRequest, uid: UUID, town: int, supporter_uid: UUID) -> HttpResponse:
    """About the card of somebody who was proposed."""
    return _report(request, card_subject(person_of(request), uid, town, supporter_uid))


def _report(request: HttpRequest, subject: Subject) -> HttpResponse:
    person = person_of(request)
    form = ReportForm(request.POST if request.method == "POST" else None)
    who = _who(form, subject)
    booked = {one.uid: booked_between(person, one.uid) for one in subject.people}
    if request.method == "POST" and form.is_valid():
        about = [one for one in subject.people if str(one.uid) == form.cleaned_data["who"]]
        try:
            case = services.report_send(
                order_id=form.order,
                reporter=person,
                subject_kind=subject.kind,
                subject_uid=subject.uid,
                about=[(one.municipality_id, one.uid) for one in about],
                reasons=form.cleaned_data["reasons"],
                words=form.cleaned_data["words"],
            )
            if form.cleaned_data["block"]:
                for one in about:
                    person_block(
                        person=person,
                        blocked_uid=one.uid,
                        cancels=form.cleaned_data["cancels"] == "yes",
                    )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            there = reverse("report", args=[case.uid])
            return redirect_saying(request, there, RECEIVED)
    return render(
        request,
        "community/report.html",
        {
            "subject": subject,
            "form": form,
            "who": who,
            "booked": [visit for visits in booked.values() for visit in visits],
            "numbers": _numbers(person, list(NUMBERS)),
        },
        status=422 if form.errors else 200,
    )


def _who(form: ReportForm, subject: Subject) -> bool:
    """The question about whom, asked only where it may be several people. Whether it is asked."""
    choices = [(str(one.uid), Choice(one.called)) for one in subject.people]
    field = forms.ChoiceField(
        label="だれのことですか",
        choices=choices,
        widget=forms.RadioSelect if len(choices) > 1 else forms.HiddenInput,
        initial=choices[0][0] if len(choices) == 1 else None,
        error_messages={"required": "1つ選んでください。"},
    )
    form.fields["who"] = field
    return len(choices) > 1


def _numbers(person: Person, keys: list[str]) -> list[dict[str, str]]:
    """Whom to call: telephone, name."""
    town = Municipality.objects.get(pk=person.municipality_id)
    return [
        {"tel": NUMBERS[key][0] or town.office_phone, "name": NUMBERS[key][1], "key": key}
        for key in keys
    ]


@require_safe
@members_only
def own_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What became of a report: that it arrived, that it was looked into, nothing of others."""
    person = person_of(request)
    case = selectors.report_by(person, uid)
    known = [code for code in case.reasons if code in REASONS]
    calls = _numbers(person, calls_of(known)) if case.urgency == URGENT else []
    return render(
        request,
        "community/own_report.html",
        {
            "case": case,
            "reasons": [REASONS[code].name for code in known],
            "words": selectors.words_of(case),
            "numbers": calls,
        },
    )


@require_safe
@members_only
def own_list(request: HttpRequest) -> HttpResponse:
    found = selectors.reports_by(person_of(request))
    if len(found) == 1:
        return HttpResponseRedirect(reverse("report", args=[found[0].uid]))
    return render(request, "community/own_reports.html", {"cases": found})
