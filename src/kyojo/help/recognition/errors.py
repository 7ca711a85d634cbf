"""Refusals of the recognition room."""

from kyojo.kernel.errors import Invalid, Refusal


class MailMissing(Refusal):
    code = "badge_mail_missing"
    sentence = (
        "メールアドレスがないので、ご本人のしるしを入れられません。なくても、バッジは使えます。"
    )


class BadgeRevoked(Refusal):
    code = "badge_revoked"
    sentence = "このバッジは取り消されています。わけは、センターにお聞きください。"


class TooYoungForPage(Refusal):
    code = "badge_too_young"
    sentence = "{years}歳になるまでは、だれでも見られるページは作れません。画面と紙では使えます。"


class TooManyOnCard(Refusal):
    code = "badges_too_many"
    sentence = (
        "カードにのせられるバッジは{most}つまでです。"
        "ほかのバッジを外してから、もう一度選んでください。"
    )


class NotSignedYet(Refusal):
    code = "badge_not_signed"
    sentence = "署名しているところです。1分ほどしてから、もう一度開いてください。"


class ReasonMissing(Invalid):
    code = "revoke_reason_missing"
    sentence = "取り消すわけを、{most}字までで書いてください。ご本人に、このまま伝わります。"


class PeriodWrong(Invalid):
    code = "certificate_period"
    sentence = (
        "期間を確かめてください。はじめの日は、おわりの日より前で、どちらも今日までの日です。"
    )


class PeriodTooLong(Invalid):
    code = "certificate_period_long"
    sentence = "一度に証明できるのは{years}年分までです。期間を分けてください。"


class NothingToCertify(Refusal):
    code = "certificate_nothing"
    sentence = "この期間に、終わって確かめられた手伝いがありません。期間を変えてください。"


class TooFewPeople(Refusal):
    code = "certificate_too_few"
    sentence = (
        "この期間は、人数が少ないため、証明書を出せません。"
        "だれのことか分かってしまうのを防ぐためです。期間を長くしてください。"
    )
