"""The receipt's pages and files: what they prove, to whom, and what they never show."""

import re
from datetime import timedelta
from functools import partial

import pytest
import segno
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.forgetting import coins_forget
from kyojo.civic.people.models import PersonAccount
from kyojo.help.support import proofs, services
from kyojo.help.support.models import Visit
from kyojo.help.support.receipts import receipt_by_code
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    as_door,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger.log import selectors as log
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.log.scope import ledger_scope, rows
from kyojo.ledger.tlog.notes import VerifierKey

from .logs import NOON, at_noon, policy_write, public, settled, text, town_logs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy(settings, tmp_path):
    settings.LOG_POLICY = policy_write(tmp_path)


@pytest.fixture
def visit(cast):
    return settled(cast)


def key_of(ledger) -> VerifierKey:
    with tenant(ledger):
        return VerifierKey.parse(log.log_head(ledger=ledger).key)


def accounts(*people) -> set[str]:
    found = set()
    for person in people:
        with tenant(person.municipality_id):
            mine = PersonAccount.objects.filter(person=person)
            found |= {str(account) for account in mine.values_list("account", flat=True)}
    return found


# --- the public page ------------------------------------------------------------------------------
def test_the_public_page_verifies_step_by_step(cast, visit, tmp_path):
    with clock.frozen(NOON):
        town_logs(tmp_path)
    page = text(public(visit[1]))
    assert "<h1>記録と合いました</h1>" in page and "準備しているところ" not in page
    assert page.count("確かめました</span>") == 4 and "checks__one--open" not in page
    assert re.search(
        r"北ひなた市の記録簿の\d+番</p><p class=\"note\">みどり浜市の記録簿の\d+番", page
    )
    assert "みどり浜市、北ひなた市も、同じ記録を見ています" in page
    assert "みどり浜市が、北ひなた市の記録簿を11月28日（土） 12時5分に確認" in page
    assert "北ひなた市が、北ひなた市" not in page, "a town does not vouch for itself"
    assert "この受け取りも記録簿も、40コインです" in page
    assert "町のコンピューターが出しています" in page and "/log/kita-hinata/#self" in page
    for technical in ("inclusion", "Merkle", "checkpoint", "ハッシュ", "署名"):
        assert technical not in page


def test_until_it_is_logged_the_page_says_so_and_leads_on(visit, browser, cast, tmp_path):
    page = text(public(visit[1]))
    assert "いま、記録しています" in page and f'href="/receipts/{visit[1]}/"' in page
    assert "checks__one" not in page and "kyojo-receipt" not in page
    own = text(at_noon(lambda: browser(cast.carer).get(f"/visits/{visit[0]}/receipt/")))
    assert "記録中" in own and 'hx-trigger="load delay:2s"' in own
    answer = at_noon(lambda: Client().get(f"/receipts/{visit[1]}/1.kyojo-receipt"))
    assert answer.status_code == 409 and "まだ公開の記録簿に入っていません" in text(answer)
    with clock.frozen(NOON + timedelta(hours=1)):
        late = text(Client().get(f"/receipts/{visit[1]}/"))
        assert "まだ、記録簿に入っていません" in late and "0120-000-019" in late
        assert "hx-trigger" not in late.partition("<main")[2], "it does not ask for ever"
    with clock.frozen(NOON):
        town_logs(tmp_path)
    assert "記録と合いました" in text(public(visit[1]))


def test_without_another_town_the_page_does_not_claim_one(visit, tmp_path):
    with clock.frozen(NOON):
        town_logs(tmp_path, witnessed=False)
    page = text(public(visit[1]))
    assert "記録と合いました" in page and "ほかの町の確認は、まだありません" in page
    assert page.count("確かめました</span>") == 3


# --- files ----------------------------------------------------------------------------------------
def test_the_public_files_verify_and_open_no_side(cast, visit, tmp_path):
    with clock.frozen(NOON):
        town_logs(tmp_path)
    private = accounts(cast.carer, cast.supporter) | {str(visit[0])}
    for place, ledger in ((1, KITA), (2, MIDORI)):
        answer = at_noon(lambda place=place: Client().get(_public_file(visit, place)))
        assert "attachment" in answer.headers["Content-Disposition"]
        assert f"{visit[1]}-{place}.kyojo-receipt" in answer.headers["Content-Disposition"]
        receipt = Receipt.parse(answer.content)
        receipt.verify(key=key_of(ledger), now=NOON)
        assert receipt.sides == () and receipt.leaf.ledger == ledger
        assert not any(secret in text(answer) for secret in private)
    for place in (0, 3):
        assert Client().get(_public_file(visit, place)).status_code == 404


def _public_file(visit, place):
    return f"/receipts/{visit[1]}/{place}.kyojo-receipt"


def test_each_party_gets_their_own_side_and_no_other(cast, visit, browser, tmp_path):
    with clock.frozen(NOON):
        town_logs(tmp_path)
    url = f"/visits/{visit[0]}/receipt/1.kyojo-receipt"
    for person, ledger, side in (
        (cast.carer, KITA, "debit"),
        (cast.supporter, MIDORI, "credit"),
    ):
        answer = at_noon(lambda person=person: browser(person).get(url))
        assert answer.headers["Cache-Control"] == "private, no-store"
        receipt = Receipt.parse(answer.content)
        receipt.verify(key=key_of(ledger), now=NOON)
        assert receipt.leaf.ledger == ledger
        [opened] = receipt.sides
        assert opened.name == side and {str(opened.account)} <= accounts(person)
        other = cast.supporter if person == cast.carer else cast.carer
        assert not any(account in text(answer) for account in accounts(other))
        with clock.frozen(NOON):
            beyond = browser(person).get(f"/visits/{visit[0]}/receipt/2.kyojo-receipt")
        assert beyond.status_code == 404


@pytest.mark.parametrize("name", ["1.kyojo-receipt", "1.svg"])
def test_nobody_else_gets_a_partys_file(cast, visit, browser, tmp_path, name):
    with clock.frozen(NOON):
        town_logs(tmp_path)
    url = f"/visits/{visit[0]}/receipt/{name}"
    for person in (cast.mother, cast.stranger, cast.second):
        theirs = browser(person).get(url)
        nothing = browser(person).get(f"/visits/{new_id()}/receipt/{name}")
        assert theirs.status_code == nothing.status_code == 404
        assert text(theirs) == text(nothing)
    for staff in (cast.officer, cast.kita_officer):
        client = Client()
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(url).status_code == 404
    visitor = Client().get(url)
    assert visitor.status_code == 302 and visitor.headers["Location"].startswith("/login/")


def test_two_receipts_of_the_same_people_have_nothing_in_common(cast, visit, tmp_path):
    """But for the towns, and the signed state of the log that both are held against."""
    second = settled(cast, starts_at=START + timedelta(days=1))
    with clock.frozen(NOON + timedelta(days=2)):
        town_logs(tmp_path)
        leaves = [
            {
                line
                for place in (1, 2)
                for line in text(Client().get(_public_file(one, place)))
                .split("c2sp.org/tlog-proof")[0]
                .splitlines()
                if len(line) >= 16
            }
            for one in (visit, second)
        ]
    assert leaves[0] & leaves[1] == {"kyojo-receipt/v1", "kyojo-transfer/v1"}
    assert all(len(one) > 8 for one in leaves)


def test_a_forgotten_supporter_cannot_be_shown_any_more(cast, visit, browser, tmp_path):
    with clock.frozen(NOON):
        town_logs(tmp_path)
    private = accounts(cast.supporter)
    coins_forget(person=cast.supporter)
    url = f"/visits/{visit[0]}/receipt/1.kyojo-receipt"
    theirs = Receipt.parse(at_noon(lambda: browser(cast.supporter).get(url)).content)
    assert theirs.sides == () and not any(one in theirs.encode().decode() for one in private)
    carers = Receipt.parse(at_noon(lambda: browser(cast.carer).get(url)).content)
    assert len(carers.sides) == 1
    assert "記録と合いました" in text(public(visit[1]))
    page = text(at_noon(lambda: browser(cast.supporter).get(f"/visits/{visit[0]}/receipt/")))
    assert "だれでも見てよい内容だけ" in page


# --- the proof in a QR code -----------------------------------------------------------------------
def test_the_whole_proof_fits_into_a_code(cast, visit, browser, tmp_path):
    with clock.frozen(NOON):
        town_logs(tmp_path)
    carer = browser(cast.carer)
    page = text(at_noon(lambda: carer.get(f"/visits/{visit[0]}/receipt/")))
    url = f"/visits/{visit[0]}/receipt/1.svg"
    assert f'src="{url}"' in page and "証明のファイルを受け取る" in page
    picture = at_noon(lambda: carer.get(url))
    assert picture.headers["Content-Type"] == "image/svg+xml"
    file = at_noon(lambda: carer.get(url.replace("svg", "kyojo-receipt"))).content
    code = segno.make(file, error="l", mode="byte", micro=False, boost_error=False)
    side = code.symbol_size(border=4)[0]
    assert f'viewBox="0 0 {side} {side}"' in text(picture)


def test_what_does_not_fit_goes_without_the_opened_side_or_not_at_all(cast, visit, tmp_path):
    with clock.frozen(NOON):
        town_logs(tmp_path)
        found = receipt_by_code(visit[1])
        [(movement, side)] = proofs.own_movements(found, role="carer")
        receipt = proofs.receipt_own(movement=movement, side=side)
    assert proofs.fit_for_qr(receipt) == receipt.encode()
    spare = proofs.QR_BYTES_MAX - len(receipt.encode())
    hashes = spare // 45

    def longer(count):
        proof = type(receipt.proof)(
            receipt.proof.index,
            receipt.proof.hashes + (bytes(32),) * count,
            receipt.proof.checkpoint,
        )
        return Receipt(receipt.leaf, receipt.sides, proof)

    assert proofs.fit_for_qr(longer(hashes)) == longer(hashes).encode()
    reduced = longer(hashes + 1)
    data = proofs.fit_for_qr(reduced)
    assert data is not None and Receipt.parse(data).sides == ()
    assert Receipt.parse(data).leaf == receipt.leaf
    assert proofs.fit_for_qr(longer(hashes + 12)) is None
    largest = segno.make(b"a" * proofs.QR_BYTES_MAX, error="l", mode="byte", boost_error=False)
    assert largest.version == 40


def test_a_partly_paid_visit_is_proven_for_its_part(cast, browser, tmp_path):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    with clock.frozen(END):
        as_door(
            KITA,
            lambda: services.visit_dispute(visit_uid=uid, by=cast.carer, words="1時間で帰りました"),
        )
        as_door(
            MIDORI,
            lambda: services.dispute_resolve(
                visit_uid=uid, by=cast.officer, resolution="pay_part", words="半分", paid_coins=20
            ),
        )
        for town, person in ((KITA, cast.carer), (MIDORI, cast.supporter)):
            as_door(town, partial(services.ruling_accept, visit_uid=uid, by=person))
    with tenant(KITA):
        code = Visit.objects.get(uid=uid).receipt_code
    with clock.frozen(NOON):
        town_logs(tmp_path)
    page = text(public(code))
    assert "記録と合いました" in page and "記録簿も、20コインです" in page
    with ledger_scope(KITA):
        [(amount,)] = rows("SELECT amount FROM ledger_transfer WHERE kind = 'post'")
    assert amount == 20
