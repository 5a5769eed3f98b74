"""Rows around a program and its criteria, edited on its page by whoever may change it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import TabularInline
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationStackedInline

from agencies.models import (
    ActivatingBody,
    ActivationFallback,
    Agency,
    AlertProgram,
    CriteriaVersion,
    ProgramDesk,
    ProgramLadder,
    ProgramRoute,
)
from agencies.staffing import desks_without_anybody


class OwnRows:
    """Rows follow the page around them: seen by whoever sees it, edited by whoever may change it."""

    extra = 1
    admin_site: Any
    parent_model: type[models.Model]

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The page around the rows has already asked."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Ask the page around the rows."""
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Ask the page around the rows."""
        return self._may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Ask the page around the rows: a row of reference data may go, a row of a used version may not change."""
        return self._may_change(request, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer agencies and programs that work in the portal now."""
        related = db_field.remote_field.model
        if related in (Agency, AlertProgram):
            kwargs.setdefault("queryset", related.objects.filter(is_active=True))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def _may_change(self, request: HttpRequest, obj: models.Model | None) -> bool:
        page = self.admin_site._registry[self.parent_model]
        return bool(page.has_change_permission(request, obj) if obj is not None else page.has_add_permission(request))


class DesksFormSet(BaseInlineFormSet):
    """The desks of one program."""

    def clean(self) -> None:
        """Refuse desks at which nobody answers, as long as somebody does at the present ones (U36)."""
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data.get("agency") and not form.cleaned_data.get("DELETE")]
        if desks_without_anybody(self.instance, {form.cleaned_data["agency"].pk for form in kept}):
            raise ValidationError(_("Nobody at these desks may answer requests. Grant somebody the role there first."))


class DeskRows(OwnRows, TabularInline):
    """The agencies that receive the program's requests."""

    model = ProgramDesk
    formset = DesksFormSet
    fields = ("agency", "position")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Load what every row names with the rows."""
        return super().get_queryset(request).select_related("agency", "program")


class RouteRows(OwnRows, TabularInline):
    """Which programs have a part in requests to and from this one."""

    model = ProgramRoute
    fk_name = "program"
    fields = ("kind", "position", "to_program", "source", "verified_by", "verified_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Load what every row names with the rows."""
        return super().get_queryset(request).select_related("program", "to_program")


class LadderRows(OwnRows, TabularInline):
    """After how many minutes an unacknowledged request reaches whom; a step without a row keeps the usual minutes."""

    model = ProgramLadder
    extra = 0
    fields = ("step", "minutes")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Load what every row names with the rows."""
        return super().get_queryset(request).select_related("program")


class BodiesFormSet(BaseInlineFormSet):
    """The activating bodies of one version."""

    def clean(self) -> None:
        """Refuse to leave a program without anybody who may activate; a national hub may have none."""
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data.get("agency") and not form.cleaned_data.get("DELETE")]
        version: CriteriaVersion = self.instance
        if not kept and version.program_id and not version.program.is_hub:
            raise ValidationError(_("Name at least one agency that activates: without one nobody could approve."))


class RowsTakenAlong(OwnRows):
    """Rows of a version: a new version's page begins with those of the version that it is made from."""

    model: type[models.Model]

    def get_extra(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any) -> int:
        """Return room for the rows that come along, besides the usual."""
        source = self.admin_site._registry[CriteriaVersion].source_of(request) if obj is None else None
        return self.extra + (self.model._default_manager.filter(criteria=source).count() if source else 0)


class BodyRows(RowsTakenAlong, TabularInline):
    """The agencies whose members approve and activate."""

    model = ActivatingBody
    formset = BodiesFormSet
    fields = ("agency",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Load what every row names with the rows."""
        return super().get_queryset(request).select_related("agency", "criteria__program")


class FallbackRows(RowsTakenAlong, TranslationStackedInline):
    """When another agency decides."""

    model = ActivationFallback
    extra = 0
    fields = ("condition_en", "condition_es", "condition_fr", "agency")
