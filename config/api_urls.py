"""Addresses under /api/v1/."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from agencies.api.roster import RosterShiftViewSet, RosterViewSet, ShiftOverrideViewSet
from agencies.api.schema import SchemaView
from agencies.api.views import ProgramViewSet
from alerts.api.alerts import AlertViewSet
from alerts.api.deliveries import DeliveryViewSet
from alerts.api.desk import DeskView
from alerts.api.duties import DutyViewSet
from alerts.api.exercises import ExerciseScoresView
from alerts.api.imports import CaseImport
from alerts.api.kept_requests import KeptRequestViewSet
from alerts.api.requests import RequestViewSet
from alerts.api.shifts import ShiftNoteViewSet, ShiftPromiseViewSet
from alerts.api.text_reviews import TextReviewViewSet
from alerts.api.updates import UpdateViewSet
from alerts.api.withdrawals import RedactionViewSet
from cases.api import rows
from cases.api.blind_questions import BlindQuestionViewSet
from cases.api.corrections import CorrectionViewSet
from cases.api.drafts import DraftViewSet
from cases.api.handovers import HandoverViewSet
from cases.api.publication import AuthorityViewSet
from cases.api.records import NoticeViewSet
from cases.api.recoveries import RecoveryViewSet
from cases.api.sightings import SightingViewSet
from cases.api.views import CaseViewSet

router = SimpleRouter()
router.register("cases", CaseViewSet, basename="case")
router.register("drafts", DraftViewSet, basename="draft")
router.register("abductions", rows.AbductionViewSet, basename="abduction")
router.register("children", rows.ChildViewSet, basename="child")
router.register("people", rows.PersonViewSet, basename="person")
router.register("vehicles", rows.VehicleViewSet, basename="vehicle")
router.register("plates", rows.PlateViewSet, basename="plate")
router.register("legs", rows.TravelLegViewSet, basename="leg")
router.register("links", rows.LinkViewSet, basename="link")
router.register("crossing-indications", rows.CrossingViewSet, basename="crossing-indication")
router.register("sightings", SightingViewSet, basename="sighting")
router.register("parallel-notices", NoticeViewSet, basename="parallel-notice")
router.register("corrections", CorrectionViewSet, basename="correction")
router.register("blind-questions", BlindQuestionViewSet, basename="blind-question")
router.register("handovers", HandoverViewSet, basename="handover")
router.register("recoveries", RecoveryViewSet, basename="recovery")
router.register("requests", RequestViewSet, basename="request")
router.register("kept-requests", KeptRequestViewSet, basename="kept-request")
router.register("alerts", AlertViewSet, basename="alert")
router.register("updates", UpdateViewSet, basename="update")
router.register("redactions", RedactionViewSet, basename="redaction")
router.register("authorities", AuthorityViewSet, basename="authority")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("duties", DutyViewSet, basename="duty")
router.register("shift-notes", ShiftNoteViewSet, basename="shift-note")
router.register("shift-promises", ShiftPromiseViewSet, basename="shift-promise")
router.register("rosters", RosterViewSet, basename="roster")
router.register("roster-shifts", RosterShiftViewSet, basename="roster-shift")
router.register("roster-overrides", ShiftOverrideViewSet, basename="roster-override")
router.register("text-reviews", TextReviewViewSet, basename="text-review")
router.register("programs", ProgramViewSet, basename="program")

app_name = "api"
urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("desk/", DeskView.as_view(), name="desk"),
    path("cases/import/", CaseImport.as_view(), name="case-import"),  # before the cases: "import" is no case
    path("cases/<uuid:pk>/exercise-scores/", ExerciseScoresView.as_view(), name="case-exercise-scores"),
    path("", include(router.urls)),
]
