"""A program may require a legal opinion before it activates (U30)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from agencies.models import CriteriaVersion
from agencies.refusals import ActRefused
from alerts.alert_guards import lacks_legal_opinion
from alerts.services import issuing
from cases.services.opinions import record_opinion
from tests.project.returned_forms import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(approved_alert: Any) -> Any:
    """The approved alert of a program whose criteria require a legal opinion."""
    CriteriaVersion.objects.filter(program=approved_alert.program).update(is_legal_review_required=True)
    return approved_alert


@pytest.fixture
def baja_legal(make_user: Any) -> Any:
    """A legal advisor in Baja California."""
    return make_user("lidia.juridica@baja.example", "mx-bcn-amber", "legal_advisor", "es")


def test_activation_is_refused_until_an_opinion_is_given(strict, baja_coordinator, baja_legal):
    with pytest.raises(ActRefused) as refusal:
        issuing.activate(alert=strict, by=baja_coordinator)
    assert "legal opinion" in str(refusal.value.message)
    strict.refresh_from_db()
    assert strict.status == "approved"
    record_opinion(case=strict.case, by=baja_legal, opinion="more_facts", grounds="Sin acta.")
    assert lacks_legal_opinion(strict)  # a question back is no opinion
    record_opinion(case=strict.case, by=baja_legal, opinion="in_favor", grounds="Procede.")
    issuing.activate(alert=strict, by=baja_coordinator)
    assert strict.status == "active"


def test_opinion_of_another_programs_advisor_does_not_count(strict, california_legal):
    record_opinion(case=strict.case, by=california_legal, opinion="in_favor", grounds="Fine.")
    assert lacks_legal_opinion(strict)


def test_program_without_the_rule_activates_without_an_opinion(approved_alert, baja_coordinator):
    issuing.activate(alert=approved_alert, by=baja_coordinator)
    assert approved_alert.status == "active"


def test_page_of_the_alert_says_that_it_is_missing_and_shows_what_was_given(
    strict, baja_coordinator, baja_legal, baja_approver
):
    address = reverse("alerts:alert-detail", args=[strict.pk])
    missing = "Falta una opinión jurídica"
    assert missing in signed_in(baja_approver).get(address).text
    record_opinion(case=strict.case, by=baja_legal, opinion="against", grounds="Motivos de la asesora.")
    page = signed_in(baja_approver).get(address).text
    assert missing not in page
    assert "En contra" in page
    assert "Motivos de la asesora." in page
    assert 'action="' + reverse("cases:opinion-record", args=[strict.case.pk]) not in page


def test_page_of_a_published_alert_shows_nothing_that_was_not_released(active_alert, california_officer, baja_legal):
    record_opinion(case=active_alert.case, by=baja_legal, opinion="in_favor", grounds="Motivos de la asesora.")
    page = signed_in(california_officer).get(reverse("alerts:alert-detail", args=[active_alert.pk])).text
    assert "Motivos de la asesora." not in page
