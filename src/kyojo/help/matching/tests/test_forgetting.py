"""Forgetting somebody leaves no trace of who was asked, and the books whole."""

from datetime import date, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.models import Notice, Person, PersonAccount
from kyojo.help.matching import services
from kyojo.help.matching.models import (
    Ask,
    Offer,
    PairTally,
    SupporterRating,
    SupporterTally,
)
from kyojo.help.matching.services import forgetting
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, cast_make, garden_open
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.ids import new_id


@pytest.fixture
def town(towns):
    """Ken was asked in a wave, said no, and had come before."""
    with clock.frozen(NOW):
        cast = cast_make(towns)
        with tenant(KITA):
            request = garden_open(cast)
            services.offers_broadcast(
                order_id=new_id(),
                request_uid=request.uid,
                carer=cast.minami,
                decide="self",
                wait_until=clock.now() + timedelta(hours=24),
            )
            cast.others = Ask.objects.exclude(supporter_uid=cast.ken.uid).count()
        services.tally_add(
            supporter_uid=cast.ken.uid,
            supporter_municipality_id=MIDORI,
            carer_uid=cast.minami.uid,
            carer_municipality_id=KITA,
            recipient_uid=cast.fumi.uid,
            category="garden",
            minutes=120,
        )
        services.rating_add(supporter_uid=cast.ken.uid, supporter_municipality_id=MIDORI, rating=5)
        cast.request = request
        yield cast


def declined(cast, who: Person) -> None:
    with tenant(MIDORI):
        offer = Offer.objects.get(supporter=who)
        services.offer_decline(offer_uid=offer.uid, supporter=who)


def traces(cast, who: Person) -> list[str]:
    """The tables of any town in which the person's id, name or reading still stands, other than
    the person's own and what is kept by law of acts."""
    found = []
    words = (str(who.uid), who.family_name)
    for model in (Ask, Offer, PairTally, SupporterTally, SupporterRating):
        for code in (KITA, MIDORI):
            with tenant(code):
                kept = [str(row) for row in model.objects.values()]
            if any(word in row for word in words for row in kept):
                found.append(f"{model.__name__} {code}")
    return found


def named(code: int, who: Person, *, told: Person | None = None) -> bool:
    """Whether a notice in town ``code`` (to ``told``) has the person's name."""
    with tenant(code):
        found = Notice.objects.filter(title__contains=who.family_name)
        return (found if told is None else found.filter(person=told)).exists()


def test_nothing_of_them_is_left_and_the_log_still_learns(town):
    declined(town, town.ken)
    assert traces(town, town.ken) != []
    with tenant(KITA):
        asks = Ask.objects.count()
        purse = coins.purse(town.minami)
    services.person_forget(person=town.ken)
    services.person_forget(person=town.ken)
    assert traces(town, town.ken) == []
    with tenant(MIDORI):
        assert not SupporterTally.objects.filter(person=town.ken).exists()
        assert not SupporterRating.objects.filter(person=town.ken).exists()
        assert not PersonAccount.objects.filter(person=town.ken).exists()
        offer = Offer.objects.filter(request_uid=town.request.uid, supporter=None).get()
    with tenant(KITA):
        assert Ask.objects.count() == asks
        twin = Offer.objects.get(uid=offer.uid)
        assert (twin.supporter_uid, twin.card["name"]) == (offer.supporter_uid, "（退会した人）")
        ask = Ask.objects.get(offer_uid=offer.uid)
        assert (ask.supporter_uid, ask.answer) == (offer.supporter_uid, "no")
        assert PairTally.objects.count() == 0
        assert coins.purse(town.minami) == purse
        assert Ask.objects.exclude(supporter_uid=offer.supporter_uid).count() == town.others


def test_what_others_were_told_by_name_goes_as_well(town):
    declined(town, town.ken)
    with tenant(KITA):
        asked = garden_open(town, starts_at=clock.at(date(2026, 12, 5), 9))
        direct = services.offer_ask(
            order_id=new_id(),
            request_uid=asked.uid,
            carer=town.minami,
            supporter_uid=town.ken.uid,
            supporter_municipality_id=MIDORI,
        )
    with tenant(MIDORI):
        services.offer_decline(offer_uid=direct.uid, supporter=town.ken)
    assert named(KITA, town.ken) and named(MIDORI, town.minami)
    services.person_forget(person=town.ken)
    assert not named(KITA, town.ken) and not named(MIDORI, town.minami, told=town.ken)


def test_a_carers_name_goes_from_those_who_were_asked(town):
    with tenant(KITA):
        told = Offer.objects.filter(request_uid=town.request.uid).values_list("uid", flat=True)
        asked = [f"offer:{uid}:asked" for uid in told]
    services.person_forget(person=town.minami)
    with tenant(MIDORI):
        assert asked and not Notice.objects.filter(key__in=asked).exists()


def test_who_is_asked_in_the_same_moment_is_not_forgotten(town, monkeypatch):
    declined(town, town.ken)
    with tenant(KITA):
        second = garden_open(town, starts_at=clock.at(date(2026, 12, 5), 9))

    def emptied_late(*given) -> None:
        with tenant(KITA):
            services.offer_ask(
                order_id=new_id(),
                request_uid=second.uid,
                carer=town.minami,
                supporter_uid=town.ken.uid,
                supporter_municipality_id=MIDORI,
            )
        emptied(*given)

    emptied = forgetting._card_empty
    monkeypatch.setattr(forgetting, "_card_empty", emptied_late)
    before = traces(town, town.ken)
    with pytest.raises(Refusal, match="still_promised"):
        services.person_forget(person=town.ken)
    assert traces(town, town.ken) == before


def test_whoever_is_still_asked_is_not_forgotten(town):
    before = traces(town, town.ken)
    with pytest.raises(Refusal, match="still_promised"):
        services.person_forget(person=town.ken)
    assert traces(town, town.ken) == before


def test_a_carer_is_forgotten_by_those_who_came(town):
    services.person_forget(person=town.minami)
    with tenant(KITA):
        assert PairTally.objects.count() == 0
    with tenant(MIDORI):
        assert SupporterTally.objects.filter(person=town.ken).count() == 1


def test_a_recipient_is_forgotten_in_the_carers_town(town):
    services.person_forget(person=town.fumi)
    with tenant(KITA):
        assert PairTally.objects.count() == 0


def test_the_desk_gives_a_basis(town):
    declined(town, town.ken)
    with pytest.raises(Refusal):
        services.person_forget(person=town.ken, by=town.ken.user, basis="phone")
    assert traces(town, town.ken) != []
