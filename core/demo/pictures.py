"""Product pictures for the demo, drawn here: a coloured ground, a round thing on it, and a line of text."""

import io
from zlib import crc32

from flask import current_app
from PIL import Image, ImageDraw, ImageFont

from core.documents import fonts
from core.files.rules import Accepted
from core.files.services import open_upload

GROUNDS = ("#f3d9c9", "#dfe7d3", "#d7e3ea", "#f1e2b8", "#e6d9ea", "#dcd6cb")
THINGS = ("#b8543a", "#6b8a4b", "#3f6f8c", "#c79a2b", "#7d5a8c", "#6f5b45")


def picture(text: str, size: tuple[int, int]) -> Accepted:
    """A picture of ``size`` pixels that says ``text``, as if it had been uploaded."""
    number = crc32(text.encode()) % len(GROUNDS)
    image = Image.new("RGB", size, GROUNDS[number])
    draw = ImageDraw.Draw(image)
    width, height = size
    unit = min(size)
    middle = (width // 2, int(height * 0.45))
    for share, shade in ((0.33, "#ffffff"), (0.27, THINGS[number]), (0.12, GROUNDS[number])):
        radius = int(unit * share)
        draw.ellipse((middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius), fill=shade)
    path = str(fonts.files(current_app.config["HOME"])[700])
    font = ImageFont.truetype(path, max(14, min(unit // 11, int(width * 1.6 / max(8, len(text))))))
    draw.text((width // 2, int(height * 0.88)), text, font=font, fill="#2b2622", anchor="mm")
    data = io.BytesIO()
    image.save(data, "PNG")
    data.seek(0)
    return open_upload(data, ("image",), f"{text}.png")
