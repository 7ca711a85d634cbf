"""わたしの証明書: papers about volunteer hours, made for a period."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.help.recognition import selectors, services
from kyojo.help.recognition.services.signing import certificate_sums
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused, redirect_saying, town_of
from . import files
from .forms import PeriodForm


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    form = PeriodForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.student_certificate_make(
                uid=form.order, person=person, since=said["since"], until=said["until"]
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "me-certificates", "証明書ができました")
    context = {
        "papers": [(one, certificate_sums(one)) for one in selectors.certificates_of(person)],
        "form": form,
        "town": town_of(request),
        "tab": "me",
    }
    status = 422 if form.errors else 200
    return render(request, "recognition/certificates.html", context, status=status)


@members_only
@require_safe
def paper(request: HttpRequest, uid: UUID) -> HttpResponse:
    """``/me/certificates/<uid>.pdf``, for its holder."""
    found = selectors.certificate_by_uid(uid)
    if found.person_id != person_of(request).pk or found.revoked_at is not None:
        raise NotFound()
    try:
        return files.certificate_paper(found, town_of(request))
    except Refusal as refusal:
        return page_refused(request, refusal, back=reverse("me-certificates"))
