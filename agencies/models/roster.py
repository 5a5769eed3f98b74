"""Who is on duty at a desk and when: shifts, what changes them, holidays, and the link of a person's calendar (U39)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Country, OverrideKind
from agencies.identifiers import uuid7


class RosterShift(models.Model):
    """One person on duty at the desk of one agency, from one instant until another; taken off, never deleted.

    `time_zone` is the zone in which the hours were planned: that of the desk at that time.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="shifts", verbose_name=_("agency"))
    person = models.ForeignKey("agencies.User", models.PROTECT, related_name="shifts", verbose_name=_("person"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    time_zone = models.CharField(_("time zone"), max_length=40)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("planned by"))
    removed_at = models.DateTimeField(_("taken off the roster"), null=True, blank=True)
    removed_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken off by")
    )

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["starts_at", "id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["agency", "ends_at"], name="shift_of_agency", condition=Q(removed_at__isnull=True)),
            models.Index(fields=["person", "ends_at"], name="shift_of_person", condition=Q(removed_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_start"),
            models.UniqueConstraint(
                fields=["agency", "person", "starts_at"],
                condition=Q(removed_at__isnull=True),
                name="one_shift_per_person_and_start",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="shift_removed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} – {self.starts_at:%Y-%m-%d %H:%M}"


class ShiftOverride(models.Model):
    """A part of a shift, or all of it, in which somebody else is on duty, or nobody; taken back, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shift = models.ForeignKey(RosterShift, models.PROTECT, related_name="overrides", verbose_name=_("shift"))
    kind = models.CharField(_("kind"), max_length=8, choices=OverrideKind.choices)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    replacement = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("on duty instead")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("recorded by"))
    removed_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    removed_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken back by")
    )

    class Meta:
        verbose_name = _("change of a shift")
        verbose_name_plural = _("changes of shifts")
        ordering = ["starts_at", "id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="override_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(kind=OverrideKind.SWAP) | Q(replacement__isnull=False), name="override_swap_names_somebody"
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="override_removed_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} – {self.kind} – {self.starts_at:%Y-%m-%d %H:%M}"


class Holiday(models.Model):
    """A day on which a desk may be thinly manned: of a whole country, or of one state, entity or province."""

    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, verbose_name=_("state, entity or province"),
        help_text=_("Empty for a holiday of the whole country."),
    )  # fmt: skip
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["day", "country", "pk"]
        default_permissions = ("add", "change", "view")
        constraints = [
            models.UniqueConstraint(
                fields=["country", "subdivision", "day"], nulls_distinct=False, name="one_holiday_per_place_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} – {self.name}"


class CalendarLink(models.Model):
    """That a person's shifts may be fetched by a calendar program; the address is derived and stored nowhere.

    `serial` grows when the person wants another address, so that the one before finds nothing any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(
        "agencies.User", models.CASCADE, related_name="calendar_link", verbose_name=_("person")
    )
    serial = models.PositiveIntegerField(_("number of the address"), default=1)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    is_revoked = models.BooleanField(_("revoked"), default=False)

    class Meta:
        verbose_name = _("calendar link")
        verbose_name_plural = _("calendar links")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
