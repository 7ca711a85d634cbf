"""Many accounts at once."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from kyojo.kernel import clock

from . import services
from .types import Flag


def accounts_open(
    *,
    ledger: int,
    ids: Sequence[UUID],
    currency: str,
    code: int,
    vintage: int = 0,
    flags: Flag = services.NO_FLAGS,
) -> None:
    """Open an account of this kind under each of ``ids``, in one call; again: changes nothing.

    Raises ``LedgerRefusal`` (``exists_with_different_…``) where an id has other content.
    """
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_accounts_open(%s, %s::uuid[], %s, %s, %s, %s, %s)",
            [
                ledger,
                "{" + ",".join(map(str, ids)) + "}",
                currency,
                int(code),
                vintage,
                int(flags),
                clock.now(),
            ],
        )
        row = cursor.fetchone()
    assert row is not None
    for there_before in sorted(set(ids) - set(row[0])):
        services.account_open(
            ledger=ledger,
            id=there_before,
            currency=currency,
            code=code,
            vintage=vintage,
            flags=flags,
        )
