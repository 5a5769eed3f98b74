"""Addresses of sign-in and language."""

from __future__ import annotations

from django.urls import path

from agencies.views import acting_agency, renewal, second_factor, second_step, session

app_name = "agencies"
urlpatterns = [
    path("session/renew/", renewal.RenewSession.as_view(), name="session-renew"),
    path("session/agency/", acting_agency.ActingAgency.as_view(), name="acting-agency"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("login/code/", second_step.SecondStep.as_view(), name="login-code"),
    path("account/factor/", second_factor.FactorState.as_view(), name="factor"),
    path("account/factor/enrol/", second_factor.EnrolFactor.as_view(), name="factor-enrol"),
    path("account/factor/codes/", second_factor.RecoveryCodes.as_view(), name="factor-codes"),
    path("account/factor/codes/new/", second_factor.RenewCodes.as_view(), name="factor-renew-codes"),
    path("account/factor/remove/", second_factor.RemoveFactor.as_view(), name="factor-remove"),
    path("logout/", session.SignOut.as_view(), name="logout"),
    path("language/", session.SetLanguage.as_view(), name="set-language"),
    path("healthz", session.health, name="health"),
]
