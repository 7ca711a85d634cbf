"""Refusals of the people room."""

from kyojo.kernel.errors import Invalid, Refusal

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


class RoleMissing(Invalid):
    code = "role_missing"
    sentence = "どのように使うかを、1つ以上選んでください。"


class AlreadyRegistered(Refusal):
    code = "already_registered"
    sentence = "このログインは、もう登録がすんでいます。「わたし」のページから直せます。"


class OrderDiffers(Refusal):
    code = "order_differs"
    sentence = "この操作は、前にちがう内容で受け付けています。画面を開きなおして確かめてください。"


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
