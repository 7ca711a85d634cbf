"""A badge and a certificate as files: the signed credential, the picture with it, the paper."""

import json
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.programmes.papers.recognitions import (
    BadgePaper,
    CertificatePaper,
    badge_pdf,
    badge_png,
    certificate_pdf,
)
from kyojo.help.recognition import selectors
from kyojo.help.recognition.baking import baked, baked_png
from kyojo.help.recognition.credentials import enveloped
from kyojo.help.recognition.errors import NotSignedYet
from kyojo.help.recognition.models import Certificate
from kyojo.help.recognition.selectors import BadgeView
from kyojo.help.recognition.services.signing import certificate_rows, certificate_sums
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..http import as_file
from .picture import badge_svg

#: What stands small under the figures.
NOTES = {
    "student": "来たことが確かめられた手伝いだけを数えています。"
    "手伝った先の方のことは、のせていません。",
    "company": "少ない人数の数字は、だれのことか分かってしまうため、公開していません。",
}
#: What Open Badges 3.0 asks for a compact JWS.
JWT = "text/plain; charset=utf-8"


def badge_answer(view: BadgeView, town: Municipality, form: str) -> HttpResponse:
    """The badge as ``jwt``, ``json``, ``svg`` or ``png``. Raises ``NotFound``, ``NotSignedYet``."""
    picture = partial(badge_svg, view.says, town=town.name)
    makers: dict[str, tuple[Callable[[], str | bytes], str]] = {
        "jwt": (lambda: view.badge.token, JWT),
        "json": (lambda: json.dumps(enveloped(view.badge.token)), "application/json"),
        "svg": (lambda: baked(picture(), view.badge.token), "image/svg+xml"),
        "png": (lambda: baked_png(badge_png(picture()), view.badge.token), "image/png"),
    }
    if form not in makers:
        raise NotFound()
    if not view.badge.token:
        raise NotSignedYet()
    make, content_type = makers[form]
    return as_file(make(), f"kyojo-badge-{view.says.code}.{form}", content_type)


def badge_paper(view: BadgeView, town: Municipality) -> HttpResponse:
    """The badge on paper, for its holder. Raises ``GlyphsMissing``."""
    badge, says = view.badge, view.says
    address = settings.BASE_URL + reverse("badge", args=[badge.uid]) if badge.is_public else ""
    content = badge_pdf(
        BadgePaper(
            name=says.name,
            description=says.description,
            criteria=says.criteria,
            holder=badge.person.name,
            awarded_on=clock.local(badge.awarded_at).date(),
            town=town.name,
            office=town.office_name,
            picture=badge_svg(says, town=town.name),
            address=address,
        ),
        made_on=clock.today(),
    )
    return as_file(content, f"kyojo-badge-{says.code}.pdf")


def certificate_paper(paper: Certificate, town: Municipality) -> HttpResponse:
    """The certificate on paper. Raises ``GlyphsMissing``."""
    is_company = paper.kind == Certificate.Kind.COMPANY
    name = selectors.certificate_name(paper)
    content = certificate_pdf(
        CertificatePaper(
            title=str(Certificate.Kind(paper.kind).label),
            to=f"{name} {'御中' if is_company else '様'}",
            since=paper.since,
            until=paper.until,
            sentence=_sentence(paper, town),
            sums=tuple(certificate_sums(paper)),
            rows=tuple(certificate_rows(paper)),
            issued_on=clock.local(paper.made_at).date(),
            issuer=(town.name, town.office_name, f"電話 {town.office_phone}"),
            code=paper.code,
            address=settings.BASE_URL + reverse("certificate", args=[paper.code]),
            note=NOTES[paper.kind],
        ),
        made_on=clock.local(paper.made_at).date(),
    )
    return as_file(content, f"kyojo-{paper.code}.pdf")


def _sentence(paper: Certificate, town: Municipality) -> str:
    if paper.kind == Certificate.Kind.COMPANY:
        return (
            f"貴社の従業員の方が、下記の期間に、{town.name}などの共助の活動で、"
            "次のとおり手伝いをされたことを証明します。"
        )
    return (
        f"あなたが、下記の期間に、{town.name}の共助の活動で、"
        "次のとおり手伝いをされたことを証明します。"
    )
