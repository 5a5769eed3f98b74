"""People who sign in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.mixins import GuardianUserMixin

from agencies.choices import Language
from agencies.identifiers import uuid7
from agencies.models.agency import is_fresh


class UserManager(BaseUserManager["User"]):
    """Makes people; the e-mail address is the login."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person with this login. Refuses an empty address."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an administrator of reference data; being one opens no case."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a person by e-mail, whatever the case of its letters."""
        return self.get(email=(username or "").lower())


class User(GuardianUserMixin, AbstractBaseUser, PermissionsMixin):
    """A person: one login, one language, one time zone; what they may do comes from memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=160)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.EN)
    reads_languages = ArrayField(
        models.CharField(max_length=2, choices=Language.choices),
        verbose_name=_("languages read"),
        default=list,
        blank=True,
        help_text=_("Nobody approves words they cannot read."),
    )
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    sms_number = models.CharField(
        _("number for text messages"), max_length=16, blank=True,
        help_text=_("For what cannot wait. Used once the person has entered a code sent to it."),
    )  # fmt: skip
    sms_verified_number = models.CharField(_("number that was verified"), max_length=16, blank=True, editable=False)
    sms_verified_at = models.DateTimeField(_("number last verified"), null=True, blank=True, editable=False)
    sms_reminded_at = models.DateTimeField(_("asked to verify it again"), null=True, blank=True, editable=False)
    is_staff = models.BooleanField(_("may enter the administration"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    # Here and not the other way round: every request reads this row, and asks of none that it need not.
    second_factor = models.OneToOneField(
        "agencies.SecondFactor", models.SET_NULL, null=True, editable=False, related_name="person",
        verbose_name=_("second factor"),
    )  # fmt: skip
    date_joined = models.DateTimeField(_("date joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def has_verified_number(self) -> bool:
        """Say whether the person has shown that the present number is theirs; another one has to be shown anew."""
        return bool(self.sms_number) and self.sms_number == self.sms_verified_number

    @property
    def is_number_stale(self) -> bool:
        """Say whether a number in use was not verified within a month; it goes on being used (U42)."""
        return self.has_verified_number and not is_fresh(self.sms_verified_at)

    @property
    def languages_read(self) -> frozenset[str]:
        """Return the languages this person declared to read; whoever declared none reads the one of their pages."""
        return frozenset(self.reads_languages or [self.language])

    def get_full_name(self) -> str:
        """Return the name as written by the person."""
        return self.full_name

    def get_short_name(self) -> str:
        """Return the name for the page header."""
        return self.full_name
