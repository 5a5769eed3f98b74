"""Addresses of sign-in and language."""

from __future__ import annotations

from django.urls import path

from agencies.views import acting_agency, desk_check, renewal, roster, second_factor, second_step, session

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
    path("desk/roster/", roster.Roster.as_view(), name="roster"),
    path("desk/roster/switch/", roster.SwitchRoster.as_view(), name="roster-switch"),
    path("desk/roster/calendar/", roster.CalendarAddress.as_view(), name="calendar-address"),
    path("desk/roster/shifts/<uuid:pk>/", roster.Shift.as_view(), name="shift"),
    path("desk/roster/shifts/<uuid:pk>/removal/", roster.RemoveShift.as_view(), name="shift-remove"),
    path("desk/roster/changes/<uuid:pk>/removal/", roster.TakeBackOverride.as_view(), name="override-remove"),
    path("calendar/<str:token>.ics", roster.Calendar.as_view(), name="calendar"),
    path("numbers/<str:token>/", desk_check.CheckDesk.as_view(), name="desk-check"),
    path("healthz", session.health, name="health"),
]
