"""That approvers were asked to approve an alert, until when they were to answer, and whether one did (U9)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.identifiers import uuid7


class ApprovalCall(models.Model):
    """One time that approvers were asked. `asked` are the ids of the people whose answer is waited for.

    They are those on call; where nobody is, everybody who may approve. An approval of any language answers, and so does
    a refusal with its reason. It is empty where nobody but the author may approve: the minutes run all the same.
    `content_hash` is the alert that they were asked about.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey("alerts.Alert", models.CASCADE, related_name="approval_calls", verbose_name=_("alert"))
    content_hash = models.CharField(_("hash of the content asked about"), max_length=64)
    asked = ArrayField(models.UUIDField(), verbose_name=_("people asked"), default=list)
    is_on_call = models.BooleanField(_("they were on call"), default=False)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    asked_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    due_at = models.DateTimeField(_("answer wanted by"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    refusal = models.TextField(_("why it was not approved"), blank=True, max_length=1000)
    refusal_language = models.CharField(_("language of the reason"), max_length=2, choices=Language.choices, blank=True)

    class Meta:
        verbose_name = _("call for an approval")
        verbose_name_plural = _("calls for approvals")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="approval_call_answered_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(refusal="") | (~Q(refusal_language="") & Q(answered_at__isnull=False)),
                name="approval_call_refusal_is_an_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alert} – {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_overdue(self) -> bool:
        """Say whether nobody has answered and the time to do so is over."""
        return self.answered_at is None and self.due_at <= timezone.now()
