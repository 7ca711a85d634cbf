"""バッジと証明書 at the desk: what was given, taken back with a reason, counted anew."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.help.recognition import selectors, services
from kyojo.help.recognition.models import Certificate
from kyojo.help.recognition.services.signing import certificate_sums
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form
from ..http import page_refused, redirect_saying
from . import files
from .access import DeskRequest, page, staff
from .listing import Column, Filter, Listing, filter_of

PER_PAGE = 100
KINDS = (("badge", "バッジ"), ("certificate", "証明書"))
STATES = (("standing", "有効"), ("revoked", "取り消し"))


@dataclass(frozen=True)
class Row:
    """A badge or a certificate as a line."""

    uid: UUID
    kind: str
    kind_label: str
    what: str
    whom: str
    number: str
    at: datetime
    revoked_at: datetime | None
    reason: str

    @property
    def url(self) -> str:
        return reverse(f"desk-{self.kind}", args=[self.uid])

    @property
    def state(self) -> str:
        return "取り消し" if self.revoked_at else "有効"


COLUMNS = (
    Column("kind", "種類", lambda row: row.kind_label, sortable=True),
    Column("what", "内容", lambda row: row.what, sortable=True),
    Column("whom", "だれに", lambda row: row.whom, sortable=True),
    Column("number", "会員番号・証明書の番号", lambda row: row.number, sortable=True),
    Column(
        "at",
        "出した日",
        lambda row: clock.local(row.at).date(),
        sortable=True,
        key=lambda row: row.at,
        order=("古い順", "新しい順"),
    ),
    Column("state", "いま", lambda row: row.state, sortable=True),
    Column("reason", "取り消したわけ", lambda row: row.reason, in_page=False),
)


class RevokeForm(Form):
    reason = forms.CharField(
        label="取り消すわけ", max_length=200, help_text="ご本人に、このまま伝わります。"
    )


def _badge_row(view: selectors.BadgeView) -> Row:
    badge, person = view.badge, view.badge.person
    return Row(
        badge.uid, "badge", "バッジ", view.says.name, person.name, person.number,
        badge.awarded_at, badge.revoked_at, badge.revoked_words,
    )  # fmt: skip


def _certificate_row(paper: Certificate) -> Row:
    whom = paper.person.name if paper.person else paper.company.name if paper.company else ""
    return Row(
        paper.uid, "certificate", "証明書", str(Certificate.Kind(paper.kind).label), whom,
        paper.code, paper.made_at, paper.revoked_at, paper.revoked_words,
    )  # fmt: skip


def _listing(request: DeskRequest, words: str) -> tuple[Listing, list[Filter]]:
    filters = [
        filter_of(request, "kind", "種類", KINDS),
        filter_of(request, "state", "いま", STATES),
    ]
    kind, state = (one.value for one in filters)
    rows: list[Row] = []
    if kind != "certificate":
        rows += [_badge_row(one) for one in selectors.badges_all(words=words)]
    if kind != "badge":
        papers = [_certificate_row(one) for one in selectors.certificates_all()]
        rows += [row for row in papers if not words or words in (row.whom, row.number)]
    if state:
        rows = [row for row in rows if (row.revoked_at is not None) == (state == "revoked")]
    return Listing(request.GET, COLUMNS, rows, "-at", path=reverse("desk-badges")), filters


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    words = request.GET.get("words", "").strip()
    listing, filters = _listing(request, words)
    taken = files.file_of(request, listing, name="badges", title="バッジと証明書", here="members")
    if taken is not None:
        return taken
    context = {**listing.page(PER_PAGE), "filters": filters, "search": words}
    return page(request, "badges.html", "members", context)


@staff("GET", "POST")
def badge(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One badge: taken back with a reason, or its holder's visits counted anew."""
    found = next((one for one in selectors.badges_all() if one.uid == uid), None)
    if found is None:
        raise NotFound()
    here = reverse("desk-badge", args=[uid])
    form = RevokeForm(request.POST if request.POST.get("do") == "revoke" else None)
    if request.method == "POST" and request.POST.get("do") == "recount":
        gone = services.badges_recount(person=found.badge.person, by=request.desk.user)
        said = f"{len(gone)}つ取り消しました。" if gone else "変わりはありませんでした。"
        return redirect_saying(request, here, f"数えなおしました。{said}")
    if request.method == "POST" and form.is_valid():
        try:
            services.badge_revoke(uid=uid, by=request.desk.user, reason=form.cleaned_data["reason"])
        except NotFound:
            raise
        except Refusal as refusal:
            return page_refused(request, refusal, back=here)
        return redirect_saying(request, here, "取り消しました。ご本人に伝えました。")
    context = {"row": _badge_row(found), "form": form, "may_recount": True, "facts": []}
    status = 422 if form.errors else 200
    return page(request, "badge.html", "members", context, status=status)


@staff("GET", "POST")
def certificate(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One certificate: what it says, and the way to take it back."""
    paper = selectors.certificate_by_uid(uid)
    here = reverse("desk-certificate", args=[uid])
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.certificate_revoke(
                uid=uid, by=request.desk.user, reason=form.cleaned_data["reason"]
            )
        except NotFound:
            raise
        except Refusal as refusal:
            return page_refused(request, refusal, back=here)
        return redirect_saying(request, here, "取り消しました。")
    context = {
        "row": _certificate_row(paper),
        "form": form,
        "may_recount": False,
        "facts": certificate_sums(paper),
    }
    status = 422 if form.errors else 200
    return page(request, "badge.html", "members", context, status=status)
