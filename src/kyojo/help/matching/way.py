"""The way to a place, and how it and people are spoken of. Pure."""

#: 不動産の表示に関する公正競争規約施行規則: a minute on foot is 80 m; 12 km/h and 24 km/h.
METRES_PER_MINUTE = {"walk": 80, "bicycle": 200, "car": 400}
WALKED_UP_TO_M = 1500
_HOW = {"walk": "歩いて", "bicycle": "自転車で", "car": "車で"}


def _means(travel: str, metres: float) -> str:
    """Near enough, everybody walks."""
    return "walk" if metres <= WALKED_UP_TO_M or travel not in METRES_PER_MINUTE else travel


def minutes_of_way(travel: str, metres: float) -> int:
    """Minutes along a straight line, rounded up, at least 1."""
    return max(1, -(-round(metres) // METRES_PER_MINUTE[_means(travel, metres)]))


def way_spoken(travel: str, metres: float) -> str:
    """``歩いて15分``"""
    return f"{_HOW[_means(travel, metres)]}{minutes_of_way(travel, metres)}分"


#: How a carer's own relatives are called when we speak of them.
RELATION_NAMES = {
    "母": "お母さま",
    "父": "お父さま",
    "祖母": "おばあさま",
    "祖父": "おじいさま",
    "妻": "奥さま",
    "夫": "ご主人",
    "子ども": "お子さま",
    "兄": "お兄さま",
    "姉": "お姉さま",
    "弟": "弟さま",
    "妹": "妹さま",
}


def relation_spoken(relation: str) -> str:
    """``母`` → ``お母さま``; a word that is not in the list stays as it was written."""
    return RELATION_NAMES.get(relation, relation)
