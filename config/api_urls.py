"""Addresses under /api/v1/."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from agencies.api.schema import SchemaView
from agencies.api.views import ProgramViewSet
from alerts.api.alerts import AlertViewSet
from alerts.api.deliveries import DeliveryViewSet
from alerts.api.desk import DeskView
from alerts.api.duties import DutyViewSet
from alerts.api.imports import CaseImport
from alerts.api.requests import RequestViewSet
from alerts.api.text_reviews import TextReviewViewSet
from cases.api import views as cases
from cases.api.recoveries import RecoveryViewSet

router = SimpleRouter()
router.register("cases", cases.CaseViewSet, basename="case")
router.register("abductions", cases.AbductionViewSet, basename="abduction")
router.register("children", cases.ChildViewSet, basename="child")
router.register("people", cases.PersonViewSet, basename="person")
router.register("vehicles", cases.VehicleViewSet, basename="vehicle")
router.register("crossing-indications", cases.CrossingViewSet, basename="crossing-indication")
router.register("recoveries", RecoveryViewSet, basename="recovery")
router.register("requests", RequestViewSet, basename="request")
router.register("alerts", AlertViewSet, basename="alert")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("duties", DutyViewSet, basename="duty")
router.register("text-reviews", TextReviewViewSet, basename="text-review")
router.register("programs", ProgramViewSet, basename="program")

app_name = "api"
urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("desk/", DeskView.as_view(), name="desk"),
    path("cases/import/", CaseImport.as_view(), name="case-import"),  # before the cases: "import" is no case
    path("", include(router.urls)),
]
