"""自治体間清算 at the desk: two officers of two towns, one month, one statement."""

import csv
import io
import re
from datetime import date, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.models import Act
from kyojo.civic.programmes.clearing import clearing_propose
from kyojo.civic.programmes.models import ClearingSettlement
from kyojo.help.support.tests.cast import KITA, MIDORI, START, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger import clearing as ledger_clearing

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
IN_DECEMBER = clock.at(date(2026, 12, 2), 10)
MONTH_OF_KITA = f"/desk/clearing/{MIDORI}/2026-11/"
MONTH_OF_MIDORI = f"/desk/clearing/{KITA}/2026-11/"


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def moved(office, amount: int, reference=None) -> None:
    """Coins of 北ひなた's carer for みどり浜's supporter."""
    cast = office.cast
    holds = coins.coins_hold(
        order_id=new_id(),
        payer_municipality_id=KITA,
        payer_person_id=cast.carer.pk,
        payee_municipality_id=MIDORI,
        payee_person_id=cast.supporter.pk,
        amount=amount,
        reference=reference or new_id(),
    )
    coins.coins_settle(order_id=new_id(), holds=holds)


@pytest.fixture
def november(office):
    """The month is over; 50 coins went from 北ひなた to みどり浜, 40 of them for a visit."""
    visit = visit_make(office.cast)
    with clock.frozen(START):
        moved(office, 40, visit)
    with clock.frozen(START + timedelta(hours=1)):
        moved(office, 10)
    office.visit = visit
    with clock.frozen(IN_DECEMBER):
        yield office


def proposed() -> ClearingSettlement:
    with tenant(KITA):
        return clearing_propose(counterpart_id=MIDORI, month=NOVEMBER)


def all_of_it() -> list[object]:
    """Everything that a press about clearing may change."""
    seen: list[object] = []
    for town, other in ((KITA, MIDORI), (MIDORI, KITA)):
        with tenant(town):
            seen.append(list(ClearingSettlement.objects.values()))
            seen.append(ledger_clearing.positions(ledger=town, counterparts=[other]))
            seen.append(Act.objects.filter(subject_kind="clearing").count())
    return seen


def net(town: int) -> int:
    with tenant(town):
        other = KITA + MIDORI - town
        return ledger_clearing.positions(ledger=town, counterparts=[other])[0].net


def yes(one: ClearingSettlement, yen: str = "0") -> dict[str, str]:
    return {"statement": one.statement_hash, "yen_per_coin": yen}


def test_a_month_from_both_desks(november):
    kita, midori = november.client(november.cast.kita_officer), november.client(november.officer)
    home = text(midori.get("/desk/clearing/"))
    assert "受ける 50" in home and "北ひなた市" in home
    pair = text(midori.get(f"/desk/clearing/{KITA}/"))
    assert "終わった月を締める" in pair
    answer = midori.post(f"/desk/clearing/{KITA}/", follow=True)
    assert "1か月分を締めました" in text(answer)
    with tenant(MIDORI):
        one = ClearingSettlement.objects.get()
    base = f"/desk/clearing/{one.uid}"

    answer = midori.post(f"{base}/agree/", yes(one, "２．５円"), follow=True)
    assert answer.redirect_chain[-1][0] == MONTH_OF_MIDORI
    assert "北ひなた市の合意を待っています" in text(answer)
    page = text(kita.get(MONTH_OF_KITA))
    assert "みどり浜市は、1コイン2.5円で合意しました" in page
    assert one.statement_hash in page and one.statement_hash in text(midori.get(MONTH_OF_MIDORI))
    assert 'value="2.5"' in page
    answer = kita.post(f"{base}/agree/", yes(one, "2.5"), follow=True)
    assert "両方の自治体が合意しました" in text(answer)
    assert (net(KITA), net(MIDORI)) == (-50, 50)

    answer = midori.post(f"{base}/settle/", follow=True)
    assert "125円の振込を記録してください" in text(answer)
    assert (net(KITA), net(MIDORI)) == (0, 0)
    paid = {"paid_on_year": "令和8", "paid_on_month": "12", "paid_on_day": "1"}
    answer = kita.post(f"{base}/pay/", {**paid, "paid_reference": "伝票 12"}, follow=True)
    assert "2026年12月1日" in text(answer) and "番号 伝票 12" in text(answer)
    assert "振込ずみ" in text(midori.get(MONTH_OF_MIDORI))
    assert "することがある清算" not in text(kita.get("/desk/clearing/"))


def test_each_press_is_on_record_in_both_towns_once(november):
    one = proposed()
    kita, midori = november.client(november.cast.kita_officer), november.client(november.officer)
    for _ in range(2):
        kita.post(f"/desk/clearing/{one.uid}/agree/", yes(one))
        midori.post(f"/desk/clearing/{one.uid}/agree/", yes(one))
        midori.post(f"/desk/clearing/{one.uid}/settle/")
        kita.post(f"/desk/clearing/{one.uid}/settle/")
    for town, officer in ((KITA, november.cast.kita_officer), (MIDORI, november.officer)):
        with tenant(town):
            acts = Act.objects.filter(subject_kind="clearing").order_by("id")
            assert [act.action for act in acts] == ["clearing_agreed"] * 2 + ["clearing_settled"]
            assert {act.actor_id for act in acts} == {officer.pk, None}
            assert all("2026年11月分" in act.note for act in acts)
    assert "清算のコインを精算した" in text(midori.get("/desk/acts/"))
    assert "北ひなた市の職員" in text(midori.get("/desk/acts/"))


def test_a_statement_shows_lines_and_nobody(november):
    proposed()
    client = november.client(november.officer)
    page = text(client.get(MONTH_OF_MIDORI))
    assert "北ひなた市 → みどり浜市" in page
    assert f'href="/desk/visits/{november.visit}/"' in page
    assert "明細（2件）" in page
    cast = november.cast
    for person in (cast.carer, cast.mother, cast.supporter):
        assert person.family_name not in page
    answer = client.get(f"{MONTH_OF_MIDORI}?format=csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == [
        "日時", "内容", "向き", "コイン", "受付番号", "レシート番号", "前の月のぶん",
    ]  # fmt: skip
    assert [row[3] for row in rows[1:]] == ["40", "10"]
    assert rows[1][4].startswith("R-")
    for path in ("/desk/clearing/", f"/desk/clearing/{KITA}/", MONTH_OF_MIDORI):
        for kind in ("xlsx", "csv", "sjis"):
            answer = client.get(f"{path}?format={kind}")
            assert answer["Content-Disposition"].startswith("attachment"), (path, kind)
    assert "シフトJIS" in text(client.get("/desk/acts/"))
    decoded = client.get(f"{MONTH_OF_MIDORI}?format=sjis").content.decode("cp932")
    assert "北ひなた市 → みどり浜市" in decoded


def test_the_running_month_can_be_looked_at_and_not_agreed(november):
    with clock.frozen(START + timedelta(hours=2)):
        client = november.client(november.officer)
        page = text(client.get(MONTH_OF_MIDORI))
        assert "集計中" in page and "明細（2件）" in page and "/agree/" not in page
        assert "締める月は、もうありません" in text(
            client.post(f"/desk/clearing/{KITA}/", follow=True)
        )
    with tenant(KITA):
        assert not ClearingSettlement.objects.exists()


def test_bad_input_is_answered_on_the_page_and_changes_nothing(november):
    one = proposed()
    kita, midori = november.client(november.cast.kita_officer), november.client(november.officer)
    before = all_of_it()
    for yen in ("", "abc", "-1", "1.234", "99999999"):
        answer = midori.post(f"/desk/clearing/{one.uid}/agree/", yes(one, yen))
        assert answer.status_code == 422, yen
        assert "円" in text(answer)
    stale = midori.post(f"/desk/clearing/{one.uid}/agree/", yes(one) | {"statement": "0" * 64})
    assert stale.status_code == 409
    early = midori.post(f"/desk/clearing/{one.uid}/settle/")
    assert (early.status_code, "合意がそろっていません" in text(early)) == (409, True)
    assert all_of_it() == before
    for client in (kita, midori):
        client.post(f"/desk/clearing/{one.uid}/agree/", yes(one, "1"))
    kita.post(f"/desk/clearing/{one.uid}/settle/")
    before = all_of_it()
    day = {"paid_on_year": "2026", "paid_on_month": "11", "paid_on_day": "30"}
    for sent in ({}, day, {**day, "paid_reference": "1"}):
        assert kita.post(f"/desk/clearing/{one.uid}/pay/", sent).status_code == 422
    assert all_of_it() == before
    for nonsense in ("2026-13", "2026-0", "0-1", "2026-10", "99999-1"):
        assert kita.get(f"/desk/clearing/{MIDORI}/{nonsense}/").status_code == 404, nonsense
    for town in (KITA, 1, 990035, 10**12):
        assert kita.get(f"/desk/clearing/{town}/").status_code == 404, town
        assert kita.get(f"/desk/clearing/{town}/2026-11/").status_code == 404, town


def test_only_officers_of_the_two_towns_can_press(november):
    one = proposed()
    before = all_of_it()
    clients = [
        november.client(user)
        for user in (
            None,
            november.coordinator,
            november.office,
            november.cast.carer.user,
            november.cast.supporter.user,
        )
    ]
    for client in clients:
        unknown = client.get("/desk/nothing/here/").content
        for path in ("agree", "settle", "pay"):
            answer = client.post(f"/desk/clearing/{one.uid}/{path}/", yes(one))
            assert (path, answer.status_code) == (path, 404)
            assert answer.content == unknown
        assert client.post(f"/desk/clearing/{KITA}/").status_code == 404
    assert all_of_it() == before


def test_what_waits_stands_in_the_day_s_work(november):
    client = november.client(november.officer)
    assert "自治体間清算</" in text(client.get("/desk/")), "the menu"
    before = text(client.get("/desk/")).count("/desk/clearing/")
    proposed()
    assert text(client.get("/desk/")).count("/desk/clearing/") > before
