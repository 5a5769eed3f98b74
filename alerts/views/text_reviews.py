"""Pages of reviews of words: taking one, judging the words, recording the review; asking for one from the alert."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from agencies import audit
from agencies.choices import Country, Language
from agencies.models import AlertProgram, User
from agencies.refusals import ActRefused, NotPermitted
from agencies.views.acting import SignedIn, act_once, with_nonce
from alerts import permissions, workflow
from alerts.choices import OPEN_TEXT_REVIEWS, TextReviewStatus
from alerts.forms.text_reviews import AskReviewForm, ReviewForm
from alerts.models import Alert, AlertText, TextReview
from alerts.services import text_reviews

from .finding import find_alert


class ReviewPage(SignedIn, View):
    """One review. Its words are shown to the person who took it, and to nobody else of those it was offered to."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Show what may be done now; the read is recorded."""
        review = _find(self.user, pk)
        audit.record_read(by=self.user, objects=[review], case_id=review.case.pk)
        return _page(request, self.user, review, ReviewForm(review=review))

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Record the review once; a refused correction brings the page back with what was typed."""
        review = _find(self.user, pk)
        if not permissions.can_finish_review(self.user, review):
            raise NotPermitted
        form = ReviewForm(request.POST, review=review)
        if not form.is_valid():
            return _page(request, self.user, review, form, status=422)

        begun: list[bool] = []

        def perform() -> str:
            begun.append(True)
            text_reviews.record_review(review=review, by=self.user, **form.outcome())
            return review.url

        try:
            return act_once(request, perform, _("Your review was recorded. Thank you."))
        except ActRefused as refusal:
            if not begun:  # the form itself was refused, not what it says
                raise
            form.add_error(None, str(refusal.message))
            return _page(request, self.user, _find(self.user, pk), form, status=422)


class ReviewStep(SignedIn, View):
    """Taking a review, handing it back, taking the offer back."""

    http_method_names = ["post"]
    success = {
        "take": _("You have taken this review."),
        "return": _("The review was handed back."),
        "withdraw": _("The offer was taken back."),
    }

    def post(self, request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
        """Take one step once."""
        review = _find(self.user, pk)
        acts: dict[str, tuple[Callable[..., bool], Callable[..., None]]] = {
            "take": (permissions.can_take_review, text_reviews.take),
            "return": (permissions.can_finish_review, text_reviews.hand_back),
            "withdraw": (permissions.can_withdraw_review, text_reviews.withdraw_review),
        }
        if step not in acts or not acts[step][0](self.user, review):
            raise NotPermitted

        def perform() -> str:
            acts[step][1](review=review, by=self.user)
            if step == "take":
                return review.url
            return reverse("alerts:alert-detail", args=[review.alert_id]) if step == "withdraw" else _desk()

        return act_once(request, perform, self.success[step])


class AskReview(SignedIn, View):
    """Offers the words of an alert in one language to everybody who works in it."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: uuid.UUID, language: str) -> HttpResponse:
        """Release the words once, then go back to the alert."""
        alert = find_alert(self.user, pk)
        if language not in Language.values or not permissions.can_release_words(self.user, alert):
            raise NotPermitted
        others = alert.texts.exclude(language=language).values_list("language", flat=True)
        programs = text_reviews.programs_to_ask(language, self.user)
        form = AskReviewForm(request.POST, alert=alert, language=language, others=others, programs=programs)

        def perform() -> str:
            if not form.is_valid():
                raise ActRefused(_("Choose the language to put beside these words, and whom to ask, from the lists."))
            text_reviews.ask_review(alert=alert, by=self.user, language=language, **form.asked())
            return reverse("alerts:alert-detail", args=[alert.pk])

        return act_once(request, perform, _("The words were offered for review."))


def text_rows(alert: Alert, user: User, texts: list[AlertText], *, with_reviews: bool) -> list[dict[str, Any]]:
    """Return the words by language; on the program's own page each with its newest review and the form for one."""
    if not with_reviews:
        return [{"text": text} for text in texts]
    newest: dict[str, TextReview] = {}
    for review in alert.text_reviews.select_related("taken_by").order_by("created_at"):  # type: ignore[attr-defined]
        newest[review.language] = review
    may_ask = alert.case.is_open and permissions.can_release_words(user, alert)
    rows: list[dict[str, Any]] = []
    for text in texts:
        found = newest.get(text.language)
        is_open = found is not None and found.status in OPEN_TEXT_REVIEWS
        can_ask = may_ask and not is_open and text_reviews.may_be_offered(alert, text)
        others = [other.language for other in texts if other != text]
        form = None
        if can_ask:
            programs = text_reviews.programs_to_ask(text.language, user)
            form = AskReviewForm(alert=alert, language=text.language, others=others, programs=programs)
        rows.append({"text": text, "review": found, "form": form, "asked": offered_to(found) if found else []})
    return rows


def offered_to(review: TextReview) -> list[str]:
    """Return whom a review was offered to by name, countries first; nothing where everybody was asked."""
    countries = [str(Country(code).label) for code in review.countries]
    programs = AlertProgram.objects.filter(code__in=review.programs) if review.programs else ()
    return [*countries, *sorted(str(program) for program in programs)]


def _find(user: User, pk: uuid.UUID) -> TextReview:
    text_reviews.let_reviewer_in(user, pk)
    rows = TextReview.objects.visible_to(user).select_related(  # type: ignore[attr-defined]
        "alert__program__agency", "alert__case__lead_agency", "taken_by", "asked_by"
    )
    return audit.noted(get_object_or_404(rows, pk=pk), by=user)


def _page(request: HttpRequest, user: User, review: TextReview, form: ReviewForm, status: int = 200) -> HttpResponse:
    is_mine = review.status == TextReviewStatus.TAKEN and permissions.can_finish_review(user, review)
    names = {step.name for step in workflow.TEXT_REVIEW.available(review, user)}
    context = {
        "review": review,
        "asked": offered_to(review),
        "form": form if is_mine else None,
        "names": names,
        "is_own_program": permissions.can_withdraw_review(user, review),
        "nav_section": "desk",
        "is_exercise": review.alert.is_exercise,
    }
    return render(request, "alerts/text_review.html", with_nonce(context), status=status)


def _desk() -> str:
    return reverse("alerts:desk")
