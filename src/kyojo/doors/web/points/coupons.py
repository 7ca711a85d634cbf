"""参加店の券: a member's own approved application as coupons, and their paper."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kyojo.civic.earnings import selectors, shop_selectors
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.services import coupons_make
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused, redirect_saying
from . import coupon_paper, own_papers, reads


def _mine(request: HttpRequest, code: str, uid: UUID) -> Redemption:
    """Raises ``NotFound`` for anybody else's application."""
    ruled = reads.programme(code)
    found = selectors.redemption_by_uid(uid)
    if (found.programme_id, found.person_id) != (ruled.programme.pk, person_of(request).pk):
        raise NotFound()
    return found


@members_only
@require_POST
def make(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Take what was approved as coupons. A coupon that the office made void is replaced there."""
    redemption = _mine(request, code, uid)
    back = reverse("me-points-one", args=[code])
    if shop_selectors.coupons_of([redemption]):
        again = "券は、もうできています。"
        gone = "使える券は、もうありません。なくしたときは、事務局に聞いてください。"
        return redirect_saying(request, back, again if coupon_paper.usable(redemption) else gone)
    try:
        made = coupons_make(uid=uid, by=request.user)  # type: ignore[arg-type]
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=back)
    said = f"{len(made)}枚の券ができました。「券のPDF」から、印刷するか、画面で見せてください。"
    return redirect_saying(request, back, said)


@members_only
@require_safe
def paper(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """The member's own coupons that can still be used."""
    redemption = _mine(request, code, uid)
    try:
        content = coupon_paper.pdf(redemption)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=reverse("me-points-one", args=[code]))
    return own_papers.answer(content, coupon_paper.file_name(redemption))
