"""Files that must not come in are refused within a second, say why, leave nothing and fetch nothing."""

from __future__ import annotations

import io
import socket
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import html
from PIL import ExifTags, Image, PngImagePlugin

from agencies.models import Agency
from cases.models import Case, Document, Photo
from tests.project.conftest import photo_bytes
from tests.project.returned_forms import NONCE, TAGS, assert_error_beside, signed_in, stored

pytestmark = pytest.mark.django_db
SAMPLE = (Path(__file__).parent.parent / "samples" / "partner_amber_alert.xml").read_bytes()

# CAP files


def cap_bomb() -> bytes:
    """Return a message whose entities would grow a billionfold."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return SAMPLE.replace(b"<alert", f'<!DOCTYPE alert [<!ENTITY l0 "ha">{laughs}]><alert'.encode(), 1).replace(
        b"<sender>", b"<sender>&l9;"
    )


def external(target: str) -> bytes:
    """Return a message that asks its reader to fetch something."""
    return SAMPLE.replace(b"<alert", f'<!DOCTYPE alert [<!ENTITY x SYSTEM "{target}">]><alert'.encode(), 1).replace(
        b"<sender>", b"<sender>&x;"
    )


HOSTILE_CAP = {
    "empty": b"",
    "a blank": b" ",
    "not XML": b"\x00\x01\x02" * 100,
    "HTML": b"<html><body>alert</body></html>",
    "truncated": SAMPLE[: len(SAMPLE) // 2],
    "truncated by one sign": SAMPLE.rstrip()[:-1],
    "another namespace": SAMPLE.replace(b"emergency:cap:1.2", b"emergency:cap:9.9"),
    "billion laughs": cap_bomb(),
    "external file": external("file:///etc/passwd"),
    "external address": external("http://127.0.0.1:9/x"),
    "deep": SAMPLE.replace(b"</alert>", b"<x>" * 5000 + b"</x>" * 5000 + b"</alert>"),
    "wide": SAMPLE.replace(b"</alert>", b"<x/>" * 400_000 + b"</alert>"),
    "over 5 MB": SAMPLE + b" " * (5 * 1024 * 1024),
    "over 13 MB": SAMPLE + b" " * (13 * 1024 * 1024),
    "JPEG": photo_bytes(),
}


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Note every attempt of Python to reach another host, and refuse it."""
    tried: list[Any] = []

    def refuse(self: Any, address: Any) -> None:
        tried.append(address)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tried


def timed(send: Callable[[], Any]) -> Any:
    """Send something; the answer must come within a second. A busy machine gets three tries."""
    fastest = 99.0
    for _try in range(3):
        started = time.monotonic()
        response = send()
        fastest = min(fastest, time.monotonic() - started)
        if fastest < 1:
            break
    assert fastest < 1
    return response


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", sorted(HOSTILE_CAP))
def test_hostile_cap_is_refused_at_once_and_leaves_nothing(
    name: str, language: str, california_officer: Any, no_network: list[Any]
) -> None:
    client = signed_in(california_officer, language)
    page_address = reverse("alerts:cap-import")
    client.get(page_address)
    form = {"agency": Agency.objects.get(code="us-ca-chp").pk, "nonce": NONCE}

    def send() -> Any:
        upload = SimpleUploadedFile("alert.xml", HOSTILE_CAP[name], "application/xml")
        return client.post(page_address, {**form, "file": upload})

    response = timed(send)
    assert response.status_code in (413, 422)
    assert stored() == (0, 0, 0)
    assert no_network == []
    page = html.fromstring(response.text)
    assert page.get("lang") == TAGS[language]
    assert_error_beside(page, "file", None)
    if name.startswith("over"):
        assert "MB" in page.xpath('//*[@id="id_file_error"]')[0].text_content()


@pytest.mark.parametrize("name", sorted(HOSTILE_CAP))
def test_hostile_cap_by_the_api_is_refused_at_once_and_leaves_nothing(
    name: str, california_officer: Any, no_network: list[Any]
) -> None:
    client = signed_in(california_officer)
    client.get("/api/v1/cases/")
    address, kind = "/api/v1/cases/import/", "application/cap+xml"
    response = timed(lambda: client.generic("POST", address, HOSTILE_CAP[name], content_type=kind))
    assert response.status_code in (400, 413)
    assert response.json()["detail"]
    assert stored() == (0, 0, 0)
    assert no_network == []


def test_good_cap_is_imported(california_officer: Any) -> None:
    """Without this every file could be refused."""
    client = signed_in(california_officer)
    upload = SimpleUploadedFile("alert.xml", SAMPLE)
    form = {"agency": Agency.objects.get(code="us-ca-chp").pk, "file": upload, "nonce": NONCE}
    assert client.post(reverse("alerts:cap-import"), form).status_code == 302
    assert bytes(Document.objects.get().content) == SAMPLE


def test_message_imported_twice_is_refused_and_leads_to_the_first(
    california_officer: Any, california_coordinator: Any
) -> None:
    agency = Agency.objects.get(code="us-ca-chp").pk
    for number, person in enumerate((california_officer, california_officer, california_coordinator)):
        response = signed_in(person).post(
            reverse("alerts:cap-import"),
            {"agency": agency, "file": SimpleUploadedFile("alert.xml", SAMPLE), "nonce": f"{NONCE}-{number}"},
        )
        assert response.status_code == (422 if number else 302)
    assert stored()[:2] == (1, 1)
    assert Case.objects.get().reference in response.text


def test_message_imported_by_another_agency_tells_nothing_of_the_first(
    california_officer: Any, quebec_coordinator: Any
) -> None:
    for person, code in ((california_officer, "us-ca-chp"), (quebec_coordinator, "ca-qc-sq")):
        response = signed_in(person).post(
            reverse("alerts:cap-import"),
            {"agency": Agency.objects.get(code=code).pk, "file": SimpleUploadedFile("a.xml", SAMPLE), "nonce": NONCE},
        )
        assert response.status_code == 302
    assert stored()[:2] == (2, 2)


def test_nobody_imports_for_an_agency_of_others(california_officer: Any) -> None:
    form = {"agency": Agency.objects.get(code="ca-qc-sq").pk, "file": SimpleUploadedFile("a.xml", SAMPLE)}
    response = signed_in(california_officer).post(reverse("alerts:cap-import"), {**form, "nonce": NONCE})
    assert response.status_code == 422
    assert stored() == (0, 0, 0)


# Photos


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(side: int) -> bytes:
    """Return a PNG of some hundred kilobytes that unpacks to `side` × `side` pixels."""
    rows = zlib.compress(b"\x00" * (side // 8 + 1) * side, 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def saved(kind: str, size: tuple[int, int] = (60, 80)) -> bytes:
    """Return a picture in a format."""
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><rect width="9" height="9"/></svg>'
HOSTILE_PHOTOS = {
    "empty": b"",
    "SVG": SVG,
    "SVG with a declaration": b'<?xml version="1.0"?>\n' + SVG,
    "HTML": b"<html><script>alert(1)</script></html>",
    "GIF": saved("GIF"),
    "TIFF": saved("TIFF"),
    "BMP": saved("BMP"),
    "PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
    "truncated JPEG": saved("JPEG", (600, 800))[:900],
    "truncated PNG": saved("PNG", (600, 800))[:-200],
    "JPEG's first bytes only": b"\xff\xd8\xff\xe0" + b"\x00" * 100,
    "decompression bomb": png_bomb(30_000),
    "26 million pixels": png_bomb(5_200),
    "header that promises the moon": png_bomb(8).replace(struct.pack(">II", 8, 8), struct.pack(">II", 10**9, 10**9)),
    "over 10 MB": photo_bytes() + b"\x00" * (10 * 1024 * 1024),
    "over 13 MB": photo_bytes() + b"\x00" * (13 * 1024 * 1024),
}


@pytest.mark.parametrize("name", sorted(HOSTILE_PHOTOS))
def test_hostile_photo_is_refused_at_once_and_leaves_nothing(
    name: str, intake_case: Case, california_officer: Any, no_network: list[Any]
) -> None:
    client = signed_in(california_officer, "fr")
    client.get("/cases/")
    before = stored()
    form = {"photo-publication_basis": "parental_consent", "nonce": NONCE}

    def send() -> Any:
        upload = SimpleUploadedFile("child.jpg", HOSTILE_PHOTOS[name], "image/jpeg")
        return client.post(reverse("cases:photo-add", args=[intake_case.pk]), {**form, "photo-photo": upload})

    response = timed(send)
    assert response.status_code in (413, 422)
    assert stored() == before
    assert no_network == []
    page = html.fromstring(response.text)
    assert page.get("lang") == "fr-CA"
    assert_error_beside(page, "photo-photo", None)
    assert page.xpath('//*[@name="photo-publication_basis"]/option[@selected]/@value') == ["parental_consent"]
    if name.startswith("over"):
        words = page.xpath('//*[@id="id_photo-photo_error"]')[0].text_content()
        assert "10" in words


def photo_with_everything(kind: str) -> bytes:
    """Return a picture that tells where, when, by whom and with what it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Artist] = "SecretCamera", "SecretPerson"
    exif[ExifTags.Base.DateTime], exif[ExifTags.Base.Orientation] = "2026:11:20 03:15:00", 6
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (32.0, 32.0, 4.0), 3: "W", 4: (117.0, 2.0, 3.0)})
    options: dict[str, Any] = {"exif": exif}
    if kind == "JPEG":
        options |= {"comment": b"SecretComment", "xmp": b"<x:xmpmeta>SecretXmp</x:xmpmeta>"}
    elif kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Description", "SecretComment")
        options["pnginfo"] = info
    else:
        options["xmp"] = b"<x:xmpmeta>SecretXmp</x:xmpmeta>"
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "navy").save(out, kind, **options)
    return out.getvalue() + b"SecretTrailer<script>"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photo_keeps_its_pixels_and_nothing_else(kind: str, intake_case: Case, california_officer: Any) -> None:
    raw = photo_with_everything(kind)
    assert b"Secret" in raw
    assert Image.open(io.BytesIO(raw)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    response = signed_in(california_officer).post(
        reverse("cases:photo-add", args=[intake_case.pk]),
        {"photo-photo": SimpleUploadedFile("IMG_0001.jpg", raw), "nonce": NONCE},
    )
    assert response.status_code == 302
    kept = bytes(Photo.objects.get().jpeg)
    for trace in (b"Secret", b"Exif", b"xmpmeta", b"ICC_PROFILE", b"2026:11:20", b"script"):
        assert trace not in kept
    picture = Image.open(io.BytesIO(kept))
    assert picture.format == "JPEG"
    assert dict(picture.getexif()) == {}
    assert picture.size == (80, 60)  # upright, as the removed orientation said
    served = signed_in(california_officer).get(reverse("cases:photo-file", args=[Photo.objects.get().pk]))
    assert served.content == kept
    assert "IMG_0001" not in str(served.headers)
