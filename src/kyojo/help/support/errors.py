"""Refusals of the support room: what cannot be done with a visit now, and what to do instead."""

from kyojo.kernel.errors import Invalid, Refusal


# --- reserving ------------------------------------------------------------------------------------
class SupporterBusy(Refusal):
    code = "supporter_busy"
    sentence = (
        "{name}さんは、同じ時間に別の予定が入りました。"
        "ほかの人を選ぶか、時間を変えてお願いできます。コインは動いていません。"
    )


class SupporterBusyOwn(Refusal):
    """The same, said to the supporter."""

    code = "supporter_busy_own"
    sentence = (
        "同じ時間に、別の予定が入っています。予定の一覧を確かめてください。"
        "今回は無理でも、評価は変わりません。"
    )


class OfferNotAccepted(Refusal):
    code = "offer_not_accepted"
    sentence = "この人からは、まだOKの返事がありません。返事を待つか、ほかの人を選んでください。"


class RequestNotOpen(Refusal):
    code = "request_not_open"
    sentence = "この依頼は、もう決まったか、取り消されています。画面を開きなおしてください。"


class RequestPast(Refusal):
    code = "request_past"
    sentence = "お願いした時間がすぎています。新しい日時で、もう一度お願いしてください。"


class OwnRequest(Refusal):
    code = "own_request"
    sentence = "自分の依頼に、自分で行くことはできません。ほかの人にお願いしてください。"


# --- the recipient's yes --------------------------------------------------------------------------
class ConsentNotAsked(Refusal):
    code = "consent_not_asked"
    sentence = "この支援には、お返事はいりません。そのままで進みます。"


class ConsentAlready(Refusal):
    code = "consent_already"
    sentence = "お返事は、もういただいています。変えたいときは、センターにお電話ください。"


class ConsentMissing(Refusal):
    code = "consent_missing"
    sentence = (
        "お宅の方の「来てよい」というお返事が、まだありません。"
        "センターにお電話ください。すぐに確かめます。"
    )


class BasisMissing(Invalid):
    code = "basis_missing"
    sentence = "どのように確かめたか（電話・紙・窓口）を選んでください。"


# --- on the day -----------------------------------------------------------------------------------
class TooEarly(Refusal):
    code = "too_early"
    sentence = "始められるのは{opens}からです。いまは{now}です。着いたら、もう一度押してください。"


class HeadingTooEarly(Refusal):
    code = "heading_too_early"
    sentence = "「向かいます」は{opens}から押せます。いまは{now}です。"


class TimeOver(Refusal):
    code = "time_over"
    sentence = (
        "予定の時間は{ends}に終わりました。"
        "支援をしたときは、センターにお電話ください。記録をいっしょに確かめます。"
    )


class ProofMissing(Refusal):
    code = "proof_missing"
    sentence = "位置が分かりませんでした。お宅の方に合言葉を聞いて、4けたの数字を入れてください。"


class PositionUnreadable(Invalid):
    code = "position_unreadable"
    sentence = "位置を読み取れませんでした。もう一度押すか、合言葉を使ってください。"


class FarFromPlace(Refusal):
    code = "far_from_place"
    sentence = (
        "行き先から{distance}ほどはなれているようです。着いてから、もう一度押してください。"
        "もう着いているときは、合言葉で始められます。"
    )


class CodeWrong(Refusal):
    code = "code_wrong"
    sentence = (
        "合言葉がちがいます。お宅の方に、もう一度聞いてください。"
        "{tries}回ちがうときは、センターがお手伝いします。"
    )


class CodeLocked(Refusal):
    code = "code_locked"
    sentence = (
        "合言葉が{tries}回ちがいました。センターにお電話ください（{phone}）。"
        "お宅の方に確かめて、センターが記録します。"
    )


class NonceReused(Refusal):
    code = "nonce_reused"
    sentence = "同じ記録が、別の支援で使われています。画面を開きなおして、もう一度押してください。"


# --- cards and buttons ----------------------------------------------------------------------------
class TagUnknown(Refusal):
    code = "tag_unknown"
    sentence = "このカードは、読み取れませんでした。もう一度かざすか、合言葉で始めてください。"


class TagEnded(Refusal):
    code = "tag_ended"
    sentence = (
        "このカードは、もう使えません。合言葉で始めて、センターに新しいカードをたのんでください。"
    )


class TagReplayed(Refusal):
    code = "tag_replayed"
    sentence = "この読み取りは、もう使われています。カードにもう一度かざしてください。"


class TagElsewhere(Refusal):
    code = "tag_elsewhere"
    sentence = "このカードは、この支援の行き先のものではありません。行き先をもう一度見てください。"


class TagPlaceMissing(Invalid):
    code = "tag_place_missing"
    sentence = "どのお宅に置くかを選んでください。"


class TagLabelMissing(Invalid):
    code = "tag_label_missing"
    sentence = "置く場所の名前を、{most}字までで入れてください。例：玄関のカード"


class TagHardwareWrong(Invalid):
    code = "tag_hardware_wrong"
    sentence = (
        "番号は、0〜9とa〜fの{digits}けたです。カードか機器に書いてあるとおりに入れてください。"
    )


class TagHardwareTaken(Invalid):
    code = "tag_hardware_taken"
    sentence = "この番号は、もう登録されています。先に、前の登録を終わりにしてください。"


# --- closing --------------------------------------------------------------------------------------
class StepNotAllowed(Refusal):
    """The visit is not in a state from which this step leads on (nothing more is told)."""

    code = "step_not_allowed"
    sentence = (
        "いまは、この操作はできません。この支援は「{state}」です。画面を開きなおしてください。"
    )


class NoShowTooEarly(Refusal):
    code = "no_show_too_early"
    sentence = "「来ませんでした」は{opens}から伝えられます。急ぐときは、センターにお電話ください。"


class WordsMissing(Invalid):
    code = "words_missing"
    sentence = "どんなことがあったか、ひとことで書いてください。"


class AmountOutside(Invalid):
    code = "amount_outside"
    sentence = "お渡しするコインは、0から{held}の間で入れてください。"


class ResolutionUnknown(Invalid):
    code = "resolution_unknown"
    sentence = "「全部お渡しする」「一部をお渡しする」「お返しする」から選んでください。"


class OwnMatter(Refusal):
    code = "own_matter"
    sentence = "自分がかかわる支援は、ほかの職員が決めます。ほかの職員にお願いしてください。"


# --- thanks ---------------------------------------------------------------------------------------
class RatingUnknown(Invalid):
    code = "rating_unknown"
    sentence = "どうでしたか。4つから1つ選んでください。"


class ReviewNotYet(Refusal):
    code = "review_not_yet"
    sentence = "お礼は、支援の確認がすんでから送れます。先に確認をお願いします。"


class ReviewAlready(Refusal):
    code = "review_already"
    sentence = "お礼は、もう送られています。ありがとうございました。"
