"""Actors and whole worlds for the rules of the whole site; nothing here decides what a test expects."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from PIL import Image

from agencies.calendar_tokens import token_for as calendar_token
from agencies.desk_checks import hash_of
from agencies.desk_checks import token_for as check_token
from agencies.duty_roster import make_calendar_link, override_shift, plan_shifts
from agencies.identifiers import uuid7
from agencies.models import (
    ActivationFallback,
    Agency,
    AlertProgram,
    AuditEvent,
    CriteriaVersion,
    DeskCheck,
    Holiday,
    Subdivision,
)
from alerts.gathering import content_hash
from alerts.models import (
    Delivery,
    Duty,
    ExtensionRequest,
    KeptPhoto,
    KeptRequest,
    OutsideActivation,
    PublicAlert,
    Recipient,
    RecipientDesk,
    Redaction,
    ShiftNote,
    ShiftPromise,
)
from alerts.services import drafts, issuing, preparing, requests, text_reviews
from alerts.sheet_content import request_sheet
from alerts.tokens import token_for
from cases.forms.facts import FactsForms
from cases.models import CaseReader, Closure, CodeValue, Link, ParallelNotice, PlaceZone, Sighting, TravelLeg
from cases.services.assessments import GivenAnswer, record_answers
from cases.services.blind_questions import ask_about_plate
from cases.services.corrections import propose_correction
from cases.services.drafts import save_draft
from cases.services.facts import add_photo, keep_document, record_facts
from cases.services.facts_drafts import save_facts_draft
from cases.services.handovers import offer_case
from cases.services.home_decisions import decide_at_home
from cases.services.opinions import record_opinion, release_opinion
from cases.services.parts import give_parts, mark_parts
from cases.services.records import add_reference, record_notice
from cases.services.recoveries import report_located
from cases.services.sharing import share_by_hand
from cases.services.sightings import add_sighting
from cases.services.uploads import begin_upload

BAJA = "mx-bcn-amber"
QUEBEC = "ca-qc-sq"
CHIHUAHUA = "mx-chh-amber"
TEXAS = "us-tx-dps"
SMALL_XML = b"<alert/>"


@pytest.fixture
def actors(
    make_user: Callable[..., Any], california_officer: Any, california_coordinator: Any, california_legal: Any,
    california_staff: Any, baja_coordinator: Any, baja_staff: Any, quebec_coordinator: Any, superuser: Any,
) -> dict[str, Any]:  # fmt: skip
    """Every role of the side that owns the case, of the side that was asked, and of neither."""
    return {
        "owner_duty_officer": california_officer,
        "owner_coordinator": california_coordinator,
        "owner_legal_advisor": california_legal,
        "owner_staff": california_staff,
        "receiver_duty_officer": make_user("dario.guardia@baja.example", BAJA, "duty_officer", "es"),
        "receiver_coordinator": baja_coordinator,
        "receiver_legal_advisor": make_user("lidia.juridica@baja.example", BAJA, "legal_advisor", "es"),
        "receiver_staff": baja_staff,
        "outsider": quebec_coordinator,
        "superuser": superuser,
        "system": None,
    }


@pytest.fixture
def quebec_staff(make_user: Callable[..., Any]) -> Any:
    """Staff in Québec, who may enter the administration."""
    return make_user("simone.staff@quebec.example", QUEBEC, "staff", "fr", is_staff=True)


@dataclass
class World:
    """One case of California with everything on it, shared with Chihuahua's program; Québec and Baja are outside."""

    people: dict[str, Any]
    samples: dict[str, Any]


def photo_bytes() -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "navy").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def world(
    active_case: Any, california_officer: Any, california_coordinator: Any, california_legal: Any,
    california_staff: Any, baja_coordinator: Any,
    quebec_coordinator: Any, quebec_staff: Any, superuser: Any, make_user: Callable[..., Any],
) -> World:  # fmt: skip
    """Build the world through the services, so that every route has an object to be asked for."""
    people = {
        "owner_officer": california_officer,
        "owner_coordinator": california_coordinator,
        "owner_legal": california_legal,
        "owner_staff": california_staff,
        "receiver_coordinator": make_user("chela.coord@chihuahua.example", CHIHUAHUA, "coordinator", "es"),
        "receiver_approver": make_user("chano.approver@chihuahua.example", CHIHUAHUA, "coordinator", "es"),
        "receiver_staff": make_user("chuy.staff@chihuahua.example", CHIHUAHUA, "staff", "es", is_staff=True),
        "baja": baja_coordinator,
        "heir": make_user("tess.officer@texas.example", TEXAS, "duty_officer"),
        "outsider": quebec_coordinator,
        "outsider_staff": quebec_staff,
        "superuser": superuser,
        "anonymous": None,
    }
    case = active_case
    photo = add_photo(
        case=case, by=california_officer, raw=photo_bytes(), child=case.children.get(), basis="parental_consent"
    )
    with transaction.atomic():
        document = keep_document(
            case=case, by=california_officer, content=SMALL_XML, name="partner.xml",
            mime_type="application/cap+xml", kind="partner_cap",
        )  # fmt: skip
    draft = save_draft(
        draft_id=uuid7(), by=california_officer, agency=case.lead_agency, seen_version=0,
        content={"child-given_names": ["Zoraida"], "child-first_surname": ["Quimby"]},
    ).draft  # fmt: skip
    unsent = save_facts_draft(
        case=case,
        by=california_officer,
        draft_id=uuid7(),
        page="a-page",
        seen_version=0,
        base={},
        now={},
        content={"event-place": ["Otay Mesa"]},
    )
    assert unsent is not None
    asked = _asked(case, people)
    proposal = propose_correction(
        case=case, by=people["receiver_coordinator"], subject=case.vehicles.get(), field_name="plate",
        before=["7XYZ123"], value=["7XYZ124"], reason="Read by a camera.",
    )  # fmt: skip
    upload = begin_upload(case=case, by=california_officer, name="IMG_0001.jpg", size=4000)
    kept = {**_offered(case, people), "photo": photo.pk, "upload": upload.pk, "document": document.pk,
            "draft": draft.pk, "proposal": proposal.pk,
            "facts_draft": unsent.pk}  # fmt: skip
    return World(people, {**asked, **_facts(case, people), **kept, **_on_duty(people, case)})


def _on_duty(people: dict[str, Any], case: Any) -> dict[str, Any]:
    """Put an officer of California on duty, sick for an hour of it, with an address for their calendar and a note."""
    officer, coordinator, now = people["owner_officer"], people["owner_coordinator"], timezone.now()
    [shift] = plan_shifts(
        agency=officer.memberships.get().agency, person=officer, starts_at=now, ends_at=now + timedelta(hours=8),
        by=coordinator,
    )  # fmt: skip
    override = override_shift(
        shift=shift, kind="sick", starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2), by=coordinator
    )
    link = make_calendar_link(person=officer)
    agency = shift.agency
    Agency.objects.filter(pk=agency.pk).update(keeps_roster=True)
    note = ShiftNote.objects.create(
        agency=agency, ends_at=now + timedelta(minutes=20), leaving=[coordinator.pk], coming=[officer.pk]
    )
    check = DeskCheck(agency=agency)
    checked = check_token(check.pk)
    check.token_hash = hash_of(checked)
    check.save()
    promised = ShiftPromise.objects.create(
        agency=agency, case=case, words="Call the sergeant back about Zoraida.", words_language="en", written_by=officer
    )
    return {
        "shift_note": note.pk, "desk_check_token": checked, "promise": promised.pk,
        "shift": shift.pk, "override": override.pk, "agency_code": agency.code,
        "holiday": Holiday.objects.filter(country="US").first().pk,
        "calendar_token": calendar_token(link.pk, link.serial),
    }  # fmt: skip


def _offered(case: Any, people: dict[str, Any]) -> dict[str, Any]:
    """Offer the case to Texas, and keep a reader of an earlier seal, lifted since."""
    coordinator = people["owner_coordinator"]
    handover = offer_case(
        case=case, by=people["owner_officer"], agency=Agency.objects.get(code=TEXAS), reason="jurisdiction", hours=24,
        keeps_level="look", keeps_hours=72, note="Ask for the sergeant.",
    )  # fmt: skip
    reader = CaseReader.objects.create(
        case=case, user=coordinator, named_by=coordinator, ended_at=timezone.now(), ended_by=coordinator
    )
    question = ask_about_plate(
        by=people["owner_officer"], agency=Agency.objects.get(code=TEXAS), reason="tip", plate="7XYZ123"
    )
    return {"blind_question": question.pk, "reader": reader.pk, "handover": handover.pk}


def _asked(case: Any, people: dict[str, Any]) -> dict[str, Any]:
    """Ask Chihuahua, let it alert, and return what came of it."""
    asked, approver = people["receiver_coordinator"], people["receiver_approver"]
    program = AlertProgram.objects.get(code="mx-chh")
    request = requests.send_request(case=case, program=program, by=people["owner_officer"])
    requests.acknowledge(request=request, by=asked)
    requests.decide(request=request, by=asked, decision="accept")
    alert = request.alert
    desk = RecipientDesk.objects.create(program=program, organization="Grupo Radio Norte", name="Redacción")
    recipient = Recipient.objects.create(
        program=program, desk=desk, name="Radio Norte", kind="media", email="redaccion@radio-norte.example",
        language="es",
    )  # fmt: skip
    drafts.submit(alert=alert, by=asked)
    drafts.approve(alert=alert, by=approver, seen_hash=content_hash(alert))
    message = issuing.activate(alert=alert, by=asked)
    delivery = Delivery.objects.get(message=message)
    public = PublicAlert.objects.get(alert=alert)
    duty = Duty.objects.create(
        kind="cancel_alert", case=alert.case, program=program, alert=alert, due_at=timezone.now()
    )
    update = preparing.prepare(alert=alert, kind="change")
    redaction = Redaction.objects.create(  # put back since
        alert=alert, kind="photo", reason="error", by=approver, lifted_at=timezone.now(), lifted_by=asked
    )
    change = Duty.objects.create(
        kind="acknowledge_change", case=alert.case, program=program, request=request, due_at=timezone.now()
    )
    ActivationFallback.objects.create(
        criteria=CriteriaVersion.ruling_for(program), condition_en="Nobody answers.", agency=program.agency
    )
    review = text_reviews.ask_review(alert=alert, by=asked, language="en", source_language="es")
    text_reviews.take(review=review, by=people["owner_officer"])
    silent = _silent(case, people)
    declined = requests.send_request(
        case=case, program=AlertProgram.objects.get(code="us-wa"), by=people["owner_officer"]
    )
    ExtensionRequest.objects.filter(pk=declined.pk).update(status="declined", decline_reason="too_much_time")
    draft = requests.save_draft(case=case, program=AlertProgram.objects.get(code="us-id"), by=people["owner_officer"])
    share, kept = _shared(case, people, request)
    key, asked_agency = f"abduction:{case.abduction.pk}:words", program.agency
    mark_parts(case=case, by=people["owner_officer"], keys=[key], is_police_only=True, reason="investigation")
    [given] = give_parts(case=case, by=people["owner_officer"], agency=asked_agency, keys=[key])
    return {
        "part_release": given.pk,
        "kept_request": kept.pk, "share": share.pk, "silent_request": silent.pk, "text_review": review.pk,
        "declined_request": declined.pk, "draft_request": draft.pk,
        "update": update.pk, "change_duty": change.pk, "redaction": redaction.pk,
        "case": case.pk, "request": request.pk, "alert": alert.pk, "message": message.pk, "delivery": delivery.pk,
        "token": token_for(delivery.pk), "recipient": recipient.pk, "recipient_desk": desk.pk,
        "duty": duty.pk, "number": alert.number,
        "public_id": public.public_id, "public_photo": public.photos.get().public_id, "program": program.code,
        "program_row": AlertProgram.objects.get(code="us-ca").pk,
        "criteria": CriteriaVersion.objects.filter(program__code="us-ca").first().pk,
        "subdivision": "US-CA", "code": CodeValue.objects.first().pk,
        "agency": case.lead_agency_id,
    }  # fmt: skip


def _silent(case: Any, people: dict[str, Any]) -> ExtensionRequest:
    """Ask a program of which nobody works in the portal, and record the alert of its own system."""
    silent = requests.send_request(
        case=case, program=AlertProgram.objects.get(code="us-nm"), by=people["owner_officer"]
    )
    OutsideActivation.objects.create(
        request=silent, number="NM-17", area="Doña Ana County", channels=[], starts_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=4), time_zone="America/Denver", text="A child is missing.",
        text_language="en",
        link="https://alerts.example/nm-17", recorded_by=people["owner_officer"],
    )  # fmt: skip
    return silent


def _shared(case: Any, people: dict[str, Any], request: Any) -> tuple[Any, Any]:
    """Share the case by hand, and let the program that was asked keep a request."""
    sheet = asdict(request_sheet(request, "es", people["owner_officer"]))
    photos = sheet.pop("photos")
    share = share_by_hand(
        case=case, by=people["owner_officer"], agency=AlertProgram.objects.get(code="ca-on").agency, level="look",
        purpose="border", hours=24,
    )  # fmt: skip
    kept = KeptRequest.objects.create(
        agency=request.program.agency, request=request, case=case, number=request.number, program=request.program,
        requesting_agency=case.lead_agency, ended_as="declined", sheet=sheet, sheet_language="es",
    )  # fmt: skip
    KeptPhoto.objects.create(kept=kept, place=1, jpeg=photos[0])
    return share, kept


def _facts(case: Any, people: dict[str, Any]) -> dict[str, Any]:
    """Report the child found, record an opinion, and return the ids of what belongs to the case."""
    child = case.children.get()
    recovery = report_located(
        child=child, by=people["owner_officer"], located_at=timezone.now(), time_zone="America/Tijuana",
        place="Tijuana", subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed",
        holding_agency=Agency.objects.get(code=CHIHUAHUA),
    )  # fmt: skip
    review = record_opinion(case=case, by=people["owner_legal"], opinion="in_favor", grounds="Grounds.")
    release = release_opinion(
        review=review, by=people["owner_legal"], agency=Agency.objects.get(code=CHIHUAHUA), scope="conclusion"
    )
    officer = people["owner_officer"]
    home = AlertProgram.objects.get(code="us-ca")
    answered = record_answers(
        case=case, criteria=CriteriaVersion.in_force_for(home), by=officer, answers={"danger": GivenAnswer("yes", "R.")}
    )
    decision = decide_at_home(case=case, program=home, by=officer, outcome="prealert")
    closure = Closure.objects.create(  # of an earlier end, reopened since
        case=case, reason="unfounded", alert_effect="no_alert", category="FAM", closed_by=officer,
        reopened_at=timezone.now(), reopened_by=officer,
    )  # fmt: skip
    return {
        "assessment": answered.pk, "answer": answered.answers.get().pk, "home_decision": decision.pk,
        **_movement(case, officer),
        "closure": closure.pk,
        "release": release.pk,
        "child": child.pk, "recovery": recovery.pk, "review": review.pk, "abduction": case.abduction.pk,
        "person": case.people.get().pk, "vehicle": case.vehicles.get().pk,
        "authority": case.publication_authorities.filter(item="child_name").first().pk,
        "crossing": case.crossingindications.get().pk, "user": officer.pk, "membership": officer.memberships.get().pk,
        "audit_event": AuditEvent.objects.filter(actor_id=officer.pk).first().pk,
    }  # fmt: skip


def _movement(case: Any, officer: Any) -> dict[str, Any]:
    """Record a leg, a link, a sighting, a number and a notice, and return their ids."""
    leg = TravelLeg(
        mode="bus", carrier="Greyhound", route="1204", to_place="El Paso", arrival_zone="America/Denver",
        arrives_at=timezone.now() + timedelta(hours=2),
    )  # fmt: skip
    link = Link(child=case.children.get(), vehicle=case.vehicles.get())
    record_facts(case=case, by=officer, items=[(leg, ["mode"]), (link, ["child"])])
    sighting = add_sighting(
        case=case, by=officer,
        sighting=Sighting(
            evidence="camera", seen_at=timezone.now(), time_zone="America/Tijuana", place="Tijuana", toward="MX"
        ),
    )  # fmt: skip
    notice = record_notice(case=case, by=officer, notice=ParallelNotice(body="ncmec", outcome="sent"))
    reference = add_reference(case=case, by=officer, kind="nic", number="M-123456789")
    return {
        "leg": leg.pk, "link": link.pk, "sighting": sighting.pk, "parallel_notice": notice.pk,
        "reference": reference.pk, "plate": case.plates.get().pk, "place_zone": PlaceZone.objects.first().pk,
    }  # fmt: skip


def facts_form(case: Any) -> dict[str, Any]:
    """Return the form of a case's facts as a browser sends it back untouched, without its nonce."""
    sent: dict[str, Any] = {"facts_version": str(case.facts_version)}
    for form in FactsForms(case).all:
        for field in form:
            value = field.value()
            if isinstance(value, datetime):
                value = f"{value:%Y-%m-%dT%H:%M}"
            if value not in (None, "", [], False):
                sent[field.html_name] = value
    return sent
