"""The banks' file of transfers (全銀協 総合振込): records of 120 bytes, half-width kana. Pure.

A header (1), a record for each payee (2), a trailer with number and sum (8), an end (9). Numbers
stand at the right behind zeros, text at the left before spaces. What the banks take: digits,
capitals, kana without ヲ and without small ones, ( ) - . and spaces. Anything else is refused with
its row and characters: a name that was bent to fit would be sent back by the bank.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kyojo.kernel.text import to_katakana

from .errors import Problem, TransferInvalid, TransferUnreadable

RECORD_BYTES = 120
ENCODING = "cp932"
KIND_TRANSFER = "21"
CODE_JIS = "0"
#: 電信扱: the money is there on the day.
BY_WIRE = "7"
YEN_MAX = 9_999_999_999
PAYEES_MAX = 999_999
#: 普通, 当座, 貯蓄; a sender has one of the first two or another kind (9).
PAYEE_ACCOUNTS, SENDER_ACCOUNTS = (1, 2, 4), (1, 2, 9)

_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
_FULL = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
_HALF = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
_TABLE = str.maketrans(_FULL + "\u3099\u309a・ー−‐‑–—―", _HALF + "ﾞﾟ.-------")
_ALLOWED = re.compile(r"[0-9A-Zｱ-ﾝﾞﾟ()\-. ]")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose account pays. ``code``: the ten digits that the bank gave; names in kana."""

    code: str
    name: str
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: int
    account_number: str


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid. ``account_type`` 1 普通, 2 当座, 4 貯蓄; ``holder`` in kana, as in the
    passbook; ``customer_code`` up to ten digits of our own."""

    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: int
    account_number: str
    holder: str
    yen: int
    customer_code: str = ""


@dataclass(frozen=True, slots=True)
class Transfers:
    """What a file says. ``on``: (month, day); a file holds no year."""

    sender: Sender
    on: tuple[int, int]
    payees: tuple[Payee, ...]
    total_yen: int


def kana(text: str) -> str:
    """``text`` as the banks write it: half-width, voicing marks apart, no small kana, capitals.

    What has no such form stays as it is, for ``unwritable`` to find.
    """
    marks = text.replace("゛", "\u3099").replace("゜", "\u309a")
    wide = to_katakana(unicodedata.normalize("NFKC", marks)).upper()
    apart = unicodedata.normalize("NFD", wide).translate(_SMALL).translate(_TABLE)
    return re.sub(r"\s+", " ", apart).strip()


def unwritable(text: str) -> str:
    """The characters of ``text`` that the banks do not take, as they were given, each once."""
    found = [one for one in text if not all(map(_ALLOWED.fullmatch, kana(one) or " "))]
    return "".join(dict.fromkeys(found))


def write(
    sender: Sender,
    payees: Sequence[Payee],
    *,
    on: date,
    total_yen: int | None = None,
    line_ends: bool = True,
) -> bytes:
    """The file of transfers to ``payees`` on the day ``on``.

    Arguments:
        total_yen: what the books say the sum is; another sum is refused.
        line_ends: a CRLF after each record, as most banks' sites want it.

    Raises ``TransferInvalid`` with every row and item that cannot be written.
    """
    problems: list[Problem] = []
    problems += sender_problems(sender)
    header = _filled(_HEADER, _sender_values(sender, on), 0, [])
    records = [header]
    for row, payee in enumerate(payees, 1):
        records.append(_filled(_DATA, _payee_values(payee), row, problems))
        problems += _payee_problems(row, payee)
    total = sum(payee.yen for payee in payees)
    if not 1 <= len(payees) <= PAYEES_MAX:
        problems.append(Problem(0, "件数", "", f"1件から{PAYEES_MAX:,}件までにしてください。"))
    if total_yen is not None and total != total_yen:
        why = (
            f"明細の合計は{total:,}円、帳簿の合計は{total_yen:,}円です。どちらかを直してください。"
        )
        problems.append(Problem(0, "合計金額", "", why))
    if problems:
        # Of two about one item the later says more.
        latest = {(one.row, one.item): one for one in problems}
        raise TransferInvalid(sorted(latest.values(), key=lambda one: one.row))
    records.append(_filled(_TRAILER, ["8", str(len(payees)), str(total), ""], 0, problems))
    records.append(_filled(_END, ["9", ""], 0, problems))
    assert not problems
    end = "\r\n" if line_ends else ""
    data = "".join(record + end for record in records).encode(ENCODING)
    assert len(data) == len(records) * (RECORD_BYTES + len(end))
    return data


def read(data: bytes) -> Transfers:
    """What a file says, the sums checked. Raises ``TransferUnreadable`` with the record."""
    records = list(_records(data))
    if len(records) < 3 or [one[:1] for one in (records[0], *records[-2:])] != ["1", "8", "9"]:
        raise TransferUnreadable(
            record=1, why="ヘッダー、トレーラー、エンドの記録がそろっていません"
        )
    head = _parts(_HEADER, records[0])
    payees = []
    for number, record in enumerate(records[1:-2], 2):
        if record[0] != "2":
            raise TransferUnreadable(record=number, why="データの記録ではありません")
        payees.append(_payee(_parts(_DATA, record), number))
    trailer = _parts(_TRAILER, records[-2])
    count, total = trailer[1].lstrip("0") or "0", trailer[2].lstrip("0") or "0"
    if (count, total) != (str(len(payees)), str(sum(one.yen for one in payees))):
        raise TransferUnreadable(record=len(records) - 1, why="件数か合計が、明細と合いません")
    if not (len(head[5]) == 4 and head[5].isdigit() and head[10].isdigit()):
        raise TransferUnreadable(record=1, why="日付か預金種目が数字ではありません")
    sender = Sender(head[3], head[4], head[6], head[7], head[8], head[9], int(head[10]), head[11])
    on = (int(head[5][:2]), int(head[5][2:]))
    return Transfers(sender, on, tuple(payees), int(total))


# --- records --------------------------------------------------------------------------------------


class _Field(NamedTuple):
    """``exact`` digits must fill the field; other digits are led by zeros; text is followed by
    spaces. A ``needed`` one is not empty."""

    name: str
    length: int
    kind: str  # "exact", "digits", "text"
    needed: bool = True


_FIXED = "区分"
_HEADER = (
    _Field(_FIXED, 1, "exact"), _Field(_FIXED, 2, "exact"), _Field(_FIXED, 1, "exact"),
    _Field("依頼人コード", 10, "digits"), _Field("依頼人名", 40, "text"),
    _Field("振込日", 4, "exact"), _Field("依頼人の銀行番号", 4, "exact"),
    _Field("依頼人の銀行名", 15, "text", False), _Field("依頼人の支店番号", 3, "exact"),
    _Field("依頼人の支店名", 15, "text", False), _Field("依頼人の預金種目", 1, "exact"),
    _Field("依頼人の口座番号", 7, "digits"), _Field("予備", 17, "text", False),
)  # fmt: skip
_DATA = (
    _Field(_FIXED, 1, "exact"), _Field("銀行番号", 4, "exact"), _Field("銀行名", 15, "text", False),
    _Field("支店番号", 3, "exact"), _Field("支店名", 15, "text", False),
    _Field("手形交換所番号", 4, "exact"), _Field("預金種目", 1, "exact"),
    _Field("口座番号", 7, "digits"), _Field("受取人名", 30, "text"),
    _Field("金額", 10, "digits"), _Field("新規コード", 1, "exact"),
    _Field("顧客コード", 10, "digits", False), _Field("顧客コード2", 10, "digits", False),
    _Field("振込指定区分", 1, "exact"), _Field("識別表示", 1, "text", False),
    _Field("予備", 7, "text", False),
)  # fmt: skip
_TRAILER = (
    _Field(_FIXED, 1, "exact"), _Field("件数", 6, "digits"), _Field("合計金額", 12, "digits"),
    _Field("予備", 101, "text", False),
)  # fmt: skip
_END = (_Field(_FIXED, 1, "exact"), _Field("予備", 119, "text", False))


def _sender_values(sender: Sender, on: date) -> list[str]:
    return [
        "1", KIND_TRANSFER, CODE_JIS, sender.code, sender.name, f"{on:%m%d}",
        sender.bank_code, sender.bank_name, sender.branch_code, sender.branch_name,
        str(sender.account_type), sender.account_number, "",
    ]  # fmt: skip


def _payee_values(payee: Payee) -> list[str]:
    return [
        "2", payee.bank_code, payee.bank_name, payee.branch_code, payee.branch_name, "0000",
        str(payee.account_type), payee.account_number, payee.holder, str(payee.yen), "0",
        payee.customer_code, "", BY_WIRE, "", "",
    ]  # fmt: skip


def sender_problems(sender: Sender) -> list[Problem]:
    """What stands against writing a file for ``sender``."""
    problems: list[Problem] = []
    _filled(_HEADER, _sender_values(sender, date(2000, 1, 1)), 0, problems)
    if sender.account_type not in SENDER_ACCOUNTS:
        problems.append(Problem(0, "依頼人の預金種目", "", "1、2、9のどれかにしてください。"))
    return problems


def payee_problems(payee: Payee) -> list[Problem]:
    """What stands against writing a line for ``payee``."""
    problems: list[Problem] = []
    _filled(_DATA, _payee_values(payee), 1, problems)
    return problems + list(_payee_problems(1, payee))


def _payee_problems(row: int, payee: Payee) -> Iterator[Problem]:
    if payee.account_type not in PAYEE_ACCOUNTS:
        yield Problem(
            row, "預金種目", "", "1（普通）、2（当座）、4（貯蓄）のどれかにしてください。"
        )
    if not 1 <= payee.yen <= YEN_MAX:
        yield Problem(row, "金額", "", f"1円から{YEN_MAX:,}円までにしてください。")


def _filled(
    fields: Sequence[_Field], values: Sequence[str], row: int, problems: list[Problem]
) -> str:
    """The record; what does not fit is added to ``problems``."""
    parts = []
    for one, value in zip(fields, values, strict=True):
        text, problem = _text(one, value) if one.kind == "text" else _digits(one, value)
        if problem:
            problems.append(Problem(row, one.name, *problem))
        parts.append(text)
    return "".join(parts)


def _text(one: _Field, value: str) -> tuple[str, tuple[str, str] | None]:
    text = kana(value)
    bad = unwritable(value)
    if bad:
        why = f"銀行で使えない文字：{'、'.join(bad)}。カナで、通帳のとおりに入れてください。"
        return "", (bad, why)
    if one.needed and not text:
        return "", ("", "カナで入れてください。")
    if len(text) > one.length:
        why = f"半角で{one.length}字までです。いまは{len(text)}字です。"
        return "", (text[one.length :], why)
    return text.ljust(one.length), None


def _digits(one: _Field, value: str) -> tuple[str, tuple[str, str] | None]:
    bad = "".join(dict.fromkeys(char for char in value if char not in "0123456789"))
    if bad:
        return "", (bad, f"数字だけで入れてください。使えない文字：{'、'.join(bad)}。")
    if one.kind == "exact" and len(value) != one.length:
        return "", ("", f"{one.length}けたの数字で入れてください。")
    if len(value) > one.length or (one.needed and not value):
        return "", ("", f"{one.length}けたまでの数字で入れてください。")
    return value.rjust(one.length, "0"), None


def _records(data: bytes) -> Iterator[str]:
    """The records, with or without line ends (and the mark that some systems put at the end)."""
    plain = data.removesuffix(b"\x1a").replace(b"\r\n", b"").replace(b"\n", b"")
    if not plain or len(plain) % RECORD_BYTES:
        raise TransferUnreadable(
            record=len(plain) // RECORD_BYTES + 1, why=f"長さが{RECORD_BYTES}バイトではありません"
        )
    for number, start in enumerate(range(0, len(plain), RECORD_BYTES), 1):
        try:
            text = plain[start : start + RECORD_BYTES].decode(ENCODING)
        except UnicodeDecodeError:
            text = ""
        if len(text) != RECORD_BYTES:
            raise TransferUnreadable(record=number, why="全角の文字が入っています")
        yield text


def _parts(fields: Sequence[_Field], record: str) -> list[str]:
    found, at = [], 0
    for one in fields:
        found.append(record[at : at + one.length].rstrip(" "))
        at += one.length
    return found


def _payee(part: list[str], number: int) -> Payee:
    if not all(part[i].isdigit() for i in (6, 9)):
        raise TransferUnreadable(record=number, why="預金種目か金額が数字ではありません")
    code = part[11].lstrip("0")
    return Payee(
        part[1], part[2], part[3], part[4], int(part[6]), part[7], part[8], int(part[9]), code
    )
