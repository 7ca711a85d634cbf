"""A credential inside a picture, as Open Badges 3.0 bakes it into SVG (§5.3.2). Pure."""

import re
from html import escape

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_ROOT = re.compile(r"<svg\b[^>]*>")


def baked(svg: str, token: str) -> str:
    """``svg`` with the signed credential in it, directly behind its first tag."""
    found = _ROOT.search(svg)
    if found is None:
        raise ValueError("no svg")
    root = found[0].replace("<svg", f'<svg xmlns:openbadges="{NAMESPACE}"', 1)
    element = f'<openbadges:credential verify="{escape(token)}"></openbadges:credential>'
    return svg[: found.start()] + root + element + svg[found.end() :]
