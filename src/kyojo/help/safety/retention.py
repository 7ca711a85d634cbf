"""How long this room keeps what, and the erasing of what is over."""

from datetime import timedelta

from django.db import transaction

from kyojo.kernel import clock

from .models import Accident, Alert, Emergency, EmergencyNote, LateWatch, RosterCopy, Worry
from .services import emergency_positions_purge

#: Claims of an insurance lapse after three years (保険法 第95条), with a year to spare.
CLAIMS_KEPT = timedelta(days=4 * 365)
WORRIES_KEPT = timedelta(days=5 * 365)
ALARMS_KEPT = timedelta(days=3 * 365)
WATCHES_KEPT = timedelta(days=365)
#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "emergency_positions": (
        "助けを求めたときの位置",
        "その日から、制度の定める日数（いつもは30日）",
    ),
    "emergencies": ("助けを求めた知らせへの対応の記録", "終わった日から3年"),
    "worries": ("気になることの内容", "終わった日から5年"),
    "accidents": ("事故の報告の内容", "終わった日から4年"),
    "rosters": ("保険の名簿の控え", "受け取った日から4年"),
    "late_watches": ("終わりの連絡のない支援の記録", "1年"),
}


def purge_due() -> dict[str, int]:
    """Erase what is not kept any longer, in the current town; how many of each kind. That there was
    an alarm, a worry or an accident stays, without what was said and by whom. Safe to repeat."""
    now = clock.now()
    with transaction.atomic():
        old = Emergency.objects.filter(closed_at__lte=now - ALARMS_KEPT).exclude(by_uid=None)
        EmergencyNote.objects.filter(emergency__in=old).update(words_sealed=None)
        emergencies = old.update(by_uid=None, by_user=None, position_sealed=None)
        Alert.objects.filter(at__lte=now - ALARMS_KEPT).delete()
        worries = (
            Worry.objects.filter(closed_at__lte=now - WORRIES_KEPT)
            .exclude(content_sealed=None, reporter_uid=None)
            .update(
                content_sealed=None,
                answer_sealed=None,
                closing_sealed=None,
                reporter_uid=None,
                about_uid=None,
            )
        )
        accidents = (
            Accident.objects.filter(settled_at__lte=now - CLAIMS_KEPT)
            .exclude(content_sealed=None)
            .update(content_sealed=None, settled_note_sealed=None, by_uid=None, by_user=None)
        )
        rosters, _ = RosterCopy.objects.filter(made_at__lte=now - CLAIMS_KEPT).delete()
        watches, _ = LateWatch.objects.filter(resolved_at__lte=now - WATCHES_KEPT).delete()
    return {
        "emergency_positions": emergency_positions_purge(),
        "emergencies": emergencies,
        "worries": worries,
        "accidents": accidents,
        "rosters": rosters,
        "late_watches": watches,
    }
