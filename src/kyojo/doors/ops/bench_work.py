"""What the Python clients of the benchmark do, one function each: it prepares, and gives a step.

Every step goes through the public way that a programmer of the house (or of the other library)
would take, and looks at what it was answered: a refused transfer is not a fast one.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

Job = dict[str, Any]
Step = Callable[[], int]

#: Accounts that are nobody's: their numbers lie above those of people.
ISSUER = 1 << 40
HOT = 2 << 40
#: Rows of one batch.
BATCH = 10_000
#: How many coins everybody has to begin with: more than the benchmark can spend.
FUNDS = 1_000_000_000


def account(number: int) -> UUID:
    """The account with this number, as the SQL scripts spell it."""
    return UUID(int=number)


def pair(chance: random.Random, first: int, last: int) -> tuple[UUID, UUID]:
    """Two different people of those numbered ``first`` to ``last``."""
    one, other = chance.randint(first, last), chance.randint(first, last - 1)
    return account(one), account(other + (other >= one))


def service_random(job: Job, chance: random.Random) -> Step:
    """One transfer between two random people through ``legs_execute``."""
    from kyojo.ledger import services
    from kyojo.ledger.types import Code

    def step() -> int:
        debit, credit = pair(chance, 1, job["accounts"])
        results = services.legs_execute(legs=[leg(job, debit, credit)])
        assert results[0].code is Code.OK
        return 1

    return step


def service_hot(job: Job, chance: random.Random) -> Step:
    """One transfer out of the hot account to a random person."""
    from kyojo.ledger import services
    from kyojo.ledger.types import Code

    def step() -> int:
        credit = account(chance.randint(1, job["accounts"]))
        results = services.legs_execute(legs=[leg(job, account(HOT), credit)])
        assert results[0].code is Code.OK
        return 1

    return step


def service_hold_post(job: Job, chance: random.Random) -> Step:
    """A hold between two random people and its post: two calls, two transfers."""
    from kyojo.kernel import clock
    from kyojo.ledger import services
    from kyojo.ledger.types import Code, Kind

    def step() -> int:
        until = clock.now() + timedelta(hours=1)
        hold = leg(job, *pair(chance, 1, job["accounts"]), kind=Kind.HOLD, timeout_at=until)
        post = leg(job, None, None, kind=Kind.POST, pending_id=hold.id)
        for one in (hold, post):
            assert services.legs_execute(legs=[one])[0].code is Code.OK
        return 2

    return step


def service_batch(job: Job, chance: random.Random) -> Step:
    """Ten thousand people get a coin from the issuer, in one call."""
    from kyojo.ledger import services
    from kyojo.ledger.types import Code

    def step() -> int:
        people = [account(chance.randint(1, job["accounts"])) for _ in range(BATCH)]
        legs = [leg(job, account(ISSUER), person) for person in people]
        results = services.batch_execute(ledger=job["ledger"], legs=legs)
        assert all(result.code is Code.OK for result in results)
        return BATCH

    return step


def load(job: Job, chance: random.Random) -> Step:
    """The town's past: this client's share of people get their funds, then pay each other."""
    from kyojo.ledger import services
    from kyojo.ledger.types import Code

    share = job["accounts"] // job["clients"]
    first = 1 + job["number"] * share  # no two clients share a person: nobody waits
    people = range(first, first + share)
    legs = [leg(job, account(ISSUER), account(number), FUNDS) for number in people]
    paid = max(0, job["transfers"] // job["clients"] - share)
    legs += [leg(job, *pair(chance, first, first + share - 1)) for _ in range(paid)]

    def step() -> int:
        for start in range(0, len(legs), BATCH):
            results = services.batch_execute(ledger=job["ledger"], legs=legs[start : start + BATCH])
            assert all(result.code is Code.OK for result in results)
        return len(legs)

    return step


def leg(job: Job, debit: UUID | None, credit: UUID | None, amount: int = 1, **more: Any) -> Any:
    """A leg of one coin under a fresh id."""
    from kyojo.kernel.ids import new_id
    from kyojo.ledger.types import Leg, TransferCode

    return Leg(
        ledger=job["ledger"],
        id=new_id(),
        debit=debit,
        credit=credit,
        amount=amount,
        code=TransferCode.SUPPORT,
        **more,
    )


def pgledger_random(job: Job, chance: random.Random) -> Step:
    """pgledger's function, called on the same Django connection as ours."""
    from django.db import connection

    def step() -> int:
        one, other = (str(a.int).rjust(26, "0") for a in pair(chance, 1, job["accounts"]))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM pgledger_create_transfer(%s, %s, 1)",
                [f"pgla_{one}", f"pgla_{other}"],
            )
            assert cursor.fetchone()
        return 1

    return step


def hordak_random(job: Job, chance: random.Random) -> Step:
    """django-hordak's own ``transfer_to`` in a transaction, as its documentation shows it."""
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    accounts = list(Account.objects.order_by("id"))
    coin = Money(Decimal(1), "EUR")

    def step() -> int:
        one, other = chance.sample(accounts, 2)
        with transaction.atomic():
            assert one.transfer_to(other, coin).pk
        return 1

    return step


def hordak_load(job: Job, chance: random.Random) -> Step:
    """Make hordak's tables and ``accounts`` accounts."""
    from django.core.management import call_command
    from hordak.models import Account

    def step() -> int:
        call_command("migrate", verbosity=0, interactive=False)
        for number in range(1, job["accounts"] + 1):
            Account.objects.create(
                name=f"account {number}", code=str(number), type="LI", currencies=["EUR"]
            )
        return int(job["accounts"])

    return step


WORK: dict[str, Callable[[Job, random.Random], Step]] = {
    "service_random": service_random,
    "service_hot": service_hot,
    "service_hold_post": service_hold_post,
    "service_batch": service_batch,
    "load": load,
    "pgledger_random": pgledger_random,
    "hordak_random": hordak_random,
    "hordak_load": hordak_load,
}
