"""A photo over a weak link: the network is cut midway, it goes on by itself, and after a reload with the same file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import Visitor
from tests.browser.steps import make_people, open_case
from tests.portal import wait_until

OFFICER = "nadia@california.example"


def large_photo() -> bytes:
    """Return a picture that does not compress: about a megabyte."""
    size = (640, 560)
    out = io.BytesIO()
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.browser
def test_cut_upload_continues_by_itself_and_after_a_reload(
    chromium: Any, portal: Any, own_database: str, django_db_blocker: Any, tmp_path: Path
) -> None:
    from cases.models import Photo, PhotoUpload

    def arrived() -> int:
        with django_db_blocker.unblock():
            upload = PhotoUpload.objects.first()
            return upload.received if upload else 0

    def wait(condition: Any, what: str) -> None:
        wait_until(lambda: condition() or page.wait_for_timeout(50), seconds=40, what=what)

    with django_db_blocker.unblock():
        make_people([(OFFICER, "us-ca-chp", "es", "America/Los_Angeles")])
    raw = large_photo()
    file = tmp_path / "IMG_0001.png"
    file.write_bytes(raw)
    visitor = Visitor(chromium, portal, "es")
    case_url = open_case(visitor, OFFICER, {"child-given_names": "Ximena"}, {})
    page = visitor.page
    link = visitor.context.new_cdp_session(page)
    link.send("Network.enable")

    def slow(offline: bool) -> None:
        speed = {"offline": offline, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 400_000}
        link.send("Network.emulateNetworkConditions", speed)

    slow(offline=False)
    page.set_input_files("[name=photo-photo]", file)
    wait(lambda: arrived() > 0, "a first part arrives")
    slow(offline=True)
    page.wait_for_selector("[data-upload-line][data-state=interrupted]")
    assert "continúa" in page.inner_text("[data-upload-line]")
    part = arrived()
    assert 0 < part < len(raw)
    slow(offline=False)
    wait(lambda: arrived() > part, "the upload goes on by itself")
    page.goto(case_url)  # whoever leaves the page loses nothing either
    assert page.locator("#photo-add ~ form .notice").count() == 1
    sent: list[int] = []
    page.on("request", lambda request: sent.append(1) if request.method == "PATCH" else None)
    before = arrived()
    page.set_input_files("[name=photo-photo]", file)
    with page.expect_navigation():
        page.click("form[action$='/photos/'] button")  # pressed at once: it waits for the rest
    assert "Recibido a las" in page.inner_text(".messages")
    assert len(sent) <= (len(raw) - before) // (128 * 1024) + 1, "only the rest was sent"
    with django_db_blocker.unblock():
        assert Photo.objects.count() == 1 and not PhotoUpload.objects.exists()
        assert (Photo.objects.get().width, Photo.objects.get().height) == (640, 560)
    visitor.close()
