"""Actors and whole worlds for the rules of the whole site; nothing here decides what a test expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import close_old_connections

CALIFORNIA = "us-ca-chp"
BAJA = "mx-bcn-amber"
QUEBEC = "ca-qc-sq"
CHIHUAHUA = "mx-chh-amber"
SMALL_XML = b"<alert/>"


@pytest.fixture
def actors(
    make_user: Callable[..., Any], california_officer: Any, california_coordinator: Any, california_legal: Any,
    california_staff: Any, baja_coordinator: Any, baja_staff: Any, quebec_coordinator: Any, superuser: Any,
) -> dict[str, Any]:  # fmt: skip
    """Every role of the side that owns the case, of the side that was asked, and of neither."""
    return {
        "owner_duty_officer": california_officer,
        "owner_coordinator": california_coordinator,
        "owner_legal_advisor": california_legal,
        "owner_staff": california_staff,
        "receiver_duty_officer": make_user("dario.guardia@baja.example", BAJA, "duty_officer", "es"),
        "receiver_coordinator": baja_coordinator,
        "receiver_legal_advisor": make_user("lidia.juridica@baja.example", BAJA, "legal_advisor", "es"),
        "receiver_staff": baja_staff,
        "outsider": quebec_coordinator,
        "superuser": superuser,
        "system": None,
    }


@pytest.fixture
def quebec_staff(make_user: Callable[..., Any]) -> Any:
    """Staff in Québec, who may enter the administration."""
    return make_user("simone.staff@quebec.example", QUEBEC, "staff", "fr", is_staff=True)
