"""The note by which one shift of a desk hands over to the next, and promises by telephone (U41, ADR 77)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Language
from agencies.identifiers import uuid7
from cases.models import Case

if TYPE_CHECKING:
    from agencies.models import User


class ShiftNoteQuerySet(models.QuerySet["ShiftNote"]):
    """Notes by what is still to be accepted, and by who may look."""

    def visible_to(self, user: User) -> ShiftNoteQuerySet:
        """Return the notes of the desks at which this person may answer requests."""
        return self.filter(agency__in=access.agency_ids(user, Capability.ANSWER_REQUESTS))

    def open(self) -> ShiftNoteQuerySet:
        """Return the notes that nobody has accepted, of desks that go by their roster."""
        return self.filter(accepted_at__isnull=True, dropped_at__isnull=True, agency__keeps_roster=True)

    def waiting(self) -> ShiftNoteQuerySet:
        """Return the open notes that no later one stands for: one of the same desk, accepted or of an ended shift."""
        later = ShiftNote.objects.filter(
            Q(accepted_at__isnull=False) | Q(ends_at__lte=timezone.now()),
            agency=OuterRef("agency"), ends_at__gt=OuterRef("ends_at"), dropped_at__isnull=True,
        )  # fmt: skip
        return self.open().filter(~Exists(later))

    def begun(self) -> ShiftNoteQuerySet:
        """Return the notes by which a desk goes: those that were accepted, or whose shift has ended."""
        return self.filter(Q(accepted_at__isnull=False) | Q(ends_at__lte=timezone.now()), dropped_at__isnull=True)


class ShiftNote(models.Model):
    """One desk at the moment at which somebody's shift ends; accepted once by whoever comes.

    What it says is looked up when it is read. `handed` keeps, once it was accepted, the ids of what its reader had
    before them, by section; `leaving` and `coming` are the ids of people by the roster. No words of any case.
    `dropped_at` is set where a change of the roster let the end of the shift disappear.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    ends_at = models.DateTimeField(_("end of the shift"))
    leaving = ArrayField(models.UUIDField(), verbose_name=_("whose shift ends"), default=list)
    coming = ArrayField(models.UUIDField(), verbose_name=_("who is on duty next"), default=list, blank=True)
    created_at = models.DateTimeField(_("prepared"), default=timezone.now)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("accepted by")
    )
    handed = models.JSONField(_("handed over"), default=dict, blank=True)
    alarmed_at = models.DateTimeField(_("supervisors told"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("no longer needed"), null=True, blank=True)

    objects = ShiftNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("handoff of a shift")
        verbose_name_plural = _("handoffs of shifts")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["ends_at"],
                name="shift_note_open",
                condition=Q(accepted_at__isnull=True, alarmed_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["agency", "ends_at"], name="one_note_per_desk_and_end"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="shift_note_accepted_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} – {self.ends_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Say whether it waits for somebody to accept it."""
        return self.accepted_at is None and self.dropped_at is None

    @property
    def is_late(self) -> bool:
        """Say whether the shift has ended and nobody has accepted."""
        return self.is_open and self.ends_at <= timezone.now()

    @property
    def url(self) -> str:
        """Return its page."""
        return reverse("alerts:shift-note", args=[self.pk])


class ShiftPromiseQuerySet(models.QuerySet["ShiftPromise"]):
    """Promises by what is still owed, and by who may look."""

    def visible_to(self, user: User) -> ShiftPromiseQuerySet:
        """Return the promises of the person's desks; one about a case only while they see the case."""
        of_a_case = Q(case__isnull=True) | Q(case__in=Case.objects.visible_to(user))
        return self.filter(of_a_case, agency__in=access.agency_ids(user, Capability.ANSWER_REQUESTS))

    def open(self) -> ShiftPromiseQuerySet:
        """Return what is still owed."""
        return self.filter(settled_at__isnull=True)


class ShiftPromise(models.Model):
    """What an officer promised by telephone, or what the next shift must know; it stands in every note until settled.

    About a case it is seen by those colleagues who see the case, so that its words reach nobody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("case")
    )
    words = models.CharField(_("commitment, and to whom"), max_length=300)
    words_language = models.CharField(_("language of the words"), max_length=2, choices=Language.choices, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    written_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("written by"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("marked as done by")
    )

    objects = ShiftPromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment by phone")
        verbose_name_plural = _("commitments by phone")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["agency"], name="promise_open", condition=Q(settled_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="promise_settled_at_and_by",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} – {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def audited_case_id(self) -> uuid.UUID | None:
        """Return the case whose accesses a read of this counts among."""
        return self.case_id
