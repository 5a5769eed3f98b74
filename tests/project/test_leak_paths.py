"""Paths by which portals of this kind have leaked and that no other test walks (docs/leak-catalog.md)."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from agencies.models import Agency, User
from alerts import delivery, statistics, tasks
from alerts.heartbeats import CANARIES
from alerts.models import Recipient
from alerts.services.issuing import activate
from cases.models import Case
from config.celery import app
from tests.portal import ROOT
from tests.project.canaries import found_in, plant, protected_models
from tests.project.test_outsider_sees_404 import normal
from tests.project.whole_world import fill

pytestmark = pytest.mark.django_db
CODE = [path for name in ("agencies", "alerts", "cases", "config") for path in sorted((ROOT / name).rglob("*.py"))]
# Each has shown somebody else's rows, or kept text of requests where nobody looked for it.
NOT_INSTALLED = (
    "django-simple-history", "django-import-export", "django-filter", "djangorestframework-filters", "graphene",
    "strawberry", "django-debug-toolbar", "django-silk", "sentry-sdk", "ddtrace", "newrelic", "elastic-apm",
    "opentelemetry", "flower", "django-celery-results", "channels", "daphne", "django-hijack", "django-impersonate",
    "sorl-thumbnail", "easy-thumbnails", "django-cacheops", "docutils",
)  # fmt: skip


def text_of(*patterns: str) -> str:
    return "\n".join(path.read_text() for pattern in patterns for path in sorted(ROOT.glob(pattern)))


def test_packages_that_leak_are_not_installed() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert len(locked) > 50
    assert [name for name in NOT_INSTALLED if any(have == name or have.startswith(f"{name}-") for have in locked)] == []
    assert not {"django.contrib.admindocs", "django.contrib.sitemaps", "django.contrib.syndication"} & set(
        settings.INSTALLED_APPS
    )


def test_no_page_and_no_part_of_one_is_kept_in_a_cache() -> None:
    code = "\n".join(path.read_text() for path in CODE)
    assert not re.findall(r"cache_page|UpdateCacheMiddleware|FetchFromCacheMiddleware|caches\[", code)
    assert not re.findall(r"cache\.(?:set|get_or_set|add)\(", code)
    assert "{% cache" not in text_of("templates/**/*.html")
    assert settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"), "no cache shares the broker's Redis"
    scripts = text_of("static/js/**/*.js", "templates/**/*.html")
    assert scripts
    assert "serviceWorker" not in scripts


def test_nothing_is_mailed_to_administrators_and_no_fault_shows_its_locals() -> None:
    texts = text_of("config/settings/*.py")
    assert not re.findall(r"^(?:ADMINS|MANAGERS|SERVER_EMAIL)|AdminEmailHandler", texts, re.MULTILINE)
    assert not settings.ADMINS
    assert re.search(r"^DEBUG = False$", text_of("config/settings/prod.py"), re.MULTILINE)
    assert "logging.Formatter" not in texts, "the line holds the message, no request and no locals"


def test_tasks_take_no_words_and_leave_no_result() -> None:
    ours = {name: task for name, task in app.tasks.items() if name.startswith("alerts.")}
    canary = ours.pop("alerts.canary")
    assert set(ours) == {"alerts.deliver", "alerts.post", "alerts.text", "alerts.notify", "alerts.sweep"}
    for name, task in ours.items():
        assert not inspect.signature(task.run).parameters, name
    # A canary is told which queue it goes through, by a name out of our own list.
    assert inspect.signature(canary.run).parameters.keys() == {"queue"}
    assert set(CANARIES) == {queue.name for queue in app.conf.task_queues}
    assert app.conf.task_ignore_result
    assert app.conf.result_backend is None
    assert not app.conf.task_send_sent_event and not app.conf.worker_send_task_events
    told = [entry for entry in app.conf.beat_schedule.values() if entry.get("args") or entry.get("kwargs")]
    assert {entry["task"] for entry in told} <= {"alerts.canary"}
    words = {word for entry in told for word in (*entry.get("args", ()), *entry.get("kwargs", {}).values())}
    assert words <= set(CANARIES)
    assert not app.conf.task_always_eager, "tests wake tasks as the portal does"
    assert inspect.signature(tasks.wake).parameters.keys() == {"task"}


def test_api_answers_json_and_no_form_that_lists_rows(california_officer: Any) -> None:
    client = Client()
    client.force_login(california_officer)
    for address in ("/api/v1/cases/", "/api/v1/programs/"):
        answer = client.get(address, headers={"accept": "text/html,application/xhtml+xml"})
        assert answer.headers["Content-Type"].partition(";")[0] in ("application/json", "application/problem+json")
        assert "<form" not in answer.text and "<select" not in answer.text


def test_administration_edits_no_list_copies_no_row_and_counts_no_facet() -> None:
    for page in admin.site._registry.values():
        assert not page.list_editable, page
        assert not page.save_as, page
        assert page.show_facets is admin.ShowFacets.NEVER, page
        assert not page.autocomplete_fields and not page.raw_id_fields, page


@pytest.mark.parametrize("query", [{"_to_field": "password"}, {"_to_field": "full_name"}])
def test_no_other_field_names_a_row_of_the_administration(query: Any, client: Any, california_staff: Any) -> None:
    client.force_login(california_staff)
    for name in ("agencies_user", "agencies_agency", "cases_case"):
        model = {"agencies_user": User, "agencies_agency": Agency, "cases_case": Case}[name]
        answer = client.get(reverse(f"admin:{name}_changelist"), query)
        assert answer.status_code in (400, 404) or query["_to_field"] == model._meta.pk.name


def test_text_form_of_no_row_holds_a_word(world: Any) -> None:
    """It stands in logs of the administration, in titles and in faults, for ever."""
    fill(world)
    planted = plant()
    for model in protected_models():
        rows = list(model._base_manager.all())
        assert rows, model
        for row in rows:
            assert found_in(f"{row} {row!r}", planted) == [], model


def test_each_letter_has_one_addressee_and_loads_nothing(
    approved_alert: Any, baja_coordinator: Any, recipient: Any, mailoutbox: Any
) -> None:
    Recipient.objects.create(
        program=recipient.program, name="Radio Sur", kind="media", email="cabina@radio-sur.example", language="es"
    )
    activate(alert=approved_alert, by=baja_coordinator)
    while delivery.send_due():
        pass
    letters = [letter.message() for letter in mailoutbox]
    assert {"redaccion@radio-frontera.example", "cabina@radio-sur.example"} <= {letter["To"] for letter in letters}
    for sent, letter in zip(mailoutbox, letters, strict=True):
        assert len(sent.recipients()) == 1
        assert letter["Cc"] is None and letter["Bcc"] is None
        links = re.findall(r"https?://[^/\s\"<]+", str(letter))
        assert set(links) <= {settings.SITE_URL}
        assert "<img" not in str(letter)


@pytest.mark.parametrize(
    ("total", "yours", "shown"),
    [(0, 0, "0"), (4, 0, "<5"), (5, 0, "5"), (4, 4, "4"), (6, 4, "<9"), (9, 4, "9"), (5, 1, "<6"), (75, 3, "75")],
)
def test_few_cases_of_others_cannot_be_told_by_taking_ones_own_away(total: int, yours: int, shown: str) -> None:
    assert statistics._shown(total, yours) == shown


def test_sign_in_tells_nobody_who_has_an_account(baja_coordinator: Any) -> None:
    for attempt in range(6):  # the fifth locks, whether there is such an account or not
        answers = []
        for email in (baja_coordinator.email, "x" * len(baja_coordinator.email)):
            answer = Client().post(reverse("agencies:login"), {"username": email, "password": "wrong"})
            status, headers, body = normal(answer)
            headers.pop("expires", None)  # the present second
            answers.append((status, headers, body.replace(email, "EMAIL")))
        assert answers[0] == answers[1], attempt
