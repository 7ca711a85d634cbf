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


class MayNotSpend(Refusal):
    """``who`` in the document's words: whose own use counts."""

    code = "earnings_may_not_spend"
    sentence = (
        "「{name}」を使えるのは、{who}です。いまの登録では、使えません。"
        "登録がちがうときは、センターにご連絡ください。"
    )


class AmountNotWhole(Invalid):
    code = "redemption_amount_not_whole"
    sentence = "「{item}」は、1つ{price}{unit}です。{price}{unit}の倍数にしてください。"


class SoldOut(Refusal):
    """``rest`` says how many there are: none, or fewer than were asked for."""

    code = "redemption_sold_out"
    sentence = "「{item}」は、{rest}。ほかの品物を選ぶか、入るまでお待ちください。"


class StockUnknown(Invalid):
    code = "stock_item_unknown"
    sentence = "この制度で決めた品物から選んでください。"


class StockInvalid(Invalid):
    code = "stock_number_invalid"
    sentence = "残りの数を、0から{most}までの数字で入れてください。"


class StockChanged(Refusal):
    code = "stock_changed"
    sentence = (
        "開いていた画面のあとで、「{item}」の残りが{now}に変わりました。"
        "数えなおして、もう一度入れてください。"
    )


class PayeeUnwritable(Invalid):
    code = "redemption_payee_unwritable"
    sentence = "{what}を確かめてください。{why}"


class OfficeAccountInvalid(Invalid):
    code = "office_account_invalid"
    sentence = "{what}を確かめてください。{why}"


class NothingChosen(Invalid):
    code = "redemptions_none_chosen"
    sentence = "完了にする申請を、1つからえらんでください。"


# --- what goes from hand to hand ------------------------------------------------------------------


class SaleUsed(Refusal):
    code = "sale_used"
    sentence = (
        "買った人が、もう使ったか、渡したか、紙の券にしています。"
        "その分がもどってから、もう一度お試しください。"
    )


class ReceiverNotMatching(Invalid):
    """The same sentence for a number that nobody has and for a name that is another's."""

    code = "movement_receiver_not_matching"
    sentence = "会員番号と苗字が合いません。受け取る人に、もう一度聞いてください。"


class HandingStopped(Refusal):
    code = "movement_handing_stopped"
    sentence = (
        "会員番号か苗字が何度もちがったので、きょうは止めています。"
        "あした、もう一度お試しください。急ぐときは、センターにご相談ください。"
    )


class ReceiverUnfit(Refusal):
    code = "movement_receiver_unfit"
    sentence = "この会員には、この使いみちでは渡せません。使いみちを確かめてください。"


class LentMostReached(Refusal):
    code = "movement_lent_most"
    sentence = (
        "いま渡せるのは、前貸しを入れて{most}{unit}までです。"
        "数を小さくして、もう一度お試しください。"
    )


class NothingToStart(Refusal):
    code = "circulation_nothing_to_start"
    sentence = "この制度には、はじめの分がありません。そのままお使いください。"


class MayNotStart(Refusal):
    code = "circulation_may_not_start"
    sentence = (
        "はじめの分を受け取れるのは、{who}です。登録がちがうときは、センターにご連絡ください。"
    )


class NotOnPaper(Refusal):
    code = "paper_not_here"
    sentence = "この制度では、紙の券を作れません。"


class PaperUnknown(Invalid):
    code = "paper_unknown"
    sentence = "この番号の券は、見つかりません。券の番号を見て、もう一度入れてください。"


class PaperUsed(Refusal):
    code = "paper_used"
    sentence = "{number}番の券は、{day}に受け取りずみです。同じ券は、1回だけ受け取れます。"


class PaperVoided(Refusal):
    code = "paper_voided"
    sentence = "{number}番の券は、なくしたという届けで無効にしてあります。受け取れません。"


class PaperExpired(Refusal):
    code = "paper_expired"
    sentence = "{number}番の券は、{day}で期限が切れました。もう使えません。"


class FeeUnknown(Invalid):
    code = "fee_unknown"
    sentence = "この制度で決めた会費から選んでください。"


class FeeYearUnknown(Invalid):
    code = "fee_year_unknown"
    sentence = "会費の年度を、この制度があった年度から選んでください。"


class FeePaid(Refusal):
    code = "fee_paid"
    sentence = "この会費は、{day}に受け取りずみです（番号 {reference}）。"


# --- paid help ------------------------------------------------------------------------------------


class HelpOfTwo(Invalid):
    code = "paid_help_of_two"
    sentence = "手伝った人と、手伝ってもらった人は、別の会員にしてください。"


class HelpMemberGone(Invalid):
    code = "paid_help_member_gone"
    sentence = "この会員は、もう退会しています。会員番号を確かめてください。"


class HelpWordsInvalid(Invalid):
    code = "paid_help_words_invalid"
    sentence = "手伝ったことは、40字までで入れてください。"


class ThanksShort(NotEnough):
    """Whoever was helped has less than the thanks come to."""

    code = "paid_help_short"
    sentence = (
        "お礼は{needed}{unit}ですが、手伝ってもらった人がいま使えるのは{available}{unit}です。"
        "足りない分を買い足してから、もう一度送ってください。"
    )


class DepositMissing(Refusal):
    code = "paid_help_deposit_missing"
    sentence = (
        "お礼の一部をあずける時間預託の制度（{programme}）が、この町で始まっていません。"
        "センターにご相談ください。"
    )


class HelpBilled(Refusal):
    code = "paid_help_billed"
    sentence = "この手伝いは、請求書（{number}）に入っています。先に請求書を取り消してください。"


class ThanksUsed(Refusal):
    code = "paid_help_thanks_used"
    sentence = (
        "手伝った人が、届いたお礼をもう使ったか、使う申請をしています。"
        "先に申請を見送りにするか、手伝った人と話してください。"
    )


class HelpForgotten(Refusal):
    code = "paid_help_forgotten"
    sentence = (
        "退会した人とのつながりが消えているため、お礼をもどせません。記録はそのまま残ります。"
    )


class InvoiceDueInvalid(Invalid):
    code = "invoice_due_invalid"
    sentence = "支払いの期限は、きょうからあとの日にしてください。"


class InvoicePaidDayInvalid(Invalid):
    code = "invoice_paid_day_invalid"
    sentence = "入金のあった日は、請求書を出した日からきょうまでの日にしてください。"


class InvoiceNotWaiting(Refusal):
    code = "invoice_not_waiting"
    sentence = "この請求書は「{state}」のため、変えられません。開きなおして確かめてください。"


class PaymentNotThere(Refusal):
    code = "payment_not_there"
    sentence = "この請求書は「{state}」です。取り消せるのは、記録した入金だけです。"


class PaymentReturnWaiting(Refusal):
    code = "payment_return_waiting"
    sentence = (
        "この入金の取り消しは、もう出ています。"
        "ほかの職員が承認するか、取りやめるまでお待ちください。"
    )


class PaymentReturnDecided(Refusal):
    code = "payment_return_decided"
    sentence = "この取り消しは「{state}」のため、変えられません。開きなおして確かめてください。"


class OwnPaymentReturn(Refusal):
    code = "payment_return_own"
    sentence = (
        "自分が出した取り消しと、自分が払った入金の取り消しは、自分では承認できません。"
        "ほかの職員にたのんでください。"
    )


class PaymentMoveUnfit(Invalid):
    code = "payment_move_unfit"
    sentence = "入金を移せるのは、同じ人あての、同じ額で、入金を待っている請求書だけです。"


class PaymentUsed(Refusal):
    """``day``: of the help whose thanks are used."""

    code = "payment_used"
    sentence = (
        "{day}に手伝った人が、届いたお礼をもう使ったか、使う申請をしています。"
        "承認の前の申請は見送りに、払ったあとなら、お礼をもどしてもらう話をしてから、"
        "もう一度お試しください。"
    )


# --- leaving --------------------------------------------------------------------------------------


class RecipientNeeded(Invalid):
    code = "leaving_recipient_needed"
    sentence = "「{name}」の寄付先を、一覧から選んでください。"


class PaperNotTheirs(Invalid):
    code = "leaving_paper_unknown"
    sentence = (
        "開いていた画面のあとで、紙の券の状態が変わりました。券を確かめて、もう一度選んでください。"
    )


class StillOpen(Refusal):
    """``what``: the first thing that stands open, in words."""

    code = "leaving_still_open"
    sentence = "まだ、退会にできません。先に、{what}を片づけてください。"
