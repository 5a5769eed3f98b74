"""No route tells an agency on a case a part that was not released to it: every one, with a canary in each such field.

Everything that can be held back is, and carries a word of its own; then each side that reads the case walks every
address: the program that was asked, its staff in the administration, and an agency with a share to look.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client

from agencies.models import AuditEvent
from cases.models import Case, PartRelease, Plate
from cases.models.code import CodeField
from cases.models.part import Parted
from cases.services import parts
from tests.project.canaries import PREFIX, found_in
from tests.project.routes import read_routes
from tests.project.test_leak_matrix import everything_in

pytestmark = pytest.mark.django_db
ALL_PARTED = [model for model in apps.get_app_config("cases").get_models() if issubclass(model, Parted)]


def hold_everything(world: Any) -> Case:
    """Mark every part of the case as police-only, but those that an authority to publish covers."""
    case, lead = Case.objects.get(pk=world.samples["case"]), world.people["owner_officer"]
    given = [row.pk for row in PartRelease.objects.current()]  # type: ignore[attr-defined]
    parts.take_back_parts(case=case, by=lead, releases=given)
    keys = [part.key for part in parts.parts_of(case) if not parts._is_published(part)]
    parts.mark_parts(case=case, by=lead, keys=keys, is_police_only=True, reason="law")
    assert len(keys) > 15
    return case


def plant(case: Case) -> dict[str, str]:
    """Write a canary into every field of free text that was held back; return each with its field."""
    planted: dict[str, str] = {}
    for number, model in enumerate(ALL_PARTED):
        for row in model._base_manager.filter(case=case):
            names = model._fields_of(row.police_only_groups)
            for place, field in enumerate(model._meta.concrete_fields):
                is_text = isinstance(field, (models.CharField, models.TextField)) and not isinstance(field, CodeField)
                if field.name not in names or not is_text or field.choices or field.max_length in (2, 6, 8, 64):
                    continue
                word = f"{PREFIX}{number:02d}{place:02d}y"
                model._base_manager.filter(pk=row.pk).update(**{field.name: word})
                planted[word] = f"{model._meta.label}.{field.name}"
    Plate._base_manager.filter(case=case).update(number=f"{PREFIX}9999Y")
    return planted | {f"{PREFIX}9999Y": "cases.Plate.number"}


def walk(user: Any, world: Any, planted: dict[str, str]) -> list[str]:
    """Return what this person is told of what was planted, address by address."""
    client, told = Client(raise_request_exception=False), []
    client.force_login(user)
    for route in read_routes():
        if route.policy not in ("object", "signed_in", "staff") or "GET" not in route.methods:
            continue
        response = client.get(route.address(world.samples))
        assert response.status_code < 500, f"{route}: {response.status_code}"
        if found := found_in(everything_in(response), planted):
            told.append(f"{route}: {found}")
    return told


@pytest.mark.parametrize("who", ["receiver_coordinator", "receiver_staff", "sharing_coordinator"])
def test_no_route_tells_a_part_that_was_not_released(who: str, world: Any, make_user: Any) -> None:
    people = world.people | {
        "sharing_coordinator": make_user("olive.coord@ontario.example", "ca-on-opp", "coordinator")
    }
    planted = plant(hold_everything(world))
    assert len(planted) > 20, planted
    assert walk(people[who], world, planted) == []


def test_lead_agency_still_reads_what_was_planted(world: Any) -> None:
    planted = plant(hold_everything(world))
    told = walk(world.people["owner_coordinator"], world, planted)
    missing = {field for field in planted.values() if not any(field in line for line in told)}
    assert len(missing) <= len(planted) * 0.25, missing
    assert not any(word in str(list(AuditEvent.objects.values_list("detail", flat=True))) for word in planted)
