"""The demo's mail server: takes every mail on the loopback address, keeps it as a file and sends none on.

    python -m config.mail_sink FOLDER PORT

Each mail becomes `new/<time>-<number>.eml` in the folder (written under `tmp/` first, as in a maildir); one line on
standard output names its recipient and its subject, never its text. Loopback only, no sign-in. Needs no Django.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import itertools
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MAIL = 25 * 1024 * 1024  # bytes


class MailFolder:
    """Keeps mails as files: what aiosmtpd calls a handler."""

    def __init__(self, folder: Path) -> None:
        self._unfinished, self._new = folder / "tmp", folder / "new"
        for path in (self._unfinished, self._new):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._numbers = itertools.count(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Write one mail and answer the sender once it is on the disk."""
        content = envelope.original_content or b""
        name = f"{time.time_ns()}-{next(self._numbers)}.eml"
        (self._unfinished / name).write_bytes(content)
        (self._unfinished / name).rename(self._new / name)
        subject = str(email.message_from_bytes(content, policy=email.policy.default)["subject"]).strip()
        for recipient in envelope.rcpt_tos:
            print(f"mail to {recipient} ({subject})", flush=True)
        return "250 OK"


async def serve(folder: Path, port: int) -> None:
    """Take mails on the loopback address until cancelled. Refuses (OSError) a port that is taken."""
    handler = MailFolder(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=LARGEST_MAIL, hostname="localhost", loop=loop), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m config.mail_sink", description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args(arguments)
    asyncio.run(serve(options.folder, options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
