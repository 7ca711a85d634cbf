"""Refusals of the privacy room."""

from kyojo.kernel.errors import Refusal


class ErasureStands(Refusal):
    code = "erasure_stands"
    sentence = "消去は、もう受け付けています。「わたしのデータ」のページで、進み方を見られます。"


class ErasureOver(Refusal):
    code = "erasure_over"
    sentence = "この消去は、もう始まったか、終わっています。取り下げられません。"


class StillOpen(Refusal):
    code = "erasure_still_open"
    sentence = (
        "まだ消去できません。先に終わらせるもの：{what}。終わらせるか取り消してから、"
        "もう一度お試しください。"
    )


class SecondOfficerNeeded(Refusal):
    code = "erasure_second_officer_needed"
    sentence = "申し出を入れた職員とは別の職員が確かめます。ほかの職員にお願いしてください。"


class ConsentNeeded(Refusal):
    code = "consent_needed"
    sentence = (
        "この同意は、登録そのものです。やめるときは、「わたしのデータ」の「記録を消す」から"
        "申し出るか、センターにお電話ください。"
    )
