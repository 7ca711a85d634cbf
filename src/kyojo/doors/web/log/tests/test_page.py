"""The log's page for people: what it says, from the log itself, without a login."""

import pytest
from django.core.cache import cache
from django.test import Client

from kyojo.doors.web.visits.tests.logs import NOON, at_noon, policy_write, settled, text, town_logs
from kyojo.help.support.tests.cast import KITA, WEEK_BEFORE, cast_make
from kyojo.kernel import clock
from kyojo.ledger.log.scope import ledger_scope, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(settings, tmp_path):
    settings.LOG_POLICY = policy_write(tmp_path)
    cache.clear()


@pytest.fixture
def logs(towns, tmp_path):
    with clock.frozen(WEEK_BEFORE):
        settled(cast_make())
    with clock.frozen(NOON):
        town_logs(tmp_path)


def page(slug="kita-hinata") -> str:
    answer = at_noon(lambda: Client().get(f"/log/{slug}/"))
    assert answer.status_code == 200
    return text(answer)


def test_the_page_says_how_long_the_log_is_and_who_confirms_it(logs):
    said = page()
    with ledger_scope(KITA):
        [(size,)] = rows("SELECT count(*) FROM ledger_log_entry WHERE ledger = %s", [KITA])
        [(key,)] = rows("SELECT key FROM ledger_log_head WHERE ledger = %s", [KITA])
    assert f"{size}件" in said and key in said
    now = said.partition("いまの記録簿</h2>")[2].partition("</section>")[0]
    assert "みどり浜市" in now and "北ひなた市" not in now
    assert "11月28日（土）" in now and "12時5分" in now


def test_the_sums_are_the_ledgers(logs):
    sums = page().partition("<tbody>")[2].partition("</tbody>")[0]
    for words, count, amount in (
        ("発行した", "1", "50,000"),
        ("ケアする人に配った", "1", "160"),
        ("手伝いのお礼に動いた", "1", "40"),
        ("期限がきて戻った", "0", "0"),
    ):
        row = f'{words}</th><td class="num">{count}</td><td class="num">{amount}</td>'
        assert row in sums, words
    assert "清算" not in sums, "what never happened has no line"


def test_it_leads_to_the_files_and_the_towns_page_leads_to_it(logs):
    said = page()
    for name in ("checkpoint", "key", "policy"):
        assert f'href="/log/kita-hinata/{name}"' in said
        answer = at_noon(lambda name=name: Client().get(f"/log/kita-hinata/{name}"))
        assert answer.status_code == 200
    assert "/log/kita-hinata --seen" in said
    assert 'href="/log/kita-hinata/"' in text(at_noon(lambda: Client().get("/town/kita-hinata/")))


def test_without_another_town_it_does_not_claim_one(towns, tmp_path):
    with clock.frozen(WEEK_BEFORE):
        settled(cast_make())
    with clock.frozen(NOON):
        town_logs(tmp_path, witnessed=False)
    said = page()
    assert "まだ、ありません" in said and "隣の家" not in said


def test_before_the_first_coin_it_says_that_nothing_began(towns):
    said = page()
    assert "まだ始まっていません" in said and "verify" not in said


def test_a_town_that_does_not_exist_has_no_page(towns):
    assert Client().get("/log/nowhere/").status_code == 404


def test_an_unreadable_policy_confirms_nothing_and_breaks_nothing(logs, settings, tmp_path, caplog):
    settings.LOG_POLICY = str(tmp_path / "gone")
    said = page()
    assert "まだ、ありません" in said and "KYOJO_LOG_POLICY" in caplog.text
