"""Reading QR codes from what is on a screen, as a phone does."""

import base64

import numpy as np
import zxingcpp

#: Chromium itself turns its picture into grey pixels; a page without a content policy does it.
GREY = """async (data) => {
  const picture = await createImageBitmap(await (await fetch(data)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const drawing = canvas.getContext("2d");
  drawing.drawImage(picture, 0, 0);
  const colours = drawing.getImageData(0, 0, picture.width, picture.height).data;
  let grey = "";
  for (let at = 0; at < colours.length; at += 4) grey += String.fromCharCode(colours[at]);
  return [picture.width, picture.height, btoa(grey)];
}"""


def scanned(page, locator=None) -> list[bytes]:
    """What the QR codes say that ``page`` shows, all of it or one part of it."""
    data = (locator or page).screenshot()
    blank = page.context.new_page()
    width, height, grey = blank.evaluate(
        GREY, f"data:image/png;base64,{base64.b64encode(data).decode()}"
    )
    blank.close()
    pixels = np.frombuffer(base64.b64decode(grey), dtype=np.uint8).reshape(height, width)
    return [found.bytes for found in zxingcpp.read_barcodes(pixels)]
