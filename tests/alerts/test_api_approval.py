"""The API of approving with too few people: what is not there for a person is answered like what never was."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from alerts.models import Alert
from alerts.services import text_reviews
from tests.alerts.test_api import signed_in, url

pytestmark = pytest.mark.django_db
OF_ALERTS = ("ask-review", "refuse-approval", "ask-approval", "activate-alone", "use-fallback", "end-fallback")
OF_REVIEWS = ("take", "hand-back", "record", "withdraw")
ROUTES = [
    ("get", "text-review-detail", "review"), *(("post", f"text-review-{name}", "review") for name in OF_REVIEWS),
    *(("post", f"alert-{name}", "alert") for name in OF_ALERTS),
]  # fmt: skip


@pytest.mark.parametrize("who", ["quebec_coordinator", "superuser"])
@pytest.mark.parametrize(("method", "name", "kind"), ROUTES)
def test_foreign_and_random_ids_get_the_same_404(
    request: pytest.FixtureRequest, active_alert: Alert, method: str, name: str, kind: str, who: str
) -> None:
    client: Any = signed_in(request.getfixturevalue(who))
    asker = request.getfixturevalue("baja_coordinator")
    review = text_reviews.ask_review(alert=active_alert, by=asker, language="en", source_language="es")
    row = {"review": review, "alert": active_alert}[kind]
    answers = [
        getattr(client, method)(url(name, key), {"nonsense": 1} if method != "get" else None)
        for key in (row.pk, uuid.uuid4(), "no-uuid")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
