"""Legal opinions: a draft stays in the author's agency, a released one is for everybody on the case."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cases.models import LegalReview

from .case_data import CaseDataAdmin


@admin.register(LegalReview)
class LegalReviewAdmin(CaseDataAdmin):
    """Opinions with the version of the facts that they rest on."""

    list_display = ("case", "agency", "status", "opinion_label", "given_at")
    list_filter = ("status",)
    list_select_related = ("case", "agency")
    sortable_by = ("case", "status", "given_at")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("case", "agency", "status", "requested_at", "requested_by")}),
        (
            _("Opinion"),
            {"fields": ("opinion_label", "grounds", "language", "facts_version", "given_at", "given_by")},
        ),
    ]
