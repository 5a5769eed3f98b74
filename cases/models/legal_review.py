"""Legal opinions, bound to the version of the facts and of the criteria that they were given on (U30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agencies import access
from agencies.choices import Capability, Language
from agencies.models import AlertProgram, CriteriaVersion
from cases.choices import ReleaseScope, ReviewStatus

from .case import Case
from .code import CodeField
from .scoped import CaseScoped, CaseScopedQuerySet

if TYPE_CHECKING:
    from agencies.models import User

GIVEN = (ReviewStatus.GIVEN, ReviewStatus.RELEASED)
WAITING = (ReviewStatus.REQUESTED, ReviewStatus.RETURNED)
ANSWER = ("opinion", "conclusion", "grounds", "notes", "language", "given_by")


class LegalReviewQuerySet(CaseScopedQuerySet):
    """Opinions: seen in the author's agency, elsewhere only by the agencies they were released to (U30)."""

    def visible_to(self, user: User) -> LegalReviewQuerySet:
        """Return the opinions of the person's own agencies, and those released to them, of visible cases.

        `is_whole` says whether grounds and notes may be shown too; a conclusion alone may not bring them along.
        """
        mine = access.agency_ids(user, Capability.VIEW_CASES)
        released = ReviewRelease.objects.filter(review=OuterRef("pk"), agency_id__in=mine)
        whole = Q(agency_id__in=mine) | Exists(released.filter(scope=ReleaseScope.WHOLE))
        rows = self.filter(Q(agency_id__in=mine) | Exists(released), case__in=Case.objects.visible_to(user))
        return rows.annotate(is_whole=models.Case(models.When(whole, then=Value(True)), default=Value(False)))

    def with_staleness(self) -> LegalReviewQuerySet:
        """Bring along which criteria version applies now, so that an opinion on an earlier one can say so."""
        present = CriteriaVersion.objects.in_force().filter(program=OuterRef("program")).order_by("-version")  # type: ignore[attr-defined]
        return self.annotate(present_criteria=Subquery(present.values("pk")[:1]))

    def waiting_for(self, user: User) -> LegalReviewQuerySet:
        """Return what this person's agencies must do: advisors an opinion, coordinators the facts that are missing."""
        advises = access.agency_ids(user, Capability.GIVE_OPINIONS)
        asks = access.agency_ids(user, Capability.ASK_OPINIONS)
        wanted = Q(status=ReviewStatus.REQUESTED, agency_id__in=advises)
        wanted |= Q(status=ReviewStatus.RETURNED, agency_id__in=asks, asking_agency__isnull=True)
        return self.visible_to(user).filter(wanted).order_by(F("due_at").asc(nulls_last=True), "pk")

    def asked_elsewhere_by(self, user: User) -> LegalReviewQuerySet:
        """Return what this person's agencies asked advisors of other agencies, without a word of their answers.

        The answers stay inside the author's agency until released: `ANSWER` is not loaded, so that nothing that reads
        these rows can show it by mistake.
        """
        mine = access.agency_ids(user, Capability.VIEW_CASES)
        rows = self.filter(asking_agency_id__in=mine, case__in=Case.objects.visible_to(user))
        return rows.defer(*ANSWER)

    def back_to(self, user: User) -> LegalReviewQuerySet:
        """Return the questions to other agencies that came back to this person's coordinators for more facts."""
        asks = access.agency_ids(user, Capability.ASK_OPINIONS)
        rows = self.asked_elsewhere_by(user).filter(asking_agency_id__in=asks, status=ReviewStatus.RETURNED)
        return rows.order_by(F("due_at").asc(nulls_last=True), "pk")

    def overdue_for(self, user: User) -> LegalReviewQuerySet:
        """Return the unanswered questions of this person's coordinators whose deadline has passed, wherever asked."""
        asks = access.agency_ids(user, Capability.ASK_OPINIONS)
        asked = Q(asking_agency_id__in=asks) | Q(asking_agency__isnull=True, agency_id__in=asks)
        rows = self.overdue().filter(asked, case__in=Case.objects.visible_to(user)).defer(*ANSWER)
        return rows.exclude(agency_id__in=access.agency_ids(user, Capability.GIVE_OPINIONS)).order_by("due_at", "pk")

    def overdue(self) -> LegalReviewQuerySet:
        """Return the questions that an advisor has not answered in time."""
        return self.filter(status=ReviewStatus.REQUESTED, due_at__lte=timezone.now())

    def untold(self) -> LegalReviewQuerySet:
        """Return those of them that no supervisor was told of yet."""
        return self.overdue().filter(told_overdue_at__isnull=True)

    def given_for(self, case: Case, program: AlertProgram) -> LegalReviewQuerySet:
        """Return the opinions that a program's own advisors gave in a case, whatever they say."""
        of_program = Q(program=program) | Q(program__isnull=True, agency_id=program.agency_id)
        return self.filter(of_program, case=case, status__in=GIVEN)


class LegalReview(CaseScoped):
    """One opinion of one legal advisor of one agency, asked for or given unasked.

    `agency` is the author's. Where another one asked, it is told that the question waits, came back or was answered;
    the answer itself is released to it like to any other (U30).
    """

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="legal_reviews", verbose_name=_("case"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("agency"))
    program = models.ForeignKey(
        "agencies.AlertProgram", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("alert program"),
    )  # fmt: skip
    asking_agency = models.ForeignKey(
        "agencies.Agency", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("asked by another agency"),
    )  # fmt: skip
    sight_hours = models.PositiveSmallIntegerField(
        _("hours for which the advisor's agency reads the case after the answer"), default=0
    )
    facts_wanted = models.TextField(_("facts that are missing"), blank=True, max_length=2000)
    status = models.CharField(_("status"), max_length=10, choices=ReviewStatus.choices, default=ReviewStatus.REQUESTED)
    question = CodeField(_("question"), list_name="legal_question")
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    told_overdue_at = models.DateTimeField(_("supervisor told"), null=True, blank=True)
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    requested_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("requested by"))
    opinion = CodeField(_("opinion"), list_name="opinion")
    conclusion = models.TextField(_("conditions and conclusion"), blank=True, max_length=2000)
    grounds = models.TextField(_("grounds"), blank=True, max_length=8000)
    notes = models.TextField(_("notes"), blank=True, max_length=8000)
    language = models.CharField(_("language of the opinion"), max_length=2, choices=Language.choices, blank=True)
    facts_version = models.PositiveIntegerField(_("version of the facts"), default=1)
    criteria = models.ForeignKey(
        "agencies.CriteriaVersion", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("criteria version"),
    )  # fmt: skip
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    given_by = models.ForeignKey(
        "agencies.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("given by")
    )

    objects = LegalReviewQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("legal opinion")
        verbose_name_plural = _("legal opinions")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["agency", "due_at"], name="review_waiting", condition=Q(status__in=("requested", "returned"))
            ),
            models.Index(
                fields=["due_at"], name="review_untold", condition=Q(status="requested", told_overdue_at__isnull=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, given_by__isnull=True)
                | Q(given_at__isnull=False, given_by__isnull=False),
                name="review_given_at_and_by",
            ),
            models.CheckConstraint(condition=Q(status__in=ReviewStatus.values), name="review_status_known"),
            models.CheckConstraint(
                condition=Q(asking_agency__isnull=True) | ~Q(asking_agency=F("agency")), name="review_asked_by_another"
            ),
        ]

    @property
    def asker_id(self) -> int:
        """Return the agency whose coordinators asked: another one, or the author's own."""
        return self.asking_agency_id or self.agency_id

    @property
    def is_given(self) -> bool:
        """Say whether an opinion stands."""
        return self.status in GIVEN

    def is_on_earlier_facts(self, case: Case) -> bool:
        """Say whether the facts have changed since the opinion was given."""
        return self.is_given and self.facts_version != case.facts_version

    @property
    def is_on_earlier_law(self) -> bool:
        """Say whether other criteria apply now; asked of rows that came `with_staleness`."""
        return self.is_given and self.program_id is not None and self.criteria_id != self.__dict__["present_criteria"]


class ReviewReleaseQuerySet(CaseScopedQuerySet):
    """Releases, seen by both sides."""

    def visible_to(self, user: User) -> ReviewReleaseQuerySet:
        """Return the releases by and to the person's own agencies, of visible cases."""
        mine = access.agency_ids(user, Capability.VIEW_CASES)
        sides = Q(review__agency_id__in=mine) | Q(agency_id__in=mine)
        return self.filter(sides, case__in=Case.objects.visible_to(user))


class ReviewRelease(CaseScoped):
    """To which agency an opinion was shown, and how much of it: rows that are only added."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+", verbose_name=_("case"))
    review = models.ForeignKey(LegalReview, models.CASCADE, related_name="releases", verbose_name=_("legal opinion"))
    agency = models.ForeignKey("agencies.Agency", models.PROTECT, related_name="+", verbose_name=_("released to"))
    scope = models.CharField(_("how much"), max_length=10, choices=ReleaseScope.choices)
    released_at = models.DateTimeField(_("released"), default=timezone.now)
    released_by = models.ForeignKey("agencies.User", models.PROTECT, related_name="+", verbose_name=_("released by"))

    objects = ReviewReleaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta(CaseScoped.Meta):
        verbose_name = _("release of an opinion")
        verbose_name_plural = _("releases of opinions")
        ordering = ["released_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["review", "agency", "scope"], name="one_release_per_agency_and_scope")
        ]
