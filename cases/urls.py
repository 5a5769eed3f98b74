"""Addresses of cases."""

from __future__ import annotations

from django.urls import path

from cases.views import (
    acts,
    authorities,
    closures,
    corrections,
    facts,
    facts_drafts,
    home_decision,
    indications,
    intake,
    opinions,
    pages,
    records,
    recoveries,
    rows,
    uploads,
)

app_name = "cases"
urlpatterns = [
    path("cases/", pages.CaseList.as_view(), name="case-list"),
    path("cases/open/", intake.OpenCase.as_view(), name="case-open"),
    path("cases/drafts/save/", intake.SaveDraft.as_view(), name="draft-save"),
    path("cases/drafts/<uuid:pk>/", intake.DraftDetail.as_view(), name="draft-detail"),
    path("cases/drafts/<uuid:pk>/discard/", intake.DiscardDraft.as_view(), name="draft-discard"),
    path("cases/<uuid:pk>/", pages.CaseDetail.as_view(), name="case-detail"),
    path("cases/<uuid:pk>/facts/", facts.CaseFacts.as_view(), name="case-facts"),
    path("cases/<uuid:pk>/facts/drafts/save/", facts_drafts.SaveFactsDraft.as_view(), name="facts-draft-save"),
    path(
        "cases/<uuid:pk>/facts/drafts/<uuid:draft>/discard/",
        facts_drafts.DiscardFactsDraft.as_view(),
        name="facts-draft-discard",
    ),
    path("cases/<uuid:pk>/facts/add/<slug:kind>/", rows.AddRow.as_view(), name="row-add"),
    path("cases/<uuid:pk>/facts/<slug:kind>/<uuid:row>/", rows.ChangeRow.as_view(), name="row-change"),
    path("cases/<uuid:pk>/place/", rows.PlaceDetails.as_view(), name="place-detail"),
    path("cases/<uuid:pk>/vehicles/<uuid:vehicle>/plates/", rows.AddPlate.as_view(), name="plate-add"),
    path("cases/<uuid:pk>/plates/<uuid:plate>/replace/", rows.ReplacePlate.as_view(), name="plate-replace"),
    path("cases/<uuid:pk>/sightings/", records.AddSighting.as_view(), name="sighting-add"),
    path(
        "cases/<uuid:pk>/sightings/<uuid:sighting>/indication/",
        indications.SightingToIndication.as_view(),
        name="sighting-indication",
    ),
    path("cases/<uuid:pk>/references/", records.AddReference.as_view(), name="reference-add"),
    path("cases/<uuid:pk>/notices/", records.AddNotice.as_view(), name="parallel-notice-add"),
    path("cases/<uuid:pk>/notices/<uuid:notice>/", records.ChangeNotice.as_view(), name="parallel-notice-change"),
    path("cases/<uuid:pk>/corrections/", corrections.Corrections.as_view(), name="correction-list"),
    path(
        "cases/<uuid:pk>/corrections/<slug:kind>/<uuid:row>/<slug:name>/",
        corrections.ProposeCorrection.as_view(),
        name="correction-propose",
    ),
    path(
        "cases/<uuid:pk>/corrections/<uuid:proposal>/<slug:decision>/",
        corrections.DecideCorrection.as_view(),
        name="correction-decide",
    ),
    path("cases/<uuid:pk>/photos/", acts.AddPhoto.as_view(), name="photo-add"),
    path("cases/<uuid:pk>/photos/uploads/", uploads.BeginUpload.as_view(), name="photo-upload-begin"),
    path("cases/<uuid:pk>/photos/uploads/<uuid:upload>/", uploads.ContinueUpload.as_view(), name="photo-upload"),
    path("cases/<uuid:pk>/steps/<slug:step>/", acts.CaseStep.as_view(), name="case-step"),
    path("cases/<uuid:pk>/close/", closures.CloseCase.as_view(), name="case-close"),
    path("cases/<uuid:pk>/reopen/", closures.ReopenCase.as_view(), name="case-reopen"),
    path("cases/<uuid:pk>/family-informed/", closures.InformFamily.as_view(), name="family-informed"),
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
    path("cases/<uuid:pk>/opinions/", opinions.RecordOpinion.as_view(), name="opinion-record"),
    path("cases/<uuid:pk>/opinions/ask/", opinions.AskOpinion.as_view(), name="opinion-ask"),
    path("cases/<uuid:pk>/opinions/ask-elsewhere/", opinions.AskElsewhere.as_view(), name="opinion-ask-elsewhere"),
    path(
        "cases/<uuid:pk>/opinions/<uuid:review>/withdraw/",
        opinions.WithdrawQuestion.as_view(),
        name="opinion-withdraw",
    ),
    path("cases/<uuid:pk>/opinions/<uuid:review>/", opinions.GiveOpinion.as_view(), name="opinion-give"),
    path("cases/<uuid:pk>/opinions/<uuid:review>/ask-again/", opinions.AskAgain.as_view(), name="opinion-ask-again"),
    path("cases/<uuid:pk>/opinions/<uuid:review>/release/", opinions.ReleaseOpinion.as_view(), name="opinion-release"),
    path("cases/<uuid:pk>/home-decision/", home_decision.DecideAtHome.as_view(), name="home-decision"),
    path("cases/<uuid:pk>/authorities/", authorities.RecordAuthority.as_view(), name="authority-record"),
    path(
        "cases/<uuid:pk>/authorities/<uuid:authority>/revoke/",
        authorities.RevokeAuthority.as_view(),
        name="authority-revoke",
    ),
    path("photos/<uuid:pk>.jpg", pages.PhotoFile.as_view(), name="photo-file"),
    path("documents/<uuid:pk>/", pages.DocumentFile.as_view(), name="document-file"),
]
