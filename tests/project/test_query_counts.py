"""A page costs the same number of queries with three rows as with thirty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AlertProgram, CriteriaVersion, Subdivision
from alerts.models import (
    Alert,
    AlertArea,
    AlertMessage,
    AlertText,
    Delivery,
    DeliveryAttempt,
    Duty,
    ExtensionRequest,
    PublicAlert,
    PublicAlertText,
    PublicPhoto,
    Recipient,
    TextReview,
)
from cases.countries import country_choices
from cases.models import (
    Assessment,
    AssessmentAnswer,
    CaseAccess,
    Child,
    CrossingIndication,
    Document,
    ExternalReference,
    HomeDecision,
    IdentityConfirmation,
    LegalReview,
    Link,
    ParallelNotice,
    Person,
    Photo,
    Plate,
    Recovery,
    ReviewRelease,
    Sighting,
    TravelLeg,
    Vehicle,
    code,
)
from cases.services.files import open_case
from cases.services.publication import record_authority
from cases.workflow import note

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 30
COUNTRIES = [code for code, _name in country_choices()]


@pytest.fixture(autouse=True)
def code_lists_stay_warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the code lists however slow the machine is; they are read anew once a minute."""
    monkeypatch.setattr(code, "KEPT_SECONDS", 3600)


def queries_of(client: Client, address: str) -> int:
    """Return how many queries the page costs once sessions and code lists are warm."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        getattr(response, "render", lambda: None)()
    assert response.status_code == 200, address
    return len(queries)


def signed_in(person: Any) -> Client:
    """Return a browser in which this person, or nobody, has signed in."""
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


# Lists


@pytest.fixture
def add_alerts(california_officer: Any, baja_coordinator: Any) -> Callable[[int, int], None]:
    """Add cases of California, each with a request to Baja California, an alert, a delivery and a public page."""
    california, program = Agency.objects.get(code="us-ca-chp"), AlertProgram.objects.get(code="mx-bcn")
    now = timezone.now()

    def add(first: int, last: int) -> None:
        for number in range(first, last):
            case = open_case(by=california_officer, agency=california)
            CaseAccess.objects.create(
                case=case, agency=program.agency, level="look", purpose="request", opened_at=case.opened_at,
                granted_by=california_officer,
            )  # fmt: skip
            asked = ExtensionRequest.objects.create(
                number=f"R-{number}", case=case, program=program, requesting_agency=california, kind="activate",
                created_by=california_officer,
            )  # fmt: skip
            ExtensionRequest.objects.filter(pk=asked.pk).update(
                status=("sent", "acknowledged", "answered")[number % 3], sent_at=now, sent_by=california_officer
            )
            alert = Alert.objects.create(
                number=f"BCN-{number}", case=case, program=program, request=asked, created_by=baja_coordinator,
                activated_at=now, expires_at=now + timedelta(hours=24),
            )  # fmt: skip
            Alert.objects.filter(pk=alert.pk).update(status=("draft", "submitted", "active")[number % 3])
            Duty.objects.create(kind="cancel_alert", case=alert.case, program=program, alert=alert, due_at=now)
            TextReview.objects.create(
                alert=alert, language="en", source_language="es", words={"headline": "H"}, asked_by=baja_coordinator
            )
            _deliver(alert, number)
            _publish(alert)

    return add


def _deliver(alert: Alert, number: int) -> Delivery:
    recipient = Recipient.objects.create(
        program=alert.program, name=f"Radio {number}", kind="media", email=f"radio{number}@media.example", language="es"
    )
    message = AlertMessage.objects.create(
        alert=alert, msg_type="Alert", identifier=f"{alert.number}.{number}", sender=alert.program.cap_sender,
        sent="2026-11-23T17:40:00-08:00", xml=b"<alert/>",
    )  # fmt: skip
    return Delivery.objects.create(message=message, recipient=recipient, address=recipient.email, language="es")


def _publish(alert: Alert) -> None:
    public = PublicAlert.objects.create(
        alert=alert, number=alert.number, program=alert.program, country="MX", time_zone="America/Tijuana",
        sent_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=24),
    )  # fmt: skip
    for language in ("en", "es", "fr"):
        PublicAlertText.objects.create(
            public_alert=public, language=language, event="AMBER", headline="h", description="d", instruction="i"
        )
    PublicPhoto.objects.create(public_alert=public, jpeg=b"x")


LISTS = [
    ("california_officer", "/desk/"), ("baja_coordinator", "/desk/"), ("baja_approver", "/desk/"),
    ("california_officer", "/cases/"), ("baja_coordinator", "/cases/"),
    ("california_officer", "/cases/?status=intake"), ("california_officer", "/desk/requests/"),
    ("baja_coordinator", "/desk/requests/"), ("california_officer", "/desk/alerts/"),
    ("baja_coordinator", "/desk/alerts/"), (None, "/en/alerts/"), (None, "/es/alerts/"), (None, "/fr/alerts/"),
    (None, "/feeds/es.atom"), (None, "/a/?number=BCN-2"),
    ("california_officer", "/api/v1/cases/"), ("baja_coordinator", "/api/v1/cases/"),
    ("california_officer", "/api/v1/requests/"), ("baja_coordinator", "/api/v1/requests/"),
    ("california_officer", "/api/v1/alerts/"), ("baja_coordinator", "/api/v1/alerts/"),
    ("baja_coordinator", "/api/v1/deliveries/"), ("california_officer", "/api/v1/deliveries/"),
    ("california_staff", "/desk/"), ("california_legal", "/cases/"), ("baja_coordinator", "/api/v1/desk/"),
    ("baja_coordinator", "/api/v1/duties/"), ("california_officer", "/api/v1/text-reviews/"),
]  # fmt: skip


def test_every_list_costs_the_same_with_thirty_rows(
    request: pytest.FixtureRequest, add_alerts: Callable[[int, int], None]
) -> None:
    clients = [(signed_in(who and request.getfixturevalue(who)), f"{who} {address}", address) for who, address in LISTS]
    add_alerts(0, FEW)
    few = {label: queries_of(client, address) for client, label, address in clients}
    add_alerts(FEW, MANY)
    many = {label: queries_of(client, address) for client, label, address in clients}
    assert {label: (few[label], many[label]) for label in few if few[label] != many[label]} == {}
    assert min(few.values()) > 0


def test_lists_show_the_thirty_rows(california_officer: Any, add_alerts: Callable[[int, int], None]) -> None:
    """Without this the counts would compare empty pages."""
    add_alerts(0, MANY)
    client = signed_in(california_officer)
    assert client.get("/cases/").text.count("/cases/0") >= MANY
    assert client.get("/desk/requests/").text.count("/desk/requests/0") >= MANY
    assert client.get("/desk/alerts/").text.count("/desk/alerts/0") >= MANY // 3
    for name in ("requests", "text-reviews"):
        assert len(client.get(f"/api/v1/{name}/").json()["results"]) == MANY
    assert signed_in(None).get("/en/alerts/").text.count("/en/alerts/") >= MANY


# Pages of one object whose content grows


def fill_case(case: Any, officer: Any, first: int, last: int) -> None:
    """Add one more of everything that a case may hold, several times."""
    agency, place, now = case.lead_agency, Subdivision.objects.get(code="US-CA"), timezone.now()
    others = list(Agency.objects.exclude(accesses_of(case)).order_by("pk"))
    for number in range(first, last):
        child = Child.objects.create(
            case=case, given_names=f"N{number}", clothing=[{"item": "shorts", "colors": ["red"]}]
        )
        person = Person.objects.create(case=case, given_names=f"P{number}", cautions=["armed"])
        vehicle = Vehicle.objects.create(case=case, make="Ford", plate=f"P{number}", plate_issuer=place)
        Plate.objects.create(case=case, vehicle=vehicle, number=f"P{number}", issuer=place, issuing_country="US")
        leg = TravelLeg.objects.create(
            case=case, mode="bus", from_subdivision=place, to_subdivision=place, arrival_zone="America/Denver",
            arrives_at=now + timedelta(hours=number + 1),
        )  # fmt: skip
        Link.objects.create(case=case, child=child, person=person, vehicle=vehicle, leg=leg)
        Sighting.objects.create(
            case=case, evidence="camera", seen_at=now, time_zone="America/Denver", subdivision=place, toward="MX",
            toward_subdivision=place, reported_by=officer, agency=agency,
        )  # fmt: skip
        ExternalReference.objects.create(case=case, kind="nic", number=f"M{number}", agency=agency, recorded_by=officer)
        ParallelNotice.objects.create(
            case=case, body="consulate", country=COUNTRIES[number], outcome="sent", agency=agency, recorded_by=officer
        )
        CrossingIndication.objects.create(case=case, toward="MX", toward_subdivision=place)
        photo = Photo.objects.create(
            case=case, child=child, jpeg=b"x", width=1, height=1, sha256="0" * 64, added_by=officer
        )
        items = [("child_name", child), ("photo", photo)]
        record_authority(case=case, by=officer, items=items, countries=["US", "MX"], basis="parental_consent")
        Document.objects.create(
            case=case, kind="partner_cap", name=f"{number}.xml", mime_type="application/cap+xml", content=b"x",
            sha256="0" * 64, received_by=officer,
        )  # fmt: skip
        review = LegalReview.objects.create(
            case=case, agency=agency, requested_by=officer, opinion="in_favor", given_at=now, given_by=officer
        )
        LegalReview.objects.filter(pk=review.pk).update(status="released")
        if others:
            ReviewRelease.objects.create(
                case=case, review=review, agency=others[-1], scope="conclusion", released_by=officer
            )
        fill_law(case, officer, number)
        recovery = Recovery.objects.create(
            case=case, child=child, located_at=now, time_zone="America/Tijuana", place="T", subdivision=place,
            condition="unharmed", holding_agency=agency, reported_by=officer,
        )  # fmt: skip
        IdentityConfirmation.objects.create(
            case=case, recovery=recovery, officer=officer, agency=agency, method="document"
        )
        note(case, "facts_changed", by=officer, agency=agency, subject=case)
        if others:
            CaseAccess.objects.create(
                case=case, agency=others.pop(), level="look", purpose="request", opened_at=case.opened_at,
                granted_by=officer,
            )  # fmt: skip


def fill_law(case: Any, officer: Any, number: int) -> None:
    """Add a decision of the home program, and answers of one more agency under the home criteria."""
    program = AlertProgram.objects.get(code="us-ca")
    version = CriteriaVersion.in_force_for(program)
    HomeDecision.objects.create(case=case, program=program, outcome="prealert", decided_by=officer, facts_version=1)
    assessment = Assessment.objects.create(
        case=case, agency=case.lead_agency, criteria=version, facts_version=1, created_by=officer
    )
    for question in ("age", "danger", "information"):
        AssessmentAnswer.objects.create(
            case=case, assessment=assessment, question=question, answer="yes", answered_by=officer
        )
    assessment.frozen_at, assessment.frozen_by = timezone.now(), officer
    assessment.save(update_fields=["frozen_at", "frozen_by"])


def accesses_of(case: Any) -> Any:
    """Return the condition for agencies that are on a case already."""
    return Q(pk__in=CaseAccess.objects.filter(case=case).values("agency"))


def fill_alert(alert: Alert, first: int, last: int) -> None:
    """Add messages, deliveries and tries."""
    for number in range(first, last):
        delivery = _deliver(alert, number)
        for tried in range(1, 4):
            DeliveryAttempt.objects.create(delivery=delivery, number=tried, outcome="retry")


def ask_more_programs(case: Any, officer: Any, first: int, last: int) -> None:
    """Add requests of the case, each with the alert that came of it."""
    program = AlertProgram.objects.get(code="mx-bcn")
    for number in range(first, last):
        asked = ExtensionRequest.objects.create(
            number=f"S-{number}", case=case, program=program, requesting_agency=case.lead_agency, kind="activate",
            created_by=officer,
        )  # fmt: skip
        alert = Alert.objects.create(
            number=f"S-{number}", case=case, program=program, request=asked, created_by=officer,
            activated_at=timezone.now(), expires_at=timezone.now() + timedelta(hours=24),
        )  # fmt: skip
        Alert.objects.filter(pk=alert.pk).update(status="active")
        AlertText.objects.create(alert=alert, language="es", event="e", headline="h", description="d", instruction="i")
        AlertArea.objects.create(alert=alert, subdivision=program.subdivision)


def test_every_page_of_one_object_costs_the_same_when_it_grew(
    active_alert: Any, california_officer: Any, california_legal: Any, baja_coordinator: Any
) -> None:
    case, asked = active_alert.case, active_alert.request
    draft = Alert.objects.create(number="DRAFT-1", case=case, program=active_alert.program, created_by=baja_coordinator)
    delivery = Delivery.objects.filter(message__alert=active_alert).get()
    pages = [
        (who, address)
        for who, addresses in {
            california_officer: [
                reverse("cases:case-detail", args=[case.pk]), reverse("cases:case-facts", args=[case.pk]),
                reverse("alerts:request-detail", args=[asked.pk]),
                reverse("alerts:criteria-desk", args=[case.pk]) + "?program=us-tx",
                reverse("alerts:criteria-answer", args=[case.pk, "us-ca"]), f"/api/v1/cases/{case.pk}/law/",
                reverse("alerts:alert-detail", args=[active_alert.pk]), reverse("alerts:request-send", args=[case.pk]),
                reverse("alerts:case-requests", args=[case.pk]),
                f"/api/v1/cases/{case.pk}/", f"/api/v1/requests/{asked.pk}/", f"/api/v1/alerts/{active_alert.pk}/",
                f"/api/v1/requests/?case={case.pk}",
            ],
            california_legal: [reverse("cases:case-detail", args=[case.pk]), "/desk/"],
            baja_coordinator: [
                reverse("cases:case-detail", args=[case.pk]), reverse("alerts:request-detail", args=[asked.pk]),
                reverse("alerts:alert-detail", args=[active_alert.pk]), reverse("alerts:alert-edit", args=[draft.pk]),
                reverse("alerts:alert-approval", args=[active_alert.pk]),
                reverse("alerts:alert-told", args=[active_alert.pk]),
                reverse("alerts:alert-board", args=[active_alert.pk]), reverse("alerts:agency-board"),
                f"/api/v1/cases/{case.pk}/", f"/api/v1/alerts/{active_alert.pk}/", f"/api/v1/alerts/{draft.pk}/",
                f"/api/v1/deliveries/{delivery.pk}/", f"/api/v1/deliveries/?alert={active_alert.pk}",
            ],
        }.items()
        for address in addresses
    ]  # fmt: skip

    def fill(first: int, last: int) -> None:
        fill_case(case, california_officer, first, last)
        fill_alert(active_alert, first, last)
        ask_more_programs(case, california_officer, first, last)
        for number in range(first, last):
            DeliveryAttempt.objects.create(delivery=delivery, number=number + 1, outcome="retry")

    def count() -> dict[str, int]:
        return {f"{who.email} {address}": queries_of(signed_in(who), address) for who, address in pages}

    fill(0, FEW)
    few = count()
    fill(FEW, MANY)
    many = count()
    assert {label: (few[label], many[label]) for label in few if few[label] != many[label]} == {}
    assert signed_in(california_officer).get(pages[0][1]).text.count("7XYZ123") >= 1


def test_public_page_costs_the_same_beside_thirty_others(active_alert: Any, add_alerts: Any) -> None:
    public = PublicAlert.objects.get()
    address = reverse("public:alert-detail", args=["es", public.public_id])
    client = signed_in(None)
    add_alerts(0, FEW)
    few = queries_of(client, address)
    add_alerts(FEW, MANY)
    assert queries_of(client, address) == few
