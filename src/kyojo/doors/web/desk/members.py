"""会員・本人確認: the list, one member, an entry for somebody without a smartphone."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.models import Area
from kyojo.civic.people import selectors, services, trust, trust_selectors
from kyojo.civic.people.coins import purse
from kyojo.civic.people.models import Person
from kyojo.civic.people.security_selectors import mail_changes_lately
from kyojo.civic.people.suspensions import suspension_of
from kyojo.help.matching.trust_selectors import still_needed
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel.errors import NotFound, Refusal

from ..http import redirect_saying
from . import files
from .access import DeskRequest, page, staff
from .check_reads import check_rows, look_rows
from .forms import MemberForm
from .listing import Column, Filter, Listing, filter_of
from .minors import facts_of
from .people_reads import ROLE_NAMES, MemberRow, member_rows, members, roles_of

PER_PAGE = 100
COLUMNS = (
    Column(
        "kana",
        "カナ",
        lambda row: row.kana,
        sortable=True,
        order=("カナの五十音順", "カナの逆の順"),
    ),
    Column("name", "名前", lambda row: row.name),
    Column("number", "会員番号", lambda row: row.number, sortable=True),
    Column("roles", "役割", lambda row: row.roles, sortable=True),
    Column("area", "圏域", lambda row: row.area or None, sortable=True),
    Column(
        "identity",
        "本人確認",
        lambda row: row.identity,
        sortable=True,
        key=lambda row: (row.has_identity, not row.needs_identity),
    ),
    Column(
        "joined",
        "登録した日",
        lambda row: row.joined_at,
        sortable=True,
        order=("登録が古い順", "登録が新しい順"),
    ),
)
IDENTITY = (("todo", "本人確認がまだ"), ("done", "本人確認ずみ"))


def _listing(request: DeskRequest) -> tuple[Listing, list[Filter], str]:
    areas = [(str(area.pk), area.name) for area in Area.objects.filter(kind=Area.Kind.LIVING_AREA)]
    filters = [
        filter_of(request, "role", "役割", list(ROLE_NAMES.items())),
        filter_of(request, "identity", "本人確認", IDENTITY),
        filter_of(request, "area", "圏域", areas),
    ]
    words = request.GET.get("words", "")[:80]
    role, identity, area = (one.value for one in filters)
    rows: list[MemberRow] = member_rows(
        members(words=words, role=role, identity=identity, area_id=int(area) if area else None)
    )
    return Listing(request.GET, COLUMNS, rows, "kana", path=reverse("desk-members")), filters, words


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    listing, filters, words = _listing(request)
    taken = files.file_of(request, listing, name="members", title="会員", here="members")
    if taken is not None:
        return taken
    return page(
        request,
        "members.html",
        "members",
        {
            **listing.page(PER_PAGE),
            "filters": filters,
            "search": words,
        },
    )


@staff("GET", "POST")
def new(request: DeskRequest) -> HttpResponse:
    """代理入力: a member without a smartphone, with the basis on record."""
    form = MemberForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                person = services.person_register(
                    uid=form.order,
                    family_name=data["family_name"],
                    given_name=data["given_name"],
                    family_kana=data["family_kana"],
                    given_kana=data["given_kana"],
                    birth_date=data["birth_date"],
                    phone=data["phone"],
                    roles=data["roles"],
                    by=request.desk.user,
                    basis=data["basis"],
                )
                services.consent_give(
                    person=person,
                    kind="registration",
                    by=request.desk.user,
                    basis=data["basis"],
                )
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(
                    request,
                    reverse("desk-member", kwargs={"uid": person.uid}),
                    f"登録しました。会員番号は{person.number}です",
                )
    return page(request, "member_new.html", "members", {"form": form}, status=status)


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """A member's page. Opening it goes on record, since the address and the telephone show."""
    person = selectors.person_by_uid(uid)
    services.act_record(
        actor=request.desk.user,
        action="person_opened",
        subject_kind="person",
        subject_id=str(uid),
    )
    return _one(request, person)


def _one(request: DeskRequest, person: Person) -> HttpResponse:
    names = {category.code: category.name for category in CATEGORIES}
    checks = selectors.trust_checks_of(person)
    return page(
        request,
        "member.html",
        "members",
        {
            "one": person,
            "mail_changed_at": next((one.done_at for one in mail_changes_lately(person)), None),
            "suspension": suspension_of(person),
            "roles": roles_of(person),
            "checks": check_rows(trust_selectors.checks_of(person)),
            "claims": trust_selectors.claims_of(person),
            "looks": look_rows(trust_selectors.looks_waiting(person), user_id=request.desk.user.pk),
            "level": trust.LEVELS[trust_selectors.level(person)],
            "lacking": still_needed(person) if person.supporter_since else [],
            "kinds": list(trust.NAMES.items()),
            "is_identified": any(check.kind == check.Kind.IDENTITY for check in checks),
            "skills": [
                (names.get(skill.category, skill.category), skill.note)
                for skill in selectors.skills_of(person)
            ],
            "purse": purse(person),
            "acts": selectors.acts_of(subject_kind="person", subject_id=person.uid, limit=10),
            **facts_of(person),
        },
    )
