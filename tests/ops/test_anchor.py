"""``./kyojo anchor``: checkpoints on a chain (eth-tester's EVM), and what verify finds there."""

import http.server
import json
import shutil
import sys
import threading
from collections.abc import Mapping

import pytest
from web3 import EthereumTesterProvider, Web3

from kyojo.doors.ops import anchor_chain
from kyojo.doors.ops.anchor import run
from kyojo.doors.ops.errors import Bad, Failed
from kyojo.ledger.anchor import AnchorMalformed, AnchorRecord, payload_of
from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.notes import SigningKey
from tests.tampering.folder_log import ORIGIN, FolderLog, town_leaves

RPC = "http://127.0.0.1:1"
LEAVES = town_leaves(700)
ETHER = 10**18
CONNECTED = anchor_chain.connected


@pytest.fixture(scope="module")
def evm():
    return Web3(EthereumTesterProvider())


@pytest.fixture
def chain(evm, monkeypatch):
    monkeypatch.setattr(anchor_chain, "connected", lambda rpc: evm)
    return evm


class Town:
    """A log, an account with some ether, and the commands on both."""

    def __init__(self, folder, chain, capsys):
        self.folder, self.chain, self.capsys = folder, chain, capsys
        self.key = SigningKey.generate(ORIGIN)
        self.record = folder / "record"
        self.key_file = folder / "anchor.key"
        assert run(["anchor", "key", "--key-file", str(self.key_file)]) == 0
        self.address = capsys.readouterr().out.strip()
        self.send(self.chain.eth.accounts[0], self.address, ETHER)

    def send(self, sender, to, value):
        sent = self.chain.eth.send_transaction({"from": sender, "to": to, "value": value})
        return self.chain.eth.wait_for_transaction_receipt(sent)

    def log(self, size, name="log"):
        log = FolderLog(self.folder / name, LEAVES[:size], key=self.key)
        return log if name == "unpublished" else log.publish() and log

    def write(self, log):
        arguments = ["--key-file", self.key_file, "--record", self.record]
        return self.run("write", log, *arguments)

    def verify(self, log, *arguments):
        """The codes that verify finds."""
        code = self.run("verify", log, "--record", self.record, "--json", *arguments)
        report = json.loads(self.capsys.readouterr().out)
        assert code == (0 if report["verified"] else 1)
        assert report["verified"] == (not report["codes"])
        self.report = report
        return report["codes"]

    def run(self, command, log, *arguments):
        self.capsys.readouterr()
        trust = ["--key", self.key.verifier, "--rpc", RPC]
        return run(["anchor", command, *map(str, [log.folder, *trust, *arguments])])


@pytest.fixture
def town(tmp_path, chain, capsys):
    return Town(tmp_path, chain, capsys)


def test_checkpoints_are_written_once_and_found_again(town):
    assert town.write(town.log(300)) == 0
    assert town.write(town.log(300)) == 0
    assert "anchored already" in town.capsys.readouterr().out
    log = town.log(700)
    assert town.write(log) == 0
    assert town.verify(log, "--address", town.address) == []
    assert [each["size"] for each in town.report["anchors"]] == [300, 700]
    assert not town.report["anchors"][0]["firm"]
    assert town.verify(log, "--confirmations", "1") == []
    assert town.report["anchors"][0]["firm"]
    # Anybody finds the bytes with any other tool: 48 of calldata, to oneself.
    record = AnchorRecord.parse(town.record.read_bytes())
    last = record.anchors[-1]
    found = town.chain.eth.get_transaction(last.transaction)
    assert bytes(found["input"]) == payload_of(log.checkpoint())
    assert len(found["input"]) == 48
    assert (found["from"], found["to"]) == (town.address, town.address)
    used = town.chain.eth.get_transaction_receipt(last.transaction)["gasUsed"]
    assert 21_000 < used <= 22_920


def test_the_words_name_the_day_and_the_account(town):
    log = town.log(300)
    town.write(log)
    assert town.run("verify", log, "--record", town.record) == 0
    said = town.capsys.readouterr().out
    assert "書きかえられていません" in said
    assert town.address in said


def test_a_rewritten_log_does_not_fit_its_anchors(town):
    town.write(town.log(300))
    rewritten = town.log(700)
    rewritten.entry_replace(100, amount=9)
    rewritten.publish()
    assert town.verify(rewritten) == ["consistency_fails"]
    with pytest.raises(Failed, match="consistency_fails"):
        town.write(rewritten)
    assert town.run("verify", rewritten, "--record", town.record) == 1
    assert "consistency_fails" in town.capsys.readouterr().out


def test_a_rolled_back_log_does_not_either(town):
    town.write(town.log(700))
    assert town.verify(town.log(300)) == ["rolled_back"]
    with pytest.raises(Failed, match="rolled_back"):
        town.write(town.log(300))


def test_an_anchor_cannot_be_left_out_of_the_record(town):
    town.write(town.log(300))
    whole = town.record.read_bytes()
    log = town.log(700)
    town.write(log)
    town.record.write_bytes(whole)
    assert town.verify(log) == ["anchor_missing"]
    with pytest.raises(Failed, match="anchor_missing"):
        town.write(town.log(600))


def test_what_the_chain_has_counts_not_what_the_record_says(town):
    log = town.log(300)
    town.write(log)
    record = AnchorRecord.parse(town.record.read_bytes())
    transaction = record.anchors[0].transaction
    other = AnchorRecord(record.chain, record.address).with_anchor(
        transaction, FolderLog(town.folder, LEAVES[:200], key=town.key).checkpoint()
    )
    town.record.write_bytes(other.encode())
    assert town.verify(log) == ["anchor_differs"]
    invented = AnchorRecord(record.chain, record.address).with_anchor(
        "0x" + "11" * 32, log.checkpoint()
    )
    town.record.write_bytes(invented.encode())
    assert town.verify(log) == ["anchor_missing"]
    with pytest.raises(Failed, match="anchor_missing"):
        town.write(town.log(400))
    assert town.record.read_bytes() == invented.encode()
    town.log(300)
    town.record.write_bytes(AnchorRecord(1, record.address, record.anchors).encode())
    assert town.verify(log) == ["chain_differs"]
    town.record.write_bytes(record.encode())
    assert town.verify(log, "--address", "0x" + "22" * 20) == ["chain_differs"]


def test_a_stop_before_sending_leaves_nothing_that_stops_the_next(town, monkeypatch):
    def refused(*arguments):
        raise ConnectionError("the line went dead")

    log = town.log(300)
    with monkeypatch.context() as patch:
        patch.setattr(town.chain.eth, "send_raw_transaction", refused)
        with pytest.raises(Failed, match="the line went dead"):
            town.write(log)
    assert len(AnchorRecord.parse(town.record.read_bytes()).anchors) == 1
    assert town.verify(log) == ["anchor_missing"]  # recorded is not written
    assert town.write(log) == 0
    assert town.verify(log) == []
    assert len(AnchorRecord.parse(town.record.read_bytes()).anchors) == 1


def test_an_account_without_money_is_told(town, tmp_path, capsys):
    town.key_file = tmp_path / "poor.key"
    run(["anchor", "key", "--key-file", str(town.key_file)])
    with pytest.raises(Failed, match="did not take the transaction"):
        town.write(town.log(300))


def test_an_account_that_did_something_else_is_not_complete(town):
    balance = town.chain.eth.get_balance(town.address)
    account = anchor_chain.account_of(town.key_file.read_text().strip())
    price = 2 * town.chain.eth.get_block("latest")["baseFeePerGas"] + 1
    spent = account.sign_transaction(
        {
            "to": town.chain.eth.accounts[1],
            "value": balance - 21_000 * price,
            "gas": 21_000,
            "maxFeePerGas": price,
            "maxPriorityFeePerGas": 1,
            "nonce": 0,
            "chainId": town.chain.eth.chain_id,
        }
    )
    town.chain.eth.wait_for_transaction_receipt(
        town.chain.eth.send_raw_transaction(spent.raw_transaction)
    )
    # Its number 0 is another transaction, which nothing explains.
    with pytest.raises(Failed, match="anchor_missing"):
        town.write(town.log(300))


def test_a_real_connection_speaks_json_over_http(town, evm, monkeypatch):
    """Everything else here hands the EVM over directly; a town's node is behind an address."""
    monkeypatch.setattr(anchor_chain, "connected", CONNECTED)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), node_of(evm))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    monkeypatch.setattr(f"{__name__}.RPC", f"http://127.0.0.1:{server.server_port}")
    try:
        log = town.log(300)
        assert town.write(log) == 0
        # The record may lie among the log's own files, where verify looks for it.
        shutil.move(town.record, log.folder / "anchors")
        assert town.run("verify", log) == 0
        assert "書きかえられていません" in town.capsys.readouterr().out
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    with pytest.raises(Failed, match="no node answers"):
        town.run("verify", log)


def node_of(evm):
    """eth-tester behind JSON-RPC, in the encoding that nodes have."""

    class Node(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if asked["method"] == "web3_clientVersion":
                result = "eth-tester"
            else:
                result = evm.manager.request_blocking(asked["method"], asked["params"])
            answer = {"jsonrpc": "2.0", "id": asked["id"], "result": encoded(result)}
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Node


def encoded(value):
    if isinstance(value, Mapping):
        return {name: encoded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [encoded(each) for each in value]
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    return value


def test_without_the_extra_it_says_how_to_get_it(town, monkeypatch):
    log = town.log(300)
    town.write(log)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "web3", None)
    monkeypatch.setitem(sys.modules, "eth_account", None)
    with pytest.raises(Bad, match=r"kyojo\[anchor\]"):
        town.run("verify", log, "--record", town.record)
    with pytest.raises(Bad, match=r"kyojo\[anchor\]"):
        town.write(log)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "anchor what?"),
        (["write", "nowhere"], "--rpc"),
        (["verify", "nowhere", "--rpc", RPC], "there is no folder nowhere"),
    ],
)
def test_bad_input_is_told(arguments, words):
    with pytest.raises(Bad, match=words.replace("?", r"\?")):
        run(["anchor", *arguments])


def test_the_key_of_an_account_is_ours_alone(town):
    with pytest.raises(Bad, match="File exists"):
        run(["anchor", "key", "--key-file", str(town.key_file)])
    town.key_file.chmod(0o644)
    with pytest.raises(Bad, match="chmod 600"):
        town.write(town.log(300))


def test_a_record_reads_in_one_way_only():
    record = AnchorRecord(1, "0x" + "ab" * 20).with_anchor(
        "0x" + "11" * 32, Checkpoint(ORIGIN, 5, bytes(32))
    )
    data = record.encode()
    assert AnchorRecord.parse(data) == record
    for wrong in (
        data[:-1],
        data.replace(b"/v1", b"/v2"),
        data.replace(b" 5 ", b" 05 "),
        data.replace(b"\n0 ", b"\n1 "),
        data.replace(b"0xab", b"0xag"),
        data + b"\n",
        b"",
    ):
        with pytest.raises(AnchorMalformed):
            AnchorRecord.parse(wrong)
