"""Small towns by hand: every visit is written down, so that a feature's value is known."""

from itertools import count

from kyojo.civic.programmes.domain import EvidenceRule
from kyojo.help.support.fraud.facts import (
    CompanyFacts,
    DeviceFacts,
    MarkFacts,
    PersonFacts,
    TownFacts,
    VisitFacts,
)

RULE = EvidenceRule(150, 100, 15, 15, 3, 30, 48)
HOMES = {"aoi": (0.0, 0.0), "ben": (1_000.0, 0.0), "chi": (0.0, 6_000.0), "dai": (500.0, 500.0)}
_numbers = count()


def visit(carer, supporter, starts_at, hours=1.0, **known):
    """A visit at the carer's home, begun and ended as booked, proven by the spoken code."""
    device = known.pop("device", f"d-{supporter}")
    marks = known.pop(
        "marks",
        tuple(
            MarkFacts("spoken_code", moment, at, at, device)
            for moment, at in (("start", starts_at), ("end", starts_at + hours))
        ),
    )
    values = {
        "uid": f"v{next(_numbers)}",
        "category": "talk",
        "place": HOMES[carer],
        "reserved_at": starts_at - 48,
        "starts_at": starts_at,
        "ends_at": starts_at + hours,
        "started_at": starts_at,
        "ended_at": starts_at + hours,
        "coins": round(20 * hours),
        "marks": marks,
        "confirmed_at": starts_at + hours + 3,
        "confirmed_by": "carer",
        "confirm_device": f"d-{carer}",
    }
    return VisitFacts(carer=carer, supporter=supporter, **values | known)


def fixes(starts_at, *places, accuracy=10.0, device="d-ben", hours=1.0):
    """Positions of one phone, evenly from the begin to the end."""
    step = hours / max(len(places) - 1, 1)
    marks = []
    for n, place in enumerate(places):
        moment = "start" if n == 0 else "end" if n == len(places) - 1 else "during"
        at = starts_at + n * step
        marks.append(MarkFacts("position", moment, at, at, device, place, accuracy))
    return tuple(marks)


def town(*visits, **persons):
    """A town of these visits. ``persons``: what differs from somebody who joined long ago."""
    people = {
        uid: PersonFacts(
            **{"uid": uid, "home": home, "joined_at": -5_000.0, "household": f"h-{uid}"}
            | persons.get(uid, {})
        )
        for uid, home in HOMES.items()
    }
    return TownFacts(
        visits=tuple(sorted(visits, key=lambda one: one.starts_at)),
        persons=people,
        devices={f"d-{uid}": DeviceFacts(f"d-{uid}", "phone", frozenset({uid})) for uid in HOMES},
        companies={"c": CompanyFacts("c", (0.0, 0.0))},
        rule=RULE,
        cap_coins=1_000,
        year_ends_at=52 * 168.0,
        counters=frozenset({"counter"}),
    )
