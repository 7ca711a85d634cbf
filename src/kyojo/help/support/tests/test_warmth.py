"""Faces, words to know each other by, a line for the family, small gifts, a part to give."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.models import Notice, Person, Skill
from kyojo.civic.people.services import block_add
from kyojo.help.support import retention, services, warmth, warmth_selectors
from kyojo.help.support.errors import (
    ContactsFound,
    GiftTooMuch,
    GiftWorthMissing,
    LetterClosed,
    LetterConsentMissing,
    LetterEmpty,
    LetterNotYet,
    LinkLabelMissing,
    PartUnknown,
)
from kyojo.help.support.models import FamilyLink, Gift, Letter, Portrait
from kyojo.help.support.selectors import visit_for
from kyojo.help.support.services.warmth import warmth_forget
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    check_in,
    check_out,
    visit_make,
)
from kyojo.help.support.tests.test_parting import suspend
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.kernel.pictures import PictureWrong

pytestmark = pytest.mark.django_db


def photo(colour="pink"):
    written = BytesIO()
    Image.new("RGB", (1200, 900), colour).save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def ended(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    return uid


def send(cast, uid, *, by=None, at=END, order=None, **more):
    by = by or cast.supporter
    given = {"words": "お元気でしたよ。", "picture": None, "consent": True} | more
    with clock.frozen(at), tenant(by.municipality_id):
        return services.letter_send(uid=order or new_id(), visit_uid=uid, by=by, **given)


# --- the card -------------------------------------------------------------------------------------
def test_the_face_is_for_the_house_and_the_carer_while_a_visit_is_to_come(cast):
    uid = visit_make(cast)
    with tenant(MIDORI):
        with pytest.raises(PictureWrong):
            services.portrait_set(person=cast.supporter, picture=b"no picture")
        services.portrait_set(person=cast.supporter, picture=photo())
        services.portrait_set(person=cast.supporter, picture=photo("blue"))
        row = Portrait.objects.get()
        assert not bytes(row.picture_sealed).startswith(b"\xff\xd8")
        face = services.portrait_for(visit_uid=uid, by=cast.mother)
        assert max(Image.open(BytesIO(face)).size) == 640
        with pytest.raises(NotFound):
            services.portrait_for(visit_uid=uid, by=cast.second)
    with tenant(KITA):
        assert services.portrait_for(visit_uid=uid, by=cast.carer) == face
        with pytest.raises(NotFound):
            services.portrait_for(visit_uid=uid, by=cast.stranger)
        services.visit_cancel(visit_uid=uid, actor=cast.carer)
        with pytest.raises(NotFound):
            services.portrait_for(visit_uid=uid, by=cast.carer)
    with tenant(MIDORI):
        services.portrait_remove(person=cast.supporter)
        assert services.portrait_of(cast.supporter) is None


def test_tomorrow_s_cards_are_of_houses_that_said_yes(cast):
    uid = visit_make(cast)
    waiting = visit_make(cast, with_yes=False, starts_at=START + timedelta(hours=4))
    day = clock.local(START).date()
    with tenant(MIDORI):
        (card,) = warmth_selectors.cards_on(day)
        assert (card.visit_uid, card.house) == (uid, "青空 ふみ")
        assert card.name_parts == [("春風", "はるかぜ"), ("けん", "けん")]
        view = visit_for(cast.mother, uid)
        assert warmth_selectors.card_of(view).word == card.word in warmth.SHARED_WORDS
        assert warmth_selectors.cards_on(day + timedelta(days=1)) == []
    with tenant(KITA):
        assert warmth_selectors.cards_on(day) == [], "the place's town brings it round"
    assert waiting != uid


def test_a_word_follows_from_the_visit_and_the_key():
    uids = [new_id() for _ in range(200)]
    words = [warmth.shared_word(uid, key=b"a") for uid in uids]
    assert words == [warmth.shared_word(uid, key=b"a") for uid in uids]
    assert words != [warmth.shared_word(uid, key=b"b") for uid in uids]
    assert len(set(words)) > 20 and len(set(warmth.SHARED_WORDS)) == len(warmth.SHARED_WORDS)


# --- letters --------------------------------------------------------------------------------------
def test_a_line_reaches_the_carer_once_and_can_be_put_away(cast, ended):
    send(cast, ended, picture=photo())
    row = send(cast, ended, words="花の話をしました。")
    with tenant(KITA):
        (line,) = warmth_selectors.letters_of(cast.carer)
        assert (line.words, line.has_picture, line.by) == ("花の話をしました。", False, "春風")
        assert Notice.objects.filter(person=cast.carer, kind="letter").count() == 1
        assert "花".encode() not in bytes(Letter.objects.get().words_sealed)
        with pytest.raises(NotFound):
            services.letter_remove(uid=row.uid, by=cast.stranger)
        assert warmth_selectors.letters_of(cast.stranger) == []
    with tenant(MIDORI):
        (mine,) = warmth_selectors.letters_about(cast.mother)
        with pytest.raises(NotFound):
            services.letter_remove(uid=row.uid, by=cast.second)
        for _ in range(2):
            services.letter_remove(uid=mine.uid, by=cast.mother)
    with tenant(KITA):
        assert warmth_selectors.letters_of(cast.carer) == []
        assert Letter.objects.get().words_sealed is None
        services.family_link_make(uid=new_id(), carer=cast.carer, label="妹")
        with clock.frozen(END + timedelta(days=100)):
            assert set(retention.purge_due().values()) == {0}
        with clock.frozen(END + timedelta(days=366)):
            counts = retention.purge_due()
            assert (counts["letters"], counts["family_links"]) == (1, 1)
            again = retention.purge_due()
            assert (again["letters"], again["family_links"]) == (0, 0)
    # Positions have a job and a log of their own; that there was a visit stays.
    assert set(counts) == set(retention.KEPT) - {"positions", "visits"}


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"consent": False}, LetterConsentMissing),
        ({"words": " "}, LetterEmpty),
        ({"words": "電話は090-1234-5678です"}, ContactsFound),
        ({"picture": b"x"}, PictureWrong),
        ({"at": END + timedelta(days=8)}, LetterNotYet),
    ],
)
def test_no_line_goes_out_that_should_not(cast, ended, wrong, refusal):
    with pytest.raises(refusal):
        send(cast, ended, **wrong)
    for other in (cast.carer, cast.mother, cast.second):
        with pytest.raises(NotFound):
            send(cast, ended, by=other)
    with tenant(KITA):
        assert not Letter.objects.exists()


def test_a_line_that_is_sent_twice_does_not_bring_back_what_was_put_away(cast, ended):
    first, second = new_id(), new_id()
    send(cast, ended, order=first)
    row = send(cast, ended, order=second, words="花の話をしました。")
    with tenant(MIDORI):
        services.letter_remove(uid=row.uid, by=cast.mother)
    send(cast, ended, order=second, words="花の話をしました。")
    with tenant(KITA):
        assert warmth_selectors.letters_of(cast.carer) == []
    send(cast, ended, words="もう一度、聞きました。")
    with tenant(KITA):
        assert len(warmth_selectors.letters_of(cast.carer)) == 1


@pytest.mark.parametrize("who", ["carer", "mother", "supporter", "office"])
def test_nobody_writes_to_a_house_with_which_they_parted(cast, ended, who):
    if who == "office":
        suspend(cast.supporter, cast.officer)
    else:
        person = getattr(cast, who)
        other = cast.carer if who == "supporter" else cast.supporter
        with tenant(person.municipality_id):
            block_add(person=person, blocked_uid=other.uid)
    with pytest.raises(Suspended if who == "office" else LetterClosed):
        send(cast, ended)
    with tenant(KITA):
        assert not Letter.objects.exists()


def test_an_address_for_the_family_opens_until_it_ends(cast, ended):
    uid = new_id()
    with tenant(KITA):
        with pytest.raises(LinkLabelMissing):
            services.family_link_make(uid=uid, carer=cast.carer, label=" ")
        link, token = services.family_link_make(uid=uid, carer=cast.carer, label="弟")
        assert services.family_link_make(uid=uid, carer=cast.carer, label="弟") == (link, "")
        assert token not in str(FamilyLink.objects.values().get())
        assert services.family_link_open(token=token).carer == cast.carer
        assert [(one.label, one.is_over) for one in warmth_selectors.family_links(cast.carer)] == [
            ("弟", False)
        ]
        with clock.frozen(END + timedelta(days=91)), pytest.raises(NotFound):
            services.family_link_open(token=token)
        with pytest.raises(NotFound):
            services.family_link_end(uid=uid, carer=cast.stranger)
        services.family_link_end(uid=uid, carer=cast.carer)
        with pytest.raises(NotFound):
            services.family_link_open(token=token)
    with tenant(MIDORI), pytest.raises(NotFound):
        services.family_link_open(token=token)


# --- gifts and parts ------------------------------------------------------------------------------
def test_a_small_gift_is_noted_once_and_within_the_rule(cast, ended):
    def note(by, worth_yen):
        with tenant(by.municipality_id):
            return services.gift_note(
                uid=new_id(), visit_uid=ended, by=by, words="柿を3つ", worth_yen=worth_yen
            )

    for worth_yen, refusal in ((501, GiftTooMuch), (None, GiftWorthMissing)):
        with pytest.raises(refusal):
            note(cast.carer, worth_yen)
    with pytest.raises(NotFound):
        note(cast.supporter, 0)
    first = note(cast.mother, 0)
    assert note(cast.carer, 300).pk == first.pk
    with tenant(MIDORI):
        given = warmth_selectors.gift_of_visit(visit_for(cast.supporter, ended))
        assert (given.words, given.worth_yen) == ("柿を3つ", 0)
        assert Gift.objects.count() == 1
    assert warmth.gift_problem(0, 0) == "none"


def test_a_part_to_give_is_added_to_what_somebody_offers(cast):
    with tenant(KITA):
        with pytest.raises(PartUnknown):
            services.parts_give(person=cast.carer, parts=["fly"])
        with pytest.raises(PartUnknown):
            services.parts_give(person=cast.carer, parts=[])
        for _ in range(2):
            services.parts_give(person=cast.carer, parts=["phone", "postcard"])
        assert Person.objects.get(pk=cast.carer.pk).supporter_since is not None
        skills = dict(Skill.objects.filter(person=cast.carer).values_list("category", "note"))
    assert skills == {"talk": "電話で話し相手・はがきや手紙を書く"}
    with tenant(MIDORI):
        services.parts_give(person=cast.supporter, parts=["garden"])
        mine = dict(Skill.objects.filter(person=cast.supporter).values_list("category", "note"))
    assert mine["garden"] == "草取り・庭や花のことを教える" and {"talk", "shopping"} <= set(mine)
    full = {"talk": "あ" * 118}
    assert warmth.skills_with(full, ["phone"]) == full, "no word of theirs is cut"


def test_faces_letters_and_addresses_go_with_a_person(cast, ended):
    send(cast, ended)
    with tenant(MIDORI):
        services.portrait_set(person=cast.supporter, picture=photo())
    with tenant(KITA):
        services.family_link_make(uid=new_id(), carer=cast.carer, label="弟")
        for _ in range(2):
            warmth_forget(person_uid=cast.carer.uid)
        assert not Letter.objects.exists() and not FamilyLink.objects.exists()
    with tenant(MIDORI):
        warmth_forget(person_uid=cast.supporter.uid)
        assert not Portrait.objects.exists()
