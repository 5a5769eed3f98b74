"""The receiver keeps the photos of the sheet as they were released, and no other (U35)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import AlertProgram, AuditEvent
from alerts.models import KeptPhoto, KeptRequest
from alerts.services import requests
from cases.models import CaseAccess, Photo
from cases.services.facts import add_photo
from cases.services.parts import mark_parts
from tests.project.conftest import photo_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def pictured(active_case: Any, california_officer: Any) -> Any:
    """The case with a photo of the child, and one that shows nobody known."""
    add_photo(case=active_case, by=california_officer, raw=photo_bytes(), child=active_case.children.get())
    add_photo(case=active_case, by=california_officer, raw=photo_bytes())
    return active_case


@pytest.fixture
def declined(pictured: Any, california_officer: Any, baja_coordinator: Any) -> Any:
    """A request that Baja California declined, whose sight of the case is over."""
    item = requests.send_request(case=pictured, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    requests.acknowledge(request=item, by=baja_coordinator)
    requests.decide(request=item, by=baja_coordinator, decision="decline", reason="too_much_time")
    CaseAccess.objects.filter(case=pictured, agency__code="mx-bcn-amber").update(until=timezone.now())
    return KeptRequest.objects.get(request=item)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def photo_of(kept: Any, place: int = 1) -> str:
    return reverse("alerts:request-kept-photo", args=[kept.pk, place])


def test_receiver_keeps_the_photo_that_was_released_and_no_other(
    declined: Any, baja_coordinator: Any, quebec_coordinator: Any, california_officer: Any
) -> None:
    client, portrait = signed_in(baja_coordinator), Photo.objects.get(child__isnull=False)
    assert client.get(reverse("cases:photo-file", args=[portrait.pk])).status_code == 404
    page = client.get(reverse("alerts:request-kept", args=[declined.pk])).text
    assert photo_of(declined) in page
    assert declined.photos.count() == 1
    answer = client.get(photo_of(declined))
    assert (answer.status_code, answer.content) == (200, bytes(portrait.jpeg))
    assert client.get(photo_of(declined, 2)).status_code == 404
    for other in (quebec_coordinator, california_officer):
        assert signed_in(other).get(photo_of(declined)).status_code == 404
    photo = str(declined.photos.get().pk)
    event = AuditEvent.objects.get(also_shown__contains={"alerts.keptphoto": [photo]})
    assert (event.object_ids, event.case_id) == ([str(declined.pk)], declined.case_id)


def test_sheet_and_api_hold_the_photo(declined: Any, baja_coordinator: Any) -> None:
    client = signed_in(baja_coordinator)
    with_photo = client.get(reverse("alerts:request-kept-sheet", args=[declined.pk])).content
    assert client.get(f"/api/v1/kept-requests/{declined.pk}/").json()["photos"] == [photo_of(declined)]
    declined.photos.all().delete()
    without = client.get(reverse("alerts:request-kept-sheet", args=[declined.pk])).content
    assert with_photo.startswith(b"%PDF-")
    assert with_photo.count(b"/Type /Page\n") != without.count(b"/Type /Page\n") or len(with_photo) > len(without)


def test_police_only_photo_is_not_kept(pictured: Any, california_officer: Any, baja_coordinator: Any) -> None:
    portrait = Photo.objects.get(child__isnull=False)
    mark_parts(
        case=pictured, by=california_officer, keys=[f"photo:{portrait.pk}:row"], is_police_only=True, reason="law"
    )
    item = requests.send_request(case=pictured, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    requests.withdraw(request=item, by=california_officer, reason="child_found")
    assert KeptRequest.objects.get(request=item).sheet
    assert not KeptPhoto.objects.exists()


def test_of_what_was_sent_in_error_no_photo_stays(
    pictured: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    item = requests.send_request(case=pictured, program=AlertProgram.objects.get(code="mx-bcn"), by=california_officer)
    requests.withdraw(request=item, by=california_officer, reason="sent_in_error")
    assert KeptRequest.objects.get(request=item).sheet is None
    assert not KeptPhoto.objects.exists()
