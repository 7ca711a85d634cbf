"""The receipt: for the two who gave and received, and for anyone who wants to check one."""

import io
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kyojo.civic.municipalities.selectors import municipality_by_code
from kyojo.civic.people import coins
from kyojo.help.support import proofs, selectors
from kyojo.help.support.domain import TROUBLE
from kyojo.help.support.receipts import ReceiptView, receipt_by_code
from kyojo.help.support.selectors import VisitView
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import duration, jdate_plain
from kyojo.ledger.log.errors import SideForgotten
from kyojo.ledger.log.receipts import Receipt

from ..http import as_file
from . import proving
from .access import member, person_of

TEXT = "text/plain; charset=utf-8"
#: Modules of white around a QR code, without which phones do not find it.
QR_QUIET = 4


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


# --- for the two ----------------------------------------------------------------------------------


def _own(request: HttpRequest, uid: UUID) -> tuple[VisitView, ReceiptView]:
    """Raises ``NotFound`` for everybody but the carer and the supporter of a paid visit."""
    view = selectors.visit_for(person_of(request), uid)
    if view.role not in ("carer", "supporter") or not view.receipt_code:
        raise NotFound()
    return view, receipt_by_code(view.receipt_code)


@member
def own(request: HttpRequest, uid: UUID) -> HttpResponse:
    """05b, for the carer and the supporter of the visit."""
    view, found = _own(request, uid)
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
            "purse": coins.purse(person_of(request)),
            "record": _record(view, found),
            "tab": "home" if view.role == "carer" else "help",
        },
    )


def _record(view: VisitView, found: ReceiptView) -> dict[str, Any]:
    """「みんなで確かめられる記録」: how it stands, and the person's own files."""
    every = proofs.proofs_of(found)
    mine = {one.transfer for one, _ in proofs.own_movements(found, role=view.role)}
    files = [
        {
            "place": number,
            "words": proving.place(proof),
            "logged_at": proof.logged_at,
            "seen": [(name, proving.moment(at)) for name, at in proof.seen_by.items()],
        }
        for number, proof in enumerate((one for one in every if one.movement.transfer in mine), 1)
        if proof.is_logged
    ]
    qr = None
    if files:
        receipt, is_opened = _own_receipt(view, found, files[0]["place"])
        data = proofs.fit_for_qr(receipt)
        qr = {
            "fits": data is not None,
            "is_opened": data is not None and is_opened and data == receipt.encode(),
        }
    return {"state": proving.state_of(every, found), "files": files, "qr": qr}


def _own_receipt(view: VisitView, found: ReceiptView, place: int) -> tuple[Receipt, bool]:
    """The person's own file, and whether their side is open in it: not after it was erased.

    Raises ``NotFound``, ``NotLoggedYet``.
    """
    mine = proofs.own_movements(found, role=view.role)
    if not 1 <= place <= len(mine):
        raise NotFound()
    movement, side = mine[place - 1]
    try:
        return proofs.receipt_own(movement=movement, side=side), True
    except SideForgotten:
        return proofs.receipt_public(movement=movement), False


@member
@require_safe
def own_file(request: HttpRequest, uid: UUID, place: int) -> HttpResponse:
    """The person's proof, their own side opened: for nobody else, and kept by no cache."""
    view, found = _own(request, uid)
    receipt, _ = _own_receipt(view, found, place)
    return _file(receipt, f"kyojo-{found.code}-{place}-own", caching="private, no-store")


@member
@require_safe
def own_qr(request: HttpRequest, uid: UUID, place: int) -> HttpResponse:
    """The same as a QR code; without the opened side where only that fits."""
    view, found = _own(request, uid)
    data = proofs.fit_for_qr(_own_receipt(view, found, place)[0])
    if data is None:
        raise NotFound()
    picture = io.BytesIO()
    code = segno.make(data, error="l", mode="byte", micro=False, boost_error=False)
    code.save(picture, kind="svg", border=QR_QUIET, dark="#000", light="#fff", omitsize=True)
    response = HttpResponse(picture.getvalue(), content_type="image/svg+xml")
    response["Cache-Control"] = "private, no-store"
    return response


# --- for anyone -----------------------------------------------------------------------------------


@require_safe
def public(request: HttpRequest, code: str) -> HttpResponse:
    """Verified while it is opened, step by step. Needs no login; opens no side."""
    found = receipt_by_code(code)
    every = proofs.proofs_of(found)
    state = proving.state_of(every, found)
    response = render(
        request,
        "visits/receipt_public.html",
        {
            "municipality": municipality_by_code(found.giver_id),
            "found": found,
            "receipt": _shown(found, with_qr=False),
            "state": state,
            "checks": proving.checks(every, found) if state in ("verified", "wrong") else [],
            "codes": proving.trouble_codes(every, found),
            "files": proving.files(every),
            "logs": {proof.slug: proof.town for proof in every},
        },
    )
    # What was true a moment ago is not what is asked.
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def public_file(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """The proof for everybody: the same bytes for whoever asks, with no side opened."""
    found = receipt_by_code(code)
    every = proofs.movements_of(found)
    if not 1 <= place <= len(every):
        raise NotFound()
    receipt = proofs.receipt_public(movement=every[place - 1])
    return _file(receipt, f"kyojo-{found.code}-{place}", caching="no-cache")


def _file(receipt: Receipt, name: str, *, caching: str) -> HttpResponse:
    return as_file(receipt.encode(), f"{name}.kyojo-receipt", TEXT, cache=caching)
