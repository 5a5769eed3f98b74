"""What a receiving program has read of a case, so that a change is shown against it (U20)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FactsRead(models.Model):
    """The facts as the program acknowledged them last; names are in it, so it goes with the request.

    Kept apart from the request, whose lists must not carry it along.
    """

    request = models.OneToOneField(
        "alerts.ExtensionRequest", models.CASCADE, related_name="facts_read", verbose_name=_("request")
    )
    facts = models.JSONField(_("facts"), default=dict)
    version = models.PositiveIntegerField(_("version of the facts"))
    at = models.DateTimeField(_("read"), default=timezone.now)

    class Meta:
        verbose_name = _("facts that a program has read")
        verbose_name_plural = _("facts that programs have read")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.request}"
