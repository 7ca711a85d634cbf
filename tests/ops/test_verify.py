"""``./kyojo verify`` as a command: over a socket, with limits, and in words."""

import contextlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from kyojo.doors.ops import verify_sources
from kyojo.doors.ops.errors import Bad
from kyojo.doors.ops.verify import run
from kyojo.doors.ops.verify_sources import Web
from kyojo.ledger.audit.errors import TooLong, Unreachable
from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.tlog.merkle import inclusion_proof
from kyojo.ledger.tlog.notes import SigningKey
from kyojo.ledger.tlog.proofs import TlogProof
from tests.tampering.folder_log import FolderLog, leaf, town_leaves, witness_key, write

ROOT = Path(__file__).resolve().parents[2]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, and some addresses that behave badly."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.removeprefix("/odd")
        if path.startswith("/loop/"):
            self.redirect(self.path)
        elif path.startswith("/moved/"):
            self.redirect("/log/" + path.removeprefix("/moved/"))
        elif path.startswith("/elsewhere/"):
            self.redirect("file:///etc/passwd")
        elif path.startswith("/broken/"):
            self.send_response(500)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/endless/"):
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"x" * 65536)
        else:
            super().do_GET()

    def redirect(self, to):
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def site(tmp_path):
    """The address of a web server over ``tmp_path``."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=str(tmp_path))
    )
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def log(tmp_path):
    log = FolderLog(tmp_path / "log", town_leaves(600), witnesses=[witness_key()])
    log.publish()
    write(tmp_path / "policy", log.policy().encode())
    return log


def said(capsys, *arguments):
    capsys.readouterr()
    code = run(["verify", *map(str, arguments)])
    return code, capsys.readouterr().out


def test_a_log_at_an_address_is_verified_and_added_up(log, site, tmp_path, capsys):
    policy, seen = tmp_path / "policy", tmp_path / "seen"
    code, out = said(capsys, "log", f"{site}/log/", "--policy", policy, "--seen", seen)
    assert code == 0
    assert out.startswith("✓ この記録簿は、すべて確かめられました。\n  600件の記録が")
    assert "発行：1,000,000コイン（1回）" in out
    assert "証人（w1）も確認しました" in out
    code, out = said(capsys, "log", f"{site}/moved", "--policy", policy, "--seen", seen)
    assert code == 0
    assert "前回確かめた600件は、ひとつも書きかえられていません" in out
    code, out = said(capsys, "log", f"{site}/log", "--policy", policy, "--json")
    report = json.loads(out)
    assert code == 0
    named = {total["name"]: total["amount"] for total in report["totals"]}
    # From leaf 2 on in turns: hold 10, post 8, hold 10, void 10; 150 posts.
    assert named == {"issued": 1_000_000, "distributed": 500_000, "support": 150 * 8}
    assert report["held"] == {}
    assert report["size"] == 600


def test_a_log_without_a_key_from_elsewhere_is_whole_but_says_so(log, site, tmp_path, capsys):
    with pytest.raises(Bad, match="--policy FILE or --key VKEY"):
        run(["verify", "log", f"{site}/log"])
    write(tmp_path / "log" / "key", f"{log.key.verifier}\n".encode())
    seen = tmp_path / "seen"
    code, out = said(capsys, "log", f"{site}/log", "--seen", seen)
    assert code == 0
    assert "鍵は記録簿自身から受けとりました" in out
    # From then on its key is known: another one that the log tells is not believed.
    other = FolderLog(tmp_path / "log", town_leaves(600), key=SigningKey.generate(log.key.name))
    other.publish()
    write(tmp_path / "log" / "key", f"{other.key.verifier}\n".encode())
    code, out = said(capsys, "log", f"{site}/log", "--seen", seen)
    assert code == 1
    assert "signature_missing" in out


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/nothing", "tile_missing"),
        ("/loop", "more than 3 redirects"),
        ("/elsewhere", "unreachable"),
        ("/broken", "status 500"),
        ("/endless", "too_long"),
    ],
)
def test_an_address_that_behaves_badly_is_named(log, site, tmp_path, capsys, address, words):
    code, out = said(capsys, "log", f"{site}{address}", "--policy", tmp_path / "policy", "--json")
    assert code == 1
    assert words in out


def test_nobody_there(capsys, log):
    code, out = said(capsys, "log", "http://127.0.0.1:1/log", "--key", log.key.verifier)
    assert code == 1
    assert "記録簿を読みこめませんでした" in out
    assert "unreachable" in out


def test_https_is_never_left(monkeypatch):
    import httpx

    def answer(request):
        return httpx.Response(302, headers={"Location": "http://other.example/log/checkpoint"})

    web = Web("https://one.example/log")
    monkeypatch.setattr(web, "_client", httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(Unreachable) as refusal:
        web.read("checkpoint", limit=10)
    assert "away from https" in refusal.value.reason


def test_a_small_answer_that_unpacks_to_a_large_one_is_cut_off(monkeypatch):
    import gzip

    import httpx

    def answer(request):
        body = gzip.compress(bytes(5_000_000))
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=body)

    web = Web("https://one.example/log")
    monkeypatch.setattr(web, "_client", httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(TooLong):
        web.read("checkpoint", limit=1000)


def test_what_was_packed_twice_is_not_unpacked(monkeypatch):
    import gzip

    import httpx

    def answer(request):
        body = gzip.compress(gzip.compress(bytes(5_000_000)))
        return httpx.Response(200, headers={"Content-Encoding": "gzip, gzip"}, content=body)

    web = Web("https://one.example/log")
    monkeypatch.setattr(web, "_client", httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(Unreachable, match="packed"):
        web.read("checkpoint", limit=1000)


def test_a_tile_that_comes_at_the_second_try_is_enough(log, tmp_path, capsys, site, monkeypatch):
    import httpx

    follow = Web._follow
    failed = set()

    def sometimes(self, url, limit):
        if url not in failed:
            failed.add(url)
            raise httpx.ReadTimeout("slow")
        return follow(self, url, limit)

    monkeypatch.setattr(verify_sources.Web, "_follow", sometimes)
    assert said(capsys, "log", f"{site}/log", "--policy", tmp_path / "policy")[0] == 0
    assert len(failed) > 5


def test_what_a_log_says_cannot_paint_the_terminal(tmp_path, capsys):
    leaves = [*town_leaves(2), leaf(2, amount=1, currency="\x1b[2J\x9b1mcoin")]
    log = FolderLog(tmp_path / "log", leaves)
    log.publish()
    code, out = said(capsys, "log", log.folder, "--key", log.key.verifier)
    assert code == 0
    assert "1 \ufffd[2J\ufffd1mcoin（1回）" in out
    assert "\x1b" not in out
    code, out = said(capsys, "log", log.folder, "--key", log.key.verifier, "--json")
    assert json.loads(out)["totals"][0]["currency"] == "\x1b[2J\x9b1mcoin"
    assert all(c.isprintable() or c == "\n" for c in out)


def test_what_a_log_says_of_itself_can_be_nonsense(log, capsys):
    """Its policy names no address, its key is a witness's: said in words, never a traceback."""
    log.publish()
    said_by_log = log.folder / "policy"
    said_by_log.write_text(log.policy(urls=["http://["]))
    assert said(capsys, "log", log.folder)[0] == 0
    said_by_log.write_bytes(b"witness w\xff " + str(log.witnesses[0].verifier).encode())
    assert said(capsys, "log", log.folder, "--json")[0] == 1
    said_by_log.unlink()
    (log.folder / "key").write_text(f"{log.witnesses[0].verifier}\n")
    code, out = said(capsys, "log", log.folder)
    assert code == 1
    assert "key_malformed" in out


def receipt_of(log, number):
    hashes = tuple(inclusion_proof(number, len(log.leaves), log.tree))
    return Receipt(Leaf.parse(log.leaves[number]), (), TlogProof(number, hashes, log.note()))


def test_a_receipt_from_a_file_and_from_an_address(log, site, tmp_path, capsys):
    path = tmp_path / "one.kyojo-receipt"
    path.write_bytes(receipt_of(log, 3).encode())
    for place in (path, f"{site}/one.kyojo-receipt"):
        code, out = said(capsys, "receipt", place, "--policy", tmp_path / "policy")
        assert code == 0
        assert out.startswith("✓ この証明書は、本物です。")
        assert "2026年6月1日に、8コインがお預かりから届きました（お手伝い）" in out
        assert "公開の記録簿の3番に書かれていて" in out
    code, out = said(capsys, "receipt", path, "--key", log.key.verifier, "--json")
    report = json.loads(out)
    assert (code, report["verified"], report["number"], report["amount"]) == (0, True, 3, 8)
    with pytest.raises(Bad, match="--policy FILE or --key VKEY"):
        run(["verify", "receipt", str(path)])


def test_a_receipt_from_the_log_s_own_host_takes_the_log_s_key_and_says_so(site, tmp_path, capsys):
    origin = site.removeprefix("http://") + "/log"
    log = FolderLog(tmp_path / "log", town_leaves(10), key=SigningKey.generate(origin))
    log.publish()
    write(tmp_path / "log" / "key", f"{log.key.verifier}\n".encode())
    write(tmp_path / "receipts" / "0.kyojo-receipt", receipt_of(log, 3).encode())
    code, out = said(capsys, "receipt", f"{site}/receipts/0.kyojo-receipt")
    assert code == 0
    assert "鍵は記録簿自身から受けとりました" in out
    # Another host must not say whom to believe about this log.
    other = site.replace("127.0.0.1", "localhost")
    with pytest.raises(Bad, match="--policy FILE or --key VKEY"):
        run(["verify", "receipt", f"{other}/receipts/0.kyojo-receipt"])


def test_a_receipt_that_is_none(tmp_path, capsys, log):
    path = tmp_path / "letter.txt"
    path.write_text("拝啓")
    code, out = said(capsys, "receipt", path, "--key", log.key.verifier)
    assert code == 1
    assert "receipt_malformed" in out
    assert out.startswith("✗ この証明書は、確かめられませんでした。")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "verify what?"),
        (["log"], "URL|FOLDER"),
        (["log", "nowhere"], "there is no folder nowhere"),
        (["receipt", "nowhere"], "there is no file nowhere"),
        (["log", ".", "--key", "nonsense"], "is not a public key"),
        (["log", ".", "--policy", "nowhere"], "nowhere: No such file"),
        (["log", ".", "--fresh", "soon"], "is not a number of hours"),
        (["log", ".", "--fresh", "-1"], "hours are above 0"),
    ],
)
def test_bad_usage_is_one_line(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Bad, match=re.escape(words)) as refusal:
        run(["verify", *arguments])
    assert "\n" not in str(refusal.value)


def test_bad_files_are_bad_usage(log, tmp_path):
    seen = tmp_path / "seen"
    seen.write_text("nothing")
    with pytest.raises(Bad, match="--seen"):
        run(["verify", "log", str(log.folder), "--seen", str(seen)])
    policy = tmp_path / "policy"
    policy.write_text("quorum nobody\n")
    with pytest.raises(Bad, match="1行目"):
        run(["verify", "log", str(log.folder), "--policy", str(policy)])
    key = str(log.key.verifier)
    with pytest.raises(Bad, match="names witnesses"):
        run(["verify", "log", str(log.folder), "--key", key, "--fresh", "1"])


def test_the_command_needs_no_database_and_no_django(log, tmp_path):
    """Whoever verifies has neither; loading them would also cost a second."""
    program = (
        "import sys\n"
        "from kyojo.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "loaded = {'django', 'psycopg', 'numpy', 'web3'} & set(sys.modules)\n"
        "sys.exit(code or (f'loaded {loaded}' if loaded else 0))\n"
    )
    for command in (
        ["verify", "log", log.folder, "--policy", tmp_path / "policy"],
        ["witness", "key", "--store", tmp_path / "w", "--name", "witness.example/w"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", program, *command],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_town_of_seventy_thousand_transfers(tmp_path, site, capsys):
    """Over HTTP, from the first byte; a minute is far more than it takes."""
    log = FolderLog(tmp_path / "log", town_leaves(70_000), witnesses=[witness_key()])
    log.publish()
    write(tmp_path / "policy", log.policy().encode())
    code, out = said(capsys, "log", f"{site}/log", "--policy", tmp_path / "policy")
    assert code == 0
    assert "70,000件" in out
