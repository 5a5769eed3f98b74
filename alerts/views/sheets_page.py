"""Links to the sheets on the page of a request."""

from __future__ import annotations

from typing import Any

from agencies.choices import Language
from alerts.models import ExtensionRequest
from alerts.sheet_content import language_of, layouts_of


def sheets_context(item: ExtensionRequest) -> dict[str, Any]:
    """Return the links of a request's page: the receiver's language first, every layout that its program knows."""
    own = language_of(item.program)
    languages = sorted(Language.choices, key=lambda choice: choice[0] != own)
    return {
        "sheet_languages": languages,
        "sheet_layouts": layouts_of(item.program),
        "has_acuse": item.acknowledged_at is not None,
    }
