"""A credential inside a picture, as Open Badges 3.0 bakes it into SVG (§5.3.2) and PNG (§5.3.1).
Pure."""

import re
from html import escape
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

#: The chunk of a PNG that holds the credential, once and not compressed.
KEYWORD = "openbadgecredential"
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


def baked_png(png: bytes, token: str) -> bytes:
    """``png`` with the signed credential in an iTXt chunk of its own, and with no other text."""
    with Image.open(BytesIO(png), formats=("PNG",)) as picture:
        info = PngInfo()
        info.add_itxt(KEYWORD, token, zip=False)
        written = BytesIO()
        picture.save(written, "PNG", pnginfo=info, optimize=True)
    return written.getvalue()
