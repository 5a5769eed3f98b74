"""What sends one chunk by each channel. It settles rows; the states they are in are written by `alerts/delivery.py`."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Hashable, Iterable, Sized
from functools import partial
from typing import Protocol, TypeVar

from django.conf import settings

from alerts.channels import simulator, webhook
from alerts.channels.mailer import Mailer
from alerts.channels.outcome import Outcome, try_again
from alerts.channels.providers import open_line
from alerts.channels.sms import Text
from alerts.choices import Channel
from alerts.exercises import is_of_exercise
from alerts.mails import MailComposer
from alerts.models import Delivery, ProviderReceipt
from alerts.notice_texts import compose_notice_text
from alerts.texts import compose_text
from alerts.webhooks import PostComposer

logger = logging.getLogger(__name__)
Message_contra = TypeVar("Message_contra", contravariant=True)
Composed = TypeVar("Composed")  # what a composer makes of a row and a sender takes
TEXTS_AT_ONCE = 20


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


class Sender(Protocol[Message_contra]):
    """What has many messages on their way and says what became of each, by its key."""

    at_once: int  # how many it takes before the first has its outcome

    @property
    def pending(self) -> int:
        """Return how many have no outcome yet."""

    def begin(self, messages: Iterable[tuple[Hashable, Message_contra]]) -> None:
        """Send messages."""

    def outcomes(self) -> list[tuple[Hashable, Outcome]]:
        """Return the outcomes that have come; it waits a little for the first."""


def _send_mails(chunk: Chunk, ends_at: float) -> None:
    """Keep a mail on each line to the mail server."""
    with Mailer(settings.ALERTS_MAIL_LINES, partial(_is_wanted, chunk, ends_at)) as mailer:
        _keep_going(chunk, ends_at, mailer, MailComposer().compose)


def _send_webhooks(chunk: Chunk, ends_at: float) -> None:
    """Keep many webhooks on their way: a host that hangs keeps its own posts waiting and no others."""
    with webhook.Poster(lambda pk: pk not in chunk.stopped) as poster:
        _keep_going(chunk, ends_at, poster, PostComposer().compose)


def _is_wanted(chunk: Chunk, ends_at: float, key: Hashable) -> bool:
    return key not in chunk.stopped and time.monotonic() < ends_at


def _keep_going(
    chunk: Chunk, ends_at: float, sender: Sender[Composed], compose: Callable[[Delivery], Composed]
) -> None:
    """Keep as many messages of the chunk on their way as the sender takes, until none is left or its time is over.

    What else is due is claimed meanwhile, so that nobody waits for the last messages of a chunk.
    """
    rows: dict[Hashable, Delivery] = {}
    while True:
        if time.monotonic() < ends_at:
            chunk.claim_more()
            messages = []
            for row in chunk.take(sender.at_once - sender.pending):
                message = _composed(row, compose)
                if isinstance(message, Outcome):
                    chunk.settle(row, message)
                else:
                    rows[row.pk] = row
                    messages.append((row.pk, message))
            sender.begin(messages)
        if not sender.pending:
            if chunk.left and time.monotonic() < ends_at:
                continue  # what was taken could not be composed
            return
        for key, outcome in sender.outcomes():
            chunk.settle(rows.pop(key), outcome)
        chunk.write_when_due()


def _send_texts(chunk: Chunk, ends_at: float) -> None:
    """Send some text messages at once, then the next ones. The simulator's receipts come with its answers."""
    with open_line() as line:
        while chunk.left and time.monotonic() < ends_at:
            made = [
                (row, _composed(row, compose_text if row.message_id else compose_notice_text))
                for row in chunk.take(TEXTS_AT_ONCE)
            ]
            sent = iter(line.send_all([text for _row, text in made if isinstance(text, Text)]))
            outcomes = [(row, text if isinstance(text, Outcome) else next(sent)) for row, text in made]
            for row, outcome in outcomes:
                chunk.settle(row, outcome)
            ProviderReceipt.objects.keep(
                ProviderReceipt(provider=outcome.provider, provider_key=outcome.provider_key, report=status)
                for _row, outcome in outcomes
                if (status := simulator.receipt_of(outcome))
            )
            chunk.write_when_due()


def _composed(row: Delivery, compose: Callable[[Delivery], Composed]) -> Composed | Outcome:
    """Return what a real channel takes; of an exercise what the simulator made of it, so that no channel gets it."""
    try:
        made = compose(row)
    except Exception as error:
        # One message that cannot be made must not stop the others; a corrected program sends it later.
        logger.exception("delivery %s cannot be composed", row.pk)
        return try_again(f"not composed: {type(error).__name__}")
    return simulator.outcome_for(row.channel, row.address, row.attempts) if is_of_exercise(row) else made


SENDERS: dict[str, Callable[[Chunk, float], None]] = {
    Channel.EMAIL: _send_mails,
    Channel.WEBHOOK: _send_webhooks,
    Channel.SMS: _send_texts,
}
