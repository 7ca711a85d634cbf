"""Refusals of the safety room."""

from kyojo.kernel.errors import Invalid, Refusal


# --- emergencies ----------------------------------------------------------------------------------
class EmergencyOver(Refusal):
    code = "emergency_over"
    sentence = (
        "このお知らせは、もう終わっています。まだ助けがいるときは、もう一度押すか、お電話ください。"
    )


class EmergencyNotNow(Refusal):
    code = "emergency_not_now"
    sentence = (
        "この支援の時間の外なので、ここからは知らせられません。"
        "119か110、またはセンターにお電話ください。"
    )


class OutcomeMissing(Invalid):
    code = "outcome_missing"
    sentence = "どうなったかを、1つ選んでください。"


class WordsNeeded(Invalid):
    code = "words_needed"
    sentence = "{part}を、ひとこと書いてください。"


class WordsTooLong(Invalid):
    code = "words_too_long"
    sentence = "{part}は、{most}文字までにしてください。"


class DutyDaysMissing(Invalid):
    code = "duty_days_missing"
    sentence = "何曜日に受けるかを、1つ以上選んでください。"


class DutyStaffUnknown(Invalid):
    code = "duty_staff_unknown"
    sentence = "この町の職員の中から、1人選んでください。"


class DutyPhoneMissing(Invalid):
    code = "duty_phone_missing"
    sentence = "連絡のつく電話番号を入れてください。例：090-0000-0000"


# --- worries --------------------------------------------------------------------------------------
class SignMissing(Invalid):
    code = "sign_missing"
    sentence = "気になったことを、1つ以上選んでください。"


class GroundUnknown(Invalid):
    code = "ground_unknown"
    sentence = "ご本人の同意があるか、ないときはそのわけを、1つ選んでください。"


class GroundNotAbuse(Invalid):
    code = "ground_not_abuse"
    sentence = (
        "「虐待のおそれ」を選ぶときは、気になったことでも「虐待かもしれない」を選んでください。"
    )


class WorryNotYet(Refusal):
    code = "worry_not_yet"
    sentence = (
        "気になることは、訪問のときから30日のあいだ、ここで伝えられます。"
        "急ぐときは、センターにお電話ください。"
    )


class WorryOver(Refusal):
    code = "worry_over"
    sentence = "この件は、もう終わっています。新しいことがあれば、新しく伝えてください。"


class CentreNameMissing(Invalid):
    code = "centre_name_missing"
    sentence = "センターの名前を、80文字までで入れてください。"


# --- accidents ------------------------------------------------------------------------------------
class AccidentPartMissing(Invalid):
    code = "accident_part_missing"
    sentence = "「{part}」が、まだ書かれていません。"


class AccidentSent(Refusal):
    code = "accident_sent"
    sentence = "この報告は、保険会社に送ってあります。直すことがあれば、事務局にお電話ください。"


class AccidentStep(Refusal):
    code = "accident_step"
    sentence = "いまは、この操作はできません。画面を開きなおしてください。"


class AccidentDay(Invalid):
    code = "accident_day"
    sentence = "起きた日時は、いまより前にしてください。"
