"""Criteria versions: editable until the first decision rests on them, then history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import all_valid
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies import criteria_versions
from agencies.choices import InfoPart, InfoRule
from agencies.models import AlertProgram, CriteriaVersion, User

from .acting import acting
from .criteria_fields import ConfirmationForm, parameter_formfield, parameters_of
from .criteria_preview import VersionForm, preview_of, rows_by_label
from .programs import own_agencies
from .reference_data import TranslatedAdmin, answers_for, language_fieldsets
from .rows import BodyRows, FallbackRows

ADD = "admin:agencies_criteriaversion_add"
OF = "of"  # the version from which a new one is made


@admin.register(CriteriaVersion)
class CriteriaVersionAdmin(TranslatedAdmin):
    """What each program requires. A version that a decision rests on is read-only; a new one is made from it.

    Nothing is stored that was not looked at before: how officers will read it, what differs, whom it touches.
    """

    form = VersionForm
    change_form_template = "admin/agencies/criteriaversion/change_form.html"

    list_display = ("program", "version", "effective_from", "effective_to", "source", "verified")
    list_filter = ("program__country",)
    list_select_related = ("program",)
    search_fields = ("program__code",)
    search_help_text = _("Search by the program's code.")
    readonly_fields = ("version", "verified_by", "verified_at")
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
            {
                "fields": (
                    "abduction_test", "info_rule", "info_of", "info_photo", "db_entry_required",
                    "max_hours_since_event", "branches",
                )
            },
        ),
        *language_fieldsets("danger_test", "activating_bodies", "notes"),
        (
            _("The alert"),
            {
                "fields": (
                    "levels", "fallback_alert_types", "min_duration_hours", "max_duration_hours", "is_renewable",
                    "renewal_deadline_hours", "max_total_hours",
                )
            },
        ),
        (_("Message limits, characters"), {"fields": ("limit_wea_short", "limit_wea_long", "limit_alert_ready")}),
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

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer choices in words for what is kept as codes."""
        return parameter_formfield(db_field) or super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("information test"))
    def info_rule(self, obj: CriteriaVersion) -> str:
        """Show the rule of a version that stands."""
        return str(dict(InfoRule.choices).get(parameters_of(obj, {})["info_rule"], ""))

    @admin.display(description=_("description of"))
    def info_of(self, obj: CriteriaVersion) -> str:
        """Show of what."""
        return ", ".join(str(dict(InfoPart.choices).get(part, part)) for part in parameters_of(obj, {})["info_of"])

    @admin.display(boolean=True, description=_("a recent photo is required too"))
    def info_photo(self, obj: CriteriaVersion) -> bool:
        """Show whether a photo is required."""
        return bool(parameters_of(obj, {})["info_photo"])

    @admin.display(description=_("WEA, short text"))
    def limit_wea_short(self, obj: CriteriaVersion) -> Any:
        """Show the limit."""
        return parameters_of(obj, {})["limit_wea_short"]

    @admin.display(description=_("WEA, long text"))
    def limit_wea_long(self, obj: CriteriaVersion) -> Any:
        """Show the limit."""
        return parameters_of(obj, {})["limit_wea_long"]

    @admin.display(description=_("Alert Ready"))
    def limit_alert_ready(self, obj: CriteriaVersion) -> Any:
        """Show the limit."""
        return parameters_of(obj, {})["limit_alert_ready"]

    # --- confirmed by the program ---------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        """Add the page on which the program's confirmation is recorded."""
        page = self.admin_site.admin_view(self.verify)
        return [path("<int:object_id>/verify/", page, name="agencies_criteriaversion_verify"), *super().get_urls()]

    def verify(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record who at the program confirmed the rules, and when; used versions can be confirmed too."""
        version = get_object_or_404(self.get_queryset(request), pk=object_id)
        may_record = answers_for(acting(request), version.program.agency_id)
        if request.method == "POST" and not may_record:
            raise Http404
        form = ConfirmationForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            criteria_versions.confirm(version, by=acting(request), **form.cleaned_data)
            self.log_change(request, version, [{"changed": {"fields": ["verified_by", "verified_at"]}}])
            self.message_user(request, _("The confirmation was recorded."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:agencies_criteriaversion_change", args=[version.pk]))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "version": version,
                   "form": form if may_record else None,
                   "title": _("Record the program's confirmation")}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/agencies/criteriaversion/verify.html", context, status=status)

    def answers(self, user: User, obj: Any) -> bool:
        """The staff of the program's own agency, as long as nothing rests on the version."""
        return answers_for(user, obj.program.agency_id) and not criteria_versions.is_used(obj)

    def reference_of(self, obj: Any) -> str:
        """Return the program's code and the number."""
        return f"{obj.program.code} {obj.version}"

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Add versions only to programs that the person answers for."""
        if db_field.name == "program":
            kwargs["queryset"] = AlertProgram.objects.filter(agency__in=own_agencies(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    # --- a new version from an old one ----------------------------------------------------------------------------

    def source_of(self, request: HttpRequest) -> CriteriaVersion | None:
        """Return the version from which the address makes a new one; 404 for one of another agency's program."""
        if request.method != "GET" or not (pk := request.GET.get(OF, "")):
            return None
        rows = CriteriaVersion.objects.filter(program__agency__in=own_agencies(request))
        return get_object_or_404(rows, pk=pk if pk.isdecimal() and len(pk) < 10 else 0)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill the page of a new version with the words of the old one, from tomorrow, verified by nobody yet."""
        source = self.source_of(request)
        if source is None:
            return {}
        names = [*flatten_fieldsets(self.get_fieldsets(request)), "program"]
        return criteria_versions.values_for_next(source, names)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Take the bodies and fallbacks of the old version along."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        source = self.source_of(request) if obj.pk is None else None
        if source is not None:
            rows = inline.model.objects.filter(criteria=source)
            kwargs["initial"] = [{name: _bare(row, name) for name in inline.fields} for row in rows]
        return kwargs

    @admin.action(description=_("New version from this one"), permissions=["add"])
    def new_version(self, request: HttpRequest, chosen: QuerySet) -> HttpResponseRedirect | None:
        """Open the page of a new version, filled from the chosen one; nothing is stored yet."""
        versions = list(chosen[:2])
        if len(versions) != 1:
            self.message_user(request, _("Select exactly one version."), messages.WARNING)
            return None
        if not answers_for(acting(request), versions[0].program.agency_id):
            self.message_user(request, _("Only the program's own agency makes new versions."), messages.ERROR)
            return None
        return HttpResponseRedirect(f"{reverse(ADD)}?{OF}={versions[0].pk}")

    # --- looking before saving ------------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Hold the version before asking whether it is used: a decision recorded meanwhile makes it history."""
        with transaction.atomic():
            if request.method == "POST" and object_id and object_id.isdecimal() and self.may_look(acting(request)):
                criteria_versions.hold(object_id)
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
            return answer

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Put the preview above the form where everything else is in order; offer a new version where one stands."""
        form = context["adminform"].form
        formsets = [item.formset for item in context["inline_admin_formsets"]]
        if getattr(form, "is_unseen", False):
            form.forget_unseen()
            context["errors"] = helpers.AdminErrorList(form, formsets)
            if not form.errors and all_valid(formsets):
                context["preview"] = preview_of(form, _rows_of(formsets))
        version = context["original"]
        if version is not None and answers_for(acting(request), version.program.agency_id):
            context["next_version_url"] = f"{reverse(ADD)}?{OF}={version.pk}"
            context["verify_url"] = reverse("admin:agencies_criteriaversion_verify", args=[version.pk])
            context["is_used"] = criteria_versions.is_used(version)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store what was looked at: a new version gets its number, and the one before it ends."""
        if form.is_unseen:
            raise ValidationError("A version is looked at before it is stored.")
        if not change:
            obj.version = criteria_versions.next_number(obj.program)
        super().save_model(request, obj, form, change)
        criteria_versions.end_earlier(obj, by=acting(request), was_from=form.was_from() if change else None)


def _bare(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return getattr(value, "pk", value)


def _rows_of(formsets: Any) -> dict[str, list[str]]:
    bodies, fallbacks = (
        [form.instance for form in formset.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        for formset in formsets
    )
    return rows_by_label([body.agency for body in bodies], [item.condition for item in fallbacks])
