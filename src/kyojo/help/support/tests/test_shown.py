"""What whoever comes may see, and until when: words about health while they are agreed to, points
on a map while the address is open."""

from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.consent_selectors import agreed_among
from kyojo.civic.people.models import Consent, ConsentText
from kyojo.civic.people.services import consent_give, consent_text_publish
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.selectors import visitor_note_of
from kyojo.help.support import forgetting, own_data, retention, selectors
from kyojo.help.support.models import Visit
from kyojo.kernel import clock

from .cast import END, KITA, MIDORI, START, check_in, check_out, visit_make

HEALTH = ConsentText.Kind.HEALTH
NOTE = "耳が少し遠いので、ゆっくり話してください"
NEW_TEXT = {
    "purpose": "何のため", "recipients": "だれに", "kept": "1年", "follows": "消します",
}  # fmt: skip


def notes(cast, uid):
    """The note as whoever comes, the house and the desk read it; and as who wrote it does."""
    with tenant(MIDORI):
        found = [
            selectors.visit_for(one, uid).recipient["note"] for one in (cast.supporter, cast.mother)
        ]
    with tenant(KITA):
        found.append(visitor_note_of(HelpRequest.objects.get()))
        own = selectors.visit_for(cast.carer, uid).recipient["note"]
    return set(found), own


def test_words_about_health_are_read_only_while_they_are_agreed_to(cast):
    uid = visit_make(cast)
    assert notes(cast, uid) == ({NOTE}, NOTE)
    with tenant(KITA):
        Consent.objects.all().delete()  # written before anybody was asked
    assert notes(cast, uid) == ({""}, NOTE)
    with tenant(KITA):
        consent_give(person=cast.carer, kind=HEALTH)
    assert notes(cast, uid) == ({NOTE}, NOTE)
    with tenant(KITA):
        day = clock.today() + timedelta(days=1)
        for asks_again, words in ((False, "言いかえ"), (True, "新しい文")):
            consent_text_publish(
                kind=HEALTH, effective_from=day, asks_again=asks_again, by=cast.kita_officer,
                words=words, **NEW_TEXT,
            )  # fmt: skip
    assert notes(cast, uid) == ({NOTE}, NOTE), "the new text is not in force yet"
    with clock.frozen(clock.at(day, 9)):
        assert notes(cast, uid) == ({""}, NOTE), "they are asked again"
        with tenant(KITA):
            consent_give(person=cast.carer, kind=HEALTH)
            assert agreed_among([cast.carer.uid, cast.stranger.uid], HEALTH) == {cast.carer.uid}
        assert notes(cast, uid) == ({NOTE}, NOTE)


def kept_notes(uid):
    found = set()
    for town in (KITA, MIDORI):
        with tenant(town):
            found.add(Visit.objects.get(uid=uid).recipient_card.get("note"))
    return found


def test_words_about_health_go_with_the_address_after_a_year_and_with_who_wrote_them(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    for town in (KITA, MIDORI):
        with tenant(town):
            Visit.objects.update(state="settled")
    for days, left in ((364, {NOTE}), (365, {""}), (366, {""})):
        for town in (KITA, MIDORI):
            with clock.frozen(END + timedelta(days=days)), tenant(town):
                retention.purge_due()
        assert kept_notes(uid) == left
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).recipient_card["name"] == "青空 ふみ"


def test_who_wrote_them_takes_them_along(cast):
    uid = visit_make(cast)
    forgetting.person_forget(person=cast.carer)
    assert kept_notes(uid) == {""}


@pytest.mark.parametrize("days", [0, 1])
def test_points_of_a_map_close_with_the_address_and_the_words_stay(cast, days):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    with clock.frozen(END + timedelta(days=days)):
        with tenant(MIDORI):
            came = selectors.visit_for(cast.supporter, uid)
            [data] = [
                one for one in own_data.person_data(cast.supporter) if one.code == "positions"
            ]
        with tenant(KITA):
            asked = selectors.visit_for(cast.carer, uid)
    is_open = days == 0
    assert (came.address != "") == came.address_is_open == is_open
    assert [one.latitude is not None for one in came.seen] == [is_open] * 2
    assert all(row["latitude"] is not None for row in data.plain()), "one's own, to take away"
    assert all(one.is_near and one.accuracy_m == 18 for one in came.seen)
    assert [round(one.latitude, 4) for one in asked.seen] == [34.8601] * 2, "the carer sees them"


def test_nothing_of_a_map_shows_before_the_house_has_said_yes(cast):
    uid = visit_make(cast, with_yes=False)
    with clock.frozen(START - timedelta(hours=1)), tenant(MIDORI):
        view = selectors.visit_for(cast.supporter, uid)
    assert (view.latitude, view.recipient, view.seen) == (None, {}, [])
