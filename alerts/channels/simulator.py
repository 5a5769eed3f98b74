"""The simulator: brings no message to anybody; the end of the number or mailbox decides what becomes of it.

So everything about messages can be rehearsed without an account: demo, tests, and every exercise on every channel.
"""

from __future__ import annotations

import aiohttp

from agencies.identifiers import uuid7
from alerts.choices import Channel
from alerts.simulated import ending_of

from .outcome import ACCEPTED, Outcome, accepted_by, never, try_again
from .sms import Text

NAME = "simulator"
DELIVERED, UNDELIVERED, NO_RECEIPT = "delivered", "undelivered", "none"
# What becomes of a message, by the last two digits of the number; every other number gets it.
NO_RECEIPT_ENDING, UNDELIVERED_ENDING, TRY_AGAIN_ENDING = "90", "91", "92"
REFUSED_ENDING, SECOND_TRY_ENDING = "93", "94"
RECEIPTS = {NO_RECEIPT_ENDING: NO_RECEIPT, UNDELIVERED_ENDING: UNDELIVERED}


class Simulator:
    """A provider that accepts, refuses and fails as the number says."""

    name = NAME

    async def send(self, session: aiohttp.ClientSession, text: Text) -> Outcome:
        """Return the outcome that the number asks for; nothing leaves this machine."""
        return outcome_for(Channel.SMS, text.number, text.attempt)


def outcome_for(channel: str, address: str, attempt: int) -> Outcome:
    """Return what becomes of a message; nothing leaves this machine. Only text messages get receipts."""
    ending = ending_of(address)
    if ending == REFUSED_ENDING:
        return never("simulated: no such number")
    if ending == TRY_AGAIN_ENDING or (ending == SECOND_TRY_ENDING and attempt < 2):
        return try_again("simulated: provider busy")
    if channel != Channel.SMS:
        return ACCEPTED
    return accepted_by(NAME, f"{RECEIPTS.get(ending, DELIVERED)}-{uuid7()}")


def receipt_of(outcome: Outcome) -> str:
    """Return the status that the receipt of a simulated message will have, "" where none comes."""
    if outcome.provider != NAME:
        return ""
    status = outcome.provider_key.partition("-")[0]
    return "" if status == NO_RECEIPT else status
