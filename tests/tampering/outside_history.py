"""Tampering by who holds the log's real key: histories, witnesses, books, receipts."""

import shutil

from kyojo.doors.witness.keys import (
    WitnessUnusable,
    log_add,
    witness_create,
    witness_open,
)
from kyojo.ledger.tlog.checkpoints import checkpoint_sign
from kyojo.ledger.tlog.notes import SignedNote
from kyojo.ledger.types import Kind, TransferCode

from .cases import OUTSIDE, VERIFY, WITNESS, case
from .folder_log import ORIGIN, leaf, transfer_id
from .outside_town import SIZE, verified

# --- history, with the log's real key ------------------------------------------------------------


@case(
    OUTSIDE,
    "the whole log is rewritten with its real key; the reader asks for witnesses",
    by=VERIFY,
    codes="quorum_missing",
)
def rewritten_quorum(town):
    log = town.rewritten()
    log.publish(checkpoint_sign(log.checkpoint(), town.key))
    return town.verify()


@case(
    OUTSIDE,
    "the whole log is rewritten with its real key; the reader remembers (--seen)",
    by=VERIFY,
    codes="consistency_fails",
)
def rewritten_seen(town):
    town.rewritten().publish()
    before = town.seen.read_bytes()
    key = town.key.verifier
    found = verified("log", town.honest.folder, "--key", key, "--seen", town.seen)
    assert town.seen.read_bytes() == before, "what was refused must not be remembered"
    return found


@case(
    OUTSIDE,
    "the whole log is rewritten with its real key and offered to the witness",
    by=WITNESS,
    codes="consistency_fails",
)
def rewritten_witness(town):
    answer = town.ask(town.rewritten(), SIZE)
    assert answer.status == 422
    kept = witness_open(town.store)[1].refused(ORIGIN)
    assert [each.root for each in kept] == [town.rewritten().tree.root()]
    return [answer.body.decode().split()[0]]


@case(
    OUTSIDE,
    "two readers are shown two histories; the witness's address is in the policy",
    by=VERIFY,
    codes="quorum_missing consistency_fails",
)
def forked(town):
    fork = town.rewritten("fork")
    fork.publish(checkpoint_sign(fork.checkpoint(), town.key))
    with town.witness_online():
        assert town.verify() == []
        return town.verify(log=fork)


@case(
    OUTSIDE,
    "two readers are shown two histories; one takes the other's --seen file",
    by=VERIFY,
    codes="consistency_fails",
)
def forked_seen(town):
    fork = town.rewritten("fork")
    fork.publish()
    key = town.key.verifier
    theirs = town.folder / "their-seen"
    assert verified("log", fork.folder, "--key", key, "--seen", theirs) == []
    return verified("log", town.honest.folder, "--key", key, "--seen", theirs)


@case(OUTSIDE, "a fork is offered to the witness", by=WITNESS, codes="consistency_fails")
def forked_witness(town):
    fork = town.log([*town.rewritten().leaves], "fork")
    fork.leaves = [*fork.leaves, leaf(SIZE).encode()]
    answer = town.ask(fork, SIZE)
    assert answer.status == 422
    # With its own old size the fork learns what the witness has, and nothing else.
    assert town.ask(fork, 500).status == 409
    return [answer.body.decode().split()[0]]


@case(
    OUTSIDE,
    "the log is rolled back to an old, well-cosigned checkpoint; the reader remembers",
    by=VERIFY,
    codes="rolled_back",
)
def rolled_back_seen(town):
    assert town.verify("--seen", town.seen) == []
    town.log(town.leaves[:500], "log").publish(town_note_500(town))
    return town.verify("--seen", town.seen)


@case(
    OUTSIDE,
    "the log is rolled back; the witness's address is in the policy",
    by=VERIFY,
    codes="rolled_back",
)
def rolled_back_witness(town):
    town.log(town.leaves[:500], "log").publish(town_note_500(town))
    assert town.verify() == []  # alone, an old checkpoint is a true one
    with town.witness_online():
        return town.verify()


@case(OUTSIDE, "a rolled-back log is offered to the witness", by=WITNESS, codes="size_conflict")
def rolled_back_to_witness(town):
    answer = town.ask(town.log(town.leaves[:500], "log"), 500)
    assert (answer.status, answer.body) == (409, b"600\n")
    assert answer.content_type == "text/x.tlog.size"
    return ["size_conflict"]


def town_note_500(town):
    """The checkpoint of 500 with the witness's cosignature, as the reader kept it."""
    _, _, note = town.seen_at_500.partition(b"\n\n")
    return SignedNote.parse(note)


# --- the witness itself --------------------------------------------------------------------------


@case(
    OUTSIDE,
    "a witness loses its key and goes on with a new one",
    by=VERIFY,
    codes="quorum_missing",
)
def witness_key_lost(town):
    shutil.rmtree(town.store)
    witness_create(town.store, name="witness.example/kyojo")
    log_add(town.store, town.key.verifier)
    town.witness = town.witness_again()
    town.honest.publish(town.witnessed(town.honest, 0))
    return town.verify()


@case(
    OUTSIDE,
    "a witness loses its memory and keeps its key",
    by=WITNESS,
    codes="witness_unusable",
)
def witness_memory_lost(town):
    (town.store / "witness.db").unlink()
    try:
        town.witness_again()
    except WitnessUnusable as error:
        return [error.code]
    return []


# --- books that were wrong from the start --------------------------------------------------------


def books(town, *more):
    """A log that was cosigned from its first leaf on, with these leaves at its end."""
    log = town.log([*town.leaves, *more], "log")
    log.publish(town.witnessed(log, SIZE))
    return town.verify()


@case(OUTSIDE, "a hold is paid out twice", by=VERIFY, codes="hold_resolved_twice")
def hold_twice(town):
    again = leaf(SIZE, kind=Kind.POST, amount=8, pending_id=transfer_id(2))
    return books(town, again)


@case(OUTSIDE, "more is paid out than was held", by=VERIFY, codes="hold_exceeded")
def hold_exceeded(town):
    return books(
        town,
        leaf(SIZE, kind=Kind.HOLD, amount=10),
        leaf(SIZE + 1, kind=Kind.POST, amount=11, pending_id=transfer_id(SIZE)),
    )


@case(OUTSIDE, "less comes back than was held", by=VERIFY, codes="hold_exceeded")
def hold_short(town):
    return books(
        town,
        leaf(SIZE, kind=Kind.HOLD, amount=10),
        leaf(SIZE + 1, kind=Kind.EXPIRE, amount=9, pending_id=transfer_id(SIZE)),
    )


@case(OUTSIDE, "a hold is paid out that nobody made", by=VERIFY, codes="hold_unknown")
def hold_invented(town):
    return books(town, leaf(SIZE, kind=Kind.POST, amount=8, pending_id=transfer_id("nothing")))


@case(OUTSIDE, "a hold pays out another currency", by=VERIFY, codes="currency_differs")
def hold_currency(town):
    return books(
        town,
        leaf(SIZE, kind=Kind.HOLD, amount=10),
        leaf(SIZE + 1, kind=Kind.POST, amount=10, pending_id=transfer_id(SIZE), currency="other"),
    )


@case(OUTSIDE, "one transfer is logged twice", by=VERIFY, codes="transfer_twice")
def logged_twice(town):
    return books(town, leaf(SIZE, name=1, code=TransferCode.DISTRIBUTE, amount=500_000))


@case(OUTSIDE, "a number is left out", by=VERIFY, codes="number_differs")
def number_left_out(town):
    return books(town, leaf(SIZE + 1))


@case(OUTSIDE, "a transfer of another ledger is logged", by=VERIFY, codes="ledger_differs")
def ledger_of_another(town):
    return books(town, leaf(SIZE, ledger=990027))


@case(OUTSIDE, "a correction corrects nothing", by=VERIFY, codes="correction_unknown")
def correction_of_nothing(town):
    return books(
        town, leaf(SIZE, code=TransferCode.CORRECTION, correction_of=transfer_id("nothing"))
    )


@case(OUTSIDE, "something is logged that is no transfer", by=VERIFY, codes="leaf_malformed")
def leaf_of_nonsense(town):
    log = town.log(town.leaves, "log")
    log.leaves = [*log.leaves, b"nonsense"]
    log.publish(town.witnessed(log, SIZE))
    return town.verify()


# --- receipts ------------------------------------------------------------------------------------


@case(OUTSIDE, "a receipt's amount is edited", by=VERIFY, codes="inclusion_fails")
def receipt_edited(town):
    note = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    receipt = town.receipt(town.honest, 3, note)
    assert town.receipt_verified(receipt) == []
    return town.receipt_verified(receipt.encode().replace(b"\n8\n", b"\n80\n"))


@case(OUTSIDE, "a receipt is made from a fork", by=VERIFY, codes="quorum_missing")
def receipt_of_a_fork(town):
    fork = town.rewritten("fork")
    return town.receipt_verified(
        town.receipt(fork, 3, checkpoint_sign(fork.checkpoint(), town.key))
    )


@case(OUTSIDE, "a receipt names another place in the log", by=VERIFY, codes="inclusion_fails")
def receipt_number(town):
    note = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    receipt = town.receipt(town.honest, 3, note)
    return town.receipt_verified(receipt.encode().replace(b"\nindex 3\n", b"\nindex 2\n"))


@case(
    OUTSIDE,
    "a receipt of a rewritten log, against the --seen file",
    by=VERIFY,
    codes="consistency_fails",
)
def receipt_seen(town):
    assert town.verify("--seen", town.seen) == []
    fork = town.rewritten("fork")
    path = town.folder / "one.kyojo-receipt"
    note = checkpoint_sign(fork.checkpoint(), town.key)
    path.write_bytes(town.receipt(fork, 3, note).encode())
    return verified("receipt", path, "--key", town.key.verifier, "--seen", town.seen)
