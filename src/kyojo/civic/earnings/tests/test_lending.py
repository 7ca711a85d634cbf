"""A currency begins to go round: start units once, help on credit, and the first that comes back
returns what was lent. Units are made and unmade by the issuer alone."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kyojo.civic.earnings import circulation_selectors, selectors, services
from kyojo.civic.earnings.accounts import balances
from kyojo.civic.earnings.errors import (
    BirthDateNeeded,
    LentMostReached,
    MayNotStart,
    NotEnough,
    NothingToStart,
    RecordDiffers,
)
from kyojo.civic.earnings.models import Movement
from kyojo.civic.earnings.testing import install, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, Person
from kyojo.civic.people.testing import FUMI, JUN, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors as ledger

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 18)
CODE = "time"  # starts with 60 minutes, lends up to 120


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def three(towns):
    install(towns.midori.id, CODE)
    return tuple(make_supporter(towns.midori.id, who) for who in (FUMI, KEN, JUN))


def start(person, code=CODE, **fields):
    with tenant(person.municipality_id):
        return services.circulation_start(programme_code=code, person=person, **fields)


def hand(giver, receiver, amount, use="help", uid=None, code=CODE):
    with tenant(giver.municipality_id):
        return services.units_hand(
            uid=uid or new_id(),
            programme_code=code,
            giver=giver,
            receiver_number=receiver.number,
            amount=amount,
            use=use,
        )


def stands(person, code=CODE):
    """(what can be used, what is lent out)."""
    with tenant(person.municipality_id):
        programme = selectors.ruled(code).programme
        return (
            selectors.wallet(programme, person).available,
            circulation_selectors.outstanding(programme, person),
        )


def issued(town, code=CODE):
    with tenant(town):
        issuer = selectors.ruled(code).programme.issuer_account
        return -ledger.balance(ledger=town, account=issuer).posted


def kinds(town):
    with tenant(town):
        return [(row.kind, row.amount) for row in Movement.objects.order_by("id")]


def test_everybody_begins_once(three):
    fumi, ken, _ = three
    first = start(fumi)
    assert start(fumi).pk == first.pk
    assert start(fumi, by=make_officer(fumi.municipality_id), basis="phone").pk == first.pk
    assert stands(fumi) == (60, 0)
    assert stands(ken) == (0, 0)
    start(ken, by=make_officer(ken.municipality_id), basis="phone")
    assert issued(ken.municipality_id) == 120
    with tenant(ken.municipality_id):
        [act] = Act.objects.filter(action="circulation_started")
        assert (act.subject_id, act.basis) == (str(ken.uid), "phone")


def test_who_has_no_tie_to_the_town_and_who_is_too_young_does_not_begin(towns, three):
    fumi, _, _ = three
    stand(fumi, "none", lives=False)
    with pytest.raises(MayNotStart, match="may_not_start") as refused:
        start(fumi)
    assert "この自治体に住んでいるか、働いているか、学んでいる人" in refused.value.message()
    document = preset(CODE).replace(
        'relation = ["lives", "works", "studies"]',
        'relation = ["lives"]\n[[who.any_of]]\nage_from = 40',
    )
    install(towns.kita.id, CODE, document=document)
    young = make_supporter(towns.kita.id, JUN)
    with pytest.raises(MayNotStart):
        start(young)
    with tenant(towns.kita.id):
        Person.objects.filter(pk=young.pk).update(birth_date=None)
        young.refresh_from_db()
    with pytest.raises(BirthDateNeeded):
        start(young)
    start(make_supporter(towns.kita.id, KEN))
    assert kinds(towns.midori.id) == []
    assert kinds(towns.kita.id) == [("started", 60)]


def test_where_nothing_is_given_nobody_begins(towns, three):
    install(towns.midori.id, "exchange")
    for code, error in (("exchange", NothingToStart), ("yokohama", NotFound)):
        with pytest.raises(error):
            start(three[0], code)
    assert kinds(towns.midori.id) == []


def test_what_is_missing_for_help_is_lent_and_returned_by_helping(three):
    fumi, ken, jun = three
    start(fumi)
    start(ken)
    uid = new_id()
    for _ in range(2):  # a double press
        hand(fumi, ken, 150, uid=uid)
    assert stands(fumi) == (0, 90)
    assert stands(ken) == (210, 0)
    assert kinds(fumi.municipality_id)[2:] == [("handed", 150), ("advanced", 90)]
    # the first that comes returns it: part, then the rest, then nothing
    hand(ken, fumi, 60)
    assert stands(fumi) == (0, 30)
    hand(ken, fumi, 50, use="family")
    assert stands(fumi) == (20, 0)
    hand(jun, fumi, 10)  # jun has nothing: lent as well
    assert stands(fumi) == (30, 0)
    assert stands(jun) == (0, 10)
    assert issued(fumi.municipality_id) == 30 + 100
    with tenant(fumi.municipality_id):
        told = Notice.objects.filter(person=fumi, kind="units_handed").order_by("id")
        assert "このうち60分は、前貸しの分として" in told[0].body
        assert told[2].body == ""


def test_to_begin_late_returns_what_was_lent_before(three):
    fumi, ken, _ = three
    hand(fumi, ken, 100)
    assert stands(fumi) == (0, 100)
    start(fumi)
    assert stands(fumi) == (0, 40)


def test_no_more_is_lent_than_the_document_says_and_never_for_presents(three):
    fumi, ken, _ = three
    start(fumi)
    for amount, use, error in (
        (181, "help", LentMostReached),
        (61, "family", NotEnough),
        (10**9, "help", LentMostReached),
    ):
        with pytest.raises(error) as refused:
            hand(fumi, ken, amount, use)
        assert "{" not in refused.value.message()
    assert kinds(fumi.municipality_id) == [("started", 60)]
    hand(fumi, ken, 180)
    assert stands(fumi) == (0, 120)
    with pytest.raises(NotEnough):
        hand(fumi, ken, 1)
    assert stands(ken) == (180, 0)


def test_another_order_under_the_id_is_refused(three):
    fumi, ken, jun = three
    uid = new_id()
    hand(fumi, ken, 30, uid=uid)
    for giver, receiver, amount, use in (
        (fumi, ken, 31, "help"),
        (fumi, jun, 30, "help"),
        (jun, ken, 30, "help"),
        (fumi, ken, 30, "family"),
    ):
        with pytest.raises(RecordDiffers):
            hand(giver, receiver, amount, use, uid=uid)
    assert kinds(fumi.municipality_id) == [("handed", 30), ("advanced", 30)]


def test_units_of_a_year_that_ends_return_what_was_lent_in_that_year(towns):
    """The lent part and what the giver had are of one vintage: one leg, not two."""
    document = preset(CODE).replace("[expiry]\n", "[expiry]\nearned_years = 1\n")
    install(towns.midori.id, CODE, document=document)
    fumi, ken = (make_supporter(towns.midori.id, who) for who in (FUMI, KEN))
    start(fumi)
    hand(fumi, ken, 70)
    with clock.frozen(clock.at(date(2027, 5, 1), 9)):
        start(ken)
        hand(ken, fumi, 100)  # 70 of the older vintage first, 30 of the younger
        with tenant(fumi.municipality_id):
            programme = selectors.ruled(CODE).programme
            found = balances(programme=programme, person_id=fumi.pk)
        assert {vintage: one.available for vintage, (_, one) in found.items()} == {
            2027: 60,
            2028: 30,
        }
        assert stands(fumi) == (90, 0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.integers(0, 2)),
        st.tuples(
            st.just("hand"),
            st.integers(0, 2),
            st.integers(0, 2),
            st.integers(0, 200),
            st.sampled_from(["help", "family"]),
        ),
    ),
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_people_do_the_books_agree(three, steps):
    """A model in three numbers per person: nothing appears, nothing is lent beyond the limit."""
    town = three[0].municipality_id
    had = [stands(person) for person in three]
    issued_before = issued(town)
    have, owe = [one[0] for one in had], [one[1] for one in had]
    begun = [bool(_started(person)) for person in three]
    for step in steps:
        if step[0] == "start":
            who = step[1]
            start(three[who])
            if not begun[who]:
                back = min(owe[who], 60)
                owe[who] -= back
                have[who] += 60 - back
                begun[who] = True
            continue
        _, giver, receiver, amount, use = step
        lent = max(amount - have[giver], 0)
        allowed = (
            giver != receiver
            and amount > 0
            and (lent == 0 or (use == "help" and owe[giver] + lent <= 120))
        )
        try:
            hand(three[giver], three[receiver], amount, use)
        except Refusal:
            assert not allowed, step
            continue
        assert allowed, step
        back = min(owe[receiver], amount)
        owe[giver] += lent
        have[giver] -= amount - lent
        owe[receiver] -= back
        have[receiver] += amount - back
    assert [stands(person) for person in three] == list(zip(have, owe, strict=True))
    made = 60 * sum(begun) + sum(owe)
    assert issued(town) == sum(have) == made
    assert issued_before <= 60 * 3 + 120 * 3


def _started(person):
    with tenant(person.municipality_id):
        return circulation_selectors.start_of(selectors.ruled(CODE).programme, person)
