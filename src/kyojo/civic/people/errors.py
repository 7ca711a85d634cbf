"""Refusals of the people room."""

from kyojo.kernel.errors import Invalid, Refusal
from kyojo.kernel.errors import OrderDiffers as OrderDiffers

from .security_errors import CodeTooOften as CodeTooOften
from .security_errors import CodeWrong as CodeWrong
from .security_errors import FactorResetDecided as FactorResetDecided
from .security_errors import FactorResetOpen as FactorResetOpen
from .security_errors import FactorResetOwn as FactorResetOwn
from .security_errors import FactorResetSamePerson as FactorResetSamePerson
from .security_errors import MailChangeGone as MailChangeGone
from .security_errors import MailChangeOver as MailChangeOver
from .security_errors import MailChangeTooOften as MailChangeTooOften
from .security_errors import MailCodeWrong as MailCodeWrong
from .security_errors import MailSame as MailSame
from .security_errors import MailTaken as MailTaken
from .security_errors import QuestionsTooOften as QuestionsTooOften

# --- who somebody is ------------------------------------------------------------------------------


class NameMissing(Invalid):
    code = "name_missing"
    sentence = "{part}を入れてください。"


class NameWrong(Invalid):
    code = "name_wrong"
    sentence = "{part}に、名前に使えない文字があります。「{sign}」を消してください。"


class NameTooLong(Invalid):
    code = "name_too_long"
    sentence = "{part}は{limit}文字までです。短くしてください。"


class KanaWrong(Invalid):
    code = "kana_wrong"
    sentence = "{part}は、ひらがなかカタカナで入れてください。"


class BirthDateMissing(Invalid):
    code = "birth_date_missing"
    sentence = "生年月日を入れてください。活動の保険と、本人の確認に使います。"


class BirthDateInFuture(Invalid):
    code = "birth_date_in_future"
    sentence = "生年月日が、きょうより後になっています。年を確かめてください。"


class BirthDateTooOld(Invalid):
    code = "birth_date_too_old"
    sentence = "生年月日が{years}年より前になっています。年を確かめてください。"


class GuardianNeeded(Refusal):
    code = "guardian_needed"
    sentence = (
        "{years}歳になる前の方は、保護者の方かコーディネーターといっしょに登録します。"
        "センターにお電話ください。"
    )


class PhoneWrong(Invalid):
    code = "phone_wrong"
    sentence = "電話番号は、0から始まる10桁か11桁の数字で入れてください。"


class EmailWrong(Invalid):
    code = "email_wrong"
    sentence = "メールアドレスの形を確かめてください。@のあとも入っていますか。"


class EmailTaken(Refusal):
    code = "email_taken"
    sentence = "このメールアドレスは、もう登録されています。ログインしてください。"


class ChoiceUnknown(Invalid):
    code = "choice_unknown"
    sentence = "{part}を、一覧から選びなおしてください。"


class TextTooLong(Invalid):
    code = "text_too_long"
    sentence = "{part}は{limit}文字までです。いま{length}文字あります。"


class ValueMissing(Invalid):
    code = "value_missing"
    sentence = "{part}を入れてください。"


class StaffNumberTaken(Invalid):
    code = "staff_number_taken"
    sentence = (
        "この職員番号は、もう別のログインで使われています。1人の職員のログインは、1つだけです。"
        "番号を確かめるか、前からあるログインを使ってください。"
    )


class StaffNumberOther(Invalid):
    code = "staff_number_other"
    sentence = "このログインの職員番号は、別の番号です。番号とメールアドレスを確かめてください。"


class AppealOfficerInside(Invalid):
    code = "appeal_officer_inside"
    sentence = (
        "このアドレスは、職員か会員か、ほかの自治体のログインに使われています。"
        "この自治体の職員でない人の、別のメールアドレスを入れてください。"
    )


class RoleMissing(Invalid):
    code = "role_missing"
    sentence = "どのように使うかを、1つ以上選んでください。"


class AlreadyRegistered(Refusal):
    code = "already_registered"
    sentence = "このログインは、もう登録がすんでいます。「わたし」のページから直せます。"


# --- what they can do, when and how far -----------------------------------------------------------


class WeekdayWrong(Invalid):
    code = "weekday_wrong"
    sentence = "曜日を、一覧から選びなおしてください。"


class TimesBackwards(Invalid):
    code = "times_backwards"
    sentence = "終わりの時刻を、始まりの時刻より後にしてください。"


class TimesHalf(Invalid):
    code = "times_half"
    sentence = "時刻は、始まりと終わりの両方を入れてください。1日中なら、両方を空けてください。"


class DayPast(Invalid):
    code = "day_past"
    sentence = "きょうより前の日です。これからの日を選んでください。"


class TravelLimitWrong(Invalid):
    code = "travel_limit_wrong"
    sentence = "行ける距離は、{low}から{high}までで選んでください。"


class AsksLimitWrong(Invalid):
    code = "asks_limit_wrong"
    sentence = "声をかける回数は、週に1回から{high}回までで選んでください。"


# --- places -------------------------------------------------------------------------------------


class RecipientMissing(Invalid):
    code = "recipient_missing"
    sentence = "この場所にいる方のお名前を入れてください。来てよいか、先にその方にお聞きします。"


class PlaceTooFar(Invalid):
    code = "place_too_far"
    sentence = "選んだ場所は{municipality}の外にあるようです。地図の印と住所を確かめてください。"


class BlockSelf(Invalid):
    code = "block_self"
    sentence = "自分を選ぶことはできません。"


# --- staff --------------------------------------------------------------------------------------


class BasisMissing(Invalid):
    code = "basis_missing"
    sentence = "何にもとづいて代わりに入れるか（電話・紙・窓口）を選んでください。"


class StaffOfficerLast(Refusal):
    code = "staff_officer_last"
    sentence = "自治体職員がほかにいません。先に、次の人を登録してください。"


# --- login --------------------------------------------------------------------------------------


class LoginLinkTooOften(Refusal):
    code = "login_link_too_often"
    sentence = (
        "短い間に何度もお送りしました。メールを確かめて、{minutes}分たってからお試しください。"
    )


class LoginLinkDead(Refusal):
    code = "login_link_dead"
    sentence = (
        "このリンクは、もう使えません（15分たったか、一度使われました）。"
        "ログインのページから、新しいリンクをお送りします。"
    )


# --- coins --------------------------------------------------------------------------------------


class CoinsShort(Refusal):
    code = "coins_short"
    sentence = (
        "使えるコインが{missing}コイン足りません。短い時間にするか、センターにご相談ください。"
    )


class CoinsToSelf(Invalid):
    code = "coins_to_self"
    sentence = "同じ人にお願いすることはできません。ほかの方を選んでください。"


class CoinsAmountWrong(Invalid):
    code = "coins_amount_wrong"
    sentence = "コインの数は、1から{most}までの数にしてください。"


class CoinsGone(Refusal):
    """A hold that should have been made firm or moved is not there any more."""

    code = "coins_gone"
    sentence = "お預かりしたコインは、もう戻っています。画面を開きなおして確かめてください。"


class CoinsMoved(Refusal):
    """A hold that should have been given back was already handed over."""

    code = "coins_moved"
    sentence = "コインは、もうお渡ししました。ちがうときは、センターにご相談ください。"


class CoinsStillHeld(Refusal):
    """What ties a person to held coins cannot be erased before they are settled or returned."""

    code = "coins_still_held"
    sentence = (
        "お預かり中のコインがあるので、まだ消せません。"
        "支援が終わるか取り消されてから、もう一度お試しください。"
    )


class OwnCheck(Refusal):
    code = "own_check"
    sentence = "自分のことは、自分では確かめられません。ほかの職員にお願いしてください。"


# --- people under 18 ------------------------------------------------------------------------------


class AgreementMissing(Refusal):
    """Somebody under 18 without an adult's yes: may look and prepare, not meet anybody yet."""

    code = "agreement_missing"
    sentence = (
        "{years}歳になるまでは、おうちの人かコーディネーターの「いいですよ」がいります。"
        "センターにお電話ください。用意したものは、そのまま残っています。"
    )


class AgreementByCaredFor(Refusal):
    code = "agreement_by_cared_for"
    sentence = (
        "お世話を受けている方には、同意する役をお願いできません。"
        "ほかの保護者の方か、コーディネーターが引き受けてください。"
    )


class AgreementNotNeeded(Refusal):
    code = "agreement_not_needed"
    sentence = "{years}歳になっているので、同意はいりません。"


class AgreementNotCoordinator(Refusal):
    code = "agreement_not_coordinator"
    sentence = (
        "保護者の代わりになれるのは、コーディネーターです。コーディネーターにお願いしてください。"
    )


class YoungCarerTooOld(Refusal):
    code = "young_carer_too_old"
    sentence = (
        "この相談の窓口は、{years}歳までの方のものです。センターが、そのままお話をうかがいます。"
    )


# --- suspension -----------------------------------------------------------------------------------


class Suspended(Refusal):
    code = "suspended"
    sentence = (
        "いまは、利用が止まっています。理由と期限、異議の伝え方は、本人の「わたし」のページにあります。"
        "コインはなくなりません。"
    )


class SuspensionStands(Refusal):
    code = "suspension_stands"
    sentence = (
        "この人の利用は、もう止まっています。期限を変えるときは、いまの停止から変えてください。"
    )


class SuspensionOver(Refusal):
    code = "suspension_over"
    sentence = "この停止は、もう終わっています。"


class SuspensionOwn(Refusal):
    code = "suspension_own"
    sentence = "自分のことは、自分では決められません。ほかの職員にお願いしてください。"


class SuspensionSecond(Refusal):
    code = "suspension_second"
    sentence = "仮に止めた人とは別の職員が、確かめて決めます。"


class SuspensionUntilWrong(Invalid):
    code = "suspension_until_wrong"
    sentence = "いつまで止めるかを、あすから1年までの日で入れてください。"


class AppealMade(Refusal):
    code = "appeal_made"
    sentence = "お話は、もう受け取っています。別の職員が読んで、お返事します。"


class AppealOther(Refusal):
    code = "appeal_other"
    sentence = "停止を決めた人は、異議にお返事できません。ほかの職員がお返事します。"


# --- checks of trust ------------------------------------------------------------------------------


class TwoStaffNeeded(Refusal):
    code = "two_staff_needed"
    sentence = "この確認は、職員2人でします。見た書類を記録すると、もう1人の職員が確かめます。"


class ItemsMissing(Invalid):
    code = "items_missing"
    sentence = "{items}が書類と合っていることを、確かめてください。"


class PaperEnded(Invalid):
    code = "paper_ended"
    sentence = "書類の期限がすぎています。新しい書類を見せてもらってください。"


class LookWaits(Refusal):
    code = "look_waits"
    sentence = "同じ確認が、もう1人の職員を待っています。そちらを確かめるか、取り下げてください。"


class LookOver(Refusal):
    code = "look_over"
    sentence = "この確認は、もう終わっています（{state}）。まだなら、書類をもう一度見てください。"


class SameStaff(Refusal):
    code = "same_staff"
    sentence = "書類を見た職員とはちがう職員が確かめます。ほかの職員にお願いしてください。"


class RegisterChanged(Refusal):
    code = "register_changed"
    sentence = "書類を見たあとで、登録の内容が変わりました。書類をもう一度見てください。"


class CheckWithdrawn(Refusal):
    code = "check_withdrawn"
    sentence = "この確認は、もう取り消されています。"


# --- the authentication app -----------------------------------------------------------------------


class IdentityOff(Refusal):
    code = "identity_off"
    sentence = "いまはアプリでの本人確認をお使いいただけません。センターの窓口で確かめられます。"


class IdentityTooOften(Refusal):
    code = "identity_too_often"
    sentence = "短い間に何度も試されました。1時間ほどたってから試すか、窓口にお越しください。"


class IdentityAskOver(Refusal):
    """The way back does not belong to this session, was used, or took too long."""

    code = "identity_ask_over"
    sentence = (
        "本人確認の時間がすぎたか、別の画面で始まっています。もう一度、はじめから押してください。"
    )


class IdentityCancelled(Refusal):
    code = "identity_cancelled"
    sentence = (
        "アプリでの確認をやめました。何も変わっていません。もう一度試すか、窓口で確かめられます。"
    )


class IdentityFailed(Refusal):
    """The provider answered with something that cannot be believed."""

    code = "identity_failed"
    sentence = "アプリからの返事を確かめられませんでした。もう一度試すか、窓口にお越しください。"


class IdentityDown(Refusal):
    code = "identity_down"
    sentence = "いま、アプリのサービスにつながりません。時間をおいて試すか、窓口にお越しください。"


class IdentityDiffers(Refusal):
    """``items``: what differs, in words; never what the card says."""

    code = "identity_differs"
    sentence = "カードと登録の{items}がちがいます。登録を直すか、窓口にお越しください。"


class IdentityTaken(Refusal):
    code = "identity_taken"
    sentence = (
        "このカードでは、別の会員番号で本人確認がすんでいます。"
        "センターが確かめて、ご連絡します。お急ぎのときは、お電話ください。"
    )


class ClashClosed(Refusal):
    code = "clash_closed"
    sentence = "この件は、もう片づいています。"


# --- consents -------------------------------------------------------------------------------------


class BirthDateByOffice(Invalid):
    code = "birth_date_by_office"
    sentence = "生年月日を直すときは、センターにお電話ください。おとなの方と確かめて直します。"


class ConsentMissing(Refusal):
    code = "consent_missing"
    sentence = "「{what}」への同意がいります。「わたしのデータ」のページで、読んで選べます。"


class ConsentTextChanged(Refusal):
    code = "consent_text_changed"
    sentence = "開いていた画面のあとで、文が新しくなりました。もう一度読んで、選んでください。"
