"""Authorities to publish, to look up: what, by whom, on which basis, until when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin

from cases.models import PublicationAuthority

from .case_data import CaseDataAdmin


@admin.register(PublicationAuthority)
class PublicationAuthorityAdmin(CaseDataAdmin):
    """Recorded and taken back in the portal only."""

    list_display = ("case", "item", "program", "country", "valid_until", "revoked_at")
    list_filter = ("item", "country")
    list_select_related = ("case", "program")
    sortable_by = ("recorded_at", "valid_until")
    fieldsets: ClassVar[Any] = [
        (
            None,
            {
                "fields": (
                    "case", "item", "program", "country", "basis_label", "authorizer_label", "authorizer_name",
                    "valid_until", "recorded_at", "recorded_by", "revoked_at", "revoked_by",
                )
            },
        )
    ]  # fmt: skip
