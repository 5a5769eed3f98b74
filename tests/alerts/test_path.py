"""The thin path through the services, end to end."""

from __future__ import annotations

import pytest

from agencies.models import AuditEvent
from alerts import delivery
from alerts.models import Delivery, PublicAlert
from alerts.services.issuing import cancel
from cases.services.recoveries import confirm_identity, report_located


@pytest.mark.django_db
def test_path_from_case_to_cancel(active_alert, active_case, california_officer, baja_coordinator, mailoutbox):
    case = active_case
    assert active_alert.status == "active"
    while delivery.send_due():
        pass
    to_radio = [mail for mail in mailoutbox if mail.to == ["redaccion@radio-frontera.example"]]
    assert len(to_radio) == 1
    assert "shorts rojos" in to_radio[0].body.lower() or "short rojo" in to_radio[0].body.lower()
    child = case.children.get()
    recovery = report_located(
        child=child, by=baja_coordinator, located_at=case.opened_at, time_zone="America/Tijuana", place="Tijuana",
        subdivision=active_alert.program.subdivision, condition="unharmed",
        holding_agency=active_alert.program.agency,
    )  # fmt: skip
    assert not confirm_identity(recovery=recovery, by=baja_coordinator, method="document")
    assert PublicAlert.objects.get().is_live
    assert confirm_identity(recovery=recovery, by=california_officer, method="document")
    active_alert.refresh_from_db()
    case.refresh_from_db()
    assert active_alert.status == "cancelled"
    assert case.status == "recovered"
    assert not PublicAlert.objects.get().is_live
    assert not PublicAlert.objects.get().texts.exists()
    while delivery.send_due():
        pass
    cancels = Delivery.objects.filter(message__msg_type="Cancel")
    assert [row.state for row in cancels] == ["sent"]
    assert AuditEvent.objects.filter(action="alert.activate").count() == 1
    assert cancel is not None
