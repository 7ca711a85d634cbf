"""Which human a login of the desk is, and who decides appeals from outside."""

from datetime import timedelta

import pytest
from django.db import connection

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import minors, retention, services, staff_selectors
from kyojo.civic.people.errors import (
    AppealOfficerInside,
    StaffNumberOther,
    StaffNumberTaken,
    StaffOfficerLast,
    TextTooLong,
    ValueMissing,
)
from kyojo.civic.people.login_forgetting import has_office, login_forget
from kyojo.civic.people.models import (
    Act,
    AppealOfficer,
    CareContact,
    Person,
    StaffNumber,
    StaffRole,
    User,
)
from kyojo.civic.people.selectors import staff_roles
from kyojo.civic.people.services import acts
from kyojo.civic.people.services import staff as staff_services
from kyojo.civic.people.testing import make_carer, make_coordinator, make_login, make_officer
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

pytestmark = pytest.mark.django_db


def role_add(user, number="", role="officer"):
    return services.staff_role_add(
        user=user, number=number, role=role, title="福祉課", name="霧島 はる", name_kana="キリシマ"
    )


def test_a_human_has_one_login(towns):
    first, second = make_login("first"), make_login("second")
    with tenant(towns.kita.id):
        with pytest.raises(ValueMissing):
            role_add(first)
        role_add(first, "a-１２３")
        role_add(first, role="coordinator")  # another role of the same human
        role_add(first, "A-123")
        with pytest.raises(StaffNumberTaken):
            role_add(second, " a-123 ")
        with pytest.raises(StaffNumberOther):
            role_add(first, "A-124")
        assert list(StaffNumber.objects.values_list("user_id", "number")) == [(first.pk, "A-123")]
        assert staff_roles(second) == []
        role_add(second, "A-124")
    other = make_login("other")
    with tenant(towns.midori.id):
        role_add(other, "A-123")  # another town counts its own


def test_a_long_number_is_refused_and_not_cut(towns):
    with tenant(towns.kita.id):
        with pytest.raises(TextTooLong):
            role_add(make_login("first"), "1" * 21)
        role_add(make_login("first"), "1" * 20)
        with pytest.raises(TextTooLong):
            role_add(make_login("first"), "1" * 20 + "2")
        assert StaffNumber.objects.get().number == "1" * 20


def test_who_works_here_since_before_there_were_numbers_goes_on(towns):
    user = make_officer(towns.kita.id)
    with tenant(towns.kita.id):
        StaffNumber.objects.all().delete()
        role_add(user)
        role_add(user, role="coordinator")
        assert not StaffNumber.objects.exists()
        role_add(user, "A-7")
        assert StaffNumber.objects.get().number == "A-7"
        with pytest.raises(ValueMissing):
            role_add(make_login("new"))


def test_a_role_ends_and_the_name_stays(towns):
    officer, other = make_officer(towns.kita.id), make_officer(towns.kita.id, "other")
    with tenant(towns.kita.id):
        role_add(other, role="coordinator")
        for _ in range(2):
            services.staff_role_end(user=other, role="officer", by=officer)
        assert [row.role for row in staff_roles(other)] == ["coordinator"]
        services.staff_role_end(user=other, role="coordinator")
        assert staff_roles(other) == [] and other.pk not in staff_selectors.everybody()
        assert staff_selectors.name_of(other.pk) == "福祉課・霧島 はる", "as what they were last"
        row = StaffRole.ever.get(user=other, role="officer")
        StaffRole.ever.filter(pk=row.pk).update(title="課長", name="新姓 みち", ended_at=None)
        assert staff_selectors.name_of(other.pk) == "課長・新姓 みち", "as what they are now"
        StaffRole.ever.filter(pk=row.pk).update(ended_at=row.ended_at)
        with pytest.raises(StaffOfficerLast):
            services.staff_role_end(user=officer, role="officer")
        for who, role in ((officer, "office"), (make_login("nobody"), "officer")):
            with pytest.raises(NotFound):
                services.staff_role_end(user=who, role=role)
        ended = Act.objects.filter(action="staff_role_end").order_by("pk")
        assert [(act.actor, act.subject_id, act.note) for act in ended] == [
            (officer, str(other.pk), "officer"),
            (None, str(other.pk), "coordinator"),
        ]
        role_add(other)
        assert StaffRole.ever.filter(user=other).count() == 2
        services.staff_role_end(user=officer, role="officer")
        assert [row.user for row in StaffRole.objects.all()] == [other]


def test_of_who_worked_here_the_address_goes_and_the_name_stays_for_seven_years(towns):
    officer = make_officer(towns.kita.id)
    user = make_login("leaving")
    with tenant(towns.kita.id):
        role_add(user, "A-9")
        acts.act_record(actor=user, action="issued", subject_kind="issuance", subject_id=1)
    assert not login_forget(user=user), "they work with it"
    with tenant(towns.kita.id):
        services.staff_role_end(user=user, role="officer", by=officer)
    assert not has_office(user)
    assert login_forget(user=user)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    user.refresh_from_db()
    assert (user.email, user.is_active) == (f"gone-{user.pk}@invalid", False)
    with tenant(towns.kita.id):
        assert Act.objects.get(action="issued").actor == user
        for days, left in ((7 * 366 - 1, 1), (7 * 366, 0)):
            ended = clock.now() - timedelta(days=days)
            StaffRole.ever.filter(user=user).update(ended_at=ended)
            assert retention.purge_due()["staff_roles"] == 1 - left
            assert StaffRole.ever.filter(user=user).count() == left
            assert StaffNumber.objects.filter(user=user).count() == left
            assert (staff_selectors.name_of(user.pk) == "福祉課・霧島 はる") == bool(left)
        assert StaffRole.objects.get().user == officer and StaffNumber.objects.count() == 1


def test_who_could_turn_to_a_coordinator_who_leaves_has_another(towns):
    leaving, near = make_coordinator(towns.kita.id), make_login("near")
    person = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        CareContact.objects.create(person=person, contact=leaving, wishes_first=True)
        role_add(near, "A-1", role="coordinator")
        services.staff_role_end(user=leaving, role="coordinator")
        assert CareContact.objects.get().contact == near and minors.wishes_contact_first(person)
        services.staff_role_end(user=near, role="coordinator")
        assert CareContact.objects.get().contact is None
        assert not minors.wishes_contact_first(person), "nobody is there who would look"
        new = make_login("new")
        role_add(new, "A-2", role="coordinator")
        assert CareContact.objects.get().contact == new and minors.wishes_contact_first(person)
        moves = Act.objects.filter(action="contact_set").order_by("pk")
        assert [act.note for act in moves] == [str(near.pk), "", str(new.pk)]


@pytest.mark.parametrize(("given", "refused"), [("A-123", None), ("A-124", StaffNumberOther)])
def test_two_roles_at_once_are_of_one_human(towns, monkeypatch, given, refused):
    user = make_login("first")
    real = staff_services._is_numbered
    looks = []

    def look(who, wanted):
        looks.append(wanted)
        if len(looks) == 1:  # the other one is not to be seen yet
            found = real(who, wanted)
            StaffNumber.objects.create(user=user, number="A-123")
            return found
        return real(who, wanted)

    monkeypatch.setattr(staff_services, "_is_numbered", look)
    with tenant(towns.kita.id):
        if refused:
            with pytest.raises(refused):
                role_add(user, given)
        else:
            role_add(user, given)
            assert [one.role for one in staff_roles(user)] == ["officer"]
        assert len(looks) == 2


def add(by, email="midori@example.jp", **changes):
    fields = {"title": "みどり浜市 福祉課", "name": "夜長 みお", "name_kana": "よなが みお"}
    return services.appeal_officer_add(email=email, by=by, **(fields | changes))


def test_somebody_from_outside_decides_appeals_and_works_at_no_desk(towns):
    officer, coordinator = make_officer(towns.kita.id), make_coordinator(towns.kita.id)
    with tenant(towns.kita.id):
        with pytest.raises(NotFound):
            add(coordinator)
        assert not staff_selectors.appeal_decider_there(but=officer.pk)
        assert staff_selectors.appeal_decider_there(but=None)
        rows = [add(officer), add(officer, "Midori@Example.jp ")]
        assert rows[0] == rows[1]
        user = User.objects.get(email="midori@example.jp")
        assert staff_roles(user) == []
        assert staff_selectors.appeal_officer_of(user) == rows[0]
        assert staff_selectors.appeal_officer_of(officer) is None
        assert staff_selectors.appeal_decider_there(but=officer.pk)
        assert not staff_selectors.everybody().keys() & {user.pk}
        assert staff_selectors.name_of(user.pk) == "みどり浜市 福祉課・夜長 みお"
        for _ in range(2):
            services.appeal_officer_end(pk=rows[0].pk, by=officer)
        assert staff_selectors.appeal_officer_of(user) is None
        assert not staff_selectors.appeal_decider_there(but=officer.pk)
        assert [
            Act.objects.filter(action=f"appeal_officer_{what}").count() for what in ("add", "end")
        ] == [1, 1]
        assert add(officer).pk != rows[0].pk
    with tenant(towns.midori.id):
        assert staff_selectors.appeal_officer_of(user) is None
        with pytest.raises(NotFound):
            services.appeal_officer_end(pk=rows[0].pk, by=officer)


def test_who_decided_from_outside_did_so_until_they_were_taken_off(towns):
    officer, day = make_officer(towns.kita.id), timedelta(days=1)
    with tenant(towns.kita.id):
        row = add(officer)
        services.appeal_officer_end(pk=row.pk, by=officer)
        row.refresh_from_db()
        AppealOfficer.objects.filter(pk=row.pk).update(made_at=row.ended_at - day)
        then = staff_selectors.appeal_officer_then
        assert then(row.user_id, row.ended_at - day / 2) == row
        assert then(row.user_id, row.ended_at) is None
        assert then(row.user_id, row.ended_at - 2 * day) is None


@pytest.mark.parametrize("became", ["staff", "member"])
def test_who_comes_to_belong_to_the_town_is_no_outsider_any_more(towns, became):
    officer = make_officer(towns.kita.id)
    with tenant(towns.kita.id):
        row = add(officer)
        assert staff_selectors.appeal_decider_there(but=officer.pk)
        if became == "staff":
            services.staff_role_add(
                user=row.user, number="A-9", role="office", title="事務局", name="夜長 みお",
                name_kana="よなが みお", by=officer,
            )  # fmt: skip
        else:
            member = make_carer(towns.kita.id)
            Person.objects.filter(pk=member.pk).update(user=row.user)
        assert staff_selectors.appeal_officer_of(row.user) is None
        assert not staff_selectors.appeal_decider_there(but=officer.pk)
        assert staff_selectors.appeal_officers() == []
        assert staff_selectors.appeal_officers(with_insiders=True) == [row]
        # A member who left without a login takes nothing from anybody.
        Person.objects.filter(user=row.user).update(user=None)
        other = add(officer, "other@example.jp")
        assert staff_selectors.appeal_officer_of(other.user) == other


def test_who_belongs_to_the_town_or_to_another_is_nobody_from_outside(towns):
    officer, member = make_officer(towns.kita.id), make_carer(towns.kita.id)
    colleague, far = make_coordinator(towns.kita.id), make_officer(towns.midori.id)
    with tenant(towns.kita.id):
        for user in (officer, member.user, colleague, far):
            with pytest.raises(AppealOfficerInside):
                add(officer, user.email)
        assert not AppealOfficer.objects.exists()
        assert StaffRole.objects.count() == 2
