"""Photos and documents: private by default, kept in the database so that they live and end with their row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.choices import DocumentKind

from .part import Parted, PartedManager, police_only


class Photo(Parted):
    """A picture, re-encoded from its pixels; published only with a recorded authority (U28).

    One of nobody in the case may show anybody: it is police-only until somebody has looked (domain §6).
    """

    IN_ROW: ClassVar[tuple[str, ...]] = ("jpeg", "sha256", "taken_on")
    is_police_only = police_only(Q(child__isnull=True, person__isnull=True))

    child = models.ForeignKey(
        "cases.Child", models.CASCADE, null=True, blank=True, related_name="photos", verbose_name=_("child")
    )
    person = models.ForeignKey(
        "cases.Person", models.CASCADE, null=True, blank=True, related_name="photos", verbose_name=_("person")
    )
    jpeg = models.BinaryField(_("picture"))
    width = models.PositiveIntegerField(_("width in pixels"))
    height = models.PositiveIntegerField(_("height in pixels"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    taken_on = models.DateField(_("taken on"), null=True, blank=True)
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    added_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("added by"))

    objects = PartedManager()  # type: ignore[misc]

    class Meta(Parted.Meta):
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["id"]

    @property
    def may_be_published(self) -> bool:
        """Say whether any program may publish it now; lists fetch the authorities with the photos."""
        return any(authority.is_valid for authority in self.authorities.all())


class Document(Parted):
    """A file kept byte for byte as it was received. Only a partner's own alert is released by its kind."""

    IN_ROW: ClassVar[tuple[str, ...]] = ("name", "content", "sha256")
    is_police_only = police_only(~Q(kind=DocumentKind.PARTNER_CAP))

    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind.choices)
    name = models.CharField(_("name"), max_length=120)
    mime_type = models.CharField(_("media type"), max_length=80)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    received_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("received by"))

    objects = PartedManager()  # type: ignore[misc]

    class Meta(Parted.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["id"]
