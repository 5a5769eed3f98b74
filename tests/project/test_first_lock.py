"""The first lock alone: with row-level security showing every row, `visible_to` and `page` still hide the case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from agencies import access, scope
from cases.models import CaseAccess
from tests.project.canaries import found_in, plant
from tests.project.routes import read_routes
from tests.project.test_leak_matrix import WHOLE, everything_in
from tests.project.whole_world import fill

pytestmark = pytest.mark.django_db
ON_THE_CASE = ("owner_officer", "owner_coordinator", "owner_legal", "owner_staff", "receiver_coordinator")
OFF_THE_CASE = ("outsider", "outsider_staff", "baja", "superuser")
# Rows that a share which is over leaves to the agency: its own answers (U35) and its own duties, which name no child.
KEPT_AFTERWARDS = {"alerts.KeptRequest", "alerts.Duty", "alerts.Redaction"}


def scoped() -> Iterator[Any]:
    """Yield every model whose rows are shown by `visible_to`."""
    for app in ("agencies", "cases", "alerts"):
        for model in apps.get_app_config(app).get_models():
            if hasattr(model._default_manager, "visible_to"):
                yield model


def seen_by(world: Any, *people: str) -> set[str]:
    """Return the models of which one of these people sees a row."""
    return {
        model._meta.label for model in scoped()
        if any(model._default_manager.visible_to(world.people[who]).exists() for who in people)
    }  # fmt: skip


def let_shares_end(world: Any) -> None:
    receiver = access.all_agency_ids(world.people["receiver_coordinator"])
    assert CaseAccess.objects.filter(agency_id__in=receiver).update(until=timezone.now() - timedelta(hours=1)) == 1


def test_rows_are_visible_on_the_case_and_nowhere_else(world: Any) -> None:
    fill(world)
    everything = {model._meta.label for model in scoped()}
    assert len(everything) > 35
    assert seen_by(world, *ON_THE_CASE) == everything
    for who in OFF_THE_CASE:
        assert seen_by(world, who) == set(), who


def test_share_that_is_over_leaves_no_row_of_the_case(world: Any) -> None:
    fill(world)
    let_shares_end(world)
    assert seen_by(world, "receiver_coordinator", "receiver_staff") <= KEPT_AFTERWARDS


EVERYBODY = [*((who, False) for who in OFF_THE_CASE), ("receiver_coordinator", True), ("receiver_staff", True)]
# Staff reach the pages, the API and the administration; the other columns are walked with MATRIX=all.
WALKED = [column for column in EVERYBODY if WHOLE or column[0].endswith("_staff")]


@pytest.mark.parametrize(("who", "is_over"), WALKED)
def test_first_lock_alone_shows_no_word_of_a_case(
    who: str, is_over: bool, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    if is_over:
        let_shares_end(world)
    planted = plant()
    monkeypatch.setattr(scope, "_tell", lambda _scope: None)  # the tests' connection sees every row, and goes on so
    client = Client(raise_request_exception=False)
    client.force_login(world.people[who])
    leaks, asked = [], 0
    for route in read_routes():
        if "GET" not in route.methods or route.policy in ("public", "token") or (is_over and "kept" in route.name):
            continue
        found = found_in(everything_in(client.get(route.address(world.samples))), planted)
        asked += 1
        if found:
            leaks.append(f"{route}: {found[:5]}")
    assert leaks == []
    assert asked > 150
