"""What happens outside the portal (U8): a program's own alert, and answers by telephone that the asker records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from agencies import access
from agencies.models import AlertProgram, AuditEvent, Subdivision
from agencies.refusals import ActRefused, NotPermitted, TransitionConflict
from alerts import clocks, permissions
from alerts.desk_items import what_needs
from alerts.models import Alert, AlertMessage, Duty, LowerNotice, Notice, OutsideActivation, OutsideAnswer, PublicAlert
from alerts.services import cancellations, discharge, lower_levels, outside, request_endings, requests
from cases.services.recoveries import confirm_identity, report_located

pytestmark = pytest.mark.django_db
NONCE = "the-nonce-of-one-form"


def own_alert(**changes: Any) -> outside.OutsideAlert:
    """Return an alert of Baja California's own system."""
    now = timezone.now()
    values = {
        "number": "BC-2026-9", "area": "Tijuana", "channels": ["broadcast", "social"],
        "starts_at": now - timedelta(minutes=5), "expires_at": now + timedelta(hours=20),
        "time_zone": "America/Tijuana", "text": "Se busca.", "text_language": "es",
    }  # fmt: skip
    return outside.OutsideAlert(**(values | changes))


def told(**changes: Any) -> outside.Informant:
    """Return who answered on the telephone."""
    values = {"name": "Sgt. Noor", "position": "Watch commander", "answered_at": timezone.now(), "channel": "phone"}
    return outside.Informant(**(values | changes))


def recover(case: Any, *officers: Any) -> None:
    """Let one officer report the child as found and all of them confirm who it is."""
    recovery = report_located(
        child=case.children.get(), by=officers[0], located_at=timezone.now(), time_zone="America/Tijuana",
        place="Tijuana", subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed",
        holding_agency=access.agencies(officers[0], "view_cases").get(),
    )  # fmt: skip
    for officer in officers:
        confirm_identity(recovery=recovery, by=officer, method="document")


@pytest.fixture
def activated_outside(accepted_request: Any, baja_coordinator: Any) -> Any:
    """The request, activated by Baja California in its own system."""
    outside.record_activation(request=accepted_request, by=baja_coordinator, alert=own_alert())
    accepted_request.refresh_from_db()
    return accepted_request


@pytest.fixture
def silent_request(active_case: Any, california_officer: Any) -> Any:
    """A request to New Mexico, whose program has nobody in the portal."""
    return requests.send_request(
        case=active_case, program=AlertProgram.objects.get(code="us-nm"), by=california_officer
    )


# Activation outside the portal


def test_activation_outside_issues_nothing_and_tells_the_asker(accepted_request: Any, baja_coordinator: Any) -> None:
    made = outside.record_activation(request=accepted_request, by=baja_coordinator, alert=own_alert())
    accepted_request.refresh_from_db()
    assert (accepted_request.status, accepted_request.activated_at) == ("activated_outside", made.starts_at)
    assert (made.number, made.channels, made.text_language) == ("BC-2026-9", ["broadcast", "social"], "es")
    assert Alert.objects.get().status == "discarded"  # the draft that accepting had prepared
    assert not AlertMessage.objects.exists()
    assert not PublicAlert.objects.exists()
    assert Notice.objects.filter(kind="request_answered", request=accepted_request).count() == 3
    assert clocks.clocks_of(accepted_request, [])[-1].until == made.starts_at
    assert AuditEvent.objects.filter(action="request.outside_activation").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": " "}, {"area": ""}, {"channels": []}, {"text": "", "link": ""},
        {"starts_at": timezone.now() + timedelta(days=2), "expires_at": None},
        {"expires_at": timezone.now() - timedelta(days=2)},
    ],
)  # fmt: skip
def test_activation_that_lacks_something_is_refused(
    wrong: dict[str, Any], accepted_request: Any, baja_coordinator: Any
) -> None:
    with pytest.raises(ActRefused):
        outside.record_activation(request=accepted_request, by=baja_coordinator, alert=own_alert(**wrong))
    accepted_request.refresh_from_db()
    assert (accepted_request.status, OutsideActivation.objects.count()) == ("accepted", 0)


def test_only_the_program_records_its_activation_and_only_after_accepting(
    sent_request: Any, baja_coordinator: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    for person in (california_officer, quebec_coordinator):
        with pytest.raises(NotPermitted):
            outside.record_activation(request=sent_request, by=person, alert=own_alert(), informant=told())
    with pytest.raises(ActRefused):
        outside.record_activation(request=sent_request, by=baja_coordinator, alert=own_alert(), informant=told())
    with pytest.raises(TransitionConflict):
        outside.record_activation(request=sent_request, by=baja_coordinator, alert=own_alert())


def test_recovery_leaves_the_duty_to_cancel_and_then_to_confirm(
    activated_outside: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    recover(activated_outside.case, baja_coordinator, california_officer)
    duty = Duty.objects.open().get(kind="cancel_alert")
    assert (duty.request, duty.alert, duty.program) == (activated_outside, None, activated_outside.program)
    discharge.discharge(duty=duty, by=baja_coordinator, outcome="done")
    activated_outside.refresh_from_db()
    assert activated_outside.status == "cancelled"
    cancellations.confirm(request=activated_outside, by=baja_coordinator)
    assert (activated_outside.status, Duty.objects.open().count()) == ("confirmed", 0)


def test_asker_asks_for_the_end_and_the_program_decides(
    activated_outside: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    cancellations.ask_cancellation(request=activated_outside, by=california_officer, reason="suspect_caught")
    assert Duty.objects.open().get().alert is None
    with pytest.raises(NotPermitted):
        cancellations.agree(request=activated_outside, by=california_officer)
    cancellations.agree(request=activated_outside, by=baja_coordinator)
    assert activated_outside.status == "cancelled"
    assert Duty.objects.open().get().kind == "confirm_cancellation"


def test_its_term_ends_the_request(activated_outside: Any) -> None:
    OutsideActivation.objects.update(expires_at=timezone.now())
    assert request_endings.expire_outside_due() == 1


# Answers recorded by the requester


def test_answer_on_the_telephone_is_kept_with_who_said_it(silent_request: Any, california_officer: Any) -> None:
    when = timezone.now()
    outside.record_answer(
        request=silent_request, by=california_officer, step="decline", informant=told(answered_at=when),
        reason="no_local_nexus", alternative="", receiver_reference="NM-4", note="Call again with a plate.",
    )  # fmt: skip
    silent_request.refresh_from_db()
    answer = OutsideAnswer.objects.get()
    assert (silent_request.status, silent_request.decline_reason, silent_request.receiver_reference) == (
        "declined", "no_local_nexus", "NM-4"
    )  # fmt: skip
    assert (silent_request.acknowledged_at, silent_request.decided_at) == (when, when)
    assert (answer.step, answer.name, answer.position, answer.channel, answer.recorded_by) == (
        "decline", "Sgt. Noor", "Watch commander", "phone", california_officer
    )  # fmt: skip
    events = dict(silent_request.case.events.filter(kind="request.decline").values_list("kind", "agency__code"))
    assert events == {"request.decline": "us-ca-chp"}  # the timeline says who wrote it down


def test_lower_level_and_its_end_on_the_telephone(silent_request: Any, california_officer: Any) -> None:
    outside.record_answer(
        request=silent_request, by=california_officer, step="accept_lower_level", informant=told(), level="advisory"
    )
    assert LowerNotice.objects.get().is_in_force
    outside.record_answer(request=silent_request, by=california_officer, step="end_notice", informant=told())
    silent_request.refresh_from_db()
    assert (silent_request.status, LowerNotice.objects.get().is_in_force) == ("cancelled", False)


def test_activation_on_the_telephone_until_confirmed(
    silent_request: Any, california_officer: Any, california_coordinator: Any
) -> None:
    informant = told()
    outside.record_activation(
        request=silent_request, by=california_officer, alert=own_alert(number="NM-7"), informant=informant
    )
    silent_request.refresh_from_db()
    assert (silent_request.status, silent_request.decided_at) == ("activated_outside", informant.answered_at)
    assert not Alert.objects.exists()
    recover(silent_request.case, california_officer, california_coordinator)
    assert Notice.objects.filter(kind="tell_by_phone", request=silent_request).count() == 1
    (item,) = [item for item in what_needs(california_officer) if item.kind == "outside_answer"]
    assert item.reference == silent_request.number
    for step in ("cancel", "confirm_cancellation"):
        outside.record_answer(request=silent_request, by=california_officer, step=step, informant=told())
    silent_request.refresh_from_db()
    assert (silent_request.status, Duty.objects.open().count()) == ("confirmed", 0)
    assert [item for item in what_needs(california_officer) if item.kind == "outside_answer"] == []
    assert list(OutsideAnswer.objects.values_list("step", flat=True)) == [
        "activate_outside", "cancel", "confirm_cancellation"
    ]  # fmt: skip


def test_refusal_to_cancel_on_the_telephone(silent_request: Any, california_officer: Any) -> None:
    outside.record_activation(request=silent_request, by=california_officer, alert=own_alert(), informant=told())
    cancellations.ask_cancellation(request=silent_request, by=california_officer, reason="hoax")
    outside.record_answer(
        request=silent_request, by=california_officer, step="refuse_cancellation_outside", informant=told(),
        reason="still_missing",
    )  # fmt: skip
    silent_request.refresh_from_db()
    assert silent_request.status == "activated_outside"


def test_nobody_answers_for_a_program_that_has_an_officer(
    sent_request: Any, silent_request: Any, california_officer: Any, make_user: Any, quebec_coordinator: Any
) -> None:
    for request, person in ((sent_request, california_officer), (silent_request, quebec_coordinator)):
        with pytest.raises(NotPermitted):
            outside.record_answer(request=request, by=person, step="acknowledge", informant=told())
    agency = silent_request.program.agency.code
    make_user("stan.staff@nm.example", agency, "staff", is_staff=True)
    silent_request.program.__dict__.pop("_has_people", None)
    assert permissions.can_record_answer(california_officer, silent_request)  # staff answer nothing
    make_user("olivia.officer@nm.example", agency, "duty_officer")
    silent_request.program.__dict__.pop("_has_people", None)
    with pytest.raises(NotPermitted):
        outside.record_answer(request=silent_request, by=california_officer, step="acknowledge", informant=told())
    assert not [item for item in what_needs(california_officer) if item.kind == "outside_answer"]


def test_asker_cannot_end_in_the_programs_name_without_its_words(silent_request: Any, california_officer: Any) -> None:
    outside.record_activation(request=silent_request, by=california_officer, alert=own_alert(), informant=told())
    silent_request.refresh_from_db()
    for act in (cancellations.agree, cancellations.confirm, lower_levels.end_accepted):
        with pytest.raises(NotPermitted):
            act(request=silent_request, by=california_officer)


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"position": ""}, {"answered_at": timezone.now() + timedelta(days=2)},
              {"answered_at": timezone.now() - timedelta(days=2)}],
)  # fmt: skip
def test_answer_without_its_source_is_refused(
    wrong: dict[str, Any], silent_request: Any, california_officer: Any
) -> None:
    with pytest.raises(ActRefused):
        outside.record_answer(request=silent_request, by=california_officer, step="accept", informant=told(**wrong))
    with pytest.raises(ActRefused):
        outside.record_answer(request=silent_request, by=california_officer, step="cancel", informant=told())


# Pages


def activation_form(**changes: str) -> dict[str, str | list[str]]:
    """Return the form as a browser sends it."""
    local = timezone.localtime(timezone.now() - timedelta(minutes=2), ZoneInfo("America/Tijuana"))
    form = {
        "outside-number": "BC-9", "outside-area": "Tijuana", "outside-channels": ["broadcast"],
        "outside-starts_at": f"{local:%Y-%m-%dT%H:%M}", "outside-time_zone": "America/Tijuana",
        "outside-text": "Se busca.", "outside-text_language": "es", "nonce": NONCE,
    }  # fmt: skip
    return form | changes


def test_officer_records_on_the_page_and_both_sides_read_it(
    client: Client, accepted_request: Any, baja_coordinator: Any, california_officer: Any
) -> None:
    client.force_login(baja_coordinator)
    page = reverse("alerts:request-detail", args=[accepted_request.pk])
    assert "Activamos fuera del portal" in client.get(page).text
    early = activation_form(**{"outside-expires_at": "2020-01-01T00:00"})
    response = client.post(reverse("alerts:request-outside", args=[accepted_request.pk]), early)
    assert response.status_code == 422
    assert "La alerta debe terminar después de su inicio." in response.text
    assert 'value="BC-9"' in response.text  # nothing typed is lost
    address = reverse("alerts:request-outside", args=[accepted_request.pk])
    assert client.post(address, activation_form()).status_code == 302
    for person in (baja_coordinator, california_officer):
        client.force_login(person)
        text = client.get(page).text
        assert "BC-9" in text
        assert "Se busca." in text
    assert "untranslated" in text
    assert "Recorded by the requester" not in text


def test_recorded_answers_are_marked_wherever_they_are_read(
    client: Client, silent_request: Any, california_officer: Any
) -> None:
    client.force_login(california_officer)
    page = reverse("alerts:request-detail", args=[silent_request.pk])
    assert "Record an answer by telephone, fax or mail" in client.get(page).text
    now = timezone.localtime(timezone.now(), ZoneInfo("America/Denver"))
    form = {
        "outside_answer-step": "accept", "outside_answer-name": "Sgt. Noor", "outside_answer-position": "Watch",
        "outside_answer-channel": "fax", "outside_answer-answered_at": f"{now:%Y-%m-%dT%H:%M}",
        "outside_answer-time_zone": "America/Denver", "nonce": NONCE,
    }  # fmt: skip
    address = reverse("alerts:request-outside-answer", args=[silent_request.pk])
    response = client.post(address, form | {"outside_answer-name": ""})
    assert response.status_code == 422
    assert client.post(address, form).status_code == 302
    text = client.get(page).text
    assert text.count("Recorded by the requester") == 3  # received, decided, and the answer itself
    assert "Sgt. Noor" in text
    case_page = client.get(reverse("cases:case-detail", args=[silent_request.case_id])).text
    assert "Recorded by the requester" in case_page
    assert "Recorded by the requester" in client.get(reverse("alerts:request-list")).text


def test_strangers_and_other_programs_get_404(
    client: Client, accepted_request: Any, california_officer: Any, quebec_coordinator: Any
) -> None:
    for person in (california_officer, quebec_coordinator):
        client.force_login(person)
        for name in ("request-outside", "request-outside-answer"):
            response = client.post(reverse(f"alerts:{name}", args=[accepted_request.pk]), activation_form())
            assert response.status_code == 404
    with translation.override("en"):
        accepted_request.refresh_from_db()
    assert accepted_request.status == "accepted"
