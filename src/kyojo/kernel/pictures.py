"""Pictures that people send: read, made smaller, written anew. Knows no Django.

What is kept is a JPEG of our own writing, so that nothing of the sender's file remains: no place,
no camera, no name, nothing hidden behind the picture.
"""

from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import Invalid

#: What a phone's camera writes is below; what is above is no picture for us.
BYTES_MAX = 15 * 1024 * 1024
PIXELS_MAX = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_PX = 1600
QUALITY = 82


class PictureWrong(Invalid):
    code = "picture_wrong"
    sentence = "写真として読めませんでした。JPEGかPNGの写真（15MBまで）を選んでください。"


def picture_cleaned(data: bytes, *, longest_px: int = LONGEST_PX, field: str = "picture") -> bytes:
    """The picture in ``data`` as a JPEG without anything else: turned as it was held, at most
    ``longest_px`` pixels wide and high. Raises ``PictureWrong``."""
    if not data or len(data) > BYTES_MAX:
        raise PictureWrong(field=field)
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > PIXELS_MAX:
                raise PictureWrong(field=field)
            opened.draft("RGB", (2 * longest_px, 2 * longest_px))  # read no finer than needed
            upright = ImageOps.exif_transpose(opened)
            flat = Image.new("RGB", upright.size, "white")
            seen = upright.convert("RGBA")
            flat.paste(seen, mask=seen.getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise PictureWrong(field=field) from None
    flat.thumbnail((longest_px, longest_px))
    written = BytesIO()
    flat.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
