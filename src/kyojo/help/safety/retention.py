"""How long this room keeps what, and the erasing of what is over."""

from datetime import datetime, timedelta

from django.db import transaction

from kyojo.kernel import clock

from .domain import ALARMS_KEPT, OUTCOME_UNCLOSED, WORRIES_KEPT
from .models import Accident, Alert, Emergency, EmergencyNote, LateWatch, RosterCopy, Worry
from .selectors import emergencies_unclosed, worries_unclosed
from .services import emergency_positions_purge

#: Claims of an insurance lapse after three years (保険法 第95条), with a year to spare.
CLAIMS_KEPT = timedelta(days=4 * 365)
#: What nobody settled, as long as who was hurt can claim (民法 第167条, 第724条: 20 years);
#: a report that nobody handed in was none.
UNSETTLED_KEPT, DRAFTS_KEPT = timedelta(days=7305), timedelta(days=365)
WATCHES_KEPT = timedelta(days=365)
#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "emergency_positions": (
        "助けを求めたときの位置",
        "その日から、制度の定める日数（いつもは30日）",
    ),
    "emergencies": ("助けを求めた知らせへの対応の記録", "終わった日から3年"),
    "emergencies_unclosed": (
        "だれも終えていない、助けを求める知らせの記録",
        "さいごの記入から3年。6週間前から、事務局の画面で知らせます",
    ),
    "worries": ("気になることの内容", "終わった日から5年"),
    "worries_unclosed": (
        "だれも終えていない、気になることの内容",
        "さいごの記入から5年。6週間前から、事務局の画面で知らせます",
    ),
    "accidents": ("事故の報告の内容", "終わった日から4年"),
    "accidents_unsettled": (
        "だれも終えていない事故の報告の内容",
        "届いた日から20年。送られなかった書きかけは、書きはじめた日から1年",
    ),
    "rosters": ("保険の名簿の控え", "受け取った日から4年"),
    "late_watches": ("終わりの連絡のない支援の記録", "1年"),
}
#: Whose it was, and what was said.
EMERGENCY_EMPTY = {"by_uid": None, "by_user": None, "position_sealed": None}
WORRY_EMPTY = {
    "content_sealed": None,
    "answer_sealed": None,
    "closing_sealed": None,
    "reporter_uid": None,
    "about_uid": None,
}
ACCIDENT_EMPTY = {
    "content_sealed": None,
    "settled_note_sealed": None,
    "by_uid": None,
    "by_user": None,
}


def purge_due() -> dict[str, int]:
    """Erase what is not kept any longer, in the current town; how many of each kind. That there was
    an alarm, a worry or an accident stays, without what was said and by whom. Safe to repeat."""
    now = clock.now()
    with transaction.atomic():
        old = Emergency.objects.filter(closed_at__lte=now - ALARMS_KEPT).exclude(by_uid=None)
        EmergencyNote.objects.filter(emergency__in=old).update(words_sealed=None)
        emergencies = old.update(**EMERGENCY_EMPTY)
        Alert.objects.filter(at__lte=now - ALARMS_KEPT).delete()
        worries = (
            Worry.objects.filter(closed_at__lte=now - WORRIES_KEPT)
            .exclude(content_sealed=None, reporter_uid=None)
            .update(**WORRY_EMPTY)
        )
        unclosed = {
            "emergencies_unclosed": _emergencies_unclosed_purge(now),
            "worries_unclosed": _worries_unclosed_purge(now),
        }
        told = Accident.objects.exclude(content_sealed=None)
        accidents = told.filter(settled_at__lte=now - CLAIMS_KEPT).update(**ACCIDENT_EMPTY)
        unsettled = told.filter(settled_at=None, reported_at__lte=now - UNSETTLED_KEPT).update(
            state=Accident.State.SETTLED, settled_at=now, **ACCIDENT_EMPTY
        )
        drafts, _ = Accident.objects.filter(
            state=Accident.State.DRAFT, started_at__lte=now - DRAFTS_KEPT
        ).delete()
        rosters, _ = RosterCopy.objects.filter(made_at__lte=now - CLAIMS_KEPT).delete()
        watches, _ = LateWatch.objects.filter(resolved_at__lte=now - WATCHES_KEPT).delete()
    return {
        "emergency_positions": emergency_positions_purge(),
        "emergencies": emergencies,
        **unclosed,
        "worries": worries,
        "accidents": accidents,
        "accidents_unsettled": unsettled + drafts,
        "rosters": rosters,
        "late_watches": watches,
    }


def _emergencies_unclosed_purge(now: datetime) -> int:
    """What nobody closed is closed by the clock, without what was said. Whoever writes in it at
    this moment is waited for, and keeps it."""
    before = now - ALARMS_KEPT
    locked = list(
        Emergency.objects.select_for_update(of=("self",))
        .filter(raised_at__lte=before)
        .exclude(state=Emergency.State.CLOSED)
        .values_list("pk", flat=True)
    )
    over = list(
        emergencies_unclosed(until=before).filter(pk__in=locked).values_list("pk", flat=True)
    )
    EmergencyNote.objects.filter(emergency_id__in=over).update(words_sealed=None)
    return int(
        Emergency.objects.filter(pk__in=over).update(
            state=Emergency.State.CLOSED,
            outcome=OUTCOME_UNCLOSED,
            closed_at=now,
            due_at=None,
            **EMERGENCY_EMPTY,
        )
    )


def _worries_unclosed_purge(now: datetime) -> int:
    """The same for worries: each step of one is an update of its row, which decides here."""
    over = worries_unclosed(until=now - WORRIES_KEPT)
    return int(over.update(state=Worry.State.CLOSED, closed_at=now, **WORRY_EMPTY))
