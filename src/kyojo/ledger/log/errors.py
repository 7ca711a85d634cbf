"""What can stand between a ledger and its log: one class per code."""

from typing import ClassVar

from kyojo.kernel.errors import Refusal
from kyojo.ledger.tlog.errors import TlogError


class LeafMalformed(TlogError):
    """Not the text of a leaf (docs/reference/log.md)."""

    code = "leaf_malformed"
    sentence = "記録の形が正しくありません。もとの場所から、もう一度受けとってください。"


class ReceiptMalformed(TlogError):
    """Not a receipt (kyojo-receipt/v1)."""

    code = "receipt_malformed"
    sentence = "証明書の形が正しくありません。もとの場所から、もう一度受けとってください。"


class LogRefusal(Refusal):
    """The log of a ledger cannot be written, or not be shown, as things stand."""

    code: ClassVar[str] = "log_refused"
    sentence: ClassVar[str] = "記録簿を扱えませんでした。センターにお知らせください。"


class NotLoggedYet(LogRefusal):
    """The transfer stands in no published checkpoint yet; that takes seconds."""

    code = "not_logged_yet"
    sentence = "この記録は、まだ公開の記録簿に入っていません。少し待って、もう一度開いてください。"


class SideForgotten(LogRefusal):
    """The account's key was erased, so that its side of the transfer can be opened no more."""

    code = "side_forgotten"
    sentence = "この口座の記録は消去されたため、証明書を作れません。"


class LogKeysUnset(LogRefusal):
    """No folder for the keys of the logs is named."""

    code = "log_keys_unset"
    sentence = "記録簿の鍵のフォルダーが決まっていません。KYOJO_LOG_KEYS に設定してください。"


class LogKeyMissing(LogRefusal):
    """The ledger has a log, and its key is not in the folder. No second key is ever made."""

    code = "log_key_missing"
    sentence = (
        "台帳{ledger}の記録簿の鍵が、フォルダー{folder}にありません。"
        "控えから {ledger}.key を戻してください（新しい鍵は作られません）。"
    )


class LogKeyDiffers(LogRefusal):
    """The key in the folder is not the one that the ledger's log began with."""

    code = "log_key_differs"
    sentence = (
        "フォルダー{folder}の {ledger}.key は、この記録簿の鍵ではありません。"
        "控えから正しい鍵を戻してください。"
    )


class LogKeyLeft(LogRefusal):
    """The folder has the key of a log that the database does not know (any more)."""

    code = "log_key_left"
    sentence = (
        "フォルダー{folder}には {ledger}.key がありますが、データベースにその記録簿がありません。"
        "データベースを控えから戻すか、古い鍵をほかの場所へ移してください。"
    )


class LogKeyOpen(LogRefusal):
    """Others than the owner may read the key."""

    code = "log_key_open"
    sentence = (
        "鍵 {path} がほかの利用者にも読めます。chmod 600 で自分だけが読めるようにしてください。"
    )


class LogHeadUnsigned(LogRefusal):
    """The newest leaves of a log were not signed by its key: somebody else wrote them."""

    code = "log_head_unsigned"
    sentence = (
        "台帳{ledger}の記録簿の終わりに、鍵で署名されていない記録があります（{reason}）。"
        "書きかえのおそれがあるので、記録は止めました。./kyojo check で確かめてください。"
    )
