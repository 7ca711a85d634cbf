"""Refusals of the community room."""

from kyojo.kernel.errors import Invalid, Refusal
from kyojo.kernel.errors import OrderDiffers as OrderDiffers

# --- messages -------------------------------------------------------------------------------------


class WordsMissing(Invalid):
    code = "words_missing"
    sentence = "ことばを入れてください。"


class WordsTooLong(Invalid):
    code = "words_too_long"
    sentence = "{limit}文字までです。いま{length}文字あります。短くしてください。"


class ThreadClosed(Refusal):
    code = "thread_closed"
    sentence = (
        "このメッセージは、もう書けません。用事があるときは、センターにお電話ください。"
        "センターからお伝えします。"
    )


class ContactTooEarly(Invalid):
    code = "contact_too_early"
    sentence = (
        "電話番号やメールアドレスは、来る人が決まってから書けます。その部分を消してください。"
    )


class TooMany(Refusal):
    code = "too_many"
    sentence = "短い時間にたくさん送っています。10分ほど待ってから、もう一度送ってください。"


class BasisMissing(Invalid):
    code = "basis_missing"
    sentence = "本人の希望を、どのように確かめたかを選んでください。"


# --- reports and cases ----------------------------------------------------------------------------


class ReasonMissing(Invalid):
    code = "reason_missing"
    sentence = "何があったかを、1つ以上選んでください。"


class ReportsTooMany(Refusal):
    code = "reports_too_many"
    sentence = "きょうは、たくさんの通報を受け付けました。続きは、センターにお電話ください。"


class CaseOver(Refusal):
    code = "case_over"
    sentence = "この相談は、もう終わっています。続けるときは、「もう一度開く」を押してください。"


class CaseNotOver(Refusal):
    code = "case_not_over"
    sentence = "この相談は、まだ終わっていません。"


class OutcomeMissing(Invalid):
    code = "outcome_missing"
    sentence = "どうなったかを、1つ選んでください。"


class DayWrong(Invalid):
    code = "day_wrong"
    sentence = "いつまで待つかを、あすから30日までの日で入れてください。"


class StepUnknown(Invalid):
    code = "step_unknown"
    sentence = "したことを、一覧から選んでください。"


class OwnerUnknown(Invalid):
    code = "owner_unknown"
    sentence = "担当者を、一覧から選んでください。この相談にかかわる人は、担当できません。"


# --- groups ---------------------------------------------------------------------------------------


class GroupClosed(Refusal):
    code = "group_closed"
    sentence = "このグループは、もう終わっています。"


class GroupLeadersOnly(Refusal):
    code = "group_leaders_only"
    sentence = "これは、グループの世話役だけができます。"


class GroupByInvitation(Refusal):
    code = "group_by_invitation"
    sentence = "このグループには、世話役からの招待で入れます。"


class GroupNeedsLeader(Refusal):
    code = "group_needs_leader"
    sentence = (
        "世話役がいなくなります。先に、ほかの人を世話役にしてください。"
        "ほかにだれもいないときは、グループを終えてください。"
    )


class GroupNameMissing(Invalid):
    code = "group_name_missing"
    sentence = "グループの名前を入れてください。"


class GroupAboutMissing(Invalid):
    code = "group_about_missing"
    sentence = "どんなグループかを、短く書いてください。"


class GroupForAdults(Refusal):
    code = "group_for_adults"
    sentence = "18歳になる前の方は、センターの人といっしょに入ります。センターにお電話ください。"


class GroupPersonUnknown(Invalid):
    code = "group_person_unknown"
    sentence = "その会員番号の人は見つかりません。番号を確かめてください。"


class GroupLeadsMany(Refusal):
    code = "group_leads_many"
    sentence = "世話役は、{most}つのグループまでです。"


class PostsTooMany(Refusal):
    code = "posts_too_many"
    sentence = "お知らせは、1日に{most}回までです。続きは、あす書いてください。"
