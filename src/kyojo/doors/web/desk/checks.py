"""Checks: what ends when, what waits for a second member of staff, cards shown by two members."""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.urls import reverse

from kyojo.civic.people import selectors, services, trust, trust_selectors
from kyojo.civic.people.consent_selectors import consent_stands, text_current
from kyojo.civic.people.models import CounterLook, Person
from kyojo.help.matching.trust_selectors import bookings_doubtful
from kyojo.kernel import text
from kyojo.kernel.errors import NotFound, Refusal

from ..http import redirect_saying
from . import files
from .access import DeskRequest, page, staff
from .check_forms import ClashForm, LookForm, WhyForm, WithdrawForm
from .check_reads import STATES, CheckRow, check_rows, courses, look_rows, needs_two
from .listing import Column, Filter, Listing, filter_of

PER_PAGE = 100
HERE = "members"
COLUMNS = (
    Column("kana", "カナ", lambda row: row.kana, sortable=True),
    Column("name", "名前", lambda row: row.name),
    Column("number", "会員番号", lambda row: row.number, sortable=True),
    Column("kind", "種類", lambda row: row.kind_name, sortable=True),
    Column("label", "名前や講習", lambda row: row.label, sortable=True),
    Column("issuer", "発行したところ", lambda row: row.issuer, in_page=False),
    Column("shown", "見た書類", lambda row: row.shown or row.method, in_page=False),
    Column(
        "until",
        "期限",
        lambda row: row.valid_until,
        sortable=True,
        order=("期限が近い順", "期限が遠い順"),
    ),
    Column("state", "いま", lambda row: row.state_name, sortable=True),
    Column("by", "見た職員", lambda row: row.by, in_page=False),
    Column("confirmed", "確かめた職員", lambda row: row.confirmed_by, in_page=False),
    Column("checked", "確かめた日", lambda row: row.checked_at, sortable=True),
    Column("reason", "取り消した理由", lambda row: row.reason, in_page=False),
)


def _listing(request: DeskRequest) -> tuple[Listing, list[Filter], str]:
    filters = [
        filter_of(request, "kind", "種類", list(trust.NAMES.items())),
        filter_of(request, "state", "いま", list(STATES.items())),
    ]
    words = request.GET.get("words", "")[:80]
    kind, state = (one.value for one in filters)
    found = trust_selectors.checks()
    if kind:
        found = found.filter(kind=kind)
    if text.normalised(words):
        found = found.filter(person__in=selectors.members(words=words))
    rows: list[CheckRow] = [
        row for row in check_rows(found) if not state or _is_in(row.state, state)
    ]
    return Listing(request.GET, COLUMNS, rows, "until", path=reverse("desk-checks")), filters, words


def _is_in(state: str, asked: str) -> bool:
    """What ends within 14 days ends within 60, and still counts."""
    wider = {"near": {"near", "soon"}, "valid": {"valid", "near", "soon"}}
    return state in wider.get(asked, {asked})


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    listing, filters, words = _listing(request)
    taken = files.file_of(request, listing, name="checks", title="確認の一覧", here=HERE)
    if taken is not None:
        return taken
    context = {**listing.page(PER_PAGE), "filters": filters, "search": words}
    return page(request, "checks.html", HERE, context)


@staff()
def waiting(request: DeskRequest) -> HttpResponse:
    """What somebody must decide: second looks, cards of two members, bookings in doubt."""
    context = {
        "looks": look_rows(trust_selectors.looks_waiting(), user_id=request.desk.user.pk),
        "clashes": [(one, ClashForm()) for one in trust_selectors.clashes_open()],
        "doubtful": bookings_doubtful(),
    }
    return page(request, "checks_waiting.html", HERE, context)


# --- at the counter -------------------------------------------------------------------------------


@staff("GET", "POST")
def new(request: DeskRequest, uid: UUID, kind: str) -> HttpResponse:
    """Record what was seen of a member's papers. Opening it goes on record: it shows the register,
    to be compared."""
    person = selectors.person_by_uid(uid)
    if kind not in trust.KINDS or person.left_at is not None:
        raise NotFound()
    if request.method != "POST":
        services.act_record(
            actor=request.desk.user,
            action="person_opened",
            subject_kind="person",
            subject_id=str(uid),
        )
        return _new(request, person, kind, _form(kind), 200)
    form = _form(kind, request.POST)
    if form.is_valid():
        try:
            sentence = _seen(request, person, kind, form)
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, reverse("desk-member", kwargs={"uid": uid}), sentence)
    return _new(request, person, kind, form, 422)


def _form(kind: str, sent: QueryDict | None = None) -> LookForm:
    return LookForm(sent, kind=kind, two_staff=needs_two(kind), courses=courses())


def _seen(request: DeskRequest, person: Person, kind: str, form: LookForm) -> str:
    data, by = form.cleaned_data, request.desk.user
    papers = {name: data.get(name) or "" for name in ("label", "issuer")}
    if needs_two(kind):
        services.check_look(
            uid=form.order,
            person=person,
            kind=kind,
            document=data["document"],
            items=data["items"],
            valid_until=data.get("valid_until"),
            by=by,
            **papers,
        )
        return "記録しました。もう1人の職員が確かめると、すみます"
    services.trust_check_record(
        person=person,
        kind=kind,
        method="窓口",
        shown=trust.DOCUMENTS[kind][data["document"]],
        valid_until=data.get("valid_until"),
        by=by,
        **papers,
    )
    return "確かめたことを記録しました"


def _new(
    request: DeskRequest, person: Person, kind: str, form: LookForm, status: int
) -> HttpResponse:
    context = {
        "one": person,
        "kind_name": trust.NAMES[kind],
        "needs_two": needs_two(kind),
        "days": trust.CONFIRM_WITHIN.days,
        "form": form,
        "consent_text": text_current(kind)
        if kind == trust.IDENTITY and not consent_stands(person, kind)
        else None,
    }
    return page(request, "check_new.html", HERE, context, status=status)


# --- the second one -------------------------------------------------------------------------------


@staff("GET", "POST")
def look(request: DeskRequest, uid: UUID) -> HttpResponse:
    """What the first member of staff saw, beside the register; POST confirms it."""
    seen = trust_selectors.look_by_uid(uid)
    if request.method != "POST":
        services.act_record(
            actor=request.desk.user,
            action="person_opened",
            subject_kind="person",
            subject_id=str(seen.person.uid),
        )
        return _look(request, seen)
    try:
        services.check_confirm(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        form = WhyForm()
        form.full_clean()
        return _look(request, trust_selectors.look_by_uid(uid), refused=refused, status=409)
    what = trust.what_of(seen.kind, seen.label)
    return redirect_saying(
        request, "desk-checks-waiting", f"{seen.person.number}：{what}がすみました"
    )


@staff("POST")
def look_refuse(request: DeskRequest, uid: UUID) -> HttpResponse:
    form = WhyForm(request.POST)
    seen = trust_selectors.look_by_uid(uid)
    if form.is_valid():
        try:
            services.check_look_refuse(
                uid=uid, by=request.desk.user, reason=form.cleaned_data["reason"]
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, "desk-checks-waiting", "確認をやめました")
    return _look(request, seen, form=form, status=422)


def _look(
    request: DeskRequest,
    seen: CounterLook,
    *,
    form: WhyForm | None = None,
    refused: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "look": seen,
        "one": seen.person,
        "row": look_rows([seen], user_id=request.desk.user.pk)[0],
        "waits": seen in trust_selectors.looks_waiting(seen.person),
        "refused": refused.message() if refused else "",
        "form": form or WhyForm(),
    }
    return page(request, "check_look.html", HERE, context, status=status)


# --- no more --------------------------------------------------------------------------------------


@staff("GET", "POST")
def withdraw(request: DeskRequest, pk: int) -> HttpResponse:
    check = trust_selectors.check_by_id(pk)
    form = WithdrawForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.trust_check_withdraw(
                    check_id=pk, by=request.desk.user, reason=form.cleaned_data["reason"]
                )
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                to = reverse("desk-member", kwargs={"uid": check.person.uid})
                return redirect_saying(request, to, "確認を取り消しました。本人に伝えました")
    context = {"check": check, "row": check_rows([check])[0], "form": form}
    return page(request, "check_withdraw.html", HERE, context, status=status)


@staff("POST")
def clash(request: DeskRequest, pk: int) -> HttpResponse:
    """Who is who, where two members showed one card."""
    form = ClashForm(request.POST)
    if form.is_valid():
        try:
            services.identity_clash_close(
                clash_id=pk, outcome=form.cleaned_data["outcome"], by=request.desk.user
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, "desk-checks-waiting", "片づけて、本人に伝えました")
    context = {
        "looks": look_rows(trust_selectors.looks_waiting(), user_id=request.desk.user.pk),
        "clashes": [
            (one, form if one.pk == pk else ClashForm()) for one in trust_selectors.clashes_open()
        ],
        "doubtful": bookings_doubtful(),
        "form": form,
    }
    return page(request, "checks_waiting.html", HERE, context, status=422)
