"""A town's log as files, for programs: ``/log/<slug>/checkpoint`` and what stands under it.

Public, the same for everyone, and only what a published checkpoint covers. The addresses, types
and caching are those of c2sp.org/tlog-tiles; what does not exist (yet) is 404 and never cached.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kyojo.civic.municipalities.selectors import municipality_by_slug
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel.errors import NotFound
from kyojo.ledger.log import selectors
from kyojo.ledger.log.policy import policy_of
from kyojo.ledger.tlog.errors import TileMalformed
from kyojo.ledger.tlog.tiles import tile_path_parse

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
#: A tile's content belongs to its name for ever.
FOR_EVER = "public, max-age=31536000, immutable"
#: A newer checkpoint may be there at any moment; a browser and a proxy ask each time.
ASK_AGAIN = "no-cache"

Answer = tuple[bytes, str, str]


def served(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """``view(ledger, slug, …) -> (body, content type, caching)`` inside the town's tenant, as a
    Django view."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, slug: str, **names: Any) -> HttpResponse:
        try:
            municipality = municipality_by_slug(slug)
            with tenant(municipality.id):
                body, content_type, caching = view(municipality.id, slug, **names)
            response = HttpResponse(body, content_type=content_type)
        except (NotFound, TileMalformed):
            caching = "no-store"
            response = HttpResponse("not found\n", content_type=TEXT, status=404)
        response["Cache-Control"] = caching
        # A page of anybody may verify the log in its reader's browser.
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


@served
def checkpoint(ledger: int, slug: str) -> Answer:
    """The newest checkpoint that met the quorum, with its cosignatures."""
    return selectors.checkpoint_published(ledger=ledger).note, TEXT, ASK_AGAIN


@served
def tile(ledger: int, slug: str, name: str) -> Answer:
    """``tile/<L>/<N>[.p/<W>]`` and ``tile/entries/<N>[.p/<W>]``."""
    wanted = tile_path_parse(name)
    if wanted.level is None:
        body = selectors.entries(ledger=ledger, index=wanted.index, width=wanted.width)
    else:
        body = selectors.tile(
            ledger=ledger, level=wanted.level, index=wanted.index, width=wanted.width
        )
    return body, BYTES, FOR_EVER


@served
def key(ledger: int, slug: str) -> Answer:
    """The log's public key (a vkey). Whoever trusts it should have it from elsewhere, too."""
    return f"{selectors.log_head(ledger=ledger).key}\n".encode(), TEXT, ASK_AGAIN


@served
def policy(ledger: int, slug: str) -> Answer:
    """The policy to verify this log with (c2sp.org/tlog-policy): key, address, witnesses."""
    head = selectors.log_head(ledger=ledger)
    text = policy_of(key=head.key, url=f"{settings.BASE_URL}/log/{slug}")
    return text.encode("utf-8", "surrogateescape"), TEXT, ASK_AGAIN
