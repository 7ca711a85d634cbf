"""People under 18: what an adult's yes opens, who may give it, and when it falls away."""

from datetime import date

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import minors, selectors, services
from kyojo.civic.people import minors_domain as domain
from kyojo.civic.people.errors import (
    AgreementByCaredFor,
    AgreementMissing,
    AgreementNotCoordinator,
    AgreementNotNeeded,
    BasisMissing,
    BirthDateByOffice,
    GuardianNeeded,
    OrderDiffers,
    YoungCarerTooOld,
)
from kyojo.civic.people.models import Act, Agreement, CareContact, Notice, Person
from kyojo.civic.people.testing import (
    FUMI,
    MINAMI,
    Who,
    make_care_place,
    make_carer,
    make_coordinator,
    make_officer,
    make_supporter,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 10)
SORA = Who("sora", "若葉 そら", "わかば そら", date(2009, 3, 2))  # 17
GUARDIAN = {
    "kind": "guardian",
    "basis": "phone",
    "name": "若葉 まき",
    "kana": "わかば まき",
    "relation": "祖母",
    "phone": "090-0000-1111",
}


@pytest.fixture(autouse=True)
def now():
    with clock.frozen(NOW):
        yield


def agree(person, by, /, **fields) -> Agreement:
    with tenant(person.municipality_id):
        return services.agreement_record(
            **{"uid": new_id(), "person": person, "by": by} | GUARDIAN | fields
        )


@pytest.mark.parametrize(
    ("born", "day", "is_minor"),
    [
        (date(2008, 11, 20), date(2026, 11, 20), False),
        (date(2008, 11, 21), date(2026, 11, 20), True),
        (date(2008, 2, 29), date(2026, 2, 28), True),
        (date(2008, 2, 29), date(2026, 3, 1), False),
        (None, date(2026, 11, 20), False),
    ],
)
def test_eighteen_is_full_age(born, day, is_minor):
    assert domain.is_minor(born, day) is is_minor
    if born:
        assert (day < domain.adult_on(born)) is is_minor
        assert (born > domain.born_after_for_minors(day)) is is_minor


def test_on_the_leap_day_nobody_is_of_age_too_early():
    day = date(2028, 2, 29)
    for born in (date(2010, 2, 28), date(2010, 3, 1)):
        assert (born > domain.born_after_for_minors(day)) is domain.is_minor(born, day)


def test_a_supporter_under_18_is_found_once_an_adult_agreed_and_no_longer_when_not(towns):
    sora = make_supporter(towns.kita.id, SORA)
    officer = make_officer(towns.kita.id)
    with tenant(towns.kita.id):
        assert [one.title for one in Notice.objects.filter(person=sora)] == [
            "見ることと用意は、いまからできます。始める前に、おとなの同意をもらいます"
        ]
        assert selectors.supporters_for_matching() == []
        assert minors.minors_waiting() == [sora]
    agreement = agree(sora, officer)
    with tenant(towns.kita.id):
        assert [row.uid for row in selectors.supporters_for_matching()] == [sora.uid]
        assert minors.guardian_of(agreement)["name"] == "若葉 まき"
        assert "若葉 まき".encode() not in bytes(agreement.details_sealed)
        act = Act.objects.get(action="agreement_recorded")
        assert (act.actor, act.basis, act.note) == (officer, "phone", "guardian")
        assert services.agreement_end(person=sora, by=officer)
        assert not services.agreement_end(person=sora, by=officer)
        assert selectors.supporters_for_matching() == []
        with clock.frozen(clock.at(domain.adult_on(SORA.birth_date), 0)):
            assert [row.uid for row in selectors.supporters_for_matching()] == [sora.uid]
            assert minors.minors_waiting() == []


def test_the_same_form_twice_agrees_once_and_a_new_one_takes_its_place(towns):
    sora, officer = make_supporter(towns.kita.id, SORA), make_officer(towns.kita.id)
    coordinator = make_coordinator(towns.kita.id)
    uid = new_id()
    assert agree(sora, officer, uid=uid) == agree(sora, officer, uid=uid)
    with pytest.raises(OrderDiffers):
        agree(sora, coordinator, uid=uid)
    agree(sora, coordinator, kind="coordinator", name="", kana="")
    with tenant(towns.kita.id):
        kinds = [(one.kind, one.ended_at is None) for one in minors.agreements_of(sora)]
        assert sorted(kinds) == [("coordinator", True), ("guardian", False)]


def test_who_may_not_agree(towns):
    sora = make_carer(towns.kita.id, SORA)
    officer, elsewhere = make_officer(towns.kita.id), make_officer(towns.midori.id)
    make_care_place(sora, towns.midori.id)  # cares for 青空 ふみ
    with tenant(towns.midori.id):
        fumi = Person.objects.get(family_name="青空", given_name="ふみ")
    adult = make_carer(towns.kita.id)
    refusals = [
        (AgreementByCaredFor, {"name": FUMI.name, "kana": FUMI.kana}),
        (AgreementByCaredFor, {"name": "青空　文", "kana": "アオゾラ・フミ"}),
        (AgreementByCaredFor, {"guardian_uid": fumi.uid}),
        (AgreementByCaredFor, {"guardian_uid": sora.uid}),
        (AgreementNotCoordinator, {"kind": "coordinator"}),
        (BasisMissing, {"basis": "by heart"}),
        (AgreementNotNeeded, {"person": adult}),
        (NotFound, {"by": elsewhere}),
        (NotFound, {"by": adult.user}),
    ]
    for refusal, fields in refusals:
        with pytest.raises(refusal):
            agree(sora, officer, **fields)
    with tenant(towns.kita.id):
        assert not Agreement.objects.exists()


def test_a_guardian_who_comes_to_be_cared_for_agrees_no_longer(towns):
    sora, officer = make_carer(towns.kita.id, SORA), make_officer(towns.kita.id)
    agree(sora, officer, name=FUMI.name, kana=FUMI.kana)
    with tenant(towns.kita.id):
        minors.agreement_refuse(towns.kita.id, sora.uid)
    make_care_place(sora, towns.midori.id)
    with tenant(towns.kita.id):
        assert minors.agreement_of(sora) is None
        assert minors.agreements_of(sora)[0].ended_by is None
        with pytest.raises(AgreementMissing):
            minors.agreement_refuse(towns.kita.id, sora.uid)


def test_a_carer_under_18_has_a_contact_and_an_older_one_by_saying_so(towns):
    coordinator = make_coordinator(towns.kita.id)
    sora, minami = make_carer(towns.kita.id, SORA), make_carer(towns.kita.id)
    young = make_carer(towns.kita.id, Who("yuu", "春野 ゆう", "はるの ゆう", date(1998, 1, 5)))
    helper = make_supporter(towns.kita.id)
    with tenant(towns.kita.id):
        assert minors.care_contact_of(sora).contact == coordinator
        assert minors.care_contact_of(young) is None
        row = services.young_carer_say(person=young, wishes_first=True)
        assert (row.contact, row.said_at) == (coordinator, NOW)
        assert minors.wishes_contact_first(young)
        services.young_carer_say(person=young, wishes_first=False)
        assert not minors.wishes_contact_first(young)
        with pytest.raises(YoungCarerTooOld):
            services.young_carer_say(person=minami, wishes_first=False)
        with pytest.raises(NotFound):
            services.young_carer_say(person=helper, wishes_first=False)
        services.young_carer_unsay(person=young)
        services.young_carer_unsay(person=sora)
        assert [row.person for row in CareContact.objects.all()] == [sora]
        # What is on record names nobody a young carer.
        assert {act.note for act in Act.objects.filter(action="contact_wished")} == {""}


def test_who_is_too_young_to_begin_alone_comes_with_the_coordinator(towns):
    form = {
        "family_name": "若葉", "given_name": "はな",
        "family_kana": "わかば", "given_kana": "はな", "roles": ["carer"],
    }  # fmt: skip
    with tenant(towns.kita.id):
        with pytest.raises(GuardianNeeded):
            services.person_register(birth_date=date(2011, 11, 21), **form)
        person = services.person_register(birth_date=date(2011, 11, 20), **form)
        assert minors.is_waiting(towns.kita.id, person.uid)
        assert not minors.may_be_shown(person)
    assert MINAMI.birth_date < domain.born_after_for_minors(NOW.date())


def test_nobody_comes_of_age_by_writing_another_birth_date(towns):
    sora, officer = make_supporter(towns.kita.id, SORA), make_officer(towns.kita.id)
    grown = date(2000, 3, 2)
    with tenant(towns.kita.id):
        with pytest.raises(BirthDateByOffice):
            services.person_update(person=sora, birth_date=grown)
        sora.refresh_from_db()
        assert minors.is_minor(sora)
        services.person_update(person=sora, birth_date=SORA.birth_date, phone="09012345678")
        services.person_update(person=sora, birth_date=grown, by=officer, basis="counter")
        assert not minors.is_minor(sora)


def test_who_writes_another_name_is_identified_again(towns):
    minami = make_supporter(towns.kita.id, MINAMI)
    with tenant(towns.kita.id):
        services.person_update(person=minami, occupation="庭師", family_name=minami.family_name)
        assert selectors.trust_checks_of(minami)
        services.person_update(person=minami, family_name="別人")
        assert not selectors.trust_checks_of(minami)
        assert Notice.objects.filter(person=minami, kind="trust_withdrawn").count() == 1
