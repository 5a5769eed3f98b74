"""Addresses of requests and alerts for people who have signed in, and of acknowledgement."""

from __future__ import annotations

from django.urls import path

from alerts.views import (
    acknowledgement,
    alerts,
    criteria,
    deliveries,
    desk,
    duties,
    handing,
    outside,
    publishing,
    renewals,
    requests,
    sending,
    sheets,
    takedown,
    updates,
)

app_name = "alerts"
urlpatterns = [
    path("desk/", desk.Desk.as_view(), name="desk"),
    path("desk/import/", desk.ImportCap.as_view(), name="cap-import"),
    path("desk/duties/<uuid:pk>/", duties.DutyPage.as_view(), name="duty"),
    path("desk/duties/<uuid:pk>/discharge/", duties.Discharge.as_view(), name="duty-discharge"),
    path("desk/requests/", requests.RequestList.as_view(), name="request-list"),
    path("desk/requests/<uuid:pk>/", requests.RequestDetail.as_view(), name="request-detail"),
    path("desk/requests/<uuid:pk>/acknowledge/", requests.Acknowledge.as_view(), name="request-acknowledge"),
    path("desk/requests/<uuid:pk>/decision/", requests.Decide.as_view(), name="request-decide"),
    path("desk/requests/<uuid:pk>/withdraw/", requests.Withdraw.as_view(), name="request-withdraw"),
    path("desk/requests/<uuid:pk>/question/", requests.Ask.as_view(), name="request-question"),
    path("desk/requests/<uuid:pk>/answer/", requests.Answer.as_view(), name="request-answer"),
    path("desk/requests/<uuid:pk>/cancellation/", requests.AskCancellation.as_view(), name="request-cancellation"),
    path("desk/requests/<uuid:pk>/refusal/", requests.RefuseCancellation.as_view(), name="request-refusal"),
    path("desk/requests/<uuid:pk>/outside/", outside.RecordActivation.as_view(), name="request-outside"),
    path("desk/requests/<uuid:pk>/outside-answer/", outside.RecordAnswer.as_view(), name="request-outside-answer"),
    path(
        "desk/requests/<uuid:pk>/sheet/<slug:layout>-<str:language>.pdf",
        sheets.RequestSheet.as_view(),
        name="request-sheet",
    ),
    path("desk/requests/<uuid:pk>/acuse-<str:language>.pdf", sheets.Acuse.as_view(), name="request-acuse"),
    path("desk/requests/<uuid:pk>/hand-on/<slug:way>/", handing.HandOn.as_view(), name="request-hand-on"),
    path("desk/requests/<uuid:pk>/act/<slug:step>/", requests.PlainAct.as_view(), name="request-act"),
    path("desk/cases/<uuid:pk>/request/", sending.SendRequest.as_view(), name="request-send"),
    path("desk/cases/<uuid:pk>/alerts/<slug:program>/", alerts.StartAlert.as_view(), name="alert-start"),
    path("desk/cases/<uuid:pk>/criteria/", criteria.CriteriaDesk.as_view(), name="criteria-desk"),
    path("desk/cases/<uuid:pk>/criteria/<slug:program>/", criteria.AnswerCriteria.as_view(), name="criteria-answer"),
    path("desk/alerts/", alerts.AlertList.as_view(), name="alert-list"),
    path("desk/alerts/<uuid:pk>/", alerts.AlertDetail.as_view(), name="alert-detail"),
    path("desk/alerts/<uuid:pk>/edit/", alerts.AlertEdit.as_view(), name="alert-edit"),
    path("desk/alerts/<uuid:pk>/withdrawal/", takedown.Withdraw.as_view(), name="alert-withdraw"),
    path("desk/alerts/<uuid:pk>/renewal/", renewals.Renew.as_view(), name="alert-renew"),
    path("desk/duties/<uuid:pk>/expiry/", renewals.LetExpire.as_view(), name="let-expire"),
    path("desk/alerts/<uuid:pk>/restoration/", takedown.Restore.as_view(), name="alert-restore"),
    path("desk/updates/<uuid:pk>/", updates.UpdateDetail.as_view(), name="update-detail"),
    path("desk/updates/<uuid:pk>/edit/", updates.UpdateEdit.as_view(), name="update-edit"),
    path("desk/updates/<uuid:pk>/<slug:step>/", updates.UpdateStep.as_view(), name="update-step"),
    path("desk/duties/<uuid:pk>/acknowledgement/", updates.AcknowledgeChange.as_view(), name="change-acknowledge"),
    path("desk/alerts/<uuid:pk>/deliveries/", deliveries.DeliveryTable.as_view(), name="alert-deliveries"),
    path("desk/alerts/<uuid:pk>/authority/", publishing.RecordForAlert.as_view(), name="alert-authority"),
    path("desk/alerts/<uuid:pk>/<slug:step>/", alerts.AlertStep.as_view(), name="alert-step"),
    path("acknowledge/<str:token>/", acknowledgement.AcknowledgeDelivery.as_view(), name="delivery-acknowledge"),
]
