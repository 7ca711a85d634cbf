"""事故報告 by the visit's carer or supporter: step by step, then a last look."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kyojo.help.safety import services
from kyojo.help.safety.domain import ACCIDENT_PARTS, accident_missing
from kyojo.help.safety.models import Accident
from kyojo.help.support.selectors import visit_for
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from ..visits.access import member, person_of
from .accident_forms import AccidentForm, initial_of, lines_of

STEPS = len(ACCIDENT_PARTS)


@member
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What it is for; POST begins it, or goes on with it. Begun: the last look, with a press that
    hands it in."""
    person = person_of(request)
    view = visit_for(person, uid)
    if view.role not in ("carer", "supporter"):
        raise NotFound()
    here = reverse("safety-accident", args=[uid])
    if request.method == "POST":
        if request.POST.get("do") != "report":
            services.accident_start(visit_uid=uid, by=person)
            return HttpResponseRedirect(reverse("safety-accident-part", args=[uid, 1]))
        try:
            services.accident_report(visit_uid=uid, by=person)
        except NotFound:
            raise
        except Refusal as refusal:
            return http.page_refused(request, refusal, back=here)
        return http.redirect_saying(request, here, "事務局に届きました。お電話でお話をうかがいます")
    try:
        row: Accident | None = services.accident_of(visit_uid=uid, by=person)
    except NotFound:
        row = None
    answers = services.answers_of(row) if row else {}
    context = {
        "visit": view,
        "row": row,
        "lines": [(number, *part) for number, part in enumerate(lines_of(answers), start=1)],
        "missing": accident_missing(answers) if row else [],
        "is_draft": row is not None and row.state == Accident.State.DRAFT,
    }
    return render(request, "safety/accident.html", context)


@member
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
    """One part of the report."""
    person = person_of(request)
    view = visit_for(person, uid)
    if not 1 <= number <= STEPS:
        raise NotFound()
    row = services.accident_of(visit_uid=uid, by=person)
    if row.state != Accident.State.DRAFT:
        return HttpResponseRedirect(reverse("safety-accident", args=[uid]))
    if request.method != "POST":
        form = AccidentForm(part=number, initial=initial_of(services.answers_of(row)))
    else:
        form = AccidentForm(request.POST, part=number)
        if form.is_valid():
            try:
                services.accident_write(visit_uid=uid, by=person, part=number, answers=form.answers)
            except NotFound:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                if number < STEPS:
                    return HttpResponseRedirect(
                        reverse("safety-accident-part", args=[uid, number + 1])
                    )
                return HttpResponseRedirect(reverse("safety-accident", args=[uid]))
    context = {
        "visit": view,
        "form": form,
        "number": number,
        "titles": [one.title for one in ACCIDENT_PARTS],
        "title": ACCIDENT_PARTS[number - 1].title,
        "back_url": reverse("safety-accident-part", args=[uid, number - 1])
        if number > 1
        else reverse("safety-accident", args=[uid]),
        "is_last": number == STEPS,
    }
    return render(request, "safety/accident_part.html", context, status=422 if form.errors else 200)
