from io import BytesIO

import pytest
from PIL import Image

from kyojo.kernel.pictures import PictureWrong, picture_cleaned


def picture(size=(40, 20), kind="JPEG", mode="RGB", **how) -> bytes:
    written = BytesIO()
    Image.new(mode, size, "red").save(written, kind, **how)
    return written.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways
    exif[0x010F] = "SECRETCAM"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif)


def test_nothing_of_the_sender_s_file_remains_and_it_stands_upright():
    sent = with_place() + b"PK hidden behind the picture"
    assert b"SECRETCAM" in sent
    kept = picture_cleaned(sent)
    assert b"SECRETCAM" not in kept
    assert b"hidden" not in kept
    with Image.open(BytesIO(kept)) as seen:
        assert seen.format == "JPEG"
        assert seen.size == (20, 40)
        assert not seen.getexif()


def test_a_large_picture_is_made_smaller_and_keeps_its_shape():
    with Image.open(BytesIO(picture_cleaned(picture((4000, 3000)), longest_px=800))) as seen:
        assert seen.size == (800, 600)


def test_what_can_be_seen_through_becomes_white():
    clear = BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(clear, "PNG")
    with Image.open(BytesIO(picture_cleaned(clear.getvalue()))) as seen:
        assert min(seen.getpixel((4, 4))) > 250


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture()[:200],
        picture(kind="GIF"),
        b"\x00" * (15 * 1024 * 1024 + 1),
    ],
    ids=["nothing", "text", "svg", "torn", "gif", "heavy"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data):
    with pytest.raises(PictureWrong) as refused:
        picture_cleaned(data, field="photo")
    assert refused.value.field == "photo"
    assert "JPEG" in refused.value.message()
