"""Refusals about another mail address of a login, lost keys, and who really is there. Imported by
``errors``."""

from kyojo.kernel.errors import Invalid, Refusal

# --- another mail address -------------------------------------------------------------------------


class MailSame(Invalid):
    code = "mail_same"
    sentence = "いまと同じアドレスです。新しいアドレスを入れてください。"


class MailChangeTooOften(Refusal):
    code = "mail_change_too_often"
    sentence = (
        "きょうは、もう{most}回お送りしました。あすお試しになるか、センターにお電話ください。"
    )


class MailChangeOver(Refusal):
    code = "mail_change_over"
    sentence = (
        "この数字は、もう使えません（{minutes}分たったか、新しい数字をお送りしました）。"
        "アドレスを入れて、もう一度受け取ってください。"
    )


class MailCodeWrong(Invalid):
    code = "mail_code_wrong"
    sentence = "数字がちがいます。新しいアドレスにとどいた6けたを、入れてください。"


class MailTaken(Refusal):
    """Told to nobody but who has proven that the address is theirs, or to the office."""

    code = "mail_taken"
    sentence = (
        "このアドレスは、もう別のログインに使われています。アドレスはそのままです。"
        "センターにお電話ください。"
    )


class MailChangeGone(Refusal):
    code = "mail_change_gone"
    sentence = "元に戻せるのは、変わってから{days}日までです。画面を開きなおして確かめてください。"


# --- a login's second factor, and who really is there ---------------------------------------------


class CodeTooOften(Refusal):
    code = "second_code_too_often"
    sentence = (
        "数字が何度もちがいました。{minutes}分たってから、もう一度お試しください。"
        "心あたりがないときは、同僚の職員かセンターに知らせてください。"
    )


class CodeWrong(Invalid):
    code = "second_code_wrong"
    sentence = "数字がちがいます。アプリにいま出ている6けたを、入れてください。"


class QuestionsTooOften(Refusal):
    code = "questions_too_often"
    sentence = (
        "質問のこたえがちがったので、しばらく止めています。"
        "メールのリンクで入りなおすか、センターにお電話ください。"
    )


class FactorResetOpen(Refusal):
    code = "factor_reset_open"
    sentence = "この人の消す手続きは、もう始まっています。一覧から、続きをしてください。"


class FactorResetOwn(Refusal):
    code = "factor_reset_own"
    sentence = "自分の鍵は、ここでは消せません。ほかの職員2人にお願いしてください。"


class FactorResetSamePerson(Refusal):
    code = "factor_reset_same_person"
    sentence = "顔を確かめた人とは別の職員が、決めます。ほかの職員にお願いしてください。"


class FactorResetDecided(Refusal):
    code = "factor_reset_decided"
    sentence = "この手続きは、もう終わっています。画面を開きなおして確かめてください。"
