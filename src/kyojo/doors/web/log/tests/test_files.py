"""The log's files over HTTP: what stands there, how it is cached, what does not exist."""

import httpx
import pytest
from django.test import Client

from kyojo.doors.web.log.views import FOR_EVER
from kyojo.kernel import clock
from kyojo.ledger.log.tests.cast import KITA, Town, entries, logged, moved_often
from kyojo.ledger.tlog.checkpoints import checkpoint_open
from kyojo.ledger.tlog.merkle import leaf_hash, root_of
from kyojo.ledger.tlog.notes import KeyType, SignedNote, SigningKey, VerifierKey
from kyojo.ledger.tlog.policy import Policy, policy_check
from kyojo.ledger.tlog.tiles import entry_bundle_parse, tile_hashes

LOG = "/log/kita-hinata"


@pytest.fixture
def town(towns, committed_db, tmp_path):
    town = Town()
    moved_often(town, 299)
    logged(tmp_path)
    assert len(entries()) == 300
    return town


def get(path, status=200, client=None):
    response = (client or Client()).get(LOG + path)
    assert response.status_code == status, path
    return response


def opened():
    key = VerifierKey.parse(get("/key").content.decode().removesuffix("\n"))
    return checkpoint_open(SignedNote.parse(get("/checkpoint").content), key)


def test_the_whole_log_can_be_rebuilt_from_its_files(town):
    checkpoint = opened()
    assert (checkpoint.origin, checkpoint.size) == (f"kyojo.example.jp/log/{KITA}", 300)
    leaves = [
        *entry_bundle_parse(get("/tile/entries/000").content, 256),
        *entry_bundle_parse(get("/tile/entries/001.p/44").content, 44),
    ]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    assert root_of(hashes) == checkpoint.root
    assert tile_hashes(get("/tile/0/000").content, 256) == hashes[:256]
    assert tile_hashes(get("/tile/0/001.p/44").content, 44) == hashes[256:]
    assert get("/tile/1/000.p/1").content == root_of(hashes[:256])


def test_narrower_tiles_of_older_checkpoints_stay(town):
    assert get("/tile/0/001.p/44").content.startswith(get("/tile/0/001.p/3").content)
    assert get("/tile/0/000").content.startswith(get("/tile/0/000.p/255").content)
    assert len(entry_bundle_parse(get("/tile/entries/001.p/3").content, 3)) == 3


ABSENT = (
    "/tile/0/001",  # not full yet
    "/tile/0/001.p/45",  # beyond the head
    "/tile/0/002.p/1",
    "/tile/0/999",
    "/tile/1/000",
    "/tile/1/000.p/2",
    "/tile/2/000.p/1",
    "/tile/entries/001",
    "/tile/entries/001.p/45",
    "/tile/0/000.p/0",
    "/tile/0/000.p/256",
    "/tile/0/0",
    "/tile/0/x000/000",
    "/tile/00/000",
    "/tile/64/000",
    "/tile/0/x999/x999/x999/x999/x999/x999/999",
    "/tile/entries/../0/000",
    "/tile/0/000/",
    "/tile/",
    "/tile/0/0%00",
    "/tile/0/\u0661\u0662\u0663",
    "/checkpoints",
)


def test_what_does_not_exist_is_not_found_and_not_cached(town):
    for path in ABSENT:
        response = Client().get(LOG + path)
        assert response.status_code == 404, path
        assert "immutable" not in response.headers.get("Cache-Control", "")


def test_a_town_without_a_log_and_no_town_look_the_same(town):
    for slug in ("midorihama", "nowhere"):
        for path in ("checkpoint", "key", "policy", "tile/0/000.p/1"):
            response = Client().get(f"/log/{slug}/{path}")
            assert (response.status_code, response.content) == (404, b"not found\n")


def test_types_and_caching(town):
    for path in ("/tile/0/000", "/tile/0/001.p/44", "/tile/entries/000"):
        response = get(path)
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Cache-Control"] == FOR_EVER
    for path in ("/checkpoint", "/key", "/policy"):
        response = get(path)
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert response["Cache-Control"] == "no-cache"
        assert response["Access-Control-Allow-Origin"] == "*"
    assert Client().post(f"{LOG}/checkpoint").status_code == 405
    head = Client().head(f"{LOG}/tile/0/000")
    assert (head.status_code, head["Content-Length"], head.content) == (200, "8192", b"")


def test_no_login_and_no_cookie_is_looked_at(town, django_assert_max_num_queries):
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    with django_assert_max_num_queries(8) as seen:
        response = get("/tile/0/000", client=client)
    assert not any("django_session" in query["sql"] for query in seen)
    assert "Vary" not in response
    assert not response.cookies


def test_the_policy_verifies_the_checkpoint(town, settings, tmp_path):
    result = policy_check(
        SignedNote.parse(get("/checkpoint").content),
        Policy.parse(get("/policy").content),
        now=clock.now(),
    )
    assert result.checkpoint.size == 300
    file = tmp_path / "policy"
    witness = SigningKey("witness.example.jp", KeyType.COSIGNATURE, bytes(32)).verifier
    file.write_text(f"# ours\nwitness w {witness} http://w.example\nquorum w\n")
    settings.LOG_POLICY = str(file)
    policy = Policy.parse(get("/policy").content)
    assert [w.name for w in policy.witnesses] == ["w"]
    assert policy.logs[0].url.endswith(LOG)


def test_over_a_socket(town, live_site):
    with httpx.Client(base_url=live_site.url + LOG) as client:
        assert client.get("/checkpoint").status_code == 200
        assert len(client.get("/tile/0/000").content) == 8192
