"""What the demo draws is taken in like what a phone sends."""

from io import BytesIO

import pytest
from PIL import Image

from kyojo.doors.ops.demo_town_pictures import LOOKS, SIZE, face, flower_bed
from kyojo.kernel.pictures import picture_cleaned


def size_of(picture: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(picture_cleaned(picture))) as opened:
        return opened.size


@pytest.mark.parametrize("look", LOOKS)
def test_a_face_is_square_and_the_same_each_time(look):
    assert size_of(face(look)) == (SIZE, SIZE)
    assert face(look) == face(look)


def test_faces_can_be_told_apart():
    assert len({face(look) for look in LOOKS}) == len(LOOKS)


def test_the_photo_of_the_work_is_wider_than_high():
    wide, high = size_of(flower_bed())
    assert wide > high
