"""What the office does, through its forms: once, with its basis, and never half."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.coins import purse
from kyojo.civic.people.models import Act, Distribution, Person, TrustCheck
from kyojo.civic.people.services import person_register
from kyojo.civic.programmes.models import Issuance
from kyojo.civic.programmes.selectors import treasury_balance
from kyojo.help.matching.models import Offer
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    broadcast,
    purses,
    request_make,
    state_of,
    supporter_make,
    visit_make,
)
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return answer.content.decode()


def acts(action) -> int:
    with tenant(MIDORI):
        return Act.objects.filter(action=action).count()


# --- a request settled by hand --------------------------------------------------------------------
def test_a_coordinator_finds_somebody_calls_and_settles_them(office):
    request = request_make(office.cast)
    client = office.client(office.coordinator)
    found = text(client.get(f"/desk/requests/{request.uid}/find/"))
    path = f"/desk/requests/{request.uid}/assign/{MIDORI}/{office.cast.second.uid}/"
    assert path in found
    assert "090-0000-000" in found
    page = client.get(path)
    assert "この人に決める" in text(page)
    order = page.context["form"]["order_id"].value()

    refused = client.post(path, {"order_id": order})
    assert refused.status_code == 422
    assert "どのように確かめましたか" in text(refused)
    assert purses(office.cast)[1] == 0

    for _ in range(2):  # pressed twice
        answer = client.post(path, {"order_id": order, "basis": "phone"})
        assert answer.status_code == 302
    with tenant(MIDORI):
        visit = Visit.objects.get()
        assert visit.supporter == office.cast.second
        assert HelpRequest.objects.get(uid=request.uid).state == "matched"
    assert answer.url == f"/desk/visits/{visit.uid}/"
    assert purses(office.cast)[:2] == (120, 40)
    with tenant(MIDORI):
        act = Act.objects.get(action="office_assign")
        assert (act.actor, act.basis) == (office.coordinator, "phone")


def test_somebody_who_was_asked_already_is_settled_from_that_question(office):
    request = request_make(office.cast)
    broadcast(office.cast, request)
    path = f"/desk/requests/{request.uid}/assign/{MIDORI}/{office.cast.second.uid}/"
    sent = {"order_id": str(new_id()), "basis": "counter"}
    assert office.client(office.office).post(path, sent).status_code == 302
    with tenant(MIDORI):
        states = set(Offer.objects.values_list("supporter_uid", "state"))
    assert (office.cast.second.uid, "chosen") in states
    assert (office.cast.supporter.uid, "withdrawn") in states


def test_whoever_is_booked_then_is_refused_in_a_sentence_and_nothing_is_held(office):
    visit_make(office.cast)
    request = request_make(office.cast, starts_at=START + timedelta(hours=1), minutes=60)
    before = purses(office.cast)
    path = f"/desk/requests/{request.uid}/assign/{MIDORI}/{office.cast.supporter.uid}/"
    client = office.client(office.coordinator)
    for answer in (
        client.get(path),
        client.post(path, {"order_id": str(new_id()), "basis": "phone"}),
    ):
        assert answer.status_code == 409
        assert "別の予定が入りました" in text(answer)
    assert purses(office.cast) == before
    with tenant(MIDORI):
        assert not Visit.objects.filter(request_uid=request.uid).exists()


def test_a_member_is_taken_by_number_although_the_list_does_not_name_them(office):
    known = supporter_make("木漏日", "たえ", "コモレビ", "タエ")
    request = request_make(office.cast)
    client = office.client(office.coordinator)
    found = client.get(f"/desk/requests/{request.uid}/find/", {"number": known.number})
    assert found.status_code == 302
    assert str(known.uid) in found.url
    unknown = client.get(f"/desk/requests/{request.uid}/find/", {"number": "M-00000"})
    assert "会員が見つかりません" in text(unknown)


def test_the_carers_town_takes_a_request_back_and_the_places_town_cannot(office):
    request = request_make(office.cast)
    path = f"/desk/requests/{request.uid}/cancel/"
    answer = office.client(office.officer).post(path, {"basis": "phone"})
    assert answer.status_code == 409
    assert "北ひなた市のセンターにお電話ください" in text(answer)
    kita = office.client(office.cast.kita_officer)
    assert kita.post(path, {}).status_code == 422
    with tenant(KITA):
        assert HelpRequest.objects.get(uid=request.uid).state == "open"
    assert kita.post(path, {"basis": "phone"}).status_code == 302
    with tenant(KITA):
        assert HelpRequest.objects.get(uid=request.uid).state == "cancelled"
        assert Act.objects.get(action="request_cancelled").basis == "phone"


# --- the recipient's yes --------------------------------------------------------------------------
def test_the_yes_by_telephone_is_noted_with_its_basis(office):
    uid = visit_make(office.cast, with_yes=False)
    client = office.client(office.office)
    assert "訪問してよいか、お宅の方に聞いてください" in text(client.get(f"/desk/visits/{uid}/"))
    path = f"/desk/visits/{uid}/consent/"
    for incomplete in ({}, {"answer": "yes"}, {"answer": "maybe", "basis": "phone"}):
        assert client.post(path, incomplete).status_code == 422
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).consent == "asked"
    assert client.post(path, {"answer": "yes", "basis": "phone"}).status_code == 302
    with tenant(MIDORI):
        visit = Visit.objects.get(uid=uid)
        assert (visit.consent, visit.consent_basis) == ("given", "phone")
        assert Act.objects.get(action="consent_given").actor == office.office


def test_the_no_by_telephone_cancels_and_every_coin_returns(office):
    uid = visit_make(office.cast, with_yes=False)
    office.client(office.office).post(
        f"/desk/visits/{uid}/consent/", {"answer": "no", "basis": "phone"}
    )
    assert state_of(uid) == "cancelled"
    assert purses(office.cast)[:2] == (160, 0)


# --- other steps of a visit -----------------------------------------------------------------------
def test_begin_and_end_are_noted_after_a_call(office, moment):
    uid = visit_make(office.cast)
    client = office.client(office.office)
    path = f"/desk/visits/{uid}/word"
    early = client.post(f"{path}/start/", {"order_id": str(new_id()), "basis": "phone"})
    assert early.status_code == 422
    assert "始められるのは" in text(early)
    for name, at in (("start", START), ("end", END)):
        with moment(at):
            sent = {"order_id": str(new_id()), "basis": "phone"}
            assert client.post(f"{path}/{name}/", sent).status_code == 302
    assert state_of(uid) == "ended"
    with moment(END):
        page = text(client.get(f"/desk/visits/{uid}/"))
    assert "事務局の確認" in page
    assert "始まりの記録（事務局）：始められる時間の前でした" in page


def test_a_visit_nobody_came_to_gives_every_coin_back(office, moment):
    uid = visit_make(office.cast)
    client = office.client(office.officer)
    assert client.post(f"/desk/visits/{uid}/no-show/").status_code == 422
    assert state_of(uid) == "scheduled"
    with moment(START + timedelta(minutes=30)):
        assert client.post(f"/desk/visits/{uid}/no-show/").status_code == 302
        assert purses(office.cast)[:2] == (120, 40)
        said = {"role": "supporter", "answer": "accept", "basis": "phone"}
        assert client.post(f"/desk/visits/{uid}/answer/", said).status_code == 422
        assert purses(office.cast)[:2] == (120, 40)
        another = office.client(office.coordinator)
        assert another.post(f"/desk/visits/{uid}/answer/", said).status_code == 302
    assert state_of(uid) == "no_show"
    assert purses(office.cast)[:2] == (160, 0)


def test_the_office_cancels_a_visit_for_whoever_asked(office):
    uid = visit_make(office.cast)
    client = office.client(office.officer)
    assert client.post(f"/desk/visits/{uid}/cancel/", {}).status_code == 422
    assert client.post(f"/desk/visits/{uid}/cancel/", {"reason": "unwell"}).status_code == 302
    assert state_of(uid) == "cancelled"
    assert purses(office.cast)[:2] == (160, 0)


# --- members --------------------------------------------------------------------------------------
MEMBER = {
    "family_name": "夕凪",
    "given_name": "とし",
    "family_kana": "ゆうなぎ",
    "given_kana": "とし",
    "birth_date_year": "昭和23",
    "birth_date_month": "5",
    "birth_date_day": "3",
    "phone": "0900000000",
    "roles": ["supporter", "recipient"],
    "basis": "counter",
}


def test_somebody_without_a_smartphone_is_registered_with_the_basis_once(office):
    client = office.client(office.office)
    sent = {**MEMBER, "order_id": str(new_id())}
    for _ in range(2):
        assert client.post("/desk/members/new/", sent).status_code == 302
    with tenant(MIDORI):
        person = Person.objects.get(family_kana="ユウナギ")
        assert (person.birth_date, person.user) == (date(1948, 5, 3), None)
        act = Act.objects.get(action="person_register", subject_id=str(person.uid))
        assert (act.actor, act.basis) == (office.office, "counter")
    assert "まだです" in text(client.get("/desk/members/", {"words": "ゆうなぎ"}))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"basis": ""}, "どのように確かめましたか"),
        ({"family_kana": "夕凪"}, "ひらがなかカタカナ"),
        ({"birth_date_month": "13"}, "月を1から12"),
        ({"roles": []}, "役割"),
        ({"phone": "123"}, "電話番号"),
    ],
)
def test_a_wrong_entry_registers_nobody(office, wrong, said):
    with tenant(MIDORI):
        before = Person.objects.count()
    sent = {**MEMBER, "order_id": str(new_id()), **wrong}
    answer = office.client(office.office).post("/desk/members/new/", sent)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "夕凪" in text(answer)  # nothing typed is lost
    with tenant(MIDORI):
        assert Person.objects.count() == before


def test_an_identity_check_at_the_counter_takes_somebody_out_of_the_queue(office):
    with tenant(MIDORI):
        new = person_register(
            family_name="若草",
            given_name="なお",
            family_kana="ワカクサ",
            given_kana="ナオ",
            birth_date=date(2000, 1, 1),
            roles=["supporter"],
        )
    client = office.client(office.office)
    todo = {"identity": "todo"}
    assert "ワカクサ" in text(client.get("/desk/members/", todo))
    path = f"/desk/members/{new.uid}/check/identity/"
    assert client.post(path, {"order_id": str(new_id())}).status_code == 422
    sent = {
        "order_id": str(new_id()),
        "document": "driver",
        "items": ["name", "birth_date", "face"],
    }
    for _ in range(2):
        assert client.post(path, sent).status_code == 302
    # One is not enough, and cannot confirm what they saw themselves.
    assert "ワカクサ" in text(client.get("/desk/members/", todo))
    look = f"/desk/checks/looks/{sent['order_id']}/"
    assert "本人確認の二人目を待っています" in text(client.get("/desk/checks/waiting/"))
    assert "二人目待ち" in text(client.get("/desk/"))
    assert client.post(look).status_code == 409
    second = office.client(office.coordinator)
    assert "運転免許証" in text(second.get(look))
    for _ in range(2):
        assert second.post(look).status_code == 302
    with tenant(MIDORI):
        check = TrustCheck.objects.get(person=new)
        assert (check.checked_by, check.confirmed_by) == (office.office, office.coordinator)
    assert "ワカクサ" not in text(client.get("/desk/members/", todo))
    # It stands in the list, and is withdrawn from there with a reason.
    assert "ワカクサ" in text(client.get("/desk/checks/", {"kind": "identity"}))
    assert "ワカクサ" not in text(client.get("/desk/checks/", {"state": "ended"}))
    withdraw = f"/desk/checks/{check.pk}/withdraw/"
    assert client.post(withdraw, {}).status_code == 422
    assert client.post(withdraw, {"reason": "別の人でした"}).status_code == 302
    assert client.post(withdraw, {"reason": "別の人でした"}).status_code == 422
    assert "ワカクサ" in text(client.get("/desk/members/", todo))


def test_a_course_is_recorded_by_one_and_a_look_is_refused_with_a_reason(office):
    with tenant(MIDORI):
        helper = Person.objects.filter(supporter_since__isnull=False).first()
    client = office.client(office.officer)
    sent = {
        "order_id": str(new_id()),
        "document": "completion",
        "label": "子どもの見守り講習",
        "issuer": "社会福祉協議会",
    }
    path = f"/desk/members/{helper.uid}/check/"
    assert "子どもの見守り講習" in text(client.get(f"{path}training/"))  # as the programme names it
    assert client.post(f"{path}training/", sent).status_code == 302
    with tenant(MIDORI):
        check = TrustCheck.objects.get(person=helper, kind="training")
        assert (check.label, check.shown, check.issuer) == (
            "子どもの見守り講習",
            "修了証",
            "社会福祉協議会",
        )
        assert check.valid_until is not None
    assert "社会福祉協議会" in text(client.get(f"/desk/members/{helper.uid}/"))
    assert client.get(f"{path}good/").status_code == 404
    sent = {"order_id": str(new_id()), "document": "driver", "items": ["name", "birth_date"]}
    assert client.post(f"{path}identity/", sent).status_code == 302
    refuse = f"/desk/checks/looks/{sent['order_id']}/refuse/"
    assert client.post(refuse, {}).status_code == 422
    assert client.post(refuse, {"reason": "見まちがい"}).status_code == 302
    assert client.post(f"/desk/checks/looks/{sent['order_id']}/").status_code == 409


def test_nobody_checks_their_own_identity(office):
    with tenant(MIDORI):
        me = person_register(
            family_name="霞",
            given_name="とも",
            family_kana="カスミ",
            given_kana="トモ",
            birth_date=date(1980, 1, 1),
            roles=["supporter"],
            user=office.office,
        )
    answer = office.client(office.office).post(
        f"/desk/members/{me.uid}/check/identity/",
        {"order_id": str(new_id()), "document": "driver", "items": ["name", "birth_date"]},
    )
    assert answer.status_code == 422
    assert "自分では確かめられません" in text(answer)
    with tenant(MIDORI):
        assert not TrustCheck.objects.filter(person=me).exists()


# --- coins ----------------------------------------------------------------------------------------
def issued() -> int:
    with tenant(MIDORI):
        return treasury_balance().credits_posted


def test_coins_are_issued_by_form_and_a_large_order_by_two_officers(office):
    first, second = office.client(office.officer), office.client(office.second)
    before = issued()
    small = {"order_id": str(new_id()), "amount": "１,０００", "reason": "試験"}
    for _ in range(2):
        assert first.post("/desk/coins/", small).status_code == 302
    assert issued() == before + 1000
    large = {"order_id": str(new_id()), "amount": "480000", "reason": "令和8年度 第2回"}
    first.post("/desk/coins/", large)
    with tenant(MIDORI):
        order = Issuance.objects.get(state="waiting")
    path = f"/desk/coins/issue/{order.uid}/"
    assert "承認して発行する" not in text(first.get(path))
    own = first.post(f"{path}approve/")
    assert own.status_code == 409
    assert "自分では承認できません" in text(own)
    assert issued() == before + 1000
    assert "承認して発行する" in text(second.get(path))
    for _ in range(2):
        assert second.post(f"{path}approve/").status_code == 302
    assert issued() == before + 481_000
    assert acts("issuance_approved") >= 1


@pytest.mark.parametrize(
    "sent",
    [
        {"amount": "0", "reason": "x"},
        {"amount": "-1", "reason": "x"},
        {"amount": "たくさん", "reason": "x"},
        {"amount": "99999999999", "reason": "x"},
        {"amount": "100", "reason": ""},
        {"amount": "", "reason": "x"},
    ],
)
def test_a_wrong_order_issues_nothing_and_keeps_what_was_typed(office, sent):
    before = issued()
    answer = office.client(office.officer).post("/desk/coins/", {**sent, "order_id": str(new_id())})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text(answer)
    assert issued() == before


def carers(office, count):
    with tenant(MIDORI):
        return [
            person_register(
                family_name="見本",
                given_name="ひと",
                family_kana="ミホン",
                given_kana=kana,
                birth_date=date(1980, 1, 1),
                roles=["carer"],
            )
            for kana in "アイウエオカ"[:count]
        ]


def csv_of(rows):
    lines = ["会員番号,カナ,コイン", *(f"{p.number},{p.kana},{coins}" for p, coins in rows)]
    return "\r\n".join(lines).encode("cp932")


def upload(client, data, name="12月分の配布.csv", order=None):
    return client.post(
        "/desk/coins/distribute/",
        {"order_id": order or str(new_id()), "file": SimpleUploadedFile(name, data)},
    )


def test_a_file_is_checked_mended_submitted_and_distributed(office):
    client, (one, other) = office.client(office.officer), carers(office, 2)
    answer = upload(client, csv_of([(one, 40), (other, 0)]))
    page = text(client.get(answer.url))
    assert "2行のうち、1行に直すところがあります" in page
    assert "0コインは配れません" in page
    assert "シフトJIS" in page
    mend = client.post(answer.url, {"order_id": str(new_id()), "how": "mend"})
    assert mend.status_code == 422
    assert "直したファイルを選んでください" in text(mend)
    mended = client.post(
        answer.url,
        {
            "order_id": str(new_id()),
            "how": "mend",
            "file": SimpleUploadedFile("直した.csv", csv_of([(one, 40), (other, 60)])),
        },
    )
    assert mended.status_code == 302
    assert mended.url != answer.url
    with tenant(MIDORI):
        assert Distribution.objects.filter(state="cancelled").count() == 1
    sent = {"order_id": str(new_id()), "how": "all", "reason": "令和8年12月分（要綱第6条）"}
    for _ in range(2):
        assert client.post(mended.url, sent).status_code == 302
    assert "配りました" in text(client.get(mended.url))
    assert purse(one).available == 40
    assert purse(other).available == 60


def test_the_lines_to_mend_come_as_an_excel_file(office):
    client, (one,) = office.client(office.officer), carers(office, 1)
    answer = upload(client, csv_of([(one, 0)]))
    book = client.get(f"{answer.url}problems.xlsx")
    assert book.content.startswith(b"PK")
    assert book["Content-Disposition"] == 'attachment; filename="kyojo-naosu-gyo.xlsx"'


def test_a_large_distribution_is_approved_by_another_officer(office):
    first, second = office.client(office.officer), office.client(office.second)
    people = carers(office, 6)
    path = upload(first, csv_of([(person, 2000) for person in people])).url
    sent = {"order_id": str(new_id()), "how": "all", "reason": "試験"}
    first.post(path, sent)
    assert purse(people[0]).available == 0
    own = first.post(f"{path}approve/")
    assert own.status_code == 409
    assert purse(people[0]).available == 0
    assert office.client(office.coordinator).post(f"{path}approve/").status_code == 404
    assert "発行・配布の承認待ち" in text(second.get("/desk/"))
    second.post(f"{path}approve/")
    assert {purse(person).available for person in people} == {2000}


def test_a_short_treasury_is_said_and_nothing_is_distributed(office):
    client = office.client(office.officer)
    people = carers(office, 5)
    # 50,000 are in the treasury: 5 × 2,000 fits once within the bound of 10,000, not six times.
    for _ in range(5):
        path = upload(client, csv_of([(person, 2000) for person in people])).url
        client.post(path, {"order_id": str(new_id()), "how": "all", "reason": "x"})
    path = upload(client, csv_of([(people[0], 2000)])).url
    answer = client.post(path, {"order_id": str(new_id()), "how": "all", "reason": "x"})
    assert answer.status_code == 422
    assert "発行の残りが2,000コイン足りません" in text(answer)
    assert purse(people[0]).available == 10_000
    with tenant(MIDORI):
        assert treasury_balance().available == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "行がありません"),
        (b"PK\x03\x04book", "Excelブックとして読めませんでした"),
        (b"\xd0\xcf\x11\xe0book", "パスワードつきのExcelブックは読めません"),
        ("なまえ,すうじ\r\nあ,1".encode(), "の列が見つかりません"),
        (b"\x81 \xfd\xff", "として読めません"),
    ],
)
def test_an_unusable_file_is_refused_beside_its_field(office, data, said):
    answer = upload(office.client(office.officer), data)
    assert answer.status_code == 422
    assert said in text(answer)
    with tenant(MIDORI):
        assert not Distribution.objects.exists()
