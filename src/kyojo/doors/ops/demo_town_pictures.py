"""Pictures for the demo's towns, drawn from a few shapes: faces of nobody, and a tidy flower bed."""

from io import BytesIO

from PIL import Image, ImageDraw

SIZE = 480
#: Ground, clothes, hair.
LOOKS = {
    "moss": ("#dfe8d6", "#4b6b4f", "#9a9a94"),
    "sky": ("#d8e5ee", "#3f5f78", "#3a322d"),
    "sand": ("#efe6d8", "#8a5f3c", "#5a4a40"),
    "plum": ("#ece0e6", "#6f4a60", "#c9c4bd"),
}
SKIN, LINE = "#f0cfae", "#5b4636"


def face(look: str) -> bytes:
    """Somebody who smiles a little, as a JPEG."""
    ground, clothes, hair = LOOKS[look]
    image = Image.new("RGB", (SIZE, SIZE), ground)
    draw = ImageDraw.Draw(image)
    draw.ellipse((70, 350, 410, 690), fill=clothes)
    draw.rounded_rectangle((205, 300, 275, 390), 30, fill=SKIN)
    draw.ellipse((130, 80, 350, 320), fill=hair)
    draw.ellipse((145, 120, 335, 345), fill=SKIN)
    draw.pieslice((140, 90, 340, 260), 185, 355, fill=hair)
    for left in (190, 268):
        draw.ellipse((left, 215, left + 22, 241), fill=LINE)
    draw.arc((195, 230, 285, 300), 25, 155, fill=LINE, width=7)
    return _written(image)


def flower_bed() -> bytes:
    """A bed after the weeding, as a JPEG."""
    image = Image.new("RGB", (640, SIZE), "#d9e6ee")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 190, 640, SIZE), fill="#b9a889")
    draw.rounded_rectangle((50, 240, 590, 440), 24, fill="#7b5d43")
    for number, colour in enumerate(("#c65b5b", "#e0b04a", "#b06aa3", "#f2f0e6", "#c65b5b")):
        x = 110 + number * 105
        draw.line((x, 380, x, 300), fill="#4b6b4f", width=10)
        draw.ellipse((x - 34, 330, x - 2, 350), fill="#5f8562")
        draw.ellipse((x - 28, 262, x + 28, 318), fill=colour)
        draw.ellipse((x - 9, 281, x + 9, 299), fill="#f6e7b0")
    return _written(image)


def _written(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "JPEG", quality=85)
    return written.getvalue()
