"""Two officers who press at the same moment issue and distribute once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from types import SimpleNamespace

from django.db import connections

from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes import services
from kyojo.civic.programmes.selectors import preset, treasury_balance
from kyojo.kernel.ids import new_id


def together(count, act):
    def one(number):
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_eight_approvals_at_once_issue_once(towns):
    town, uid = towns.kita.id, new_id()
    with tenant(town):
        operator = Operator.objects.create(kind="municipality", name="市", name_kana="シ")
        services.programme_install(
            operator=operator,
            code="kyojo-coin",
            document=preset(),
            effective_from=date(2020, 4, 1),
        )

    def ask(_):
        with tenant(town):
            return services.issuance_request(
                uid=uid,
                programme_code="kyojo-coin",
                amount=480_000,
                reason="試験",
                by=SimpleNamespace(pk=1),
            ).state

    def approve(number):
        with tenant(town):
            return services.issuance_approve(uid=uid, by=SimpleNamespace(pk=2 + number)).state

    assert set(together(8, ask)) == {"waiting"}
    assert set(together(8, approve)) == {"done"}
    with tenant(town):
        assert treasury_balance().credits_posted == 480_000
