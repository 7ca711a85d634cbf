"""What the tests of paid help share: two members, help written down, purses looked into."""

from datetime import date, timedelta
from typing import Any

from kyojo.civic.earnings import paid_selectors, selectors, services
from kyojo.civic.earnings.accounts import used_ensure
from kyojo.civic.earnings.models import PaidHelp
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger import selectors as ledger

NOW = clock.at(date(2026, 11, 20), 18)
DAY = date(2026, 11, 18)
#: Yen by invoice, a part of them deposited: no preset has both.
INVOICE_DEPOSIT = (
    preset("paid-invoice")
    .replace('code = "paid-invoice"', 'code = "paid-both"')
    .replace('currency = "paid-invoice"', 'currency = "paid-both"')
    .replace(
        'share = "person"',
        'share = "part_deposited"\nshare_percent = 30\ndeposit_in = "time-deposit"',
    )
)


def pair(town: int, *codes: str) -> tuple[Person, Person]:
    """ふみ, who is helped, and けん, who helps, in a town with these programmes."""
    for code in codes:
        install(town, code)
    return make_supporter(town, FUMI), make_supporter(town, KEN)


def fill(person: Person, code: str, amount: int) -> None:
    """Tickets, stamps or yen in the passbook, bought from the office."""
    with tenant(person.municipality_id):
        services.units_buy(
            uid=new_id(),
            programme_code=code,
            person=person,
            amount=amount,
            reference="領収 7",
            by=make_officer(person.municipality_id),
        )


def wallet(person: Person, code: str) -> int:
    with tenant(person.municipality_id):
        return selectors.wallet(selectors.ruled(code).programme, person).available


def office_has(town: int, code: str, use: str) -> int:
    """What a programme's own account for ``use`` holds."""
    with tenant(town):
        account = used_ensure(programme=selectors.ruled(code).programme, use=use)
        return ledger.balance(ledger=town, account=account).posted


def write_down(helper: Person, helped: Person, code: str, **fields: Any) -> PaidHelp:
    """Two hours of help from ten o'clock on, unless told; the officer writes it down."""
    day, hour = fields.pop("day", DAY), fields.pop("hour", 10)
    minutes = fields.pop("minutes", 120)
    given: dict[str, Any] = {
        "uid": new_id(),
        "activity": "",
        "start": clock.at(day, hour),
        "end": clock.at(day, hour) + timedelta(minutes=minutes),
        "by": make_officer(helped.municipality_id),
    } | fields
    with tenant(helped.municipality_id):
        return services.help_record(programme_code=code, helper=helper, helped=helped, **given)


def void(one: PaidHelp, reason: str = "日をまちがえた") -> PaidHelp:
    with tenant(one.municipality_id):
        return services.help_void(uid=one.uid, reason=reason, by=make_officer(one.municipality_id))


def seen(one: PaidHelp) -> PaidHelp:
    """The help as it stands now."""
    with tenant(one.municipality_id):
        return paid_selectors.help_by_uid(one.uid)


def shares(one: PaidHelp) -> tuple[int, ...]:
    """Payer, helper, costs, donated, deposited, office; in yen."""
    return (
        one.payer_yen,
        one.person_yen,
        one.costs_yen,
        one.donated_yen,
        one.deposited_yen,
        one.office_yen,
    )
