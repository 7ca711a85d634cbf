"""For the pages' tests: a settled visit, and logs as the worker keeps them, seen by both towns."""

from datetime import timedelta

from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    as_door,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.ledger.log.scope import ledger_scope, rows
from kyojo.ledger.log.tests.cast import logged
from kyojo.ledger.tlog.notes import KeyType, SignedNote, SigningKey, cosign

NOON = END + timedelta(minutes=5)
#: Each town's key as a witness.
WITNESSES = {
    slug: SigningKey(f"{slug}.example.jp/witness", KeyType.COSIGNATURE, slug.encode().ljust(32))
    for slug in ("kita-hinata", "midorihama")
}


def policy_write(folder) -> str:
    """A policy file with both towns as witnesses; the quorum asks for nobody."""
    lines = [f"witness {slug} {key.verifier}\n" for slug, key in WITNESSES.items()]
    path = folder / "policy"
    path.write_text("".join(lines) + "quorum none\n")
    return str(path)


def town_logs(folder, *, ledgers=(KITA, MIDORI), witnessed=True) -> None:
    """Log what there is, and let both towns cosign both logs."""
    keys = folder / "keys"
    keys.mkdir(exist_ok=True)
    logged(keys)
    for ledger in ledgers if witnessed else ():
        with ledger_scope(ledger):
            [(size, before)] = rows(
                "SELECT size, cosigned FROM ledger_log_checkpoint WHERE ledger = %s"
                " ORDER BY size DESC LIMIT 1",
                [ledger],
            )
        note = SignedNote.parse(before.encode())
        lines = [cosign(note, key, clock.now()) for key in WITNESSES.values()]
        after = note.with_signatures(lines).encode().decode()
        [(stored,)] = rows(
            "SELECT ledger_log_cosign(%s, %s, %s, %s, %s)", [ledger, size, before, after, None]
        )
        assert stored


def text(response) -> str:
    return response.content.decode()


def settled(cast, *, starts_at=START):
    """A visit that the carer confirmed; (uid, code of its receipt)."""
    uid = visit_make(cast, starts_at=starts_at)
    check_in(cast, uid, at=starts_at)
    check_out(cast, uid, at=starts_at + timedelta(hours=2))
    with clock.frozen(starts_at + timedelta(hours=2)):
        as_door(KITA, lambda: services.visit_confirm(visit_uid=uid, carer=cast.carer))
    with tenant(KITA):
        return uid, Visit.objects.get(uid=uid).receipt_code


def at_noon(call):
    with clock.frozen(NOON):
        return call()


def public(code):
    return at_noon(lambda: Client().get(f"/receipts/{code}/"))
