"""支援の確認: visits that a person looks at because they do not look like help that happened.

Nothing on these pages accuses anybody: reasons are observations, and what may honestly be behind
them stands beside. What is decided goes through the services; members read only that the office is
looking at the records.
"""

from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import staff_selectors
from kyojo.civic.people.selectors import people_by_uids
from kyojo.civic.people.services import act_record
from kyojo.help.requests.domain import category
from kyojo.help.support import fraud_selectors as selectors
from kyojo.help.support import services
from kyojo.help.support.domain import MOMENTS
from kyojo.help.support.fraud.reasons import WORDS, honest_of
from kyojo.help.support.fraud_selectors import LABELS, Beside, LookRow
from kyojo.help.support.models import Clearance, Evidence, Visit, VisitLook
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.wording import jdate_plain

from ..forms import Choice, DateBoxesField, Form, OrderForm, WholeNumberField
from ..http import page_refused, redirect_saying
from . import files
from .access import DeskRequest, page, staff
from .forms import radio
from .listing import Column, Filter, Listing, filter_of

State = VisitLook.State
PER_PAGE = 100
HERE = "visits"
LOOKS = {
    State.WAITING: ("warn", "clock"),
    State.WATCHING: ("info", "eye"),
    State.CLEARED: ("good", "check"),
    State.REFUSED: ("", "x"),
    State.CLOSED: ("", "done"),
}
KINDS = (("odd", "ふつうとちがう記録"), ("lot", "くじで選んだ見本"))
HOW = {
    selectors.PAIR: "この二人の支援",
    selectors.RETURNED: "たのんだ人と来た人が、逆の支援",
    selectors.DEVICE: "同じスマホの支援",
    selectors.RING: "同じ輪の中の支援",
}


class DecideForm(Form):
    """``also``: further visits of the same pattern, decided in the same way."""

    context: ClassVar[str] = "decide_form"
    decision = radio(label="どうしますか")
    paid_coins = WholeNumberField(label="お渡しするコイン", minimum=1, required=False)
    words = forms.CharField(
        label="ことば、メモ",
        required=False,
        max_length=1000,
        help_text="支払わないときは、たのんだ人と来た人に、このまま届きます。だれも責めないことばで。"
        "それ以外のときは、職員だけが見るメモです。",
        widget=forms.Textarea,
    )
    also = forms.MultipleChoiceField(
        label="いっしょに決める支援",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, holds: bool, others: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("clear", Choice("問題なし", "支援は、止めたところから、そのまま進みます")),
            ("watch", Choice("確かめてから決める", "メモを残して、電話などで聞きます")),
        ]
        if holds:
            choices += [
                (
                    "refuse",
                    Choice("支払わない", "異議の期限がすぎると、コインはたのんだ人にもどります"),
                ),
                ("part", Choice("一部だけ支払う", "残りは、たのんだ人にもどります")),
            ]
        else:
            choices.append(
                ("refuse", Choice("おかしいと記録する", "コインは動きません。だれにも伝わりません"))
            )
        cast(forms.ChoiceField, self.fields["decision"]).choices = choices
        cast(forms.MultipleChoiceField, self.fields["also"]).choices = others

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        decision = cleaned.get("decision")
        if decision != "part":
            self.errors.pop("paid_coins", None)
        elif not cleaned.get("paid_coins") and "paid_coins" not in self.errors:
            self.add_error("paid_coins", "お渡しするコインの数を入れてください。")
        if decision in ("watch", "refuse", "part") and not (cleaned.get("words") or "").strip():
            self.add_error("words", "どんなことがあったか、ひとことで書いてください。")
        return cleaned


class ClearanceForm(OrderForm):
    context: ClassVar[str] = "clearance_form"
    what = radio(label="何が分かりましたか")
    valid_until = DateBoxesField(label="いつまで", example="2027、令和9", future_only=True)

    def __init__(self, *args: Any, has_device: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [Clearance.Kind.PAIR, *([Clearance.Kind.DEVICE] if has_device else [])]
        cast(forms.ChoiceField, self.fields["what"]).choices = [
            (f"{kind}-{code}", label) for kind in kinds for code, label in LABELS[kind].items()
        ]


# --- the list -------------------------------------------------------------------------------------
COLUMNS = (
    Column("number", "受付番号", lambda row: row.visit.number),
    Column("what", "内容", lambda row: category(row.visit.category).name, sortable=True),
    Column(
        "starts",
        "日時",
        lambda row: row.visit.starts_at,
        sortable=True,
        order=("日時が早い順", "日時が遅い順"),
    ),
    Column("why", "気になる点", lambda row: _first_reason(row)),
    Column(
        "score",
        "目立ち方",
        lambda row: None if row.look.by_lot else round(row.look.score, 1),
        sortable=True,
        is_number=True,
        order=("目立たない順", "目立つ順"),
    ),
    Column(
        "coins",
        "コイン",
        lambda row: row.visit.amount_coins,
        sortable=True,
        is_number=True,
        order=("コインが少ない順", "コインが多い順"),
    ),
    Column("state", "いま", lambda row: row.look.get_state_display(), sortable=True),
    Column(
        "due",
        "期限",
        lambda row: row.look.due_at if row.is_open else None,
        sortable=True,
        order=("期限が近い順", "期限が遠い順"),
    ),
)


def _first_reason(row: LookRow) -> str:
    if row.look.by_lot:
        return "くじで選んだ見本です"
    return str(row.look.reasons[0]) if row.look.reasons else "—"


def _listing(request: DeskRequest) -> tuple[Listing, list[Filter]]:
    filters = [
        filter_of(request, "state", "いま", [("open", "決まっていないもの"), *State.choices]),
        filter_of(request, "kind", "どうして", KINDS),
    ]
    state, kind = (one.value for one in filters)
    rows = [one for one in selectors.looks(state) if not kind or one.look.by_lot == (kind == "lot")]
    return Listing(request.GET, COLUMNS, rows, "-score", path=reverse("desk-looks")), filters


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    listing, filters = _listing(request)
    taken = files.file_of(request, listing, name="looks", title="支援の確認", here=HERE)
    if taken is not None:
        return taken
    shown = listing.page(PER_PAGE)
    shown["rows"] = [_line(row) for row in shown["rows"]]
    return page(request, "looks.html", HERE, {**shown, "filters": filters})


def _line(row: LookRow) -> dict[str, Any]:
    return {
        "row": row,
        "what": category(row.visit.category).name,
        "why": _first_reason(row),
        "badge": (row.look.get_state_display(), *LOOKS[State(row.look.state)]),
    }


# --- one ------------------------------------------------------------------------------------------
@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    return _one(request, selectors.look_by_uid(uid))


def _one(request: DeskRequest, row: LookRow, *shown: Form, status: int = 200) -> HttpResponse:
    """One visit that is looked at. That it is shown goes on record, since names show."""
    act_record(
        actor=request.desk.user,
        action="look_opened",
        subject_kind="visit",
        subject_id=row.visit.uid,
    )
    look, visit = row.look, row.visit
    others = selectors.beside(visit)
    devices = selectors.devices_of(visit)
    made: list[Form] = [
        DecideForm(holds=not row.is_paid, others=_others(others)),
        ClearanceForm(has_device=bool(devices)),
    ]
    by_name = {form.context: form for form in (*made, *shown)}  # type: ignore[attr-defined]
    return page(
        request,
        "look.html",
        HERE,
        {
            "row": row,
            "look": look,
            "one": visit,
            "what": category(visit.category).name,
            "badge": (look.get_state_display(), *LOOKS[State(look.state)]),
            "honest": honest_of(look.signs),
            "people": _people(visit),
            "evidence": _evidence(visit),
            "devices": devices,
            "beside": [_beside(other) for other in others],
            "clearances": [_clearance(found) for found in selectors.clearances_of(visit)],
            "by": staff_selectors.name_of(look.decided_by_id),
            "form": shown[0] if shown else None,
            **by_name,
        },
        status=status,
    )


def _others(found: list[Beside]) -> list[tuple[str, str]]:
    """Visits of the pattern that wait for a decision, too."""
    return [
        (str(other.look.uid), f"{other.visit.number}（{HOW[other.how]}）")
        for other in found
        if other.look is not None and other.look.state in selectors.OPEN
    ]


def _people(visit: Visit) -> list[dict[str, Any]]:
    """Both sides; telephones of this town's members only."""
    members = people_by_uids([visit.carer_uid, visit.supporter_uid])
    return [
        {
            "label": label,
            "name": card.get("name", ""),
            "uid": uid if uid in members else None,
            "phone": members[uid].phone if uid in members else "",
        }
        for label, uid, card in (
            ("たのんだ人", visit.carer_uid, visit.carer_card),
            ("来た人", visit.supporter_uid, visit.supporter_card),
        )
    ]


def _evidence(visit: Visit) -> list[dict[str, Any]]:
    return [
        {
            "at": row.server_at,
            "moment": MOMENTS.get(row.moment, row.moment),
            "kind": row.get_kind_display(),
            "distance_m": row.distance_m,
            "accuracy_m": row.accuracy_m,
            "in_window": row.in_window,
        }
        for row in Evidence.objects.filter(visit_uid=visit.uid)[:60]
    ]


def _beside(other: Beside) -> dict[str, Any]:
    return {
        "visit": other.visit,
        "what": category(other.visit.category).name,
        "how": HOW[other.how],
        "state": other.visit.get_state_display(),
        "look": other.look,
    }


def _clearance(found: Clearance) -> dict[str, Any]:
    return {
        "one": found,
        "label": LABELS.get(found.kind, {}).get(found.label, found.label),
        "stands": found.ended_at is None and found.valid_until >= clock.today(),
        "until": jdate_plain(found.valid_until),
    }


@staff("POST")
def decide(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Decide about this visit, and about the ones that were ticked with it."""
    row, user = selectors.look_by_uid(uid), request.desk.user
    form = DecideForm(
        request.POST, holds=not row.is_paid, others=_others(selectors.beside(row.visit))
    )
    if not form.is_valid():
        return _one(request, row, form, status=422)
    data = form.cleaned_data
    uids = [uid, *(UUID(one) for one in data["also"])]
    try:
        said = _decided(data, uids, user)
    except NotFound:
        raise
    except Refusal as refused:
        form.refuse(refused)
        return _one(request, selectors.look_by_uid(uid), form, status=422)
    return redirect_saying(request, reverse("desk-look", kwargs={"uid": uid}), said)


def _decided(data: dict[str, Any], uids: list[UUID], user: Any) -> str:
    words, count = data["words"], len(uids)
    if data["decision"] == "clear":
        services.looks_clear(uids=uids, by=user, note=words)
        return f"{count}件を「問題なし」にしました。支援はそのまま進みます"
    if data["decision"] == "watch":
        for one_uid in uids:
            services.look_watch(uid=one_uid, by=user, note=words)
        return "メモを残しました。お預かりしたままです"
    part = data["paid_coins"] if data["decision"] == "part" else None
    services.looks_refuse(
        uids=uids,
        by=user,
        words=words,
        resolution="pay_part" if part else "return",
        paid_coins=part,
    )
    return f"{count}件を決めました。おふたりには、センターからお知らせします"


@staff("POST")
def clearance(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Say for how long this is in order; the look itself is decided apart."""
    row = selectors.look_by_uid(uid)
    form = ClearanceForm(request.POST, has_device=bool(selectors.devices_of(row.visit)))
    if form.is_valid():
        kind, _, label = form.cleaned_data["what"].partition("-")
        try:
            services.clearance_make(
                uid=form.order,
                look_uid=uid,
                by=request.desk.user,
                kind=kind,
                label=label,
                valid_until=form.cleaned_data["valid_until"],
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            said = "記録しました。その日までは、同じことで止まりません"
            return redirect_saying(request, reverse("desk-look", kwargs={"uid": uid}), said)
    return _one(request, row, form, status=422)


# --- what was learned, and what is in order -------------------------------------------------------
@staff()
def learning(request: DeskRequest) -> HttpResponse:
    found = selectors.learned()
    newest = found.newest
    return page(
        request,
        "looks_learning.html",
        HERE,
        {
            "found": found,
            "precision": round(100 * newest.right / newest.looked)
            if newest is not None and newest.looked
            else None,
            "weights": sorted(
                (
                    (WORDS.get(name, name), "目立つように" if value > 0 else "目立たないように")
                    for name, value in (newest.weights if newest is not None else {}).items()
                    if abs(value) >= 0.05
                ),
            ),
            "clearances": [_clearance(one) for one in selectors.clearances()],
        },
    )


@staff("POST")
def clearance_end(request: DeskRequest, uid: UUID) -> HttpResponse:
    back = reverse("desk-looks-learning")
    try:
        services.clearance_end(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=back)
    return redirect_saying(request, back, "終わりにしました")
