"""Several lines to the mail server: each mail once, none after its end, and a stuck line holds up no other."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from alerts.channels import mailer
from alerts.channels.mailer import Mailer
from alerts.channels.outcome import ACCEPTED
from tests.alerts.test_email_channel import mail_to, to_server  # noqa: F401
from tests.reliability.scripted_sink import running_sink


def sent_by(lines: int, addresses: list[str], **more: Any) -> dict[Any, Any]:
    """Send one mail to each address over so many lines; return the outcomes."""
    found: dict[Any, Any] = {}
    with Mailer(lines, **more) as sender:
        sender.begin((address, mail_to(address)) for address in addresses)
        while sender.pending:
            found.update(sender.outcomes())
    return found


@pytest.mark.parametrize("lines", [1, 3])
def test_each_mail_goes_once_over_so_many_lines(to_server, tmp_path, lines):  # noqa: F811
    addresses = [f"desk{number}@x.example" for number in range(30)]
    with running_sink(tmp_path, seconds=0.02) as (sink, port):
        to_server(port)
        assert sent_by(lines, addresses) == dict.fromkeys(addresses, ACCEPTED)
    assert dict(sink.asked) == dict.fromkeys(addresses, 1)
    assert len(sink.lines) == lines


def test_lines_wait_for_a_slow_server_at_the_same_time(to_server, tmp_path):  # noqa: F811
    addresses = [f"desk{number}@x.example" for number in range(24)]
    took = {}
    for lines in (1, 4):
        with running_sink(tmp_path / str(lines), seconds=0.1) as (_sink, port):
            to_server(port)
            began = time.monotonic()
            sent_by(lines, addresses)
            took[lines] = time.monotonic() - began
    assert took[4] < took[1] / 2, took


@pytest.mark.parametrize("lines", [1, 3])
def test_what_is_withdrawn_while_it_waits_is_not_sent(to_server, tmp_path, lines):  # noqa: F811
    addresses = [f"desk{number}@x.example" for number in range(6)]
    with running_sink(tmp_path) as (sink, port):
        to_server(port)
        found = sent_by(lines, addresses, may_begin=lambda key: key != addresses[4])
    assert (found.pop(addresses[4]).state, set(found.values())) == ("queued", {ACCEPTED})
    assert addresses[4] not in sink.asked


def test_fault_of_ours_ends_no_line(to_server, tmp_path, monkeypatch):  # noqa: F811
    send = mailer.Line.send

    def fails_for_one(line: Any, mail: Any) -> Any:
        if mail.to == ["desk1@x.example"]:
            raise KeyError("a fault")
        return send(line, mail)

    monkeypatch.setattr(mailer.Line, "send", fails_for_one)
    addresses = [f"desk{number}@x.example" for number in range(4)]
    with running_sink(tmp_path) as (_sink, port):
        to_server(port)
        found = sent_by(2, addresses)
    assert [found[address].state for address in addresses] == ["sent", "retry", "sent", "sent"]


@contextmanager
def dripping_server(greeting: bytes) -> Iterator[int]:
    """Greet, then answer byte by byte, so that no read ever times out."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def drip(caller: socket.socket) -> None:
            with caller:
                caller.sendall(greeting)
                while not is_over.wait(0.05):
                    try:
                        caller.sendall(b"2")
                    except OSError:
                        return

        def answer() -> None:
            while True:
                try:
                    caller, _address = server.accept()
                except OSError:
                    return
                threading.Thread(target=drip, args=(caller,), daemon=True).start()

        threading.Thread(target=answer, daemon=True).start()
        yield int(server.getsockname()[1])
        is_over.set()
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("greeting", [b"220 slow\r\n", b"22"], ids=["in its answers", "in its greeting"])
def test_server_that_drips_is_cut_off(to_server, monkeypatch, greeting):  # noqa: F811
    monkeypatch.setattr(mailer, "LONGEST_SECONDS", 0.5)
    with dripping_server(greeting) as port:
        to_server(port)
        began = time.monotonic()
        found = sent_by(2, ["a@x.example", "b@x.example"])
        took = time.monotonic() - began
    assert [(outcome.state, outcome.is_uncertain) for outcome in found.values()] == [("retry", True)] * 2
    assert 0.5 <= took < 2 * 0.5 + 4 * mailer.LOOK_UP_SECONDS + 1
