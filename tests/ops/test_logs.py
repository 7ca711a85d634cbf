"""The logs of an installation: export for an auditor, what check says of keys and policy."""

import pytest
from django.core.management import CommandError, call_command

from kyojo.doors.ops.check import findings_all
from kyojo.doors.ops.errors import Bad
from kyojo.doors.ops.logs import configuration_findings, keeper, origin_of
from kyojo.ledger.log.tests.cast import KITA, Town, logged, moved_often
from kyojo.ledger.tlog.checkpoints import checkpoint_open
from kyojo.ledger.tlog.merkle import leaf_hash, root_of
from kyojo.ledger.tlog.notes import KeyType, SignedNote, SigningKey, VerifierKey
from kyojo.ledger.tlog.tiles import entry_bundle_parse, tile_path_parse


@pytest.fixture
def town(towns, committed_db):
    return Town()


def witness(**names: int) -> str:
    return "".join(
        f"witness {name} {SigningKey(name, KeyType.COSIGNATURE, bytes([seed]) * 32).verifier}\n"
        for name, seed in names.items()
    )


def test_an_export_is_the_whole_published_log(town, tmp_path, capsys, settings):
    moved_often(town, 299)
    logged(tmp_path / "keys")
    settings.BASE_URL = "https://kyojo.example.jp"
    for _ in range(2):  # again into the same folder
        call_command("log_export", str(tmp_path / "out"))
    out = capsys.readouterr().out
    assert "kita-hinata: 300 leaves" in out
    assert "midorihama: nothing is published yet" in out
    folder = tmp_path / "out" / "kita-hinata"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        *("checkpoint", "key", "policy", "tile/1/000.p/1"),
        *("tile/0/000", "tile/0/001.p/44", "tile/entries/000", "tile/entries/001.p/44"),
    }
    key = VerifierKey.parse((folder / "key").read_text().strip())
    checkpoint = checkpoint_open(SignedNote.parse((folder / "checkpoint").read_bytes()), key)
    leaves = [
        leaf
        for name in ("tile/entries/000", "tile/entries/001.p/44")
        for leaf in entry_bundle_parse((folder / name).read_bytes(), tile_path_parse(name).width)
    ]
    assert root_of(map(leaf_hash, leaves)) == checkpoint.root
    assert "https://kyojo.example.jp/log/kita-hinata" in (folder / "policy").read_text()


def test_an_export_of_no_town_is_refused(town, tmp_path):
    with pytest.raises(CommandError, match="there is no town"):
        call_command("log_export", str(tmp_path), town="nowhere")


def test_a_log_is_named_after_the_house_and_the_town(town, settings):
    settings.BASE_URL = "https://kyojo.example.jp"
    assert origin_of(KITA) == "kyojo.example.jp/log/kita-hinata"
    assert origin_of(7) == "kyojo.example.jp/log/7"


def test_a_worker_without_keys_or_with_a_wrong_policy_does_not_start(settings, tmp_path):
    settings.LOG_KEYS = ""
    with pytest.raises(Bad, match="KYOJO_LOG_KEYS"):
        keeper()
    settings.LOG_KEYS = str(tmp_path / "keys")
    settings.LOG_POLICY = str(tmp_path / "absent")
    with pytest.raises(Bad, match="KYOJO_LOG_POLICY"):
        keeper()
    (tmp_path / "absent").write_text("quorum\n")
    with pytest.raises(Bad, match="1行目"):
        keeper()
    (tmp_path / "absent").write_text("quorum none\n")
    assert keeper().policy.quorum == "none"


def test_check_names_keys_and_policies_that_cannot_work(town, as_owner, settings, tmp_path):
    def findings():
        with as_owner():
            return configuration_findings()

    keys = tmp_path / "keys"
    logged(keys)
    settings.LOG_KEYS = str(keys)
    assert findings() == []
    key = keys / f"{KITA}.key"
    key.chmod(0o644)
    assert [finding for finding in findings() if "chmod 600" in finding]
    key.chmod(0o600)
    away = key.rename(tmp_path / "away")
    assert [finding for finding in findings() if "log_key_missing" in finding]
    away.rename(key)
    settings.LOG_POLICY = str(tmp_path / "policy")
    (tmp_path / "policy").write_text(witness(a=1, b=2) + "group g all a b\nquorum g\n")
    [finding] = findings()
    assert "nothing can be published" in finding
    (tmp_path / "policy").write_text("nonsense\n")
    [finding] = findings()
    assert "KYOJO_LOG_POLICY" in finding


def test_check_names_a_ledger_that_no_worker_logs(town, as_owner, owner_cursor):
    owner_cursor.execute("SET session_replication_role = replica")
    owner_cursor.execute("UPDATE ledger_transfer SET written_at = now() - interval '2 minutes'")
    with as_owner():
        [finding] = findings_all()
    assert "is ./kyojo worker running?" in finding
