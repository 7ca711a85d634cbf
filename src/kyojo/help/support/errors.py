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


class TrustLacking(Refusal):
    """A check has ended or was withdrawn: said to the supporter."""

    code = "trust_lacking"
    sentence = (
        "この依頼には、いま{names}が必要です。「わたしの確認」のページで、続け方を見てください。"
    )


class TrustLackingOffice(Refusal):
    """The same, said to the office."""

    code = "trust_lacking_office"
    sentence = "この人には、支援の日に有効な{names}がありません。先に確認してください。"


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


# --- before a visit with a child ------------------------------------------------------------------
class MeetingMissing(Refusal):
    code = "meeting_missing"
    sentence = (
        "はじめの支援の前に、顔合わせをします。支援のページの「顔合わせ」で、"
        "会ったことを、おふたりで確かめてください。急ぐときは、センターにお電話ください。"
    )


class SecondAdultMissing(Refusal):
    code = "second_adult_missing"
    sentence = (
        "この支援は、おとながもう1人いるときに始められます。支援のページの「もう1人のおとな」で、"
        "だれがいるかを入れてください。いないときは、センターにお電話ください。"
    )


class MeetingNotYet(Refusal):
    code = "meeting_not_yet"
    sentence = "顔合わせの日時が、まだ来ていないか、決まっていません。日時を確かめてください。"


class MeetingTimeWrong(Invalid):
    code = "meeting_time_wrong"
    sentence = "顔合わせは、いまからあとで、支援の始まり（{starts}）までの日時にしてください。"


class MeetingPlaceUnknown(Invalid):
    code = "meeting_place_unknown"
    sentence = "どこで会うかを、1つ選んでください。"


class SecondKindUnknown(Invalid):
    code = "second_kind_unknown"
    sentence = "もう1人のおとながだれかを、1つ選んでください。"


class SecondNameMissing(Invalid):
    code = "second_name_missing"
    sentence = "家にいるおとなの名前を、{most}文字までで入れてください。"


class SecondUnknown(Invalid):
    code = "second_unknown"
    sentence = "会員番号と苗字が合いません。もう1人のサポーターに、番号を確かめてください。"


class SecondAdultUnfit(Refusal):
    code = "second_adult_unfit"
    sentence = (
        "その方は、もう1人のおとなになれません。18歳からの、この支援に要る確認がすんだ"
        "サポーターを選んでください。分からないときは、センターにお電話ください。"
    )


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


class BeaconCarrierUnfit(Invalid):
    code = "beacon_carrier_unfit"
    sentence = (
        "ビーコンを持ち歩けるのは、この町のサポーターの方です。サポーターの会員のページで、"
        "登録してください。"
    )


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


class LookDecided(Refusal):
    code = "look_decided"
    sentence = "この支援の確認は、もう終わっています（{state}）。画面を開きなおしてください。"


class ClearanceLabelUnknown(Invalid):
    code = "clearance_label_unknown"
    sentence = "どうして問題がないと分かったかを選んでください。"


class ClearanceUntilWrong(Invalid):
    code = "clearance_until_wrong"
    sentence = "いつまでかは、あしたから{latest}までの日にしてください。"


class ResolutionUnknown(Invalid):
    code = "resolution_unknown"
    sentence = "「全部お渡しする」「一部をお渡しする」「お返しする」から選んでください。"


class OwnMatter(Refusal):
    code = "own_matter"
    sentence = "自分がかかわる支援は、ほかの職員が決めます。ほかの職員にお願いしてください。"


# --- photos ---------------------------------------------------------------------------------------
class PhotosNotAllowed(Refusal):
    code = "photos_not_allowed"
    sentence = "写真をとってよいというお返事が、まだありません。写真がなくても、支援はできます。"


class PhotosNotYours(Refusal):
    code = "photos_not_yours"
    sentence = "写真をとってよいかは、お宅の方が答えます。お宅の方か、センターにお聞きください。"


class PhotosEnough(Refusal):
    code = "photos_enough"
    sentence = "写真は{most}枚までです。もう、そろっています。"


# --- rulings and the objection to them ------------------------------------------------------------
class RulingWaits(Refusal):
    code = "ruling_waits"
    sentence = (
        "もう決まっていて、おふたりのお返事を待っています。"
        "変えるときは、異議の申し立てを受けてください。"
    )


class RulingNotYours(Refusal):
    code = "ruling_not_yours"
    sentence = "この決定には、お返事はいりません。画面を開きなおしてください。"


class AppealAgreed(Refusal):
    code = "appeal_agreed"
    sentence = (
        "「わかりました」のお返事をいただいています。気がかりなことは、センターにお電話ください。"
    )


class AppealAlready(Refusal):
    code = "appeal_already"
    sentence = (
        "異議の申し立てがあり、別の職員が確かめています。伝えたいことは、センターにお電話ください。"
    )


class AppealOver(Refusal):
    code = "appeal_over"
    sentence = "異議を申し立てられる日は、すぎました。気がかりなことは、センターにお電話ください。"


class OwnRuling(Refusal):
    code = "own_ruling"
    sentence = "自分が決めたことへの異議は、ほかの職員が決めます。ほかの職員にお願いしてください。"


class DeciderOfRuler(Refusal):
    """Said to somebody from outside whom the one who ruled let in after ruling."""

    code = "decider_of_ruler"
    sentence = (
        "はじめに決めた人があとから登録した方は、決められません。"
        "この自治体のほかの職員が決めます。センターにお電話ください。"
    )


class OwnRulingAnswer(Refusal):
    code = "own_ruling_answer"
    sentence = (
        "自分が決めたことへの「わかりました」は、ほかの職員が記録します。"
        "ほかの職員にお願いするか、ご本人の画面で押してもらってください。"
    )


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


class ReviewClosed(Refusal):
    """The other's review is open already: whoever has read it can answer it no more."""

    code = "review_closed"
    sentence = (
        "おたがいの評価は、もう開きました。あとから書くことはできません。"
        "困ったことがあったときは、センターにお電話ください。"
    )


class ContactsFound(Invalid):
    """``found``: what in the words would tell how to reach or find somebody."""

    code = "contacts_found"
    sentence = (
        "{found}が書いてあるようです。連絡先は、ここでは伝えられません。"
        "その部分を消して、もう一度送ってください。"
    )


class HideReasonMissing(Invalid):
    code = "hide_reason_missing"
    sentence = (
        "見えないようにするわけを、{most}字までで書いてください。書いた人に、このまま伝わります。"
    )


# --- around a visit -------------------------------------------------------------------------------
class LetterNotYet(Refusal):
    code = "letter_not_yet"
    sentence = "これは、支援が始まってから、1週間のあいだにできます。"


class LetterClosed(Refusal):
    code = "letter_closed"
    sentence = "いまは、たよりを送れません。気がかりなことは、センターにお電話ください。"


class LetterConsentMissing(Invalid):
    code = "letter_consent_missing"
    sentence = (
        "ご本人に、家族に送ってよいか聞いて、印をつけてください。いやだと言われたら、送りません。"
    )


class LetterEmpty(Invalid):
    code = "letter_empty"
    sentence = "ひとことを書くか、写真を1枚選んでください。"


class LetterTooLong(Invalid):
    code = "letter_too_long"
    sentence = "ひとことは、{most}文字までにしてください。"


class LinkLabelMissing(Invalid):
    code = "link_label_missing"
    sentence = "だれにわたすかを、{most}文字までで書いてください。例：弟"


class GiftNotHere(Refusal):
    code = "gift_not_here"
    sentence = "この町の制度では、品物のお礼はしません。ことばのお礼を伝えてください。"


class GiftWorthMissing(Invalid):
    code = "gift_worth_missing"
    sentence = "だいたいいくらのものかを、円で入れてください。家でとれたものは、0でかまいません。"


class GiftTooMuch(Invalid):
    code = "gift_too_much"
    sentence = "品物のお礼は、{most}円くらいまでです。それより高いものは、おことわりします。"


class PartUnknown(Invalid):
    code = "part_unknown"
    sentence = "できそうなことを、1つ選んでください。"
