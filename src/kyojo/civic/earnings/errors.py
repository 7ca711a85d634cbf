"""Refusals of the earnings room."""

from kyojo.kernel.errors import Invalid, Refusal


class BirthDateNeeded(Refusal):
    code = "earnings_birth_date_needed"
    sentence = "この制度は年齢を確かめます。先に、生年月日を登録してください。"


class StandingInvalid(Invalid):
    code = "standing_invalid"
    sentence = "保険の区分は、第1号・第2号・どちらでもない、から選んでください。"


class ActivityUnknown(Invalid):
    code = "record_activity_unknown"
    sentence = "この制度で決めた活動から選んでください。"


class HostUnknown(Invalid):
    code = "record_host_unknown"
    sentence = "この制度で決めた受け入れ先から選んでください。"


class RecordTimesInvalid(Invalid):
    code = "record_times_invalid"
    sentence = "終わりの時刻を、始まりより後にしてください。24時間より長い活動は記録できません。"


class RecordInFuture(Invalid):
    code = "record_in_future"
    sentence = "まだ終わっていない活動は記録できません。終わってから記録してください。"


class RecordOverlaps(Refusal):
    code = "record_overlaps"
    sentence = (
        "この時間には、もう同じ人の活動（{start}から{end}まで）が記録されています。"
        "時間を確かめてください。"
    )


class RecordDiffers(Refusal):
    """The same id came again with other content."""

    code = "record_differs"
    sentence = (
        "同じ画面から、ちがう内容がもう一度送られました。"
        "はじめの内容で記録ずみです。新しい画面を開いて、やりなおしてください。"
    )


class ReasonNeeded(Invalid):
    code = "earnings_reason_needed"
    sentence = "理由を、200字までで入れてください。"


class YearClosed(Refusal):
    code = "earnings_year_closed"
    sentence = "{year}年度は、もう締めました。締めた年度の記録は変えられません。"


class YearNotOver(Refusal):
    code = "earnings_year_not_over"
    sentence = "{year}年度は、まだ終わっていません。4月1日から締められます。"


class ExcludedByOther(Refusal):
    code = "earnings_excluded"
    sentence = "「{name}」で今年度の記録があるため、この制度には記録できません。"


class UseUnknown(Invalid):
    code = "redemption_use_unknown"
    sentence = "この制度で決めた使いみちから選んでください。"


class DetailNeeded(Invalid):
    code = "redemption_detail_needed"
    sentence = "{what}を、一覧から選んでください。"


class AmountInvalid(Invalid):
    code = "redemption_amount_invalid"
    sentence = "数を、{least}から{most}までで入れてください。"


class NotEnough(Refusal):
    code = "redemption_not_enough"
    sentence = "いま使えるのは{available}{unit}です。数を小さくして、もう一度お試しください。"


class YearMostReached(Refusal):
    code = "redemption_year_most"
    sentence = "「{use}」に使えるのは、1年度に{most}円までです。今年度は、あと{left}円です。"


class AlternativeNotReached(Refusal):
    code = "redemption_alternative_not_reached"
    sentence = "この使いみちは、年度の上限に届いた人が、まるごと使うときに選べます。"


class PayeeNeeded(Invalid):
    code = "redemption_payee_needed"
    sentence = "振込先を確かめてください。{what}を入れてください。"


class RedemptionNotWaiting(Refusal):
    code = "redemption_not_waiting"
    sentence = "この申請は「{state}」のため、変えられません。一覧を開きなおして確かめてください。"


class OwnRedemption(Refusal):
    code = "redemption_own"
    sentence = "自分の申請は、自分では承認できません。ほかの職員にたのんでください。"


class PaidReferenceMissing(Invalid):
    code = "redemption_reference_missing"
    sentence = "振込や納付の番号を、60字までで入れてください。"


class AlreadyUsed(Refusal):
    code = "earnings_already_used"
    sentence = (
        "この記録でついたポイントは、もう使われています。"
        "先に、使った申請を見送りにするか、センターで相談してください。"
    )


class NotSold(Refusal):
    code = "earnings_not_sold"
    sentence = "この制度のものは、お金では買えません。"


class ReceiverUnknown(Invalid):
    code = "movement_receiver_unknown"
    sentence = "受け取る人の会員番号を確かめてください。自分には渡せません。"


class HandingUnknown(Invalid):
    code = "movement_use_unknown"
    sentence = "この制度では、人に渡せません。使いみちを確かめてください。"
