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
