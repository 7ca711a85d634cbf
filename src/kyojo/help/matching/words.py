"""What the matching room tells people in notices. Names of towns and things, never an address."""

from datetime import datetime

from kyojo.kernel import clock

WEEKDAYS = "月火水木金土日"

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


def month_day(moment: datetime) -> str:
    """``11月28日（土）``"""
    local = clock.local(moment)
    return f"{local.month}月{local.day}日（{WEEKDAYS[local.weekday()]}）"


def hour(moment: datetime) -> str:
    """``10時``, ``10時30分``"""
    local = clock.local(moment)
    return f"{local.hour}時{local.minute}分" if local.minute else f"{local.hour}時"


def span(start: datetime, end: datetime) -> str:
    """``11月28日（土）10時〜12時``"""
    return f"{month_day(start)}{hour(start)}〜{hour(end)}"
