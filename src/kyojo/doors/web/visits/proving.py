"""What the pages say of a receipt's proof: its state, and the steps in a carer's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kyojo.help.support.proofs import Proof
from kyojo.help.support.receipts import ReceiptView
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate, jhour

#: The log follows within seconds; after this long a person should be told that something is late.
LATE_AFTER = timedelta(minutes=10)

#: Codes of what is wrong → the step that failed; every other code is about the third of the steps.
NOT_THERE = {"inclusion_fails", "transfer_missing", "proof_malformed"}
NOT_SEEN = {"quorum_missing", "stale"}
NUMBERS_DIFFER = {"amount_differs"}


@dataclass(frozen=True, slots=True)
class Check:
    """One step: ``state`` is "ok", "bad", or "open" for what could not be checked."""

    state: str
    title: str
    notes: tuple[str, ...] = ()


def state_of(proofs: Sequence[Proof], found: ReceiptView) -> str:
    """ "wrong", "logging", "late" or "verified" for all transfers of a receipt together."""
    if any(proof.trouble for proof in proofs) or not _sums_agree(proofs, found):
        return "wrong"
    if all(proof.is_logged for proof in proofs):
        return "verified"
    return "late" if clock.now() - found.at > LATE_AFTER else "logging"


def checks(proofs: Sequence[Proof], found: ReceiptView) -> list[Check]:
    """The four steps, for a receipt whose transfers are all logged, or where something is wrong."""
    return [
        _there(proofs),
        _unchanged(proofs),
        _seen(proofs),
        _numbers(proofs, found),
    ]


def trouble_codes(proofs: Sequence[Proof], found: ReceiptView) -> list[str]:
    """What an office is told on the telephone."""
    codes = sorted({proof.trouble for proof in proofs if proof.trouble})
    return codes or ([] if _sums_agree(proofs, found) else ["amount_differs"])


def place(proof: Proof) -> str:
    """「北ひなた市の記録簿の1,204番」"""
    return f"{proof.town}の記録簿の{proof.number:,}番" if proof.number is not None else ""


def moment(when: datetime) -> str:
    """「11月28日（土） 12時3分」"""
    return f"{jdate(when)} {jhour(when)}"


def files(proofs: Sequence[Proof]) -> list[dict[str, Any]]:
    """The public files: whose log, and which number the file has in its address."""
    return [
        {"town": proof.town, "place": number, "number": proof.number}
        for number, proof in enumerate(proofs, 1)
        if proof.is_logged
    ]


# --- the steps ------------------------------------------------------------------------------------


def _troubled(proofs: Sequence[Proof], codes: set[str]) -> bool:
    return any(proof.trouble in codes for proof in proofs)


def _there(proofs: Sequence[Proof]) -> Check:
    places = tuple(place(proof) for proof in proofs if proof.is_logged)
    if not proofs or _troubled(proofs, NOT_THERE):
        return Check("bad", "記録簿に、見つかりません")
    if not all(proof.is_logged for proof in proofs):
        return Check("open", "記録簿にあるかは、確かめられませんでした")
    return Check("ok", "この受け取りは、記録簿にあります", places)


def _unchanged(proofs: Sequence[Proof]) -> Check:
    others = NOT_THERE | NOT_SEEN | NUMBERS_DIFFER | {""}
    if any(proof.trouble not in others for proof in proofs):
        return Check("bad", "記録したあとで、書きかえられています")
    if _troubled(proofs, NOT_THERE) or not all(proof.checked_at for proof in proofs):
        return Check("open", "書きかえがないかは、確かめられませんでした")
    latest = max(proof.checked_at for proof in proofs if proof.checked_at)
    return Check(
        "ok",
        "そのあと、書きかえられていません",
        (f"{moment(latest)}の記録簿と合いました",),
    )


def _seen(proofs: Sequence[Proof]) -> Check:
    if _troubled(proofs, NOT_SEEN):
        return Check("bad", "ほかの町の確認が、足りません")
    if any(proof.trouble not in NUMBERS_DIFFER | {""} for proof in proofs):
        return Check("open", "ほかの町の記録と同じかは、確かめられませんでした")
    lines = [
        f"{name}が、{proof.town}の記録簿を{moment(at)}に確認"
        for proof in proofs
        for name, at in proof.seen_by.items()
    ]
    if not lines:
        return Check(
            "open",
            "ほかの町の確認は、まだありません",
            ("この町の記録簿だけで確かめました",),
        )
    names = "、".join(dict.fromkeys(name for proof in proofs for name in proof.seen_by))
    return Check("ok", f"{names}も、同じ記録を見ています", tuple(lines))


def _numbers(proofs: Sequence[Proof], found: ReceiptView) -> Check:
    if _troubled(proofs, NUMBERS_DIFFER) or not _sums_agree(proofs, found):
        return Check("bad", "数字が合いません", ("この受け取りの数と、記録簿の数がちがいます",))
    if not all(proof.is_logged for proof in proofs):
        return Check("open", "数字が合っているかは、確かめられませんでした")
    return Check(
        "ok",
        "数字が合っています",
        (f"この受け取りも記録簿も、{found.coins:,}コインです",),
    )


def _sums_agree(proofs: Sequence[Proof], found: ReceiptView) -> bool:
    """Whether what left the giver's ledger, and what came into the taker's, is what is shown."""
    return all(
        sum(one.movement.amount for one in proofs if one.movement.ledger == ledger) == found.coins
        for ledger in {found.giver_id, found.taker_id}
    )
