"""Ten thousand e-mails and ten thousand webhooks, each with a row and a language of its own.

    make bench-fan-out                   # 10,000 of each; fails outside the limits
    make bench-fan-out MESSAGES=500      # to try it

Both sides of each comparison take turns in one process; medians of `--rounds` rounds.

- *mail*: rows claimed, composed, sent and written by `delivery.send_due`, against
  - *task*: the best design with one task per recipient: the task claims its row, renders its mail, opens its own
    connection and writes its outcome. Without a broker, so that it pays nothing for one;
  - *line*: one connection that sends the same bytes, composed before, and writes nothing.
- *webhook*: the same for webhooks, to 200 host names of one sink, against
  - *loop*: a bare aiohttp loop with the same bytes and the same limits of connections.

The sinks are processes of their own; where one is busy for more than four fifths of the time, the run fails, because
it would measure the sink. Data are invented and dropped afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import smtplib
import socket
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import django
from aiohttp.abc import AbstractResolver, ResolveResult

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.mail import get_connection  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402

from agencies import scope  # noqa: E402
from agencies.models import Agency, AlertProgram, User  # noqa: E402
from agencies.services import grant_membership  # noqa: E402
from alerts import delivery  # noqa: E402
from alerts.channels import webhook  # noqa: E402
from alerts.choices import Channel  # noqa: E402
from alerts.mails import MailComposer  # noqa: E402
from alerts.models import Alert, AlertMessage, Delivery, DeliveryAttempt, Recipient  # noqa: E402
from alerts.webhooks import PostComposer  # noqa: E402
from benchmarks import sinks  # noqa: E402
from cases.services.files import open_case  # noqa: E402
from config.settings import base  # noqa: E402
from tests.database import clone, drop  # noqa: E402

DATABASE = "amber_bench_fan_out"
HOSTS = 200
LANGUAGES = ("en", "es", "fr")
# The promise: ours against each other side, in messages per second, at the least.
LIMITS = {("mail", "task"): 8.0, ("mail", "line"): 0.5, ("webhook", "loop"): 0.5}
MOST_BUSY = 0.8
MOST_GROWTH = 1.1  # of memory, from the second round to the last
TASKS = 10  # one mail in so many is enough of the slow side to know its pace
CAP_BYTES = 9_000


class SinkResolver(AbstractResolver):
    """Leads every name to this machine, for both sides alike."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        """Return the loopback address."""
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    async def close(self) -> None:
        """Hold nothing."""


@dataclass
class Bench:
    """What every round needs, and what the rounds have found: messages per second by side."""

    count: int
    program: AlertProgram
    case: Any
    officer: User
    pace: dict[str, list[float]] = field(default_factory=dict)
    handed_over: dict[str, list[float]] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)
    memory: list[int] = field(default_factory=list)

    def message(self) -> AlertMessage:
        """Return the message of a new alert in force."""
        now, number = timezone.now(), f"BENCH-{Alert.objects.count()}"
        alert = Alert.objects.create(
            case=self.case, program=self.program, number=number, status="active", created_by=self.officer,
            activated_at=now, expires_at=now + timedelta(days=1),
        )  # fmt: skip
        text = {name: f"{name} " * 40 for name in ("event", "headline", "description", "instruction")}
        text["headline"] = "Invented headline of an invented alert"
        return AlertMessage.objects.create(
            alert=alert, msg_type="Alert", identifier=f"{number}.1", sender=self.program.cap_sender,
            sent="2026-11-30T10:00:00-08:00", xml=b"<alert>" + b"x" * CAP_BYTES, expires_at=alert.expires_at,
            texts=dict.fromkeys(LANGUAGES, text),
        )  # fmt: skip

    def note(self, side: str, count: int, seconds: float) -> None:
        """Keep the pace of one turn."""
        self.pace.setdefault(side, []).append(count / seconds)


def main() -> None:
    """Build, measure in turns, print, drop; leave with 1 outside the limits."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    clone(DATABASE)
    connection.close()
    connection.settings_dict["NAME"] = DATABASE
    try:
        with scope.through_door("demo"), sinks.running("mail") as mail, sinks.running("web") as web:
            bench = build(options.messages, mail.port, web.port)
            for _round in range(options.rounds):
                for name, sink, turns in (("mail", mail, mail_turns), ("webhook", web, webhook_turns)):
                    watched(bench, name, sink, turns)
                bench.memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        faults = report(bench)
    finally:
        connection.close()
        drop(DATABASE)
    sys.exit(bool(faults))


def build(count: int, mail_port: int, web_port: int) -> Bench:
    """Make an officer, a case, and recipients: so many by mail and as many by webhook, in three languages."""
    settings.ALERTS_MAIL_LINES = base.ALERTS_MAIL_LINES
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_port
    hosts = [f"partner{number:03d}.example" for number in range(HOSTS)]
    settings.ALERTS_WEBHOOK_PRIVATE_HOSTS = frozenset(hosts)
    webhook.PublicResolver = SinkResolver  # type: ignore[assignment,misc]
    agency = Agency.objects.get(code="us-ca-chp")
    officer = User.objects.create_user("officer@bench.example", full_name="Bench Officer")
    grant_membership(user=officer, agency=agency, role="coordinator", by=None)
    program = AlertProgram.objects.get(code="us-ca")
    for start in range(0, count, 1000):
        numbers = range(start, min(start + 1000, count))
        Recipient.objects.bulk_create(
            [Recipient(program=program, name=f"mail {number}", kind="media", language=LANGUAGES[number % 3],
                       email=f"desk{number}@newsroom.example") for number in numbers]
            + [Recipient(program=program, name=f"web {number}", kind="partner", language=LANGUAGES[number % 3],
                         webhook_url=f"http://{hosts[number % HOSTS]}:{web_port}/{number}") for number in numbers]
        )  # fmt: skip
    return Bench(count, program, open_case(by=officer, agency=agency), officer)


def watched(bench: Bench, name: str, sink: sinks.Sink, turns: Callable[[Bench], None]) -> None:
    """Take one round's turns, and keep how busy the sink was at most."""
    started, before = time.monotonic(), sink.busy_seconds
    turns(bench)
    share = (sink.busy_seconds - before) / (time.monotonic() - started)
    bench.busy[name] = max(bench.busy.get(name, 0.0), share)


def send_ours(bench: Bench, name: str, channel: str, **which: Any) -> list[Delivery]:
    """Make the rows as the act does, send them all by our own way, and return them."""
    recipients = list(Recipient.objects.filter(program=bench.program, **which))
    message = bench.message()
    started = time.monotonic()
    with transaction.atomic():
        delivery.queue_message(message, recipients)
    queued = time.monotonic()
    while delivery.send_due(channel=channel):
        pass
    ended = time.monotonic()
    bench.note(name, len(recipients), ended - queued)
    bench.handed_over.setdefault(name, []).append(ended - started)
    rows = list(Delivery.objects.filter(message=message).select_related("message__alert__program", "recipient", "user"))
    unsent = [row for row in rows if row.state != "sent"]
    assert not unsent, f"{len(unsent)} of {len(rows)} were not sent, for instance: {unsent[0].error}"  # noqa: S101
    return rows


def mail_turns(bench: Bench) -> None:
    """Send by our way, by a task each, and by one line."""
    rows = send_ours(bench, "mail", Channel.EMAIL, webhook_url="")
    few = rows[: max(1, len(rows) // TASKS)]
    Delivery.objects.filter(pk__in=[row.pk for row in few]).update(state="queued")
    composer = MailComposer()  # tasks of one process may share what they have rendered
    started = time.monotonic()
    for row in few:
        send_one(row.pk, composer)
    bench.note("task", len(few), time.monotonic() - started)
    mails = [(row.address, composer.compose(row).message().as_bytes(linesep="\r\n")) for row in rows]
    started = time.monotonic()
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as line:
        for address, content in mails:
            line.sendmail("no-reply@amber-bridge.example", [address], content)
    bench.note("line", len(mails), time.monotonic() - started)


def send_one(pk: object, composer: MailComposer) -> None:
    """Do what one task per recipient does: its own claim, rendering, connection, outcome and attempt."""
    if not Delivery.objects.filter(pk=pk, state="queued").update(state="claimed", attempts=F("attempts") + 1):
        return
    row = Delivery.objects.select_related("message__alert__program", "recipient", "user").get(pk=pk)
    get_connection().send_messages([composer.compose(row)])
    with transaction.atomic():
        Delivery.objects.filter(pk=pk).update(state="sent", sent_at=timezone.now())
        DeliveryAttempt.objects.create(delivery=row, number=row.attempts, outcome="sent")


def webhook_turns(bench: Bench) -> None:
    """Send by our way and by a bare loop."""
    rows = send_ours(bench, "webhook", Channel.WEBHOOK, email="")
    posts = list(map(PostComposer().compose, rows))
    started = time.monotonic()
    asyncio.run(bare_loop(posts))
    bench.note("loop", len(posts), time.monotonic() - started)


async def bare_loop(posts: list[webhook.Post]) -> None:
    """Send the same bytes with nothing around it, under the same limits."""
    connector = aiohttp.TCPConnector(
        resolver=SinkResolver(), limit=webhook.CONNECTIONS, limit_per_host=webhook.CONNECTIONS_PER_HOST,
        use_dns_cache=False,
    )  # fmt: skip
    async with aiohttp.ClientSession(connector=connector) as session:

        async def send(post: webhook.Post) -> None:
            async with session.post(post.url, data=post.body, headers=dict(post.headers)) as answer:
                assert answer.status == 204  # noqa: S101

        await asyncio.gather(*map(send, posts))


def report(bench: Bench) -> list[str]:
    """Print what was found; return what is outside the limits."""
    median = {side: statistics.median(found) for side, found in bench.pace.items()}
    print(f"{bench.count} messages, medians of {len(bench.memory)} rounds\n")
    for side, pace in median.items():
        print(f"{side:10} {pace:10,.0f} per second")
    for name, seconds in bench.handed_over.items():
        print(f"{name:10} {statistics.median(seconds):10.1f} s from the act's rows to the last handoff")
    faults = []
    for (ours, other), least in LIMITS.items():
        ratio = median[ours] / median[other]
        print(f"{ours} against {other}: {ratio:.2f} (at least {least})")
        faults += [f"{ours} against {other}"] if ratio < least else []
    for name, share in bench.busy.items():
        print(f"sink of {name}: busy {share:.0%}")
        faults += [f"the sink of {name} is the bottleneck"] if share > MOST_BUSY else []
    growth = bench.memory[-1] / bench.memory[min(1, len(bench.memory) - 1)]
    print(f"memory: {bench.memory[-1] / 1024:.0f} MB at most, {growth:.2f} times the second round")
    faults += ["memory grows"] if growth > MOST_GROWTH else []
    print("\noutside the limits: " + ", ".join(faults) if faults else "\nwithin the limits")
    return faults


if __name__ == "__main__":
    main()
