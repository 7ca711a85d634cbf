from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from kyojo.civic.municipalities.errors import UnscopedQuery
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import selectors, services
from kyojo.civic.people.errors import (
    AlreadyRegistered,
    BasisMissing,
    BirthDateMissing,
    ChoiceUnknown,
    GuardianNeeded,
    KanaWrong,
    NameMissing,
    OrderDiffers,
    PaperEnded,
    ValueMissing,
)
from kyojo.civic.people.models import Act, Person, PersonCounter, User
from kyojo.civic.people.testing import (
    JUN,
    KEN,
    MINAMI,
    make_carer,
    make_coordinator,
    make_login,
    make_officer,
    make_person,
    make_recipient,
    make_supporter,
)
from kyojo.kernel.errors import Invalids, NotFound
from kyojo.kernel.geometry import OutsideJapan

pytestmark = pytest.mark.django_db

FORM = {
    "family_name": "青空",
    "given_name": "みなみ",
    "family_kana": "あおぞら",
    "given_kana": "ﾐﾅﾐ",
    "birth_date": date(1982, 5, 14),
    "roles": ["carer", "supporter"],
}


def test_somebody_registers_with_several_roles_and_gets_the_next_number(towns):
    user = make_login("minami")
    with tenant(towns.kita.id):
        person = services.person_register(user=user, phone="090-1234-5678", **FORM)
        assert (person.number, person.name, person.kana) == (
            "M-10001",
            "青空 みなみ",
            "アオゾラ ミナミ",
        )
        assert person.carer_since and person.supporter_since and not person.recipient_since
        assert person.phone == "09012345678"
        user.refresh_from_db()
        assert user.municipality_id == towns.kita.id
        assert selectors.person_of_user(user) == person
        act = selectors.acts_of(subject_kind="person", subject_id=person.uid)[0]
        assert (act.actor, act.action, act.basis) == (user, "person_register", "")
    assert make_person(towns.kita.id, KEN, roles=["supporter"]).number == "M-10002"
    assert make_person(towns.midori.id, JUN, roles=["supporter"]).number == "M-10001"


def test_a_number_is_not_given_again_after_somebody_left(towns):
    first = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        services.person_leave(person=first)
        assert selectors.person_of_user(first.user) is None
        assert not User.objects.get(pk=first.user_id).is_active
    assert make_person(towns.kita.id, KEN, roles=["supporter"]).number == "M-10002"


def test_the_same_form_again_returns_the_same_person(towns):
    user, uid = make_login("minami"), uuid4()
    with tenant(towns.kita.id):
        first = services.person_register(uid=uid, user=user, **FORM)
        assert services.person_register(uid=uid, user=user, **FORM) == first
        with pytest.raises(OrderDiffers):
            services.person_register(uid=uid, user=user, **FORM | {"given_kana": "ハナ"})
        with pytest.raises(AlreadyRegistered):
            services.person_register(uid=uuid4(), user=user, **FORM)
        assert Person.objects.count() == 1
        assert PersonCounter.objects.get().last == 10_001


def test_one_login_is_a_member_of_one_town(towns):
    user = make_carer(towns.kita.id).user
    with tenant(towns.midori.id):
        with pytest.raises(AlreadyRegistered):
            services.person_register(user=user, **FORM)
        assert Person.objects.count() == 0


def test_all_mistakes_of_a_form_are_told_at_once_and_nothing_is_written(towns):
    with tenant(towns.kita.id):
        with pytest.raises(Invalids) as caught:
            services.person_register(
                **FORM | {"family_name": "", "given_kana": "南", "roles": ["boss"]}
            )
        found = {type(refusal): refusal.field for refusal in caught.value.refusals}
        assert found == {
            NameMissing: "family_name",
            KanaWrong: "given_kana",
            ChoiceUnknown: "roles",
        }
        assert Person.objects.count() == 0
        assert Act.objects.count() == 0


def test_carers_and_supporters_give_their_birth_date_and_recipients_need_not(towns):
    with tenant(towns.kita.id):
        with pytest.raises(Invalids) as caught:
            services.person_register(**FORM | {"birth_date": None})
        assert type(caught.value.refusals[0]) is BirthDateMissing
        person = services.person_register(**FORM | {"birth_date": None, "roles": ["recipient"]})
        with pytest.raises(BirthDateMissing):
            services.role_add(person=person, role="carer")


def test_a_young_person_registers_with_staff(towns):
    officer = make_officer(towns.kita.id)
    young = FORM | {"birth_date": date(2012, 4, 1), "roles": ["carer"]}
    with tenant(towns.kita.id):
        with pytest.raises(GuardianNeeded):
            services.person_register(**young)
        assert Person.objects.count() == 0
        with pytest.raises(BasisMissing):
            services.person_register(by=officer, **young)
        person = services.person_register(by=officer, basis="counter", **young)
        act = selectors.acts_of(subject_kind="person", subject_id=person.uid)[0]
        assert (act.actor, act.basis) == (officer, "counter")


def test_only_staff_of_this_town_act_for_others(towns):
    person, neighbour = make_carer(towns.kita.id), make_supporter(towns.kita.id)
    recipient = FORM | {"roles": ["recipient"]}
    with tenant(towns.kita.id):
        before = list(Person.objects.values()), list(Act.objects.values())
        for by in (
            neighbour.user,
            person.user,
            make_login("nobody"),
            make_officer(towns.midori.id),
        ):
            for deed in (
                lambda by=by: services.person_register(by=by, basis="phone", **recipient),
                lambda by=by: services.person_update(
                    person=person, gender="male", by=by, basis="phone"
                ),
                lambda by=by: services.role_drop(person=person, role="carer", by=by, basis="phone"),
                lambda by=by: services.person_leave(person=person, by=by, basis="phone"),
                lambda by=by: services.home_set(
                    person=person, address="x", latitude=36.6, longitude=138.2, by=by, basis="phone"
                ),
                lambda by=by: services.trust_check_record(
                    person=person, kind="identity", label="", method="x", by=by
                ),
            ):
                with pytest.raises(NotFound):
                    deed()
        assert (list(Person.objects.values()), list(Act.objects.values())) == before
        assert selectors.trust_checks_of(person) == []


def test_roles_come_and_go(towns):
    person = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        services.role_add(person=person, role="supporter")
        since = person.supporter_since
        services.role_add(person=person, role="supporter")
        assert person.supporter_since == since is not None
        services.role_drop(person=person, role="carer")
        assert Person.objects.get(pk=person.pk).carer_since is None
        with pytest.raises(ChoiceUnknown):
            services.role_add(person=person, role="officer")
        noted = [(act.action, act.note) for act in selectors.acts()]
        assert noted.count(("role_add", "supporter")) == 1
        assert ("role_drop", "carer") in noted


def test_an_update_changes_what_is_given_and_says_which_columns(towns):
    officer, person = make_officer(towns.kita.id), make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        services.person_update(person=person, family_kana="はるぞら", by=officer, basis="phone")
        fresh = Person.objects.get(pk=person.pk)
        assert (fresh.family_kana, fresh.family_name) == ("ハルゾラ", MINAMI.name.split(" ")[0])
        act = selectors.acts_of(subject_kind="person", subject_id=person.uid)[0]
        assert (act.note, act.basis) == ("family_kana", "phone")
        with pytest.raises(Invalids):
            services.person_update(person=person, family_kana="春", gender="?")
        assert Person.objects.get(pk=person.pk).family_kana == "ハルゾラ"


def test_a_home_outside_japan_or_without_address_is_refused(towns):
    person = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        with pytest.raises(OutsideJapan):
            services.home_set(person=person, address="どこか", latitude=138.2, longitude=36.6)
        with pytest.raises(ValueMissing):
            services.home_set(person=person, address=" ", latitude=36.6, longitude=138.2)
        assert Person.objects.get(pk=person.pk).address == "みほん町1丁目2番3号"


# --- who sees whom --------------------------------------------------------------------------------


def test_people_of_another_town_do_not_exist(towns):
    person = make_carer(towns.kita.id)
    with tenant(towns.midori.id):
        with pytest.raises(NotFound):
            selectors.person_by_uid(person.uid)
        assert selectors.person_of_user(person.user) is None
        assert selectors.people_search("あおぞら") == []
        with connection.cursor() as cursor:  # the second wall, past the managers
            cursor.execute("SELECT count(*) FROM people_person")
            assert cursor.fetchone() == (0,)
    with pytest.raises(UnscopedQuery):
        Person.objects.count()


def test_nobody_writes_into_another_town(towns):
    person = make_carer(towns.kita.id)
    with tenant(towns.midori.id):
        with pytest.raises((ProgrammingError, IntegrityError)), transaction.atomic():
            Person.objects.create(
                municipality_id=towns.kita.id,
                number="M-99999",
                family_name="雲居",
                given_name="あきら",
                family_kana="クモイ",
                given_kana="アキラ",
            )
        assert Person.objects.filter(pk=person.pk).update(family_name="雲居") == 0
    with tenant(towns.kita.id):
        assert Person.objects.get().family_name == "青空"


@pytest.mark.parametrize(
    "words", ["あおぞら", "アオゾラ", "ｱｵｿﾞﾗ", "青空", "みなみ あお", "M-10001", "m-10001", "10001"]
)
def test_the_desk_finds_a_member_by_what_is_said_on_the_telephone(towns, words):
    person = make_carer(towns.kita.id)
    make_supporter(towns.kita.id)
    with tenant(towns.kita.id):
        assert selectors.people_search(words) == [person]


def test_members_are_listed_by_their_reading(towns):
    make_supporter(towns.kita.id)
    make_supporter(towns.kita.id, JUN)
    make_carer(towns.kita.id)
    make_recipient(towns.kita.id)
    with tenant(towns.kita.id):
        found = [p.family_kana for p in selectors.members()]
        assert found == ["アオゾラ", "アオゾラ", "アサツユ", "ハルカゼ"]
        assert selectors.members(role="supporter").count() == 2
        assert selectors.people_search("") == selectors.people_search("\0") == []
        assert selectors.person_by_number("ｍ１０００１").family_kana == "ハルカゼ"


# --- staff, trust, acts ---------------------------------------------------------------------------


def test_staff_are_known_in_their_own_town_only(towns):
    officer, coordinator = make_officer(towns.kita.id), make_coordinator(towns.kita.id)
    member = make_carer(towns.kita.id).user
    with tenant(towns.kita.id):
        assert selectors.staff_required(officer).role == "officer"
        assert selectors.staff_required(coordinator, "officer", "coordinator").name == "若草 みち"
        for user, roles in ((coordinator, ["officer"]), (member, [])):
            with pytest.raises(NotFound):
                selectors.staff_required(user, *roles)
    with tenant(towns.midori.id), pytest.raises(NotFound):
        selectors.staff_required(officer)


def test_a_trust_check_is_recorded_with_who_looked(towns):
    officer, person = make_officer(towns.kita.id), make_supporter(towns.kita.id, identity=False)
    with tenant(towns.kita.id):
        services.trust_check_record(
            person=person, kind="training", label="庭木の講習", method="修了証", by=officer
        )
        with pytest.raises(PaperEnded):
            services.trust_check_record(
                person=person,
                kind="licence",
                label="古い資格",
                method="証",
                by=officer,
                valid_until=date(2020, 1, 1),
            )
        checks = selectors.trust_checks_of(person)
        assert [(c.label, c.checked_by) for c in checks] == [("庭木の講習", officer)]
        with pytest.raises(ChoiceUnknown):
            services.trust_check_record(
                person=person, kind="good", label="", method="x", by=officer
            )
        with pytest.raises(ValueMissing):
            services.trust_check_record(
                person=person, kind="training", label="", method=" ", by=officer
            )


@pytest.mark.parametrize("change", ["UPDATE people_act SET note = 'x'", "DELETE FROM people_act"])
def test_the_record_of_operations_cannot_be_changed(towns, change):
    make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        before = list(Act.objects.values())
        assert before
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
        assert list(Act.objects.values()) == before
        # A login may be erased all the same; what it did stays.
        Act.objects.update(actor=None)
        assert [act["actor_id"] for act in Act.objects.values()] == [None] * len(before)
