"""Policies: what they say, whom they ask for, and every way to write them wrong."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.errors import (
    CheckpointMalformed,
    OriginDiffers,
    PolicyMalformed,
    QuorumMissing,
    SignatureInvalid,
    SignatureMissing,
    Stale,
)
from kyojo.ledger.tlog.merkle import EMPTY_ROOT
from kyojo.ledger.tlog.notes import (
    KeyType,
    Signature,
    SignedNote,
    SigningKey,
    cosign,
    note_sign,
)
from kyojo.ledger.tlog.policy import Policy, policy_check

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LOG = SigningKey("log.example/990019", KeyType.LOG, bytes(range(32)))
NEW_LOG = SigningKey("log.example/990019", KeyType.LOG, bytes(range(1, 33)))
OTHER_LOG = SigningKey("log.example/990027", KeyType.LOG, bytes(range(2, 34)))
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
WITNESSES = {
    name: SigningKey(f"{name}.witness.example", KeyType.COSIGNATURE, bytes([i]) * 32)
    for i, name in enumerate(NAMES)
}
NOTE = checkpoint_sign(Checkpoint(LOG.name, 0, EMPTY_ROOT), LOG)


def witness_lines(*names: str) -> str:
    return "".join(f"witness {name} {WITNESSES[name].verifier}\n" for name in names)


#: The example of c2sp.org/tlog-policy.
EXAMPLE = (
    f"log {LOG.verifier}\n\n{witness_lines(*NAMES[:3])}group X-witnesses 2 X1 X2 X3\n\n"
    f"{witness_lines(*NAMES[3:])}group Y-witnesses any Y1 Y2 Y3\n\n"
    "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)


def cosigned(*names: str, at: datetime = NOW, note: SignedNote = NOTE) -> SignedNote:
    return note.with_signatures(cosign(note, WITNESSES[name], at) for name in names)


def test_the_example_of_the_text():
    policy = Policy.parse(EXAMPLE)
    assert policy.log(LOG.name).key == LOG.verifier
    assert [witness.name for witness in policy.witnesses] == list(NAMES)
    for count in range(len(NAMES) + 1):
        for names in combinations(NAMES, count):
            enough = sum(n[0] == "X" for n in names) >= 2 and any(n[0] == "Y" for n in names)
            assert policy.quorum_met(names) == enough
            if enough:
                result = policy_check(cosigned(*names), policy, now=NOW)
                assert result.cosigned == dict.fromkeys(names, NOW)
            else:
                with pytest.raises(QuorumMissing):
                    policy_check(cosigned(*names), policy, now=NOW)


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.sets(st.sampled_from(NAMES)))
def test_groups_of_groups_count_their_members(x, y, both, names):
    policy = Policy.parse(
        f"{witness_lines(*NAMES)}group x {x} X1 X2 X3\ngroup y {y} Y1 Y2 Y3\n"
        f"group both {both} x y\nquorum both\n"
    )
    groups = [sum(n[0] == "X" for n in names) >= x, sum(n[0] == "Y" for n in names) >= y]
    assert policy.quorum_met(names) == (sum(groups) >= both)


def test_the_simplest_policies():
    nobody = Policy.parse(f"log {LOG.verifier}\nquorum none\n")
    assert policy_check(NOTE, nobody, now=NOW).cosigned == {}
    assert policy_check(NOTE, nobody, now=NOW).newest is None
    one = Policy.parse(f"log {LOG.verifier} https://log.example/\n{witness_lines('X1')}quorum X1\n")
    assert one.log(LOG.name).url == "https://log.example/"
    assert policy_check(cosigned("X1"), one, now=NOW).newest == NOW
    with pytest.raises(QuorumMissing):
        policy_check(cosigned("X2"), one, now=NOW)


def test_blanks_comments_and_any_octet_are_read():
    text = (
        f"# 方針\r\n\n \t\n\t# more # more\n  witness \t 北ひなた {WITNESSES['X1'].verifier}"
        f" \thttps://w.example/あ \t\nlog {LOG.verifier}\nquorum\t北ひなた  \n"
    ).replace("\r", "")
    assert Policy.parse(text) == Policy.parse(text.encode())
    assert Policy.parse(text).witnesses[0].url == "https://w.example/あ"
    raw = Policy.parse(text.encode().replace("北ひなた".encode(), b"\xff\xfe"))
    assert raw.quorum_met([raw.witnesses[0].name])
    # A no-break space and a full-width one are part of a name, as is a Kelvin sign.
    odd = Policy.parse(f"witness K\u00a0\u3000 {WITNESSES['X1'].verifier}\nquorum K\u00a0\u3000\n")
    assert odd.quorum == "K\u00a0\u3000"
    with pytest.raises(PolicyMalformed, match="quorum_unknown"):
        Policy.parse(f"witness K {WITNESSES['X1'].verifier}\nquorum \u212a\n")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "quorum_missing"),
        ("# nothing\n", 1, "quorum_missing"),
        ("quorum none", 1, "final_newline"),
        ("# a\nquorum none", 2, "final_newline"),
        ("quorum none\nquorum none\n", 2, "quorum_twice"),
        ("quorum\n", 1, "words"),
        ("quorum none none\n", 1, "words"),
        ("quorum somebody\n", 1, "quorum_unknown"),
        ("Quorum none\n", 1, "keyword"),
        ("\n\nsponsor a\n", 3, "keyword"),
        ("quorum\u3000none\n", 1, "keyword"),
        ("quorum none\r\n", 1, "control_character"),
        ("quorum none \x00\n", 1, "control_character"),
        ("quorum none\x0b\n", 1, "control_character"),
        ("# \x7f\nquorum none\n", 1, "control_character"),
        ("log\n", 1, "words"),
        (f"log {LOG.verifier} https://a b\n", 1, "words"),
        (f"log {WITNESSES['X1'].verifier}\n", 1, "key_type"),
        ("log nonsense\n", 1, "key_three_parts"),
        (f"log {str(LOG.verifier)[:-1]}\n", 1, "key_base64"),
        (f"log {LOG.verifier}\nlog {LOG.verifier}\n", 2, "log_twice"),
        (f"witness {LOG.verifier}\n", 1, "words"),
        (f"witness a {LOG.verifier}\n", 1, "key_type"),
        (f"witness none {WITNESSES['X1'].verifier}\n", 1, "name_taken"),
        (f"witness a {WITNESSES['X1'].verifier} b c\n", 1, "words"),
        (
            f"witness a {WITNESSES['X1'].verifier}\nwitness a {WITNESSES['X2'].verifier}\n",
            2,
            "name_taken",
        ),
        (
            f"witness a {WITNESSES['X1'].verifier}\nwitness b {WITNESSES['X1'].verifier}\n",
            2,
            "witness_twice",
        ),
        (f"{witness_lines('X1')}group g 1\n", 2, "words"),
        (f"{witness_lines('X1')}group g 0 X1\n", 2, "threshold"),
        (f"{witness_lines('X1')}group g 2 X1\n", 2, "threshold"),
        (f"{witness_lines('X1')}group g 01 X1\n", 2, "threshold"),
        (f"{witness_lines('X1')}group g -1 X1\n", 2, "threshold"),
        (f"{witness_lines('X1')}group g １ X1\n", 2, "threshold"),
        (f"{witness_lines('X1')}group g most X1\n", 2, "threshold"),
        (f"{witness_lines('X1')}group g {'9' * 5000} X1\n", 2, "threshold"),
        (f"{witness_lines('X1')}group X1 1 X1\n", 2, "name_taken"),
        (f"{witness_lines('X1')}group none 1 X1\n", 2, "name_taken"),
        (f"{witness_lines('X1')}group g any none X1\n", 2, "member_unknown"),
        (f"{witness_lines('X1')}group g any g\n", 2, "member_unknown"),
        (f"{witness_lines('X1')}group g any X1 X2\n{witness_lines('X2')}", 2, "member_unknown"),
        (f"{witness_lines('X1')}group g 2 X1 X1\n", 2, "member_twice"),
        (
            f"{witness_lines('X1', 'X2')}group g any X1\ngroup h any X1 X2\n",
            4,
            "member_twice",
        ),
        (f"quorum X1\n{witness_lines('X1')}", 1, "quorum_unknown"),
        ("quorum none\n" + "#" * 1_000_000, 1, "too_long"),
    ],
)
def test_policies_that_are_refused(text, line, reason):
    with pytest.raises(PolicyMalformed) as refused:
        Policy.parse(text)
    assert (refused.value.line, refused.value.reason) == (line, reason)
    assert f"{line}行目" in refused.value.message()


def test_the_same_public_key_under_another_name_is_the_same_witness():
    again = SigningKey("another.example", KeyType.COSIGNATURE, WITNESSES["X1"].seed)
    with pytest.raises(PolicyMalformed, match="witness_twice"):
        Policy.parse(f"{witness_lines('X1')}witness b {again.verifier}\nquorum none\n")
    again = SigningKey("another.example", KeyType.LOG, LOG.seed)
    with pytest.raises(PolicyMalformed, match="log_twice"):
        Policy.parse(f"log {LOG.verifier}\nlog {again.verifier}\nquorum none\n")


def test_large_policies_are_read():
    keys = [SigningKey.generate(f"w{i}.example", KeyType.COSIGNATURE) for i in range(200)]
    text = "".join(f"witness w{i} {key.verifier}\n" for i, key in enumerate(keys))
    text += "group g0 any w0\n"
    text += "".join(f"group g{i} all g{i - 1} w{i}\n" for i in range(1, 200))
    policy = Policy.parse(f"{text}quorum g199\n")
    assert policy.quorum_met({f"w{i}" for i in range(200)})
    assert not policy.quorum_met({f"w{i}" for i in range(1, 200)})


def test_only_the_policy_s_logs_are_accepted():
    policy = Policy.parse(f"log {LOG.verifier}\nquorum none\n")
    foreign = checkpoint_sign(Checkpoint(OTHER_LOG.name, 0, EMPTY_ROOT), OTHER_LOG)
    with pytest.raises(OriginDiffers):
        policy_check(foreign, policy, now=NOW)
    with pytest.raises(OriginDiffers):
        policy.log(OTHER_LOG.name)
    with pytest.raises(SignatureMissing):
        policy_check(note_sign(NOTE.text, NEW_LOG), policy, now=NOW)
    (genuine,) = NOTE.signatures
    forged = Signature(genuine.name, genuine.key_id, bytes(64))
    with pytest.raises(SignatureInvalid):
        policy_check(SignedNote(NOTE.text, (forged,)), policy, now=NOW)
    with pytest.raises(CheckpointMalformed):
        policy_check(note_sign("no checkpoint\n", LOG), policy, now=NOW)


def test_a_log_can_change_its_key():
    policy = Policy.parse(f"log {LOG.verifier}\nlog {NEW_LOG.verifier}\nquorum none\n")
    assert policy.keys(LOG.name) == (LOG.verifier, NEW_LOG.verifier)
    for keys in ((LOG,), (NEW_LOG,), (LOG, NEW_LOG)):
        policy_check(note_sign(NOTE.text, *keys), policy, now=NOW)
    (genuine,) = NOTE.signatures
    false = Signature(LOG.name, NEW_LOG.verifier.id, bytes(64))
    with pytest.raises(SignatureInvalid):
        policy_check(SignedNote(NOTE.text, (genuine, false)), policy, now=NOW)


def test_the_log_s_key_can_come_from_elsewhere():
    policy = Policy.parse(f"{witness_lines('X1')}quorum X1\n")
    with pytest.raises(OriginDiffers):
        policy_check(cosigned("X1"), policy, now=NOW)
    assert policy_check(cosigned("X1"), policy, now=NOW, key=LOG.verifier).cosigned == {"X1": NOW}
    with pytest.raises(OriginDiffers):
        policy_check(cosigned("X1"), policy, now=NOW, key=OTHER_LOG.verifier)
    with pytest.raises(SignatureMissing):
        policy_check(cosigned("X1"), policy, now=NOW, key=NEW_LOG.verifier)


def test_a_false_cosignature_spoils_the_checkpoint_though_others_are_enough():
    policy = Policy.parse(
        f"log {LOG.verifier}\n{witness_lines('X1', 'X2')}group g any X1 X2\nquorum g\n"
    )
    other = checkpoint_sign(Checkpoint(LOG.name, 1, EMPTY_ROOT), LOG)
    note = cosigned("X1").with_signatures([cosign(other, WITNESSES["X2"], NOW)])
    with pytest.raises(SignatureInvalid):
        policy_check(note, policy, now=NOW)


def test_freshness_is_the_quorum_s():
    policy = Policy.parse(
        f"log {LOG.verifier}\n{witness_lines('X1', 'X2', 'X3')}group g 2 X1 X2 X3\nquorum g\n"
    )
    hour = timedelta(hours=1)
    old = cosigned("X1", "X2", at=NOW - 2 * hour)
    assert policy_check(old, policy, now=NOW).newest == NOW - 2 * hour
    policy_check(old, policy, now=NOW, fresh_for=2 * hour)
    for note in (old, cosigned("X3", note=old)):
        # One who cosigns again, alone, does not make the checkpoint fresh.
        with pytest.raises(Stale):
            policy_check(note, policy, now=NOW, fresh_for=hour)
    policy_check(cosigned("X2", "X3", note=old), policy, now=NOW, fresh_for=hour)


def test_a_moment_ahead_of_the_clock_is_not_fresh():
    policy = Policy.parse(f"log {LOG.verifier}\n{witness_lines('X1')}quorum X1\n")
    hour = timedelta(hours=1)
    policy_check(cosigned("X1", at=NOW + timedelta(minutes=5)), policy, now=NOW, fresh_for=hour)
    ahead = cosigned("X1", at=NOW + timedelta(minutes=5, seconds=1))
    with pytest.raises(Stale):
        policy_check(ahead, policy, now=NOW, fresh_for=hour)
    policy_check(ahead, policy, now=NOW)


def test_where_nobody_is_asked_nothing_is_fresh():
    policy = Policy.parse(f"log {LOG.verifier}\nquorum none\n")
    with pytest.raises(Stale):
        policy_check(NOTE, policy, now=NOW, fresh_for=timedelta(days=1))
