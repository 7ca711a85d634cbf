"""Who may spend, where money goes, what is told before it ends, and leaving."""

from dataclasses import replace
from datetime import date

import pytest

from kyojo.civic.earnings import selectors, services, tasks
from kyojo.civic.earnings.errors import (
    MayNotSpend,
    NothingChosen,
    PaidReferenceMissing,
    PayeeNeeded,
    PayeeUnwritable,
    RedemptionNotWaiting,
)
from kyojo.civic.earnings.models import Grant, Movement, OfficeAccount, Redemption
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.services import person_leave
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.civic.programmes.papers.zengin import Sender
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, NotFound
from kyojo.kernel.ids import new_id

from .uses_cast import APRIL, available

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 18)
GIFT = "子どもの居場所"
SENDER = Sender("0000012345", "ﾐﾄﾞﾘﾊﾏｼ", "0001", "ﾐﾎﾝ", "001", "ﾐﾅﾄ", 1, "7654321")


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


def earner(towns, *, spenders="", expiry="", code="yokohama", who=FUMI):
    document = preset(code)
    if spenders:
        document = document.replace("[expiry]", f"[spenders]\n{spenders}\n\n[expiry]")
    if expiry:
        document = document.replace("[expiry]", f"[expiry]\n{expiry}")
    install(towns.midori.id, code, document=document)
    person = make_supporter(towns.midori.id, who)
    stand(person)
    record(person, code, APRIL)
    return person


def ask(person, amount=200, use="donation", **fields):
    with tenant(person.municipality_id):
        return services.redemption_ask(
            uid=fields.pop("uid", None) or new_id(),
            programme_code="yokohama",
            person=person,
            use=use,
            amount=amount,
            detail=GIFT if use == "donation" else "",
            **fields,
        )


def may(person, code="yokohama"):
    with tenant(person.municipality_id):
        return selectors.may_spend(selectors.ruled(code), person)


# --- who may spend --------------------------------------------------------------------------------


def test_where_the_document_names_nobody_everybody_may(towns):
    person = earner(towns)
    stand(person, "none", since=date(2026, 11, 1), lives=False)
    assert may(person) and ask(person).value_yen == 200


@pytest.mark.parametrize(
    ("spenders", "change", "words"),
    [
        ('relation = ["lives"]', {"lives": False}, "住んでいる人です"),
        (
            'relation = ["lives", "works"]\nany_of = [{ insured = "first", age_from = 70 }]',
            {"insured": "second"},
            "70歳からの第1号被保険者です",
        ),
    ],
)
def test_who_does_not_fit_on_the_day_is_told_why(towns, spenders, change, words):
    person = earner(towns, spenders=spenders)
    assert may(person)
    stand(person, **{"since": date(2026, 11, 21), **change})
    assert may(person)  # from tomorrow on
    with clock.frozen(clock.at(date(2026, 11, 21), 9)):
        for attempt in (
            lambda: may(person),
            lambda: ask(person),
            lambda: ask(person, dry_run=True),
        ):
            with pytest.raises(MayNotSpend) as said:
                attempt()
            assert words in said.value.message()
    assert available(person, "yokohama") == 200
    with tenant(person.municipality_id):
        assert not Redemption.objects.exists()


def test_who_left_and_keeps_it_may_still_spend_it(towns):
    spenders = 'relation = ["lives"]\nany_of = [{ insured = "first" }]'
    person = earner(towns, spenders=spenders, expiry='on_leaving = "keep"')
    stand(person, since=date(2026, 11, 1), lives=False)
    assert may(person)
    stand(person, "none", since=date(2026, 11, 2), lives=False)
    with pytest.raises(MayNotSpend):
        may(person)


def test_an_application_that_was_sent_stays_the_same_though_its_person_moved(towns):
    person, uid = earner(towns, spenders='relation = ["lives"]'), new_id()
    one = ask(person, uid=uid)
    stand(person, since=date(2026, 11, 1), lives=False)
    assert ask(person, uid=uid) == one


# --- accounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"holder_kana": "雲居 晶"}, "銀行で使えない文字：雲、居、晶"),
        ({"holder_kana": "ｱ" * 31}, "半角で30字まで"),
        ({"bank_kana": "ミ本"}, "銀行の名前（カナ）を確かめて"),
        ({"branch_kana": "ｱ" * 16}, "支店の名前（カナ）を確かめて"),
    ],
)
def test_a_name_that_no_bank_file_carries_is_refused_on_entry(towns, change, words):
    person = earner(towns)
    with pytest.raises(PayeeUnwritable) as said:
        ask(person, use="cash", payee=replace(PAYEE, **change))
    assert words in said.value.message() and said.value.field == next(iter(change))
    assert available(person, "yokohama") == 200


def test_the_office_keeps_its_account_sealed(towns):
    earner(towns)
    officer = make_officer(towns.midori.id)

    def put(account):
        services.office_account_set(programme_code="yokohama", account=account, by=officer)

    with tenant(towns.midori.id):
        programme = selectors.ruled("yokohama").programme
        assert services.office_account_of(programme) is None
        with pytest.raises(Invalids) as said:
            put(replace(SENDER, bank_code="12", name="山田"))
        assert {one.field for one in said.value.refusals} == {"bank_code", "name"}
        put(SENDER)
        put(SENDER)
        assert services.office_account_of(programme) == SENDER
        put(replace(SENDER, account_number="1"))
        row = OfficeAccount.objects.get()
        assert b"7654321" not in bytes(row.account_encrypted) and row.set_by == officer
        acts = Act.objects.filter(action="office_account_set").order_by("id")
        assert [act.note for act in acts] == ["登録", "変更"]
    with tenant(towns.kita.id), pytest.raises(NotFound):
        put(SENDER)


# --- done, many at once ---------------------------------------------------------------------------


def test_many_are_done_at_once_or_none(towns):
    person = earner(towns)
    for day in (7, 8, 9):
        record(person, "yokohama", APRIL.replace(day=day))
    officer = make_officer(towns.midori.id)
    ones = [ask(person) for _ in range(3)]

    def done(uids, reference="総振 3"):
        with tenant(towns.midori.id):
            return services.redemptions_done(uids=uids, reference=reference, by=officer)

    def states():
        with tenant(towns.midori.id):
            return sorted(Redemption.objects.values_list("state", flat=True))

    with tenant(towns.midori.id):
        for one in ones[:2]:
            services.redemption_approve(uid=one.uid, by=officer)
    for uids, reference, refusal in (
        ([one.uid for one in ones], "1", RedemptionNotWaiting),
        ([ones[0].uid, new_id()], "1", NotFound),
        ([ones[0].uid], " ", PaidReferenceMissing),
        ([], "1", NothingChosen),
    ):
        with pytest.raises(refusal):
            done(uids, reference)
        assert states() == ["approved", "approved", "asked"]
    for _ in range(2):
        done([ones[0].uid, ones[1].uid])
    assert states() == ["asked", "done", "done"]
    with tenant(towns.midori.id):
        assert Act.objects.filter(action="redemption_done").count() == 2
        assert Notice.objects.filter(person=person, title__contains="終わりました").count() == 2
    with tenant(towns.kita.id), pytest.raises(NotFound):
        services.redemptions_done(uids=[ones[0].uid], reference="1", by=officer)


# --- told before it ends --------------------------------------------------------------------------


def test_members_hear_twice_that_something_ends(towns):
    person, other = earner(towns), make_supporter(towns.midori.id, KEN)
    stand(other)
    with clock.frozen(clock.at(date(2028, 1, 20), 9)):
        tasks.units_end_tell()
        assert not notices(person)
    for day in (date(2028, 2, 1), date(2028, 2, 2), date(2028, 3, 18), date(2028, 3, 31)):
        with clock.frozen(clock.at(day, 9)):
            tasks.units_end_tell()
    told = notices(person)
    assert [one.title for one in told] == [
        "シニアボランティアポイント（横浜市の型）の200ポイントは、2028年3月31日まで使えます"
    ] * 2
    assert {one.path for one in told} == {"/me/points/yokohama/"} and not notices(other)


def test_who_used_it_or_left_hears_nothing(towns):
    used, left = earner(towns), make_supporter(towns.midori.id, KEN)
    ask(used)
    stand(left)
    record(left, "yokohama", APRIL)
    with tenant(towns.midori.id):
        person_leave(person=left)
    with clock.frozen(clock.at(date(2028, 2, 10), 9)):
        tasks.units_end_tell()
    assert not notices(used) and not notices(left)


def notices(person):
    with tenant(person.municipality_id):
        return list(Notice.objects.filter(person=person, kind="units_end"))


# --- leaving --------------------------------------------------------------------------------------


def settle(person, event="leaving", uid=None, **fields):
    with tenant(person.municipality_id):
        return services.leaving_settle(
            uid=uid or new_id(),
            person=person,
            event=event,
            by=make_officer(person.municipality_id),
            **fields,
        )


def test_the_plan_says_what_settling_does(towns):
    person = earner(towns)
    with tenant(person.municipality_id):
        plan = services.leaving_plan(person=person, event="leaving")
        assert not Movement.objects.exists()
    assert plan == settle(person)
    assert (plan[0].way, plan[0].amount, plan[0].rule) == ("lapse", 200, "expiry.on_leaving")


def test_what_is_paid_out_asks_neither_who_may_spend_nor_the_years_limit(towns):
    person = earner(
        towns, spenders='relation = ["lives"]', expiry='on_leaving = "pay_out"\non_death = "heirs"'
    )
    uid = new_id()
    with pytest.raises(PayeeNeeded):
        settle(person, uid=uid, day=date(2026, 11, 20))
    with tenant(person.municipality_id):
        assert selectors.standings([person.pk])[person.pk][-1].lives  # nothing was done
    (first,) = settle(person, uid=uid, payee=PAYEE, day=date(2026, 11, 20), ties={"works"})
    assert (first.way, first.is_paid, available(person, "yokohama")) == ("pay_out", True, 0)
    (again,) = settle(person, uid=uid, payee=PAYEE, day=date(2026, 11, 20), ties={"works"})
    assert again == first
    with tenant(person.municipality_id):
        row = selectors.standings([person.pk])[person.pk][-1]
        assert (row.since, row.lives, row.works, row.insured) == (NOW.date(), False, True, "first")
        assert Act.objects.filter(action="points_leaving").count() == 1
        assert Redemption.objects.get().asked_by == make_officer(person.municipality_id)


def test_what_was_done_after_the_day_counts_no_more(towns):
    person = earner(towns)
    record(person, "yokohama", APRIL.replace(day=20))
    (one,) = settle(person, day=APRIL.replace(day=10))
    assert one.amount == 200
    with tenant(person.municipality_id):
        assert sum(Grant.objects.values_list("amount", flat=True)) == 200
