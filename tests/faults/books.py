"""What the database holds after a storm, and what the journals say it must hold."""

from collections import defaultdict
from typing import Any

import psycopg

from kyojo.ledger.tlog.checkpoints import checkpoint_open
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, Tree, leaf_hash, tree_root
from kyojo.ledger.tlog.notes import SignedNote, VerifierKey

from .client import ISSUER, PEOPLE, TREASURY
from .ground import FUNDS

Connection = psycopg.Connection[Any]
Body = dict[str, Any]
Stored = dict[tuple[int, str], tuple[Any, ...]]


def there(owner: Connection, bodies: list[Body]) -> set[tuple[int, str]]:
    """Which of the transfers asked for are in the ledger."""
    rows = owner.execute(
        "SELECT t.ledger, t.id::text FROM unnest(%s::int[], %s::uuid[]) a (ledger, id)"
        " JOIN ledger_transfer t ON t.ledger = a.ledger AND t.id = a.id",
        [[body["ledger"] for body in bodies], [body["id"] for body in bodies]],
    ).fetchall()
    return {(ledger, id_) for ledger, id_ in rows}


def transfers(owner: Connection) -> Stored:
    rows = owner.execute(
        "SELECT ledger, id::text, debit::text, credit::text, amount, kind, pending_id::text"
        " FROM ledger_transfer"
    ).fetchall()
    return {(ledger, id_): tuple(rest) for ledger, id_, *rest in rows}


def same(leg: Body, row: tuple[Any, ...]) -> bool:
    """Whether the row is what was sent; a post or void may leave its accounts to the hold."""
    debit, credit, amount, kind, pending_id = row
    return (
        leg["debit"] in (None, debit)
        and leg["credit"] in (None, credit)
        and leg["amount"] in (0, amount)
        and (leg["kind"], leg["pending_id"]) == (kind, pending_id)
    )


def balances(owner: Connection) -> dict[tuple[int, str], tuple[int, ...]]:
    rows = owner.execute(
        "SELECT ledger, account::text, sum(debits_pending)::bigint, sum(debits_posted)::bigint,"
        " sum(credits_pending)::bigint, sum(credits_posted)::bigint"
        " FROM ledger_balance GROUP BY 1, 2"
    ).fetchall()
    return {(ledger, account): tuple(sums) for ledger, account, *sums in rows if any(sums)}


def expected(bodies: list[Body], stored: Stored) -> dict[tuple[int, str], tuple[int, ...]]:
    """What the accounts must show if each transfer that was sent happened exactly once."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for ledger in {leg["ledger"] for leg in bodies}:
        for account in (TREASURY, *PEOPLE):
            sums[ledger, str(ISSUER)][1] += FUNDS
            sums[ledger, str(account)][3] += FUNDS
    for leg in bodies:
        ledger, kind = leg["ledger"], leg["kind"]
        debit, credit, amount, _, _ = stored[ledger, leg["id"]]
        pending = amount if kind == "hold" else 0
        if kind in ("post", "void"):
            pending = -stored[ledger, leg["pending_id"]][2]
        posted = amount if kind in ("plain", "post") else 0
        for account, side in ((debit, 0), (credit, 2)):
            sums[ledger, account][side] += pending
            sums[ledger, account][side + 1] += posted
    return {key: tuple(found) for key, found in sums.items() if any(found)}


# --- the logs -------------------------------------------------------------------------------------


def unlogged(owner: Connection) -> int:
    """How many transfers have no number yet."""
    row = owner.execute(
        "SELECT (SELECT count(*) FROM ledger_transfer) - (SELECT count(*) FROM ledger_log_entry)"
    ).fetchone()
    assert row is not None
    return int(row[0])


def heads(owner: Connection) -> dict[int, tuple[int, bytes]]:
    """How long each log is, and its root: what a witness would remember."""
    rows = owner.execute("SELECT ledger, size, root FROM ledger_log_head").fetchall()
    return {ledger: (size, bytes(root)) for ledger, size, root in rows}


def log_true(owner: Connection, ledger: int, seen: dict[int, bytes]) -> int:
    """Assert that the log of ``ledger`` has every transfer once, without a gap, that every root it
    ever signed, and each in ``seen`` (by size), is the root of its leaves; how many there are."""
    entries = owner.execute(
        "SELECT number, transfer, leaf FROM ledger_log_entry WHERE ledger = %s ORDER BY number",
        [ledger],
    ).fetchall()
    assert [number for number, _, _ in entries] == list(range(len(entries)))
    logged = [transfer for _, transfer, _ in entries]
    written = owner.execute("SELECT id FROM ledger_transfer WHERE ledger = %s", [ledger])
    assert sorted(logged) == sorted(id_ for (id_,) in written.fetchall())
    tree = Tree(leaf_hash(leaf.encode()) for _, _, leaf in entries)
    head = owner.execute("SELECT key FROM ledger_log_head WHERE ledger = %s", [ledger]).fetchone()
    assert head is not None
    key = VerifierKey.parse(head[0])
    signed = owner.execute(
        "SELECT size, root, note FROM ledger_log_checkpoint WHERE ledger = %s ORDER BY size",
        [ledger],
    ).fetchall()
    for size, root, note in signed:
        checkpoint = checkpoint_open(SignedNote.parse(note.encode()), key)
        assert (checkpoint.size, checkpoint.root) == (size, bytes(root))
    for size, root in [*((size, bytes(root)) for size, root, _ in signed), *seen.items()]:
        assert root == (tree_root(size, tree) if size else EMPTY_ROOT), f"another past at {size}"
    assert heads(owner)[ledger] == (len(entries), tree_root(len(entries), tree))
    assert signed[-1][0] == len(entries)
    return len(entries)
