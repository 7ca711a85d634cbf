"""The two towns of the faults: tables and walls in a durable database, people with coins."""

from kyojo.kernel.ids import new_id
from kyojo.ledger import services
from kyojo.ledger.types import COIN, AccountCode, Flag, Leg, TransferCode

from .client import ISSUER, LEDGERS, PEOPLE, TREASURY, TREASURY_STRIPES

FUNDS = 1_000_000
LIMITED = Flag.DEBITS_MUST_NOT_EXCEED_CREDITS


def ground_lay(*, owner: str, app: str) -> None:
    """Migrate the ledger's own tables as ``owner``, open accounts and fund them as ``app``."""
    from django.core.management import call_command
    from django.db import connections

    from kyojo.civic.municipalities.walls import walls_raise
    from kyojo.doors.ops.surroundings import connect_as

    connect_as(owner)
    for label in ("ledger", "ledger_log"):
        call_command("migrate", label, verbosity=0, interactive=False)
    walls_raise()
    connect_as(app)
    for ledger in LEDGERS:
        services.account_open(ledger=ledger, id=ISSUER, currency=COIN, code=AccountCode.ISSUER)
        services.account_open(
            ledger=ledger,
            id=TREASURY,
            currency=COIN,
            code=AccountCode.TREASURY,
            flags=LIMITED,
            stripes=TREASURY_STRIPES,
        )
        for person in PEOPLE:
            services.account_open(
                ledger=ledger, id=person, currency=COIN, code=AccountCode.PERSON, flags=LIMITED
            )
        services.legs_execute(
            legs=[
                Leg(
                    ledger=ledger,
                    id=new_id(),
                    debit=ISSUER,
                    credit=account,
                    amount=FUNDS,
                    code=TransferCode.ISSUE,
                )
                for account in (TREASURY, *PEOPLE)
            ]
        )
    services.clearing_open(ledger=LEDGERS[0], counterpart=LEDGERS[1])
    connections.close_all()
