"""Cases: opened, looked into, closed; who may see them; what the reporter hears."""

from datetime import UTC, datetime, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, Person
from kyojo.civic.people.testing import (
    make_carer,
    make_coordinator,
    make_officer,
    make_programme,
    make_supporter,
)
from kyojo.help.community import selectors, services
from kyojo.help.community.errors import (
    CaseNotOver,
    CaseOver,
    DayWrong,
    OutcomeMissing,
    OwnerUnknown,
    ReasonMissing,
    ReportsTooMany,
    StepUnknown,
    WordsMissing,
)
from kyojo.help.community.models import Case, CaseNote
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
WORDS = "玄関で大きな声を出されました。"


@pytest.fixture
def town(db, towns):
    with clock.frozen(NOW):
        make_programme(towns.kita.id)
        make_programme(towns.midori.id)
        with tenant(towns.kita.id):
            yield towns.kita.id


def report(reporter, about, **more) -> Case:
    given = {
        "order_id": new_id(),
        "subject_kind": "visit",
        "subject_uid": new_id(),
        "about": [(about.municipality_id, about.uid)],
        "reasons": ["rude"],
        "words": WORDS,
    } | more
    return services.report_send(reporter=reporter, **given)


def test_a_report_across_towns_is_a_case_in_each_and_only_one_knows_who(town, towns):
    carer, other = make_carer(town), make_supporter(towns.midori.id)
    order = new_id()
    made = report(carer, other, order_id=order, reasons=["rude", "abuse"])
    assert report(carer, other, order_id=order, reasons=["abuse"]) == made
    assert (made.urgency, made.due_at) == ("urgent", NOW + timedelta(hours=4))
    assert made.reasons == ["abuse", "rude"] and selectors.words_of(made) == WORDS
    assert WORDS.encode() not in bytes(made.words_sealed)
    told = Notice.objects.get(person=carer)
    assert told.path == f"/reports/{order}/" and other.name not in told.title + told.body
    with tenant(towns.midori.id):
        theirs = Case.objects.get(uid=order)
        assert (theirs.opened_by_uid, theirs.opened_in) == (None, town)
        assert theirs.sides == made.sides == sorted([town, towns.midori.id])
        assert Notice.objects.count() == 0
        services.case_close(
            uid=order, by=make_officer(towns.midori.id), outcome="talked", words="話した"
        )
    made.refresh_from_db()
    assert made.state == "open"
    assert [one.uid for one in selectors.reports_by(carer)] == [order]
    with pytest.raises(NotFound):
        selectors.report_by(make_supporter(town), order)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reasons": []}, ReasonMissing),
        ({"reasons": ["no such"]}, ReasonMissing),
        ({"reasons": ["other"], "words": " "}, WordsMissing),
        ({"subject_kind": "weather"}, NotFound),
    ],
)
def test_what_is_refused_opens_nothing(town, changes, refusal):
    with pytest.raises(refusal):
        report(make_carer(town), make_supporter(town), **changes)
    assert Case.objects.count() == 0


def test_reports_are_limited_a_day_and_not_about_oneself(town):
    carer, other = make_carer(town), make_supporter(town)
    with pytest.raises(NotFound):
        report(carer, carer)
    for _ in range(10):
        report(carer, other)
    with pytest.raises(ReportsTooMany):
        report(carer, other)
    with clock.frozen(NOW + timedelta(days=1)):
        assert report(carer, other).number == "S-1011"


def test_the_office_works_on_it_and_what_was_noted_stays(town):
    carer, other = make_carer(town), make_supporter(town)
    officer, coordinator = make_officer(town), make_coordinator(town)
    made, order = report(carer, other), new_id()
    uid = made.uid
    services.case_read(uid=uid, by=officer)
    services.case_take(uid=uid, by=officer, owner=coordinator)
    services.case_take(uid=uid, by=officer, owner=coordinator)
    note = {"order_id": order, "uid": uid, "by": officer, "words": "電話した。", "step": "called"}
    assert services.case_note_add(**note) == services.case_note_add(**note)
    for changes, refusal in (({"words": ""}, WordsMissing), ({"step": "x"}, StepUnknown)):
        with pytest.raises(refusal):
            services.case_note_add(**note | {"order_id": new_id()} | changes)
    for until in (NOW, NOW + timedelta(days=31)):
        with pytest.raises(DayWrong):
            services.case_wait(uid=uid, by=officer, until=until)
    waits = NOW + timedelta(days=3)
    assert services.case_wait(uid=uid, by=officer, until=waits).due_at == waits
    with clock.frozen(waits):
        made.refresh_from_db()
        assert selectors.is_late(made)
    for outcome, words, refusal in (("", "x", OutcomeMissing), ("talked", "", WordsMissing)):
        with pytest.raises(refusal):
            services.case_close(uid=uid, by=officer, outcome=outcome, words=words)
    with pytest.raises(CaseNotOver):
        services.case_reopen(uid=uid, by=officer, words="また")
    close = {"uid": uid, "by": officer, "outcome": "talked", "words": "おたがいに話した。"}
    services.case_close(**close)
    services.case_close(**close)
    assert selectors.cases_waiting(officer) == []
    with pytest.raises(CaseOver):
        services.case_note_add(**note | {"order_id": new_id()})
    assert services.case_note_add(**note).uid == order
    services.case_reopen(uid=uid, by=officer, words="また電話があった。")
    made.refresh_from_db()
    assert (made.state, made.outcome, made.due_at) == ("open", "", NOW + timedelta(hours=120))
    lines = [(one.kind, one.code, one.words) for one in selectors.notes_of(made)]
    assert lines == [
        ("state", "owner", ""),
        ("step", "called", "電話した。"),
        ("state", "waiting", ""),
        ("state", "closed", "おたがいに話した。"),
        ("state", "reopened", "また電話があった。"),
    ]
    kinds = list(Notice.objects.filter(person=carer).order_by("id").values_list("kind", flat=True))
    assert kinds == ["case_received", "case_closed", "case_reopened"]
    assert not Notice.objects.filter(person=other).exists()
    acts = Act.objects.filter(subject_kind="case", subject_id=str(uid))
    assert acts.filter(action="case_read").count() == 1 and acts.count() == 7


@pytest.mark.parametrize("role", ["about", "reporter"])
def test_a_party_among_the_staff_neither_sees_nor_handles_it(town, towns, role):
    carer, other = make_carer(town), make_supporter(town)
    officer, coordinator = make_officer(town), make_coordinator(town)
    made = report(carer, other)
    person = other if role == "about" else carer
    Person.objects.filter(pk=person.pk).update(user=coordinator)
    assert selectors.cases_waiting(coordinator) == []
    for call in (
        lambda: services.case_read(uid=made.uid, by=coordinator),
        lambda: services.case_close(uid=made.uid, by=coordinator, outcome="talked", words="x"),
    ):
        with pytest.raises(NotFound):
            call()
    with pytest.raises(OwnerUnknown):
        services.case_take(uid=made.uid, by=officer, owner=coordinator)
    for stranger in (make_officer(towns.midori.id), other.user):
        with pytest.raises(NotFound):
            services.case_read(uid=made.uid, by=stranger)
    assert CaseNote.objects.count() == 0
    assert selectors.cases_waiting(officer) == [made]


def test_another_room_opens_one_by_its_own_id(town):
    given = {
        "kind": "worry",
        "urgency": "soon",
        "subject_kind": "visit",
        "subject_uid": new_id(),
        "about": [new_id()],
        "words": "食事をしていないようでした。",
        "uid": new_id(),
    }
    made = services.case_open(**given)
    assert services.case_open(**given) == made
    assert (made.due_at, made.opened_by_uid) == (NOW + timedelta(hours=24), None)
    with pytest.raises(ValueError, match="no such case"):
        services.case_open(**given | {"urgency": "whenever"})


def test_open_cases_of_who_left_have_nobody_and_closed_ones_keep_their_name(town):
    leaving, stays, carer = make_coordinator(town), make_officer(town), make_carer(town)
    about = make_supporter(town)
    cases = [report(carer, about, subject_uid=new_id()) for _ in range(3)]
    owners = (leaving, leaving, stays)
    for case, owner in zip(cases, owners, strict=True):
        services.case_take(uid=case.uid, by=stays, owner=owner)
    services.case_close(uid=cases[1].uid, by=leaving, outcome="talked", words="話した")
    assert (services.staff_left(user=leaving), services.staff_left(user=leaving)) == (1, 0)
    assert [Case.objects.get(pk=case.pk).owner for case in cases] == [None, leaving, stays]
    last = CaseNote.objects.filter(case=cases[0]).order_by("-id").first()
    assert (last.by, last.code) == (None, "owner")
