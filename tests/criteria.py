"""A new version of a program's criteria, as it stands once staff have stored one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from agencies import criteria_versions
from agencies.models import CriteriaVersion


def next_version(version: CriteriaVersion, **fields: Any) -> CriteriaVersion:
    """Store a copy with the next number, bodies and fallbacks; in force from tomorrow unless `fields` say otherwise."""
    copy = CriteriaVersion.objects.get(pk=version.pk)
    copy.pk = None
    copy._state.adding = True
    fields = {"effective_from": timezone.localdate() + timedelta(days=1), "effective_to": None} | fields
    for name, value in ({"verified_by": "", "verified_at": None} | fields).items():
        setattr(copy, name, value)
    copy.version = criteria_versions.next_number(version.program)
    copy.save()
    for row in (*version.bodies.all(), *version.fallbacks.all()):
        row.pk, row.criteria = None, copy
        row._state.adding = True
        row.save()
    return copy
