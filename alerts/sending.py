"""What sends one chunk by each channel. It settles rows; the states they are in are written by `alerts/delivery.py`."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Hashable, Sized
from typing import Protocol, TypeVar

from alerts.channels import email, webhook
from alerts.channels.outcome import Outcome, try_again
from alerts.choices import Channel
from alerts.mails import MailComposer
from alerts.models import Delivery
from alerts.webhooks import compose_post

logger = logging.getLogger(__name__)
Composed = TypeVar("Composed")
POSTS_AT_ONCE = 200  # on their way or waiting for their host


class Chunk(Protocol):
    """Claimed rows, as a sender sees them: it takes some, settles each with an outcome, and lets them be written."""

    @property
    def left(self) -> Sized:
        """Return what nobody tries yet."""

    @property
    def stopped(self) -> set[uuid.UUID]:
        """Return what was withdrawn while it waits."""

    def take(self, most: int) -> list[Delivery]:
        """Return the next rows, at most so many, which are being tried from now on."""

    def settle(self, row: Delivery, outcome: Outcome) -> None:
        """Keep the outcome of one row that was tried."""

    def claim_more(self) -> None:
        """Claim what else is due once nothing is left."""

    def write_when_due(self) -> None:
        """Write when enough outcomes or half a second have gathered."""


def _send_mails(chunk: Chunk, ends_at: float) -> None:
    """Send one mail after the other over one connection."""
    composer = MailComposer()
    with email.Line() as line:
        while chunk.left and time.monotonic() < ends_at:
            (row,) = chunk.take(1)
            mail = _composed(row, composer.compose)
            chunk.settle(row, mail if isinstance(mail, Outcome) else line.send(mail))
            chunk.write_when_due()


def _send_webhooks(chunk: Chunk, ends_at: float) -> None:
    """Keep many webhooks on their way: a host that hangs keeps its own posts waiting and no others."""
    rows: dict[Hashable, Delivery] = {}
    with webhook.Poster(lambda pk: pk not in chunk.stopped) as poster:
        while True:
            if time.monotonic() < ends_at:
                _begin_posts(chunk, poster, rows)
            if not poster.pending:
                return
            if (answer := poster.next()) is not None:
                chunk.settle(rows.pop(answer[0]), answer[1])
            chunk.write_when_due()


def _begin_posts(chunk: Chunk, poster: webhook.Poster, rows: dict[Hashable, Delivery]) -> None:
    chunk.claim_more()
    for row in chunk.take(POSTS_AT_ONCE - poster.pending):
        post = _composed(row, compose_post)
        if isinstance(post, Outcome):
            chunk.settle(row, post)
        else:
            rows[row.pk] = row
            poster.begin(row.pk, post)


def _composed(row: Delivery, compose: Callable[[Delivery], Composed]) -> Composed | Outcome:
    try:
        return compose(row)
    except Exception as error:
        # One message that cannot be made must not stop the others; a corrected program sends it later.
        logger.exception("delivery %s cannot be composed", row.pk)
        return try_again(f"not composed: {type(error).__name__}")


SENDERS: dict[str, Callable[[Chunk, float], None]] = {Channel.EMAIL: _send_mails, Channel.WEBHOOK: _send_webhooks}
