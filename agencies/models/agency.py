"""Agencies: whoever acts in the portal acts for one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from agencies.choices import DRAFTING_KINDS, AgencyKind, Capability, Country, DeskStanding, Language, Role

MOST_SIGHT_HOURS = 720
VERIFIED_FOR = timedelta(days=31)


def is_fresh(verified_at: datetime | None) -> bool:
    """Say whether a number or address was verified within a month (U42)."""
    return verified_at is not None and verified_at >= timezone.now() - VERIFIED_FOR


class AgencyQuerySet(models.QuerySet["Agency"]):
    """Agencies by what they are; they are not case data, so every signed-in user may read the directory."""

    def active(self) -> AgencyQuerySet:
        """Return agencies that still work in the portal."""
        return self.filter(is_active=True)

    def local(self) -> AgencyQuerySet:
        """Return active police services and prosecutors' offices of one state, entity or province."""
        return self.active().filter(kind__in=DRAFTING_KINDS, subdivision__isnull=False)


class Agency(models.Model):
    """A police service, prosecutor's office, hub, Central Authority … with its desk."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=20, choices=AgencyKind.choices)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    subdivision = models.ForeignKey(
        "agencies.Subdivision", models.PROTECT, null=True, blank=True, verbose_name=_("state, entity or province")
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("parent agency"))
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices), verbose_name=_("working languages"), default=list
    )
    # E.164; what no rule could read when numbers began to be stored so stands as it was typed until staff mend it.
    desk_phone = models.CharField(_("24-hour desk phone"), max_length=20, blank=True)
    desk_extension = models.CharField(_("extension"), max_length=8, blank=True)
    desk_fax = models.CharField(_("24-hour desk fax"), max_length=20, blank=True)
    desk_email = models.EmailField(_("24-hour desk e-mail"), blank=True)
    sight_hours = models.PositiveSmallIntegerField(
        _("hours of sight after a request has ended"), default=72, validators=[MaxValueValidator(MOST_SIGHT_HOURS)],
        help_text=_("How long a program that declined, or whose request was withdrawn, goes on reading the case."),
    )  # fmt: skip
    requires_second_factor = models.BooleanField(
        _("second factor required"), default=False,
        help_text=_("Everybody with a role here signs in with a password and a code of an authenticator app."),
    )  # fmt: skip
    keeps_roster = models.BooleanField(
        _("goes by its roster"), default=False, editable=False,
        help_text=_("Without a roster the desk is on duty always."),
    )  # fmt: skip
    desk_verified_at = models.DateTimeField(_("numbers last verified"), null=True, blank=True, editable=False)
    desk_wrong_at = models.DateTimeField(_("numbers called wrong"), null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["country", "code"]
        default_permissions = ("add", "change", "view")
        permissions = tuple(Capability.choices)

    def __str__(self) -> str:
        return self.name

    @property
    def desk_standing(self) -> str:
        """Return whether the desk itself has confirmed its numbers within a month (U42)."""
        if self.desk_wrong_at is not None:
            return DeskStanding.WRONG
        if self.desk_verified_at is None:
            return DeskStanding.NEVER
        return DeskStanding.VERIFIED if is_fresh(self.desk_verified_at) else DeskStanding.STALE

    def get_desk_standing_display(self) -> Any:
        """Return the same in words."""
        return DeskStanding(self.desk_standing).label


class AgencyGroupPermission(GroupObjectPermissionBase):
    """What a role's group may do for one agency (guardian, with a real foreign key)."""

    content_object = models.ForeignKey(Agency, on_delete=models.CASCADE)

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = _("permission of a role")
        verbose_name_plural = _("permissions of roles")


class AgencyUserPermission(UserObjectPermissionBase):
    """Exists because guardian wants the pair; stays empty, permissions come from roles only."""

    content_object = models.ForeignKey(Agency, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = _("permission of a person")
        verbose_name_plural = _("permissions of persons")


class RoleGroup(models.Model):
    """The Django group that stands for one role in one agency."""

    agency = models.ForeignKey(Agency, models.CASCADE, related_name="role_groups", verbose_name=_("agency"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    group = models.OneToOneField("auth.Group", models.CASCADE, verbose_name=_("group"))

    class Meta:
        verbose_name = _("role in an agency")
        verbose_name_plural = _("roles in agencies")
        constraints = [models.UniqueConstraint(fields=["agency", "role"], name="one_group_per_agency_and_role")]

    def __str__(self) -> str:
        return f"{self.agency} – {self.get_role_display()}"
