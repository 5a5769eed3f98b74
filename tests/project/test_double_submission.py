"""An act that is submitted twice happens once, and the repeat is answered like the first time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agencies.models import Agency, AuditEvent, Subdivision, SubmittedAct, User
from agencies.services import grant_membership
from alerts.forms.alerts import AlertForms
from alerts.gathering import content_hash
from alerts.models import Alert, AlertMessage, AlertUpdate, ApprovalCall, Delivery, Duty, ExtensionRequest
from alerts.services import requests
from cases.models import (
    AssessmentAnswer,
    Case,
    CaseEvent,
    Document,
    HomeDecision,
    IdentityConfirmation,
    LegalReview,
    Photo,
    Recovery,
    ReviewRelease,
)
from cases.services.closures import close_case
from cases.services.recoveries import confirm_identity, report_located
from tests.project.acts_of_alerts import ACTS_OF_ALERTS
from tests.project.acts_of_law import ACTS_OF_LAW
from tests.project.acts_outside import ACTS_OUTSIDE
from tests.project.conftest import facts_form, photo_bytes

NONCE = "the-nonce-of-one-form"
MODELS = (Case, CaseEvent, Document, Photo, ExtensionRequest, Alert, AlertMessage, AlertUpdate, Delivery, Recovery,
          IdentityConfirmation, LegalReview, ReviewRelease, AssessmentAnswer, HomeDecision, ApprovalCall)  # fmt: skip
THREADS = 8
CHOICES = ("/language/", "/logout/", "/session/agency/")  # sent twice they are the same choice
SAMPLE = (Path(__file__).parent.parent / "samples" / "partner_amber_alert.xml").read_bytes()


def rows() -> dict[str, int]:
    """Return how many rows of each kind there are, and how many deliveries are acknowledged."""
    acknowledged = Delivery.objects.filter(acknowledged_at__isnull=False).count()
    return {"acknowledged": acknowledged, **{model.__name__: model._base_manager.count() for model in MODELS}}


def signed_in(person: Any) -> Client:
    """Return a browser in which this person has signed in."""
    client = Client()
    client.force_login(person)
    return client


def located_form(case: Case) -> dict[str, str]:
    """Return the form of a report as a browser sends it."""
    return {
        "located-child": str(case.children.get().pk), "located-located_at": "2026-11-22T10:00",
        "located-time_zone": "America/Tijuana", "located-place": "Tijuana", "located-subdivision": "MX-BCN",
        "located-condition": "unharmed", "located-holding_agency": str(case.lead_agency_id),
    }  # fmt: skip


# Each act: who does it, where, and what the form holds besides the nonce.
Act = tuple[Any, str, dict[str, Any]]


@pytest.fixture
def acts(request: pytest.FixtureRequest) -> Callable[[str], Act]:
    """Give one act by its name, with everything there that it needs."""
    get = request.getfixturevalue

    def make(name: str) -> Act:
        return ACTS[name](get)

    return make


def _open_case(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("cases:case-open"), {
        "agency": Agency.objects.get(code="us-ca-chp").pk, "agency_reference": "LA-1",
    }  # fmt: skip


def _activate_case(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("cases:case-step", args=[get("intake_case").pk, "activate"]), {}


def _add_photo(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("cases:photo-add", args=[get("intake_case").pk]), {
        "photo-photo": SimpleUploadedFile("a.jpg", photo_bytes()), "photo-publication_basis": "parental_consent",
    }  # fmt: skip


def _send_request(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("alerts:request-send", args=[get("active_case").pk]), {
        "program": ["mx-bcn", "mx-son"], "kind": "activate",
    }  # fmt: skip


def _acknowledge(get: Callable[[str], Any]) -> Act:
    return get("baja_coordinator"), reverse("alerts:request-acknowledge", args=[get("sent_request").pk]), {}


def _decide(get: Callable[[str], Any]) -> Act:
    asked = get("sent_request")
    requests.acknowledge(request=asked, by=get("baja_coordinator"))
    return get("baja_coordinator"), reverse("alerts:request-decide", args=[asked.pk]), {"decision-decision": "accept"}


def _withdraw(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("alerts:request-withdraw", args=[get("sent_request").pk]), {}


def _withdraw_all(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("alerts:requests-withdraw", args=[get("sent_request").case_id]), {
        "withdraw-reason": "sent_in_error",
    }  # fmt: skip


def _start_alert(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("alerts:alert-start", args=[get("active_case").pk, "us-ca"]), {}


def _submit(get: Callable[[str], Any]) -> Act:
    return get("baja_coordinator"), reverse("alerts:alert-step", args=[get("draft_alert").pk, "submit"]), {}


def _activate_alert(get: Callable[[str], Any]) -> Act:
    get("recipient")
    return get("baja_coordinator"), reverse("alerts:alert-step", args=[get("approved_alert").pk, "activate"]), {}


def _cancel_alert(get: Callable[[str], Any]) -> Act:
    return get("baja_coordinator"), reverse("alerts:alert-step", args=[get("active_alert").pk, "cancel"]), {
        "cancel-reason": "found_safe",
    }  # fmt: skip


def _report_located(get: Callable[[str], Any]) -> Act:
    case = get("active_case")
    return get("california_officer"), reverse("cases:recovery-report", args=[case.pk]), located_form(case)


def _reject_identity(get: Callable[[str], Any]) -> Act:
    case, officer = get("active_case"), get("california_officer")
    recovery = report_located(
        child=case.children.get(), by=officer, located_at=timezone.now(), time_zone="America/Tijuana", place="T",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed", holding_agency=case.lead_agency,
    )  # fmt: skip
    return officer, reverse("cases:identity-reject", args=[case.pk, recovery.pk]), {"reject-reason": "not_child_dna"}


def _close_case(get: Callable[[str], Any]) -> Act:
    return get("california_officer"), reverse("cases:case-close", args=[get("active_case").pk]), {
        "close-reason": "hoax", "close-alert_effect": "no_alert", "close-category": "FAM",
    }  # fmt: skip


def _reopen_case(get: Callable[[str], Any]) -> Act:
    case, officer = get("active_case"), get("california_officer")
    close_case(case=case, by=officer, reason="hoax", alert_effect="no_alert", category="FAM")
    return officer, reverse("cases:case-reopen", args=[case.pk]), {"reopen-reason": "new_facts"}


def _inform_family(get: Callable[[str], Any]) -> Act:
    case, officer = get("active_case"), get("california_officer")
    report_located(
        child=case.children.get(), by=officer, located_at=timezone.now(), time_zone="America/Tijuana", place="T",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition="deceased", holding_agency=case.lead_agency,
    )  # fmt: skip
    return officer, reverse("cases:family-informed", args=[case.pk]), {}


def _discharge(get: Callable[[str], Any]) -> Act:
    alert = get("active_alert")
    duty = Duty.objects.create(
        kind="confirm_cancellation", case=alert.case, program=alert.program, alert=alert, due_at=timezone.now()
    )
    return get("baja_coordinator"), reverse("alerts:duty-discharge", args=[duty.pk]), {"duty-outcome": "done"}


def _confirm_identity(get: Callable[[str], Any]) -> Act:
    """The second word of the pair: it recovers the child, after which nothing is left to confirm."""
    case, officer = get("active_case"), get("california_officer")
    recovery = report_located(
        child=case.children.get(), by=officer, located_at=timezone.now(), time_zone="America/Tijuana", place="T",
        subdivision=Subdivision.objects.get(code="MX-BCN"), condition="unharmed", holding_agency=case.lead_agency,
    )  # fmt: skip
    confirm_identity(recovery=recovery, by=get("california_coordinator"), method="document")
    return officer, reverse("cases:identity-confirm", args=[case.pk, recovery.pk]), {"identity-method": "document"}


def _save_facts(get: Callable[[str], Any]) -> Act:
    case = get("intake_case")
    form = {**facts_form(case), "event-place": "Chula Vista"}
    return get("california_officer"), reverse("cases:case-facts", args=[case.pk]), form


def _edit_alert(get: Callable[[str], Any]) -> Act:
    alert = get("approved_alert")
    forms = AlertForms(alert)
    form = {field.html_name: field.value() for part in (forms.settings, *forms.texts) for field in part
            if field.value() is not None}  # fmt: skip
    form |= {"content_hash": content_hash(alert), "es-headline": "Otro encabezado"}
    return get("baja_coordinator"), reverse("alerts:alert-edit", args=[alert.pk]), form


def _revise_alert(get: Callable[[str], Any]) -> Act:
    return get("baja_coordinator"), reverse("alerts:alert-step", args=[get("approved_alert").pk, "revise"]), {}


ACTS: dict[str, Callable[[Callable[[str], Any]], Act]] = {
    "open case": _open_case, "activate case": _activate_case, "add photo": _add_photo, "send request": _send_request,
    "withdraw all": _withdraw_all,
    "acknowledge": _acknowledge, "decide": _decide, "withdraw": _withdraw, "start alert": _start_alert,
    "submit": _submit, "activate alert": _activate_alert, "cancel alert": _cancel_alert,
    "report located": _report_located, **ACTS_OF_LAW, **ACTS_OUTSIDE, **ACTS_OF_ALERTS,
    "confirm identity": _confirm_identity, "save facts": _save_facts, "edit alert": _edit_alert,
    "revise alert": _revise_alert, "reject identity": _reject_identity, "close case": _close_case,
    "reopen case": _reopen_case, "inform family": _inform_family, "discharge duty": _discharge,
}  # fmt: skip


def again(form: dict[str, Any]) -> dict[str, Any]:
    """Return the form as it is sent once more, files rewound."""
    for value in form.values():
        getattr(value, "seek", lambda _place: None)(0)
    return form


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ACTS))
def test_repeat_has_one_effect_and_the_same_answer(name: str, acts: Callable[[str], Act]) -> None:
    person, address, form = acts(name)
    client = signed_in(person)
    before, submitted = rows(), SubmittedAct.objects.count()
    first = client.post(address, {**form, "nonce": NONCE})
    assert first.status_code == 302, first.content[:2000]
    once, audited = rows(), AuditEvent.objects.exclude(action__endswith=".read").count()
    assert once != before
    second = client.post(address, {**again(form), "nonce": NONCE})
    assert (second.status_code, second["Location"]) == (302, first["Location"])
    assert rows() == once
    assert AuditEvent.objects.exclude(action__endswith=".read").count() == audited
    assert SubmittedAct.objects.count() == submitted + 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ACTS))
@pytest.mark.parametrize("nonce", [None, "", "x" * 81], ids=["missing", "empty", "too long"])
def test_form_without_a_valid_nonce_is_refused(name: str, nonce: str | None, acts: Callable[[str], Act]) -> None:
    person, address, form = acts(name)
    client = signed_in(person)
    before = rows()
    response = client.post(address, form if nonce is None else {**form, "nonce": nonce})
    assert response.status_code == 409, response.content[:2000]
    assert rows() == before
    assert not SubmittedAct.objects.exists()


@pytest.mark.django_db
def test_import_without_a_nonce_is_refused_like_every_form(california_officer: Any) -> None:
    response = signed_in(california_officer).post(
        reverse("alerts:cap-import"),
        {"agency": Agency.objects.get(code="us-ca-chp").pk, "file": SimpleUploadedFile("a.xml", SAMPLE)},
    )
    assert response.status_code == 409
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_import_twice_with_one_nonce_is_one_case(california_officer: Any) -> None:
    client = signed_in(california_officer)
    places = []
    for _time in range(2):
        response = client.post(
            reverse("alerts:cap-import"),
            {
                "agency": Agency.objects.get(code="us-ca-chp").pk,
                "file": SimpleUploadedFile("a.xml", SAMPLE),
                "nonce": NONCE,
            },
        )
        assert response.status_code == 302
        places.append(response["Location"])
    assert places[0] == places[1]
    assert (Case.objects.count(), Document.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_nonce_of_another_person_is_their_own(california_officer: Any, california_coordinator: Any) -> None:
    agency = Agency.objects.get(code="us-ca-chp").pk
    places = [
        signed_in(person).post(reverse("cases:case-open"), {"agency": agency, "nonce": NONCE})["Location"]
        for person in (california_officer, california_coordinator)
    ]
    assert places[0] != places[1]
    assert Case.objects.count() == 2


@pytest.mark.django_db
def test_nonce_counts_for_one_action_only(active_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    agency = active_case.lead_agency_id
    assert client.post(reverse("cases:case-open"), {"agency": agency, "nonce": NONCE}).status_code == 302
    close = reverse("cases:case-close", args=[active_case.pk])
    answers = {"close-reason": "unfounded", "close-alert_effect": "no_alert", "close-category": "FAM"}
    assert client.post(close, {**answers, "nonce": NONCE}).status_code == 302
    active_case.refresh_from_db()
    assert active_case.status == "unfounded"
    assert Case.objects.count() == 2


@pytest.mark.django_db
def test_refused_act_may_be_tried_again_with_its_nonce(intake_case: Any, california_officer: Any) -> None:
    client = signed_in(california_officer)
    activate = reverse("cases:case-step", args=[intake_case.pk, "activate"])
    Case.objects.filter(pk=intake_case.pk).update(status="recovered")
    assert client.post(activate, {"nonce": NONCE}).status_code == 409
    assert not SubmittedAct.objects.exists()
    Case.objects.filter(pk=intake_case.pk).update(status="intake")
    assert client.post(activate, {"nonce": NONCE}).status_code == 302


@pytest.mark.django_db
def test_every_acting_form_carries_a_nonce(world: Any) -> None:
    """A form that posts to an act and has no nonce could never be sent, or would be sent twice."""
    checked = 0
    for who, pages in {
        "owner_officer": [reverse("cases:case-open"), reverse("alerts:cap-import"),
                          reverse("cases:case-detail", args=[world.samples["case"]]),
                          reverse("cases:case-facts", args=[world.samples["case"]]),
                          reverse("alerts:request-send", args=[world.samples["case"]]),
                          reverse("alerts:request-detail", args=[world.samples["request"]])],
        "owner_legal": [reverse("cases:case-detail", args=[world.samples["case"]])],
        "receiver_coordinator": [reverse("cases:case-detail", args=[world.samples["case"]]),
                                 reverse("alerts:request-detail", args=[world.samples["request"]]),
                                 reverse("alerts:alert-detail", args=[world.samples["alert"]]),
                                 reverse("alerts:alert-edit", args=[world.samples["alert"]])],
    }.items():  # fmt: skip
        client = signed_in(world.people[who])
        for page in pages:
            for form in re.findall(r"<form\b.*?</form>", client.get(page).text, re.DOTALL):
                if 'method="post"' not in form or any(f'action="{path}"' in form for path in CHOICES):
                    continue
                nonce = re.search(r'name="nonce" value="([\w-]{22,})"', form)
                assert nonce, (page, form[:300])
                assert "csrfmiddlewaretoken" in form
                checked += 1
    assert checked >= 8


def test_eight_simultaneous_submissions_open_one_case(own_database: str, django_db_blocker: Any) -> None:
    """Eight browsers' worth of impatience: one waits for the other's transaction, all are led to the same case."""
    with django_db_blocker.unblock():
        officer = User.objects.create_user("casey.officer@california.example", "correct horse battery staple",
                                           full_name="Casey Officer")  # fmt: skip
        agency = Agency.objects.get(code="us-ca-chp")
        grant_membership(user=officer, agency=agency, role="duty_officer", by=None)
        session = signed_in(officer).cookies
        start, answers, faults = threading.Barrier(THREADS), [], []

        def submit() -> None:
            client = Client()
            client.cookies = session
            try:
                start.wait(timeout=30)
                response = client.post(reverse("cases:case-open"), {"agency": agency.pk, "nonce": NONCE})
                answers.append((response.status_code, response.headers.get("Location")))
            except Exception as error:  # told in the main thread
                faults.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=submit) for _number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert faults == []
        assert len(answers) == THREADS
        assert len(set(answers)) == 1
        assert answers[0][0] == 302
        assert (Case.objects.count(), SubmittedAct.objects.count()) == (1, 1)
        assert CaseEvent.objects.filter(kind="opened").count() == 1
        assert AuditEvent.objects.filter(action="case.opened").count() == 1
        assert connection.settings_dict["NAME"] == own_database
