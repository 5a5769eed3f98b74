"""The demo's mail server keeps every mail and tells of it without its text."""

from __future__ import annotations

import contextlib
import email
import email.policy
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.data_folder import CHECKOUT
from config.demo import free_port


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a mail server over `tmp_path`; give its process and its port."""
    port = free_port()
    command = [sys.executable, "-m", "config.mail_sink", str(tmp_path), str(port)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=5):
                break
            time.sleep(0.05)
        yield process, port
        process.kill()


def test_mail_is_kept_whole_and_its_text_is_not_printed(
    sink: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, port = sink
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "portal@example.org", "guardia@example.org", "Solicitud de activación"
    mail.set_content("El texto secreto: ñandú\n")
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.send_message(mail)
    (kept,) = (tmp_path / "new").glob("*.eml")
    assert list((tmp_path / "tmp").iterdir()) == []
    message = email.message_from_bytes(kept.read_bytes(), policy=email.policy.default)
    assert message.get_content().strip() == "El texto secreto: ñandú"
    process.kill()
    printed, _ = process.communicate()
    assert printed == "mail to guardia@example.org (Solicitud de activación)\n"
