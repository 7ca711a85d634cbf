"""What may be done with a log besides growing it (sequencer) and publishing it (publishing)."""

from uuid import UUID

from kyojo.kernel import clock

from .scope import rows


def account_forget(*, ledger: int, account: UUID) -> bool:
    """Erase the account's key: no commitment of its sides can ever be opened again.

    The leaves stand as they are, so every other receipt goes on working. An empty place stays,
    so that no other key is made for the account, and what it may still do is logged under a salt
    that nobody keeps. True if there was a key; again: changes nothing.

    Inside a transaction the log waits for its end: forget all accounts of a person together, and
    do nothing slow after it.
    """
    return bool(rows("SELECT ledger_log_forget(%s, %s, %s)", [ledger, account, clock.now()])[0][0])
