"""The same 404 of the API for everything that is not there for this person."""

from __future__ import annotations

import uuid

import pytest

from agencies.models import Agency
from cases.models import (
    BlindQuestion,
    CaseDraft,
    CaseHandover,
    CorrectionProposal,
    Link,
    ParallelNotice,
    Recovery,
    Sighting,
    TravelLeg,
)
from tests.cases.test_api import signed_in, url

pytestmark = pytest.mark.django_db

ROUTES = [
    ("get", "case-detail", "case"), ("post", "case-activate", "case"), ("post", "case-resume-search", "case"),
    ("post", "case-close", "case"), ("post", "case-close-as-unfounded", "case"), ("post", "case-close-as-hoax", "case"),
    ("post", "case-reopen", "case"), ("post", "case-family-informed", "case"),
    ("post", "case-located", "case"), ("get", "recovery-detail", "recovery"), ("post", "recovery-confirm", "recovery"),
    ("post", "recovery-reject", "recovery"), ("get", "authority-detail", "authority"),
    ("post", "authority-revoke", "authority"),
    ("post", "case-children", "case"), ("post", "case-people", "case"), ("post", "case-vehicles", "case"),
    ("post", "case-crossing-indications", "case"), ("patch", "abduction-detail", "abduction"),
    ("patch", "child-detail", "child"), ("patch", "person-detail", "person"), ("patch", "vehicle-detail", "vehicle"),
    ("patch", "crossing-indication-detail", "crossing"),
    ("post", "case-legs", "case"), ("post", "case-links", "case"), ("post", "case-sightings", "case"),
    ("post", "case-references", "case"), ("post", "case-parallel-notices", "case"),
    ("post", "case-corrections", "case"),
    ("patch", "leg-detail", "leg"), ("patch", "link-detail", "link"), ("post", "vehicle-plates", "vehicle"),
    ("post", "plate-replace", "plate"), ("post", "sighting-take-over", "sighting"),
    ("post", "sighting-propose-indication", "sighting"), ("patch", "parallel-notice-detail", "notice"),
    ("get", "correction-detail", "correction"), ("post", "correction-accept", "correction"),
    ("post", "correction-refuse", "correction"), ("get", "draft-detail", "draft"), ("patch", "draft-detail", "draft"),
    ("post", "draft-open", "draft"), ("post", "draft-discard", "draft"),
    ("get", "case-law", "case"), ("post", "case-criteria-answers", "case"), ("post", "case-home-decision", "case"),
    ("post", "case-ask-opinion", "case"), ("post", "case-withdraw-question", "case"),
    ("post", "case-ask-again", "case"), ("post", "case-give-opinion", "case"), ("post", "case-record-opinion", "case"),
    ("post", "case-release-opinion", "case"),
    ("get", "case-shares", "case"), ("post", "case-shares", "case"), ("post", "case-end-share", "case"),
    ("get", "case-history", "case"),
    ("get", "blind-question-detail", "question"),
    ("get", "case-seal", "case"), ("post", "case-seal", "case"), ("post", "case-unseal", "case"),
    ("post", "case-name-reader", "case"), ("post", "case-remove-reader", "case"),
    ("get", "case-handovers", "case"), ("post", "case-handovers", "case"), ("get", "handover-detail", "handover"),
    ("post", "handover-accept", "handover"), ("post", "handover-refuse", "handover"),
    ("post", "handover-withdraw", "handover"),
    ("get", "case-accesses", "case"), ("get", "case-why-seen", "case"), ("post", "case-preview-share", "case"),
    ("get", "case-parts", "case"), ("post", "case-parts", "case"), ("post", "case-give-parts", "case"),
    ("post", "case-take-back-parts", "case"),
]  # fmt: skip


def newer_row(kind, case):
    """Make one row of a kind that the case of the fixture does not hold yet."""
    by, said = case.opened_by, {"agency": case.lead_agency, "case": case}
    make = {
        "plate": case.plates.get,
        "leg": lambda: TravelLeg.objects.create(case=case, mode="bus"),
        "link": lambda: Link.objects.create(case=case, child=case.children.get(), vehicle=case.vehicles.get()),
        "sighting": lambda: Sighting.objects.create(
            evidence="camera", seen_at=case.opened_at, time_zone="America/Tijuana", reported_by=by, **said
        ),
        "notice": lambda: ParallelNotice.objects.create(body="ncb", outcome="sent", recorded_by=by, **said),
        "correction": lambda: CorrectionProposal.objects.create(
            proposed_by=by, subject_type="vehicle", subject_id=case.vehicles.get().pk, field_name="plate",
            value=["A1"], reason="r", reason_language="en", **said,
        ),
        "question": lambda: BlindQuestion.objects.create(
            asked_by=by, from_agency=case.lead_agency, to_agency=Agency.objects.get(code="us-tx-dps"), subject="plate",
            subject_hash="0" * 64, reason="tip", is_hit=False,
        ),
        "handover": lambda: CaseHandover.objects.create(
            case=case, reference=case.reference, from_agency=case.lead_agency, reason="capacity", offered_by=by,
            to_agency=Agency.objects.get(code="us-tx-dps"), expires_at=case.opened_at,
        ),
        "draft": lambda: CaseDraft.objects.create(agency=case.lead_agency, created_by=by, saved_by=by),
    }  # fmt: skip
    return make[kind]()


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name", "kind"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(request, active_case, method, name, kind, who):
    client = signed_in(request.getfixturevalue(who))
    row = {
        "case": active_case, "abduction": active_case.abduction, "child": active_case.children.get(),
        "person": active_case.people.get(), "vehicle": active_case.vehicles.get(),
        "crossing": active_case.crossingindications.get(),
        "authority": active_case.publication_authorities.first(),
        "recovery": Recovery.objects.create(
            case=active_case, child=active_case.children.get(), located_at=active_case.opened_at, place="Tijuana",
            time_zone="America/Tijuana", subdivision=active_case.origin, condition="unharmed",
            holding_agency=active_case.lead_agency, reported_by=active_case.opened_by,
        ),
    }.get(kind) or newer_row(kind, active_case)  # fmt: skip
    answers = [
        getattr(client, method)(url(name, key), {"status": 1, "version": "bad"} if method != "get" else None)
        for key in (row.pk, uuid.uuid4(), "no-uuid", "0" * 60)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
