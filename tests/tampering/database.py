"""Tampering inside the database, by a superuser with triggers switched off (``replica``).

Each change happens in a transaction that is rolled back, after ``./kyojo check``'s rules have
looked at it.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from kyojo.kernel.ids import new_id
from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.log.tests.cast import KITA, Town

from .cases import CHECK, DATABASE, case


@dataclass
class Tamperer:
    """A superuser's hands on the ledger of 北ひなた: 306 transfers, all of them logged."""

    town: Town
    #: The first transfer between two people, its number in the log.
    moved: UUID
    number: int
    hold: UUID

    def run(self, statement: str, *values: Any) -> int:
        """How many rows it touched; a tampering that touches none would prove nothing."""
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            assert cursor.rowcount != 0, statement
            return int(cursor.rowcount)

    def one(self, statement: str, *values: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]

    def leaf_text(self, number: int) -> str:
        return str(
            self.one(
                "SELECT leaf FROM ledger_log_entry WHERE ledger = %s AND number = %s", KITA, number
            )
        )

    def leaf_set(self, number: int, text: str) -> None:
        self.run(
            "UPDATE ledger_log_entry SET leaf = %s WHERE ledger = %s AND number = %s",
            *(text, KITA, number),
        )


# --- transfers and balances ----------------------------------------------------------------------


@case(
    DATABASE,
    "a transfer's amount is edited",
    by=CHECK,
    codes="balance_is_sum_of_transfers leaf_matches_its_transfer",
)
def transfer_amount(hands):
    hands.run("UPDATE ledger_transfer SET amount = amount + 1 WHERE id = %s", hands.moved)


@case(
    DATABASE,
    "a transfer's amount is edited and both balances with it",
    by=CHECK,
    codes="leaf_matches_its_transfer",
)
def transfer_amount_and_balances(hands):
    hands.run("UPDATE ledger_transfer SET amount = amount + 1 WHERE id = %s", hands.moved)
    hands.run(
        "UPDATE ledger_balance SET debits_posted = debits_posted + 1 WHERE account = %s",
        hands.town.carer,
    )
    hands.run(
        "UPDATE ledger_balance SET credits_posted = credits_posted + 1 WHERE account = %s",
        hands.town.supporter,
    )


@case(
    DATABASE,
    "a transfer's code, reference, day or time is edited",
    by=CHECK,
    codes="leaf_matches_its_transfer",
)
def transfer_words(hands):
    hands.run("UPDATE ledger_transfer SET reference = %s WHERE id = %s", new_id(), hands.moved)


@case(
    DATABASE,
    "a transfer is given to another account",
    by=CHECK,
    codes="balance_is_sum_of_transfers leaf_matches_its_transfer",
)
def transfer_account(hands):
    hands.run(
        "UPDATE ledger_transfer SET credit = debit, debit = credit WHERE id = %s", hands.moved
    )


@case(
    DATABASE,
    "a transfer is deleted",
    by=CHECK,
    codes="balance_is_sum_of_transfers entry_has_its_transfer",
)
def transfer_deleted(hands):
    hands.run("DELETE FROM ledger_transfer WHERE id = %s", hands.moved)


@case(
    DATABASE,
    "a transfer is inserted past the functions",
    by=CHECK,
    codes="balance_is_sum_of_transfers transfer_is_logged",
)
def transfer_inserted(hands):
    transfer_copy(hands)


@case(
    DATABASE,
    "a transfer is inserted and both balances changed to fit",
    by=CHECK,
    codes="transfer_is_logged",
)
def transfer_inserted_with_balances(hands):
    amount = transfer_copy(hands)
    for account, side in ((hands.town.carer, "debits"), (hands.town.supporter, "credits")):
        hands.run(
            f"UPDATE ledger_balance SET {side}_posted = {side}_posted + %s"  # noqa: S608
            " WHERE account = %s",
            *(amount, account),
        )


def transfer_copy(hands):
    """A second transfer like the first, as the rows' owner would forge it."""
    columns = hands.one(
        "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
        " WHERE attrelid = 'ledger_transfer'::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attname <> %s",
        "id",
    )
    hands.run(
        f"INSERT INTO ledger_transfer (id, {columns})"  # noqa: S608
        f" SELECT %s, {columns} FROM ledger_transfer WHERE id = %s",
        *(new_id(), hands.moved),
    )
    return hands.one("SELECT amount FROM ledger_transfer WHERE id = %s", hands.moved)


@case(
    DATABASE,
    "all transfers are deleted",
    by=CHECK,
    codes="balance_is_sum_of_transfers entry_has_its_transfer",
)
def transfers_truncated(hands):
    hands.run("DELETE FROM ledger_transfer WHERE ledger = %s", KITA)


@case(
    DATABASE,
    "coins are added to a balance",
    by=CHECK,
    codes="balance_is_sum_of_transfers debits_equal_credits",
)
def balance_edited(hands):
    hands.run(
        "UPDATE ledger_balance SET credits_posted = credits_posted + 5 WHERE account = %s",
        hands.town.supporter,
    )


@case(
    DATABASE,
    "coins are moved between two balances",
    by=CHECK,
    codes="balance_is_sum_of_transfers",
)
def balances_swapped(hands):
    for account, by in ((hands.town.carer, -5), (hands.town.supporter, 5)):
        hands.run(
            "UPDATE ledger_balance SET credits_posted = credits_posted + %s WHERE account = %s",
            *(by, account),
        )


@case(
    DATABASE,
    "a balance is deleted",
    by=CHECK,
    codes="balance_belongs_to_account balance_is_sum_of_transfers debits_equal_credits",
)
def balance_deleted(hands):
    hands.run("DELETE FROM ledger_balance WHERE account = %s", hands.town.supporter)


# --- the log -------------------------------------------------------------------------------------


@case(
    DATABASE,
    "an entry is edited",
    by=CHECK,
    codes="checkpoint_matches_the_entries head_matches_the_entries leaf_matches_its_transfer"
    " tile_matches_the_entries",
)
def entry_edited(hands):
    leaf = Leaf.parse(hands.leaf_text(hands.number).encode())
    text = re.sub(rf"\n{leaf.amount}\n", f"\n{leaf.amount + 1}\n", leaf.text(), count=1)
    hands.leaf_set(hands.number, text)


@case(
    DATABASE,
    "an entry is deleted",
    by=CHECK,
    codes="checkpoint_matches_the_entries head_matches_the_entries log_has_no_gap"
    " tile_matches_the_entries transfer_is_logged",
)
def entry_deleted(hands):
    hands.run("DELETE FROM ledger_log_entry WHERE transfer = %s", hands.moved)


@case(
    DATABASE,
    "an entry is inserted",
    by=CHECK,
    codes="entry_has_its_transfer head_matches_the_entries tile_matches_the_entries",
)
def entry_inserted(hands):
    hands.run(
        "INSERT INTO ledger_log_entry (ledger, number, transfer, leaf) SELECT ledger,"
        " number + 1, %s, leaf FROM ledger_log_entry WHERE ledger = %s"
        " ORDER BY number DESC LIMIT 1",
        *(new_id(), KITA),
    )


@case(
    DATABASE,
    "two entries change places",
    by=CHECK,
    codes="checkpoint_matches_the_entries head_matches_the_entries leaf_matches_its_transfer"
    " tile_matches_the_entries",
)
def entries_reordered(hands):
    first, second = hands.number, hands.number + 10
    for number, to in ((first, 9999), (second, first), (9999, second)):
        hands.run(
            "UPDATE ledger_log_entry SET number = %s WHERE ledger = %s AND number = %s",
            *(to, KITA, number),
        )


@case(
    DATABASE,
    "the last entries are cut off",
    by=CHECK,
    codes="checkpoint_matches_the_entries head_matches_the_entries tile_matches_the_entries"
    " transfer_is_logged",
)
def entries_truncated(hands):
    hands.run("DELETE FROM ledger_log_entry WHERE ledger = %s AND number >= 290", KITA)


@case(
    DATABASE,
    "the whole log is deleted",
    by=CHECK,
    codes="transfer_is_logged",
)
def log_deleted(hands):
    for table in ("entry", "tile", "checkpoint", "head"):
        hands.run(f"DELETE FROM ledger_log_{table} WHERE ledger = %s", KITA)  # noqa: S608


@case(DATABASE, "the head of the log is deleted", by=CHECK, codes="log_has_its_head")
def head_deleted(hands):
    hands.run("DELETE FROM ledger_log_head WHERE ledger = %s", KITA)


@case(DATABASE, "a tile is edited", by=CHECK, codes="tile_matches_the_entries")
def tile_edited(hands):
    hands.run(
        "UPDATE ledger_log_tile SET hashes = overlay(hashes PLACING sha256('x') FROM 33)"
        " WHERE ledger = %s AND level = 0 AND index = 0",
        KITA,
    )


@case(DATABASE, "a tile is deleted", by=CHECK, codes="tile_matches_the_entries")
def tile_deleted(hands):
    hands.run("DELETE FROM ledger_log_tile WHERE ledger = %s AND level = 1", KITA)


@case(
    DATABASE,
    "a checkpoint is given another root",
    by=CHECK,
    codes="checkpoint_is_signed checkpoint_matches_the_entries",
)
def checkpoint_edited(hands):
    hands.run("UPDATE ledger_log_checkpoint SET root = sha256('x') WHERE ledger = %s", KITA)


@case(DATABASE, "a checkpoint's signature is forged", by=CHECK, codes="checkpoint_is_signed")
def checkpoint_forged(hands):
    hands.run(
        "UPDATE ledger_log_checkpoint o SET note = substr(o.note, 1, length(o.note) - 50)"
        " || CASE substr(o.note, length(o.note) - 49, 1) WHEN 'A' THEN 'B' ELSE 'A' END"
        " || substr(o.note, length(o.note) - 48) WHERE ledger = %s",
        KITA,
    )


@case(DATABASE, "the newest checkpoint is deleted", by=CHECK, codes="checkpoint_is_signed")
def checkpoint_deleted(hands):
    hands.run(
        "DELETE FROM ledger_log_checkpoint c WHERE ledger = %s AND size ="
        " (SELECT max(size) FROM ledger_log_checkpoint WHERE ledger = c.ledger)",
        KITA,
    )


@case(
    DATABASE,
    "an account's key is exchanged, so that its receipts open no more",
    by=CHECK,
    codes="leaf_matches_its_transfer",
)
def key_exchanged(hands):
    hands.run("UPDATE ledger_log_key SET key = sha256('x') WHERE account = %s", hands.town.carer)


@case(DATABASE, "an account's key is deleted with its place", by=CHECK, codes="account_has_its_key")
def key_deleted(hands):
    hands.run("DELETE FROM ledger_log_key WHERE account = %s", hands.town.carer)


@case(
    DATABASE,
    "a trigger that keeps history is switched off",
    by=CHECK,
    codes="history_is_append_only log_is_append_only",
)
def triggers_off(hands):
    with connection.cursor() as cursor:
        for table, name in (
            ("ledger_transfer", "ledger_transfer_append_only"),
            ("ledger_log_entry", "ledger_log_entry_append_only"),
        ):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
