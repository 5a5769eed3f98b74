"""What must go goes with its history, and its removal is no new version (ADR 62)."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest

from agencies.models import Agency, User
from agencies.services import grant_membership
from cases.models import VERSIONS, Child, Vehicle
from cases.services.files import open_case


def test_purge_leaves_no_version_behind(own_database: str, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        agency = Agency.objects.get(code="us-ca-chp")
        officer = User.objects.create_user(
            "otto@california.example", "correct horse battery staple", full_name="Otto", language="en",
            reads_languages=["en"],
        )  # fmt: skip
        grant_membership(user=officer, agency=agency, role="duty_officer", by=None)
        case = open_case(by=officer, agency=agency)
        child = Child.objects.create(case=case, given_names="Zoraida")
        vehicle = Vehicle.objects.create(case=case, make="Ford")
        Child.objects.filter(pk=child.pk).update(given_names="Zora")
        assert VERSIONS[Child].objects.count() == 2
        with psycopg.connect(os.environ["DATABASE_PURGE_URL"], dbname=own_database, autocommit=True) as purge:
            purge.execute("DELETE FROM cases_child WHERE id = %s", [child.pk])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                purge.execute("UPDATE cases_vehicleversion SET make = 'x'")
        assert VERSIONS[Child].objects.count() == 0
        assert [version.pgh_obj_id for version in VERSIONS[Vehicle].objects.all()] == [vehicle.pk]
