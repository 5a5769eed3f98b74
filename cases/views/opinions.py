"""Acts of a legal review: asking, answering, asking again, releasing."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agencies import audit
from agencies.refusals import NotPermitted
from agencies.views.acting import act_once
from cases import permissions
from cases.forms.opinions import AskElsewhereForm, AskOpinionForm, DeadlineForm, OpinionForm, ReleaseForm
from cases.models import LegalReview
from cases.services import opinions
from cases.services.questions_elsewhere import ask_elsewhere, possible_advisors
from cases.views.acts import CaseAct


class ReviewAct(CaseAct):
    """Base of acts on one visible review of one visible case."""

    http_method_names = ["post"]

    def find_review(self, pk: uuid.UUID, review: uuid.UUID) -> LegalReview:
        """Return the review or answer 404."""
        case = self.find(pk)
        rows = LegalReview.objects.visible_to(self.user).select_related("agency", "program", "case")  # type: ignore[attr-defined]
        found: LegalReview = get_object_or_404(rows, pk=review, case=case)
        return audit.noted(found, by=self.user)


class AskOpinion(CaseAct):
    """A coordinator asks the agency's legal advisors."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask once; the advisors get a notice without any name."""
        case = self.find(pk)
        if not permissions.can_ask_opinion(self.user, case):
            raise NotPermitted
        form = AskOpinionForm(request.POST, prefix="ask")
        if not form.is_valid():
            return self.refuse(case, form, _("Ask for a legal opinion"))

        def perform() -> str:
            opinions.ask_opinion(case=case, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The legal advisors were asked."))


class AskElsewhere(CaseAct):
    """A coordinator asks the legal advisors of another agency, who read the case for that."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Ask once; the advisors get a notice without any name."""
        case = self.find(pk)
        if not permissions.can_ask_opinion(self.user, case):
            raise NotPermitted
        form = AskElsewhereForm(request.POST, advisors=possible_advisors(case, self.user), prefix="elsewhere")
        if not form.is_valid():
            return self.refuse(case, form, _("Ask a legal advisor of another agency"))

        def perform() -> str:
            ask_elsewhere(case=case, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The legal advisors were asked."))


class AskerAct(ReviewAct):
    """Base of acts of the side that asked, which may be another agency than the author's."""

    def find_review(self, pk: uuid.UUID, review: uuid.UUID) -> LegalReview:
        """Return the review, asked inside the person's agency or from it, or answer 404."""
        case = self.find(pk)
        asked = LegalReview.objects.asked_elsewhere_by(self.user).select_related("agency", "case")  # type: ignore[attr-defined]
        found: LegalReview | None = asked.filter(pk=review, case=case).first()
        return found or super().find_review(pk, review)


class WithdrawQuestion(AskerAct):
    """The side that asked takes its question back."""

    def post(self, request: HttpRequest, pk: uuid.UUID, review: uuid.UUID) -> HttpResponse:
        """Withdraw once; the advisors get a notice."""
        found = self.find_review(pk, review)
        if not permissions.can_withdraw_question(self.user, found):
            raise NotPermitted

        def perform() -> str:
            opinions.withdraw_question(review=found, by=self.user)
            return reverse("cases:case-detail", args=[pk])

        return act_once(request, perform, _("The question was withdrawn."))


class AskAgain(AskerAct):
    """The asker asks again after adding the missing facts."""

    def post(self, request: HttpRequest, pk: uuid.UUID, review: uuid.UUID) -> HttpResponse:
        """Ask once more."""
        found = self.find_review(pk, review)
        if not permissions.can_ask_again(self.user, found):
            raise NotPermitted
        form = DeadlineForm(request.POST, prefix="again")
        if not form.is_valid():
            return self.refuse(found.case, form, _("Ask again"))

        def perform() -> str:
            opinions.ask_again(review=found, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[pk])

        return act_once(request, perform, _("The legal advisors were asked."))


class GiveOpinion(ReviewAct):
    """A legal advisor answers what was asked."""

    def post(self, request: HttpRequest, pk: uuid.UUID, review: uuid.UUID) -> HttpResponse:
        """Record the opinion on the facts and the criteria as they are now."""
        found = self.find_review(pk, review)
        if not permissions.can_give_opinion(self.user, found):
            raise NotPermitted
        is_asked_elsewhere = found.asking_agency_id is not None
        form = OpinionForm(request.POST, prefix=f"give-{found.pk}", is_asked_elsewhere=is_asked_elsewhere)
        if not form.is_valid():
            return self.refuse(found.case, form, _("Record a legal opinion"))

        def perform() -> str:
            opinions.give_opinion(review=found, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[pk])

        return act_once(request, perform, _("The opinion was recorded."))


class RecordOpinion(CaseAct):
    """A legal advisor records an opinion that nobody asked for."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the opinion on the facts as they are now."""
        case = self.find(pk)
        if not permissions.can_record_opinion(self.user, case):
            raise NotPermitted
        form = OpinionForm(request.POST, prefix="opinion")
        if not form.is_valid():
            return self.refuse(case, form, _("Record a legal opinion"))

        def perform() -> str:
            opinions.record_opinion(case=case, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[case.pk])

        return act_once(request, perform, _("The opinion was recorded."))


class ReleaseOpinion(ReviewAct):
    """The author's agency shows an opinion to one named agency on the case."""

    def post(self, request: HttpRequest, pk: uuid.UUID, review: uuid.UUID) -> HttpResponse:
        """Release it, whole or as its conclusion only."""
        found = self.find_review(pk, review)
        if not permissions.can_give_opinion(self.user, found):
            raise NotPermitted
        form = ReleaseForm(
            request.POST, others=opinions.possible_readers(found.case, found.agency_id), prefix=f"release-{found.pk}"
        )
        if not form.is_valid():
            return self.refuse(found.case, form, _("Release the opinion"))

        def perform() -> str:
            opinions.release_opinion(review=found, by=self.user, **form.cleaned_data)
            return reverse("cases:case-detail", args=[pk])

        return act_once(request, perform, _("The opinion was released."))
