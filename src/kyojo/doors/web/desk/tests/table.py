"""The whole table of a visit, by hand: what each action by each actor leads to from each state.

Written out a second time, without ``domain.TRANSITIONS``, as people would say it. States of the
table are those of a visit, DISPUTED in its five kinds. ``test_table`` walks every cell.
"""

#: State of the table → state of the visit.
STATES = {
    "scheduled": "scheduled",
    "started": "started",
    "ended": "ended",
    "confirmed": "confirmed",
    "settled": "settled",
    "cancelled": "cancelled",
    "no_show": "no_show",
    "resolved": "resolved",
    "disputed": "disputed",  # the office listens
    "looked": "disputed",  # held back for a look at a possible fake, the carer had confirmed
    "ruled": "disputed",  # a part is to be paid; both may object
    "appealed": "disputed",  # the supporter objected
    "absence": "disputed",  # the carer says that nobody came
    "absence_objected": "disputed",  # the supporter says otherwise
}

#: Who can do an action at all, in their own name. Everybody else finds nothing, whatever the state.
MAY = {
    "check_in": {"supporter", "office"},
    "check_out": {"supporter", "office"},
    "press": {"device"},
    "confirm": {"carer"},
    "cancel": {"carer", "supporter", "office", "carer_office"},
    "decline": {"recipient", "office", "carer_office"},
    "no_show": {"carer", "office", "carer_office"},
    "nobody_opened": {"supporter"},
    "dispute": {"carer", "supporter"},
    "decide": {"office", "carer_office"},
    "accept": {"carer", "supporter", "office", "carer_office"},
    "appeal": {"carer", "supporter", "office", "carer_office"},
    "appeal_decide": {"office", "other_officer", "carer_office"},
    "release": {"office", "other_officer"},
    "time": {"system"},
}
MAY["check_in"] |= {"carer_office", "other_officer"}
MAY["check_out"] |= {"carer_office", "other_officer"}
for _action in ("cancel", "decline", "no_show", "decide", "accept", "appeal"):
    MAY[_action] |= {"other_officer"}

DESK = {"office", "other_officer", "carer_office"}

#: (state, action) → actors → the state of the visit afterwards.
LEGAL: dict[tuple[str, str], tuple[set[str], str]] = {
    ("scheduled", "check_in"): ({"supporter", *DESK}, "started"),
    ("scheduled", "press"): ({"device"}, "started"),
    ("scheduled", "cancel"): ({"carer", "supporter", *DESK}, "cancelled"),
    ("scheduled", "decline"): ({"recipient", *DESK}, "cancelled"),
    ("scheduled", "no_show"): ({"carer", *DESK}, "disputed"),
    ("scheduled", "nobody_opened"): ({"supporter"}, "disputed"),
    ("scheduled", "time"): ({"system"}, "disputed"),
    ("started", "check_out"): ({"supporter", *DESK}, "ended"),
    ("started", "press"): ({"device"}, "ended"),
    ("started", "dispute"): ({"carer", "supporter"}, "disputed"),
    ("started", "nobody_opened"): ({"supporter"}, "disputed"),
    ("started", "time"): ({"system"}, "disputed"),
    ("ended", "confirm"): ({"carer"}, "settled"),
    ("ended", "dispute"): ({"carer", "supporter"}, "disputed"),
    ("ended", "nobody_opened"): ({"supporter"}, "disputed"),
    ("ended", "time"): ({"system"}, "settled"),
    ("disputed", "decide"): (DESK, "disputed"),
    ("looked", "decide"): (DESK, "resolved"),  # full pay after the carer's yes: nobody loses
    ("looked", "release"): ({"office", "other_officer"}, "settled"),
    ("absence_objected", "decide"): (DESK, "disputed"),
    # The office ruled: others note that whoever loses agrees.
    ("ruled", "accept"): ({"carer", "supporter", "other_officer", "carer_office"}, "disputed"),
    ("ruled", "appeal"): ({"carer", "supporter", *DESK}, "disputed"),
    ("ruled", "time"): ({"system"}, "resolved"),
    ("appealed", "appeal_decide"): ({"other_officer", "carer_office"}, "resolved"),
    ("absence", "accept"): ({"supporter", *DESK}, "no_show"),
    ("absence", "appeal"): ({"supporter", *DESK}, "disputed"),
    ("absence", "time"): ({"system"}, "no_show"),
}

#: Taken without a word, since it is so already or nothing is meant: nothing changes.
SAME: dict[tuple[str, str], set[str]] = {
    ("started", "check_in"): {"supporter"},
    ("ended", "check_out"): {"supporter"},
    ("confirmed", "confirm"): {"carer"},
    ("settled", "confirm"): {"carer"},
    ("looked", "confirm"): {"carer"},  # they had
    ("cancelled", "cancel"): {"carer", "supporter", *DESK},
    ("no_show", "no_show"): {"carer", *DESK},
    ("absence", "no_show"): {"carer", *DESK},
    ("appealed", "appeal"): {"supporter", *DESK},  # the desk notes the supporter's
    ("absence_objected", "appeal"): {"supporter", *DESK},
    **{(state, "press"): {"device"} for state in STATES if state not in ("scheduled", "started")},
    **{
        (state, "time"): {"system"}
        for state in STATES
        if state not in ("scheduled", "started", "ended", "ruled", "absence")
    },
}
#: Without a part in the visit, whatever their office or age: for them it does not exist.
STRANGERS = ("outsider", "other_supporter", "third_office", "company", "visitor")
ACTORS = (
    "carer", "supporter", "recipient", "office", "other_officer", "carer_office", "device",
    "system", *STRANGERS,
)  # fmt: skip


def expected(state: str, action: str, actor: str) -> str:
    """What happens: a state of the visit, "same", "refused" or "unknown"."""
    if actor not in MAY[action] or (action == "release" and state != "looked"):
        return "unknown"  # without a look there is nothing to release
    actors, after = LEGAL.get((state, action), (set(), ""))
    if actor in actors:
        return after
    return "same" if actor in SAME.get((state, action), set()) else "refused"
