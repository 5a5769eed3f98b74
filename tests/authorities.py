"""Records what may be published, so that a test can look at what follows."""

from __future__ import annotations

from typing import Any


def authorize_everything(case: Any, by: Any, countries: tuple[str, ...] = ("US", "MX", "CA")) -> None:
    """Record for the programs of these countries that everything of the case may be published."""
    from cases.services.publication import public_items, record_authority

    record_authority(case=case, by=by, items=public_items(case), countries=countries, basis="prosecutor_order")
