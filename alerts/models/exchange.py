"""What the two sides of a request say to each other: coded questions and answers, and words with their language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies.choices import Language
from agencies.identifiers import uuid7
from alerts.choices import NoteKind
from cases.models.code import CodeField, CodeListField

from .request import ExtensionRequest

if TYPE_CHECKING:
    from agencies.models import User


class OfRequestQuerySet(models.QuerySet):
    """Rows that belong to requests."""

    def visible_to(self, user: User) -> OfRequestQuerySet:
        """Return the rows of the requests that this person may see."""
        return self.filter(request__in=ExtensionRequest.objects.visible_to(user))


class OfRequest(models.Model):
    """A row of one request; its text form is the request's number."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    request = models.ForeignKey(ExtensionRequest, models.PROTECT, related_name="+", verbose_name=_("request"))

    objects = OfRequestQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.request.number} – {self._meta.verbose_name}"


class InformationRound(OfRequest):
    """One round of questions and its answers (U11). While it is open the receiver's decision clock stands still.

    `answers` maps the code of each question to the code of its answer.
    """

    request = models.ForeignKey(ExtensionRequest, models.PROTECT, related_name="rounds", verbose_name=_("request"))
    number = models.PositiveSmallIntegerField(_("round"))
    questions = CodeListField(_("questions"), list_name="request_question")
    text = models.TextField(_("further question"), blank=True, max_length=2000)
    text_language = models.CharField(
        _("language of the further question"), max_length=2, choices=Language.choices, blank=True
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    asked_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("asked by"))
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    answer_text = models.TextField(_("further answer"), blank=True, max_length=2000)
    answer_language = models.CharField(
        _("language of the further answer"), max_length=2, choices=Language.choices, blank=True
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )

    class Meta(OfRequest.Meta):
        verbose_name = _("round of questions")
        verbose_name_plural = _("rounds of questions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="one_round_per_number"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(answered_at__isnull=True), name="one_open_round_per_request"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="round_answered_at_and_by",
            ),
            models.CheckConstraint(condition=~Q(questions=[]) | ~Q(text=""), name="round_asks_something"),
        ]


class RequestNote(OfRequest):
    """Free words of one side to the other; kept as written, never replaced."""

    request = models.ForeignKey(ExtensionRequest, models.PROTECT, related_name="notes", verbose_name=_("request"))
    kind = models.CharField(_("kind"), max_length=24, choices=NoteKind.choices)
    reason = CodeField(_("reason"), list_name="cancellation_refusal")
    text = models.TextField(_("text"), blank=True, max_length=2000)
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, blank=True)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    written_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("written by"))

    class Meta(OfRequest.Meta):
        verbose_name = _("note on a request")
        verbose_name_plural = _("notes on requests")
        ordering = ["written_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(text="") & ~Q(reason="")) | (~Q(text="") & ~Q(language="")), name="note_says_something"
            )
        ]
