"""Tampering with what a log shows: its files and its signatures."""

import shutil
from datetime import timedelta

from kyojo.kernel import clock
from kyojo.ledger.tlog.checkpoints import checkpoint_sign
from kyojo.ledger.tlog.notes import SignedNote, SigningKey, cosign
from kyojo.ledger.tlog.tiles import entries_path, tile_path
from kyojo.ledger.types import Kind

from .cases import OUTSIDE, VERIFY, case
from .folder_log import ORIGIN, leaf, witness_key

# --- the files of the log ------------------------------------------------------------------------


@case(OUTSIDE, "an entry is edited in the log's files", by=VERIFY, codes="leaf_differs")
def entry_edited(town):
    def change(entries):
        entries[7] = entries[7].replace(b"\n10\n", b"\n11\n").replace(b"\n8\n", b"\n9\n")

    town.bundle_change(change)
    return town.verify()


@case(OUTSIDE, "an entry is taken out of them", by=VERIFY, codes="tile_malformed")
def entry_deleted(town):
    town.bundle_change(lambda entries: entries.pop(7))
    return town.verify()


@case(
    OUTSIDE,
    "an entry is taken out, the later ones move up",
    by=VERIFY,
    codes="number_differs leaf_differs",
)
def entry_deleted_shifted(town):
    def change(entries):
        del entries[7]
        entries.append(leaf(512, name="filler", kind=Kind.PLAIN).encode())

    town.bundle_change(change)
    return sorted(set(town.verify()) - {"hold_unknown"}, key="number_differs leaf_differs".index)


@case(OUTSIDE, "an entry is put in between", by=VERIFY, codes="tile_malformed")
def entry_inserted(town):
    town.bundle_change(lambda entries: entries.insert(7, leaf(263, name="more").encode()))
    return town.verify()


@case(OUTSIDE, "two entries change places", by=VERIFY, codes="number_differs leaf_differs")
def entries_reordered(town):
    def change(entries):
        entries[0], entries[2] = entries[2], entries[0]

    town.bundle_change(change)
    return sorted(set(town.verify()) - {"hold_unknown"}, key="number_differs leaf_differs".index)


@case(OUTSIDE, "the last entries are cut off", by=VERIFY, codes="tile_missing")
def entries_truncated(town):
    shutil.rmtree((town.honest.folder / entries_path(2, 88)).parent)
    return town.verify()


@case(OUTSIDE, "a tile is edited", by=VERIFY, codes="tile_differs")
def tile_edited(town):
    path = town.honest.folder / tile_path(0, 1)
    data = path.read_bytes()
    path.write_bytes(bytes(32) + data[32:])
    return town.verify()


@case(OUTSIDE, "an upper tile is edited", by=VERIFY, codes="tile_differs")
def upper_tile_edited(town):
    path = town.honest.folder / tile_path(1, 0, 2)
    path.write_bytes(path.read_bytes()[::-1])
    return town.verify()


@case(OUTSIDE, "a tile is cut short", by=VERIFY, codes="tile_malformed")
def tile_truncated(town):
    path = town.honest.folder / tile_path(0, 1)
    path.write_bytes(path.read_bytes()[:-32])
    return town.verify()


@case(OUTSIDE, "all entries and tiles under the old checkpoint", by=VERIFY, codes="root_differs")
def rewritten_unsigned(town):
    note = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    town.rewritten().publish(note)
    return town.verify()


# --- signatures ----------------------------------------------------------------------------------


@case(OUTSIDE, "the log's signature is forged", by=VERIFY, codes="signature_invalid")
def signature_forged(town):
    forger = SigningKey.generate(ORIGIN)
    note = checkpoint_sign(town.honest.checkpoint(), forger)
    line = note.signatures[0]
    real = town.key.verifier
    forged = type(line)(line.name, real.id, line.data)
    town.honest.publish(SignedNote(note.text, (forged,)))
    return town.verify()


@case(OUTSIDE, "another key signs under the log's name", by=VERIFY, codes="signature_missing")
def signature_of_another(town):
    log = town.log(town.leaves, "log", key=SigningKey.generate(ORIGIN))
    log.publish()
    return town.verify()


@case(OUTSIDE, "the log of another origin is shown", by=VERIFY, codes="origin_differs")
def origin_of_another(town):
    log = town.log(town.leaves, "log", key=SigningKey.generate("other.example/log"))
    log.publish()
    return town.verify()


@case(
    OUTSIDE,
    "old cosignatures are put under a new checkpoint",
    by=VERIFY,
    codes="signature_invalid",
)
def cosignature_replayed(town):
    old = SignedNote.parse((town.honest.folder / "checkpoint").read_bytes())
    log = town.rewritten()
    note = checkpoint_sign(log.checkpoint(), town.key).with_signatures(old.signatures[1:])
    log.publish(note)
    return town.verify()


@case(OUTSIDE, "a stranger cosigns in the witness's name", by=VERIFY, codes="quorum_missing")
def cosignature_of_a_stranger(town):
    log = town.rewritten()
    note = checkpoint_sign(log.checkpoint(), town.key)
    log.publish(note.with_signatures([cosign(note, witness_key(), clock.now())]))
    return town.verify()


@case(OUTSIDE, "an old checkpoint is served as the newest", by=VERIFY, codes="stale")
def checkpoint_stale(town):
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert town.verify() == []
        return town.verify("--fresh", "24")
