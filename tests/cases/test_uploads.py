"""Photos that arrive in parts: interrupted anywhere they go on where they broke, and end as one photo (U32)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from agencies.refusals import ActRefused, NotPermitted
from alerts.management.commands import relay
from cases.imaging import PhotoRefused
from cases.models import Photo, PhotoUpload, PhotoUploadPart
from cases.services import uploads
from tests.project.conftest import photo_bytes
from tests.project.returned_forms import NONCE, signed_in
from tests.project.test_hostile_files import HOSTILE_PHOTOS

pytestmark = pytest.mark.django_db
RAW = photo_bytes()
HALF = len(RAW) // 2


def begin(client: Any, case: Any, size: int = len(RAW), name: str = "IMG_0001.jpg|1") -> dict[str, Any]:
    """Begin or find the upload of a file, as the page's script does."""
    address = reverse("cases:photo-upload-begin", args=[case.pk])
    answer = client.post(address, {"name": name, "size": size})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def patch(client: Any, url: str, offset: Any, content: bytes) -> Any:
    """Send one part."""
    return client.generic(
        "PATCH", url, content, "application/offset+octet-stream", headers={"Upload-Offset": str(offset)}
    )


def test_interrupted_upload_goes_on_where_it_broke(intake_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    begun = begin(client, intake_case)
    assert (begun["offset"], begun["url"]) == (0, reverse("cases:photo-upload", args=[intake_case.pk, begun["id"]]))
    assert patch(client, begun["url"], 0, RAW[:HALF]).json()["offset"] == HALF
    again = begin(signed_in(california_officer), intake_case)  # the page was loaded again, the same file chosen
    assert (again["id"], again["offset"]) == (begun["id"], HALF)
    done = patch(client, again["url"], HALF, RAW[HALF:])
    assert (done.status_code, done.json()["offset"]) == (200, len(RAW))
    form = {"photo-upload": begun["id"], "photo-publication_basis": "parental_consent", "nonce": NONCE}
    answers = [client.post(reverse("cases:photo-add", args=[intake_case.pk]), form) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    photo = Photo.objects.get()
    assert photo.child == intake_case.children.get() and photo.may_be_published
    assert not PhotoUpload.objects.exists() and not PhotoUploadPart.objects.exists()


def test_part_whose_answer_was_lost_may_come_again(intake_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    url = begin(client, intake_case)["url"]
    patch(client, url, 0, RAW[:HALF])
    repeat = patch(client, url, 0, RAW[:HALF])
    assert (repeat.status_code, repeat.json()["offset"]) == (200, HALF)
    ahead = patch(client, url, HALF + 5, RAW[HALF + 5 :])
    assert (ahead.status_code, ahead.json()["offset"]) == (409, HALF)
    assert client.get(url).json()["offset"] == HALF
    patch(client, url, HALF, RAW[HALF:])
    kept = b"".join(bytes(part.content) for part in PhotoUploadPart.objects.all())
    assert kept == RAW


@pytest.mark.parametrize("offset", ["", "-1", "x", "٣", "9" * 30])
def test_part_without_a_place_changes_nothing(offset: str, intake_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    url = begin(client, intake_case)["url"]
    assert patch(client, url, offset, RAW).status_code == 409
    assert not PhotoUploadPart.objects.exists()


def test_part_beyond_the_announced_size_is_refused(intake_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    url = begin(client, intake_case, size=HALF)["url"]
    assert patch(client, url, 0, RAW).status_code == 422
    assert patch(client, url, 0, b"").status_code == 409
    assert patch(client, url, 0, b"\xff\xd8\xff" + b"0" * uploads.MOST_PART_BYTES).status_code == 413
    assert not PhotoUploadPart.objects.exists()


def test_what_is_no_picture_is_refused_with_its_first_part(intake_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer, "es")
    url = begin(client, intake_case, size=5000)["url"]
    answer = patch(client, url, 0, b"MZ" + b"0" * 1000)
    assert answer.status_code == 422 and "JPEG" in answer.json()["message"]
    assert not PhotoUploadPart.objects.exists()


@pytest.mark.parametrize("name", sorted(HOSTILE_PHOTOS))
def test_hostile_photo_in_parts_leaves_nothing(name: str, intake_case: Any, california_officer: Any) -> None:
    raw = HOSTILE_PHOTOS[name]
    client = signed_in(california_officer, "fr")
    begun = client.post(reverse("cases:photo-upload-begin", args=[intake_case.pk]), {"name": "x", "size": len(raw)})
    if begun.status_code == 422:
        assert begun.json()["message"]
        assert not PhotoUpload.objects.exists()
        return
    answer = patch(client, begun.json()["url"], 0, raw)
    if answer.status_code == 200:
        form = {"photo-upload": begun.json()["id"], "nonce": NONCE}
        page = client.post(reverse("cases:photo-add", args=[intake_case.pk]), form)
        assert page.status_code == 422 and 'id="id_photo-photo_error"' in page.text
        assert not PhotoUpload.objects.exists()
    assert not Photo.objects.exists() and not PhotoUploadPart.objects.exists()


def test_unfinished_or_foreign_upload_becomes_no_photo(
    intake_case: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    client = signed_in(california_officer)
    begun = begin(client, intake_case)
    patch(client, begun["url"], 0, RAW[:HALF])
    add = reverse("cases:photo-add", args=[intake_case.pk])
    assert client.post(add, {"photo-upload": begun["id"], "nonce": NONCE}).status_code == 409
    assert client.post(add, {"photo-upload": "0190a5a0-0000-7000-8000-000000000000", "nonce": NONCE}).status_code == 409
    upload = PhotoUpload.objects.get()
    with pytest.raises(NotPermitted):
        uploads.receive_part(upload=upload, by=baja_coordinator, offset=HALF, content=RAW[HALF:])
    with pytest.raises(NotPermitted):
        uploads.add_arrived_photo(upload=upload, by=baja_coordinator)
    assert not Photo.objects.exists() and PhotoUpload.objects.get().received == HALF


def test_asked_program_neither_begins_nor_sees_an_upload(
    sent_request: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    case = sent_request.case
    url = begin(signed_in(california_officer), case)["url"]
    other = signed_in(baja_coordinator)
    address = reverse("cases:photo-upload-begin", args=[case.pk])
    assert other.post(address, {"name": "a", "size": 10}).status_code == 404
    assert other.get(url).status_code == patch(other, url, 0, RAW).status_code == 404


def test_colleague_goes_on_with_the_same_file(
    intake_case: Any, california_officer: Any, california_coordinator: Any
) -> None:
    first = begin(signed_in(california_officer), intake_case)
    assert begin(signed_in(california_coordinator), intake_case)["id"] == first["id"]
    assert begin(signed_in(california_coordinator), intake_case, name="another")["id"] != first["id"]
    assert "IMG_0001" not in str(list(PhotoUpload.objects.values()))


def test_unfinished_files_are_bounded_and_end_after_a_day(intake_case: Any, california_officer: Any) -> None:
    for number in range(uploads.MOST_OPEN):
        uploads.begin_upload(case=intake_case, by=california_officer, name=str(number), size=100)
    with pytest.raises(ActRefused):
        uploads.begin_upload(case=intake_case, by=california_officer, name="more", size=100)
    with pytest.raises(PhotoRefused):
        uploads.begin_upload(case=intake_case, by=california_officer, name="large", size=10 * 1024 * 1024 + 1)
    old = PhotoUpload.objects.first()
    PhotoUpload.objects.filter(pk=old.pk).update(begun_at=timezone.now() - uploads.KEPT - timedelta(minutes=1))
    assert uploads.expire_uploads in relay.PERIODIC
    assert uploads.expire_uploads() == 1
    assert uploads.expire_uploads() == 0
    assert PhotoUpload.objects.count() == uploads.MOST_OPEN - 1
    uploads.begin_upload(case=intake_case, by=california_officer, name="more", size=100)


def test_file_sent_with_the_form_is_the_newer_choice(intake_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    begun = begin(client, intake_case)
    form = {"photo-upload": begun["id"], "photo-photo": SimpleUploadedFile("a.jpg", RAW), "nonce": NONCE}
    assert client.post(reverse("cases:photo-add", args=[intake_case.pk]), form).status_code == 302
    assert Photo.objects.count() == 1 and PhotoUpload.objects.count() == 1


def test_page_names_what_has_not_arrived_and_works_without_the_script(
    intake_case: Any, california_officer: Any
) -> None:
    client = signed_in(california_officer, "fr")
    address = reverse("cases:case-detail", args=[intake_case.pk])
    before = client.get(address).text
    assert "js/upload.js" in before and 'type="file"' in before and "hidden" in before
    begin(client, intake_case)
    assert client.get(address).text.count("Choisissez") > before.count("Choisissez")
