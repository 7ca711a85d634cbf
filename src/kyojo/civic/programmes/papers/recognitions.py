"""What people take along to show what they did: a badge on paper, a certificate. As PDF.

Plain values in, bytes out. ``qr`` is the address at which anybody can check the paper.
"""

from dataclasses import dataclass
from datetime import date

from kyojo.kernel.wording import jdate_era

from .cards import _qr
from .typesetting import drawn, typeset


@dataclass(frozen=True, slots=True)
class BadgePaper:
    """``picture``: the badge as SVG; ``address``: where it is checked, "" where nobody can."""

    name: str
    description: str
    criteria: str
    holder: str
    awarded_on: date
    town: str
    office: str
    picture: str
    address: str = ""


def badge_pdf(paper: BadgePaper, *, made_on: date) -> bytes:
    """A badge on A5. Raises ``GlyphsMissing``."""
    return typeset(
        "badge",
        {
            "title": paper.name,
            "author": paper.town,
            "holder": f"{paper.holder} 様",
            "description": paper.description,
            "criteria": paper.criteria,
            "awarded": jdate_era(paper.awarded_on),
            "town": paper.town,
            "office": paper.office,
            "picture": paper.picture,
            "alt": f"バッジ「{paper.name}」の絵",
            "qr": _qr(paper.address) if paper.address else "",
            "qr-alt": "このバッジを確かめるページのQRコード",
            "address": paper.address,
        },
        made_on=made_on,
    )


def badge_png(picture: str) -> bytes:
    """The badge's picture, given as SVG, as a PNG of 512 pixels on nothing."""
    return drawn("badge-picture", {"picture": picture}, width_px=512, width_pt=240)


@dataclass(frozen=True, slots=True)
class CertificatePaper:
    """``rows``: what and how much, as it is read; ``sums`` the same for the totals. ``code`` and
    ``address``: how and where anybody checks it."""

    title: str
    to: str
    since: date
    until: date
    sentence: str
    sums: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str], ...]
    issued_on: date
    issuer: tuple[str, ...]
    code: str
    address: str
    note: str = ""


def certificate_pdf(paper: CertificatePaper, *, made_on: date) -> bytes:
    """A certificate on A4. Raises ``GlyphsMissing``."""
    return typeset(
        "certificate",
        {
            "title": paper.title,
            "author": paper.issuer[0] if paper.issuer else "",
            "to": paper.to,
            "sentence": paper.sentence,
            "facts": [
                ["期間", f"{jdate_era(paper.since)} から {jdate_era(paper.until)} まで"],
                *[list(one) for one in paper.sums],
            ],
            "rows": [list(one) for one in paper.rows],
            "issued": jdate_era(paper.issued_on),
            "issuer": list(paper.issuer),
            "code": paper.code,
            "address": paper.address,
            "qr": _qr(paper.address),
            "qr-alt": "この証明書を確かめるページのQRコード",
            "note": paper.note,
        },
        made_on=made_on,
    )
