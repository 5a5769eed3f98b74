"""Three active jurisdictions, a recovery reported by the third: nothing stays public, every duty stays open (U16)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pypdf import PdfReader

from agencies.models import Agency, AlertProgram, Subdivision
from agencies.refusals import ActRefused
from alerts import delivery
from alerts.gathering import content_hash
from alerts.models import Alert, Delivery, Duty, PublicAlert, PublicPhoto, Recipient
from alerts.services import drafts, issuing, requests
from alerts.services.confirmations import record_confirmation, unconfirmed
from alerts.services.discharge import discharge
from alerts.tokens import token_for
from cases.models import Child
from cases.services.facts import add_photo
from cases.services.recoveries import confirm_identity, report_located
from tests.authorities import authorize_everything

pytestmark = pytest.mark.django_db
CANARIES = ("Zoraida", "Quimby", "F-150", "7XYZ123", "San Diego")
LANGUAGES = ("en", "es", "fr")
PROGRAMS = {"us-ca": "us-ca-chp", "mx-bcn": "mx-bcn-amber", "ca-qc": "ca-qc-sq"}


@pytest.fixture
def three_alerts(active_case: Any, california_officer: Any, make_user: Any) -> list[Alert]:
    """California's own alert, Baja California's and Québec's, with a photo; Québec alone has standing authority."""
    AlertProgram.objects.update(cancel_on_recovery=False)
    AlertProgram.objects.filter(code="ca-qc").update(cancel_on_recovery=True)
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "navy").save(out, "JPEG")
    add_photo(
        case=active_case, by=california_officer, raw=out.getvalue(), child=active_case.children.first(),
        basis="parental_consent",
    )  # fmt: skip
    authorize_everything(active_case, california_officer)
    alerts = []
    for code, agency in PROGRAMS.items():
        program = AlertProgram.objects.get(code=code)
        language = program.languages_required[0]
        writer = make_user(f"writer@{code}.example", agency, "coordinator", language)
        approver = make_user(f"approver@{code}.example", agency, "coordinator", language)
        for person in (writer, approver):
            person.reads_languages = list(LANGUAGES)
            person.save()
        Recipient.objects.create(
            program=program, name=f"Radio {code}", kind="media", email=f"radio@{code}.example", language=language
        )
        if agency == "us-ca-chp":
            alert = drafts.start_alert(program=program, case=active_case, by=writer)
        else:
            request = requests.send_request(case=active_case, program=program, by=california_officer)
            requests.acknowledge(request=request, by=writer)
            requests.decide(request=request, by=writer, decision="accept")
            alert = request.alert
        drafts.submit(alert=alert, by=writer)
        _approve(alert, approver)
        alert.refresh_from_db()
        issuing.activate(alert=alert, by=writer)
        alerts.append(alert)
    while delivery.send_due():
        pass
    return alerts


def _approve(alert: Alert, by: Any) -> None:
    from alerts.services import approvals

    approvals.approve(alert=alert, by=by, seen_hash=content_hash(alert))


def public_addresses() -> list[str]:
    """Return every address that needs no login, of every alert, in every language."""
    found = [f"/{language}/alerts/" for language in LANGUAGES] + [f"/feeds/{language}.atom" for language in LANGUAGES]
    for public in PublicAlert.objects.all():
        for language in LANGUAGES:
            found.append(reverse("public:alert-detail", args=[language, public.public_id]))
            found.append(reverse("public:alert-poster", args=[language, public.public_id]))
        found.append(reverse("public:alert-cap", args=[public.public_id]))
        found += [reverse("public:alert-number", args=[public.number]), f"/a/?number={public.number}"]
    for row in Delivery.objects.filter(message__isnull=False):
        found.append(reverse("alerts:delivery-acknowledge", args=[token_for(row.pk)]))
    return found


def read(address: str) -> str:
    """Return what a stranger reads there, in any language of their browser; a poster is read as text."""
    texts = []
    for language in LANGUAGES:
        response = Client().get(address, headers={"accept-language": language}, follow=True)
        body = response.content
        if response.headers.get("Content-Type") == "application/pdf":
            texts.append(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages))
        else:
            texts.append(body.decode(errors="replace"))
    return " ".join(texts)


def shows(addresses: list[str]) -> dict[str, list[str]]:
    """Return the canaries that stand at each address."""
    found = {address: [canary for canary in CANARIES if canary in read(address)] for address in addresses}
    return {address: canaries for address, canaries in found.items() if canaries}


def found_by_the_third(child: Child, people: dict[str, Any]) -> None:
    """Québec holds the child and reports it; it and California confirm."""
    recovery = report_located(
        child=child, by=people["ca-qc"], located_at=timezone.now(), time_zone="America/Toronto", place="Montréal",
        subdivision=Subdivision.objects.get(code="CA-QC"), condition="unharmed",
        holding_agency=Agency.objects.get(code="ca-qc-sq"),
    )  # fmt: skip
    confirm_identity(recovery=recovery, by=people["ca-qc"], method="guardian_in_person")
    confirm_identity(recovery=recovery, by=people["us-ca"], method="document")


def officers() -> dict[str, Any]:
    """Return one officer of each program."""
    from agencies.models import User

    return {code: User.objects.get(email=f"writer@{code}.example") for code in PROGRAMS}


def test_nothing_public_is_left_and_every_duty_stays(three_alerts):
    addresses = public_addresses()
    pictures = [reverse("public:alert-photo", args=[photo.public_id]) for photo in PublicPhoto.objects.all()]
    assert len(pictures) == 3
    before = shows(addresses)
    assert len(before) >= 3 * (3 + 3 + 1 + 1) + 6, "the canaries were there"
    people = officers()
    found_by_the_third(three_alerts[0].case.children.get(), people)
    assert shows(public_addresses()) == {}
    assert {Client().get(picture).status_code for picture in pictures} == {404}
    for public in PublicAlert.objects.all():
        assert Client().get(reverse("public:alert-cap", args=[public.public_id])).status_code == 410

    california, baja, _quebec = three_alerts
    for alert in three_alerts:
        alert.refresh_from_db()
    assert [alert.status for alert in three_alerts] == ["active", "active", "cancelled"]
    assert _open_duties() == {
        ("us-ca", "cancel_alert"), ("mx-bcn", "cancel_alert"), ("ca-qc", "confirm_cancellation"),
    }  # fmt: skip
    for alert, code in ((california, "us-ca"), (baja, "mx-bcn")):
        issuing.cancel(alert=alert, by=people[code], reason="found")
    assert _open_duties() == {(code, "confirm_cancellation") for code in PROGRAMS}
    while delivery.send_due():
        pass
    cancels = Delivery.objects.filter(message__msg_type="Cancel")
    assert {(row.recipient.program.code, row.state) for row in cancels.select_related("recipient__program")} == {
        (code, "sent") for code in PROGRAMS
    }
    assert shows(public_addresses()) == {}, "the Cancel and its acknowledgment hold no trace either"
    for duty in Duty.objects.open().select_related("program"):
        for other in set(PROGRAMS) - {duty.program.code}:
            assert duty not in Duty.objects.visible_to(people[other])
        by = people[duty.program.code]
        with pytest.raises(ActRefused):  # a recipient has not confirmed the Cancel
            discharge(duty=duty, by=by, outcome="done")
        for row in unconfirmed(duty.alert).select_related("recipient"):
            record_confirmation(alert=duty.alert, by=by, recipient=row.recipient, name="On duty", via="phone")
        discharge(duty=duty, by=by, outcome="done")
    assert _open_duties() == set()


def test_while_identity_is_pending_nothing_changes_and_everybody_is_told(three_alerts):
    people, child = officers(), three_alerts[0].case.children.get()
    before = sorted(shows(public_addresses()))
    report_located(
        child=child, by=people["ca-qc"], located_at=timezone.now(), time_zone="America/Toronto", place="Montréal",
        subdivision=Subdivision.objects.get(code="CA-QC"), condition="unharmed",
        holding_agency=Agency.objects.get(code="ca-qc-sq"),
    )  # fmt: skip
    assert sorted(shows(public_addresses())) == before
    told = set(Delivery.objects.filter(notice__kind="child_located").values_list("user__email", flat=True))
    assert told >= {person.email for person in people.values()}
    for alert, code in zip(three_alerts, PROGRAMS, strict=True):
        client = Client()
        client.force_login(people[code])
        pages = [reverse("alerts:alert-detail", args=[alert.pk]), reverse("cases:case-detail", args=[alert.case_id])]
        if alert.request_id:
            pages.append(reverse("alerts:request-detail", args=[alert.request_id]))
        for page in pages:
            text = client.get(page).text
            assert any(
                words in text
                for words in ("Do not stand down yet", "Aún no suspenda la búsqueda", "Ne relâchez pas encore")
            ), page


def _open_duties() -> set[tuple[str, str]]:
    return set(Duty.objects.open().values_list("program__code", "kind"))


@pytest.fixture
def brother(active_case: Any) -> Child:
    """A brother who is missing too."""
    return Child.objects.create(
        case=active_case, given_names="Anselmo", first_surname="Quimby", sex="M", age_years=9, hair="BLK"
    )


def test_first_of_two_leaves_every_public_place_while_the_other_is_missing(brother, three_alerts):
    first = three_alerts[0].case.children.exclude(pk=brother.pk).get()
    assert any("Zoraida" in canaries for canaries in shows(public_addresses()).values())
    found_by_the_third(first, officers())
    case = type(three_alerts[0].case).objects.get(pk=first.case_id)
    assert (case.status, brother.status) == ("active", "missing")
    assert [canaries for canaries in shows(public_addresses()).values() if "Zoraida" in canaries] == []
    assert not PublicPhoto.objects.exists()
    address = reverse("public:alert-detail", args=["es", PublicAlert.objects.get(alert=three_alerts[1]).public_id])
    assert "Anselmo" in read(address), "the search for the brother stays public"
    assert {alert.status for alert in Alert.objects.all()} == {"active"}
    assert Duty.objects.open().values("program").distinct().count() == 3
    found_by_the_third(brother, officers())
    assert shows(public_addresses()) == {}
    case.refresh_from_db()
    assert case.status == "recovered"
