"""One program's own alert, its words in three languages and its area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import AlertReach, Capability, Language
from agencies.identifiers import uuid7
from agencies.models import AlertProgram
from alerts.choices import (
    PUBLISHED_STATUSES,
    ActivationException,
    AlertStatus,
    ApprovalBasis,
    RecipientKind,
    RecipientRole,
    TextSource,
    TextStanding,
)
from cases.models import Case
from cases.models.code import CodeField

if TYPE_CHECKING:
    from agencies.models import User


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts: drafts belong to their program, published ones to everybody on the case."""

    def visible_to(self, user: User) -> AlertQuerySet:
        """Return the alerts of the person's programs, and published alerts of the cases they may see."""
        ids = access.agency_ids(user, Capability.VIEW_CASES)
        if not ids:
            return self.none()
        own_or_published = Q(program__in=AlertProgram.objects.drafted_by(ids)) | Q(status__in=PUBLISHED_STATUSES)
        return self.filter(own_or_published, case__in=Case.objects.visible_to(user))


class Alert(models.Model):
    """An alert that one program words, approves, activates, renews and cancels under its own law.

    `content_hash` is the hash of words, area, audience, photo and term at approval; any edit voids the approval.
    `criteria` is the version of the program's rules that it was activated under and keeps to its end, whatever staff
    change later.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(_("alert number"), max_length=24, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="alerts", verbose_name=_("case"))
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="alerts", verbose_name=_("alert program")
    )
    request = models.OneToOneField(
        "alerts.ExtensionRequest", models.PROTECT, null=True, blank=True, related_name="alert",
        verbose_name=_("request"),
    )  # fmt: skip
    status = models.CharField(_("status"), max_length=12, choices=AlertStatus.choices, default=AlertStatus.DRAFT)
    is_exercise = models.BooleanField(_("exercise"), default=False)
    duration_hours = models.PositiveSmallIntegerField(_("duration in hours"), default=24)
    reach = models.CharField(_("level"), max_length=13, choices=AlertReach.choices, blank=True)
    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("criteria it was activated under"),
    )  # fmt: skip
    photo = models.ForeignKey(
        "cases.Photo", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("photo")
    )
    # Whom of its program's recipients it is for; empty means everybody (ADR 82).
    audience_kinds = ArrayField(
        models.CharField(max_length=10, choices=RecipientKind.choices), verbose_name=_("kinds of recipients"),
        default=list, blank=True,
    )  # fmt: skip
    audience_roles = ArrayField(
        models.CharField(max_length=10, choices=RecipientRole.choices), verbose_name=_("roles of recipients"),
        default=list, blank=True,
    )  # fmt: skip
    facts = models.JSONField(_("facts the words were composed from"), default=dict, blank=True)
    authors = ArrayField(models.UUIDField(), verbose_name=_("authors since the last approval"), default=list)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("created by"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("submitted by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    content_hash = models.CharField(_("hash of the approved content"), max_length=64, blank=True)
    exception = models.CharField(_("exception"), max_length=14, choices=ActivationException.choices, blank=True)
    exception_reason = models.TextField(_("reason of the exception"), blank=True, max_length=1000)
    exception_language = models.CharField(
        _("language of the reason"), max_length=2, choices=Language.choices, blank=True
    )
    fallback = models.ForeignKey(
        "agencies.ActivationFallback", models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("fallback of activation"),
    )  # fmt: skip
    exception_at = models.DateTimeField(_("exception used"), null=True, blank=True)
    exception_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("exception used by")
    )
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, db_index=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    end_reason = CodeField(_("reason of the end"), list_name="end_reason")
    end_explanation = models.TextField(_("why it ended before its shortest duration"), blank=True, max_length=1000)
    end_explanation_language = models.CharField(
        _("language of the explanation"), max_length=2, choices=Language.choices, blank=True
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["program", "-created_at"], name="alert_of_program"),
            models.Index(fields=["expires_at"], name="alert_active_expiry", condition=Q(status="active")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AlertStatus.values), name="alert_status_known"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="alert_submitted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="alert_approved_at_and_by",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(activated_at__isnull=False, expires_at__isnull=False),
                name="active_alert_has_term",
            ),
            models.CheckConstraint(
                condition=Q(end_explanation="") | ~Q(end_explanation_language=""),
                name="alert_end_explanation_has_language",
            ),
            models.CheckConstraint(
                condition=Q(exception="", exception_reason="", exception_at__isnull=True, exception_by__isnull=True)
                | ~Q(exception="")
                & ~Q(exception_reason="")
                & ~Q(exception_language="")
                & Q(exception_at__isnull=False, exception_by__isnull=False),
                name="alert_exception_has_reason_and_person",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AlertText(models.Model):
    """The words of an alert in one language, with their author and their reviewer."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="texts", verbose_name=_("alert"))
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    source = models.CharField(_("source"), max_length=10, choices=TextSource.choices, default=TextSource.COMPOSED)
    event = models.CharField(_("event"), max_length=80)
    headline = models.CharField(_("headline"), max_length=160)
    description = models.TextField(_("description"), max_length=2000)
    instruction = models.TextField(_("instruction"), max_length=1000)
    author = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    reviewer = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewer")
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    approved_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approval_basis = models.CharField(_("basis of the approval"), max_length=10, choices=ApprovalBasis, blank=True)
    typed_read_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("read every typed word"),
    )  # fmt: skip
    typed_read_at = models.DateTimeField(_("typed words read"), null=True, blank=True)

    class Meta:
        verbose_name = _("text of an alert")
        verbose_name_plural = _("texts of alerts")
        ordering = ["language"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["alert", "language"], name="one_text_per_alert_and_language"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewer__isnull=True)
                | Q(reviewed_at__isnull=False, reviewer__isnull=False),
                name="text_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True, approval_basis="")
                | Q(approved_at__isnull=False, approved_by__isnull=False, approval_basis__in=ApprovalBasis.values),
                name="text_approved_at_by_and_on",
            ),
            models.CheckConstraint(
                condition=Q(typed_read_at__isnull=True, typed_read_by__isnull=True)
                | Q(typed_read_at__isnull=False, typed_read_by__isnull=False),
                name="text_typed_read_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} ({self.language})"

    @property
    def standing(self) -> TextStanding:
        """Return whether the words may be published: as composed, as reviewed by a named person, or not yet.

        Typed words are reviewed once somebody has said by name that they read every one of them (U28).
        """
        if self.is_typed:
            return TextStanding.REVIEWED if self.reviewer_id and self.typed_read_by_id else TextStanding.UNREVIEWED
        return TextStanding.REVIEWED if self.reviewer_id else TextStanding.COMPOSED

    @property
    def is_typed(self) -> bool:
        """Say whether somebody typed or changed these words by hand."""
        return self.source != TextSource.COMPOSED

    @property
    def is_approved(self) -> bool:
        """Say whether an approval covers exactly these words."""
        return self.approved_at is not None

    def void_review(self) -> None:
        """Forget review and approval, because the words change; the caller saves the row."""
        self.reviewer = self.reviewed_at = self.approved_by = self.approved_at = None
        self.typed_read_by = self.typed_read_at = None
        self.approval_basis = ""


class AlertArea(models.Model):
    """One subdivision that an alert covers."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="areas", verbose_name=_("alert"))
    subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, related_name="+", verbose_name=_("state, entity or province")
    )

    class Meta:
        verbose_name = _("area of an alert")
        verbose_name_plural = _("areas of alerts")
        ordering = ["subdivision"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["alert", "subdivision"], name="one_area_per_subdivision")]

    def __str__(self) -> str:
        return f"{self.alert} – {self.subdivision_id}"


class AlertNumber(models.Model):
    """The last alert number a program gave in one year."""

    program = models.ForeignKey("agencies.AlertProgram", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("alert number series")
        verbose_name_plural = _("alert number series")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["program", "year"], name="one_alert_series_per_year")]

    def __str__(self) -> str:
        return f"{self.program_id}-{self.year}"
