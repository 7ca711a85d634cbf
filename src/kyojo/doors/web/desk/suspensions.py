"""利用の停止: who is stopped, an officer's confirmation, the answer to an objection, the end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import services, staff_selectors
from kyojo.civic.people.models import Person, Suspension
from kyojo.civic.people.selectors import person_of_user
from kyojo.civic.people.services import act_record
from kyojo.civic.people.suspensions import answer_of, appeal_of, reason_of, suspensions_standing
from kyojo.help.community.selectors import cases_for
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form
from ..http import page_refused, redirect_saying
from .access import DeskRequest, page, staff
from .case_forms import AnswerForm, ConfirmForm


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    found = suspensions_standing().select_related("person").order_by("until")
    own = person_of_user(request.desk.user)
    rows = [one for one in found if own is None or one.person_id != own.pk]
    return page(request, "suspensions.html", "cases", {"rows": rows})


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One suspension. Opening it goes on record."""
    suspension = _found(request, uid)
    act_record(
        actor=request.desk.user,
        action="suspension_opened",
        subject_kind="person",
        subject_id=suspension.person.uid,
    )
    return _one(request, suspension)


def _found(request: DeskRequest, uid: UUID) -> Suspension:
    """Raises ``NotFound``, also for the one who is stopped."""
    found: Suspension | None = Suspension.objects.select_related("person").filter(uid=uid).first()
    own: Person | None = person_of_user(request.desk.user)
    if found is None or (own is not None and own.pk == found.person_id):
        raise NotFound()
    return found


def _one(
    request: DeskRequest, suspension: Suspension, *sent: Form, status: int = 200
) -> HttpResponse:
    made: list[Form] = [ConfirmForm(), AnswerForm()]
    by_name = {form.context: form for form in (*made, *sent)}  # type: ignore[attr-defined]
    user = request.desk.user
    keys = [suspension.by_id, suspension.confirmed_by_id, suspension.ended_by_id]
    names = staff_selectors.names_of(key for key in [*keys, suspension.answered_by_id] if key)
    stands = suspension in list(suspensions_standing().filter(pk=suspension.pk))
    is_officer = request.desk.is_officer
    decided = user.pk in (suspension.by_id, suspension.confirmed_by_id)
    case = cases_for(user).filter(uid=suspension.case_uid).first() if suspension.case_uid else None
    is_provisional = suspension.state == Suspension.State.PROVISIONAL
    return page(
        request,
        "suspension.html",
        "cases",
        {
            "one": suspension,
            "who": suspension.person,
            "reason": reason_of(suspension),
            "appeal": appeal_of(suspension),
            "answer": answer_of(suspension),
            "by": names.get(suspension.by_id or 0, ""),
            "confirmed_by": names.get(suspension.confirmed_by_id or 0, ""),
            "answered_by": names.get(suspension.answered_by_id or 0, ""),
            "stands": stands,
            "is_provisional": is_provisional,
            "may_confirm": stands
            and is_officer
            and not (is_provisional and user.pk == suspension.by_id),
            "may_lift": stands and (is_officer or is_provisional),
            "may_answer": is_officer
            and bool(suspension.appealed_at)
            and not suspension.answered_at
            and not decided,
            "waits_for_other": bool(suspension.appealed_at)
            and not suspension.answered_at
            and decided,
            "case": case,
            "form": sent[0] if sent else None,
            **by_name,
        },
        status=status,
    )


def _answer(
    request: DeskRequest, uid: UUID, form: Form, said: str, act: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    suspension = _found(request, uid)
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            there = reverse("desk-suspension", kwargs={"uid": uid})
            return redirect_saying(request, there, said)
    return _one(request, suspension, form, status=422)


@staff("POST", officer=True)
def confirm(request: DeskRequest, uid: UUID) -> HttpResponse:
    form = ConfirmForm(request.POST)

    def act(data: dict[str, Any]) -> None:
        services.suspension_confirm(
            uid=uid, by=request.desk.user, until=form.end_of("until"), reason=data["reason"]
        )

    return _answer(request, uid, form, "期限を決め、本人にお知らせしました", act)


@staff("POST", officer=True)
def answer(request: DeskRequest, uid: UUID) -> HttpResponse:
    def act(data: dict[str, Any]) -> None:
        services.suspension_answer(
            uid=uid,
            by=request.desk.user,
            words=data["words"],
            lifts=data["answer"] == "lift",
        )

    return _answer(request, uid, AnswerForm(request.POST), "お返事を届けました", act)


@staff("POST")
def lift(request: DeskRequest, uid: UUID) -> HttpResponse:
    _found(request, uid)
    there = reverse("desk-suspension", kwargs={"uid": uid})
    try:
        services.suspension_lift(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=there)
    return redirect_saying(request, there, "停止を終えました。本人にお知らせしました")
