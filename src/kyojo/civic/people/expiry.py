"""The end of coins: people hear of it in good time, then what is left goes back to the town.

Coins of a vintage live to 31 March at the end of its fiscal year. From 1 April on nobody can spend
them (``coins.purse`` and ``coins_domain.split`` see to that on the minute); the sweep follows at
night and only makes the books say so. What is held keeps its vintage until the visit is settled.
"""

from collections.abc import Iterator
from uuid import UUID

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import amounts, clock
from kyojo.kernel.errors import Refusal
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.types import COIN, Flag
from kyojo.ledger.vintages import vintages_expire

from . import coins_domain as domain
from . import sentences
from .models import Person, PersonAccount
from .services import News, act_record, notices_send

#: How long before the last day people are told, once each.
TOLD_DAYS = (60, 14)
ACCOUNTS_AT_ONCE = 1_000


def coins_lapse(*, municipality_id: int) -> int:
    """Move what is left of ended vintages back to the issuer of each programme of the town.

    Returns how many coins. Safe to repeat, to be killed and to run beside everything else
    (``ledger.vintages``): call it outside a transaction. What was moved is on record.
    """
    with tenant(municipality_id):
        programmes = list(Programme.objects.order_by("code"))
    moved = 0
    for programme in programmes:
        swept = vintages_expire(
            ledger=municipality_id,
            currency=programme.currency,
            before=clock.fiscal_year(),
            into=programme.issuer_account,
        )
        moved += swept.amount
        if swept.amount:
            with tenant(municipality_id):
                act_record(
                    actor=None,
                    action="coins_lapsed",
                    subject_kind="programme",
                    subject_id=programme.code,
                    note=amounts.grouped(swept.amount)
                    + ("コイン" if programme.currency == COIN else f" {programme.name}"),
                )
    return moved


def coins_end_tell(*, municipality_id: int) -> int:
    """Tell everybody whose coins end within 60 days how many and when; again within 14 days.

    Each is told once a time, whenever the job runs. Returns how many people were told now.
    """
    vintage = clock.fiscal_year()
    last_day = domain.expires_on(vintage)
    days_left = (last_day - clock.today()).days
    due = [days for days in TOLD_DAYS if days_left <= days]
    if not due:
        return 0
    told = 0
    with tenant(municipality_id):
        town = Municipality.objects.get(pk=municipality_id).name
        words = {"town": town, "day": f"{last_day:%Y年%-m月%-d日}"}
        for owners in owners_of(vintage):
            balances = ledger_selectors.balances_now(ledger=municipality_id, accounts=owners)
            told += notices_send(
                kind="coins_end",
                key=f"coins_end:{vintage}:{min(due)}",
                news=[
                    News(
                        person=person,
                        title=sentences.COINS_END.format(
                            coins=amounts.grouped(balances[account].available), **words
                        ),
                        body=sentences.COINS_END_BODY[min(due)].format(**words),
                        path="/me/coins/",
                    )
                    for account, person in owners.items()
                    if account in balances and balances[account].available > 0
                ],
            )
    return told


def owners_of(vintage: int, currency: str = COIN) -> Iterator[dict[UUID, Person]]:
    """Account → person, of members of the current municipality, some at a time."""
    rows = PersonAccount.objects.filter(
        currency=currency, vintage=vintage, person__left_at__isnull=True
    ).select_related("person")
    last = 0
    while True:
        page = list(rows.filter(pk__gt=last).order_by("pk")[:ACCOUNTS_AT_ONCE])
        if not page:
            return
        yield {row.account: row.person for row in page}
        last = page[-1].pk


def accounts_close(*, municipality_id: int) -> int:
    """Close the empty accounts of people who left: no coin can enter or leave them any more.

    An account with coins or holds waits: a visit is still to be settled, or the coins live until
    their vintage ends and go back then. Those of other programmes stay open: an invoice for help
    that was given before may still be paid. Returns how many were closed now.
    """
    with tenant(municipality_id):
        accounts = list(
            PersonAccount.objects.filter(currency=COIN, person__left_at__isnull=False).values_list(
                "account", flat=True
            )
        )
        flags = ledger_selectors.accounts_flags(ledger=municipality_id, accounts=accounts)
    closed = 0
    for account in accounts:
        if Flag.CLOSED in flags.get(account, Flag.CLOSED):
            continue
        try:
            ledger.account_close(ledger=municipality_id, id=account)
        except Refusal as refused:
            if refused.code not in ("account_has_holds", "account_not_empty"):
                raise
        else:
            closed += 1
    return closed
