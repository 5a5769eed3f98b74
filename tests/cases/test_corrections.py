"""An agency that may not edit proposes; the lead agency takes over in one act, or refuses with a reason (U31)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from agencies.models import AuditEvent
from agencies.refusals import ActRefused, NotPermitted
from alerts import delivery
from alerts.models import Notice
from cases.forms.proposals import corrected, show_proposals
from cases.models import CorrectionProposal
from cases.services.corrections import accept_correction, propose_correction, refuse_correction
from tests.project.returned_forms import NONCE, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(sent_request: Any, baja_coordinator: Any) -> Any:
    """Baja California says that the plate ends in 4."""
    case = sent_request.case
    return propose_correction(
        case=case, by=baja_coordinator, subject=case.vehicles.get(), field_name="plate", before=["7XYZ123"],
        value=["7XYZ124"], reason="Leída por una cámara.",
    )  # fmt: skip


def test_asked_agency_proposes_on_a_page_and_nothing_changes_yet(sent_request: Any, baja_coordinator: Any) -> None:
    case = sent_request.case
    vehicle = case.vehicles.get()
    client = signed_in(baja_coordinator)
    listed = client.get(reverse("cases:correction-list", args=[case.pk])).text
    address = reverse("cases:correction-propose", args=[case.pk, "vehicle", vehicle.pk, "plate"])
    assert address in listed and "7XYZ123" in listed
    for wrong in ({"fact-plate": "7XYZ124"}, {"fact-plate": "7XYZ123", "reason": "r"},
                  {"fact-plate": "P" * 30, "reason": "r"}):  # fmt: skip
        assert client.post(address, {**wrong, "nonce": NONCE}).status_code == 422, wrong
    assert client.post(address, {"fact-plate": "7xyz124", "reason": "Cámara", "nonce": NONCE}).status_code == 302
    vehicle.refresh_from_db()
    assert vehicle.plate == "7XYZ123"
    kept = CorrectionProposal.objects.get()
    assert (kept.value, kept.before, kept.reason_language) == (["7xyz124"], ["7XYZ123"], "es")


@pytest.mark.parametrize("is_taken", [True, False])
def test_proposer_is_told_what_became_of_it_without_a_name_or_plate(
    proposal: Any, california_officer: Any, baja_coordinator: Any, make_user: Any, mailoutbox: Any, is_taken: bool
) -> None:
    make_user("ema.guardia@baja.example", "mx-bcn-amber", "duty_officer", "es")  # proposed nothing, is told nothing
    while delivery.send_due():
        pass
    mailoutbox.clear()
    if is_taken:
        row, names = corrected(proposal)
        accept_correction(proposal=proposal, by=california_officer, row=row, names=names)
    else:
        refuse_correction(proposal=proposal, by=california_officer, refusal="not_confirmed")
    while delivery.send_due():
        pass
    kind = "Se aceptó su corrección" if is_taken else "No se aceptó su corrección"
    (mail,) = [mail for mail in mailoutbox if "corrección" in mail.subject]
    assert (mail.to, mail.subject) == ([baja_coordinator.email], f"{kind} – {proposal.case.reference}")
    for word in ("7XYZ123", "7XYZ124", "Zoraida", "Quimby", "cámara"):
        assert word not in mail.subject + mail.body


def test_proposer_who_may_no_longer_read_the_case_is_not_told(
    proposal: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    proposal.case.accesses.filter(agency__code="mx-bcn-amber").update(until=timezone.now())
    refuse_correction(proposal=proposal, by=california_officer, refusal="not_confirmed")
    assert not Notice.objects.filter(kind="correction_refused").exists()


def test_lead_agency_takes_over_in_one_act_with_the_proposer_named(
    proposal: Any, california_officer: Any, baja_coordinator: Any
) -> None:
    client = signed_in(california_officer)
    assert "7XYZ124" in client.get(reverse("cases:case-detail", args=[proposal.case_id])).text
    assert "#proposals" in client.get("/desk/").text
    waiting = client.get(reverse("api:desk")).json()["corrections_open"]
    assert [(row["id"], row["value"]) for row in waiting] == [(str(proposal.pk), ["7XYZ124"])]
    version = proposal.case.facts_version
    accept = reverse("cases:correction-decide", args=[proposal.case_id, proposal.pk, "accept"])
    assert client.post(accept, {"nonce": NONCE}).status_code == 302
    proposal.refresh_from_db()
    case = proposal.case
    case.refresh_from_db()
    assert (case.vehicles.get().plate, proposal.decision, case.facts_version) == ("7XYZ124", "accepted", version + 1)
    assert case.events.get(kind="correction_accepted").actor == baja_coordinator
    assert case.events.filter(kind="facts_changed").latest("at").actor == california_officer
    assert "Your proposed corrections" in signed_in(baja_coordinator, "en").get("/desk/").text
    told = signed_in(baja_coordinator).get(reverse("api:desk")).json()
    assert [(row["id"], row["decision"]) for row in told["corrections_decided"]] == [(str(proposal.pk), "accepted")]
    assert told["corrections_open"] == []
    assert "7XYZ" not in str(list(AuditEvent.objects.filter(action__startswith="correction").values()))


def test_refusal_needs_a_reason_and_leaves_the_fact(proposal: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    refuse = reverse("cases:correction-decide", args=[proposal.case_id, proposal.pk, "refuse"])
    assert client.post(refuse, {"nonce": NONCE}).status_code == 422
    told = client.post(refuse, {"refusal-refusal": "confirmed_as_is", "nonce": NONCE})
    assert told.status_code == 302
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.refusal) == ("refused", "confirmed_as_is")
    assert proposal.case.vehicles.get().plate == "7XYZ123"
    with pytest.raises(ActRefused):
        refuse_correction(proposal=proposal, by=california_officer, refusal="not_enough_known")


def test_only_the_right_sides_propose_and_decide(
    proposal: Any, california_officer: Any, california_legal: Any, baja_coordinator: Any, quebec_coordinator: Any
) -> None:
    case, vehicle = proposal.case, proposal.case.vehicles.get()
    for person in (california_officer, california_legal, quebec_coordinator):
        with pytest.raises(NotPermitted):
            propose_correction(
                case=case, by=person, subject=vehicle, field_name="plate", before=[], value=["X"], reason="r"
            )
    row, names = corrected(proposal)
    for person in (baja_coordinator, california_legal, quebec_coordinator):
        with pytest.raises(NotPermitted):
            accept_correction(proposal=proposal, by=person, row=row, names=names)
        with pytest.raises(NotPermitted):
            refuse_correction(proposal=proposal, by=person, refusal="confirmed_as_is")
    assert not CorrectionProposal.objects.visible_to(quebec_coordinator).exists()


def test_free_text_and_frozen_facts_are_not_proposed(sent_request: Any, baja_coordinator: Any) -> None:
    event = sent_request.case.abduction
    for name in ("circumstances", "category_at_intake", "id", "case"):
        address = reverse("cases:correction-propose", args=[event.case_id, "abduction", event.pk, name])
        assert signed_in(baja_coordinator).get(address).status_code == 404, name


def test_codes_read_in_the_readers_language(sent_request: Any, baja_coordinator: Any) -> None:
    from django.utils import translation

    case = sent_request.case
    propose_correction(
        case=case, by=baja_coordinator, subject=case.vehicles.get(), field_name="color", before=["BLU"],
        value=["RED"], reason="r",
    )  # fmt: skip
    with translation.override("fr"):
        (shown,) = show_proposals(CorrectionProposal.objects.all())
        assert (shown.now, shown.proposed) == ("Bleu", "Rouge")
