"""Refusals of the matching room."""

from kyojo.kernel.errors import Invalid, Refusal


class RequestNotOpen(Refusal):
    code = "matching_request_not_open"
    sentence = (
        "この依頼は、もう決まったか、取り消されています。ページを開きなおして確かめてください。"
    )


class RequestPast(Refusal):
    code = "matching_request_past"
    sentence = "お願いした時間がすぎています。日時を選びなおして、もう一度たのんでください。"


class CandidateGone(Refusal):
    code = "candidate_gone"
    sentence = "この人は、{reason}。ほかの人から選べます。コインは動いていません。"


class DirectAskStands(Refusal):
    code = "direct_ask_stands"
    sentence = (
        "ほかの人にお願いして、返事を待っています。"
        "待つか、そのお願いを取り下げてから、つぎの人にお願いしてください。"
    )


class BroadcastStands(Refusal):
    code = "broadcast_stands"
    sentence = (
        "もう声をかけて、返事を待っています。ページを開きなおすと、いまのようすが見られます。"
    )


class NobodyToAsk(Refusal):
    code = "nobody_to_ask"
    sentence = (
        "いま声をかけられる人がいません。時間を変えるか、コーディネーターにおまかせください。"
        "コインは動いていません。"
    )


class DecideUnknown(Invalid):
    code = "decide_unknown"
    sentence = "決め方を1つ選んでください。"


class WaitUntilWrong(Invalid):
    code = "wait_until_wrong"
    sentence = "いつまで待つかを、一覧から選びなおしてください。"


class OfferOver(Refusal):
    code = "matching_offer_over"
    sentence = "このお願いは、もう終わっています。ページを開きなおして確かめてください。"


class OfferAccepted(Refusal):
    code = "matching_offer_accepted"
    sentence = "相手がOKしました。取り消すときは、予定のページからお願いします。"


# --- helping once without a profile ---------------------------------------------------------------
class PostingNotPossible(Refusal):
    """A kind of help, or a wish, for which somebody unknown is not asked."""

    code = "posting_not_possible"
    sentence = (
        "この依頼は、登録のない人にはお願いできません。"
        "来られる人の一覧から選ぶか、コーディネーターにおまかせください。"
    )


class PostingTooLate(Refusal):
    code = "posting_too_late"
    sentence = (
        "お電話と本人確認に1日かかるため、24時間より先の依頼だけをのせられます。"
        "お急ぎのときは、コーディネーターにおまかせください。"
    )


class PostingOver(Refusal):
    code = "posting_over"
    sentence = "この募集は終わりました。ほかの募集から選べます。"


class PostingFull(Refusal):
    code = "posting_full"
    sentence = "この募集には、もう何人も申し込んでいます。ほかの募集から選べます。"


class ApplicantTooYoung(Invalid):
    code = "applicant_too_young"
    sentence = (
        "申し込めるのは、{years}歳からです。"
        "それより若い方は、おうちの方といっしょに、センターへお電話ください。"
    )


class ContactMissing(Invalid):
    code = "contact_missing"
    sentence = "電話番号かメールアドレスの、どちらかを入れてください。"


class ConsentOld(Invalid):
    code = "consent_old"
    sentence = "説明の文が新しくなりました。もう一度読んで、印をつけてください。"


class AppliedTooOften(Refusal):
    code = "applied_too_often"
    sentence = (
        "同じ連絡先からの申し込みは、1日に{most}回までです。"
        "あしたまた試すか、センターにお電話ください。"
    )


class TownBusy(Refusal):
    code = "applications_town_busy"
    sentence = "いま、申し込みがこみ合っています。1時間ほどあとに試すか、センターにお電話ください。"


class ApplicationOver(Refusal):
    code = "application_over"
    sentence = "この申し込みは、もう「{state}」です。ページを開きなおして確かめてください。"


class ApplicantOther(Refusal):
    code = "applicant_other"
    sentence = "選んだ会員は、ふりがなか生年月日が申し込みとちがいます。もう一度選んでください。"


class ApplicantKnown(Refusal):
    """Registered since the page was opened: by another application of the same person."""

    code = "applicant_known"
    sentence = (
        "ふりがなと生年月日が同じ会員が、いまはいます。同じ人かどうかを確かめて、"
        "もう一度選んでください。"
    )


class AnswerMissing(Invalid):
    code = "answer_missing"
    sentence = "お返事のことばを入れてください。申し込んだ人が、そのまま読みます。"


class SeriesPersonUnknown(Refusal):
    code = "series_person_unknown"
    sentence = "いつも来てもらう人は、このお願いで来た人の中から選んでください。"


class StillPromised(Refusal):
    code = "still_promised"
    sentence = (
        "返事を待っているお願いか、これからの支援があります。取り消すか、終わってから、"
        "記録とのつながりを消してください。"
    )


class BundleNobody(Refusal):
    code = "bundle_nobody"
    sentence = "お願いする人が、1人も選ばれていません。1つ以上選んでください。"


class BundleTwice(Refusal):
    code = "bundle_twice"
    sentence = (
        "同じ人に、重なる時間のお願いが2つあります。どちらかを、ほかの人にしてください。"
        "コインは動いていません。"
    )


# --- teams for projects ---------------------------------------------------------------------------
class ProjectTextMissing(Invalid):
    code = "project_text_missing"
    sentence = "{part}を入れてください。"


class SkillsMissing(Invalid):
    code = "project_skills_missing"
    sentence = "いることを、1つから{most}つまで選んでください。"


class TimesMissing(Invalid):
    code = "project_times_missing"
    sentence = "集まれる時間を、{meetings}つより多く選んでください。多いほど、人が見つかります。"


class ProjectNumberWrong(Invalid):
    code = "project_number_wrong"
    sentence = "{part}は、{least}から{most}の数字で入れてください。"


class StartsTooEarly(Invalid):
    code = "project_starts_too_early"
    sentence = "始める日は、あしたからあとの日にしてください。"


class AnswerUntilWrong(Invalid):
    code = "answer_until_wrong"
    sentence = "返事の期限は、いまからあとで、{last}までにしてください。"


class TeamNotWhole(Refusal):
    code = "team_not_whole"
    sentence = "いまの人では、人数か、いることがそろいません。人を足すか、替えてください。"


class MemberNotPossible(Refusal):
    code = "member_not_possible"
    sentence = "この人では、チームがそろわなくなりました。もう一度、一覧から選んでください。"


class ProjectStepNotPossible(Refusal):
    code = "project_step_not_possible"
    sentence = "いまは「{state}」です。ページを開きなおして確かめてください。"


class ContactLooksFirst(Refusal):
    """A young carer wished that their coordinator sees every request before anybody is asked."""

    code = "contact_looks_first"
    sentence = (
        "この依頼は、コーディネーターが先に見て、来る人をさがします。決まったら、お知らせします。"
        "自分でさがしたいときは、「わたし」の「相談できる人」で変えられます。"
    )
