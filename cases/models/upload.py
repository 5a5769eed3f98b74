"""Photos on their way: what has arrived of a file over a weak link, kept until it is whole or a day old (U32)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .scoped import CaseScoped


class PhotoUpload(CaseScoped):
    """A file of which some parts have arrived. It belongs to the agency: a colleague with the same file goes on.

    `file_key` is a digest of what the browser tells of the file (name, size, time), so that no name is kept.
    """

    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    file_key = models.CharField(_("key of the file"), max_length=64)
    size = models.PositiveIntegerField(_("size in bytes"))
    received = models.PositiveIntegerField(_("received bytes"), default=0)
    begun_at = models.DateTimeField(_("begun"), default=timezone.now)
    begun_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("begun by"))

    class Meta(CaseScoped.Meta):
        verbose_name = _("photo on its way")
        verbose_name_plural = _("photos on their way")
        ordering = ["begun_at", "id"]
        indexes = [models.Index(fields=["begun_at"], name="photo_upload_age")]
        constraints = [
            models.UniqueConstraint(fields=["case", "agency", "file_key"], name="one_upload_per_file_and_case"),
            models.CheckConstraint(condition=models.Q(received__lte=models.F("size")), name="upload_within_its_size"),
        ]

    @property
    def is_whole(self) -> bool:
        """Say whether every byte has arrived."""
        return self.received == self.size

    @property
    def percent(self) -> int:
        """Return how much has arrived."""
        return self.received * 100 // self.size if self.size else 0


class PhotoUploadPart(models.Model):
    """The bytes of one part, from its place in the file."""

    upload = models.ForeignKey(PhotoUpload, models.CASCADE, related_name="parts", verbose_name=_("photo on its way"))
    offset = models.PositiveIntegerField(_("place in the file"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("part of a photo")
        verbose_name_plural = _("parts of photos")
        ordering = ["offset"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["upload", "offset"], name="one_part_per_place")]

    def __str__(self) -> str:
        return f"{self.upload_id} {self.offset}"
