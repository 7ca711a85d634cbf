"""A town's log for people: what it is, how long, who confirms it, how to check it oneself."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.selectors import municipality_by_slug
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support.proofs import confirmed_by
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger.log import selectors
from kyojo.ledger.tlog.errors import TlogError
from kyojo.ledger.types import TransferCode

#: Adding up a whole ledger for everybody who looks would be a way to keep it busy.
SUMS_SECONDS = 300
SUMS = (
    (TransferCode.ISSUE, "発行した"),
    (TransferCode.DISTRIBUTE, "ケアする人に配った"),
    (TransferCode.SUPPORT, "手伝いのお礼に動いた"),
    (TransferCode.GIFT, "家族などに贈られた"),
    (TransferCode.DONATION, "寄付された"),
    (TransferCode.EXPIRY, "期限がきて戻った"),
    (TransferCode.CLEARING, "ほかの町と清算した"),
    (TransferCode.CORRECTION, "まちがいを直した"),
)
#: Shown also where nothing was moved yet: a town without expiries should say so.
ALWAYS = {
    TransferCode.ISSUE, TransferCode.DISTRIBUTE, TransferCode.SUPPORT, TransferCode.EXPIRY,
}  # fmt: skip


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """``/log/<slug>/``, for everyone."""
    municipality = municipality_by_slug(slug)
    url = f"{settings.BASE_URL}/log/{slug}"
    with tenant(municipality.id):
        context = {"municipality": municipality, "url": url, **_log(municipality)}
        return render(request, "log/log.html", context)


def _log(municipality: Municipality) -> dict[str, Any]:
    """Inside the town's tenant; ``published`` is None before the first checkpoint."""
    try:
        head = selectors.log_head(ledger=municipality.id)
        published = selectors.checkpoint_published(ledger=municipality.id)
    except NotFound:
        return {"published": None}
    try:
        seen, trouble = confirmed_by(own=municipality, head=head, published=published), ""
    except TlogError as error:
        seen, trouble = {}, error.code
    return {
        "head": head,
        "published": published,
        "seen": list(seen.items()),
        "trouble": trouble,
        "sums": cache.get_or_set(
            f"log-sums:{municipality.id}:{published.root.hex()}",
            lambda: _sums(municipality.id),
            SUMS_SECONDS,
        ),
    }


def _sums(ledger: int) -> list[dict[str, Any]]:
    """By kind of movement, since the beginning: how often, and how many coins."""
    found = ledger_selectors.totals_by_code(
        ledger=ledger, since=ledger_selectors.BEGINNING, until=clock.now()
    )
    return [
        {
            "words": words,
            "count": found[code].count if code in found else 0,
            "amount": found[code].amount if code in found else 0,
        }
        for code, words in SUMS
        if code in found or code in ALWAYS
    ]
