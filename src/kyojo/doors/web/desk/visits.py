"""支援: the list, one visit with its evidence and history, and what the office may do with it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.consent_selectors import text_current
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import people_by_uids
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import category
from kyojo.help.support import services
from kyojo.help.support.domain import MOMENTS
from kyojo.help.support.fraud_selectors import look_of_visit
from kyojo.help.support.models import Dispute, Evidence, Visit
from kyojo.help.support.readiness_selectors import readiness_of
from kyojo.help.support.selectors import photos_of, refused_steps, reviews_trouble, visit_steps
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from ..forms import Form
from ..http import redirect_saying
from ..safety.forms import SecondForm
from . import files
from .access import DeskRequest, page, staff
from .forms import (
    AppealDecideForm,
    ConsentForm,
    OfficeWordForm,
    PhotosAllowForm,
    ReasonForm,
    RulingAnswerForm,
    SettleForm,
)
from .listing import Filter, Listing, filter_of
from .reviews import reviews_context
from .ruling_reads import ruling_context
from .visit_reads import COLUMNS, visit_by_uid, visit_rows, visits
from .words import REASONS, ROLES, STEPS, refusal_words

Act = Callable[[dict[str, Any]], None]
FORMS: tuple[type[Form], ...] = (
    ConsentForm,
    SettleForm,
    AppealDecideForm,
    RulingAnswerForm,
    PhotosAllowForm,
    OfficeWordForm,
    ReasonForm,
)
PER_PAGE = 100
DUE = (
    ("today", "きょう"),
    ("confirm", "確認の期限が近い"),
    ("locked", "合言葉が止まった"),
    ("dispute", "話し合い"),
    ("appeal", "異議の申し立て"),
    ("trouble", "困ったことがあった"),
)


def _listing(request: DeskRequest) -> tuple[Listing, list[Filter]]:
    filters = [
        filter_of(request, "state", "いま", list(Visit.State.choices)),
        filter_of(request, "consent", "訪問のお返事", list(Visit.Consent.choices)),
        filter_of(request, "due", "とき", DUE),
    ]
    state, consent, due = (one.value for one in filters)
    rows = visit_rows(visits(state=state, consent=consent, due=due)[:2000])
    return Listing(request.GET, COLUMNS, rows, "-starts", path=reverse("desk-visits")), filters


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    listing, filters = _listing(request)
    taken = files.file_of(request, listing, name="visits", title="支援", here="visits")
    if taken is not None:
        return taken
    return page(
        request,
        "visits.html",
        "visits",
        {
            **listing.page(PER_PAGE),
            "filters": filters,
            "names_deciders": request.desk.is_officer and request.GET.get("due") == "appeal",
        },
    )


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """A visit. Opening it goes on record, since names, address and telephones show."""
    visit = visit_by_uid(uid)
    act_record(
        actor=request.desk.user,
        action="visit_opened",
        subject_kind="visit",
        subject_id=str(uid),
    )
    return _one(request, visit)


def _one(
    request: DeskRequest, visit: Visit, refused: Form | None = None, *, status: int = 200
) -> HttpResponse:
    """``refused`` is the form that was sent and could not be followed, shown again as typed."""
    people = people_by_uids(
        uid
        for uid in (visit.carer_uid, visit.supporter_uid, visit.recipient_uid)
        if uid is not None
    )
    towns = dict(Municipality.objects.values_list("id", "name"))
    forms = {
        form_class.context: refused if isinstance(refused, form_class) else form_class()
        for form_class in FORMS
    }
    state = visit.state
    return page(
        request,
        "visit.html",
        "visits",
        {
            "one": visit,
            "category": category(visit.category),
            "state_badge": visit_rows([visit])[0].state_badge,
            "people": _people(visit, people, towns),
            "place_town": towns[visit.place_municipality_id],
            "ready": readiness_of(visit),
            "second_form": SecondForm(initial={"order_id": new_id()}),
            "met_form": OfficeWordForm(auto_id="met_%s"),
            "is_place_here": visit.place_municipality_id == current(),
            "evidence": evidence_rows(visit),
            "steps": step_rows(visit),
            "refused_steps": _refused_steps(visit),
            "disputes": [
                {
                    "by": ROLES.get(dispute.opened_by_role, ""),
                    "at": dispute.opened_at,
                    "words": dispute.words,
                    "resolved_at": dispute.resolved_at,
                    "office_words": dispute.office_words,
                    "paid_coins": dispute.paid_coins,
                }
                for dispute in Dispute.objects.filter(visit_uid=visit.uid).order_by("opened_at")
            ],
            "asks_consent": visit.consent == Visit.Consent.ASKED and state == Visit.State.SCHEDULED,
            "look": look_of_visit(visit.uid),
            "reviews": reviews_context(visit),
            "trouble": reviews_trouble().filter(visit_uid=visit.uid).first(),
            **ruling_context(
                visit, user_id=request.desk.user.pk, is_officer=request.desk.is_officer
            ),
            "photos": photos_of([visit.uid])[visit.uid],
            "may_allow_photos": state in (Visit.State.SCHEDULED, Visit.State.STARTED),
            "photo_text": text_current("photo"),
            "advised_coins": programme_current()[1].closed_door_coins(visit.amount_coins),
            "may_cancel": state == Visit.State.SCHEDULED,
            "may_no_show": state == Visit.State.SCHEDULED and clock.now() > visit.starts_at,
            "may_start": state == Visit.State.SCHEDULED
            and visit.consent in (Visit.Consent.NOT_NEEDED, Visit.Consent.GIVEN),
            "may_end": state == Visit.State.STARTED,
            "form": refused or forms["consent_form"],
            **forms,
        },
        status=status,
    )


def _people(
    visit: Visit, people: dict[UUID, Person], towns: dict[int, str]
) -> list[dict[str, object]]:
    """Who takes part. Telephones of this town's members only: others are their town's to call."""
    rows = []
    for label, uid, card, town in (
        ("たのんだ人", visit.carer_uid, visit.carer_card, visit.carer_municipality_id),
        ("来る人", visit.supporter_uid, visit.supporter_card, visit.supporter_municipality_id),
        ("お宅の方", visit.recipient_uid, visit.recipient_card, visit.place_municipality_id),
    ):
        if uid is None or not card or (label == "お宅の方" and uid == visit.carer_uid):
            continue
        person = people.get(uid)
        rows.append(
            {
                "label": label,
                "name": card.get("name", ""),
                "kana": person.kana if person else card.get("kana", ""),
                "town": towns[town],
                "phone": person.phone if person else "",
                "uid": uid if person else None,
                "seed": card.get("seed", uid),
            }
        )
    return rows


def evidence_rows(visit: Visit) -> list[dict[str, object]]:
    """What proved the visit, as a page tells it: no positions."""
    return [
        {
            "at": row.server_at,
            "moment": MOMENTS.get(row.moment, row.moment),
            "kind": row.get_kind_display(),
            "distance_m": row.distance_m,
            "accuracy_m": row.accuracy_m,
            "in_window": row.in_window,
        }
        for row in Evidence.objects.filter(visit_uid=visit.uid)
        if row.moment != "during" or row.kind == Evidence.Kind.BEACON
    ]


def step_rows(visit: Visit) -> list[dict[str, object]]:
    """The visit's history in words, by role."""
    rows = []
    for step in visit_steps(visit.uid):
        after = dict(Visit.State.choices).get(step.after, step.after)
        reason = REASONS.get(step.reason, "")
        rows.append(
            {
                "at": step.at,
                "what": after if step.before != step.after else reason or after,
                "reason": reason if step.before != step.after else "",
                "by": ROLES.get(step.actor_role, ""),
            }
        )
    return rows


def _refused_steps(visit: Visit) -> list[dict[str, object]]:
    return [
        {
            "at": step.at,
            "by": ROLES.get(step.actor_role, ""),
            "what": STEPS.get(step.step, step.step),
            "why": refusal_words(step.code),
        }
        for step in refused_steps(visit.uid)
    ]


# --- what the office does -------------------------------------------------------------------------
def answer_form(request: DeskRequest, uid: UUID, form: Form, said: str, act: Act) -> HttpResponse:
    """Check the form, do ``act(cleaned_data)``, and go back to the visit; or show what is wrong."""
    visit = visit_by_uid(uid)
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, reverse("desk-visit", kwargs={"uid": uid}), said)
    return _one(request, visit, form, status=422)


@staff("POST")
def consent(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Note what the person at home said by telephone, on paper or at the counter."""
    user = request.desk.user
    form = ConsentForm(request.POST)

    def act(data: dict[str, Any]) -> None:
        note = services.consent_give if data["answer"] == "yes" else services.consent_decline
        note(visit_uid=uid, by=user, basis=data["basis"])

    return answer_form(request, uid, form, "お返事を記録し、みなさんにお知らせしました", act)


@staff("POST")
def office_word(request: DeskRequest, uid: UUID, moment: str) -> HttpResponse:
    """Note that the visit began or ended, after a call."""
    if moment not in ("start", "end"):
        raise NotFound()
    user = request.desk.user
    form = OfficeWordForm(request.POST)

    def act(data: dict[str, Any]) -> None:
        services.visit_check_by_office(
            visit_uid=uid, by=user, nonce=data["order_id"], moment=moment, basis=data["basis"]
        )

    return answer_form(request, uid, form, f"{MOMENTS[moment]}を記録しました", act)


@staff("POST")
def no_show(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Nobody came: every coin returns (or the office looks, where somebody was seen near)."""
    user = request.desk.user

    def act(data: dict[str, Any]) -> None:
        services.visit_no_show(visit_uid=uid, by=user, who="supporter")

    return answer_form(request, uid, Form(request.POST), "来られなかったことを記録しました", act)


@staff("POST")
def cancel(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Call the visit off for whoever asked; every coin returns."""
    user = request.desk.user

    def act(data: dict[str, Any]) -> None:
        services.visit_cancel(visit_uid=uid, actor=user, reason=data["reason"])

    return answer_form(
        request,
        uid,
        ReasonForm(request.POST),
        "支援を取り消し、みなさんにお知らせしました。コインは全部もどりました",
        act,
    )
