"""スタンプ・ポイント: what one has of the town's programmes, and why."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kyojo.civic.earnings import circulation_selectors
from kyojo.civic.earnings.selectors import Ruled
from kyojo.civic.people.models import Person
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused
from . import own_papers, reads, thanking_reads, words
from .ways import ways


@members_only
@require_safe
def programmes_page(request: HttpRequest) -> HttpResponse:
    context = {"standings": reads.standings(person_of(request)), "this_year": clock.fiscal_year()}
    return render(request, "points/programmes.html", context)


@members_only
@require_safe
def programme_page(request: HttpRequest, code: str) -> HttpResponse:
    """One programme; ``?year=`` shows an earlier fiscal year."""
    person = person_of(request)
    ruled = reads.programme(code)
    found = reads.standing(ruled, person)
    number = _year_asked(request)
    fees = reads.fees(ruled, person)
    paid = thanking_reads.paid(ruled, person)
    # Where the help itself is written down, its thanks go with it and need no second way.
    written = {"help"} if paid is not None and paid.can_thank else set()
    handed = [
        one for one in circulation_selectors.handed_uses(ruled.document) if one not in written
    ]
    context = {
        "ruled": ruled,
        "document": ruled.document,
        "standing": found,
        "this_year": clock.fiscal_year(),
        "seen": reads.year_seen(found, number),
        "progress": found.progress if number == clock.fiscal_year() else None,
        "ways": ways(ruled, person, found.wallet),
        "applications": reads.applications(ruled, person),
        "moved": reads.moved(ruled, person),
        "moved_max": reads.MOVED_SHOWN,
        "paid": paid,
        "handed": [words.HANDED[use] for use in handed],
        "start_units": _start_units(ruled, person),
        "fees": fees,
        "fees_unpaid": any(not one.is_paid for one in fees),
        "card_title": own_papers.card_title(ruled.document),
        "applications_max": reads.APPLICATIONS_SHOWN,
        "rules": list(words.rules(ruled.document, ruled.programme.municipality.name)),
        "sources": words.sources(ruled.document),
    }
    return render(request, "points/programme.html", context)


# --- papers ---------------------------------------------------------------------------------------


@members_only
@require_safe
def card_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The member's own stamp card."""
    return _paper(request, code, "card", own_papers.stamp_card)


@members_only
@require_safe
def book_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The member's own passbook."""
    return _paper(request, code, "book", own_papers.passbook)


def _paper(
    request: HttpRequest, code: str, name: str, made: Callable[[Ruled, Person], bytes]
) -> HttpResponse:
    ruled = reads.programme(code)
    try:
        return own_papers.answer(made(ruled, person_of(request)), f"{code}-{name}.pdf")
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=reverse("me-points-one", args=[code]))


def _start_units(ruled: Ruled, person: Person) -> str:
    """What ``person`` may begin with; "" where there is nothing or they have begun."""
    circulation = ruled.document.circulation
    if circulation is None or not circulation_selectors.can_start(ruled, person):
        return ""
    return words.amount(circulation.start_units, ruled.document.unit)


def _year_asked(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    if not asked:
        return clock.fiscal_year()
    if not (asked.isascii() and asked.isdecimal() and len(asked) == 4):
        raise NotFound()
    return int(asked)
