"""The receipt: for the two who gave and received, and for anyone who wants to check one."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kyojo.civic.people import coins
from kyojo.help.support import selectors
from kyojo.help.support.domain import TROUBLE
from kyojo.help.support.receipts import ReceiptView, receipt_by_code
from kyojo.help.support.selectors import VisitView
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import duration, jdate_plain

from .access import member, person_of


def _shown(found: ReceiptView, *, with_qr: bool) -> dict[str, Any]:
    rows = [
        ("したこと", f"{found.category.name} {duration(found.booked_minutes)}", ""),
        ("した日", jdate_plain(found.visited_on), found.place_town),
        ("渡した人", "ケアする人", found.giver_town),
        ("受けた人", "サポーター", found.taker_town),
    ]
    url = settings.BASE_URL + reverse("receipt", args=[found.code])
    return {
        "moment": found.at,
        "number": found.code,
        "rows": rows,
        "amount": found.coins,
        "verify_url": url if with_qr else "",
    }


def _party(view: VisitView, role: str, town: str) -> dict[str, Any]:
    card = view.carer if role == "carer" else view.supporter
    label = "あなた" if view.role == role else f"{card['family_name']}さん"
    return {"name": card["name"], "seed": card["seed"], "label": label, "town": town}


@member
def own(request: HttpRequest, uid: UUID) -> HttpResponse:
    """05b, for the carer and the supporter of the visit."""
    person = person_of(request)
    view = selectors.visit_for(person, uid)
    if view.role not in ("carer", "supporter") or not view.receipt_code:
        raise NotFound()
    found = receipt_by_code(view.receipt_code)
    return render(
        request,
        "visits/receipt.html",
        {
            "visit": view,
            "receipt": _shown(found, with_qr=True),
            "giver": _party(view, "carer", found.giver_town),
            "taker": _party(view, "supporter", found.taker_town),
            # Trouble is told to the office; only thanks reach the other side with the coins.
            "is_thanked": view.review is not None and view.review.rating != TROUBLE,
            "returned": view.amount_coins - found.coins,
            "purse": coins.purse(person),
            "tab": "home" if view.role == "carer" else "help",
        },
    )


def public(request: HttpRequest, code: str) -> HttpResponse:
    """What anyone may see: roles, towns, what, when, how many coins. Needs no login."""
    found = receipt_by_code(code)
    return render(
        request,
        "visits/receipt_public.html",
        {"found": found, "receipt": _shown(found, with_qr=False)},
    )
