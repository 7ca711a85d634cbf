"""Refusals of the ledger: one class per code, so that a caller can name the one it expects."""

from typing import ClassVar

from kyojo.kernel.errors import Refusal

from .types import AccountResult, Code


class LedgerRefusal(Refusal):
    """A leg (or an account) was refused and nothing was written.

    ``code`` is the value of ``types.Code`` (or ``types.AccountResult``); ``index`` is the place
    of the refused leg in the call.
    """

    code: ClassVar[str] = "ledger_refused"
    sentence: ClassVar[str] = (
        "コインの記録ができませんでした。もう一度お試しください。"
        "続くときは、センターにお知らせください。"
    )

    def __init__(self, *, index: int = 0, field: str = "", **data: object) -> None:
        self.index = index
        super().__init__(field=field, index=index, **data)


class ExceedsCredits(LedgerRefusal):
    code = Code.EXCEEDS_CREDITS.value
    sentence = "使えるコインが足りません。短い時間にするか、センターにご相談ください。"


class AmountMustBePositive(LedgerRefusal):
    code = Code.AMOUNT_MUST_BE_POSITIVE.value
    sentence = "コインの数は1以上で入力してください。"


class AmountTooLarge(LedgerRefusal):
    code = Code.AMOUNT_TOO_LARGE.value
    sentence = "コインの数が大きすぎます。数を確かめてください。"


class TotalTooLarge(LedgerRefusal):
    code = Code.TOTAL_TOO_LARGE.value
    sentence = "口座に入るコインの上限をこえます。数を確かめてください。"


class PendingAlreadyPosted(LedgerRefusal):
    code = Code.PENDING_ALREADY_POSTED.value
    sentence = "この預かりコインは、もう支払われています。画面を開きなおして確かめてください。"


class PendingAlreadyVoided(LedgerRefusal):
    code = Code.PENDING_ALREADY_VOIDED.value
    sentence = "この預かりコインは、もう戻されています。画面を開きなおして確かめてください。"


class PendingAlreadyExpired(LedgerRefusal):
    code = Code.PENDING_ALREADY_EXPIRED.value
    sentence = "預かりの期限がすぎて、コインは戻されています。もう一度お申し込みください。"


class PendingExpired(LedgerRefusal):
    code = Code.PENDING_EXPIRED.value
    sentence = "預かりの期限がすぎました。コインは戻ります。もう一度お申し込みください。"


class TimeoutMustBeInTheFuture(LedgerRefusal):
    code = Code.TIMEOUT_MUST_BE_IN_THE_FUTURE.value
    sentence = "コインを預かる期限がすぎています。新しい日時を選んでください。"


class DebitAccountClosed(LedgerRefusal):
    code = Code.DEBIT_ACCOUNT_CLOSED.value
    sentence = "支払う口座は閉じています。センターにお問い合わせください。"


class CreditAccountClosed(LedgerRefusal):
    code = Code.CREDIT_ACCOUNT_CLOSED.value
    sentence = "受け取る口座は閉じています。センターにお問い合わせください。"


class ExceedsCorrectedAmount(LedgerRefusal):
    code = Code.EXCEEDS_CORRECTED_AMOUNT.value
    sentence = "元の記録より多くは訂正できません。これまでの訂正を確かめてください。"


class CorrectedNotAMovement(LedgerRefusal):
    code = Code.CORRECTED_NOT_A_MOVEMENT.value
    sentence = "コインが動いていない記録は訂正できません。支払いの記録を選んでください。"


class AccountNotEmpty(LedgerRefusal):
    code = AccountResult.ACCOUNT_NOT_EMPTY.value
    sentence = "口座にコインが残っています。先にコインを移してから閉じてください。"


class AccountHasHolds(LedgerRefusal):
    code = AccountResult.ACCOUNT_HAS_HOLDS.value
    sentence = "預かり中のコインがあります。支援の精算か取り消しのあとに閉じてください。"


_SPOKEN: dict[str, type[LedgerRefusal]] = {
    cls.code: cls
    for cls in (
        ExceedsCredits,
        AmountMustBePositive,
        AmountTooLarge,
        TotalTooLarge,
        PendingAlreadyPosted,
        PendingAlreadyVoided,
        PendingAlreadyExpired,
        PendingExpired,
        TimeoutMustBeInTheFuture,
        DebitAccountClosed,
        CreditAccountClosed,
        ExceedsCorrectedAmount,
        CorrectedNotAMovement,
        AccountNotEmpty,
        AccountHasHolds,
    )
}

#: Codes that only a mistake in a program can cause have the general sentence.
CLASSES: dict[str, type[LedgerRefusal]] = {
    code.value: _SPOKEN.get(code.value)
    or type(code.name.title().replace("_", ""), (LedgerRefusal,), {"code": code.value})
    for code in (*Code, *AccountResult)
    if code.value not in ("ok", "exists")
}


def refusal(code: Code | AccountResult, *, index: int = 0) -> LedgerRefusal:
    """The refusal of the leg at ``index`` for ``code``."""
    return CLASSES[code.value](index=index)
