"""おとなの同意: members under 18, who agreed for them, and whom a carer can turn to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.db.models import Prefetch
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import minors, selectors, services
from kyojo.civic.people.domain import reading
from kyojo.civic.people.models import Agreement, CareContact, Person, StaffRole, User
from kyojo.help.requests.selectors import requests_unanswered
from kyojo.kernel import clock
from kyojo.kernel.clock import age_on
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Choice, Form, KanaField, OrderForm, PhoneField
from ..http import redirect_saying
from . import files
from .access import Desk, DeskRequest, page, staff
from .forms import basis_field, radio
from .listing import Column, Listing, filter_of

PER_PAGE = 100
WAITING = "まだです"
STATES = (("todo", WAITING), ("done", "同意があります"))


class AgreementForm(OrderForm):
    """Who agrees, and how it is known. A coordinator who stands in needs no further words."""

    kind = radio(
        label="だれが同意しましたか",
        choices=[
            ("guardian", Choice("保護者", "お世話を受けている方は、のぞきます")),
            ("coordinator", Choice("わたしが引き受ける", "コーディネーターだけが選べます")),
        ],
    )
    name = forms.CharField(label="保護者の名前", max_length=40, required=False)
    kana = KanaField(label="保護者の名前のふりがな", required=False)
    relation = forms.CharField(
        label="続柄", max_length=20, required=False, help_text="例：母、祖父、里親"
    )
    phone = PhoneField(label="保護者の電話番号", required=False)
    number = forms.CharField(
        label="保護者の会員番号", max_length=12, required=False, help_text="会員のときだけ"
    )
    basis = basis_field()

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("kind") == Agreement.Kind.GUARDIAN:
            for field in ("name", "kana"):
                if not self.cleaned_data.get(field) and field not in self.errors:
                    self.add_error(field, f"{self.fields[field].label}を入れてください。")


class ContactForm(Form):
    """The coordinator whom the person can turn to."""

    contact = forms.ChoiceField(label="相談できる人（コーディネーター）")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "えらんでください"), *coordinators().items()]


def coordinators() -> dict[str, str]:
    rows = StaffRole.objects.filter(role=StaffRole.Role.COORDINATOR, user__is_active=True).order_by(
        "name_kana"
    )
    return {str(row.user_id): f"{row.name}（{row.title}）" for row in rows}


@dataclass(frozen=True)
class MinorRow:
    uid: UUID
    number: str
    name: str
    kana: str
    years: int
    joined_at: datetime
    agreed: str
    agreed_at: datetime | None

    @property
    def is_agreed(self) -> bool:
        return self.agreed != WAITING


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
    Column("years", "年齢", lambda row: row.years, sortable=True, is_number=True),
    Column("agreed", "おとなの同意", lambda row: row.agreed, sortable=True),
    Column("agreed_at", "同意の日", lambda row: row.agreed_at, sortable=True),
    Column(
        "joined",
        "登録した日",
        lambda row: row.joined_at,
        sortable=True,
        order=("登録が古い順", "登録が新しい順"),
    ),
)


def _rows(state: str) -> list[MinorRow]:
    standing = Agreement.objects.filter(ended_at=None)
    people = Person.objects.filter(minors.under_age(), left_at=None).prefetch_related(
        Prefetch("agreements", queryset=standing, to_attr="standing")
    )
    rows = []
    for person in people:
        if person.carer_since is None and person.supporter_since is None:
            continue
        agreement = person.standing[0] if person.standing else None
        rows.append(
            MinorRow(
                uid=person.uid,
                number=person.number,
                name=person.name,
                kana=person.kana,
                years=age_on(person.birth_date, clock.today()),
                joined_at=person.joined_at,
                agreed=agreement.get_kind_display() if agreement else WAITING,
                agreed_at=agreement.agreed_at if agreement else None,
            )
        )
    wanted = {"todo": False, "done": True}.get(state)
    return [row for row in rows if wanted is None or row.is_agreed == wanted]


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    """Members under 18 who want to ask or to help."""
    state = filter_of(request, "state", "おとなの同意", STATES)
    path = reverse("desk-agreements")
    listing = Listing(request.GET, COLUMNS, _rows(state.value), "joined", path=path)
    taken = files.file_of(request, listing, name="agreements", title="おとなの同意", here="members")
    if taken is not None:
        return taken
    return page(request, "minors.html", "members", {**listing.page(PER_PAGE), "filters": [state]})


@staff("GET", "POST")
def agreement(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One member: the agreement that stands, and the form for one."""
    person = selectors.person_by_uid(uid)
    if not minors.is_minor(person):
        raise NotFound()
    form = AgreementForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _record(request, person, form)
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(
                    request, reverse("desk-member", kwargs={"uid": uid}), "同意を記録しました"
                )
    else:
        services.act_record(
            actor=request.desk.user,
            action="person_opened",
            subject_kind="person",
            subject_id=str(uid),
        )
    return page(
        request,
        "minor.html",
        "members",
        {"one": person, "form": form, **facts_of(person)},
        status=status,
    )


def _record(request: DeskRequest, person: Person, form: AgreementForm) -> None:
    data = form.cleaned_data
    guardian = None
    if data["kind"] == Agreement.Kind.GUARDIAN and data["number"]:
        try:
            guardian = selectors.person_by_number(data["number"]).uid
        except NotFound:
            raise _NumberUnknown(field="number") from None
    services.agreement_record(
        uid=form.order,
        person=person,
        kind=data["kind"],
        basis=data["basis"],
        by=request.desk.user,
        name=data["name"],
        kana=data["kana"],
        relation=data["relation"],
        phone=data["phone"],
        guardian_uid=guardian,
    )


class _NumberUnknown(Refusal):
    code = "guardian_number_unknown"
    sentence = "この会員番号の人は、この町にいません。空けておいてもかまいません。"


@staff("POST")
def agreement_end(request: DeskRequest, uid: UUID) -> HttpResponse:
    person = selectors.person_by_uid(uid)
    services.agreement_end(person=person, by=request.desk.user)
    return redirect_saying(
        request, reverse("desk-member", kwargs={"uid": uid}), "同意が取り下げられたと記録しました"
    )


@staff("GET", "POST")
def contact(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Whom a carer can turn to."""
    person = selectors.person_by_uid(uid)
    if person.carer_since is None:
        raise NotFound()
    form = ContactForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            services.contact_set(
                person=person,
                contact=User.objects.get(pk=form.cleaned_data["contact"]),
                by=request.desk.user,
            )
            return redirect_saying(
                request, reverse("desk-member", kwargs={"uid": uid}), "相談できる人を決めました"
            )
    return page(
        request,
        "contact.html",
        "members",
        {"one": person, "form": form, **facts_of(person)},
        status=status,
    )


def facts_of(person: Person) -> dict[str, object]:
    """What the desk's pages of a member say about agreements and contacts."""
    standing = minors.agreement_of(person) if minors.is_minor(person) else None
    guardian = minors.guardian_of(standing) if standing else {}
    found = minors.care_contact_of(person)
    return {
        "is_minor": minors.is_minor(person),
        "agreement": standing,
        "agreements": minors.agreements_of(person) if minors.is_minor(person) else [],
        "guardian": guardian,
        "guardian_kana": reading(guardian.get("kana", "")),
        "contact_name": coordinators().get(str(found.contact_id), "") if found else "",
        "contact_first": bool(found and found.wishes_first),
    }


def contact_first_since(desk: Desk) -> list[datetime]:
    """When each open request was opened whose carer wants this coordinator to look first."""
    carers = CareContact.objects.filter(contact=desk.user, wishes_first=True)
    found = requests_unanswered().filter(carer__in=carers.order_by().values("person"))
    return list(found.values_list("opened_at", flat=True))


def waiting_since() -> list[datetime]:
    """Since when each member under 18 waits for an adult's yes."""
    return [person.joined_at for person in minors.minors_waiting()]
