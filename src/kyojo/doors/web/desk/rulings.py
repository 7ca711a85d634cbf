"""What the office rules about held coins: noting the answers of both sides, and the second look."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from kyojo.help.support import services

from .access import DeskRequest, staff
from .forms import AppealDecideForm, RulingAnswerForm, SettleForm
from .visits import answer_form


@staff("POST")
def settle(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Rule about a dispute, with words to both. The coins move once nobody may object any more."""
    user = request.desk.user

    def act(data: dict[str, Any]) -> None:
        services.dispute_resolve(visit_uid=uid, by=user, **ruled(data))

    form = SettleForm(request.POST)
    return answer_form(request, uid, form, "決めました。おふたりにお知らせしました", act)


@staff("POST")
def answer(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Note 「わかりました」 or an objection of somebody who telephoned, wrote or came."""
    user = request.desk.user

    def act(data: dict[str, Any]) -> None:
        said = {"visit_uid": uid, "by": user, "role": data["role"], "basis": data["basis"]}
        if data["answer"] == "accept":
            services.ruling_accept(**said)
        else:
            services.ruling_appeal(**said, words=data["words"])

    return answer_form(request, uid, RulingAnswerForm(request.POST), "お返事を記録しました", act)


@staff("POST", officer=True)
def appeal(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Decide an objection to what another officer ruled; it is carried out at once."""
    user = request.desk.user

    def act(data: dict[str, Any]) -> None:
        services.appeal_decide(visit_uid=uid, by=user, **ruled(data))

    form = AppealDecideForm(request.POST)
    return answer_form(request, uid, form, "異議の申し立てを決め、おふたりにお知らせしました", act)


def ruled(data: dict[str, Any]) -> dict[str, Any]:
    """What a form that decides about coins says, as the services want it."""
    part = data.get("paid_coins") if data["resolution"] == "pay_part" else None
    return {"resolution": data["resolution"], "paid_coins": part, "words": data["words"]}
