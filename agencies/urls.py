"""Addresses of sign-in and language."""

from __future__ import annotations

from django.urls import path

from agencies.views import acting_agency, renewal, session

app_name = "agencies"
urlpatterns = [
    path("session/renew/", renewal.RenewSession.as_view(), name="session-renew"),
    path("session/agency/", acting_agency.ActingAgency.as_view(), name="acting-agency"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", session.SignOut.as_view(), name="logout"),
    path("language/", session.SetLanguage.as_view(), name="set-language"),
    path("healthz", session.health, name="health"),
]
