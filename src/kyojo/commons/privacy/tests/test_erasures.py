"""Erasing somebody: what stops it, the days in which it is taken back, and that nothing is left."""

from datetime import timedelta

import pytest
from django.core import mail

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.walls import walls_missing
from kyojo.civic.people.errors import BasisMissing
from kyojo.civic.people.models import Act, Notice, Person, User
from kyojo.civic.people.services import block_add, home_set
from kyojo.commons.privacy import services
from kyojo.commons.privacy.errors import (
    ErasureOver,
    ErasureStands,
    SecondOfficerNeeded,
    StillOpen,
)
from kyojo.commons.privacy.models import Erasure, ErasureStep
from kyojo.commons.privacy.rooms import rooms_with
from kyojo.commons.privacy.selectors import erasure_of, person_stops
from kyojo.commons.privacy.testing import traces, words_of
from kyojo.help.support.models import Visit
from kyojo.help.support.services import review_write, visit_confirm
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.ledger.check import check

AFTER = END + timedelta(days=1)
HOMES = {"carer": "桜野 1丁目 11番 2号", "mother": "港見 22番地", "supporter": "沖見台 3-3-33"}


@pytest.fixture
def visited(cast):
    """A visit that is over and settled, with words of thanks."""
    uid = visit_make(cast)
    check_in(cast, uid, at=START)
    check_out(cast, uid, at=END)
    with clock.frozen(END + timedelta(hours=1)), tenant(KITA):
        visit_confirm(visit_uid=uid, carer=cast.carer)
        review_write(
            order_id=new_id(),
            visit_uid=uid,
            writer=cast.carer,
            rating=5,
            message="春風さん、ありがとうございました",
        )
    with tenant(KITA):
        block_add(person=cast.stranger, blocked_uid=cast.supporter.uid)
    cast.extra["visit"] = uid
    for name in ("carer", "mother", "supporter"):
        town = getattr(cast, name).municipality_id
        with tenant(town):
            home_set(
                person=getattr(cast, name), address=HOMES[name], latitude=35.0, longitude=138.3
            )
            fresh = Person.objects.select_related("user").get(pk=getattr(cast, name).pk)
        setattr(cast, name, fresh)
    return cast


def ask(person: Person) -> Erasure:
    with tenant(person.municipality_id):
        return services.erasure_ask(uid=new_id(), person=person)


def run(erasure: Erasure) -> str:
    return services.erasure_run(municipality_id=erasure.municipality_id, uid=erasure.uid)


@pytest.mark.parametrize("who", ["supporter", "carer", "mother"])
def test_nothing_is_left_of_whoever_is_erased(visited, who, owner_cursor, as_owner):
    person = getattr(visited, who)
    words = words_of(person)
    others = [words_of(one) for one in (visited.carer, visited.mother, visited.supporter)]
    before = owner_cursor.connection
    found = {one.split(": ")[1] for one in traces(before, words)}
    assert found >= {person.name, person.kana, str(person.uid), person.user.email, HOMES[who]}
    with clock.frozen(AFTER):
        erasure = ask(person)
        assert run(erasure) == "waiting"
    with clock.frozen(AFTER + timedelta(days=14)):
        assert services.erasures_run_due(municipality_id=person.municipality_id) == 1
        assert services.erasures_run_due(municipality_id=person.municipality_id) == 0
    assert traces(before, words) == []
    # Of the others everything is as it was.
    for theirs in others:
        if theirs != words:
            assert {one.split(": ")[1] for one in traces(before, theirs)} >= {theirs[0]}
    with as_owner():
        assert [str(one) for one in check()] + walls_missing() == []
    assert [one.to for one in mail.outbox if "消去が終わりました" in one.subject]
    with tenant(person.municipality_id):
        left = Person.objects.get(pk=person.pk)
        assert (left.name.strip(), left.uid) == ("（退会した人）", left.erased_as)
        assert not User.objects.filter(pk=person.user_id).exists()
        done = Erasure.objects.get(uid=erasure.uid)
        assert (done.state, done.asked_by_id, done.person_id) == ("done", None, person.pk)
        assert Act.objects.filter(subject_id=str(left.uid), action="erasure_done").exists()
    for code in (KITA, MIDORI):
        with tenant(code):
            visit = Visit.objects.get(uid=visited.extra["visit"])
            assert (visit.state, visit.settled_coins) == ("settled", 40)


def test_what_is_open_stops_it_and_is_told(cast):
    uid = visit_make(cast)
    with tenant(MIDORI):
        assert person_stops(cast.supporter) == ["これからの支援か、精算の終わっていない支援"]
        with pytest.raises(StillOpen) as refused:
            services.erasure_ask(uid=new_id(), person=cast.supporter)
        assert "これからの支援" in refused.value.message()
        assert erasure_of(cast.supporter) is None
    with tenant(KITA):
        assert "まだ終わっていない依頼" in person_stops(cast.carer)
        assert "支援のために預かっているコイン" in person_stops(cast.carer)
    assert uid


def test_what_opens_in_the_meantime_makes_it_wait(cast):
    erasure = ask(cast.supporter)
    visit_make(cast, starts_at=START + timedelta(days=20))
    with clock.frozen(WEEK_BEFORE + timedelta(days=14)):
        assert run(erasure) == "waiting"
        assert run(erasure) == "waiting"
    with tenant(MIDORI):
        erasure.refresh_from_db()
        assert erasure.stopped_by == ["これからの支援か、精算の終わっていない支援"]
        told = Notice.objects.filter(person=cast.supporter, kind="erasure_stopped")
        assert told.count() == 1
        assert Person.objects.get(pk=cast.supporter.pk).left_at is None


def test_it_can_be_taken_back_until_its_day_and_by_nobody_else(cast):
    erasure = ask(cast.supporter)
    with tenant(MIDORI):
        assert services.erasure_ask(uid=erasure.uid, person=cast.supporter) == erasure
        with pytest.raises(ErasureStands):
            services.erasure_ask(uid=new_id(), person=cast.supporter)
        with pytest.raises(NotFound):
            services.erasure_withdraw(uid=erasure.uid, person=cast.second)
        for _ in range(2):
            taken = services.erasure_withdraw(uid=erasure.uid, person=cast.supporter)
            assert taken.state == "withdrawn"
    with clock.frozen(WEEK_BEFORE + timedelta(days=20)):
        assert run(erasure) == "withdrawn"
        again = ask(cast.supporter)
    with clock.frozen(WEEK_BEFORE + timedelta(days=34)):
        assert run(again) == "done"
    with tenant(MIDORI), pytest.raises(ErasureOver):
        services.erasure_withdraw(uid=again.uid, by=cast.officer, basis="phone")


def test_the_office_enters_it_for_somebody_and_another_officer_looks(cast):
    second = User.objects.get(email=f"second@{MIDORI}.example.jp")
    uid = new_id()
    with tenant(MIDORI):
        with pytest.raises(BasisMissing):
            services.erasure_propose(uid=uid, person=cast.mother, by=cast.officer, basis="")
        with pytest.raises(NotFound):
            services.erasure_propose(
                uid=uid, person=cast.mother, by=cast.kita_officer, basis="phone"
            )
        made = services.erasure_propose(
            uid=uid, person=cast.mother, by=cast.officer, basis="counter"
        )
        assert (made.state, made.due_at) == ("proposed", None)
        with pytest.raises(SecondOfficerNeeded):
            services.erasure_approve(uid=uid, by=cast.officer)
    with clock.frozen(WEEK_BEFORE + timedelta(days=60)):
        assert run(made) == "proposed"
    with tenant(MIDORI):
        for _ in range(2):
            approved = services.erasure_approve(uid=uid, by=second)
            assert approved.due_at == WEEK_BEFORE + timedelta(days=14)
    with tenant(KITA), pytest.raises(NotFound):
        services.erasure_approve(uid=uid, by=cast.kita_officer)
    with clock.frozen(WEEK_BEFORE + timedelta(days=14)):
        assert run(made) == "done"


def test_interrupted_between_rooms_it_goes_on_where_it_was(visited, monkeypatch, owner_cursor):
    words = words_of(visited.supporter)
    with clock.frozen(AFTER):
        ask(visited.supporter)
    rooms = rooms_with("forgetting")
    broken = rooms["earnings"]

    def crash(**_: object) -> None:
        raise OSError

    with clock.frozen(AFTER + timedelta(days=14)):
        with monkeypatch.context() as patched:
            patched.setattr(broken, "person_forget", crash)
            assert services.erasures_run_due(municipality_id=MIDORI) == 0
        with tenant(MIDORI):
            steps = list(ErasureStep.objects.values_list("room", flat=True))
            assert steps == list(rooms)[: list(rooms).index("earnings")]
        assert services.erasures_run_due(municipality_id=MIDORI) == 1
    with tenant(MIDORI):
        assert ErasureStep.objects.count() == len(rooms)
    assert list(rooms)[-1] == "people"
    assert traces(owner_cursor.connection, words) == []


def test_coins_that_are_left_lapse_and_the_books_add_up(cast, as_owner):
    with clock.frozen(WEEK_BEFORE):
        erasure = ask(cast.carer)
    with clock.frozen(WEEK_BEFORE + timedelta(days=14)):
        assert run(erasure) == "done"
    with as_owner():
        assert [str(one) for one in check()] + walls_missing() == []


def test_a_member_of_staff_keeps_the_login_of_the_office(cast):
    with tenant(MIDORI):
        Person.objects.filter(pk=cast.second.pk).update(user=None)
        Person.objects.filter(pk=cast.second.pk).update(user=cast.officer)
        cast.second.refresh_from_db()
        erasure = services.erasure_ask(uid=new_id(), person=cast.second)
    with clock.frozen(WEEK_BEFORE + timedelta(days=14)):
        assert run(erasure) == "done"
    assert User.objects.get(pk=cast.officer.pk).email == f"officer@{MIDORI}.example.jp"
