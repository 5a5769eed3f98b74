"""Criteria versions: editable until the first decision rests on them, then history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import CASCADE, ForeignObjectRel, Max, Model, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import AlertProgram, CriteriaVersion, User

from .acting import acting
from .programs import own_agencies
from .reference_data import TranslatedAdmin, answers_for, language_fieldsets
from .rows import BodyRows, FallbackRows


def is_used(version: CriteriaVersion) -> bool:
    """Say whether a decision points at this version; its own rows of bodies and fallbacks are part of it.

    Requests live in an app that agencies may not import, so the question goes through the relations themselves.
    """
    kept: bool | None = version.__dict__.get("_is_used")
    if kept is None:
        relations = [
            relation
            for relation in version._meta.get_fields(include_hidden=True)  # most have no way back by name
            if isinstance(relation, ForeignObjectRel) and relation.on_delete is not CASCADE
        ]
        kept = any(_points(relation, version) for relation in relations)
        version.__dict__["_is_used"] = kept  # asked many times while one page is made
    return kept


def _points(relation: ForeignObjectRel, version: CriteriaVersion) -> bool:
    rows = cast("type[Model]", relation.related_model)._base_manager
    return rows.filter(**{relation.field.name: version}).exists()


def next_number(program: AlertProgram) -> int:
    """Return the next version number of a program, holding the program's row until the transaction ends."""
    AlertProgram.objects.select_for_update().get(pk=program.pk)
    latest = CriteriaVersion.objects.filter(program=program).aggregate(latest=Max("version"))["latest"]
    return int(latest or 0) + 1


@transaction.atomic
def copy_as_new_version(version: CriteriaVersion) -> CriteriaVersion:
    """Store a copy with the next number, in force from tomorrow, verified by nobody yet; return it.

    Bodies and fallbacks go with it.

    The old version stays as it is: of the versions in force, the highest number counts.
    """
    copy = CriteriaVersion.objects.get(pk=version.pk)
    copy.pk = None
    copy._state.adding = True
    copy.version = next_number(version.program)
    copy.effective_from = timezone.localdate() + timedelta(days=1)
    copy.effective_to = None
    copy.verified_by, copy.verified_at = "", None
    copy.save()
    for rows in (version.bodies.all(), version.fallbacks.all()):
        for row in rows:
            row.pk, row.criteria = None, copy
            row._state.adding = True
            row.save()
    return copy


@admin.register(CriteriaVersion)
class CriteriaVersionAdmin(TranslatedAdmin):
    """What each program requires. A version that a decision rests on is read-only; a new one is made from it."""

    list_display = ("program", "version", "effective_from", "effective_to", "verified")
    list_filter = ("program__country",)
    list_select_related = ("program",)
    search_fields = ("program__code",)
    search_help_text = _("Search by the program's code.")
    readonly_fields = ("version",)
    fixed_fields = ("program",)
    inlines = (BodyRows, FallbackRows)
    actions = ("new_version",)
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("program", "version", "effective_from", "effective_to")}),
        (
            _("Who is covered"),
            {"fields": ("max_age", "vulnerable_adult_allowed", "parental_policy", "runaway_policy")},
        ),
        (
            _("Tests"),
            {"fields": ("abduction_test", "info_test", "db_entry_required", "max_hours_since_event", "branches")},
        ),
        *language_fieldsets("danger_test", "activating_bodies", "notes"),
        (
            _("The alert"),
            {
                "fields": (
                    "levels", "fallback_alert_types", "min_duration_hours", "max_duration_hours", "is_renewable",
                    "renewal_deadline_hours", "max_total_hours", "message_limits",
                )
            },
        ),
        (
            pgettext_lazy("criteria", "Activation"),
            {"fields": ("single_officer_after_minutes", "is_legal_review_required")},
        ),
        (_("What the public sees"), {"fields": ("public_fields", "after_expiry_public")}),
        (_("Source"), {"fields": ("source", "source_url", "verified_by", "verified_at")}),
    ]  # fmt: skip

    @admin.display(boolean=True, description=_("verified by the program"))
    def verified(self, obj: CriteriaVersion) -> bool:
        """Say whether the program itself confirmed the rules."""
        return obj.is_verified

    def scope(self, rows: QuerySet, user: User) -> QuerySet:
        """Load the program with its version: every page asks for its agency."""
        return rows.select_related("program")

    def answers(self, user: User, obj: Any) -> bool:
        """The staff of the program's own agency, as long as nothing rests on the version."""
        return answers_for(user, obj.program.agency_id) and not is_used(obj)

    def reference_of(self, obj: Any) -> str:
        """Return the program's code and the number."""
        return f"{obj.program.code} {obj.version}"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Add versions only to programs that the person answers for."""
        if db_field.name == "program":
            kwargs["queryset"] = AlertProgram.objects.filter(agency__in=own_agencies(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Give a new version its number."""
        if not change:
            obj.version = next_number(obj.program)
        super().save_model(request, obj, form, change)

    @admin.action(description=_("New version from this one"), permissions=["add"])
    def new_version(self, request: HttpRequest, chosen: QuerySet) -> HttpResponseRedirect | None:
        """Copy one chosen version and open the copy."""
        versions = list(chosen[:2])
        if len(versions) != 1:
            self.message_user(request, _("Select exactly one version."), messages.WARNING)
            return None
        if not answers_for(acting(request), versions[0].program.agency_id):
            self.message_user(request, _("Only the program's own agency makes new versions."), messages.ERROR)
            return None
        made = copy_as_new_version(versions[0])
        self.record_change(request, made, [], "added")
        self.log_addition(request, made, [{"added": {}}])
        self.message_user(
            request, _("The new version is in force from tomorrow unless you change its dates."), messages.SUCCESS
        )
        return HttpResponseRedirect(reverse("admin:agencies_criteriaversion_change", args=[made.pk]))
