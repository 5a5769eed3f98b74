"""What every page of the administration shares: deny by default, one 404, no oracle, no names in its log.

Django's own admin asks Django's model permissions; here a page asks `agencies.permissions`, and being a superuser
answers nothing by itself. The leaks that are closed here are those of the catalogue in the threat model.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin, ShowFacets, SimpleListFilter, StackedInline, TabularInline
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse

from agencies import audit
from agencies.models import User

from .acting import acting
from .fields import portal_formfield
from .paging import CappedPaginator

NUL = "\x00"  # PostgreSQL refuses it in text, so that nothing can be found by it


class ScopedAdmin(ModelAdmin):
    """One kind of object. A page says who may look, add and change, and which rows a person sees."""

    actions: Any = None
    view_on_site = False
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 50
    paginator = CappedPaginator
    records_reads = False
    read_purpose = ""

    def may_look(self, user: User) -> bool:
        """Say whether this person may open these pages at all."""
        raise NotImplementedError

    def may_add(self, user: User) -> bool:
        """Say whether this person may add one."""
        return False

    def may_change(self, user: User, obj: models.Model | None) -> bool:
        """Say whether this person may change this one, or any when `obj` is None."""
        return False

    def scope(self, rows: models.QuerySet, user: User) -> models.QuerySet:
        """Return of these rows those that the person may see."""
        return rows

    def reference_of(self, obj: models.Model) -> str:
        """Return what Django's log keeps of the object for ever: a code or an id, never a name."""
        return str(getattr(obj, "code", "") or obj.pk)

    def case_id_of(self, obj: models.Model) -> uuid.UUID | None:
        """Return the case that a read of this object is a read of."""
        return None

    # --- who may do what ------------------------------------------------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        """List these pages only for whoever may open them."""
        return self.may_look(acting(request))

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Rows outside the scope are never loaded, so the question is the same for every row."""
        return self.may_look(acting(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask the page."""
        return self.may_look(acting(request)) and self.may_add(acting(request))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Ask the page."""
        return self.may_look(acting(request)) and self.may_change(acting(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nothing is deleted here: things are retired or ended."""
        return False

    # --- which rows ----------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Return the rows in the person's scope; every page below starts here."""
        return self.scope(super().get_queryset(request), acting(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        """Return the object if it is in the scope; an id that cannot exist is like one that does not."""
        return None if NUL in object_id else super().get_object(request, object_id, from_field)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def get_urls(self) -> list[Any]:
        """Drop the nameless redirect from the address without a verb: one address for one page."""
        return [item for item in super().get_urls() if item.name]

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """Let the address filter only by what the sidebar offers; Django would let it ask for any local field."""
        return lookup in set(_offered(self.get_list_filter(request)))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer, and accept, only objects that their own page would show to this person."""
        kwargs.setdefault("queryset", self.choices_for(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer, and accept, only objects that their own page would show to this person."""
        kwargs.setdefault("queryset", self.choices_for(db_field.remote_field.model, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def choices_for(self, model: type[models.Model], request: HttpRequest) -> models.QuerySet:
        """Return the rows of a model that its own page shows to this person; none if it has no page for them."""
        page = self.admin_site._registry.get(model)
        if page is None or not page.has_view_permission(request):
            return model._default_manager.none()
        return page.get_queryset(request)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take no values from the address: a related object's label would be shown to whoever guesses its id."""
        return {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Use checkboxes for several choices, and accept only time zones that exist."""
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        return portal_formfield(db_field) or super().formfield_for_dbfield(db_field, request, **kwargs)

    # --- what is recorded ----------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; one event names every row that it showed."""
        if any(NUL in value for values in request.GET.lists() for value in (values[0], *values[1])):
            raise Http404
        response = super().changelist_view(request, extra_context)
        listed = (getattr(response, "context_data", None) or {}).get("cl")
        if self.records_reads and listed is not None:
            audit.record_read(by=acting(request), objects=listed.result_list, purpose=self.read_purpose)
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show one object; the read is recorded in the transaction that reads."""
        if context["original"] is not None:
            blocks = [block.formset.initial_forms for block in context["inline_admin_formsets"]]
            self.record_one_read(request, context["original"], [form.instance for forms in blocks for form in forms])
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what staff changed; its title shows the object."""
        response = super().history_view(request, object_id, extra_context)
        shown = (getattr(response, "context_data", None) or {}).get("object")
        if shown is not None:
            self.record_one_read(request, shown)
        return response

    def record_one_read(self, request: HttpRequest, obj: models.Model, rows: Iterable[models.Model] = ()) -> None:
        """Add the event of reading one object and the rows on its page, where reads of this kind are recorded."""
        if self.records_reads:
            audit.record_read(
                by=acting(request), objects=[obj, *rows], case_id=self.case_id_of(obj), purpose=self.read_purpose
            )

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        """Store the object, with the names of the changed fields in the audit."""
        super().save_model(request, obj, form, change)
        self.record_change(request, obj, form.changed_data, "changed" if change else "added")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Store the rows of the page, with an event that names their kind."""
        super().save_formset(request, form, formset, change)
        if formset.has_changed():
            self.record_change(request, form.instance, [formset.model._meta.model_name], "changed")

    def record_change(self, request: HttpRequest, obj: models.Model, field_names: Iterable[str], what: str) -> None:
        """Add the event of a change made here."""
        audit.record(f"{self.opts.model_name}.{what}", by=acting(request), objects=[obj], field_names=field_names)

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        """Keep Django's log, with a reference in place of the object's name."""
        return self._log(request, obj, ADDITION, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        """Keep Django's log, with a reference in place of the object's name."""
        return self._log(request, obj, CHANGE, message)

    def _log(self, request: HttpRequest, obj: models.Model, flag: int, message: Any) -> LogEntry:
        return LogEntry.objects.create(
            user_id=acting(request).pk,
            content_type_id=get_content_type_for_model(obj).pk,
            object_id=str(obj.pk),
            object_repr=self.reference_of(obj)[:200],
            action_flag=flag,
            change_message=message if isinstance(message, str) else json.dumps(message),
        )


class ReadOnlyAdmin(ScopedAdmin):
    """Pages for looking only: every field that is named in the fieldsets, none of them editable."""

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """Return all that is shown."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))


class LookingOnly:
    """Rows of another object's page; who may open that page may read them, nobody edits them there."""

    extra = 0
    max_num: int | None = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """The page around the rows has already asked."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False


class ReadOnlyRows(LookingOnly, TabularInline):
    """Short rows, as a table."""


class ReadOnlyBlocks(LookingOnly, StackedInline):
    """Long rows, one below the other."""


def _offered(list_filter: Iterable[Any]) -> Iterable[str]:
    """Return the parameters that the filters of a sidebar put into the address."""
    for item in list_filter:
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            yield str(item.parameter_name)
        else:
            name = item[0] if isinstance(item, (tuple, list)) else item
            yield from (name, f"{name}__exact", f"{name}__isnull")
