"""How long this room keeps what, and the erasing of what is over."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from kyojo.civic.programmes.selectors import kept_days
from kyojo.kernel import clock

from .domain import POSTS_DAYS
from .models import Case, CaseNote, GroupMember, GroupPost
from .services import threads_purge

#: Closed cases are kept so many days; a document may say fewer.
CASES_DAYS = 3 * 365
REMOVED_DAYS = 30
#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "messages": ("支援の人とのメッセージ", "支援の日から、制度の定める日数（いつもは90日）"),
    "cases": ("終わった相談・通報の内容", "終わった日から3年"),
    "group_posts": ("グループのお知らせ", "書いた日から1年。消したものは30日"),
    "group_members": ("終わったグループの名簿", "終わった日から、お知らせと同じだけ（1年）"),
}


def purge_due() -> dict[str, int]:
    """Erase what is not kept any longer, in the current town; how many of each kind. That there
    was a case stays, without what was said and of whom. Safe to repeat."""
    now = clock.now()
    with transaction.atomic():
        messages = threads_purge()["messages"]
        before = now - timedelta(days=kept_days("cases", CASES_DAYS))
        old = Case.objects.filter(state=Case.State.CLOSED, closed_at__lte=before).exclude(
            about=[], words_sealed=b"", opened_by_uid=None
        )
        uids = list(old.values_list("pk", flat=True))
        CaseNote.objects.filter(case_id__in=uids).update(words_sealed=b"")
        cases = Case.objects.filter(pk__in=uids).update(
            about=[], words_sealed=b"", opened_by_uid=None, subject_uid=None
        )
        before = now - timedelta(days=kept_days("group_posts", POSTS_DAYS))
        down = now - timedelta(days=REMOVED_DAYS)
        over = Q(at__lte=before) | Q(removed_at__lte=down)
        posts, _ = GroupPost.objects.filter(over).delete()
        members, _ = GroupMember.objects.filter(group__closed_at__lte=before).delete()
    return {
        "messages": messages,
        "cases": cases,
        "group_posts": posts,
        "group_members": members,
    }
