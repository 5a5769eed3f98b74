"""A case with parts that are told to one agency and not to another."""

from __future__ import annotations

from typing import Any

import pytest

from agencies.models import Agency
from cases.models import Case, Person
from cases.services.facts import record_facts
from cases.services.sharing import share_by_hand


@pytest.fixture
def quebec(db: None) -> Any:
    """The agency of Québec."""
    return Agency.objects.get(code="ca-qc-sq")


@pytest.fixture
def shared(active_case: Any, california_officer: Any, quebec: Any) -> Any:
    """The case of California with a reporting party, circumstances and an address, shared with Québec to look."""
    event = active_case.abduction
    event.circumstances, event.circumstances_language = "Zqwords of a neighbor", "en"
    event.road, event.postal_code, event.place_kind = "Zqroad", "Zq000", "home"
    witness = Person(given_names="Zqwitness", first_surname="Ruiz", role="reporter", phone="+16195550100")
    record_facts(
        case=active_case, by=california_officer,
        items=[(event, ["circumstances", "circumstances_language", "road", "postal_code", "place_kind"]),
               (witness, ["given_names"])],
    )  # fmt: skip
    share_by_hand(case=active_case, by=california_officer, agency=quebec, level="look", purpose="assist", hours=24)
    return Case.objects.get(pk=active_case.pk)
