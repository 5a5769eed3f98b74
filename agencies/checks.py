"""What a production of the portal must have set, asked by every command before it starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from agencies import ciphers


@register(Tags.security)
def second_factor_in_production(app_configs: Any, **kwargs: Any) -> Iterable[Error]:
    """Refuse settings that travel encrypted, as production does, without a second factor for everybody (CJIS IA-2)."""
    if not settings.SECURE_SSL_REDIRECT:
        return []
    found = []
    if not settings.SECOND_FACTOR_REQUIRED:
        found.append(
            Error("SECOND_FACTOR_REQUIRED is off: production asks everybody for a second factor.", id="agencies.E001")
        )
    try:
        ciphers.keys()
    except ImproperlyConfigured as fault:
        found.append(Error(str(fault), id="agencies.E002"))
    return found
