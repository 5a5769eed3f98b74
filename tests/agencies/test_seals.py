"""The chain of seals over the audit trail: what is altered, removed or inserted afterwards is found and named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, ProgrammingError, connection, transaction

from agencies import audit, seals
from agencies.models import AuditEvent, AuditSeal
from tests import database
from tests.portal import wait_until

OPEN_HERE = """
    SELECT coalesce(min(transactionid::text::bigint), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND datname = current_database()
"""


def horizon_of_this_database() -> int:
    """Return the oldest open transaction of the test's own database: other tests keep theirs open for long."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_HERE)
        return int(cursor.fetchone()[0])


@pytest.fixture
def trail(own_database: str, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Nine events in three transactions, sealed; returns the database's name."""
    monkeypatch.setattr(seals, "horizon", horizon_of_this_database)
    with django_db_blocker.unblock():
        seal_everything()
        for _number in range(3):
            with transaction.atomic():
                for step in "abc":
                    audit.record(f"sample.{step}", by=None, object_ids=["1"], detail={"ño": 1.5})
        seal_everything()
        yield own_database


def seal_everything() -> None:
    while seals.seal_new():
        pass


def as_owner(name: str, *statements: str) -> None:
    """Do what only somebody with the owner's password can: switch the triggers off first."""
    for table in ("agencies_auditevent", "agencies_auditseal"):
        database.run_as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER", database=name)
    for statement in statements:
        database.run_as_owner(statement, database=name)
    for table in ("agencies_auditevent", "agencies_auditseal"):
        database.run_as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER", database=name)


def first_fault() -> str:
    """Return what the command says of the first broken row."""
    with pytest.raises(CommandError) as raised:
        call_command("verify_audit")
    return str(raised.value)


def fifth() -> AuditSeal:
    return AuditSeal.objects.order_by("-number")[4]


def test_trail_is_whole_in_the_order_of_transactions(trail: str, capsys: Any) -> None:
    call_command("verify_audit")
    assert f"{AuditEvent.objects.count()} seals checked; head {seals.head()}" in capsys.readouterr().out
    places = list(AuditSeal.objects.order_by("number").values_list("xact", "event_id"))
    assert places == sorted(places)
    assert [seal.number for seal in AuditSeal.objects.all()] == list(range(1, len(places) + 1))


def test_rows_of_an_open_transaction_and_those_after_it_wait(trail: str) -> None:
    before = seals.head().number
    with psycopg.connect(os.environ["DATABASE_URL"], dbname=trail) as other:
        other.execute("SELECT pg_current_xact_id()")  # a transaction that has begun to write, and is still open
        audit.record("sample.later", by=None)
        assert seals.seal_new() == 0
        other.execute(
            "INSERT INTO agencies_auditevent (id, action, outcome, channel, agency_ids, object_type, object_ids,"
            " also_shown, case_ids, purpose, field_names, detail)"
            " VALUES (gen_random_uuid(), 'sample.earlier', 'done', 'page', '{}', '', '{}', '{}', '{}', '', '{}', '{}')"
        )
        other.commit()
    assert seals.seal_new() == 2
    new = [seal.event_id for seal in AuditSeal.objects.filter(number__gt=before)]
    assert [AuditEvent.objects.get(pk=key).action for key in new] == ["sample.earlier", "sample.later"]
    assert seals.verify().is_whole


def test_horizon_is_the_oldest_open_transaction(own_database: str, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), psycopg.connect(os.environ["DATABASE_URL"], dbname=own_database) as other:
        (opened,) = other.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        with transaction.atomic():
            event = audit.record("sample.later", by=None)
            event.refresh_from_db()
            assert seals.horizon() <= opened < event.xact
        other.commit()
        wait_until(lambda: seals.horizon() > event.xact, seconds=300, what="transactions of other tests end")


def test_second_sealer_leaves_the_work_to_the_first(trail: str) -> None:
    audit.record("sample.later", by=None)
    with psycopg.connect(os.environ["DATABASE_URL"], dbname=trail) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [seals.LOCK])
        assert seals.seal_new() == 0
    assert seals.seal_new() == 1


def test_sealer_works_in_batches(trail: str) -> None:
    for _number in range(5):
        audit.record("sample.later", by=None)
    assert [seals.seal_new(limit=2) for _round in range(4)] == [2, 2, 1, 0]
    assert seals.verify().is_whole


def test_turn_of_the_relay_seals_a_backlog_and_ends(trail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seal_new = seals.seal_new
    monkeypatch.setattr(seals, "BATCH", 2)
    monkeypatch.setattr(seals, "MOST_BATCHES", 3)
    monkeypatch.setattr(seals, "seal_new", lambda: seal_new(limit=2))
    for _number in range(7):
        audit.record("sample.later", by=None)
    assert [seals.seal_waiting() for _turn in range(3)] == [6, 1, 0]


@pytest.mark.parametrize(
    "change", ["action = 'other.act'", "actor_id = gen_random_uuid()", "at = at + interval '1 microsecond'",
               "case_ids = ARRAY[gen_random_uuid()]", "detail = '{}'", "xact = xact + 1", "also_shown = '{\"a\": []}'"],
)  # fmt: skip
def test_one_altered_row_is_named(trail: str, change: str) -> None:
    seal = fifth()
    as_owner(trail, f"UPDATE agencies_auditevent SET {change} WHERE id = '{seal.event_id}'")  # noqa: S608
    assert f"altered: seal {seal.number}, event {seal.event_id}" in first_fault()
    assert len(seals.verify().faults) == 1


def test_one_removed_row_is_named(trail: str) -> None:
    seal = fifth()
    as_owner(trail, f"DELETE FROM agencies_auditevent WHERE id = '{seal.event_id}'")  # noqa: S608
    assert f"removed: seal {seal.number}, event {seal.event_id}" in first_fault()


def test_row_removed_with_its_seal_is_noticed(trail: str) -> None:
    seal = fifth()
    as_owner(
        trail,
        f"DELETE FROM agencies_auditevent WHERE id = '{seal.event_id}'",  # noqa: S608
        f"DELETE FROM agencies_auditseal WHERE number = {seal.number}",  # noqa: S608
    )
    assert f"1 seals removed before: seal {seal.number + 1}" in first_fault()


INSERTED = (
    "INSERT INTO agencies_auditevent SELECT (jsonb_populate_record(old, jsonb_build_object('id', gen_random_uuid())"
    " || {changed})).* FROM agencies_auditevent old WHERE id = '{event}'"
)


def test_row_inserted_among_the_sealed_ones_is_named(trail: str) -> None:
    """It bears the number of an old transaction, so that the sealer never takes it."""
    as_owner(trail, INSERTED.format(changed="'{}'::jsonb", event=fifth().event_id))
    assert seals.seal_new() == 0
    assert "inserted: not sealed" in first_fault()


def test_row_that_says_it_is_older_than_it_is_is_named(trail: str) -> None:
    """With a number after the seals the sealer takes it, in its true place."""
    now = "jsonb_build_object('xact', pg_current_xact_id()::text::bigint, 'at', now() - interval '2 days')"
    as_owner(trail, INSERTED.format(changed=now, event=fifth().event_id))
    seal_everything()
    head = seals.head()
    assert f"inserted or dated back: seal {head.number}" in first_fault()


def test_nobody_chooses_the_number_of_the_transaction(trail: str) -> None:
    """The application cannot put a row behind the seals, whatever it sends."""
    event = AuditEvent.objects.create(action="sample.forged", channel="page", xact=1)
    event.refresh_from_db()
    assert event.xact > AuditSeal.objects.order_by("-number").first().xact


def test_row_that_nobody_seals_is_reported(trail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    audit.record("sample.later", by=None)
    assert seals.verify().is_whole
    monkeypatch.setattr(seals, "UNSEALED_FOR", seals.UNSEALED_FOR * 0)
    assert "waits for its seal for too long" in first_fault()


def test_trail_rewritten_with_its_seals_is_found_by_a_published_head(trail: str, capsys: Any) -> None:
    call_command("audit_head")
    published = capsys.readouterr().out.strip()
    call_command("audit_head", check=published)
    seal = fifth()
    as_owner(
        trail,
        f"UPDATE agencies_auditevent SET action = 'other.act' WHERE id = '{seal.event_id}'",  # noqa: S608
        "DELETE FROM agencies_auditseal",
    )
    seal_everything()
    assert seals.verify().is_whole  # to whoever has no head from before, all is well
    with pytest.raises(CommandError, match="not the head that was published"):
        call_command("verify_audit", head=[published])
    with pytest.raises(CommandError):
        call_command("audit_head", check=published)


def test_end_cut_off_is_found_by_a_published_head(trail: str) -> None:
    published = seals.head()
    seal = fifth()
    as_owner(
        trail,
        f"DELETE FROM agencies_auditevent WHERE id IN (SELECT event_id FROM agencies_auditseal"  # noqa: S608
        f" WHERE number >= {seal.number})",
        f"DELETE FROM agencies_auditseal WHERE number >= {seal.number}",  # noqa: S608
    )
    assert seals.verify().is_whole
    assert [fault.what for fault in seals.verify(published=[published]).faults] == ["published head is gone"]


def test_restored_into_another_cluster_the_chain_goes_on(trail: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There transactions are numbered anew, lower than before."""
    as_owner(trail, "UPDATE agencies_auditseal SET xact = xact + 1000000")
    audit.record("sample.after_restore", by=None)
    cluster = seals.current_cluster()
    monkeypatch.setattr(seals, "current_cluster", lambda: cluster + 1)
    assert seals.seal_new() == 1
    audit.record("sample.later", by=None)
    assert seals.seal_new() == 1
    assert seals.seal_new() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["agencies_auditevent", "agencies_auditseal"])
@pytest.mark.parametrize("act", ["UPDATE {} SET xact = 1", "DELETE FROM {}", "TRUNCATE {}"])
def test_application_cannot_change_trail_or_seals(table: str, act: str) -> None:
    with pytest.raises((ProgrammingError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table))


@pytest.mark.parametrize("text", ["", "x@1", "0" * 64, "0" * 64 + "@x"])
def test_what_is_no_head_is_refused(db: None, text: str) -> None:
    for command, given in (("audit_head", {"check": text}), ("verify_audit", {"head": [text]})):
        with pytest.raises(CommandError):
            call_command(command, **given)


def test_relay_seals(trail: str) -> None:
    audit.record("sample.later", by=None)
    before = seals.head().number
    call_command("relay", once=True)
    assert seals.head().number > before
    assert seals.verify().is_whole
