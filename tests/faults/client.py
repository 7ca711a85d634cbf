"""A client of the ledger that may be killed at any moment, and knows afterwards what it was told.

Before it sends an order it writes the order, ids included, to its own journal and flushes that to
the disk; the answer is written the same way. Whoever continues a journal sends the order without
an answer again, as it stands there. That is all that a caller has to do, and what is tested.

``python -m tests.faults.client`` loads Django once and forks a client for each line on stdin.
"""

import ctypes
import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from kyojo.doors.ops.postgres_processes import PR_SET_PDEATHSIG

Order = dict[str, Any]

LEDGERS = (990019, 990027)
ISSUER, TREASURY = UUID(int=1 << 40), UUID(int=2 << 40)
PEOPLE = [UUID(int=number) for number in range(1, 13)]
BATCH_ROWS = 40
TREASURY_STRIPES = 8
#: What a caller may meet when a server dies under it: no connection, or its end (SQLSTATE 57P0x).
SERVER_DIED = ("57P", "08")
PATIENCE_SECONDS = 60


class Journal:
    """Orders and answers, one JSON object a line, each on the disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        self.orders: list[Order] = []
        self.answers: dict[int, Any] = {}
        whole = 0
        if path.exists():
            for line in path.read_bytes().splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    break  # torn by a kill: what it was about to say has not happened
                whole += len(line)
                self._take(json.loads(line))
        self._file = path.open("ab")
        self._file.truncate(whole)

    def _take(self, entry: Order) -> None:
        if "order" in entry:
            self.orders.append(entry)
        elif "answer" in entry:
            self.answers[entry["to"]] = entry

    def write(self, entry: Order) -> None:
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._take(entry)

    def unanswered(self) -> Order | None:
        """The order whose fate is unknown: there is at most one, the last."""
        if self.orders and len(self.orders) > len(self.answers):
            return self.orders[-1]
        return None

    def open_holds(self) -> list[Order]:
        """Orders of holds that were answered, and that no order has resolved yet."""
        resolved = {order["resolves"] for order in self.orders if "resolves" in order}
        return [
            order for order in self.orders if order.get("holds") and order["order"] not in resolved
        ]


# --- orders ---------------------------------------------------------------------------------------


def legs_of(order: Order) -> list[dict[str, Any]]:
    """The bodies of the transfers that the order asks for, derived ids and all."""
    from kyojo.ledger import domain

    if order["call"] in ("legs", "batch"):
        return list(order["legs"])
    make = {
        "payment_execute": domain.payment_legs,
        "payment_hold": lambda payment: domain.hold_legs(payment, timeout_at=None),
        "payment_post": domain.post_legs,
    }[order["call"]]
    return [
        {
            "ledger": leg.ledger,
            "id": str(leg.id),
            "debit": leg.debit and str(leg.debit),
            "credit": leg.credit and str(leg.credit),
            "amount": leg.amount,
            "kind": leg.kind.value,
            "pending_id": leg.pending_id and str(leg.pending_id),
        }
        for leg in make(payment_of(order))
    ]


def payment_of(order: Order) -> Any:
    from kyojo.ledger.types import Payment

    said = order["payment"]
    ids = {name: UUID(said[name]) for name in ("id", "debtor", "creditor")}
    return Payment(**(said | ids))


def leg_of(body: dict[str, Any]) -> Any:
    from kyojo.ledger.types import Kind, Leg, TransferCode

    ids = {
        name: body[name] and UUID(body[name]) for name in ("id", "debit", "credit", "pending_id")
    }
    return Leg(**(body | ids | {"kind": Kind(body["kind"])}), code=TransferCode.SUPPORT)


def send(order: Order) -> list[str]:
    """Make the call that the order names; the codes it answers."""
    from kyojo.ledger import services

    call = order["call"]
    if call == "legs":
        results = services.legs_execute(legs=[leg_of(body) for body in order["legs"]])
    elif call == "batch":
        legs = [leg_of(body) for body in order["legs"]]
        results = services.batch_execute(ledger=order["ledger"], legs=legs)
    elif call == "payment_hold":
        results = services.payment_hold(payments=[payment_of(order)], timeout_at=None)
    else:
        results = getattr(services, call)(payments=[payment_of(order)])
    return [result.code.value for result in results]


def leg(ledger: int, amount: int, **more: Any) -> dict[str, Any]:
    from kyojo.kernel.ids import new_id

    body = {"debit": None, "credit": None, "kind": "plain", "pending_id": None}
    return {"ledger": ledger, "id": str(new_id()), "amount": amount, **body, **more}


def order_next(chance: random.Random, journal: Journal) -> Order:
    """Another order: transfers, linked ones, holds and what becomes of them, batches, payments."""
    ledger = chance.choice(LEDGERS)
    one, other = (str(person) for person in chance.sample(PEOPLE, 2))
    holds = journal.open_holds()
    if holds and chance.random() < 0.35:
        return resolution(chance, chance.choice(holds))
    what = chance.choice(
        ["transfer", "hot", "hold", "hot_hold", "linked", "batch", "pay", "pay_hold"]
    )
    if what in ("pay", "pay_hold"):
        from kyojo.kernel.ids import new_id

        payment = {
            "id": str(new_id()),
            "debtor_ledger": ledger,
            "debtor": one,
            "creditor_ledger": next(far for far in LEDGERS if far != ledger),
            "creditor": other,
            "amount": chance.randint(1, 9),
            "code": 10,
        }
        call = "payment_execute" if what == "pay" else "payment_hold"
        return {"call": call, "payment": payment, "holds": what == "pay_hold"}
    if what == "batch":
        legs = [
            leg(ledger, 1 + n % 3, debit=str(ISSUER), credit=str(chance.choice(PEOPLE)))
            for n in range(BATCH_ROWS)
        ]
        return {"call": "batch", "ledger": ledger, "legs": legs}
    if what == "linked":
        ring = [str(person) for person in chance.sample(PEOPLE, 4)]
        pairs = zip(ring, ring[1:] + ring[:1], strict=True)
        return {"call": "legs", "legs": [leg(ledger, 2, debit=a, credit=b) for a, b in pairs]}
    if what.startswith("hot"):
        one = str(TREASURY)
    kind = "hold" if what.endswith("hold") else "plain"
    body = leg(ledger, chance.randint(1, 9), debit=one, credit=other, kind=kind)
    return {"call": "legs", "legs": [body], "holds": kind == "hold"}


def resolution(chance: random.Random, held: Order) -> Order:
    """The post (whole or part) or the void of a hold."""
    if "payment" in held:
        return {"call": "payment_post", "payment": held["payment"], "resolves": held["order"]}
    (body,) = held["legs"]
    kind = chance.choice(["post", "void"])
    amount = chance.randint(1, body["amount"]) if kind == "post" else 0
    resolving = leg(body["ledger"], amount, kind=kind, pending_id=body["id"])
    return {"call": "legs", "legs": [resolving], "resolves": held["order"]}


# --- a client's life --------------------------------------------------------------------------


def answered(order: Order) -> tuple[list[str], int]:
    """Send ``order`` until a server has answered it; the codes, and how often it was sent."""
    from django.db import InterfaceError, OperationalError, connection

    until = time.monotonic() + PATIENCE_SECONDS
    tries = 0
    while True:
        tries += 1
        try:
            return send(order), tries
        except (OperationalError, InterfaceError) as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state is not None and not state.startswith(SERVER_DIED):
                raise  # a deadlock, say: no server died, so it is not this test's to forgive
            if time.monotonic() > until:
                raise
            connection.close()
            time.sleep(0.01)  # the server is being started


def work(job: dict[str, Any]) -> None:
    """Go on with a journal until SIGTERM; then answer what is open and end with a last line."""
    journal = Journal(Path(job["journal"]))
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    chance = random.Random(f"{job['seed']} {len(journal.orders)}")
    for order in orders(journal, chance, stopping):
        codes, tries = answered(order)
        journal.write({"answer": codes, "to": order["order"], "tries": tries})
    journal.write({"end": True})


def keep_log(job: dict[str, Any]) -> None:
    """The worker's own keeper of the logs, in a hurry, until SIGTERM."""
    from kyojo.ledger.log import keeper
    from kyojo.ledger.tlog.policy import NONE, Policy

    keeper.FAULT_SECONDS = 0.05
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    kept = keeper.Keeper(
        origin_of=lambda ledger: f"log.example/{ledger}",
        folder=Path(job["keys"]),
        policy=Policy(NONE),
        poll_seconds=0.05,
    )
    kept.start()
    stopping.wait()
    kept.stop()


def orders(journal: Journal, chance: random.Random, stopping: list[bool]) -> Iterator[Order]:
    """What nobody has answered yet, then new orders, written down before they are given out."""
    left = journal.unanswered()
    if left is not None:
        yield left
    while not stopping:
        order = {"order": len(journal.orders), **order_next(chance, journal)}
        journal.write(order)
        yield order


def fork(run: Callable[[dict[str, Any]], None], job: dict[str, Any]) -> int:
    """The id of a child process that does the job; what goes wrong it writes beside its journal."""
    libc = ctypes.CDLL(None)
    pid = os.fork()
    if pid:
        return pid
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody outlives the test, however it ends
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), sys.stdout.fileno())  # the pipe ends with its owner
        run(job)
    except Exception:  # noqa: BLE001 - the test shows whatever it was
        Path(f"{job['journal']}.failed").write_text(traceback.format_exc())
    finally:
        os._exit(0)


def main() -> None:
    import django

    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a killed client ended
    for line in sys.stdin:
        job = json.loads(line)
        print(json.dumps(TASKS[job["task"]](job)), flush=True)


def lay(job: dict[str, Any]) -> None:
    from .ground import ground_lay

    ground_lay(owner=job["owner"], app=job["app"])


def look(job: dict[str, Any]) -> list[str]:
    """What the ledger's own check finds, the log's rules included."""
    from django.db import connections

    from kyojo.doors.ops.surroundings import connect_as
    from kyojo.ledger.check import check

    connect_as(job["owner"])
    try:
        return [str(problem) for problem in check()]
    finally:
        connections.close_all()  # nobody who is forked later may inherit it
        connect_as(job["app"])


TASKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ground": lay,
    "client": lambda job: fork(work, job),
    "keeper": lambda job: fork(keep_log, job),
    "check": look,
}


if __name__ == "__main__":
    main()
