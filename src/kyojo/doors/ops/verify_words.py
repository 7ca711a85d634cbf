"""What ``verify`` says: first in words for everybody, then the technical lines, or as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kyojo.kernel.wording import jdate_plain, jhour
from kyojo.ledger.audit.audit import Audit, Finding
from kyojo.ledger.audit.history import History
from kyojo.ledger.audit.trust import Seen, Trust
from kyojo.ledger.log.receipts import Receipt
from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.encoding import base64_text
from kyojo.ledger.tlog.errors import TlogError
from kyojo.ledger.tlog.policy import PolicyResult
from kyojo.ledger.types import COIN, Kind, TransferCode

#: Code → its name in JSON and its word.
CODES: Mapping[int, tuple[str, str]] = {
    TransferCode.ISSUE: ("issued", "発行"),
    TransferCode.DISTRIBUTE: ("distributed", "配布"),
    TransferCode.SUPPORT: ("support", "お手伝い"),
    TransferCode.EARNED: ("earned", "活動で得たポイント"),
    TransferCode.CLEARING: ("clearing", "市町村どうしの清算"),
    TransferCode.GIFT: ("gift", "贈りもの"),
    TransferCode.DONATION: ("donation", "寄付"),
    TransferCode.REDEMPTION: ("redemption", "ポイントの利用"),
    TransferCode.EXPIRY: ("expiry", "期限切れ"),
    TransferCode.RENEWED: ("renewed", "期限の延長"),
    TransferCode.CORRECTION: ("correction", "訂正"),
}
KINDS: Mapping[str, str] = {
    Kind.PLAIN: "動きました",
    Kind.HOLD: "お預かりになりました",
    Kind.POST: "お預かりから届きました",
    Kind.VOID: "お預かりから戻りました",
    Kind.EXPIRE: "お預かりの期限がきて戻りました",
}
TRUSTED: Mapping[str, str] = {
    "policy": "指定されたポリシー",
    "key": "指定された鍵",
    "seen": "前回と同じ鍵",
    "log": "記録簿が自分で示した鍵",
}
SELF_TOLD = (
    "鍵は記録簿自身から受けとりました。自治体の広報などにある鍵と、下の鍵が同じかを"
    "見くらべてください。"
)


@dataclass(slots=True)
class ReceiptResult:
    """What is known of a receipt; ``error`` is the first thing that is wrong."""

    receipt: Receipt | None = None
    trust: Trust | None = None
    checked: PolicyResult | None = None
    error: TlogError | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.error is None and self.checked is not None


def shown(lines: list[str]) -> str:
    """The lines for a terminal. Whoever wrote the log wrote parts of them, so what is not a
    printable sign (colours, cursor movements) is shown as a replacement."""
    return "\n".join("".join(c if c.isprintable() else "\ufffd" for c in line) for line in lines)


def json_shown(text: str) -> str:
    """The same for JSON: a sign that cannot be printed stands only inside strings, so its escape
    says the same."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def moment_words(moment: datetime) -> str:
    """``2026年11月20日 22時5分``"""
    return f"{jdate_plain(moment)} {jhour(moment)}"


def amount_words(amount: int, currency: str) -> str:
    """``1,200コイン``; other currencies by their code."""
    return f"{amount:,}コイン" if currency == COIN else f"{amount:,} {currency}"


# --- a log ---------------------------------------------------------------------------------------


def log_lines(audit: Audit, trust: Trust | None, seen: Seen | None, notes: list[str]) -> list[str]:
    """The answer about a log, line by line."""
    lines = []
    if audit.ok and audit.checkpoint:
        lines.append("✓ この記録簿は、すべて確かめられました。")
        lines.append(
            f"  {audit.checkpoint.size:,}件の記録が番号の順にそろい、署名された中身と合っています。"
        )
        if seen:
            lines.append(
                f"  前回確かめた{seen.checkpoint.size:,}件は、ひとつも書きかえられていません。"
            )
        lines += _cosigned_lines(audit.cosigned)
        lines += ["", *_total_lines(audit.history)]
    else:
        lines.append("✗ この記録簿は、確かめられませんでした。")
        lines += _finding_lines(audit)
    if audit.ok and trust and trust.source == "log":
        lines += ["", f"※ {SELF_TOLD}"]
    lines += [f"※ {note}" for note in notes]
    lines += ["", *_technical_lines(audit.checkpoint, trust, audit.cosigned)]
    if audit.counts:
        lines.append("findings   " + ", ".join(f"{c} ×{n}" for c, n in audit.counts.items()))
    return lines


def log_report(
    audit: Audit, trust: Trust | None, seen: Seen | None, notes: list[str]
) -> dict[str, Any]:
    """The same as values for JSON."""
    return {
        "what": "log",
        "verified": audit.ok,
        "codes": audit.codes,
        "counts": audit.counts,
        "findings": [_finding_values(finding) for finding in audit.findings],
        **_checkpoint_values(audit.checkpoint, trust),
        "cosigned": {name: at.isoformat() for name, at in audit.cosigned.items()},
        "seen_size": seen.checkpoint.size if seen else None,
        "totals": _total_values(audit.history),
        "held": {name: amount for name, amount in audit.history.held.items() if amount},
        "notes": notes,
    }


def _finding_lines(audit: Audit) -> list[str]:
    lines = []
    for code, count in audit.counts.items():
        found = [finding for finding in audit.findings if finding.code == code]
        places = "、".join(_where(finding.where) for finding in found if finding.where)
        more = f" ほか{count - len(found)}か所" if count > len(found) else ""
        lines.append(f"  ・{found[0].error.message()}")
        lines.append(f"    {code}：{places}{more}".rstrip("："))
    return lines


def _where(where: str) -> str:
    if where.startswith("#"):
        return f"{where[1:]}番"
    return {"seen": "前回の控え", "checkpoint": "チェックポイント"}.get(where, where)


def _total_lines(history: History) -> list[str]:
    lines = []
    for (currency, code), total in sorted(history.totals.items()):
        word = CODES.get(code, ("", f"種別{code}"))[1]
        lines.append(f"  {word}：{amount_words(total.amount, currency)}（{total.count:,}回）")
    lines += [
        f"  いまお預かり中：{amount_words(amount, currency)}"
        for currency, amount in sorted(history.held.items())
        if amount
    ]
    return lines


def _total_values(history: History) -> list[dict[str, Any]]:
    return [
        {
            "currency": currency,
            "code": code,
            "name": CODES.get(code, (str(code), ""))[0],
            "count": total.count,
            "amount": total.amount,
        }
        for (currency, code), total in sorted(history.totals.items())
    ]


def _finding_values(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "where": finding.where,
        "reason": finding.error.reason,
        "message": finding.error.message(),
    }


# --- a receipt -----------------------------------------------------------------------------------


def receipt_lines(result: ReceiptResult) -> list[str]:
    """The answer about a receipt, line by line."""
    lines = []
    if result.ok and result.receipt and result.checked:
        leaf = result.receipt.leaf
        word = CODES.get(leaf.code, ("", f"種別{leaf.code}"))[1]
        lines.append("✓ この証明書は、本物です。")
        lines.append(
            f"  {jdate_plain(leaf.day)}に、{amount_words(leaf.amount, leaf.currency)}が"
            f"{KINDS[leaf.kind]}（{word}）。"
        )
        lines.append(
            f"  公開の記録簿の{leaf.number}番に書かれていて、書きかえられていません"
            f"（{result.checked.checkpoint.size:,}件を確かめた時点）。"
        )
        for side in result.receipt.sides:
            word = "渡した側" if side.name == "debit" else "受けとった側"
            lines.append(f"  {word}の口座と時刻（{moment_words(side.at)}）も、記録と合っています。")
        lines += _cosigned_lines(dict(result.checked.cosigned))
        if result.trust and result.trust.source == "log":
            lines += ["", f"※ {SELF_TOLD}"]
    else:
        lines.append("✗ この証明書は、確かめられませんでした。")
        if result.error:
            lines += [f"  ・{result.error.message()}", f"    {result.error.code}"]
    lines += [f"※ {note}" for note in result.notes]
    checkpoint = result.checked.checkpoint if result.checked else None
    cosigned = dict(result.checked.cosigned) if result.checked else {}
    lines += ["", *_technical_lines(checkpoint, result.trust, cosigned)]
    if result.receipt:
        lines += [
            f"transfer   {result.receipt.leaf.transfer}",
            *(f"{side.name:<10} {side.account}" for side in result.receipt.sides),
        ]
    return lines


def receipt_report(result: ReceiptResult) -> dict[str, Any]:
    """The same as values for JSON."""
    error, receipt = result.error, result.receipt
    checkpoint = result.checked.checkpoint if result.checked else None
    return {
        "what": "receipt",
        "verified": result.ok,
        "codes": [error.code] if error else [],
        "findings": [_finding_values(Finding(error))] if error else [],
        **_checkpoint_values(checkpoint, result.trust),
        "cosigned": {
            name: at.isoformat()
            for name, at in (result.checked.cosigned if result.checked else {}).items()
        },
        "number": receipt.leaf.number if receipt else None,
        "transfer": str(receipt.leaf.transfer) if receipt else None,
        "amount": receipt.leaf.amount if receipt else None,
        "code": receipt.leaf.code if receipt else None,
        "day": receipt.leaf.day.isoformat() if receipt else None,
        "sides": [side.name for side in receipt.sides] if receipt else [],
        "notes": result.notes,
    }


# --- both ----------------------------------------------------------------------------------------


def _cosigned_lines(cosigned: Mapping[str, datetime]) -> list[str]:
    if not cosigned:
        return ["  証人の確認は求められていません。"]
    names = "、".join(cosigned)
    return [
        f"  証人（{names}）も確認しました。"
        f"いちばん新しい確認は {moment_words(max(cosigned.values()))} です。"
    ]


def _technical_lines(
    checkpoint: Checkpoint | None, trust: Trust | None, cosigned: Mapping[str, datetime]
) -> list[str]:
    lines = []
    if checkpoint:
        lines += [
            f"origin     {checkpoint.origin}",
            f"size       {checkpoint.size}",
            f"root       {base64_text(checkpoint.root)}",
        ]
    if trust:
        origin = checkpoint.origin if checkpoint else ""
        lines += [f"key        {key}" for key in trust.keys(origin)]
        lines.append(f"trusted    {trust.source}（{TRUSTED[trust.source]}）")
    lines += [f"cosigned   {name} {at.isoformat()}" for name, at in cosigned.items()]
    return lines


def _checkpoint_values(checkpoint: Checkpoint | None, trust: Trust | None) -> dict[str, Any]:
    return {
        "origin": checkpoint.origin if checkpoint else None,
        "size": checkpoint.size if checkpoint else None,
        "root": base64_text(checkpoint.root) if checkpoint else None,
        "trusted": trust.source if trust else None,
        "keys": [str(key) for key in trust.keys(checkpoint.origin)] if trust and checkpoint else [],
    }
