"""手伝う: what one was asked, what is decided, what has added up."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import trust_checks_of
from kyojo.help.matching.project_selectors import memberships_of
from kyojo.help.matching.trust_selectors import still_needed
from kyojo.kernel import clock

from ..account.me import is_checked
from ..account.reads import step_missing
from . import reads


@never_cache
@require_safe
def home_page(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    person: Person | None = request.person  # type: ignore[attr-defined]
    if not person:
        return HttpResponseRedirect(f"{reverse('signup')}?role=supporter")
    if person.supporter_since is None:
        return render(request, "supporter/invitation.html", {"me": person})
    asked = reads.asked(person)
    resting = person.resting_until
    context = {
        "me": person,
        "best": asked.best,
        "others": asked.others,
        "said_yes": asked.said_yes,
        "decided": reads.decided(person),
        "series": reads.usual_series(person),
        "teams": memberships_of(person),
        "month": reads.month(person),
        "company": reads.company(person),
        "step_missing": step_missing(person),
        "is_checked": is_checked(trust_checks_of(person)),
        "lacking": still_needed(person),
        "resting_until": resting if resting and resting >= clock.today() else None,
    }
    return render(request, "supporter/home.html", context)
