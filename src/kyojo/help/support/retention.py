"""How long this room keeps what, and the erasing of what is over. Positions and photos are erased
by the room's own job every night, which logs them itself (``models.PurgeLog``)."""

from datetime import datetime, timedelta

from django.db.models import Q

from kyojo.civic.programmes.selectors import kept_days
from kyojo.kernel import clock

from .domain import HOLDING
from .forgetting import PLACE_EMPTY
from .models import PurgeLog, RefusedStep, TagTally, Visit
from .services.fraud_devices import traces_erase
from .services.notes import notes_forget
from .services.signals import signals_forget
from .services.warmth import family_links_purge, gifts_purge, letters_purge

PLACES_DAYS = 365
REFUSED_DAYS = 365
TALLIES_DAYS = 90
SIGNALS_DAYS = 365
UNCHANGED_DAYS = 90
#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "positions": ("支援のときの位置と写真", "支援の日から、制度の定める日数（いつもは30日）"),
    "visit_addresses": ("支援の場所の住所、地図の点、来る人へのメモ", "支援の日から1年"),
    "letters": ("ご家族へのようすの便りと写真", "送った日から1年"),
    "family_links": ("ご家族が便りを見る入り口", "使えなくなった日から30日"),
    "gifts": ("おすそわけのことば", "書いた日から1年"),
    "device_traces": ("支援のときに使った機器と位置の、元に戻せない印", "1年"),
    "refused_steps": ("受け付けなかった操作を、だれがしたか", "1年"),
    "tag_signals": (
        "お宅のカードや機器から届いた信号と、それで何が起きたか",
        "1年（何も変えなかった信号は90日）",
    ),
    "tag_tallies": ("お宅の機器から信号がいくつ届いたか（日ごとの数だけ）", "90日"),
    "visits": ("支援があったこと（日時、種類、コイン）", "町の記録として残ります"),
}


def purge_due() -> dict[str, int]:
    """Empty the places of visits that are long over, and forget who tried in vain, in the current
    town; how many of each kind. Safe to repeat."""
    now = clock.now()
    before = now - timedelta(days=kept_days("visit_addresses", PLACES_DAYS))
    old = Visit.objects.filter(ends_at__lte=before).exclude(state__in=HOLDING)
    standing = old.exclude(latitude=None, spoken_code="")
    notes_forget(Q(pk__in=standing.order_by().values("pk")))
    places = standing.update(**PLACE_EMPTY)
    before = now - timedelta(days=kept_days("refused_steps", REFUSED_DAYS))
    refused = RefusedStep.objects.filter(at__lte=before).exclude(actor_uid=None)
    return {
        "visit_addresses": places,
        "letters": letters_purge(),
        "family_links": family_links_purge(),
        "gifts": gifts_purge(),
        "device_traces": traces_erase(),
        "tag_signals": _signals_purge(now),
        "tag_tallies": TagTally.objects.filter(
            day__lte=clock.today() - timedelta(days=kept_days("tag_tallies", TALLIES_DAYS))
        ).delete()[0],
        "refused_steps": refused.update(actor_uid=None),
    }


def _signals_purge(now: datetime) -> int:
    kept = kept_days("tag_signals", SIGNALS_DAYS)
    return signals_forget(
        before=now - timedelta(days=kept),
        unchanged_before=now - timedelta(days=min(kept, UNCHANGED_DAYS)),
    )


def logged() -> list[PurgeLog]:
    """What the room's own job erased, the newest first."""
    return list(PurgeLog.objects.order_by("-at"))
