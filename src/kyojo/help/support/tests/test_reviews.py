"""Reviews both ways: thanks at once, ratings together, trouble for the office alone."""

from datetime import timedelta

import pytest

from kyojo.civic.municipalities.rounds import TownsFailed
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.services import block_add
from kyojo.civic.people.services.suspensions import suspension_begin
from kyojo.help.matching.models import PairTally, SupporterRating
from kyojo.help.support import own_data, selectors, services
from kyojo.help.support.errors import (
    ContactsFound,
    HideReasonMissing,
    OwnMatter,
    RatingUnknown,
    ReviewAlready,
    ReviewClosed,
    ReviewNotYet,
)
from kyojo.help.support.models import Review
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from .cast import (
    END,
    KITA,
    MIDORI,
    WEEK_BEFORE,
    cast_make,
    check_in,
    check_out,
    visit_make,
)

pytestmark = pytest.mark.django_db
LATER = END + timedelta(hours=1)
OPENED = END + timedelta(days=7, minutes=1)


@pytest.fixture
def cast(standing):
    made = standing
    with clock.frozen(WEEK_BEFORE):
        made.uid = visit_make(made)
    check_in(made, made.uid)
    check_out(made, made.uid)
    with clock.frozen(END + timedelta(minutes=5)), tenant(KITA):
        services.visit_confirm(visit_uid=made.uid, carer=made.carer)
    return made


def thank(cast, *, at=LATER, order=None, **fields):
    with clock.frozen(at), tenant(KITA):
        return services.review_write(
            order_id=order or new_id(), visit_uid=cast.uid, writer=cast.carer, **fields
        )


def judge(cast, *, at=LATER, order=None, **fields):
    with clock.frozen(at), tenant(MIDORI):
        return services.review_write(
            order_id=order or new_id(), visit_uid=cast.uid, writer=cast.supporter, **fields
        )


def seen(cast, role, *, at=LATER):
    code, person = (KITA, cast.carer) if role == "carer" else (MIDORI, cast.supporter)
    with clock.frozen(at), tenant(code):
        view = selectors.visit_for(person, cast.uid)
        return view.review_back if role == "carer" else view.review


def rated(cast):
    with tenant(MIDORI):
        row = SupporterRating.objects.filter(person=cast.supporter).first()
        return (row.rating_sum, row.rating_count) if row else None


def told(cast, person, kind):
    with tenant(person.municipality_id):
        return Notice.objects.filter(person=person, kind=kind).count()


def test_thanks_are_read_at_once_and_ratings_open_together(cast):
    order = new_id()
    thank(
        cast,
        order=order,
        rating=5,
        tags=["careful", "again", "bogus"],
        message="ありがとう",
        is_public=True,
    )
    thank(cast, order=order, rating=5)
    with pytest.raises(ReviewAlready):
        thank(cast, rating=3)
    words = seen(cast, "supporter")
    assert (words.rating, words.tag_words, words.message) == (None, [], "ありがとう")
    assert told(cast, cast.supporter, "review_written") == 1
    judge(cast, message="こちらこそ")  # a line back is no judgement and opens nothing
    assert seen(cast, "supporter").rating is None
    assert rated(cast) is None
    with clock.frozen(LATER), tenant(MIDORI):
        assert selectors.reviews_about(cast.supporter.uid) == []
        assert selectors.tags_public(cast.supporter.uid) == {}

    judge(cast, rating=4, tags=["ready", "careful"], message="また、うかがいます")
    theirs = seen(cast, "supporter")
    assert (theirs.rating_words, theirs.tag_words) == (
        "とてもよかった",
        ["ていねい", "また来てほしい"],
    )
    back = seen(cast, "carer")
    assert (back.rating, back.tag_words, back.message) == (
        4,
        ["準備がしてあった"],
        "また、うかがいます",
    )
    assert rated(cast) == (5, 1)
    assert (
        told(cast, cast.carer, "review_opened") == told(cast, cast.supporter, "review_opened") == 1
    )
    with clock.frozen(OPENED):
        assert services.reviews_reveal_due() == 0
    assert rated(cast) == (5, 1)
    with clock.frozen(LATER), tenant(MIDORI):
        assert selectors.tags_public(cast.supporter.uid) == {"ていねい": 1, "また来てほしい": 1}
        with pytest.raises(ReviewAlready):
            services.review_write(
                order_id=new_id(), visit_uid=cast.uid, writer=cast.supporter, rating=5
            )
    with tenant(KITA):
        assert selectors.visit_for(cast.carer, cast.uid).answer.message == "こちらこそ"
        assert selectors.visit_for(cast.carer, cast.uid).can_review is False


def test_time_opens_what_only_one_wrote_and_then_nobody_answers_it(cast):
    thank(cast, rating=3)
    assert seen(cast, "supporter") is None
    assert seen(cast, "supporter", at=OPENED - timedelta(minutes=2)) is None
    assert seen(cast, "supporter", at=OPENED).rating == 3  # also before the job came by
    with clock.frozen(OPENED):
        assert services.reviews_reveal_due() == 1
        assert services.reviews_reveal_due() == 0
    assert rated(cast) == (3, 1)
    with pytest.raises(ReviewClosed):
        judge(cast, at=OPENED, rating=3)
    with tenant(MIDORI):
        assert not Review.objects.filter(writer_role="supporter").exists()
    judge(cast, at=OPENED, message="ありがとうございました")  # thanks are never too late


def test_own_data_show_no_review_before_it_opens(cast):
    def about(person):
        with tenant(person.municipality_id):
            return own_data._about(person).rows

    judge(cast, rating=3, tags=["ready"], message="坂が急でした")
    assert about(cast.carer) == ()
    thank(cast, rating=1, message="困りました")
    assert [row[3] for row in about(cast.carer)] == ["坂が急でした"]
    assert about(cast.supporter) == ()


def test_a_visit_whose_reviews_cannot_open_keeps_no_other_waiting(cast, monkeypatch):
    thank(cast, rating=5)
    broken = new_id()
    with tenant(KITA):
        row = Review.objects.get()
        row.pk, row.uid, row.visit_uid = None, new_id(), broken
        row.at = row.at - timedelta(days=1)
        row.save(force_insert=True)
    with clock.frozen(OPENED), pytest.raises(TownsFailed):
        services.reviews_reveal_due()
    assert rated(cast) == (5, 1)


def test_whoever_writes_late_and_first_is_read_at_once_and_not_answered(cast):
    judge(cast, at=OPENED, rating=4)
    assert seen(cast, "carer", at=OPENED).rating == 4
    with pytest.raises(ReviewClosed):
        thank(cast, at=OPENED, rating=5)


@pytest.mark.parametrize("first", ["trouble", "other"])
def test_trouble_is_the_offices_alone(cast, first):
    acts = [
        lambda: thank(
            cast, rating=1, tags=["careful"], message="言葉がきつかったです", is_public=True
        ),
        lambda: judge(cast, rating=4),
    ]
    for act in acts if first == "trouble" else reversed(acts):
        act()
    with tenant(MIDORI):
        assert [r.message for r in selectors.reviews_trouble()] == ["言葉がきつかったです"]
        assert selectors.reviews_about(cast.supporter.uid) == []
        assert selectors.tags_public(cast.supporter.uid) == {}
    for at in (LATER, OPENED):
        assert seen(cast, "supporter", at=at) is None
    assert seen(cast, "carer").rating == 4  # the carer has written, so they may read
    assert told(cast, cast.supporter, "review_written") == 0
    assert told(cast, cast.supporter, "review_opened") == 0
    with clock.frozen(OPENED):
        services.reviews_reveal_due()
    assert rated(cast) is None
    with tenant(KITA):
        assert PairTally.objects.get().rating_last == 1


def test_trouble_of_a_supporter_is_not_told_the_carer_nor_their_town(cast):
    judge(cast, rating=1, message="約束の時間にいませんでした")
    thank(cast, rating=5)
    assert seen(cast, "carer", at=OPENED) is None
    with tenant(KITA):
        assert not selectors.reviews_trouble().exists()
    with tenant(MIDORI):
        assert selectors.reviews_trouble().count() == 1


def test_words_with_contacts_are_refused_by_name_and_nothing_is_kept(cast):
    for call in (
        lambda: thank(cast, rating=5, message="電話は０９０－１２３４－５６７８です"),
        lambda: judge(cast, rating=5, message="LINEのIDはhana_kaze"),
        lambda: judge(cast, message="hana@example.jp"),
    ):
        with pytest.raises(ContactsFound):
            call()
    with pytest.raises(ContactsFound) as refused:
        thank(cast, rating=5, message="電話は０９０－１２３４－５６７８です")
    assert "電話番号（０９０－１２３４－５６７８）" in refused.value.message()
    with pytest.raises(RatingUnknown):
        thank(cast, rating=2)
    for code in (KITA, MIDORI):
        with tenant(code):
            assert not Review.objects.exists()


def test_the_office_hides_a_review_and_tells_its_writer_why(cast):
    review = thank(cast, rating=5, tags=["careful"], message="ありがとう", is_public=True)
    judge(cast, rating=5)
    assert rated(cast) == (5, 1)
    with clock.frozen(LATER), tenant(KITA):
        with pytest.raises(HideReasonMissing):
            services.review_hide(
                visit_uid=cast.uid, review_uid=review.uid, by=cast.kita_officer, reason=" "
            )
        with pytest.raises(NotFound):
            services.review_hide(
                visit_uid=cast.uid, review_uid=new_id(), by=cast.kita_officer, reason="x"
            )
        with pytest.raises(NotFound):
            services.review_hide(
                visit_uid=cast.uid, review_uid=review.uid, by=cast.carer.user, reason="x"
            )
        for _ in range(2):
            services.review_hide(
                visit_uid=cast.uid,
                review_uid=review.uid,
                by=cast.kita_officer,
                reason="ほかの人の名前が書いてあるため",
            )
        assert Act.objects.filter(action="review_hide").count() == 1
        mine = selectors.visit_for(cast.carer, cast.uid).review
        assert mine.hidden_reason == "ほかの人の名前が書いてあるため"
    assert seen(cast, "supporter") is None
    assert rated(cast) == (0, 0)
    assert told(cast, cast.carer, "review_hidden") == 1
    with clock.frozen(LATER), tenant(MIDORI):
        assert selectors.tags_public(cast.supporter.uid) == {}
        assert len(selectors.reviews_of_visit(cast.uid)) == 2
        services.review_show(visit_uid=cast.uid, review_uid=review.uid, by=cast.officer)
    assert seen(cast, "supporter").rating == 5
    assert rated(cast) == (5, 1)


def test_nobody_hides_what_was_said_of_themselves(cast):
    review = thank(cast, rating=3)
    with clock.frozen(LATER), tenant(MIDORI):
        from kyojo.civic.people.services import staff_role_add

        staff_role_add(
            user=cast.supporter.user,
            number=f"S-{cast.supporter.user.pk}",
            role="office",
            title="事務局",
            name="係 二郎",
            name_kana="カカリ ジロウ",
        )
        with pytest.raises(OwnMatter):
            services.review_hide(
                visit_uid=cast.uid, review_uid=review.uid, by=cast.supporter.user, reason="x"
            )
    assert seen(cast, "supporter", at=OPENED).rating == 3


def test_whoever_is_blocked_is_read_no_more(cast):
    thank(cast, rating=5, message="ありがとう")
    judge(cast, rating=5)
    with tenant(MIDORI):
        block_add(person=cast.supporter, blocked_uid=cast.carer.uid)
    assert seen(cast, "supporter") is None
    assert seen(cast, "carer") is None
    with tenant(KITA):
        assert len(selectors.reviews_of_visit(cast.uid)) == 2


def test_whoever_is_suspended_is_not_read_and_tells_of_trouble_only(cast):
    thank(cast, rating=5, message="ありがとう")
    with clock.frozen(LATER), tenant(KITA):
        suspension_begin(
            uid=new_id(),
            person=cast.carer,
            by=cast.kita_officer,
            reason="確かめています",
            until=LATER + timedelta(days=2),
        )
    assert seen(cast, "supporter") is None
    assert seen(cast, "supporter", at=OPENED).rating == 5
    with clock.frozen(LATER), tenant(MIDORI):
        suspension_begin(
            uid=new_id(),
            person=cast.supporter,
            by=cast.officer,
            reason="確かめています",
            until=LATER + timedelta(days=2),
        )
    with pytest.raises(Suspended):
        judge(cast, rating=5)
    assert judge(cast, rating=1, message="約束の時間にいませんでした").rating == 1


def test_outsiders_and_the_one_visited_say_nothing(cast):
    for code, person in ((KITA, cast.stranger), (MIDORI, cast.second), (MIDORI, cast.mother)):
        with clock.frozen(LATER), tenant(code), pytest.raises(NotFound):
            services.review_write(order_id=new_id(), visit_uid=cast.uid, writer=person, rating=5)
    with clock.frozen(LATER), tenant(MIDORI):
        view = selectors.visit_for(cast.mother, cast.uid)
        assert (view.review, view.review_back, view.can_review) == (None, None, False)


def test_before_the_end_there_is_nothing_to_say(towns):
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        cast.uid = visit_make(cast)
    for call in (lambda: thank(cast, rating=5), lambda: judge(cast, rating=5)):
        with pytest.raises(ReviewNotYet):
            call()
