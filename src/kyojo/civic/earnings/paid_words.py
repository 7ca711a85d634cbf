"""Who pays what for one time of paid help, and why, in one sentence."""

from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.thanks import per_words, steps_of
from kyojo.kernel.wording import duration

from .models import PaidHelp
from .paid_selectors import minutes_of

#: How thank-you money gets to the helper, for each settlement.
HOW = {
    "ticket": "チケットで",
    "stamp_card": "スタンプで",
    "passbook": "通帳から",
    "cash": "現金で",
    "invoice": "請求書で",
}


def activity_name(document: Document, activity: str) -> str:
    """What was done, as people read it."""
    return document.activities.get(activity, activity) or "手伝い"


def why(document: Document, one: PaidHelp) -> str:
    """``お礼は1時間ごとに800円の決まりなので、2時間で1,600円になり、手伝った人に…``"""
    steps = steps_of(document, minutes_of(one))
    length = _length(document, steps)
    per = per_words(document)
    if one.pieces:
        each = f"{document.earning.units:,}{document.unit}"
        return (
            f"お礼は{per}ごとに{each}の決まりなので、"
            f"{length}で{one.pieces:,}{document.unit}が手伝った人にわたります。"
        )
    thanks_yen = one.payer_yen - one.costs_yen
    each = f"{thanks_yen // steps:,}円" if steps else ""
    rule = {
        "thanks.by_activity": (
            f"「{activity_name(document, one.activity)}」のお礼は{per}ごとに{each}の決まりなので"
        ),
        "thanks.most_yen": f"手伝ってもらった人がお礼を{per}ごとに{each}と決めたので",
    }.get(one.rule, f"お礼は{per}ごとに{each}の決まりなので")
    sum_yen = f"{length}で{thanks_yen:,}円"
    if one.costs_yen:
        sum_yen += f"、実費の{one.costs_yen:,}円を足して{one.payer_yen:,}円"
    return f"{rule}、{sum_yen}になり、{_shares(one)}。"


def _length(document: Document, steps: int) -> str:
    minutes = document.earning.minutes
    return f"{steps}回" if minutes is None else f"{duration(steps * minutes)}分の手伝い"


def _shares(one: PaidHelp) -> str:
    parts = [
        (one.person_yen, "手伝った人に"),
        (one.office_yen, "事務費に"),
        (one.donated_yen, "事務局への寄付に"),
        (one.deposited_yen, "手伝った人の時間預託に"),
    ]
    said = [f"{where}{yen:,}円" for yen, where in parts if yen]
    if len(said) == 1:
        return f"全部が{next(where for yen, where in parts if yen)}わたります"
    return f"{'、'.join(said)}がわたります" if said else "お金は動きません"
