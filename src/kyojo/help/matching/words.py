"""What the matching room tells people in notices. Names of towns and things, never an address."""

from collections.abc import Sequence
from datetime import datetime, time

from kyojo.civic.people.domain import DayException, WeekTime, free_windows, is_free
from kyojo.kernel import clock
from kyojo.kernel.wording import WEEKDAYS, jday

ASKED_DIRECT = "{who}さんから、{what}のお願いがとどきました"
ASKED_BROADCAST = "{what}のお願いがとどきました"
ASKED_BODY = (
    "{when}、{area}です。{coins}コインのお礼があります。"
    "{until}までにお返事をください。断っても、評価は変わりません。"
)
WITHDRAWN = "お願いが取り下げられました（{what}）"
WITHDRAWN_BODY = "{when}のお願いです。お返事はいりません。考えてくださり、ありがとうございました。"
CHOSEN_OTHER = "今回は、ほかの人に決まりました（{what}）"
CHOSEN_OTHER_BODY = "{when}のお願いです。OKのお返事をくださり、ありがとうございました。"
CHOSEN_OTHER_SILENT_BODY = "{when}のお願いです。お返事は、もういりません。"
DECLINED = "{who}さんは、今回は来られません（{what}）"
DECLINED_BODY = "お預かりしていたコインは、もどりました。ほかの人にお願いできます。"
ALL_DECLINED = "声をかけた人は、今回は来られません（{what}）"
ALL_DECLINED_BODY = "ほかの人をさがすか、コーディネーターにおまかせください。"
ACCEPTED = "{who}さんが「OK」と返事をしました（{what}）"
ACCEPTED_BODY = "{when}のお願いです。この人に決めるか、ほかの返事を待つか、選べます。"
LAPSED = "{who}さんから、お返事がありませんでした（{what}）"
CHOOSE_NOW = "OKの人がいます。来る人を決めてください（{what}）"
CHOOSE_NOW_BODY = "{when}のお願いです。待つと決めた時間がすぎました。"
ESCALATED = "{office}の{name}が引きつぎました（{what}）"
ESCALATED_NOBODY = "センターが引きつぎました（{what}）"
ESCALATED_BODY = "{when}のお願いです。来られる人をさがして、お電話します。コインは動いていません。"
UNFILLED = "来る人が決まらないまま、時間がすぎました（{what}）"
UNFILLED_BODY = "{when}のお願いです。申しわけありません。コインはへっていません。"

TEAM_ASKED = "チームへのお誘いがとどきました（{what}）"
TEAM_ASKED_BODY = "{until}までにお返事をください。断っても、評価は変わりません。"
TEAM_SETTLED = "チームが決まりました（{what}）"
TEAM_SETTLED_BODY = "いっしょに活動する人と、連絡先が見られます。"
TEAM_OUT = "今回は、ほかの人にお願いすることになりました（{what}）"
TEAM_CANCELLED = "取りやめになりました（{what}）"
TEAM_DONE = "おつかれさまでした（{what}）"
TEAM_OVER_BODY = "考えてくださり、ありがとうございました。"
#: To whoever applied without a profile: subject and text of a mail, by what happened.
APPLICATION_MAILS = {
    "received": (
        "お手伝いの申し込みを受け取りました",
        "{what}のお手伝いに申し込んでくださり、ありがとうございます。"
        "センターから、お電話かメールでご連絡します。",
    ),
    "decided": (
        "お手伝いをお願いすることになりました",
        "{what}のお手伝いを、お願いすることになりました。行き先は、センターからお伝えします。",
    ),
    "refused": (
        "お手伝いの申し込みへのお返事",
        "{what}のお手伝いに申し込んでくださったことへの、お返事があります。",
    ),
    "closed": (
        "今回は、ほかの人に決まりました",
        "{what}のお手伝いは、ほかの人に決まったか、いらなくなりました。"
        "申し込んでくださり、ありがとうございました。",
    ),
}
APPLICATION_MAIL = """{text}

いまのようすを見る、取り下げる：
{url}

{town} {office}
電話 {phone}（{hours}）
"""
DECLINED_SERIES_BODY = (
    "{when}の分です。お預かりしていたコインは、もどりました。代わりの人をさがします。"
)
USUAL_CANNOT = "{who}さんは、この日は来られません（{what}）"
USUAL_CANNOT_BODY = "{when}の分です。代わりの人をさがします。"
SUBSTITUTE_SHORT = "代わりの人をさがすには、コインが足りません（{what}）"
SUBSTITUTE_SHORT_BODY = (
    "{when}の分です。あと{missing}コインあると、さがせます。センターにもご相談いただけます。"
)
SERIES_SHORT = "{day}の分は、まだお願いしていません（{what}）"
SERIES_SHORT_BODY = (
    "あと{missing}コインいります。コインがふえると、こちらからお願いします。"
    "センターにもご相談いただけます。"
)
SERIES_REFUSED = "{day}の分は、お願いできませんでした（{what}）"
SERIES_REFUSED_BODY = "{why}"
SERIES_OVER = "くり返しの{what}が、終わりました"
SERIES_OVER_BODY = "つづけたいときは、前のお願いから、またたのめます。"
SERIES_ENDED = "毎回のお願いが終わりました（{what}）"
SERIES_ENDED_BODY = "もう決まっている日は、そのままです。来てくださり、ありがとうございました。"
SERIES_LEFT = "{who}さんが、毎回来ることをやめました（{what}）"
SERIES_LEFT_BODY = "もう決まっている日は来ます。そのあとは、来られる人を毎回さがします。"


# --- why somebody was asked, to themselves -------------------------------------------------------
def asked_reasons(
    *,
    category_name: str,
    note: str,
    weekly: Sequence[WeekTime],
    exceptions: Sequence[DayException],
    starts_at: datetime,
    ends_at: datetime,
    done_count: int = 0,
    met_count: int = 0,
) -> list[str]:
    """Why this person was asked, from what they have said and done themselves: a sentence each.

    ``note``: their own words about the category. ``done_count``: visits of the category so far,
    ``met_count``: visits at this place. Times as registered today: where they have changed since
    the asking and do not hold the time any more, nothing is said about them.
    """
    sentences = []
    when = _free_said(weekly, exceptions, clock.local(starts_at), clock.local(ends_at))
    if when:
        sentences.append(f"{when}、と登録しています")
    if met_count:
        sentences.append(f"前に{met_count}回、行ったことのあるところです")
    if done_count:
        sentences.append(f"{category_name}を、これまでに{done_count}回しています")
    own_words = note.strip().rstrip("。")
    if own_words:
        sentences.append(f"{category_name}に「{own_words}」と書いています")
    elif not done_count:
        sentences.append(f"{category_name}ができる、と登録しています")
    return sentences


def _free_said(
    weekly: Sequence[WeekTime], exceptions: Sequence[DayException], start: datetime, end: datetime
) -> str:
    day = start.date()
    until = end.time() if end.date() == day else time.max
    if not is_free(free_windows(weekly, exceptions, day), start.time(), until):
        return ""
    if is_free(free_windows(weekly, (), day), start.time(), until):
        return f"{WEEKDAYS[day.weekday()]}曜の{part_of_day(start)}は空いている"
    return f"{jday(day)}は来られる"


def part_of_day(moment: datetime) -> str:
    """朝, 午前, 午後, 夜, by the hour at which something begins."""
    hour_of_day = clock.local(moment).hour
    if hour_of_day < 10:
        return "朝"
    if hour_of_day < 12:
        return "午前"
    return "午後" if hour_of_day < 17 else "夜"
