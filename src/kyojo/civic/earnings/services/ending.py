"""What ends with the fiscal year is told in good time, as with coins (``people.expiry``)."""

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import expiry
from kyojo.civic.people.coins_domain import expires_on
from kyojo.civic.people.services import News, notices_send
from kyojo.civic.programmes.rules import wording
from kyojo.kernel import clock
from kyojo.ledger import selectors as ledger_selectors

from .. import selectors

BODY = (
    "使い方は、「スタンプ・ポイント」のページで見られます。"
    "使わなかった分は、そのあと{town}に戻ります。"
)


def ending_tell(*, municipality_id: int) -> int:
    """Tell everybody what of theirs ends within 60 days, how much and when; again within 14 days.

    Each is told once a time and programme, whenever the job runs. Returns how many were told now.
    """
    vintage = clock.fiscal_year()
    last_day = expires_on(vintage)
    days_left = (last_day - clock.today()).days
    due = [days for days in expiry.TOLD_DAYS if days_left <= days]
    if not due:
        return 0
    told = 0
    with tenant(municipality_id):
        body = BODY.format(town=Municipality.objects.get(pk=municipality_id).name)
        for ruled in selectors.programmes_now():
            for owners in expiry.owners_of(vintage, ruled.programme.currency):
                balances = ledger_selectors.balances_now(ledger=municipality_id, accounts=owners)
                left = {
                    account: balances[account].available
                    for account in owners
                    if account in balances and balances[account].available > 0
                }
                told += notices_send(
                    kind="units_end",
                    key=f"units_end:{ruled.programme.code}:{vintage}:{min(due)}",
                    news=[
                        News(
                            person=owners[account],
                            title=_title(ruled, amount, f"{last_day:%Y年%-m月%-d日}"),
                            body=body,
                            path=f"/me/points/{ruled.programme.code}/",
                        )
                        for account, amount in left.items()
                    ],
                )
    return told


def _title(ruled: selectors.Ruled, amount: int, day: str) -> str:
    document = ruled.document
    return f"{document.name}の{wording.amount(amount, document.unit)}は、{day}まで使えます"
