"""What must stand before a visit may begin, beside the yes of the house. Pure.

A kind of help may ask for another adult in the house, and for a first meeting (顔合わせ) before the
first visit of this pair. Which kinds do is in the programme's document.
"""

from dataclasses import dataclass
from datetime import timedelta

#: Somebody may be the other adult from this age on.
ADULT_FROM_YEARS = 18
#: How long a first meeting may be planned for; it costs no coins.
MEETING_MINUTES = (15, 30)
MEETING_AHEAD_MAX = timedelta(days=60)
#: Where people meet for the first time.
MEETING_PLACES = {
    "home": "お宅で",
    "public": "公共の場所で",
    "online": "電話かビデオ通話で",
}
#: Who the other adult is.
SECOND_KINDS = {
    "carer": "たのんだ人が家にいます",
    "family": "ほかの家族やおとなが家にいます",
    "supporter": "もう1人のサポーターが来ます",
}


@dataclass(frozen=True)
class Needs:
    """What the programme asks for before a visit of a kind of help, and what there is."""

    two_adults: bool
    first_meeting: bool
    has_second: bool = False
    has_met: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """ "meeting", "second_adult": what must be done first, in this order."""
        found = []
        if self.first_meeting and not self.has_met:
            found.append("meeting")
        if self.two_adults and not self.has_second:
            found.append("second_adult")
        return tuple(found)
