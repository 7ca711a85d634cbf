"""``bench ledger``: the ledger beside pgbench, COPY, pgledger and django-hordak.

Rounds of the same runs, yardstick and ours in turn, so that a slow minute of the machine meets
both; a figure is the median over the rounds. After each run of ours the rows are counted against
what was acknowledged, and the ledger's whole check must be green: wrong results are no results.
"""

import argparse
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from . import bench_ground as grounds
from .bench_clients import Clients
from .bench_figures import Figures, report
from .bench_ground import BIG, LEDGER, PGLEDGER, SCRIPTS, SMALL, YARDSTICK, Ground
from .bench_pgbench import fsync_measure
from .bench_work import BATCH, ISSUER, account
from .errors import Bad, Failed
from .postgres import OWNER
from .progress import progress
from .surroundings import connect_as

#: One run: its name, and what does it.
Run = tuple[str, Callable[[], None]]
MOMENT = "2026-04-01 09:00:00+09"
PAIR = 2  # transfers of one hold_post

DESCRIPTION = (
    "Measure the ledger beside pgbench on a server of its own, which is thrown away. Takes about "
    "ten minutes, --quick two; the figures mean something on a quiet machine only."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What only this benchmark can be told."""
    parser.add_argument(
        "--pgledger",
        type=Path,
        metavar="FILE",
        help="measure pgledger too, from its SQL (pgledger.sql of a checkout)",
    )


def checked(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of ``measure``. Raises ``Bad`` for a file that cannot be read."""
    if options.pgledger is not None and not os.access(options.pgledger, os.R_OK):
        raise Bad(f"cannot read {options.pgledger}")
    if options.pgledger is not None and not options.pgledger.is_file():
        raise Bad(f"{options.pgledger} is not a file")
    return {"pgledger": options.pgledger}


def summary(report: Mapping[str, Any]) -> str:
    """The ratios in one line, with the time of a flush, which moves all of them."""
    told = [f"{name} {ratio}" for name, ratio in report["ratios"].items() if ratio is not None]
    return f"one fsync takes {report['machine']['fsync_milliseconds']} ms; {', '.join(told)}"


@dataclass
class Others:
    """Whoever has a process of Python clients, and None for who is absent."""

    ours: Clients
    pgledger: Clients | None
    hordak: Clients | None


def measure(*, quick: bool, pgledger: Path | None) -> dict[str, Any]:
    """Measure everything; the report. Raises ``Bad`` for SQL that is not pgledger's, ``Failed``
    where a run failed or left the ledger wrong."""
    size = grounds.QUICK if quick else grounds.FULL
    load_average = os.getloadavg()[0]  # before we are the load ourselves
    with grounds.ground(size) as found:
        machine = grounds.machine(found)
        with progress("filling") as say:
            others = prepare(found, pgledger, say)
        figures = Figures()
        flushes: list[float] = []
        plan = runs(found, figures, others, quick=quick)
        warm_up(found, others)
        total = size.rounds * len(plan)
        with progress("measuring") as say:
            for turn in range(size.rounds):
                flushes.append(fsync_measure(found.folder))
                for number, (name, do) in enumerate(plan):
                    say(turn * len(plan) + number, total, name)
                    do()
            say(total, total, "")
        machine |= {
            "fsync_milliseconds": median(flushes),
            "load_average_before": round(load_average, 2),
            "rows": {"small": size.small_rows, "big": size.big_rows},
            "accounts": size.accounts,
            "seconds_a_run": size.seconds,
            "rounds": size.rounds,
            "django_hordak": grounds.hordak_version() if others.hordak else None,
        }
        return report(name="ledger", machine=machine, figures=figures, skipped=found.skipped)


def prepare(found: Ground, pgledger: Path | None, say: Callable[[int, int, str], None]) -> Others:
    """All databases filled; pgledger's first, because its file may be refused."""
    parts = 5
    pgledger_clients = None
    if pgledger is None:
        found.skipped.append("pgledger is not measured: name its SQL with --pgledger FILE")
    else:
        say(0, parts, "pgledger")
        pgledger_clients = grounds.pgledger_make(found, pgledger)
    say(1, parts, "django-hordak")
    hordak = grounds.hordak_make(found)
    say(2, parts, "yardstick")
    grounds.yardstick_make(found)
    say(3, parts, "small town")
    grounds.ours_make(found, SMALL, found.size.small_rows)
    say(4, parts, "big town")
    grounds.ours_make(found, BIG, found.size.big_rows)
    say(parts, parts, "")
    return Others(found.clients(BIG), pgledger_clients, hordak)


def warm_up(found: Ground, others: Others) -> None:
    """Everybody once, unmeasured: caches, plans, and the page images after a checkpoint."""
    found.pgbench(YARDSTICK, OWNER).run("-b", "tpcb-like", clients=8, seconds=found.size.seconds)
    found.pgbench(BIG).run(
        *("-f", str(SCRIPTS / "transfer_random.sql")),
        clients=8,
        seconds=found.size.seconds,
        variables=found.variables(BIG),
    )
    if others.hordak:
        others.hordak.run("hordak_random", clients=8, seconds=1, seed=0)


def runs(found: Ground, figures: Figures, others: Others, *, quick: bool) -> list[Run]:
    """One round, in order: what is compared stands side by side."""
    plan: list[Run] = []
    seconds = found.size.seconds

    def yardstick(name: str, script: str, clients: int) -> None:
        def do() -> None:
            pgbench = found.pgbench(YARDSTICK, OWNER)
            run = pgbench.run("-b", script, clients=clients, seconds=seconds)
            figures.add(name, run.per_second, "transactions")

        plan.append((name, do))

    def ours(name: str, script: str, clients: int, *, database: str = BIG, rows: int = 1) -> None:
        plan.append((name, lambda: sql_run(found, figures, name, script, clients, database, rows)))

    def service(name: str, work: str, clients: int) -> None:
        plan.append((name, lambda: service_run(found, figures, others.ours, name, work, clients)))

    for clients in (8, 1, 32):
        yardstick(f"tpcb_{clients}", "tpcb-like", clients)
        ours(f"random_{clients}", "transfer_random", clients)
        if clients == 8:
            service("service_random_8", "service_random", 8)
            ours("small_random_8", "transfer_random", 8, database=SMALL)
        if clients == 32 or not quick:
            ours(f"hot_{clients}", "transfer_hot", clients)
        if clients == 8 or not quick:
            yardstick(f"simple_update_{clients}", "simple-update", clients)
            ours(f"hold_post_{clients}", "hold_post", clients, rows=PAIR)
        if not quick and clients != 8:
            ours(f"small_random_{clients}", "transfer_random", clients, database=SMALL)
            service(f"service_random_{clients}", "service_random", clients)
    service("service_hot_32", "service_hot", 32)
    service("service_hold_post_8", "service_hold_post", 8)
    plan.append(("batch_1", lambda: batch_and_copy(found, figures)))
    service("service_batch_1", "service_batch", 1)
    plan += beside(found, figures, others)
    return plan


def beside(found: Ground, figures: Figures, others: Others) -> list[Run]:
    """The others, as far as they are there."""
    plan: list[Run] = []
    seconds = found.size.seconds

    def clients_run(name: str, who: Clients, work: str) -> None:
        def do() -> None:
            done = who.run(
                work, clients=8, seconds=seconds, accounts=found.size.accounts, seed=time.time_ns()
            )
            figures.add(name, done.per_second, "transfers")

        plan.append((name, do))

    if others.pgledger:
        clients_run("pgledger_client_random_8", others.pgledger, "pgledger_random")

        def pgledger_sql() -> None:
            run = found.pgbench(PGLEDGER, OWNER).run(
                *("-f", str(SCRIPTS / "pgledger_transfer.sql")),
                clients=8,
                seconds=seconds,
                variables={"accounts": found.size.accounts},
            )
            figures.add("pgledger_random_8", run.per_second, "transfers")

        plan.append(("pgledger_random_8", pgledger_sql))
    if others.hordak:
        clients_run("hordak_random_8", others.hordak, "hordak_random")
    return plan


# --- one run of ours ------------------------------------------------------------------------------


def sql_run(
    found: Ground,
    figures: Figures,
    name: str,
    script: str,
    clients: int,
    database: str,
    rows: int,
) -> None:
    """pgbench with a script of ours; each of its transactions is ``rows`` transfers."""
    used = database
    if database == SMALL:
        # A copy each time, or the small town would not stay small.
        used = f"{SMALL}_run"
        found.cluster.database_drop(used)
        found.cluster.database_ensure(used, template=SMALL)
    before = found.transfers(used)
    run = found.pgbench(used).run(
        *("-f", str(SCRIPTS / f"{script}.sql")),
        clients=clients,
        seconds=found.size.seconds,
        variables=found.variables(database),
    )
    verify(found, used, name, before + rows * run.transactions)
    figures.add(name, rows * run.per_second, "transfers")


def service_run(
    found: Ground, figures: Figures, who: Clients, name: str, work: str, clients: int
) -> None:
    """Python clients with our services."""
    before = found.transfers(BIG)
    done = who.run(
        work,
        clients=clients,
        seconds=found.size.seconds,
        ledger=LEDGER,
        accounts=found.accounts(BIG),
        seed=time.time_ns(),
    )
    verify(found, BIG, name, before + done.transfers + done.warmed)
    figures.add(name, done.per_second, "transfers")


def batch_and_copy(found: Ground, figures: Figures) -> None:
    """Batches of 10,000 through the SQL function and COPYs of 10,000 rows, in turn.

    What is sent lies ready before the clock starts; it stops when the server has committed.
    """
    import random

    from kyojo.kernel.ids import new_id

    chance = random.Random(time.time_ns())  # noqa: S311 - load, not a secret
    before = found.transfers(BIG)
    batch_seconds = copy_seconds = 0.0
    with found.connect(BIG) as app, found.connect(YARDSTICK, OWNER) as yardstick:
        for _ in range(found.size.batches):
            rows = [
                (new_id(), account(chance.randint(1, found.accounts(BIG)))) for _ in range(BATCH)
            ]
            copied = "".join(
                f"{LEDGER}\t{one}\t{account(ISSUER)}\t{to}\t1\tplain\t2\t\\N\t\\N\t\\N\t\\N"
                f"\t{MOMENT}\t{MOMENT}\t12345\n"
                for one, to in rows
            )
            began = time.perf_counter()
            with yardstick.cursor().copy("COPY copied FROM STDIN") as copy:
                copy.write(copied)
            copy_seconds += time.perf_counter() - began
            arrays = {
                "ledger": LEDGER,
                "ids": array(str(one) for one, _ in rows),
                "debits": array([str(account(ISSUER))] * BATCH),
                "credits": array(str(to) for _, to in rows),
                "amounts": array(["1"] * BATCH),
                "kinds": array(["plain"] * BATCH),
                "codes": array(["2"] * BATCH),
                "nulls": array(["NULL"] * BATCH),
            }
            statement = grounds.script("batch")
            began = time.perf_counter()
            app.execute(statement, arrays).fetchone()
            batch_seconds += time.perf_counter() - began
    count = found.size.batches * BATCH
    verify(found, BIG, "batch_1", before + count)
    figures.add("batch_1", count / batch_seconds, "transfers")
    figures.add("copy_1", count / copy_seconds, "rows")


def array(values: Any) -> str:
    """A text literal of an array, whose values need no quotes."""
    return "{" + ",".join(values) + "}"


def verify(found: Ground, database: str, name: str, wanted: int) -> None:
    """Raise ``Failed`` unless every acknowledged transfer is there and the ledger's check green."""
    there = found.transfers(database)
    if there != wanted:
        raise Failed(f"{name}: {wanted} transfers acknowledged, {there} in the ledger")
    connect_as(found.cluster.url(OWNER, database))
    from django.db import connections

    from kyojo.ledger.check import check

    # Nobody keeps the log here: it comes after the commit, and has figures of its own.
    problems = [one for one in check(ledgers=[LEDGER]) if one.rule != "transfer_is_logged"]
    connections.close_all()  # the small town's copy is dropped before its next run
    if problems:
        raise Failed(f"{name}: {len(problems)} findings in the ledger, the first: {problems[0]}")
