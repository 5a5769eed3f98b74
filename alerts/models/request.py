"""A request to one receiving program, which decides under its own law."""

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
from alerts.choices import RequestLink, RequestStatus
from cases.models import Case
from cases.models.code import CodeField

if TYPE_CHECKING:
    from agencies.models import User


class ExtensionRequestQuerySet(models.QuerySet["ExtensionRequest"]):
    """Requests, seen by the side that asks and the side that is asked."""

    def visible_to(self, user: User) -> ExtensionRequestQuerySet:
        """Return the requests of and to the person's agencies; what was never sent only on the asking side."""
        ids = access.agency_ids(user, Capability.VIEW_CASES)
        if not ids:
            return self.none()
        received = Q(program__in=AlertProgram.objects.run_by(ids), sent_at__isnull=False)
        return self.filter(Q(requesting_agency_id__in=ids) | received, case__in=Case.objects.visible_to(user))


class ExtensionRequest(models.Model):
    """One request, with the times of its clocks: asked, acknowledged, decided, activated, cancelled, confirmed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(_("number"), max_length=40, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="requests", verbose_name=_("case"))
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="requests", verbose_name=_("receiving program")
    )
    asked_for = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("program it was meant for"),
        help_text=_("Where another program receives for it first, by its row of the inbound route."),
    )  # fmt: skip
    requesting_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("requesting agency")
    )
    kind = CodeField(_("kind"), list_name="request_kind", blank=False)
    status = models.CharField(_("status"), max_length=24, choices=RequestStatus.choices, default=RequestStatus.DRAFT)
    facts_version = models.PositiveIntegerField(_("version of the facts when sent"), null=True, blank=True)
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers", verbose_name=_("follows the request")
    )
    link = models.CharField(_("why it follows"), max_length=12, choices=RequestLink.choices, blank=True)
    handed_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="handed_from",
        verbose_name=_("handed on as the request"),
    )  # fmt: skip
    note = models.TextField(_("note to the program"), blank=True, max_length=2000)
    note_language = models.CharField(_("language of the note"), max_length=2, choices=Language.choices, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("created by"))
    authors = ArrayField(models.UUIDField(), verbose_name=_("authors of the draft"), default=list, blank=True)
    saved_at = models.DateTimeField(_("draft saved"), null=True, blank=True)
    saved_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("draft saved by")
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    sent_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sent by")
    )
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("acknowledged by")
    )
    acknowledged_position = models.CharField(_("position of the officer who acknowledged"), max_length=80, blank=True)
    receiver_reference = models.CharField(_("receiver's file number"), max_length=60, blank=True)
    taken_at = models.DateTimeField(_("taken charge of"), null=True, blank=True)
    taken_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in charge")
    )
    taken_for = models.ForeignKey(
        "agencies.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in charge for")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("criteria it was decided under"),
    )  # fmt: skip
    assessment = models.ForeignKey(
        "cases.Assessment", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("assessment it was decided on"),
    )  # fmt: skip
    area = ArrayField(models.CharField(max_length=6), verbose_name=_("area, as codes"), default=list, blank=True)
    area_words = models.CharField(_("area in words"), max_length=300, blank=True)
    area_language = models.CharField(
        _("language of the area in words"), max_length=2, choices=Language.choices, blank=True
    )
    reach = models.CharField(_("level decided"), max_length=13, choices=AlertReach.choices, blank=True)
    decline_reason = CodeField(_("reason"), list_name="decline_reason")
    alternative = CodeField(_("alternative offered"), list_name="alternative")
    decision_note = models.TextField(_("note on the decision"), blank=True, max_length=2000)
    decision_language = models.CharField(
        _("language of the note on the decision"), max_length=2, choices=Language.choices, blank=True
    )
    withdrawal_reason = CodeField(_("reason of the withdrawal"), list_name="withdrawal_reason")
    cancellation_reason = CodeField(_("reason of the request to cancel"), list_name="end_reason")
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("canceled"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("cancellation confirmed"), null=True, blank=True)

    objects = ExtensionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["program", "-created_at"], name="request_received"),
            models.Index(fields=["requesting_agency", "-created_at"], name="request_asked"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RequestStatus.values), name="request_status_known"),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, sent_by__isnull=True)
                | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="request_sent_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by__isnull=True)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="request_acknowledged_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="request_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="request_taken_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True, link="") | (Q(follows__isnull=False) & ~Q(link="")),
                name="request_follows_and_why",
            ),
        ]

    def __str__(self) -> str:
        return self.number
