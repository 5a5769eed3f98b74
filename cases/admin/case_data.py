"""What every page of case data shares: read-only, scoped, every read recorded, codes shown by their labels."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from agencies import permissions
from agencies.admin.scoped import ReadOnlyAdmin
from agencies.choices import AuditPurpose
from agencies.models import User
from cases.models.code import CodeField, CodeListField, code_label

Column = Callable[[Any], str]


class CaseDataAdmin(ReadOnlyAdmin):
    """Case data. For every coded field `x` there is a column `x_label`; `case_path` leads to the id of the case.

    Found by reference only: whoever knows a name must not learn here whether a case exists.
    """

    records_reads = True
    read_purpose = AuditPurpose.LOOK_UP
    case_path = "case_id"
    search_fields: ClassVar[Any] = ("case__reference",)
    search_help_text = _("Search by the reference of the case.")
    list_select_related: ClassVar[Any] = ("case",)

    def __init__(self, model: type[models.Model], admin_site: AdminSite) -> None:
        """Make the columns of coded fields."""
        super().__init__(model, admin_site)
        _add_label_columns(self, model)

    def may_look(self, user: User) -> bool:
        """Those who may look cases up; being a superuser is not enough."""
        return permissions.can_look_up_cases(user)

    def scope(self, rows: Any, user: User) -> Any:
        """The rows of the cases that this person may see."""
        return rows.visible_to(user)

    def reference_of(self, obj: models.Model) -> str:
        """Return the id."""
        return str(obj.pk)

    def case_id_of(self, obj: models.Model) -> uuid.UUID | None:
        """Return the id of the case."""
        found: Any = obj
        for name in self.case_path.split("."):
            found = getattr(found, name)
        return uuid.UUID(str(found))


class CodedInline:
    """Rows beside their object: for every coded field `x` there is a column `x_label`."""

    model: type[models.Model]

    def __init__(self, parent_model: type[models.Model], admin_site: AdminSite) -> None:
        """Make the columns of coded fields."""
        super().__init__(parent_model, admin_site)  # type: ignore[call-arg]
        _add_label_columns(self, self.model)


def _add_label_columns(page: Any, model: type[models.Model]) -> None:
    for field in model._meta.concrete_fields:
        if isinstance(field, (CodeField, CodeListField)):
            setattr(page, f"{field.name}_label", _label_column(field))


def moment_there(at: datetime | None, zone: str) -> str:
    """Return a moment in the time of the place, with the zone's name; empty when it is not known."""
    if at is None:
        return ""
    there = timezone.localtime(at, ZoneInfo(zone) if zone else None)
    return f"{formats.date_format(there, 'DATETIME_FORMAT')} ({there:%Z})"


def _label_column(field: CodeField | CodeListField) -> Column:
    def column(obj: Any) -> str:
        value = getattr(obj, field.name)
        codes = value if isinstance(value, list) else [value]
        return ", ".join(filter(None, (code_label(field.list_name, code) for code in codes)))

    return admin.display(description=field.verbose_name)(column)
