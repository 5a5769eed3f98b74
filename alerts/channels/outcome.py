"""What a channel says of one message."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.choices import DeliveryState


@dataclass(frozen=True)
class Outcome:
    """The state a delivery is in after one try; `detail` is technical and holds no personal data.

    `wait_seconds` is what the other side asked for before the next try; 0 leaves it to our own back-off.
    `is_uncertain` says that the line broke before an answer: the message may have arrived all the same.
    """

    state: str
    detail: str = ""
    wait_seconds: int = 0
    is_uncertain: bool = False


ACCEPTED = Outcome(DeliveryState.SENT)


def try_again(detail: str, *, wait_seconds: int = 0, is_uncertain: bool = False) -> Outcome:
    """Say that the fault may pass."""
    return Outcome(DeliveryState.RETRY, detail[:200], wait_seconds, is_uncertain)


def never(detail: str) -> Outcome:
    """Say that this address will not take the message, however often it is tried."""
    return Outcome(DeliveryState.FAILED, detail[:200])


def not_begun(detail: str, *, wait_seconds: int = 0) -> Outcome:
    """Say that nothing was sent and no try counts; it has its turn again after so many seconds."""
    return Outcome(DeliveryState.QUEUED, detail[:200], wait_seconds)
