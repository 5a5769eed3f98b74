"""What the side that was asked keeps of a request after its sight of the case has ended (U35)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Language
from agencies.identifiers import uuid7
from alerts.choices import RequestStatus
from cases.models.code import CodeField
from cases.models.seal import open_to

if TYPE_CHECKING:
    from agencies.models import User


class KeptRequestQuerySet(models.QuerySet["KeptRequest"]):
    """Kept requests belong to the agency that was asked, whether or not it still reads the case."""

    def visible_to(self, user: User) -> KeptRequestQuerySet:
        """Return what the person's own agencies keep."""
        return self.filter(open_to(user), agency_id__in=access.agency_ids(user, Capability.VIEW_CASES))


class KeptRequest(models.Model):
    """One agency's own record of a request: its decision, and the sheet as it was released to it.

    It points at the request and the case and repeats what it shows of them, because the agency reads neither any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    request = models.ForeignKey("alerts.ExtensionRequest", models.CASCADE, related_name="+", verbose_name=_("request"))
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", verbose_name=_("case"))
    number = models.CharField(_("number"), max_length=40)
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, related_name="+", verbose_name=_("receiving program")
    )
    requesting_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("requesting agency")
    )
    ended_as = models.CharField(_("ended as"), max_length=24, choices=RequestStatus.choices)
    created_at = models.DateTimeField(_("ended"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    receiver_reference = models.CharField(_("receiver's file number"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    handed_on_to = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("program it was handed on to"),
    )  # fmt: skip
    decline_reason = CodeField(_("reason"), list_name="decline_reason")
    alternative = CodeField(_("alternative offered"), list_name="alternative")
    decision_note = models.TextField(_("note on the decision"), blank=True)
    withdrawal_reason = CodeField(_("reason of the withdrawal"), list_name="withdrawal_reason")
    sheet = models.JSONField(_("sheet as released"), null=True)
    sheet_language = models.CharField(_("language of the sheet"), max_length=2, choices=Language.choices, blank=True)
    sight_until = models.DateTimeField(_("read the case until"), default=timezone.now)

    objects = KeptRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("kept request")
        verbose_name_plural = _("kept requests")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["agency", "request"], name="one_kept_request_per_agency")]
        indexes = [models.Index(fields=["agency", "-created_at"], name="kept_request_page")]

    def __str__(self) -> str:
        return self.number


class KeptPhoto(models.Model):
    """A picture of the sheet as it was released, copied: it says nothing but how the child looked, and its place."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept = models.ForeignKey(KeptRequest, models.CASCADE, related_name="photos", verbose_name=_("kept request"))
    place = models.PositiveSmallIntegerField(_("place on the sheet"))
    jpeg = models.BinaryField(_("picture"))

    class Meta:
        verbose_name = _("kept photo")
        verbose_name_plural = _("kept photos")
        ordering = ["place"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kept", "place"], name="one_kept_photo_per_place")]

    def __str__(self) -> str:
        return f"{self.kept} – {self.place}"

    @property
    def audited_case_id(self) -> uuid.UUID:
        """Return the case whose accesses a read of this counts among."""
        return self.kept.case_id
