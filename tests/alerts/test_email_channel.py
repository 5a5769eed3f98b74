"""What the e-mail channel makes of a mail server's answers: accepted, again, or never."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import email
from alerts.channels.outcome import ACCEPTED, Outcome
from alerts.channels.ready_mail import PLAIN_ADDRESS, ReadyMail
from tests.portal import free_port
from tests.reliability.scripted_sink import ScriptedSink, running_sink


@pytest.fixture
def to_server(settings: Any) -> Callable[[int], None]:
    """Let mails go to a port of this machine, by SMTP."""

    def choose(port: int) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 2

    return choose


def mail_to(address: str, subject: str = "Prueba") -> ReadyMail:
    """Return a small mail that Django encodes."""
    return ReadyMail(subject=subject, body="Texto\n.\nfin", to=[address])


def ready_mail_to(address: str) -> ReadyMail:
    """Return the same mail with its own bytes, where its address allows them."""
    mail = mail_to(address)
    if PLAIN_ADDRESS.fullmatch(address):
        mail.ready = mail.message().as_bytes(linesep="\r\n")
    return mail


@pytest.fixture(params=["encoded by Django", "ready", "ready, in two steps"])
def way(request: Any) -> str:
    """Every answer of a server means the same, however the mail is handed over."""
    return str(request.param)


@pytest.fixture
def outcomes(way: str) -> Callable[..., list[Outcome]]:
    """Give a function that sends one mail to each address over one line."""
    make = mail_to if way == "encoded by Django" else ready_mail_to

    def send(*addresses: str) -> list[Outcome]:
        with email.Line() as line:
            return [line.send(make(address)) for address in addresses]

    return send


@pytest.fixture
def serving(way: str, tmp_path: Path) -> Callable[..., Any]:
    """Give a function that runs a mail server."""
    return partial(running_sink, tmp_path, pipelining=way == "ready, in two steps")


def kept(sink: ScriptedSink, folder: Path) -> int:
    """Return how many mails the sink kept."""
    return len(list((folder / "new").iterdir()))


@contextmanager
def plain_server(greeting: bytes) -> Iterator[int]:
    """Greet every caller with these bytes and hang up at once; with none, say nothing and stay."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        callers = []

        def answer() -> None:
            while True:
                try:
                    caller, _address = server.accept()
                except OSError:
                    return
                callers.append(caller)
                if greeting:
                    caller.sendall(greeting)
                    caller.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for caller in callers:
            caller.close()


def test_mails_of_a_chunk_share_one_connection(serving, outcomes, to_server, tmp_path):
    with serving() as (sink, port):
        to_server(port)
        assert outcomes("a@x.example", "b@x.example", "c@x.example") == [ACCEPTED] * 3
    assert (kept(sink, tmp_path), len(sink.lines)) == (3, 1)
    for path in (tmp_path / "new").iterdir():
        assert path.read_bytes().endswith(b"Texto\r\n.\r\nfin\r\n"), "a line that is a period ends no mail"


@pytest.mark.parametrize(
    "code, state", [("450", "retry"), ("550", "failed"), ("421", "retry"), ("451", "retry"), ("552", "failed")]
)
def test_refused_mail_does_not_stop_the_next(serving, outcomes, to_server, tmp_path, code, state):
    answers = {"b@x.example": [code]}
    with serving(answers=answers) as (sink, port):
        to_server(port)
        first, refused, last = outcomes("a@x.example", "b@x.example", "c@x.example")
    assert (first, refused, last) == (ACCEPTED, Outcome(state, f"SMTP {code}"), ACCEPTED)
    assert kept(sink, tmp_path) == 2


def test_line_broken_after_the_mail_was_read_is_opened_again(serving, outcomes, to_server):
    with serving(answers={"b@x.example": ["break"]}) as (sink, port):
        to_server(port)
        _first, broken, last = outcomes("a@x.example", "b@x.example", "c@x.example")
    assert (broken, last) == (Outcome("retry", "SMTPServerDisconnected", is_uncertain=True), ACCEPTED)
    assert len(sink.lines) == 2


def test_server_that_closes_its_door_is_tried_again(outcomes, to_server):
    with plain_server(b"421 4.3.2 come back later\r\n") as port:
        to_server(port)
        assert outcomes("a@x.example", "b@x.example") == [Outcome("retry", "SMTP 421")] * 2


def test_server_that_refuses_everybody_is_not_the_addressees_fault(outcomes, to_server):
    with plain_server(b"554 5.3.2 no mail service here\r\n") as port:
        to_server(port)
        assert outcomes("a@x.example") == [Outcome("retry", "SMTP 554")]


def test_server_that_is_down_is_tried_again(outcomes, to_server):
    to_server(free_port())
    assert outcomes("a@x.example", "b@x.example") == [Outcome("retry", "ConnectionRefusedError")] * 2


def test_server_that_says_nothing_is_given_up_in_time(outcomes, to_server, settings):
    with plain_server(b"") as port:
        to_server(port)
        settings.EMAIL_TIMEOUT = 0.3
        (outcome,) = outcomes("a@x.example")
    assert outcome.state == "retry"


@pytest.mark.parametrize("address", ["a@x.example\nBcc: thief@x.example", "a@x.example\r\n\r\nevil", ""])
def test_address_that_is_none_fails_for_good_and_nothing_is_sent(serving, outcomes, to_server, tmp_path, address):
    with serving() as (sink, port):
        to_server(port)
        injected, last = outcomes(address, "c@x.example")
    assert (injected.state, last) == ("failed", ACCEPTED)
    assert (kept(sink, tmp_path), list(sink.asked)) == (1, ["c@x.example"])


def test_subject_with_a_line_break_fails_for_good_and_nothing_is_sent(to_server, tmp_path):
    with running_sink(tmp_path) as (sink, port), email.Line() as line:
        to_server(port)
        assert line.send(mail_to("a@x.example", "Alerta\nBcc: thief@x.example")) == Outcome("failed", "BadHeaderError")
    assert (kept(sink, tmp_path), sum(sink.asked.values())) == (0, 0)


def test_outcome_tells_nothing_of_the_addressee(serving, outcomes, to_server):
    with serving(answers={"zoraida@x.example": ["550"]}) as (_sink, port):
        to_server(port)
        (outcome,) = outcomes("zoraida@x.example")
    assert "zoraida" not in outcome.detail
