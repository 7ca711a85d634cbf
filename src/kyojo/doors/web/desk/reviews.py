"""What the two said of a visit, at the desk: read, kept from being seen, shown again."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.help.support.domain import TROUBLE, tags_of
from kyojo.help.support.models import Review, Visit
from kyojo.help.support.selectors import reviews_of_visit
from kyojo.help.support.services import review_hide, review_show
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form
from ..http import page_refused, redirect_saying
from .access import DeskRequest, staff


class HideForm(Form):
    reason = forms.CharField(
        label="見えないようにするわけ",
        max_length=200,
        help_text="書いた人に、このまま伝わります。",
    )


def reviews_context(visit: Visit) -> list[dict[str, Any]]:
    """Everything said of a visit, with what may be done about it."""
    return [
        {
            "uid": review.uid,
            "by": visit.carer_card.get("name", "")
            if review.writer_role == "carer"
            else visit.supporter_card.get("name", ""),
            "kind": "お返事" if review.kind == Review.Kind.ANSWER else "評価",
            "rating": review.get_rating_display() if review.rating else "",
            "tags": [words[tag] for tag in review.tags if tag in words],
            "message": review.message,
            "at": review.at,
            "is_trouble": review.rating == TROUBLE,
            "opens": review.reveals_at
            if review.revealed_at is None
            and review.reveals_at is not None
            and review.reveals_at > clock.now()
            else None,
            "hidden_at": review.hidden_at,
            "hidden_reason": review.hidden_reason,
            "form": HideForm(auto_id=f"hide-{review.uid}-%s"),
        }
        for review in reviews_of_visit(visit.uid)
        for words in [tags_of(review.writer_role)]
    ]


@staff("POST")
def hide(request: DeskRequest, uid: UUID, review: UUID) -> HttpResponse:
    back = reverse("desk-visit", args=[uid])
    try:
        review_hide(
            visit_uid=uid,
            review_uid=review,
            by=request.desk.user,
            reason=request.POST.get("reason", ""),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=back)
    return redirect_saying(request, back, "見えないようにしました。書いた人に、わけを伝えました。")


@staff("POST")
def show(request: DeskRequest, uid: UUID, review: UUID) -> HttpResponse:
    back = reverse("desk-visit", args=[uid])
    try:
        review_show(visit_uid=uid, review_uid=review, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=back)
    return redirect_saying(request, back, "また見えるようにしました。")
