"""きょうの仕事: what to do next, what waits, and the requests nobody answered."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.urls import reverse

from kyojo.kernel.wording import jdate, jtime

from . import files
from .access import DeskRequest, page, staff
from .queues import Queue, queues
from .request_reads import RequestRow
from .requests import unanswered


@staff()
def home(request: DeskRequest) -> HttpResponse:
    listing, filters = unanswered(request, path=reverse("desk-home"))
    taken = files.file_of(request, listing, name="requests", title="返事のない依頼", here="today")
    if taken is not None:
        return taken
    waiting = queues(request.desk)
    # The band speaks of all that waits, whatever the list below is narrowed to.
    return page(
        request,
        "today.html",
        "today",
        {
            "next": next_thing(listing.all_rows, waiting),
            "queues": waiting,
            "waits": any(queue.count for queue in waiting),
            "listing": listing,
            "rows": listing.rows[:10],
            "filters": filters,
            "caption": f"{len(listing.rows)}件",
        },
    )


#: What to do about each queue, and the words on its button. Which comes first, ``queues`` says.
ACTIONS = {
    "emergencies": ("助けを求める知らせがあります", "知らせを見る"),
    "lates": ("終わりや到着の連絡がない支援があります", "電話で確かめる"),
    "accidents": ("事故の報告が、保険会社に送るのを待っています", "報告を見る"),
    "worries": ("気になることが届いています", "気になることを見る"),
    "emergencies-going": ("助けを求める知らせの記録が、まもなく消えます", "知らせを見る"),
    "worries-going": ("気になることの記録が、まもなく消えます", "気になることを見る"),
    "locked": ("合言葉が止まり、支援が始められません", "支援を見る"),
    "consents": ("訪問してよいか、お宅の方にまだ聞いていません", "お返事を聞く"),
    "cases": ("相談・通報が、期限を待っています", "相談・通報を見る"),
    "suspensions": ("利用の停止を、確かめてください", "利用の停止を見る"),
    "disputes": ("話し合いが待っています", "話し合いを見る"),
    "looks": ("記録が、ふつうとちがう支援があります", "支援を確かめる"),
    "appeals": ("決めたことに、異議の申し立てがあります", "申し立てを見る"),
    "identity": ("本人確認を待っている人がいます", "本人確認をする"),
    "second": ("本人確認が、もう1人の職員を待っています", "確認を見る"),
    "doubtful": ("予定の日に、確認の切れる人がいます", "支援を見る"),
    "teams": ("チームの人が足りません", "チームを見る"),
    "once": ("1回だけ手伝いたい人が、連絡を待っています", "申し込みを見る"),
    "approvals": ("コインの承認を待っているものがあります", "承認待ちを見る"),
    "clearing": ("ほかの自治体との清算が待っています", "清算を見る"),
    "points": ("ポイントの申請が待っています", "申請を見る"),
    "agreements": ("おとなの同意を待っている会員がいます", "同意を見る"),
    "contact-first": ("あなたが先に見る依頼があります", "依頼を見る"),
    "keys": ("職員の鍵を消す手続きが待っています", "手続きを見る"),
    "erasures": ("記録の消去が、もう1人の確認を待っています", "消去を見る"),
    "payment-returns": ("入金の取り消しが、承認を待っています", "請求を見る"),
    "confirmations": ("確認の期限が近い支援があります", "支援を見る"),
}
#: Queues that press nobody: they are on the page, and never the next thing.
PRESS_NOBODY = frozenset({"lot", "checks", "trouble", "buttons", "unanswered"})


def next_thing(rows: Sequence[RequestRow], waiting: Sequence[Queue]) -> dict[str, str] | None:
    """The most pressing thing: somebody who may lie somewhere or stands before a door, a request
    past its promise, any late queue that presses, a request in time, then the rest."""
    if rows and not any(queue.code in ("emergencies", "lates", "locked") for queue in waiting):
        first = min(rows, key=lambda row: (not row.is_late, row.starts_at))
        if first.is_late or not any(queue.is_late and queue.code in ACTIONS for queue in waiting):
            return {
                "title": f"{first.what}に、まだ人が決まっていません",
                "text": f"{first.number}・{first.area}・{jdate(first.starts_at)}"
                f"{jtime(first.starts_at)}。{first.waited_words}待っています。"
                f"{first.asked}人に声をかけ、{first.declined}人が断りました。",
                "url": reverse("desk-find", kwargs={"uid": first.uid}),
                "label": "人をさがす",
            }
    for queue in sorted(waiting, key=lambda queue: not queue.is_late):
        if queue.count and queue.code in ACTIONS:
            title, label = ACTIONS[queue.code]
            return {
                "title": title,
                "text": f"{queue.name} {queue.count}件・{queue.note}",
                "url": queue.url,
                "label": label,
            }
    return None
