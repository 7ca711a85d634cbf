"""How a visit's facts are put on the page: titles, badges, points of the map."""

from datetime import datetime
from typing import Any

from kyojo.help.requests.selectors import belongs
from kyojo.help.support.domain import State
from kyojo.help.support.list_selectors import VisitRow
from kyojo.help.support.selectors import Seen, VisitView
from kyojo.kernel.wording import distance, jdate, jrange, jtime, relative_day

#: state → badge (words, kind, icon).
BADGES = {
    State.SCHEDULED: ("予定", "info", "calendar"),
    State.STARTED: ("支援中", "solid", "clock"),
    State.ENDED: ("確認待ち", "warn", "eye"),
    State.CONFIRMED: ("確認ずみ", "good", "check"),
    State.SETTLED: ("終わりました", "good", "check"),
    State.CANCELLED: ("取り消し", "", "x"),
    State.NO_SHOW: ("来られませんでした", "", "x"),
    State.DISPUTED: ("事務局が確認中", "warn", "eye"),
    State.RESOLVED: ("終わりました", "good", "check"),
}


#: state → how the house reads the heading: 「春風 けん さんが庭の手入れに来ます」.
COMING = {
    State.SCHEDULED: "来ます",
    State.STARTED: "来ています",
    State.CANCELLED: "来る予定でした",
    State.NO_SHOW: "来る予定でした",
    State.DISPUTED: "来る予定でした",
}


def coming_words(state: str) -> str:
    return COMING.get(State(state), "来ました")


def near_day(moment: datetime) -> str:
    """「きょう」 where that says more than the date beside it, "" otherwise."""
    words = relative_day(moment)
    return "" if words == jdate(moment) else words


def status_of(state: str) -> tuple[str, str, str]:
    return BADGES[State(state)]


def place_title(view: VisitView) -> str:
    """Where it is, as the supporter says it."""
    name = view.recipient.get("name")
    if name:
        return f"{name} さんのお宅"
    if not view.house_is_open:
        return f"{view.area_name or 'ご家族'}のお宅"
    return view.place_label if view.role == "carer" else f"{view.carer['name']} さんのところ"


def map_points(view: VisitView) -> list[dict[str, Any]]:
    """The house and the numbered positions, as far as they are not erased."""
    points: list[dict[str, Any]] = []
    if view.latitude is not None and view.longitude is not None:
        family = (view.recipient.get("name") or view.carer["name"]).split(" ")[0]
        points.append(
            {
                "latitude": view.latitude,
                "longitude": view.longitude,
                "kind": "home",
                "text": f"{family}さん宅" if view.recipient.get("name") else "行き先",
            }
        )
    for number, seen in enumerate(with_position(view), start=1):
        spot = {"latitude": seen.latitude, "longitude": seen.longitude}
        points.append({**spot, "kind": "about", "text": "", "radius_m": seen.accuracy_m or 10})
        points.append({**spot, "kind": "pin", "text": str(number)})
    return points


def with_position(view: VisitView) -> list[Seen]:
    return [seen for seen in view.seen if seen.latitude is not None][-9:]


def seen_lines(view: VisitView) -> list[tuple[str, str]]:
    """(「10時2分　お宅のそば」, note) for each position on the map, in its order."""
    words = {"start": "「始めます」を押しました", "end": "「終わりました」を押しました"}
    lines = []
    for seen in with_position(view):
        near = "お宅のそば" if view.recipient.get("name") else "行き先のそば"
        where = near if seen.is_near else f"行き先まで{distance(seen.distance_m or 0)}"
        note = f"ずれは{_error(seen)}ほど"
        if seen.moment in words:
            note += f"。{words[seen.moment]}"
        lines.append((f"{jtime(seen.at)}　{where}", note))
    return lines


def _error(seen: Seen) -> str:
    """How far the phone may be wrong: said exactly, since it is small."""
    metres = seen.accuracy_m or 0
    return f"{metres}\u00a0m" if metres < 100 else distance(metres)


def trust_badges(view: VisitView) -> list[tuple[str, str, str]]:
    return [(label, "good", "shield") for label in view.supporter.get("trust", [])]


HEADLINES = {
    State.SCHEDULED: "{name}さんが来ます",
    State.STARTED: "{name}さんが、いま支援中です",
    State.ENDED: "終わりました。確認をお願いします",
    State.CONFIRMED: "確認しました",
    State.SETTLED: "終わりました。ありがとうございました",
    State.CANCELLED: "取り消しました",
    State.NO_SHOW: "来られませんでした",
    State.DISPUTED: "事務局が確かめています",
    State.RESOLVED: "確認が終わりました",
}


def carer_context(view: VisitView) -> dict[str, Any]:
    """The headline, and what is known about the start and the end, in the carer's words."""
    family = view.supporter["family_name"]
    headline = HEADLINES[State(view.state)]
    if view.ruling_waits and view.ruling is not None and view.ruling.appealed_at is None:
        is_absence = view.ruling.is_absence
        headline = "{name}さんのお返事を待っています" if is_absence else "事務局の決定が届きました"
    return {
        "headline": headline.format(name=family),
        "belongs": belongs(
            request_uid=view.request_uid, carer_municipality_id=view.carer_municipality_id
        ),
        **moment_notes(view, f"{family}さん"),
    }


#: What a carer reads of a proof that is no position.
PROVEN = {
    "spoken_code": "合言葉での確認があります",
    "office_word": "共助センターが電話で確かめました",
    "qr_card": "お宅のQRカードを読んだ記録があります",
    "nfc_card": "お宅のICカードにかざした記録があります",
    "button": "お宅のボタンが押されました",
    "beacon": "来た人のビーコンが、お宅で聞こえました",
    "photo": "写真があります",
}


def moment_notes(view: VisitView, who: str) -> dict[str, str]:
    """What is known about the start and the end, in words that show no point of a map."""
    return {f"{moment}_note": _moment_note(view, moment, who) for moment in ("start", "end")}


def _moment_note(view: VisitView, moment: str, who: str) -> str:
    for seen in view.seen:
        if seen.moment != moment:
            continue
        if seen.kind in PROVEN:
            return PROVEN[seen.kind]
        if seen.is_near:
            return f"{who}の位置がお宅のそばでした（ずれは{_error(seen)}ほど）"
        return f"{who}の位置は、お宅から{distance(seen.distance_m or 0)}でした"
    return ""


def ruling_words(view: VisitView) -> str:
    """What becomes of the coins, as both read it."""
    if view.ruling is None:
        return ""
    amount = view.ruling.paid_coins
    rest = view.amount_coins - amount
    if not amount:
        return f"{rest}コインを、たのんだ人にお返しします。"
    if not rest:
        return f"{amount}コインを、来た人にお渡しします。"
    return f"{amount}コインを来た人にお渡しし、{rest}コインをたのんだ人にお返しします。"


TO_DO = {
    "ruling": "お返事をお願いします",
    "answer": "お返事をお願いします",
    "confirm": "確認をお願いします",
    "end": "支援中。終わったら押してください",
    "begin": "出かけるとき、押してください",
}
ROLES = {"carer": "たのんだ支援", "supporter": "手伝う支援", "recipient": "おうちの支援"}


def row_note(row: VisitRow) -> str:
    """The line under a visit in the list: when, and what waits or how it stands."""
    standing = TO_DO.get(row.to_do) or ("お返事を待っています" if row.is_ruled else "")
    standing = standing or BADGES[State(row.state)][0]
    return f"{jrange(row.starts_at, row.ends_at)}・{ROLES[row.role]}・{standing}"
