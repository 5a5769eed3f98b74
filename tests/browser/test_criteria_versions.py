"""Staff make a new version of their program's criteria: they look at it in three languages before it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from agencies.models import Agency, CriteriaVersion, User
from tests.browser.conftest import Visitor
from tests.browser.steps import PASSWORD
from tests.portal import Portal


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_new_version_is_looked_at_and_saved(
    portal: Portal, chromium: Any, django_db_blocker: Any, language: str
) -> None:
    from agencies.services import grant_membership

    with django_db_blocker.unblock():
        agency = Agency.objects.get(code="us-tx-dps")
        person = User.objects.create_user(
            "staff@texas.example", PASSWORD, full_name="Staff", language=language, is_staff=True
        )
        grant_membership(user=person, agency=agency, role="staff", by=None)
        version = CriteriaVersion.objects.get(program__code="us-tx")
    staff = Visitor(chromium, portal, language)
    staff.sign_in("staff@texas.example", PASSWORD)
    page = staff.page
    page.goto(f"/admin/agencies/criteriaversion/{version.pk}/change/")
    staff.picture("criteria-version")
    staff.press(".object-tools a[href$='/verify/']")
    page.fill("[name=person]", "General counsel of the program")
    staff.picture("criteria-confirmation")
    staff.press("#content-main input[type=submit]")
    assert "General counsel of the program" in page.content()
    staff.press(".object-tools a[href*='?of=']")
    page.fill("[name=max_hours_since_event]", "6")
    page.fill("[name=max_age]", "16")
    page.fill("[name=danger_test_es]", "Hay un riesgo grave e inminente para la vida de la niña, niño o adolescente.")
    staff.press("input[name=_preview]")
    staff.picture("criteria-preview")
    assert page.locator(".preview__mark").count() == 3
    with django_db_blocker.unblock():
        assert CriteriaVersion.objects.filter(program=version.program).count() == 1
    staff.press("input[name=_save]")
    with django_db_blocker.unblock():
        made = CriteriaVersion.objects.get(program=version.program, version=version.version + 1)
        assert (made.max_hours_since_event, made.max_age, made.branches) == (6, 16, version.branches)
    staff.close()
