"""Three towns with programmes, and people's coins moving between their ledgers."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

from kyojo.civic.municipalities.models import Municipality, Operator
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes import clearing, services
from kyojo.civic.programmes.models import ClearingSettlement, Programme
from kyojo.civic.programmes.selectors import preset
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger import clearing as ledger_clearing
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.clearing_domain import Pair
from kyojo.ledger.types import COIN, AccountCode, Leg, Payment, TransferCode

KITA, MIDORI, SATO = 990019, 990027, 990035
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
IN_OCTOBER = clock.at(date(2026, 10, 15), 10)
IN_NOVEMBER = clock.at(date(2026, 11, 2), 10)
#: Officers: logins by number, the town's number and one more digit.
OFFICER = {town: SimpleNamespace(pk=town * 10) for town in (KITA, MIDORI, SATO)}


@dataclass
class Scene:
    """``person`` of each town has many coins; ``moves`` makes payments between them."""

    towns: tuple[int, ...]
    person: dict[int, UUID] = field(default_factory=dict)

    def payment(self, payer: int, payee: int, amount: int) -> Payment:
        return Payment(
            id=new_id(),
            debtor_ledger=payer,
            debtor=self.person[payer],
            creditor_ledger=payee,
            creditor=self.person[payee],
            amount=amount,
            code=TransferCode.SUPPORT,
            reference=new_id(),
        )

    def pay(self, payer: int, payee: int, amount: int, when: datetime | None = None) -> Payment:
        payment = self.payment(payer, payee, amount)
        with clock.frozen(when or clock.now()):
            ledger.payment_execute(payments=[payment])
        return payment

    def correct(self, payment: Payment) -> None:
        """Put a payment right by its opposite, in both ledgers."""
        here, there = payment.debtor_ledger, payment.creditor_ledger
        pair = Pair.of(here, there)
        ledger.legs_execute(
            legs=[
                Leg(
                    ledger=one,
                    id=new_id(),
                    debit=debit,
                    credit=credit,
                    amount=payment.amount,
                    code=TransferCode.CORRECTION,
                    reference=payment.reference,
                    correction_of=leg_of(payment, one),
                )
                for one, debit, credit in (
                    (there, payment.creditor, pair.account(there)),
                    (here, pair.account(here), payment.debtor),
                )
            ]
        )


def leg_of(payment: Payment, one: int) -> UUID:
    from kyojo.kernel.ids import derived_id

    return derived_id(payment.id, "plain", one)


def scene_make(*codes: int) -> Scene:
    """Municipalities are made where there is none of that number."""
    scene = Scene(codes)
    with clock.frozen(clock.at(date(2026, 4, 1), 9)):
        for code in codes:
            Municipality.objects.get_or_create(
                id=code,
                defaults={
                    "slug": f"town-{code}",
                    "name": f"見本{code}市",
                    "name_kana": f"みほん{code}し",
                    "prefecture": "みほん県",
                    "office_name": "センター",
                    "office_phone": "0120-000-035",
                    "office_hours": "平日",
                },
            )
            with tenant(code):
                operator = Operator.objects.create(kind="municipality", name="市", name_kana="シ")
                services.programme_install(
                    operator=operator,
                    code="kyojo-coin",
                    document=preset(),
                    effective_from=date(2026, 4, 1),
                )
                issuer = Programme.objects.get().issuer_account
            person = scene.person[code] = new_id()
            ledger.account_open(ledger=code, id=person, currency=COIN, code=AccountCode.PERSON)
            ledger.legs_execute(
                legs=[
                    Leg(
                        ledger=code,
                        id=new_id(),
                        debit=issuer,
                        credit=person,
                        amount=1_000_000,
                        code=TransferCode.DISTRIBUTE,
                    )
                ]
            )
        for index, one in enumerate(codes):
            for other in codes[index + 1 :]:
                ledger.clearing_open(ledger=one, counterpart=other)
    return scene


def net(town: int, other: int) -> int:
    with tenant(town):
        found = ledger_clearing.positions(ledger=town, counterparts=[other])
    return found[0].net


def issuer_posted(town: int) -> int:
    with tenant(town):
        account = Programme.objects.get().issuer_account
        return ledger_selectors.balance(ledger=town, account=account).posted


def row(town: int, uid: UUID) -> ClearingSettlement:
    with tenant(town):
        return ClearingSettlement.objects.get(uid=uid)


def propose(town: int, other: int, month: date) -> ClearingSettlement:
    with tenant(town):
        return clearing.clearing_propose(counterpart_id=other, month=month)


def agree(town: int, uid: UUID, yen: object = 0, **changes: object) -> ClearingSettlement:
    said = {"statement_hash": row(town, uid).statement_hash, "yen_per_coin": yen} | changes
    with tenant(town):
        return clearing.clearing_agree(uid=uid, by=OFFICER[town], **said)


def settle(town: int, uid: UUID) -> ClearingSettlement:
    with tenant(town):
        return clearing.clearing_settle(uid=uid, by=OFFICER[town])


def agreed(town: int, other: int, month: date, yen: object = 0) -> ClearingSettlement:
    """Proposed, and agreed to by both."""
    uid = propose(town, other, month).uid
    agree(town, uid, yen)
    agree(other, uid, yen)
    return row(town, uid)


def everything(*towns: int) -> list[object]:
    """All that a step about clearing may change: rows, lines and balances of the towns."""
    seen: list[object] = []
    for town in towns:
        with tenant(town):
            seen.append(list(ClearingSettlement.objects.order_by("uid").values()))
            seen += [
                ledger_clearing.positions(ledger=town, counterparts=towns),
                issuer_posted(town),
            ]
    return seen


@contextmanager
def later(moment: datetime, **delta: int):  # type: ignore[no-untyped-def]
    with clock.frozen(moment + timedelta(**delta)):
        yield
