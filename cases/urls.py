"""Addresses of cases."""

from __future__ import annotations

from django.urls import path

from cases.views import acts, home_decision, pages, recoveries

app_name = "cases"
urlpatterns = [
    path("cases/", pages.CaseList.as_view(), name="case-list"),
    path("cases/open/", acts.OpenCase.as_view(), name="case-open"),
    path("cases/<uuid:pk>/", pages.CaseDetail.as_view(), name="case-detail"),
    path("cases/<uuid:pk>/facts/", acts.CaseFacts.as_view(), name="case-facts"),
    path("cases/<uuid:pk>/photos/", acts.AddPhoto.as_view(), name="photo-add"),
    path("cases/<uuid:pk>/steps/<slug:step>/", acts.CaseStep.as_view(), name="case-step"),
    path("cases/<uuid:pk>/located/", recoveries.ReportLocated.as_view(), name="recovery-report"),
    path(
        "cases/<uuid:pk>/recoveries/<uuid:recovery>/confirm/",
        recoveries.ConfirmIdentity.as_view(),
        name="identity-confirm",
    ),
    path(
        "cases/<uuid:pk>/recoveries/<uuid:recovery>/reject/",
        recoveries.RejectIdentity.as_view(),
        name="identity-reject",
    ),
    path("cases/<uuid:pk>/opinions/", acts.RecordOpinion.as_view(), name="opinion-record"),
    path("cases/<uuid:pk>/opinions/<uuid:review>/release/", acts.ReleaseOpinion.as_view(), name="opinion-release"),
    path("cases/<uuid:pk>/home-decision/", home_decision.DecideAtHome.as_view(), name="home-decision"),
    path("photos/<uuid:pk>.jpg", pages.PhotoFile.as_view(), name="photo-file"),
    path("documents/<uuid:pk>/", pages.DocumentFile.as_view(), name="document-file"),
]
