"""How long this room keeps what, and the erasing of what is over."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import transaction

from kyojo.civic.programmes.selectors import kept_days
from kyojo.kernel import clock

from .models import Act, Distribution, DistributionRow, Notice, StaffNumber, StaffRole
from .services.mails import mail_changes_purge

NOTICES_DAYS = 730
LINES_DAYS = 90
#: The database lets nothing younger go (migration 0002).
ACTS_YEARS = 7
#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "register": (
        "登録（お名前、住所、電話など）",
        "登録しているあいだ。退会のあとは「退会した方の記録」",
    ),
    "coin_record": ("コインの記録とのつながり", "記録を消すまで。台帳の数は残ります"),
    "notices": ("お知らせ", "お届けした日から2年"),
    "distribution_lines": ("配布の一覧の内容", "配布が終わった日から90日"),
    "acts": ("操作の記録", "7年"),
    "staff_roles": ("事務局で働いていた人の名前と職員番号", "役割が終わった日から7年"),
    "mail_changes": (
        "前のメールアドレス（元に戻すため）",
        "変えた日から30日。変わらなかったものは、求めた日から2日",
    ),
    "login_asks": ("ログインのリンクを求めた記録", "15分"),
    "sessions": ("ログインのつづき", "さいごに使った日から60日"),
}


def purge_due() -> dict[str, int]:
    """Erase what is not kept any longer, in the current town; how many of each kind. Safe to
    repeat."""
    now = clock.now()
    State = Distribution.State  # noqa: N806
    with transaction.atomic():
        before = now - timedelta(days=kept_days("notices", NOTICES_DAYS))
        notices, _ = Notice.objects.filter(at__lte=before).delete()
        before = now - timedelta(days=kept_days("distribution_lines", LINES_DAYS))
        over = Distribution.objects.filter(
            state__in=(State.DONE, State.CANCELLED), created_at__lte=before
        )
        lines = DistributionRow.objects.filter(distribution__in=over).exclude(raw={})
        cleared = lines.update(raw={}, problem=None)
        old = now - timedelta(days=ACTS_YEARS * 366)
        acts, _ = Act.objects.filter(at__lte=old).delete()
        roles = _roles_purge(old)
        mails = mail_changes_purge()
    return {
        "notices": notices,
        "distribution_lines": cleared,
        "acts": acts,
        "staff_roles": roles,
        "mail_changes": mails,
    }


def _roles_purge(before: datetime) -> int:
    """Roles that ended before then; with a login's last one goes its staff number."""
    roles, _ = StaffRole.ever.filter(ended_at__lte=before).delete()
    StaffNumber.objects.exclude(user_id__in=StaffRole.ever.values("user_id")).delete()
    return int(roles)


def sessions_purge() -> int:
    """Delete the sessions that have run out, of all towns; how many."""
    deleted, _ = Session.objects.filter(expire_date__lt=clock.now()).delete()
    return int(deleted)
