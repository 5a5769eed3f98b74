"""Photos: only the pixels are kept, so that no place, time or device travels with a child's picture."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from agencies.refusals import ActRefused

FORMATS = ["JPEG", "PNG", "WEBP"]
LONGEST_SIDE = 1600  # pixels; enough for a letter-size poster at 200 dots per inch
QUALITY = 85


@dataclass(frozen=True)
class CleanPhoto:
    """A JPEG without metadata."""

    jpeg: bytes
    width: int
    height: int
    sha256: str


class PhotoRefused(ActRefused):
    """The file is not a picture that we take."""


def refuse_unless_picture(head: bytes) -> None:
    """Refuse a file whose first bytes are not those of a picture we take, before the rest of it is sent.

    This spares a weak link ten megabytes; whether the picture is sound is judged by `clean_photo`.
    """
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if not (is_webp or head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))):
        raise PhotoRefused(_("The file is not a JPEG, PNG or WebP picture."))


def clean_photo(raw: bytes) -> CleanPhoto:
    """Return the picture re-encoded from its pixels, upright, at most 1600 pixels long.

    Takes JPEG, PNG and WebP. Refuses with `PhotoRefused` what is too large in bytes or pixels, damaged, or
    anything else; dimensions are checked before any pixel is decoded (security §3, uploads).
    """
    if len(raw) > settings.CASES_PHOTO_MAX_BYTES:
        raise PhotoRefused(_("The photo is larger than 10 MB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
                if opened.width * opened.height > settings.CASES_PHOTO_MAX_PIXELS:
                    raise PhotoRefused(_("The photo has more than 25 million pixels."))
                upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(_("The file is not a JPEG, PNG or WebP picture.")) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PhotoRefused(_("The photo is damaged or incomplete.")) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A new image from the pixels alone: nothing that was attached to the old one is carried over.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    jpeg = out.getvalue()
    return CleanPhoto(jpeg, bare.width, bare.height, hashlib.sha256(jpeg).hexdigest())
