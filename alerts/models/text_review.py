"""Words of an alert in one language, offered for review to colleagues who work in that language (U10)."""

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
from agencies.choices import Capability, Country, Language
from agencies.identifiers import uuid7
from agencies.models import AlertProgram
from agencies.program_agencies import agencies_with_a_program
from alerts.choices import OPEN_TEXT_REVIEWS, REVIEWABLE_STATUSES, TextReviewStatus
from cases.choices import OPEN_CASE_STATUSES
from cases.models import Case
from cases.models.seal import open_to

from .redaction import Redaction

if TYPE_CHECKING:
    from agencies.models import User


class TextReviewQuerySet(models.QuerySet["TextReview"]):
    """Reviews: the asking program's own, and what was offered to people who read the language."""

    def readable_by(self, user: User) -> TextReviewQuerySet:
        """Return the reviews that this person could take: the one grant across agencies (docs/adr/0057).

        They declared the language, compose alerts in an agency that runs a program, and did not write the words. Where
        the asker chose countries or programs, the agency runs one of these. What ended, was withdrawn from the public,
        or belongs to a case that has ended is offered to nobody.
        """
        mine = access.agency_ids(user, Capability.COMPOSE_ALERTS)
        if not mine or not user.reads_languages:
            return self.none()
        runs_a_program = Exists(agencies_with_a_program().filter(pk__in=mine))
        run = AlertProgram.objects.filter(is_active=True).run_by(mine).order_by()  # type: ignore[attr-defined]
        chosen = Q(countries=[], programs=[])
        chosen |= Q(countries__overlap=run.values("country")) | Q(programs__overlap=run.values("code"))
        withdrawn = Redaction.objects.filter(alert=OuterRef("alert"), lifted_at__isnull=True)
        return self.filter(
            chosen, runs_a_program, open_to(user, "alert__case"),
            ~Exists(withdrawn), language__in=user.reads_languages, alert__status__in=REVIEWABLE_STATUSES,
            alert__case__status__in=OPEN_CASE_STATUSES,
        ).exclude(written_by=user)  # fmt: skip

    def visible_to(self, user: User) -> TextReviewQuerySet:
        """Return the reviews that the person's own programs asked for, what they may take, and what they took."""
        ids = access.agency_ids(user, Capability.VIEW_CASES)
        if not ids:
            return self.none()
        own = Q(alert__program__in=AlertProgram.objects.run_by(ids), alert__case__in=Case.objects.visible_to(user))
        offered = Q(status=TextReviewStatus.OPEN) | Q(taken_by=user)
        return self.filter(own | Q(pk__in=self.model._default_manager.readable_by(user).filter(offered).values("pk")))  # type: ignore[attr-defined]

    def open(self) -> TextReviewQuerySet:
        """Return what waits for somebody or is being read."""
        return self.filter(status__in=OPEN_TEXT_REVIEWS)


class TextReview(models.Model):
    """One request for a review, with a copy of exactly what it releases; whoever takes it sees this row and no more.

    `words` are the words to judge, `source_words` the same text in the language that the asker chose, `facts_words`
    what the portal composes from the coded facts of the alert in the reviewer's language: headline, description and
    instruction each. Whom the asker chose stands in `countries` and `programs`; neither: everybody who can.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey("alerts.Alert", models.CASCADE, related_name="text_reviews", verbose_name=_("alert"))
    language = models.CharField(_("language"), max_length=2, choices=Language.choices)
    source_language = models.CharField(_("language beside it"), max_length=2, choices=Language.choices)
    words = models.JSONField(_("words to review"), default=dict)
    source_words = models.JSONField(_("words beside them"), default=dict)
    facts_words = models.JSONField(_("what the coded facts say"), default=dict)
    countries = ArrayField(
        models.CharField(max_length=2, choices=Country.choices), verbose_name=_("countries that are asked"),
        default=list, blank=True,
    )  # fmt: skip
    programs = ArrayField(
        models.CharField(max_length=20), verbose_name=_("programs that are asked, as codes"), default=list, blank=True
    )
    written_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("written by")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=TextReviewStatus.choices, default=TextReviewStatus.OPEN
    )
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    asked_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    taken_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("taken by")
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    note = models.TextField(_("note of the reviewer"), blank=True, max_length=1000)
    note_language = models.CharField(_("language of the note"), max_length=2, choices=Language.choices, blank=True)

    objects = TextReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review of words")
        verbose_name_plural = _("reviews of words")
        ordering = ["-created_at", "-id"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["language", "created_at"], name="text_review_open", condition=Q(status="open"))]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "language"], condition=Q(status__in=("open", "taken")),
                name="one_open_review_per_alert_and_language",
            ),
            models.CheckConstraint(condition=Q(status__in=TextReviewStatus.values), name="text_review_status_known"),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="text_review_taken_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(note="") | ~Q(note_language=""), name="text_review_note_has_language"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.alert} ({self.language})"

    @property
    def audited_case_id(self) -> uuid.UUID:
        """Return the case whose accesses a read of this counts among."""
        return self.alert.case_id

    @property
    def case(self) -> Case:
        """Return the case of the alert."""
        return self.alert.case

    @property
    def program(self) -> AlertProgram:
        """Return the program that asked."""
        return self.alert.program

    @property
    def url(self) -> str:
        """Return its page."""
        return reverse("alerts:text-review", args=[self.pk])
