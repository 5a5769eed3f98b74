"""Portraits that nobody can take for a photo: a colored silhouette under the word DEMO."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 600, 750
WORD = "DEMO"


def draw_portrait(background: str, shirt: str, hair: str) -> bytes:
    """Return a drawing of a head and shoulders as PNG; the colors are names or #rrggbb."""
    image = Image.new("RGB", (WIDTH, HEIGHT), background)
    pen = ImageDraw.Draw(image)
    middle = WIDTH // 2
    pen.ellipse((middle - 150, 95, middle + 150, 430), fill=hair)
    pen.rounded_rectangle((middle - 45, 360, middle + 45, 520), 30, fill="#c9a27e")
    pen.ellipse((middle - 115, 140, middle + 115, 420), fill="#d9b48f")
    pen.rounded_rectangle((middle - 235, 470, middle + 235, HEIGHT + 120), 150, fill=shirt)
    pen.rectangle((0, 590, WIDTH, 720), fill="white")
    pen.text((middle, 655), WORD, font=ImageFont.load_default(size=120), fill="black", anchor="mm")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
