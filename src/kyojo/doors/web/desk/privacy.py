"""記録の消去: who asked for it and how far it is, what was erased by the clock, and a member's own
data given out at the counter."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people.consent_selectors import consents_of
from kyojo.civic.people.domain import BASES
from kyojo.civic.people.models import ConsentText, Person
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.people.services import consent_give
from kyojo.civic.people.services.acts import proxy_checked
from kyojo.commons.privacy import services
from kyojo.commons.privacy.models import Erasure
from kyojo.commons.privacy.retention import kinds
from kyojo.commons.privacy.selectors import erasure_of, erasures, person_stops, purges
from kyojo.commons.privacy.services.erasures import wait_days
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import OrderForm
from ..http import page_refused, redirect_saying
from ..privacy.taking import readable, taken
from . import files
from .access import DeskRequest, page, staff
from .forms import radio
from .listing import Column, Listing, filter_of

PER_PAGE = 100
#: Consents that are no answer at the counter: registering itself, and what one's company adds up.
BY_THEMSELVES = {ConsentText.Kind.REGISTRATION.value, ConsentText.Kind.COMPANY_SUM.value}
ERASURES = (
    Column(
        "asked",
        "申し出た日",
        lambda one: one.asked_at,
        sortable=True,
        order=("古い順", "新しい順"),
    ),
    Column("number", "会員番号", lambda one: one.person.number, sortable=True),
    Column("origin", "だれから", lambda one: one.get_origin_display()),
    Column("state", "状態", lambda one: one.get_state_display(), sortable=True),
    Column("due", "消去の日", lambda one: one.due_at, sortable=True),
    Column("stopped", "先に終わらせるもの", lambda one: "、".join(one.stopped_by)),
    Column("done", "消去した日", lambda one: one.done_at, sortable=True),
)


class BasisForm(OrderForm):
    """How it is known that the member wants it."""

    basis = radio(label="どのように確かめましたか", choices=list(BASES.items()))


class ProposeForm(BasisForm):
    """For a member: their erasure."""

    confirm = forms.BooleanField(label="本人に、消えるものと残るものを伝えました")


@staff(officer=True)
def erasures_listed(request: DeskRequest) -> HttpResponse:
    state = filter_of(request, "state", "状態", Erasure.State.choices)
    found = erasures().filter(state=state.value) if state.value else erasures()
    path = reverse("desk-erasures")
    listing = Listing(request.GET, ERASURES, list(found), "-asked", path=path)
    taken_away = files.file_of(
        request, listing, name="erasures", title="記録の消去", here="members"
    )
    if taken_away is not None:
        return taken_away
    context = {**listing.page(PER_PAGE), "filters": [state], "now": clock.now()}
    return page(request, "erasures.html", "members", context)


@staff()
def purges_listed(request: DeskRequest) -> HttpResponse:
    """What was erased by the clock, and how long each kind is kept."""
    words = {one.code: one.what for one in kinds()}
    kind = filter_of(request, "kind", "種類", sorted(words.items()))
    columns = (
        Column("at", "日時", lambda one: one.at, sortable=True, order=("古い順", "新しい順")),
        Column("kind", "種類", lambda one: words.get(one.kind, one.kind), sortable=True),
        Column("count", "件数", lambda one: one.count, sortable=True, is_number=True),
        Column("due", "この時までのもの", lambda one: one.due_before),
    )
    path = reverse("desk-purges")
    listing = Listing(request.GET, columns, purges(kind=kind.value), "-at", path=path)
    taken_away = files.file_of(request, listing, name="purges", title="消去の記録", here="acts")
    if taken_away is not None:
        return taken_away
    shown = listing.page(PER_PAGE)
    rows = [[column.value(one) for column in columns] for one in shown["rows"]]
    context = {**shown, "filters": [kind], "rows": rows, "kinds": kinds()}
    return page(request, "purges.html", "acts", context)


# --- one member -----------------------------------------------------------------------------------


@staff("GET", officer=True)
def member(request: DeskRequest, uid: UUID) -> HttpResponse:
    return _member(request, person_by_uid(uid), ProposeForm(), BasisForm())


def _member(
    request: DeskRequest,
    person: Person,
    propose: ProposeForm,
    give: BasisForm,
    status: int = 200,
) -> HttpResponse:
    if person.erased_at is not None:
        raise NotFound()
    erasure = erasure_of(person)
    context = {
        "one": person,
        "erasure": erasure,
        "is_mine": erasure is not None and erasure.asked_by_id == request.desk.user.pk,
        "stops": [] if erasure else person_stops(person),
        "days": wait_days(),
        "form": propose if propose.is_bound else give,
        "propose": propose,
        "give": give,
        "consents": [
            one
            for one in consents_of(person)
            if one.kind not in BY_THEMSELVES and person.left_at is None
        ],
    }
    return page(request, "member_data.html", "members", context, status=status)


@staff("POST", officer=True, fresh=True)
def give(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Everything that is held about a member, to print and hand over."""
    person = person_by_uid(uid)
    form = BasisForm(request.POST)
    if not form.is_valid():
        return _member(request, person, ProposeForm(), form, 422)
    basis = form.cleaned_data["basis"]
    proxy_checked(by=request.desk.user, basis=basis)
    taken(person, by=request.desk.user, note="page", basis=basis)
    context = {"one": person, "sections": readable(person), "made": clock.now()}
    response = page(request, "member_data_mine.html", "members", context)
    response["Cache-Control"] = "no-store, private"
    return response


@staff("POST", officer=True)
def consent(request: DeskRequest, uid: UUID, kind: str) -> HttpResponse:
    """A member said yes or no to a text, by telephone, on paper or at the counter."""
    person = person_by_uid(uid)
    answer, version = request.POST.get("answer"), request.POST.get("version", "")
    kinds_here = set(ConsentText.Kind.values) - BY_THEMSELVES
    if kind not in kinds_here or answer not in ("yes", "no") or person.left_at is not None:
        raise NotFound()
    form = BasisForm(request.POST)
    if not form.is_valid() or not version.isdecimal():
        return _member(request, person, ProposeForm(), form, 422)
    said = {"person": person, "by": request.desk.user, "basis": form.cleaned_data["basis"]}
    try:
        if answer == "yes":
            consent_give(kind=kind, version=int(version[:5]), **said)
        else:
            services.consent_withdraw(kind=kind, **said)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=_path(uid))
    return redirect_saying(request, _path(uid), "同意のお返事を記録しました")


@staff("POST", officer=True, fresh=True)
def propose(request: DeskRequest, uid: UUID) -> HttpResponse:
    person = person_by_uid(uid)
    form = ProposeForm(request.POST)
    if form.is_valid():
        try:
            services.erasure_propose(
                uid=form.order,
                person=person,
                by=request.desk.user,
                basis=form.cleaned_data["basis"],
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            said = "申し出を記録しました。別の職員が確かめると、日数を数えはじめます"
            return redirect_saying(request, _path(uid), said)
    return _member(request, person, form, BasisForm(), 422)


@staff("POST", officer=True, fresh=True)
def approve(request: DeskRequest, uid: UUID) -> HttpResponse:
    """The second officer. ``uid`` is the member's."""
    erasure = _standing(uid)
    try:
        services.erasure_approve(uid=erasure.uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=_path(uid))
    return redirect_saying(request, _path(uid), "確かめました。日数がすぎると、消去します")


@staff("POST", officer=True)
def withdraw(request: DeskRequest, uid: UUID) -> HttpResponse:
    erasure = _standing(uid)
    form = BasisForm(request.POST)
    if not form.is_valid():
        return _member(request, erasure.person, ProposeForm(), form, 422)
    try:
        services.erasure_withdraw(
            uid=erasure.uid, by=request.desk.user, basis=form.cleaned_data["basis"]
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=_path(uid))
    return redirect_saying(request, _path(uid), "消去を取り下げました")


def _standing(uid: UUID) -> Erasure:
    erasure = erasure_of(person_by_uid(uid))
    if erasure is None:
        raise NotFound()
    return erasure


def _path(uid: UUID) -> str:
    return reverse("desk-member-data", kwargs={"uid": uid})
