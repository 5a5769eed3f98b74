"""The rest of the world: a row in every table of case data that the one case of `world` leaves empty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from alerts.models import (
    CoveredAlert,
    DeliveryAttempt,
    ExtensionRequest,
    InformationRound,
    LowerNotice,
    OutsideAnswer,
    OutsideChange,
    ProviderReceipt,
    RequestNote,
    RoleEnding,
)  # fmt: skip
from cases.models import CaseSeal, IdentityConfirmation
from cases.models.upload import PhotoUploadPart
from tests.project.canaries import protected_models


def fill(world: Any) -> None:
    """Add the rows that are missing, as another end of the same case would have left them."""
    samples, by = world.samples, world.people["owner_officer"]
    silent, now = ExtensionRequest.objects.get(pk=samples["silent_request"]), timezone.now()
    IdentityConfirmation.objects.create(
        case_id=samples["case"], recovery_id=samples["recovery"], officer=by, agency_id=samples["agency"],
        method="document",
    )  # fmt: skip
    PhotoUploadPart.objects.create(upload_id=samples["upload"], offset=0, content=b"first part")
    DeliveryAttempt.objects.create(delivery_id=samples["delivery"], number=9, outcome="retry", detail="451 later")
    CoveredAlert.objects.create(national_id=samples["alert"], request=silent)
    InformationRound.objects.create(
        request=silent, number=1, questions=[], text="Is the border road open?", text_language="en", asked_by=by,
        answers={"road": "Closed at night."}, answer_text="Closed at night.", answer_language="en", answered_at=now,
        answered_by=by,
    )  # fmt: skip
    RequestNote.objects.create(
        request=silent, kind="cancellation_question", text="Please cancel.", language="en", written_by=by
    )
    OutsideChange.objects.create(
        request=silent, number="NM-16", area="Luna County", channels=[], starts_at=now,
        expires_at=now + timedelta(hours=2), time_zone="America/Denver", text="A boy is missing.", text_language="en",
        link="https://alerts.example/nm-16", recorded_by=by, correction="recorded_wrongly",
    )  # fmt: skip
    OutsideAnswer.objects.create(
        request=silent, step="acknowledge", channel="telephone", name="Officer Nightshift", position="Dispatcher",
        answered_at=now, recorded_by=by,
    )  # fmt: skip
    RoleEnding.objects.create(
        role="reader", case_id=samples["case"], agency_id=samples["agency"], ends_at=now, hours_before=24
    )
    ProviderReceipt.objects.create(provider="first", provider_key="SM1", report="delivered", content={})
    LowerNotice.objects.create(request=silent, level="be_on_lookout", recorded_by=by)
    CaseSeal.objects.create(
        case_id=samples["case"],
        reason="integrity",
        sealed_by=by,
        lifted_at=now,
        lifted_by=by,
        lift_reason="reason_ended",
    )
    missing = [model._meta.label for model in protected_models() if not model._base_manager.exists()]
    assert missing == [], missing
