"""No answer to anybody who is not on a case holds a word that somebody wrote into it.

Every route of the resolver (`test_every_url` holds the table complete), every method, every column of people who have
no share, or one that is over, in three languages. What an answer consists of: body, headers with redirects and cookies,
mails that were sent meanwhile, log lines, cached values, and rows of the case that changed.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from agencies import access
from agencies.models import User
from cases.models import CaseAccess
from tests.project.canaries import found_in, plant, protected_models
from tests.project.routes import read_routes
from tests.project.test_outsider_sees_404 import ask

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
# MATRIX=all walks every method, column and language. By default every column is read in English, one of them in three
# languages, and each method is walked by who was on the case before: so much fits into each run of the tests.
WHOLE = os.environ.get("MATRIX") == "all"
FULLY = {("en", "share_expired")}
# Who, and whether their share is over: another country, another agency asked for nothing, staff, no agency at all, and
# the side that was asked before.
COLUMNS = {
    "other_country": ("outsider", False),
    "other_country_staff": ("outsider_staff", False),
    "other_agency": ("baja", False),
    "no_agency": ("superuser", False),
    "share_expired": ("receiver_coordinator", True),
    "share_expired_staff": ("receiver_staff", True),
}


def state() -> dict[str, int]:
    """Return a checksum of every table of case data."""
    from django.db import connection

    sums = {}
    with connection.cursor() as cursor:
        for model in protected_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT coalesce(sum(hashtextextended(r::text, 0)), 0) FROM "{table}" r')  # noqa: S608
            sums[table] = int(cursor.fetchone()[0])
    return sums


def everything_in(response: Any) -> str:
    """Return all that an answer tells: body, headers, cookies."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return "\n".join([body.decode(errors="replace"), headers, response.cookies.output()])


CELLS = [
    (language, column)
    for language in ("en", "es", "fr")
    for column in COLUMNS
    if WHOLE or language == "en" or column == "other_agency"
]


@pytest.mark.parametrize(("language", "column"), CELLS)
def test_nothing_written_in_a_case_reaches_anybody_off_it(
    column: str, language: str, world: Any, caplog: pytest.LogCaptureFixture
) -> None:
    who, is_over = COLUMNS[column]
    person = world.people[who]
    User.objects.filter(pk=person.pk).update(language=language)
    if is_over:
        shares = CaseAccess.objects.filter(agency_id__in=access.all_agency_ids(person))
        assert shares.update(until=timezone.now() - timedelta(hours=1)) == 1
    planted = plant()
    assert len(planted) > 60
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=person.pk))
    before, mails = state(), len(mail.outbox)
    leaks, asked = [], 0
    with caplog.at_level(logging.DEBUG):
        for route in read_routes():
            if route.policy in ("public", "token") or (is_over and "kept" in route.name):
                continue  # public text, and the own record of a request that has ended (U35), are released
            address = route.address(world.samples)
            for method in METHODS if WHOLE or (language, column) in FULLY else ("GET",):
                response = ask(client, route, method, address)
                asked += 1
                assert response.status_code < 500, f"{method} {route}"
                found = found_in(everything_in(response), planted)
                if found:
                    leaks.append(f"{method} {route} {response.status_code}: {found[:5]}")
            if route.name.endswith(("logout", "language")):
                client.force_login(User.objects.get(pk=person.pk))
    assert leaks == []
    assert asked > 150
    assert found_in("\n".join(record.getMessage() for record in caplog.records), planted) == []
    assert found_in("\n".join(str(sent.message()) for sent in mail.outbox[mails:]), planted) == []
    assert found_in(repr(getattr(cache, "_cache", {})), planted) == []
    assert {table: (was, now) for (table, was), now in zip(before.items(), state().values(), strict=True)
            if was != now} == {}  # fmt: skip


def test_canaries_are_seen_by_those_on_the_case(world: Any) -> None:
    """The same walk shows the lead agency most of what was planted, so that the oracle is known to bite."""
    planted = plant()
    client = Client(raise_request_exception=False)
    seen: set[str] = set()
    for who in ("owner_officer", "owner_coordinator", "owner_legal", "owner_staff", "receiver_coordinator"):
        client.force_login(world.people[who])
        for route in read_routes():
            if route.policy == "object" and "GET" in route.methods:
                seen |= set(found_in(everything_in(client.get(route.address(world.samples))), planted))
    assert len(seen) > len(planted) * 0.6, sorted(set(planted.values()) - seen)
