"""One member in the town's programmes: their standing, what this year came to."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import circulation_selectors, selectors, services
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.people.services import act_record
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ...http import redirect_saying
from ...points.own_papers import card_title
from ..access import DeskRequest, page, staff
from .forms import BirthForm, StandingForm

TIES = {"lives": "住んでいる", "works": "働いている", "studies": "学んでいる"}


@staff("GET", "POST")
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Opening goes on record: the class of insurance shows."""
    person = person_by_uid(uid)
    known = selectors.standings([person.pk]).get(person.pk, [])
    if request.method != "POST":
        act_record(
            actor=request.desk.user,
            action="standing_opened",
            subject_kind="person",
            subject_id=str(uid),
        )
        now = [row for row in known if row.since <= clock.today()]
        return _one(request, person, StandingForm.begin(now[-1] if now else None), 200)
    form = StandingForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.standing_set(
                person=person,
                since=data["since"],
                insured=data["insured"],
                by=request.desk.user,
                **{name: name in data["ties"] for name in TIES},
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            path = reverse("desk-points-member", kwargs={"uid": uid})
            return redirect_saying(request, path, "区分とつながりを記録しました")
    return _one(request, person, form, 422)


@staff("POST")
def born(request: DeskRequest, uid: UUID) -> HttpResponse:
    """A birth date that was wrong is put right; what it gives or takes moves at once."""
    person = person_by_uid(uid)
    form = BirthForm(request.POST)
    if form.is_valid():
        try:
            found = services.birth_date_correct(
                person=person,
                birth_date=form.cleaned_data["birth_date"],
                by=request.desk.user,
                basis=form.cleaned_data["basis"],
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            said = "生年月日を記録しました"
            if found:
                said += "。ついた数を数えなおしました"
            return redirect_saying(request, reverse("desk-points-member", args=[uid]), said)
    known = selectors.standings([person.pk]).get(person.pk, [])
    now = [row for row in known if row.since <= clock.today()]
    return _one(request, person, StandingForm.begin(now[-1] if now else None), 422, form)


def _one(
    request: DeskRequest,
    person: Person,
    form: StandingForm,
    status: int,
    born_form: BirthForm | None = None,
) -> HttpResponse:
    known = selectors.standings([person.pk]).get(person.pk, [])
    names = staff_selectors.names_of({row.recorded_by_id for row in known if row.recorded_by_id})
    today = [row for row in known if row.since <= clock.today()]
    programmes = [_programme(ruled, person) for ruled in selectors.programmes_now()]
    context: dict[str, Any] = {
        "one": person,
        "form": form,
        "born_form": born_form or BirthForm(initial={"birth_date": person.birth_date}),
        "standings": [
            {
                "since": row.since,
                "insured": row.get_insured_display(),
                "ties": ties_words(row),
                "by": names.get(row.recorded_by_id or 0, ""),
                "is_now": bool(today) and row == today[-1],
                "is_future": row.since > clock.today(),
            }
            for row in reversed(known)
        ],
        "programmes": programmes,
        "to_start": [row for row in programmes if row["can_start"]],
        "others": [row for row in programmes if row["is_counted"] and not row["is_used"]],
    }
    return page(request, "points/member.html", "points", context, status=status)


def ties_words(row: Any) -> str:
    return (
        "・".join(name for code, name in TIES.items() if getattr(row, code)) or "なし（転出など）"
    )


def _programme(ruled: selectors.Ruled, person: Person) -> dict[str, Any]:
    year = selectors.year_of(ruled.programme, person, clock.fiscal_year())
    wallet = selectors.wallet(ruled.programme, person)
    outstanding = circulation_selectors.outstanding(ruled.programme, person)
    return {
        "code": ruled.programme.code,
        "name": ruled.document.name,
        "document": ruled.document,
        "year": year,
        "wallet": wallet,
        "owed": sum(selectors.owed(ruled.programme, person).values()),
        "is_counted": ruled.document.kind in selectors.COUNTED,
        "card_title": card_title(ruled.document),
        "outstanding": outstanding,
        "can_start": circulation_selectors.can_start(ruled, person),
        "is_sold": circulation_selectors.is_sold(ruled.document),
        "is_on_paper": circulation_selectors.is_on_paper(ruled.document),
        "is_used": bool(year.lines or wallet.available or wallet.held or outstanding),
    }
