"""A leg that is its own transaction meets a transaction of several calls, the other way round."""

import threading

import pytest
from django.db import connections, transaction

from kyojo.ledger import services
from kyojo.ledger.tests.cast import KITA, Town, open_account, reading
from kyojo.ledger.types import Code, Flag

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.mark.parametrize("stripes", [1, 8])
def test_both_come_through(stripes: int) -> None:
    town = Town()
    low, high = sorted(open_account(flags=Flag(0)) for _ in range(2))
    if stripes > 1:
        services.account_stripe(ledger=KITA, id=high, stripes=stripes)
    first_done, waiting = threading.Event(), threading.Event()
    codes: dict[str, Code] = {}

    def several() -> None:
        with transaction.atomic():
            one = town.leg(1, debit=town.issuer, credit=high)
            codes["first"] = services.legs_execute(legs=[one])[0].code
            first_done.set()
            assert waiting.wait(30)
            other = town.leg(1, debit=town.issuer, credit=low)
            codes["second"] = services.legs_execute(legs=[other])[0].code
        connections.close_all()

    def alone() -> None:
        assert first_done.wait(30)
        waiting.set()
        leg = town.leg(1, debit=low, credit=high)
        codes["alone"] = services.legs_execute(legs=[leg])[0].code
        connections.close_all()

    threads = [threading.Thread(target=call) for call in (several, alone)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert codes == {"first": Code.OK, "second": Code.OK, "alone": Code.OK}
    with reading(KITA):
        assert town.balance(high).available == 2
