"""What an audit can find, beyond what the formats themselves name (``tlog.errors``)."""

from kyojo.ledger.tlog.errors import TlogError


class Unreachable(TlogError):
    """The log, or a part of it, could not be fetched."""

    code = "unreachable"
    sentence = "記録簿を読みこめませんでした。アドレスと通信を確かめて、もう一度お試しください。"


class TooLong(TlogError):
    """More bytes than such a file can have."""

    code = "too_long"
    sentence = "大きすぎるデータが返されたので、読むのをやめました。アドレスを確かめてください。"


class TileMissing(TlogError):
    """A tile or bundle that the signed size asks for is not there."""

    code = "tile_missing"
    sentence = (
        "署名された件数まで、記録がそろっていません。"
        "消されたおそれがあるので、センターにお知らせください。"
    )


class TileDiffers(TlogError):
    """A tile does not hold the hashes of what stands below it."""

    code = "tile_differs"
    sentence = (
        "記録簿の部品（タイル）が、記録と合いません。"
        "書きかえのおそれがあるので、センターにお知らせください。"
    )


class NumberDiffers(TlogError):
    """A leaf does not have the number of its place: one was left out, put in, or moved."""

    code = "number_differs"
    sentence = "記録の番号が順になっていません。センターにお知らせください。"


class LedgerDiffers(TlogError):
    """A leaf of another ledger."""

    code = "ledger_differs"
    sentence = "ほかの台帳の記録がまじっています。センターにお知らせください。"


class TransferTwice(TlogError):
    """One transfer stands in the log twice."""

    code = "transfer_twice"
    sentence = "同じ記録が二度書かれています。センターにお知らせください。"


class HoldUnknown(TlogError):
    """A leaf speaks of a hold that does not stand before it, or may not speak of one."""

    code = "hold_unknown"
    sentence = "お預かりの記録がないのに、その結果が書かれています。センターにお知らせください。"


class HoldResolvedTwice(TlogError):
    """A hold that was resolved before."""

    code = "hold_resolved_twice"
    sentence = "ひとつのお預かりが二度使われています。センターにお知らせください。"


class HoldExceeded(TlogError):
    """More moved than was held, or another amount went back."""

    code = "hold_exceeded"
    sentence = "お預かりとちがうコイン数が動いています。センターにお知らせください。"


class CurrencyDiffers(TlogError):
    """A hold of one currency resolved in another."""

    code = "currency_differs"
    sentence = "お預かりとちがう種類のコインが動いています。センターにお知らせください。"


class CorrectionUnknown(TlogError):
    """A correction of a transfer that does not stand before it."""

    code = "correction_unknown"
    sentence = "訂正のもとの記録が見あたりません。センターにお知らせください。"


class SeenMalformed(TlogError):
    """The file of what was verified last time cannot be read."""

    code = "seen_malformed"
    sentence = (
        "前回の控え（--seen）を読めません。別の控えを指定するか、新しいファイル名にしてください。"
    )
